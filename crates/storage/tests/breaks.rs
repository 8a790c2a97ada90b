//! Guarantees when the database breaks: a lost answer, a full disk.

mod toys;

use std::sync::Arc;

use docket_storage::{Database, DatabaseAddress, NoReactor, WriteError};
use docket_testkit::{AtCommit, FreshDatabase, On, Proxy, parts_in_real_time};
use toys::{Jar, fresh, jar, put_coin, run};

async fn coins(fresh: &FreshDatabase) -> i64 {
    fresh.count("SELECT coins FROM jar WHERE id = 'jar'").await
}

/// A node whose connections go through a proxy that can break them.
async fn node_behind(fresh: &FreshDatabase) -> (Database, Proxy) {
    let DatabaseAddress::Postgres { url, .. } = fresh.place() else { panic!("only PostgreSQL is behind a proxy") };
    let proxy = Proxy::to(&url).await;
    let place = DatabaseAddress::Postgres { url: proxy.url(&url), lanes: 1 };
    let node = Database::open(&place, parts_in_real_time(Arc::new(NoReactor))).await.expect("the proxy works");
    (node, proxy)
}

/// Waits until the writer reports this state: it does so just after it has answered.
async fn becomes(node: &Database, is_well: bool) {
    while node.writer().is_well() != is_well {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_with_a_lost_answer_counts_once_whether_it_succeeded_or_not() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let (node, proxy) = node_behind(&fresh).await;
    let mut expected = 0;

    for (broken, fate) in (1..).zip([AtCommit::LoseAnswer, AtCommit::LoseRequest, AtCommit::LoseAnswer]) {
        proxy.next_commit(fate);
        expected += 1;
        assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), expected, "{fate:?}");
        assert_eq!(proxy.broken(), broken, "{fate:?}");
        assert_eq!(coins(&fresh).await, expected, "{fate:?}");
    }
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_batch_with_a_lost_answer_is_retried() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let (node, proxy) = node_behind(&fresh).await;

    proxy.next_commit(AtCommit::LoseReading);

    assert_eq!(run(&node, |work| Ok(work.get::<Jar>("jar")?.map(|jar| jar.coins))).await.unwrap(), Some(0));
    assert_eq!(proxy.broken(), 1);
    assert_eq!(fresh.count("SELECT count(*) FROM batch_marker").await, 0);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_can_not_be_settled_is_answered_as_unknown() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let (node, proxy) = node_behind(&fresh).await;

    proxy.next_commit(AtCommit::LoseServer);
    let unknown = run(&node, |work| put_coin(work, "jar")).await;

    assert!(matches!(unknown, Err(WriteError::OutcomeUnknown)), "{unknown:?}");
    becomes(&node, false).await;
    assert_eq!(coins(&fresh).await, 1);
    let gone = run(&node, |work| put_coin(work, "jar")).await;
    assert!(matches!(gone, Err(WriteError::Unavailable(_))), "{gone:?}");
    assert_eq!(coins(&fresh).await, 1);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_process_killed_during_a_commit_loses_nothing() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    // The first commit that changes a jar fails at its end; a sequence records this across the rollback.
    fresh
        .run(
            "CREATE SEQUENCE kills; CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
               IF nextval('kills') = 1 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NULL; \
             END $$; \
             CREATE CONSTRAINT TRIGGER dies AFTER UPDATE ON jar DEFERRABLE INITIALLY DEFERRED \
               FOR EACH ROW EXECUTE FUNCTION die()",
        )
        .await;
    let node = toys::node(&fresh, 1).await;

    assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), 1);

    assert_eq!(coins(&fresh).await, 1);
    assert_eq!(fresh.count("SELECT last_value FROM kills").await, 2);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_with_a_lost_answer_is_no_proof_of_the_batch() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let (node, proxy) = node_behind(&fresh).await;

    proxy.next_commit(AtCommit::LoseRequestAndClaim);
    assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), 1);

    assert_eq!(proxy.broken(), 2);
    assert_eq!(coins(&fresh).await, 1);
    assert_eq!(fresh.count("SELECT count(*) FROM batch_marker WHERE created_at = 0").await, 1);
    assert_eq!(fresh.count("SELECT count(*) FROM batch_marker WHERE created_at > 0").await, 1);
    node.close().await;
}

#[tokio::test]
async fn old_proofs_are_deleted_a_few_at_a_time() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    fresh
        .run("INSERT INTO batch_marker SELECT '000' || lpad(n::text, 13, '0') || '-x', 1 FROM generate_series(1, 300) AS n")
        .await;
    let node = toys::still(&fresh).await;

    run(&node, |work| put_coin(work, "jar")).await.unwrap();

    assert_eq!(fresh.count("SELECT count(*) FROM batch_marker WHERE created_at = 1").await, 300 - 256);
    assert_eq!(fresh.count("SELECT count(*) FROM batch_marker WHERE created_at > 1").await, 1);
    node.close().await;
}

/// Makes every change of a jar fail with this error.
async fn fail_with(fresh: &FreshDatabase, code: &str, when: &str) {
    let text = format!(
        "CREATE SEQUENCE IF NOT EXISTS fails; CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ \
           BEGIN IF {when} THEN RAISE EXCEPTION 'injected' USING ERRCODE = '{code}'; END IF; RETURN NEW; END $$; \
         CREATE OR REPLACE TRIGGER fails BEFORE UPDATE ON jar FOR EACH ROW EXECUTE FUNCTION fail()"
    );
    fresh.run(&text).await;
}

#[tokio::test]
async fn a_full_disk_of_the_server_refuses_and_the_writer_continues_when_there_is_space() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = toys::node(&fresh, 1).await;
    fail_with(&fresh, "53100", "true").await;

    let full = run(&node, |work| {
        put_coin(work, "jar")?;
        work.insert(jar("new", "new", 0));
        Ok(())
    });
    let full = full.await;

    assert!(matches!(&full, Err(WriteError::Unavailable(why)) if why.contains("space")), "{full:?}");
    becomes(&node, false).await;
    assert_eq!(fresh.count("SELECT count(*) FROM jar WHERE id = 'new'").await, 0);
    fresh.run("DROP TRIGGER fails ON jar").await;
    assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), 1);
    becomes(&node, true).await;
    node.close().await;
}

#[tokio::test]
async fn a_batch_that_lost_a_conflict_is_retried() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = toys::node(&fresh, 1).await;
    for (coins, code) in (1..).zip(["40001", "40P01"]) {
        fail_with(&fresh, code, &format!("nextval('fails') = {coins} * 2 - 1")).await;

        assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), coins, "{code}");
    }
    assert_eq!(fresh.count("SELECT last_value FROM fails").await, 4);
    node.close().await;
}
