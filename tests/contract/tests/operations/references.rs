//! References from objects to their cases, and the order in which they are offered.

use docket_testkit::engines;
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, inquiry, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

const AT: &str = "2025-12-31T10:00:00.000Z";

/// The offered references to objects of a type, for a trigger with these events, after these steps.
async fn offered(world: &World, events: &str, steps: &str, gives: &str) -> Vec<String> {
    let query = format!("filter[event]={events}&filter[steps]={steps}&filter[gives]={gives}");
    world.get(&format!("/references?{query}")).await.expect(200).ids()
}

/// A workflow of one step: it sets the status of the case that is offered first for its trigger.
async fn setting(world: &World, event: &str, status: &str) -> String {
    let best = offered(world, event, "", "case").await.remove(0);
    let step = json!({"id": "set", "do": "case.update_status", "with": {"case": {"ref": best}, "status": status}});
    published(world, event, json!({"trigger": {"on": [event]}, "steps": [step]})).await
}

/// A workflow that starts on completed inquiries and returns the values of these references.
fn giving(references: &[&str]) -> Value {
    let output: serde_json::Map<_, _> =
        references.iter().enumerate().map(|(place, path)| (format!("v{place}"), json!({"ref": path}))).collect();
    json!({"trigger": {"on": ["inquiry.completed"]}, "steps": [], "output": output})
}

async fn holding(world: &World, template: &str, objects: &[&str]) -> String {
    let body = json!({
        "data": {"attributes": {"case-template-id": template}}, "meta": {"object-ids": objects},
    });
    world.post("/cases", body).await.expect(201).id()
}

async fn status(world: &World, case: &str) -> String {
    world.get(&format!("/cases/{case}")).await.expect(200).text("/data/attributes/status")
}

/// The newest run of a workflow, with its steps.
async fn last_run(world: &World, workflow: &str) -> Answer {
    let runs = world.get(&format!("/workflow-runs?filter[workflow-id]={workflow}&page[size]=1")).await.expect(200);
    world.get(&format!("/workflow-runs/{}/steps", runs.ids()[0])).await.expect(200)
}

