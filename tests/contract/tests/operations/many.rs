//! Environments with the maximum of workflows, templates and cases: no operation is refused for their number, except
//! the one that would exceed it.

use std::sync::Arc;

use docket_cases::{CreateRequest, TemplateRequest, create_case, create_template};
use docket_events::EVENTS;
use docket_kernel::{Actor, Scope, UnitOfWork, Verb};
use docket_storage::Command;
use docket_workflows::{WorkflowRequest, create_workflow, publish};
use serde_json::{Value, json};

use crate::things::{published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

/// Runs a verb in the sandbox this many times, a hundred times per commit.
async fn again(
    world: &World,
    times: usize,
    act: impl Fn(&mut UnitOfWork, &Actor, usize) -> Verb<()> + Clone + Send + Sync + 'static,
) {
    let environment = world.set_up().sandbox.id.clone();
    let actor = Actor::system(environment.clone());
    for from in (0..times).step_by(100) {
        let (act, actor) = (act.clone(), actor.clone());
        let command = Command::new("again", Scope::Of(environment.key()), move |work| {
            (from..times.min(from + 100)).try_for_each(|place| act(work, &actor, place))
        });
        world.database.writer().submit(command).await.expect("it is done");
    }
}

/// Publishes the same workflow this many times.
async fn publish_again(world: &World, times: usize, definition: &Value) {
    let engine = Arc::clone(&world.app.engine);
    let request = WorkflowRequest {
        name: "One of many".into(),
        slug: None,
        definition: Some(definition.clone()),
        description: None,
    };
    again(world, times, move |work, actor, _| {
        let (workflow, _) = create_workflow(&engine, work, actor, &request)?;
        publish(&engine, work, actor, &workflow.id, None).map(drop)
    })
    .await;
}

async fn publishing(world: &World, definition: &Value) -> Answer {
    let made = world.post("/workflows", attributes(json!({"name": "One more", "definition": definition}))).await.id();
    world.call(Call::post(&format!("/workflows/{made}/publish"))).await
}

fn listening(event: &str) -> Value {
    json!({"trigger": {"on": [event]}, "steps": []})
}

fn naming(status: &str) -> Value {
    let with = json!({"case": {"ref": "trigger"}, "status": status});
    json!({"trigger": {"on": ["case.created"]}, "steps": [{"id": "move", "do": "case.update_status", "with": with}]})
}

/// The default statuses of a template, without one of them.
fn without(gone: &str) -> Value {
    let all = [("Open", "initial"), ("Pending", "intermediate"), ("Approved", "end"), ("Declined", "end")];
    let rest = all.iter().filter(|(name, _)| *name != gone);
    rest.map(|(name, kind)| json!({"name": name, "type": kind})).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_wakes_many_workflows_is_recorded_all_the_same() {
    on_each_engine(async |world| {
        let names: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
        publish_again(&world, 3, &json!({"trigger": {"on": names}, "steps": []})).await;
        publish_again(&world, 220, &listening("case-template.created")).await;

        let made = world.post("/case-templates", attributes(json!({"name": "Disputes"}))).await;

        made.expect(201);
        world.work_off(40).await;
        let runs = world.get("/events?filter[name]=workflow-run.created&page[size]=1").await.expect(200);
        assert_eq!(runs.ids().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_listened_to_by_500_workflows_and_one_of_runs_by_20() {
    on_each_engine(async |world| {
        for (event, most) in [("account.created", 500), ("workflow-run.errored", 20)] {
            publish_again(&world, most - 1, &listening(event)).await;

            let last = publishing(&world, &listening(event)).await;
            let one_more = publishing(&world, &listening(event)).await;

            last.expect(200);
            let refused = one_more.expect(422);
            assert_eq!(refused.pointers(), ["/data/attributes/definition/trigger/on"]);
            assert!(refused.details().contains(&most.to_string()), "{}", refused.told());
            world.post("/accounts", attributes(json!({}))).await.expect(201);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_named_by_any_number_of_workflows() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let path = format!("/case-templates/{template}");
        let [same, fewer] = ["", "Pending"].map(|gone| attributes(json!({"statuses": without(gone)})));
        let calls = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
        publish_again(&world, 1_100, &calls).await;
        publish_again(&world, 60, &naming("Pending")).await;

        let made = world.post("/case-templates", attributes(json!({"name": "Disputes"}))).await;
        let kept = world.patch(&path, same).await;
        let removed = world.patch(&path, fewer).await;
        let found = world.get("/workflows?filter[text]=one%20OF").await;

        made.expect(201);
        kept.expect(200);
        let refused = removed.expect(422);
        assert_eq!(refused.pointers(), ["/meta/successors"]);
        assert!(refused.details().contains("One of many, more than are listed here"), "{}", refused.told());
        assert_eq!(found.expect(200).ids().len(), 10);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_named_as_long_as_a_live_version_names_it() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let path = format!("/case-templates/{template}");
        let removing = |gone: &str| attributes(json!({"statuses": without(gone)}));
        let workflow = published(&world, "Moving", naming(" pENDING")).await;
        let deed =
            async |verb: &str| world.call(Call::post(&format!("/workflows/{workflow}/{verb}"))).await.expect(200);

        world.patch(&path, removing("Pending")).await.expect(422);
        deed("pause").await;
        world.patch(&path, removing("Pending")).await.expect(422);
        deed("resume").await;
        let etag = world.get(&format!("/workflows/{workflow}")).await.header("etag");
        let call = Call::new("PUT", &format!("/workflows/{workflow}/draft")).with("if-match", &etag);
        world.call(call.json(attributes(json!({"definition": naming("Approved")})))).await.expect(200);
        deed("publish").await;

        world.patch(&path, removing("Pending")).await.expect(200);
        world.patch(&path, removing("Approved")).await.expect(422);
        deed("archive").await;
        world.patch(&path, removing("Approved")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_names_1000_statuses() {
    on_each_engine(async |world| {
        again(&world, 21, |work, actor, place| {
            let status = |n: usize| {
                let kind = ["initial", "end", "intermediate"][(n % 50).min(2)];
                serde_json::from_value(json!({"name": format!("Status {n}"), "type": kind})).expect("a status")
            };
            let name = format!("Kind {}", ('A'..='U').nth(place).expect("a letter"));
            let statuses = Some((50 * place..50 * (place + 1)).map(status).collect());
            create_template(work, actor, &TemplateRequest { name, statuses, ..TemplateRequest::default() }).map(drop)
        })
        .await;
        let comparing = |count: usize| {
            let names: Vec<String> = (0..count).map(|place| format!("Status {place}")).collect();
            let criteria = json!({"field": "trigger.status", "is": "is_in", "value": names});
            json!({"trigger": {"on": ["case.created"], "where": criteria}, "steps": []})
        };

        publishing(&world, &comparing(1_000)).await.expect(200);
        let refused = publishing(&world, &comparing(1_001)).await.expect(422);

        assert_eq!(refused.pointers(), ["/data/attributes/definition"]);
        assert!(refused.details().contains("1000"), "{}", refused.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_environment_has_1000_case_templates_and_all_goes_on() {
    on_each_engine(async |world| {
        again(&world, 999, |work, actor, place| {
            let letters = [place / 100, place / 10 % 10, place % 10].map(|digit| char::from(b"ABCDEFGHIJ"[digit]));
            let key = Some(format!("K{}", letters.iter().collect::<String>()));
            let request = TemplateRequest { name: format!("Kind {place}"), key, ..TemplateRequest::default() };
            create_template(work, actor, &request).map(drop)
        })
        .await;

        let last = template(&world).await;
        let one_more = world.post("/case-templates", attributes(json!({"name": "One more"}))).await;
        let draft = naming("No status of theirs");
        let made = world.post("/workflows", attributes(json!({"name": "W", "definition": draft}))).await.expect(201);

        assert!(one_more.expect(422).details().contains("1000"));
        assert_eq!(made.at("/meta/problems/0/code"), "unknown-status");
        published(&world, "Moving", naming("Pending")).await;
        world.post("/cases", attributes(json!({"case-template-id": last}))).await.expect(201);
        assert_eq!(world.get("/cases?filter[status]=Pending").await.expect(200).ids().len(), 1);
        world.get("/workflow-templates").await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_1000_cases_hold_is_removed() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let path = format!("/case-templates/{template}");
        let request = CreateRequest { template_id: template, ..CreateRequest::default() };
        again(&world, 1_001, move |work, actor, _| create_case(work, actor, &request).map(drop)).await;
        let mut statuses = without("Open");
        statuses.as_array_mut().unwrap().push(json!({"name": "New", "type": "initial"}));
        let change = json!({"data": {"attributes": {"statuses": statuses}}, "meta": {"successors": {"Open": "New"}}});

        let too_many = world.patch(&path, change.clone()).await;
        let one = world.get("/cases?page[size]=1").await.ids().remove(0);
        world.post(&format!("/cases/{one}/set-status"), json!({"meta": {"status": "Approved"}})).await.expect(200);
        let removed = world.patch(&path, change).await;

        let refused = too_many.expect(422);
        assert_eq!(refused.pointers(), ["/meta/successors"]);
        assert!(refused.details().contains("1000"), "{}", refused.told());
        removed.expect(200);
    })
    .await;
}
