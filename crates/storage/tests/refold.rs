//! Names that were stored before the current rule for names: their state after the migrations.

use docket_storage::Database;
use docket_testkit::{FreshDatabase, On, engines};

/// A database with the sixth schema.
async fn at_the_sixth_schema(engine: On) -> FreshDatabase {
    let fresh = FreshDatabase::at_schema(engine, 6).await;
    fresh
        .run(
            "INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 0);
             INSERT INTO environment (id, organization_id, version, kind, created_at)
               VALUES ('env_1', 'org_1', 1, 'sandbox', 0);
             INSERT INTO case_template (id, environment_id, version, name, key, fields, retired, created_at, updated_at)
               VALUES ('ctmpl_1', 'env_1', 1, 'KYC', 'KYC', '[]', '[]', 0, 0);
             INSERT INTO workflow (id, environment_id, version, name, state, draft_id, draft_number, published_count,
                                   created_at, updated_at)
               VALUES ('wf_1', 'env_1', 1, 'Große  Fälle', 'draft', 'wfv_1', 1, 0, 0, 0);",
        )
        .await;
    fresh
}

fn status(id: &str, name: &str) -> String {
    format!(
        "INSERT INTO case_status (id, environment_id, version, template_id, position, name, folded, type, \
         require_comment, former_names) VALUES ('{id}', 'env_1', 1, 'ctmpl_1', 0, '{name}', '{}', 'intermediate', \
         false, '[]');",
        name.trim().to_lowercase()
    )
}

fn user(id: &str, email: &str) -> String {
    format!(
        "INSERT INTO user_account (id, organization_id, version, email, name, password_hash, created_at, role) \
         VALUES ('{id}', 'org_1', 1, '{email}', 'A', '', 0, 'admin');"
    )
}

#[tokio::test]
async fn names_are_folded_again_and_duplicates_both_stay() {
    for engine in engines() {
        let fresh = at_the_sixth_schema(engine).await;
        fresh.run(&[status("cst_1", "Straße"), status("cst_2", "STRASSE"), status("cst_3", "Open")].concat()).await;
        fresh
            .run(
                "INSERT INTO named_status (id, environment_id, version, workflow_id, folded) \
                 VALUES ('wf_1:straße', 'env_1', 1, 'wf_1', 'straße')",
            )
            .await;

        Database::migrate(&fresh.place()).await.unwrap();

        let statuses = fresh.read("SELECT name || ' ' || folded FROM case_status ORDER BY id").await;
        assert_eq!(statuses, ["Straße strasse", "STRASSE strasse", "Open open"], "{engine}");
        assert_eq!(fresh.read("SELECT folded FROM named_status").await, ["strasse"], "{engine}");
        assert_eq!(fresh.read("SELECT folded FROM workflow").await, ["grosse fälle"], "{engine}");
    }
}

#[tokio::test]
async fn an_address_gets_its_canonical_form_unless_another_user_has_it() {
    for engine in engines() {
        let fresh = at_the_sixth_schema(engine).await;
        fresh.run(&[user("user_1", "zoe\u{308}@lumen.example"), user("user_2", "ada@lumen.example")].concat()).await;
        fresh.run(&[user("user_3", "noe\u{308}l@lumen.example"), user("user_4", "noël@lumen.example")].concat()).await;
        fresh.run(&status("cst_1", "Open")).await;
        fresh
            .run(
                "INSERT INTO case_record (id, environment_id, version, template_id, status_id, name, fields, tags, \
                 attachments, assignee_id, created_at) VALUES ('case_1', 'env_1', 1, 'ctmpl_1', 'cst_1', 'KYC-1', \
                 '{}', '[]', '[]', 'zoe\u{308}@lumen.example', 0)",
            )
            .await;

        Database::migrate(&fresh.place()).await.unwrap();

        let emails = fresh.read("SELECT email FROM user_account ORDER BY id").await;
        assert_eq!(
            emails,
            ["zoë@lumen.example", "ada@lumen.example", "noe\u{308}l@lumen.example", "noël@lumen.example"],
            "{engine}"
        );
        assert_eq!(fresh.read("SELECT assignee_id FROM case_record").await, ["zoë@lumen.example"], "{engine}");
    }
}