fn of_kind(kind: &str, id: &str, account: &str) -> Value {
    json!({
        "type": kind, "id": id, "attributes": {"status": "passed"},
        "relationships": {"account": {"data": {"type": "account", "id": account}}},
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_case_offered_first_is_the_one_whose_status_is_set_from_every_trigger() {
    for deferred in [false, true] {
        for on in engines() {
            let world = if deferred { World::step_by_step(on).await } else { World::on(on).await };
            let template = template(&world).await;
            let vendor = Vendor::of(&world).await;
            let kinds = [
                ("inquiry", "inquiry.completed", "trigger.cases.open.first"),
                ("account", "account.status-updated", "trigger.cases.open.first"),
                ("report/watchlist", "report/watchlist.matched", "trigger.cases.open.first"),
                ("verification", "verification.passed", "trigger.cases.open.first"),
                ("transaction", "transaction.created", "trigger.cases.open.first"),
            ];
            for (place, (kind, name, best)) in kinds.into_iter().enumerate() {
                let id = format!("obj_{place}");
                let first = event(&format!("evt_a{place}"), "inquiry.started", AT, &of_kind(kind, &id, "act_other"));
                vendor.send(&world, &first).await.expect(200);
                let case = holding(&world, &template, &[&id]).await;
                assert_eq!(offered(&world, name, "", "case").await[0], best, "{name}");
                setting(&world, name, "Pending").await;

                let second = event(&format!("evt_b{place}"), name, AT, &of_kind(kind, &id, "act_other"));
                vendor.send(&world, &second).await.expect(200);
                world.work_off(6).await;

                assert_eq!(status(&world, &case).await, "Pending", "{name} deferred={deferred}");
            }
            world.is_in_order().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_a_comment_and_a_run_lead_to_their_case_too() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let vendor = Vendor::of(&world).await;
        vendor.send(&world, &event("evt_0", "inquiry.started", AT, &inquiry("inq_1", "pending"))).await.expect(200);
        let id = holding(&world, &template, &["inq_1"]).await;
        for (event, best) in [
            ("case.updated", "trigger"),
            ("case-comment.created", "trigger.case"),
            ("workflow-run.errored", "trigger.cases.open.first"),
        ] {
            assert_eq!(offered(&world, event, "", "case").await[0], best, "{event}");
        }

        let on_comment = setting(&world, "case-comment.created", "Pending").await;
        world.post(&format!("/cases/{id}/comments"), attributes(json!({"body": "look"}))).await.expect(201);
        assert_eq!(status(&world, &id).await, "Pending");
        world.call(Call::post(&format!("/workflows/{on_comment}/pause"))).await.expect(200);

        setting(&world, "workflow-run.errored", "Open").await;
        let failing = json!({"trigger": {"on": ["inquiry.completed"]}, "steps": [
            {"id": "set", "do": "case.update_status",
                "with": {"case": {"ref": "trigger.cases.open.first"}, "status": {"ref": "trigger.fields.none"}}},
        ]});
        published(&world, "Failing", failing).await;
        vendor.send(&world, &event("evt_1", "inquiry.completed", AT, &inquiry("inq_1", "completed"))).await.expect(200);
        assert_eq!(status(&world, &id).await, "Open", "a run leads to the cases of what started it");

        // One reference serves a trigger that listens to both events: for a case, it is the case itself.
        let both = "inquiry.failed,case.updated-tags";
        assert_eq!(offered(&world, both, "", "case").await[0], "trigger.cases.open.first");
        let step = json!({"id": "set", "do": "case.update_status",
            "with": {"case": {"ref": "trigger.cases.open.first"}, "status": "Approved"}});
        published(
            &world,
            "Both",
            json!({"trigger": {"on": ["inquiry.failed", "case.updated-tags"]}, "steps": [
                step
            ]}),
        )
        .await;
        let tagging = json!({"trigger": {"on": ["api"], "parameters": [{"name": "id", "type": "string"}]}, "steps": [
            {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger.fields.id"}, "tags": ["seen"]}},
        ]});
        let tagging = published(&world, "Tagging", tagging).await;
        world
            .post(&format!("/workflows/{tagging}/trigger"), attributes(json!({"fields": {"id": id}})))
            .await
            .expect(200);
        assert_eq!(status(&world, &id).await, "Approved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_id_that_the_api_trigger_is_given_leads_to_the_cases_of_its_object() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        Vendor::of(&world)
            .await
            .send(&world, &event("evt_0", "inquiry.started", AT, &inquiry("inq_1", "pending")))
            .await
            .expect(200);
        let id = holding(&world, &template, &["inq_1"]).await;
        let definition = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "inquiry_id", "type": "string"}]},
            "steps": [{"id": "set", "do": "case.update_status", "on_error": "continue",
                "with": {"case": {"ref": "trigger.fields.inquiry_id.cases.open.first"}, "status": "Pending"}}],
            "output": {"why": {"ref": "set.error.details"}, "code": {"ref": "set.error.code"}},
        });
        let workflow = published(&world, "Called", definition).await;
        let path = format!("/workflows/{workflow}/trigger");

        world.post(&path, attributes(json!({"fields": {"inquiry_id": "inq_1"}}))).await.expect(200);
        assert_eq!(status(&world, &id).await, "Pending");

        world.post(&path, attributes(json!({"fields": {"inquiry_id": "inq_none"}}))).await.expect(200);
        let run = last_run(&world, &workflow).await;
        assert_eq!(run.at("/meta/run/output/code"), "unknown-object", "{}", run.told());
        assert!(run.text("/meta/run/output/why").contains("inq_none"), "{}", run.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_are_listed_by_their_creation_and_lead_back() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let vendor = Vendor::of(&world).await;
        vendor.send(&world, &event("evt_0", "inquiry.started", AT, &inquiry("inq_1", "pending"))).await.expect(200);
        let mut cases = Vec::new();
        for _ in 0..3 {
            cases.push(holding(&world, &template, &["inq_1", "act_vendor"]).await);
            world.clock.advance_seconds(1);
        }
        // The oldest case is the first, even though the inquiry was added to it last.
        let decline = json!({"meta": {"status": "Declined"}});
        world.post(&format!("/cases/{}/set-status", cases[0]), decline).await.expect(200);
        let names = [
            "trigger.cases.first.id",
            "trigger.cases.last.id",
            "trigger.cases.1.id",
            "trigger.cases.count",
            "trigger.cases.open.first.id",
            "trigger.cases.open.count",
            "trigger.account.cases.open.last.id",
            "trigger.cases.first.accounts.first.id",
            "trigger.cases.last.inquiries.count",
            "trigger.cases.7.id",
            "trigger.cases.open.first.status",
            "trigger.account.cases.count",
        ];
        let workflow = published(&world, "Giving", giving(&names)).await;

        vendor.send(&world, &event("evt_1", "inquiry.completed", AT, &inquiry("inq_1", "completed"))).await.expect(200);

        let run = last_run(&world, &workflow).await;
        let wanted = [
            json!(cases[0]),
            json!(cases[2]),
            json!(cases[1]),
            json!(3),
            json!(cases[1]),
            json!(2),
            json!(cases[2]),
            json!("act_vendor"),
            json!(1),
            Value::Null,
            json!("Open"),
            json!(3),
        ];
        for (place, (name, wanted)) in names.into_iter().zip(wanted).enumerate() {
            assert_eq!(run.at(&format!("/meta/run/output/v{place}")), &wanted, "{name}: {}", run.told());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_whose_reference_finds_no_case_says_so_and_can_be_gone_on_after() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let vendor = Vendor::of(&world).await;
        let set = |id: &str, path: &str| {
            json!({"id": id, "do": "case.update_status", "on_error": "continue",
                "with": {"case": {"ref": path}, "status": "Pending"}})
        };
        let definition = json!({
            "trigger": {"on": ["inquiry.completed"]},
            "steps": [
                set("any", "trigger.cases.last"), set("open", "trigger.cases.open.first"),
                set("account", "trigger.account.cases.open.first"),
                {"id": "route", "choose": [
                    {"label": "None", "when": {"field": "open.error.code", "is": "equals", "value": "no-case"}, "steps": []},
                    {"label": "Else", "steps": []},
                ]},
            ],
        });
        let workflow = published(&world, "Set", definition).await;
        let errors = async |world: &World| {
            let run = last_run(world, &workflow).await;
            let of = |place: usize, member: &str| run.text(&format!("/data/{place}/attributes/error/{member}"));
            let all: Vec<_> = (0..3).map(|place| (of(place, "code"), of(place, "details"))).collect();
            (all, run.text("/data/3/attributes/output/route"))
        };

        let mut bare = inquiry("inq_1", "completed");
        bare["relationships"] = json!({});
        vendor.send(&world, &event("evt_1", "inquiry.completed", AT, &bare)).await.expect(200);

        let (all, route) = errors(&world).await;
        let codes: Vec<_> = all.iter().map(|(code, _)| code.as_str()).collect();
        assert_eq!((codes, route.as_str()), (vec!["no-case", "no-case", "missing-value"], "None"));
        assert!(all[0].1.contains("the inquiry inq_1 is in no case;"), "{all:?}");
        assert!(all[1].1.contains("the inquiry inq_1 is in no open case;"), "{all:?}");
        assert!(all[2].1.contains("trigger.account is empty"), "{all:?}");

        let case = holding(&world, &template, &["inq_1"]).await;
        let decline = json!({"meta": {"status": "Declined"}});
        world.post(&format!("/cases/{case}/set-status"), decline).await.expect(200);
        vendor.send(&world, &event("evt_2", "inquiry.completed", AT, &inquiry("inq_1", "completed"))).await.expect(200);

        let run = last_run(&world, &workflow).await;
        // The first step reopened it.
        assert_eq!(run.at("/data/1/attributes/state"), "succeeded", "{}", run.told());
        assert!(run.text("/data/2/attributes/error/details").contains("the account act_vendor is in no open case;"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_in_more_than_a_hundred_cases_is_an_error_and_no_wrong_answer() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let vendor = Vendor::of(&world).await;
    vendor.send(&world, &event("evt_0", "inquiry.started", AT, &inquiry("inq_1", "pending"))).await.expect(200);
    for _ in 0..100 {
        holding(&world, &template, &["inq_1"]).await;
    }
    let counting = published(&world, "Counting", giving(&["trigger.cases.count", "trigger.cases.open.count"])).await;
    let judging = json!({"trigger": {"on": ["inquiry.completed"],
        "where": {"field": "trigger.cases.open.count", "is": "greater_than", "value": 1}}, "steps": []});
    published(&world, "Judging", judging).await;
    let completed = async |n: usize| {
        let told = event(&format!("evt_{n}"), "inquiry.completed", AT, &inquiry("inq_1", "completed"));
        vendor.send(&world, &told).await.expect(200);
        last_run(&world, &counting).await
    };
    let run = completed(1).await;
    assert_eq!((run.at("/meta/run/output/v0"), run.at("/meta/run/output/v1")), (&json!(100), &json!(100)));

    let last = case(&world, &template).await.id();
    world.post(&format!("/cases/{last}/add-objects"), json!({"meta": {"object-ids": ["inq_1"]}})).await.expect(200);

    let run = completed(2).await;
    assert_eq!(run.at("/meta/run/output/error/code"), "too-many-cases", "{}", run.told());
    let refused = world.get("/events?filter[name]=workflow-run.refused").await.expect(200);
    let reason = refused.text("/data/0/attributes/context/reason");
    assert!(reason.contains("more than 100 cases"), "{}", refused.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_knows_what_the_ways_to_cases_are() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let problems = async |field: &str, is: &str, value: Value| {
        let row = json!({"field": field, "is": is, "value": value});
        let definition = json!({"trigger": {"on": ["inquiry.completed"]}, "steps": [
            {"id": "open", "do": "case.create", "with": {"template": template}},
            {"id": "look", "choose": [{"label": "A", "when": row, "steps": []}, {"label": "Else", "steps": []}]},
        ]});
        let body = attributes(json!({"name": "W", "definition": definition}));
        let made = world.post("/workflows", body).await.expect(201);
        made.at("/meta/problems").as_array().unwrap().iter().map(|p| p["code"].clone()).collect::<Vec<_>>()
    };
    for (field, is, value, codes) in [
        ("trigger.cases.open.count", "greater_than", json!(0), json!([])),
        ("trigger.cases.first.status", "equals", json!("Pending"), json!([])),
        ("trigger.cases.0.name", "equals", json!("KYC-1"), json!([])),
        ("open.accounts.first.reference_id", "equals", json!("r"), json!([])),
        ("open.tags.last", "equals", json!("r"), json!([])),
        ("trigger.cases.open.first.status", "equals", json!("Nowhere"), json!(["unknown-status"])),
        ("trigger.cases.count", "contains", json!("x"), json!(["cannot-compare"])),
        ("trigger.cases.status", "equals", json!("Open"), json!(["unknown-reference"])),
        ("trigger.cases.open.open", "equals", json!("Open"), json!(["unknown-reference"])),
        ("trigger.cases.first.nothing", "equals", json!("Open"), json!(["unknown-reference"])),
        ("open.template.cases.count", "equals", json!(1), json!(["unknown-reference"])),
        ("open.status.cases.count", "equals", json!(1), json!(["unknown-reference"])),
    ] {
        assert_eq!(json!(problems(field, is, value).await), codes, "{field}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ways_to_cases_are_offered_with_examples_and_in_order() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let vendor = Vendor::of(&world).await;
        let mut odd = inquiry("inq_1", "completed");
        odd["attributes"]["fields"] =
            json!({"good-1": "a", "with space": "b", "dotted.name": "c", "": "d", "a{b}": "e"});
        vendor.send(&world, &event("evt_1", "inquiry.completed", AT, &odd)).await.expect(200);
        let held = holding(&world, &template, &["inq_1"]).await;
        let name = world.get(&format!("/cases/{held}")).await.expect(200).text("/data/attributes/name");

        let told = world.get("/references?filter[event]=inquiry.completed").await.expect(200);

        let of = |path: &str| {
            let found = told.body["data"].as_array().unwrap().iter().find(|one| one["id"] == path);
            found.unwrap_or_else(|| panic!("{path}: {}", told.told()))["attributes"].clone()
        };
        let first = of("cases.open.first");
        assert_eq!((&first["example"], &first["object-type"]), (&json!(name), &json!("case")));
        assert_eq!((&first["label"], &first["kind"]), (&json!("First open case"), &json!("object")));
        assert_eq!((&of("cases.count")["example"], &of("cases.count")["kind"]), (&json!(1), &json!("integer")));
        assert_eq!(of("cases")["object-type"], Value::Null, "a list is no object");
        let ids = told.ids();
        let fields: Vec<_> = ids.iter().filter(|id| id.starts_with("fields")).collect();
        assert_eq!(fields, ["fields.good-1"], "what can't be written is not offered");
        let of_case = world.get("/references?filter[object-type]=case").await.expect(200).ids();
        assert!(of_case.contains(&"accounts.first".to_owned()) && !of_case.contains(&"cases".to_owned()));

        let ranked = offered(&world, "inquiry.completed", "made:case.create,moved:case.update_status", "case").await;
        let wanted = ["made", "moved.case", "trigger.cases.open.first", "trigger.account.cases.open.first"];
        assert_eq!(ranked[..4], wanted);
        let whole = world.get("/references?filter[event]=inquiry.completed&filter[gives]=case").await.expect(200);
        assert_eq!(
            (whole.at("/data/0/attributes/rank"), whole.at("/data/0/attributes/example")),
            (&json!(1), &json!(name))
        );
        assert_eq!(whole.at("/data/0/attributes/label"), "The inquiry's first open case");
        assert_eq!(offered(&world, "inquiry.completed", "made:case.create", "*").await[..2], ["trigger", "made"]);
        assert_eq!(offered(&world, "case.created", "", "inquiry").await, ["trigger.inquiries.first"]);
        assert_eq!(offered(&world, "inquiry.completed", "", "account").await, ["trigger.account"]);
        assert_eq!(offered(&world, "workflow.published", "", "case").await, [""; 0]);
        let by_api = world.get("/references?filter[gives]=case&filter[steps]=made:case.create").await.expect(200);
        assert_eq!(by_api.ids(), ["made"]);
        for query in ["filter[gives]=case&filter[object-type]=case", "filter[gives]=case&filter[steps]=made"] {
            world.get(&format!("/references?{query}")).await.expect(400);
        }
    })
    .await;
}
