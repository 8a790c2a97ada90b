//! Opening a database: migrations and refusals.

mod toys;

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{Entity, Table};
use docket_storage::{Database, DatabaseAddress, MigrateError, NoReactor, OpenError, WriteError};
use docket_testkit::{FreshDatabase, On, engines, parts, prepare_all_in};
use toys::{Chore, Coin, Jar, Leaf, Price, Receipt, clock, fresh, put_coin, run};

async fn open(fresh: &FreshDatabase, number: u64) -> Result<Database, OpenError> {
    fresh.open(parts(&clock(), number, Arc::new(NoReactor))).await
}

#[tokio::test]
async fn an_empty_database_is_migrated_once() {
    for engine in engines() {
        let fresh = FreshDatabase::empty(engine).await;

        let first = Database::migrate(&fresh.place()).await.unwrap();
        let second = Database::migrate(&fresh.place()).await.unwrap();

        assert!(first.contains(&"0001_founding"), "{engine}: {first:?}");
        assert!(second.is_empty(), "{engine}: {second:?}");
        let ledger = fresh.count("SELECT count(*) FROM schema_migration").await;
        assert_eq!(usize::try_from(ledger).unwrap(), first.len(), "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_migrate_once() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = FreshDatabase::empty(On::Postgres).await;

    let (first, second, third) = tokio::join!(open(&fresh, 1), open(&fresh, 2), open(&fresh, 3));

    for node in [first, second, third] {
        node.unwrap().close().await;
    }
}

#[tokio::test]
async fn a_database_newer_than_the_binary_is_refused_with_a_message() {
    for engine in engines() {
        let fresh = FreshDatabase::on(engine).await;
        fresh.run("INSERT INTO schema_migration (number, name) VALUES (9999, 'from the future')").await;

        let refused = open(&fresh, 1).await.unwrap_err();

        assert!(matches!(refused, OpenError::Migrate(MigrateError::Newer { found: 9999, .. })), "{engine}: {refused}");
        assert!(refused.to_string().contains("start the newer docket"), "{engine}: {refused}");
    }
}

#[tokio::test]
async fn a_migration_that_fails_is_named_and_changes_nothing() {
    for engine in engines() {
        let fresh = FreshDatabase::empty(engine).await;
        // This table conflicts with the first migration.
        fresh.run("CREATE TABLE workflow_run (id TEXT PRIMARY KEY)").await;

        let failed = Database::migrate(&fresh.place()).await.unwrap_err();

        assert!(failed.to_string().contains("0001_founding"), "{engine}: {failed}");
        assert_eq!(fresh.count("SELECT count(*) FROM schema_migration").await, 0, "{engine}");
        fresh.run("CREATE TABLE sequence (id TEXT PRIMARY KEY)").await;
    }
}

#[tokio::test]
async fn a_data_folder_in_use_is_refused_until_it_is_released() {
    let fresh = FreshDatabase::empty(On::Sqlite).await;
    let first = open(&fresh, 1).await.unwrap();

    let second = open(&fresh, 2).await.unwrap_err();
    let migrating = Database::migrate(&fresh.place()).await.unwrap_err();

    assert!(matches!(second, OpenError::InUse(_)), "{second}");
    assert!(matches!(migrating, OpenError::InUse(_)), "{migrating}");
    first.close().await;
    open(&fresh, 2).await.unwrap().close().await;
}

#[tokio::test]
async fn a_dropped_database_releases_its_folder_only_when_its_writer_has_ended() {
    let fresh = fresh(On::Sqlite).await;
    let database = open(&fresh, 1).await.unwrap();
    let late = database.writer().clone();

    drop(database);

    let again = loop {
        match open(&fresh, 2).await {
            Ok(database) => break database,
            Err(OpenError::InUse(_)) => tokio::task::yield_now().await,
            Err(other) => panic!("{other}"),
        }
    };
    let refused = late.submit(toys::command(|work| put_coin(work, "jar"))).await;
    assert!(matches!(refused, Err(WriteError::Stopping)), "{refused:?}");
    assert_eq!(run(&again, |work| put_coin(work, "jar")).await.unwrap(), 1);
    again.close().await;
}

#[tokio::test]
async fn a_server_that_may_lose_commits_is_refused_with_a_message() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = FreshDatabase::on(On::Postgres).await;
    fresh
        .run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$")
        .await;

    let refused = open(&fresh, 1).await.unwrap_err();

    assert!(matches!(refused, OpenError::Unsafe(_)), "{refused:?}");
    assert!(refused.to_string().contains("synchronous_commit"), "{refused}");
}

#[tokio::test]
async fn an_unreachable_address_is_refused_with_a_message() {
    for (url, word) in [
        ("postgres://nobody@127.0.0.1:1/nothing", "reached"),
        ("not an address", "address"),
        ("postgres://127.0.0.1/x?sslmode=maybe", "address"),
    ] {
        let place = DatabaseAddress::Postgres { url: url.to_owned(), lanes: 1 };

        let refused = Database::open(&place, parts(&clock(), 1, Arc::new(NoReactor))).await.unwrap_err().to_string();

        assert!(refused.contains(word), "{url}: {refused}");
    }
}

#[tokio::test]
async fn a_server_that_can_not_encrypt_is_refused_if_encryption_is_required() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = FreshDatabase::empty(On::Postgres).await;
    let DatabaseAddress::Postgres { url, lanes } = fresh.place() else { unreachable!("it is PostgreSQL") };
    let sign = if url.contains('?') { '&' } else { '?' };
    let place = DatabaseAddress::Postgres { url: format!("{url}{sign}sslmode=require"), lanes };

    let refused = Database::migrate(&place).await.unwrap_err().to_string();

    assert!(refused.contains("TLS"), "{refused}");
}