/// Inserts sessions, open and resolved cases, and names with equal slugs into a database with the sixth schema.
async fn at_work(fresh: &FreshDatabase) {
    let template = |id: &str, key: &str, name: &str| {
        format!(
            "INSERT INTO case_template (id, environment_id, version, name, key, fields, retired, created_at, updated_at) \
             VALUES ('{id}', 'env_1', 1, '{name}', '{key}', '[]', '[]', 1, 1);"
        )
    };
    let case = |id: &str, assignee: &str, resolved: &str| {
        let (resolution, resolved_at) = if resolved.is_empty() { ("NULL", "NULL") } else { ("'Open'", resolved) };
        format!(
            "INSERT INTO case_record (id, environment_id, version, template_id, status_id, name, fields, tags, \
             attachments, assignee_id, resolution, resolved_at, created_at) VALUES ('{id}', 'env_1', 1, 'ctmpl_1', \
             'cst_1', '{id}', '{{}}', '[]', '[]', {assignee}, {resolution}, {resolved_at}, 0);"
        )
    };
    let session = "INSERT INTO user_session (id, environment_id, organization_id, user_id, version, digest, seen_at, \
         created_at) VALUES ('ses_1', 'env_1', 'org_1', 'user_1', 1, 'd', 0, 0);";
    let role = |id: &str, role: &str| format!("UPDATE user_account SET role = '{role}' WHERE id = '{id}';");
    let all = [
        user("user_1", "ada@lumen.example"),
        user("user_2", "bo@lumen.example"),
        user("user_3", "cy@lumen.example"),
        role("user_2", "developer"),
        role("user_3", "analyst"),
        session.to_owned(),
        template("ctmpl_2", "KA", "kyc!"),
        template("ctmpl_3", "KB", "審査"),
        template("ctmpl_4", "KC", "  --  "),
        status("cst_1", "On hold"),
        status("cst_2", "On-hold"),
        status("cst_3", "Ä".repeat(64).as_str()),
        case("case_1", "'ada@lumen.example'", ""),
        case("case_2", "'ada@lumen.example'", "5"),
        case("case_3", "NULL", ""),
    ];
    fresh.run(&all.concat()).await;
}

#[tokio::test]
async fn people_cases_and_names_of_the_sixth_schema_are_migrated() {
    for engine in engines() {
        let fresh = at_the_sixth_schema(engine).await;
        at_work(&fresh).await;

        Database::migrate(&fresh.place()).await.unwrap();

        let read = async |text: &str| fresh.read(text).await;
        let roles = read("SELECT role FROM user_account ORDER BY id").await;
        assert_eq!(roles, ["admin", "developer", "analyst"], "{engine}");
        let sessions = read("SELECT user_id FROM user_session").await;
        assert_eq!(sessions, ["user_1"], "{engine}");
        let assigned =
            read("SELECT id || ' ' || open_assignee_id FROM case_record WHERE open_assignee_id IS NOT NULL").await;
        assert_eq!(assigned, ["case_1 ada@lumen.example"], "{engine}");
        let slugs = read("SELECT slug FROM case_template ORDER BY id").await;
        assert_eq!(slugs, ["kyc", "kyc--2", "case-template", "case-template--2"], "{engine}");
        let slugs = read("SELECT slug FROM case_status ORDER BY id").await;
        assert_eq!(slugs, ["on-hold", "on-hold--2", &"a".repeat(56)], "{engine}");
        fresh.run("UPDATE user_account SET role = 'builder' WHERE id = 'user_3'").await;
    }
}
