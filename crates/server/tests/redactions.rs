//! Redactions with the real binary: exported, applied to a restored backup, and gone on with after a kill. And what runs
//! from before there was redaction read.

mod support;

use docket_kernel::{Actor, EnvironmentId, Permission, Scope, Who};
use docket_objects::redact_account;
use docket_server::node::Node;
use docket_storage::{Bounds, Command};
use docket_testkit::{FreshDatabase, On, engines};
use serde_json::{Value, json};
use support::{Installation, Server, docket, json_of, place_of, text, words};

/// A word that nothing else holds.
const CANARY: &str = "Quokkazebrine";

async fn made(server: &Server, path: &str, attributes: Value) -> String {
    let response = server.post(path, &json!({"data": {"attributes": attributes}})).await;
    let (status, body): (_, Value) = (response.status(), response.json().await.expect("JSON"));
    assert_eq!(status, 201, "{path}: {body}");
    text(&body, "/data/id")
}

async fn redact(server: &Server, path: &str) {
    let response = server.request("DELETE", &format!("/api/v1{path}")).send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path}");
}

/// An account with an inquiry, and a case with comments, which hold the word; answers their paths.
async fn plant(server: &Server, comments: usize) -> (String, String, String) {
    let account = made(server, "/accounts", json!({"fields": {"nickname": CANARY}, "tags": [CANARY]})).await;
    let inquiry = json!({"account-id": account, "inquiry-template-id": "itmpl_any", "note": CANARY});
    let inquiry = made(server, "/inquiries", inquiry).await;
    let template = made(server, "/case-templates", json!({"name": "Planted"})).await;
    let case = made(server, "/cases", json!({"case-template-id": template})).await;
    for number in 0..comments {
        made(server, &format!("/cases/{case}/comments"), json!({"body": format!("{CANARY} {number}")})).await;
    }
    (format!("/accounts/{account}"), format!("/inquiries/{inquiry}"), format!("/cases/{case}"))
}

/// Where the word stands in a database: tables on PostgreSQL, files on SQLite.
async fn copies(database: &FreshDatabase, engine: On) -> Vec<String> {
    if engine == On::Sqlite {
        database.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
        let folder = database.file().parent().expect("a folder").to_owned();
        let files = std::fs::read_dir(folder).expect("the folder").map(|entry| entry.expect("an entry").path());
        let holds = |path: &std::path::PathBuf| {
            let bytes = std::fs::read(path).unwrap_or_default();
            bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes())
        };
        return files.filter(holds).map(|path| path.display().to_string()).collect();
    }
    let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let mut found = Vec::new();
    for table in database.read(tables).await {
        let rows = format!("SELECT count(*) FROM \"{table}\" AS x WHERE x::text LIKE '%{CANARY}%'");
        if database.count(&rows).await > 0 {
            found.push(table);
        }
    }
    found
}

/// Runs a command on a database.
fn run(database: &FreshDatabase, arguments: &[&str]) -> std::process::Output {
    docket(arguments).args(place_of(database)).output().expect("docket runs")
}

