//! `docket doctor` with the real binary: a sound database has no findings, and all damage is reported with its row.

mod support;

use docket_testkit::{FreshDatabase, On, engines};
use serde_json::{Value, json};
use support::{Installation, docket, json_of, place_of, words};

/// Disables the database's own constraints for the statements that follow.
fn unbound(engine: On, statement: &str) -> String {
    match engine {
        On::Sqlite => format!(
            "PRAGMA foreign_keys = OFF; DROP TRIGGER IF EXISTS workflow_run_ended; \
                         DROP TRIGGER IF EXISTS workflow_version_kept; DROP TRIGGER IF EXISTS workflow_version_frozen; \
                         DROP TRIGGER IF EXISTS event_stays; DROP TRIGGER IF EXISTS event_is_kept; \
                         DROP TRIGGER IF EXISTS run_segment_is_kept; {statement}"
        ),
        On::Postgres => format!("SET session_replication_role = replica; {statement}"),
    }
}

fn invariants(found: &Value) -> Vec<String> {
    let violations = found["violations"].as_array().expect("a list");
    violations.iter().map(|violation| violation["invariant"].as_str().expect("text").to_owned()).collect()
}

/// Possible damage to a database by others: the statement, and the invariant it breaks. Each statement changes other
/// rows, so that none hides another.
const HARM: &[(&str, &str)] = &[
    ("DELETE FROM event WHERE id = (SELECT min(id) FROM event WHERE name = 'case.status-updated')", "case-chain"),
    (
        "UPDATE event SET from_value = 'Nowhere' WHERE id = (SELECT max(id) FROM event WHERE name = 'case.status-updated')",
        "case-chain",
    ),
    (
        "UPDATE case_object SET environment_id = 'env_other' WHERE id = (SELECT min(id) FROM case_object)",
        "same-environment",
    ),
    ("UPDATE event SET actor_type = 'nobody' WHERE id = (SELECT min(id) FROM event)", "event-is-whole"),
    ("DELETE FROM run_segment WHERE id = (SELECT min(id) FROM run_segment)", "segments"),
    ("UPDATE workflow_run SET version = version + 1 WHERE id = (SELECT max(id) FROM workflow_run)", "events-of-runs"),
    (
        "UPDATE workflow_run SET state = 'running', completed_at = NULL, due_at = NULL \
         WHERE id = (SELECT min(id) FROM workflow_run WHERE state = 'completed')",
        "no-limbo",
    ),
    (
        "UPDATE workflow_run SET state = 'completed' WHERE id = (SELECT min(id) FROM workflow_run WHERE state = 'errored')",
        "outcome",
    ),
    ("DELETE FROM subscription WHERE id = (SELECT min(id) FROM subscription)", "subscriptions"),
    ("DELETE FROM receipt WHERE id = (SELECT min(id) FROM receipt)", "vendor-event-once"),
    (
        "UPDATE receipt SET event_id = 'evt_gone' WHERE id = (SELECT max(id) FROM receipt WHERE event_id IS NOT NULL)",
        "cause-is-there",
    ),
    ("DELETE FROM object WHERE id = (SELECT max(object_id) FROM case_object)", "parent-is-there"),
    ("DELETE FROM case_object WHERE id = (SELECT max(id) FROM case_object)", "case-holds"),
    (
        "UPDATE case_status SET type = 'initial' WHERE id = (SELECT min(id) FROM case_status WHERE type = 'intermediate')",
        "statuses-of-template",
    ),
    (
        "UPDATE case_record SET resolution = 'Elsewhere' \
         WHERE id = (SELECT max(id) FROM case_record WHERE resolution IS NOT NULL)",
        "resolution",
    ),
    ("UPDATE api_key SET organization_id = 'org_other' WHERE id = (SELECT min(id) FROM api_key)", "same-organization"),
    ("DELETE FROM environment WHERE kind = 'production'", "home-is-there"),
    ("UPDATE source SET secrets = '7'", "readable"),
    ("DELETE FROM installation", "installation-is-noted"),
    ("DELETE FROM workflow_version WHERE id = (SELECT max(id) FROM workflow_version)", "parent-is-there"),
];

#[tokio::test]
async fn the_doctor_finds_nothing_in_the_sample_beside_a_server_and_without_one() {
    for engine in engines() {
        let here = Installation::with_sample(engine).await;

        let alone = json_of(&here.run(&["doctor", "--json"]));
        let server = here.serve().await;
        let beside = json_of(&here.run(&["doctor", "--json"]));
        drop(server);

        assert!(alone["rows"].as_u64().expect("a number") > 1_000, "{alone}");
        assert_eq!((&alone["violations"], &alone), (&json!([]), &beside));
    }
}

#[tokio::test]
async fn the_doctor_reports_all_damage_and_changes_nothing() {
    for engine in engines() {
        let here = Installation::with_sample(engine).await;
        let mut before: Vec<String> = Vec::new();

        for (harm, invariant) in HARM {
            here.database.run(&unbound(engine, harm)).await;
            let looked = here.run(&["doctor", "--json"]);

            assert_eq!(looked.status.code(), Some(1), "{engine}: {harm}: {}", words(&looked));
            let found = invariants(&serde_json::from_slice(&looked.stdout).expect("JSON"));
            let count = |all: &[String]| all.iter().filter(|name| name == invariant).count();
            assert!(count(&found) > count(&before), "{engine}: {harm} broke no {invariant}: {}", words(&looked));
            before = found;
        }
        let again = here.run(&["doctor"]);
        assert_eq!(again.status.code(), Some(1));
        let said = words(&again);
        assert!(said.contains(&format!("{} problems were found", before.len())), "{said}");
        assert_eq!(said.lines().filter(|line| line.starts_with("case-chain: ")).count(), {
            before.iter().filter(|name| *name == "case-chain").count()
        });
    }
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let here = Installation::with_sample(On::Sqlite).await;
    let file = here.database.file();
    let mut damaged = std::fs::read(&file).expect("the file");
    damaged[8 * 4_096..9 * 4_096].fill(0);
    std::fs::write(&file, damaged).expect("written");

    let looked = here.run(&["doctor"]);

    assert_eq!(looked.status.code(), Some(1));
    assert!(words(&looked).contains("undamaged: the database file: "), "{}", words(&looked));
}

#[tokio::test]
async fn the_doctor_does_not_change_an_outdated_database() {
    for engine in engines() {
        let database = FreshDatabase::empty(engine).await;
        if engine == On::Sqlite {
            std::fs::write(database.file(), "").expect("written");
        }

        let looked = docket(&["doctor"]).args(place_of(&database)).output().expect("docket runs");

        assert_eq!(looked.status.code(), Some(1));
        assert!(words(&looked).contains("run `docket migrate` first"), "{}", words(&looked));
        match engine {
            On::Sqlite => assert_eq!(std::fs::metadata(database.file()).expect("the file").len(), 0),
            On::Postgres => {
                assert_eq!(database.count("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await, 0);
            }
        }
    }
}
