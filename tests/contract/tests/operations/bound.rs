//! Which actors must add a comment to a status: users always, API keys and workflows if the status requires it.

use serde_json::{Value, json};

use crate::sessions::Browser;
use crate::things::published;
use crate::world::{Answer, World, attributes, on_each_engine};

/// A template whose final status and first status need a comment from these actors.
async fn template(world: &World, keys: bool, workflows: bool) -> String {
    let bound = |name: &str, kind: &str| {
        json!({"name": name, "type": kind, "require-comment": true, "comment-binds-keys": keys,
            "comment-binds-workflows": workflows})
    };
    let statuses =
        json!([bound("Open", "initial"), {"name": "Pending", "type": "intermediate"}, bound("Closed", "end")]);
    let made = attributes(json!({"name": format!("T {keys} {workflows}"), "statuses": statuses}));
    world.post("/case-templates", made).await.expect(201).id()
}

/// A workflow that sets the status of the given case, with a comment that may be empty.
fn setter(status: &str) -> Value {
    json!({
        "trigger": {"on": ["api"], "parameters": [
            {"name": "case", "type": "string", "required": true}, {"name": "why", "type": "string"},
        ]},
        "steps": [{"id": "set", "do": "case.update_status", "with": {
            "case": {"ref": "trigger.fields.case"}, "status": status, "comment": "{{trigger.fields.why}}",
        }}],
    })
}

async fn run(world: &World, workflow: &str, case: &str, why: &str) -> Answer {
    let body = attributes(json!({"fields": {"case": case, "why": why}}));
    world.post(&format!("/workflows/{workflow}/trigger"), body).await.expect(200)
}

async fn last_change(world: &World, case: &str) -> Value {
    let told = world.get(&format!("/events?filter[object-id]={case}&filter[name]=case.status-updated")).await;
    told.at("/data/0/attributes/context").clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_is_wanted_of_those_whom_the_status_binds_to_resolve_and_to_reopen() {
    on_each_engine(async |world| {
        template(&world, false, false).await;
        let close = published(&world, "Close", setter("Closed")).await;
        let reopen = published(&world, "Reopen", setter("Open")).await;
        let mut browser = Browser::signed_in(&world).await;
        for (keys, workflows) in [(false, false), (true, false), (false, true), (true, true)] {
            let template = template(&world, keys, workflows).await;
            let held = world.post("/cases", attributes(json!({"case-template-id": template}))).await.expect(201).id();
            let path = format!("/cases/{held}/set-status");
            for (status, workflow, other) in [("Closed", &close, "Pending"), ("Open", &reopen, "Closed")] {
                // Back to the previous status: with a comment, which every actor may add.
                let back = json!({"meta": {"status": other, "comment": "back"}});
                let silent = json!({"meta": {"status": status, "comment": "  "}});
                world.post(&path, back.clone()).await.expect(200);

                let person = browser.call("POST", &path, Some(silent.clone())).await;
                let key = world.post(&path, silent).await;
                world.post(&path, back).await.expect(200);
                let blank = run(&world, workflow, &held, " ").await;
                let set = world.get(&format!("/cases/{held}")).await.attribute("status") == status;

                let told = format!("{status}: keys {keys}, workflows {workflows}");
                assert_eq!(person.status, 422, "{told}");
                assert_eq!(person.pointers(), ["/meta/comment"], "{told}");
                assert_eq!(key.status, if keys { 422 } else { 200 }, "{told}: {}", key.told());
                assert_eq!(set, !workflows, "{told}");
                let state = if workflows { "errored" } else { "completed" };
                assert_eq!(blank.attribute("status"), state, "{told}: {}", blank.told());
                world.post(&path, json!({"meta": {"status": other, "comment": "back"}})).await.expect(200);
                let why = run(&world, workflow, &held, "The vendor said so").await;
                assert_eq!(why.attribute("status"), "completed", "{told}: {}", why.told());
                let context = last_change(&world, &held).await;
                assert_eq!(context["comment"], "The vendor said so", "{told}");
                assert_eq!(context["actor"]["type"], "workflow-run", "{told}");
                world.post(&path, json!({"meta": {"status": other, "comment": "back"}})).await.expect(200);
            }
        }
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_without_a_comment_for_a_status_that_binds_workflows_is_a_problem() {
    let world = World::sqlite().await;
    for (workflows, comment, codes) in [
        (false, None, vec![]),
        (true, None, vec!["comment-required"]),
        (true, Some(json!("  ")), vec!["comment-required"]),
        (true, Some(json!(null)), vec!["comment-required"]),
        (true, Some(json!("Because")), vec![]),
        (true, Some(json!({"ref": "trigger.fields.why"})), vec![]),
    ] {
        let template = template(&world, false, workflows).await;
        let mut with = json!({"case": {"ref": "open"}, "status": "closed"});
        if let Some(comment) = &comment {
            with["comment"] = comment.clone();
        }
        let definition = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "why", "type": "string"}]},
            "steps": [
                {"id": "open", "do": "case.create", "with": {"template": template}},
                {"id": "set", "do": "case.update_status", "with": with},
            ],
        });
        let made =
            world.post("/workflows", attributes(json!({"name": "W", "definition": definition}))).await.expect(201);
        let problems = made.at("/meta/problems").as_array().cloned().unwrap_or_default();
        let found: Vec<_> = problems.iter().map(|problem| problem["code"].as_str().unwrap_or_default()).collect();
        assert_eq!(found, codes, "{workflows} {comment:?}: {}", made.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_status_binds_is_shown_and_changed() {
    on_each_engine(async |world| {
        let id = template(&world, true, false).await;
        let path = format!("/case-templates/{id}");
        let shown = world.get(&format!("{path}/statuses")).await.expect(200);
        let of = |place: usize| {
            let told = shown.at(&format!("/data/{place}/attributes"));
            [&told["require-comment"], &told["comment-binds-keys"], &told["comment-binds-workflows"]].map(Value::clone)
        };
        assert_eq!(of(0), [json!(true), json!(true), json!(false)]);
        assert_eq!(of(1), [json!(false), json!(false), json!(false)]);
        let wrong = json!([{"name": "Open", "type": "initial", "comment-binds-keys": "yes"}]);
        let refused = world.patch(&path, attributes(json!({"statuses": wrong}))).await.expect(400);
        assert_eq!(refused.pointers(), ["/data/attributes/statuses/0/comment-binds-keys"]);
    })
    .await;
}