/// Table, column, type and nullability, in terms that both engines share; then the named indexes.
async fn shape(fresh: &FreshDatabase, engine: On) -> BTreeSet<String> {
    let (columns, indexes) = match engine {
        On::Sqlite => (
            "SELECT m.name || ' ' || c.name || ' ' || replace(lower(c.type), 'integer', 'bigint') || \
               CASE WHEN c.\"notnull\" OR c.pk THEN ' not null' ELSE '' END \
             FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'",
            "SELECT 'index ' || name || ' of ' || tbl_name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        ),
        On::Postgres => (
            "SELECT table_name || ' ' || column_name || ' ' || replace(replace(data_type, 'jsonb', 'text'), 'bytea', 'blob') || \
               CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
             FROM information_schema.columns WHERE table_schema = 'public'",
            "SELECT 'index ' || indexname || ' of ' || tablename FROM pg_indexes WHERE schemaname = 'public' \
             AND indexname NOT LIKE '%\\_key' AND indexname NOT LIKE '%\\_pkey'",
        ),
    };
    [fresh.read(columns).await, fresh.read(indexes).await].concat().into_iter().collect()
}

#[tokio::test]
async fn the_migrations_of_both_engines_create_the_same_tables_columns_and_indexes() {
    if !On::Postgres.is_there() {
        return;
    }
    let (sqlite, postgres) = (FreshDatabase::on(On::Sqlite).await, FreshDatabase::on(On::Postgres).await);

    let (sqlite, postgres) = (shape(&sqlite, On::Sqlite).await, shape(&postgres, On::Postgres).await);

    assert!(sqlite.len() > 100, "{sqlite:?}");
    let only: Vec<_> = sqlite.symmetric_difference(&postgres).collect();
    assert!(only.is_empty(), "only on one engine: {only:#?}");
}

#[tokio::test]
async fn existing_people_and_cases_keep_their_roles_and_assignees_in_the_new_schema() {
    for engine in engines() {
        let fresh = FreshDatabase::at_schema(engine, 6).await;
        fresh
            .run(
                "INSERT INTO organization VALUES ('org_1', 1, 'Lantern', 'growth', 1);
                 INSERT INTO environment VALUES ('env_1', 'org_1', 1, 'sandbox', 1);
                 INSERT INTO user_account (id, organization_id, version, email, name, password_hash, created_at, role)
                   VALUES ('user_1', 'org_1', 1, 'ada@lantern.example', 'Ada', 'x', 1, 'admin'),
                          ('user_2', 'org_1', 1, 'bob@lantern.example', 'Bob', 'x', 1, 'analyst');
                 INSERT INTO user_session VALUES ('ses_1', 'env_1', 'org_1', 'user_2', 1, 'digest', 1, 1);
                 INSERT INTO case_template VALUES ('ctmpl_1', 'env_1', 1, 'KYC', 'KYC', '[]', '[]', NULL, 1, 1);
                 INSERT INTO case_status (id, environment_id, version, template_id, position, name, folded, type,
                     require_comment, former_names)
                   VALUES ('cst_1', 'env_1', 1, 'ctmpl_1', 0, 'Open', 'open', 'initial', true, '[]');
                 INSERT INTO case_record (id, environment_id, version, template_id, status_id, name, resolution, fields,
                     tags, attachments, assignee_id, created_at, resolved_at)
                   VALUES ('case_1', 'env_1', 1, 'ctmpl_1', 'cst_1', 'KYC-1', NULL, '{}', '[]', '[]', 'bob', 1, NULL),
                          ('case_2', 'env_1', 1, 'ctmpl_1', 'cst_1', 'KYC-2', 'Done', '{}', '[]', '[]', 'bob', 1, 2),
                          ('case_3', 'env_1', 1, 'ctmpl_1', 'cst_1', 'KYC-3', NULL, '{}', '[]', '[]', NULL, 1, NULL);",
            )
            .await;

        let applied = Database::migrate(&fresh.place()).await.unwrap();

        assert!(applied.contains(&"0009_people_and_templates"), "{engine}: {applied:?}");
        let roles = fresh.read("SELECT id || ' ' || role FROM user_account ORDER BY id").await;
        assert_eq!(roles, ["user_1 admin", "user_2 analyst"], "{engine}");
        let assigned =
            fresh.read("SELECT id || ' ' || open_assignee_id FROM case_record WHERE open_assignee_id <> ''").await;
        assert_eq!(assigned, ["case_1 bob"], "{engine}");
        fresh.run("UPDATE user_account SET role = 'builder' WHERE id = 'user_2'").await;
        let refused = fresh.try_run("UPDATE user_account SET role = 'king' WHERE id = 'user_2'").await;
        assert!(refused.is_err(), "{engine}");
        let bound = "SELECT count(*) FROM case_status WHERE comment_binds_keys OR comment_binds_workflows";
        assert_eq!(fresh.count(bound).await, 0, "{engine}: existing statuses bind people only");
        assert_eq!(fresh.count("SELECT count(*) FROM user_session").await, 1, "{engine}");
    }
}

#[tokio::test]
async fn every_text_for_the_toys_can_be_prepared() {
    let tables: [&'static Table; 6] =
        [Jar::TABLE, Coin::TABLE, Price::TABLE, Receipt::TABLE, Chore::TABLE, Leaf::TABLE];
    for engine in engines() {
        prepare_all_in(&fresh(engine).await, engine, &tables).await;
    }
}