#[tokio::test]
async fn redactions_are_applied_to_a_restored_backup() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        let (account, inquiry, case) = plant(&server, 3).await;
        let (before, ..) = plant(&server, 0).await;
        redact(&server, &before).await;
        server.signal("-TERM");
        server.wait();
        let backup = here.database.copy().await;
        let server = here.serve().await;
        redact(&server, &account).await;
        redact(&server, &case).await;
        let (after, ..) = plant(&server, 0).await;
        redact(&server, &after).await;
        let file = std::env::temp_dir().join(format!("docket_redactions_{}_{engine}.jsonl", std::process::id()));
        let name = file.display().to_string();

        let exported = json_of(&here.run(&["redactions", "export", &name, "--json"]));
        assert!(!copies(&backup, engine).await.is_empty(), "{engine}: the backup holds the word");
        let applied = run(&backup, &["redactions", "apply", &name, "--json"]);

        // Three accounts, each with its inquiry, and a case.
        assert_eq!(exported["redactions"], 7, "{engine}: {exported}");
        let counts = |redacted: u64, before: u64| json!({"listed": 7, "redacted": redacted, "before": before, "absent": 2, "pending": 0});
        // The inquiry of the account was redacted with it.
        assert_eq!(json_of(&applied), counts(2, 3), "{engine}");
        assert_eq!(copies(&backup, engine).await, Vec::<String>::new(), "{engine}");
        let doctor = run(&backup, &["doctor"]);
        assert!(doctor.status.success(), "{engine}: {}", words(&doctor));
        let again = run(&backup, &["redactions", "apply", &name]);
        let said = "0 redacted now, 5 skipped because they are redacted here already, 2 skipped";
        assert!(words(&again).contains(said), "{engine}: {}", words(&again));
        // Beside a server, and in the database that the file is of: nothing is left to do.
        let live = json_of(&here.run(&["redactions", "apply", &name, "--json"]));
        assert_eq!(live, json!({"listed": 7, "redacted": 0, "before": 7, "absent": 0, "pending": 0}), "{engine}");
        let shown = server.get(&inquiry).await;
        assert!(shown["data"]["attributes"]["redacted-at"].is_string(), "{shown}");
        refuses_other_files(&here, &file);
        std::fs::remove_file(&file).expect("the file goes");
    }
}

/// A file of another installation, one that is cut off, and one that is no list are refused, and nothing is redacted.
fn refuses_other_files(here: &Installation, file: &std::path::Path) {
    let whole = std::fs::read_to_string(file).expect("the file");
    let refused = |content: &str| {
        std::fs::write(file, content).expect("written");
        let output = here.run(&["redactions", "apply", &file.display().to_string()]);
        assert!(!output.status.success(), "{}", words(&output));
        words(&output)
    };
    let organization = text(&here.organization, "/organization_id");

    let other = refused(&whole.replacen(&organization, "org_other", 1));
    let cut = refused(&whole[..=whole.trim_end().rfind('\n').expect("lines")]);
    let none = refused("{}\n");

    assert!(other.contains("of another installation: its first organization is org_other"), "{other}");
    assert!(cut.contains("is incomplete"), "{cut}");
    assert!(none.contains("is not a list of redactions"), "{none}");
}

#[tokio::test]
async fn a_node_that_is_killed_between_two_passes_goes_on_with_the_redaction() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        // Three passes: each blanks a hundred comments and as many events.
        let (_, _, case) = plant(&server, 250).await;
        redact(&server, &case).await;
        server.signal("-KILL");
        server.wait();

        let server = here.serve().await;
        let mut state = String::new();
        for _ in 0..5_000 {
            state = text(&server.get("/redactions").await, "/data/0/attributes/state");
            if state == "done" {
                break;
            }
        }

        assert_eq!(state, "done", "{engine}");
        let counts = server.get("/redactions").await["data"][0]["attributes"]["counts"].clone();
        assert_eq!((&counts["comments"], &counts["events"]), (&json!(250), &json!(251)), "{engine}");
        server.signal("-TERM");
        server.wait();
        let found = copies(&here.database, engine).await;
        // The account and its inquiry hold the word still.
        let kept = |name: &String| engine == On::Sqlite || matches!(name.as_str(), "object" | "event");
        assert!(found.iter().all(kept), "{engine}: {found:?}");
        let doctor = here.run(&["doctor"]);
        assert!(doctor.status.success(), "{engine}: {}", words(&doctor));
    }
}

