//! Work that Docket can't do is parked for a person, and does not block other work.

use docket_doctor::{Doctor, TABLES};
use docket_kernel::{Row, Table};
use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::things::{called, published, template};
use crate::world::{Answer, Call, World, attributes};

/// Tags the object of a new inquiry's event.
fn tagging(tag: &str) -> Value {
    json!({
        "trigger": {"on": ["inquiry.created"]},
        "steps": [{"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": [tag]}}],
    })
}

/// Removes the trigger that freezes published versions: only manual changes of the database can alter them.
async fn unfreeze(world: &World, on: On) {
    let statement = match on {
        On::Sqlite => "DROP TRIGGER workflow_version_frozen",
        On::Postgres => "DROP TRIGGER workflow_version_frozen ON workflow_version",
    };
    world.fresh.run(statement).await;
}

/// Makes the live version of a workflow unreadable.
async fn garble(world: &World, workflow: &str) {
    let odd = r#"{"trigger": 7, "steps": 7}"#;
    let statement = format!("UPDATE workflow_version SET definition = '{odd}' WHERE workflow_id = '{workflow}'");
    world.fresh.run(&statement).await;
}

async fn inquiry(world: &World) -> Answer {
    world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_1"}))).await.expect(201)
}

async fn faults(world: &World) -> Answer {
    world.get("/faults?filter[state]=parked").await.expect(200)
}

async fn status_of(world: &World, run: &str) -> String {
    world.get(&format!("/workflow-runs/{run}")).await.expect(200).text("/data/attributes/status")
}

/// The doctor's findings, by invariant.
async fn found(world: &World) -> Vec<&'static str> {
    let take: fn(&mut Doctor, &'static Table, Row) = Doctor::take;
    let walked = world.database.reader().walk(TABLES, Doctor::default(), take, Doctor::again).await;
    let doctor = walked.expect("every row is read");
    doctor.violations().iter().map(|violation| violation.invariant).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_can_not_be_read_silences_no_other_and_is_shown() {
    for on in engines() {
        let world = World::on(on).await;
        let broken = published(&world, "Broken", tagging("broken")).await;
        published(&world, "Sound", tagging("sound")).await;
        unfreeze(&world, on).await;
        garble(&world, &broken).await;

        for _ in 0..2 {
            inquiry(&world).await;
        }

        let runs = world.get("/workflow-runs").await.expect(200);
        assert_eq!(runs.ids().len(), 2, "{on}: the sound workflow ran each time: {}", runs.told());
        let shown = faults(&world).await;
        assert_eq!(shown.ids(), [format!("workflow:{broken}")], "{on}: {}", shown.told());
        let fault = shown.at("/data/0/attributes");
        assert_eq!((&fault["object"]["id"], &fault["times"]), (&json!(broken), &json!(2)), "{on}: {fault}");
        assert!(fault["reason"].as_str().is_some_and(|reason| reason.contains("can't be read")), "{on}: {fault}");
        assert!(found(&world).await.contains(&"parked-work"), "{on}");
        let refused = world.call(Call::post(&format!("/faults/workflow:{broken}/retry"))).await;
        assert_eq!(refused.status, 422, "{on}: {}", refused.told());

        // It can still be paused, and then the fault is no longer reported.
        world.call(Call::post(&format!("/workflows/{broken}/pause"))).await.expect(200);
        inquiry(&world).await;
        assert!(faults(&world).await.ids().is_empty(), "{on}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_can_not_go_on_is_parked_after_some_tries_and_can_be_retried() {
    for on in engines() {
        let world = World::step_by_step(on).await;
        let template = template(&world).await;
        let (broken, sound) =
            (published(&world, "Broken", called(&template)).await, published(&world, "Sound", called(&template)).await);
        let start = async |workflow: &str| {
            let body = attributes(json!({"fields": {"amount": 20}}));
            world.post(&format!("/workflows/{workflow}/trigger"), body).await.expect(200).id()
        };
        let whole = start(&broken).await;
        world.work_off(12).await;
        assert_eq!(status_of(&world, &whole).await, "completed", "{on}");
        // A run that no node has continued yet, with a row that only a manual change can write.
        let run = "wfr_broken";
        let copy = format!(
            "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, progress, \
             depth, chain, created_at) SELECT '{run}', environment_id, 1, workflow_id, version_id, 'running', trigger, \
             progress, depth, chain, created_at FROM workflow_run WHERE id = '{whole}'"
        );
        world.fresh.run(&copy).await;
        let garbled = format!("UPDATE workflow_run SET progress = '[7]', due_at = 1 WHERE id = '{run}'");
        world.fresh.run(&garbled).await;

        let mut finished = Vec::new();
        for _ in 0..10 {
            finished.push(start(&sound).await);
            world.clock.advance_seconds(300);
            world.work_off(8).await;
        }

        for other in &finished {
            assert_eq!(status_of(&world, other).await, "completed", "{on}");
        }
        let shown = faults(&world).await;
        assert_eq!(shown.ids(), [format!("workflow-run:{run}")], "{on}: {}", shown.told());
        let fault = shown.at("/data/0/attributes");
        assert_eq!((&fault["object"]["id"], &fault["times"]), (&json!(run), &json!(8)), "{on}: {fault}");
        assert!(fault["reason"].as_str().is_some_and(|reason| reason.contains("can't be read")), "{on}: {fault}");
        let due = format!("SELECT count(*) FROM workflow_run WHERE id = '{run}' AND due_at IS NULL");
        assert_eq!(world.fresh.count(&due).await, 1, "{on}: it takes no turn of others");
        assert!(found(&world).await.contains(&"parked-work"), "{on}");

        // After the cause is repaired, a person retries the run.
        let repaired = json!({"cursor": "start", "outputs": {}, "segments": 0});
        world.fresh.run(&format!("UPDATE workflow_run SET progress = '{repaired}' WHERE id = '{run}'")).await;
        world.call(Call::post(&format!("/faults/workflow-run:{run}/retry"))).await.expect(200);
        world.work_off(12).await;
        assert_eq!(status_of(&world, run).await, "completed", "{on}");
        assert!(faults(&world).await.ids().is_empty(), "{on}");
    }
}