/// A database from before there was redaction: a run that an inquiry started and that followed it to its account.
async fn from_before(engine: On) -> FreshDatabase {
    let fresh = FreshDatabase::at_schema(engine, 17).await;
    let trigger = json!({
        "type": "verification", "id": "ver_1", "fields": {}, "inquiry": {"type": "inquiry", "id": "inq_1"},
    });
    let step = json!({
        "id": "tag", "name": "Tag", "do": "object.tag", "state": "succeeded", "attempts": 1,
        "input": {"tags": [CANARY]}, "output": {"name": CANARY}, "error": null, "started_at": 5, "completed_at": 5,
        "events": [],
    });
    let progress = json!({"cursor": "end", "outputs": {"tag": {"output": {"name": CANARY}}}, "segments": 1});
    let object = |id: &str, kind: &str, account: &str, relationships: Value| {
        format!(
            "INSERT INTO object (id, environment_id, version, kind, account_id, attributes, fields, relationships, tags, \
             is_stub, as_of, created_at, updated_at) VALUES ('env_1/{id}', 'env_1', 1, '{kind}', {account}, '{{}}', '{{}}', \
             '{relationships}', '[]', false, 0, 0, 0);"
        )
    };
    fresh
        .run(
            "INSERT INTO organization (id, version, name, plan, created_at) VALUES ('org_1', 1, 'Lumen', 'growth', 0);
             INSERT INTO environment (id, organization_id, version, kind, created_at)
               VALUES ('env_1', 'org_1', 1, 'sandbox', 0);
             INSERT INTO workflow (id, environment_id, version, name, folded, slug, state, draft_id, draft_number,
                                   published_count, created_at, updated_at)
               VALUES ('wfl_1', 'env_1', 1, 'Old', 'old', 'old', 'paused', 'wfv_2', 2, 1, 0, 0);
             INSERT INTO workflow_version (id, environment_id, workflow_id, number, definition, permissions, created_at,
                                           published_at)
               VALUES ('wfv_1', 'env_1', 'wfl_1', 1, '{}', '[]', 0, 0);",
        )
        .await;
    let to = |kind: &str, id: &str| json!({kind: {"type": kind, "id": id}});
    fresh.run(&object("act_1", "account", "NULL", json!({}))).await;
    fresh.run(&object("act_2", "account", "NULL", json!({}))).await;
    fresh.run(&object("inq_1", "inquiry", "'env_1/act_1'", to("account", "act_1"))).await;
    fresh.run(&object("ver_1", "verification", "NULL", to("inquiry", "inq_1"))).await;
    fresh
        .run(&format!(
            "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, progress, \
             depth, chain, created_at, completed_at) VALUES ('wfr_1', 'env_1', 2, 'wfl_1', 'wfv_1', 'completed', \
             '{trigger}', '{progress}', 1, '[\"wfl_1\"]', 5, 5);
             INSERT INTO run_segment (id, environment_id, run_id, ordinal, steps, created_at)
               VALUES ('wfr_1:0', 'env_1', 'wfr_1', 0, '{}', 5);",
            json!([step])
        ))
        .await;
    fresh
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redaction_reaches_what_runs_from_before_there_was_redaction_read() {
    for engine in engines() {
        let fresh = from_before(engine).await;
        let node = Node::open(&fresh.place(), Bounds::default()).await.expect("a node");
        let environment = EnvironmentId::of("env_1");
        let actor = Actor::new(Who::System, environment.clone(), Permission::of_organizations().collect());
        // An account that the run did not come to: its redaction leaves the run as it is.
        for (account, is_reached) in [("act_2", false), ("act_1", true)] {
            let actor = actor.clone();
            let fill = format!("UPDATE object SET tags = '[\"x\"]' WHERE id = 'env_1/{account}'");
            fresh.run(&fill).await;

            let command = Command::new("redact", Scope::Of(environment.key()), move |work| {
                redact_account(work, &actor, account).map(drop)
            });
            node.writer().submit(command).await.expect("it is redacted");

            let blanked = fresh.count("SELECT count(*) FROM workflow_run WHERE redaction_id IS NOT NULL").await;
            assert_eq!(blanked == 1, is_reached, "{engine}: {account}");
            let steps = fresh.count("SELECT count(*) FROM run_segment WHERE redaction_id IS NOT NULL").await;
            assert_eq!(steps == 1, is_reached, "{engine}: {account}");
        }
        node.close().await;
        assert_eq!(copies(&fresh, engine).await, Vec::<String>::new(), "{engine}");
    }
}
