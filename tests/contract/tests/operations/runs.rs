//! Runs: the version they use, what starts them, null references, and the effects of a failure.

use docket_testkit::engines;
use serde_json::{Map, Value, json};

use crate::things::{Vendor, called, case, event, inquiry, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

async fn trigger(world: &World, id: &str, fields: Value) -> Answer {
    world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": fields}))).await.expect(200)
}

async fn steps_of(world: &World, run: &str) -> Answer {
    world.get(&format!("/workflow-runs/{run}/steps")).await.expect(200)
}

/// The state of each step, in order.
fn states(steps: &Answer) -> Vec<&str> {
    let list = steps.body["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(|step| step["attributes"]["state"].as_str()).collect()
}

async fn runs(world: &World) -> Answer {
    world.get("/workflow-runs?page[size]=100").await.expect(200)
}

async fn refusals(world: &World) -> Vec<Value> {
    let told = world.get("/events?filter[name]=workflow-run.refused&page[size]=100").await.expect(200);
    told.body["data"].as_array().cloned().unwrap_or_default()
}

fn completed(id: usize, name: &str) -> Value {
    let mut inquiry = inquiry(&format!("inq_{id}"), "completed");
    inquiry["attributes"]["fields"]["name-first"]["value"] = json!(name);
    event(&format!("evt_{id}"), "inquiry.completed", "2025-12-31T10:00:00.000Z", &inquiry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_workflow_finishes_what_runs_and_counts_what_it_would_have_started() {
    for on in engines() {
        let world = World::step_by_step(on).await;
        let template = template(&world).await;
        let definition = json!({
            "trigger": {"on": ["inquiry.completed", "inquiry.failed"],
                "where": {"field": "trigger.fields.name_first", "is": "equals", "value": "Mona"}},
            "steps": [
                {"id": "open", "do": "case.create", "with": {"template": template, "objects": [{"ref": "trigger"}]}},
                {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "open"}, "tags": ["new"]}},
            ],
        });
        let id = published(&world, "Listening", definition).await;
        let vendor = Vendor::of(&world).await;
        vendor.send(&world, &completed(1, "Mona")).await.expect(200);
        assert_eq!(runs(&world).await.at("/data/0/attributes/status"), "in_progress");

        world.call(Call::post(&format!("/workflows/{id}/pause"))).await.expect(200);
        for (n, name) in [(2, "Mona"), (3, "Otto"), (4, "Mona")] {
            vendor.send(&world, &completed(n, name)).await.expect(200);
        }
        world.work_off(12).await;

        let told = runs(&world).await;
        assert_eq!(
            (told.ids().len(), told.at("/data/0/attributes/status")),
            (1, &json!("completed")),
            "{}",
            told.told()
        );
        let workflow = world.get(&format!("/workflows/{id}")).await.expect(200);
        assert_eq!(workflow.at("/meta/skipped-events"), 2, "{}", workflow.told());
        world.call(Call::post(&format!("/workflows/{id}/resume"))).await.expect(200);
        vendor.send(&world, &completed(5, "Mona")).await.expect(200);
        assert_eq!(runs(&world).await.ids().len(), 2);
        assert_eq!(world.get(&format!("/workflows/{id}")).await.at("/meta/skipped-events"), 2);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_finishes_on_the_version_it_began_with_and_versions_never_change() {
    for on in engines() {
        let world = World::step_by_step(on).await;
        let template = template(&world).await;
        let definition = |status: &str| {
            json!({
                "trigger": {"on": ["api"], "parameters": []},
                "steps": [
                    {"id": "open", "do": "case.create", "with": {"template": template}},
                    {"id": "move", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": status}},
                ],
                "output": {"status": {"ref": "move.status"}},
            })
        };
        let id = published(&world, "Versions", definition("Pending")).await;
        let first = trigger(&world, &id, json!({})).await;
        let put = Call::new("PUT", &format!("/workflows/{id}/draft")).with("if-match", "*");
        world.call(put.json(attributes(json!({"definition": definition("Declined")})))).await.expect(200);
        world.call(Call::post(&format!("/workflows/{id}/publish"))).await.expect(200);
        let second = trigger(&world, &id, json!({})).await;
        world.work_off(12).await;

        for (run, status) in [(&first, "Pending"), (&second, "Declined")] {
            let steps = steps_of(&world, &run.id()).await;
            assert_eq!(steps.at("/meta/run/output/status"), status, "{}", steps.told());
        }
        for statement in ["UPDATE workflow_version SET description = 'x'", "DELETE FROM workflow_version"] {
            let refused = world.fresh.try_run(statement).await.expect_err(statement);
            assert!(refused.contains("a published version does not change"), "{refused}");
        }
    }
}

/// A workflow that moves a case back and forth, whenever its status was changed.
fn to_and_fro(allow_reentry: bool) -> Value {
    let moved = |id: &str, status: &str| json!([{"id": id, "do": "case.update_status", "with": {"case": {"ref": "trigger"}, "status": status}}]);
    json!({
        "trigger": {"on": ["case.status-updated"], "allow_reentry": allow_reentry},
        "steps": [{"id": "which", "choose": [
            {"label": "Open", "when": {"field": "trigger.status", "is": "equals", "value": "Open"}, "steps": moved("fro", "Pending")},
            {"label": "Else", "steps": moved("to", "Open")},
        ]}],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_woken_by_its_own_doing_is_refused_once_and_told_at_the_workflow() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Circle", to_and_fro(false)).await;
        let held = case(&world, &template).await.id();

        world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Pending"}})).await.expect(200);

        assert_eq!(runs(&world).await.ids().len(), 1);
        let refused = refusals(&world).await;
        assert_eq!(refused.len(), 1);
        let context = &refused[0]["attributes"]["context"];
        assert!(context["reason"].as_str().is_some_and(|reason| reason.contains("its own runs")), "{context}");
        let at_workflow = world.get(&format!("/events?filter[object-id]={id}&filter[name]=workflow-run.refused")).await;
        assert_eq!(at_workflow.ids().len(), 1);
        assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("status"), "Open");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_refused_is_told_with_the_workflow_as_it_was() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Circle", to_and_fro(false)).await;
        let held = case(&world, &template).await.id();
        let told = async |name: &str| {
            let events = world.get(&format!("/events?filter[object-id]={id}&filter[name]={name}")).await.expect(200);
            let payload = events.at("/data/0/attributes/payload").clone();
            (payload, events.at("/data/0/attributes/context/object-version").clone())
        };

        world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Pending"}})).await.expect(200);
        let refused = told("workflow-run.refused").await;
        world.call(Call::post(&format!("/workflows/{id}/pause"))).await.expect(200);

        let published = told("workflow.published").await;
        assert_eq!(published.0["data"]["attributes"]["status"], "running", "{published:?}");
        assert_eq!(refused, published);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_may_go_round_ends_after_8_runs_and_every_event_names_its_cause() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        published(&world, "Circle", to_and_fro(true)).await;
        let held = case(&world, &template).await.id();

        let moved =
            world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Pending"}})).await.expect(200);

        assert_eq!(runs(&world).await.ids().len(), 8);
        let refused = refusals(&world).await;
        assert_eq!(refused.len(), 1);
        let context = &refused[0]["attributes"]["context"];
        assert!(context["reason"].as_str().is_some_and(|reason| reason.contains("at most 8")), "{context}");
        let (mut at, mut depths) = (refused[0].clone(), Vec::new());
        while let Some(cause) = at["attributes"]["context"]["cause-event-id"].as_str() {
            at = world.get(&format!("/events/{cause}")).await.expect(200).body["data"].clone();
            let context = &at["attributes"]["context"];
            assert_eq!(context["request-id"], json!(moved.header("request-id")), "{context}");
            depths.push(context["depth"].as_i64().expect("a depth"));
        }
        assert_eq!(depths, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
        assert_eq!(at["attributes"]["context"]["actor"]["type"], "api-key");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workflows_that_watch_runs_see_each_run_but_not_each_others() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let watching = |event: &str| json!({"trigger": {"on": [event], "allow_reentry": true}, "steps": []});
        let mut watchers = Vec::new();
        for event in ["workflow-run.created", "workflow-run.created", "workflow-run.completed", "workflow-run.refused"]
        {
            watchers.push(published(&world, event, watching(event)).await);
        }
        let id = published(&world, "Called", called(&template)).await;
        published(&world, "Circle", to_and_fro(false)).await;

        let run = trigger(&world, &id, json!({"amount": 50})).await;

        assert_eq!(run.attribute("status"), "completed");
        let mut started = Vec::new();
        for watcher in &watchers {
            started.push(
                world.get(&format!("/workflow-runs?filter[workflow-id]={watcher}")).await.expect(200).ids().len(),
            );
        }
        // Each watcher sees two runs: the called one, and the circle's, which is then refused to start once more.
        assert_eq!(started, [2, 2, 2, 1]);
        assert_eq!(refusals(&world).await.len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn criteria_that_look_at_too_much_start_nothing_and_say_so() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let names = |count: usize| (0..count).map(|n| json!(format!("n{n}"))).collect::<Vec<_>>();
        for (name, count) in [("Just", 9_999), ("Beyond", 10_000)] {
            let criteria = json!({"field": "trigger.name", "is": "is_not_in", "value": names(count)});
            let definition = json!({"trigger": {"on": ["case.created"], "where": criteria}, "steps": []});
            published(&world, name, definition).await;
        }

        case(&world, &template).await;

        assert_eq!(runs(&world).await.ids().len(), 1);
        let refused = refusals(&world).await;
        assert_eq!(refused.len(), 1);
        let reason = &refused[0]["attributes"]["context"]["reason"];
        assert!(reason.as_str().is_some_and(|reason| reason.contains("10000 rows and items")), "{reason}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_or_was_not_reached_is_nothing_and_a_lone_reference_keeps_its_type() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let row = |field: &str, is: &str| json!({"field": field, "is": is});
        let definition = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "n", "type": "number"}, {"name": "gone", "type": "string"}]},
            "steps": [
                {"id": "open", "do": "case.create", "with": {"template": template}},
                {"id": "move", "do": "case.update_status", "on_error": "continue",
                    "with": {"case": {"ref": "open"}, "status": "{{trigger.fields.gone}}"}},
                {"id": "which", "choose": [
                    {"label": "Never", "when": {"any": [
                        {"field": "trigger.fields.gone", "is": "does_not_equal", "value": "x"},
                        {"field": "trigger.fields.gone", "is": "is_not_in", "value": ["x"]},
                        {"field": "move.status", "is": "does_not_contain", "value": "x"},
                        row("move.changed", "is_false"),
                    ]}, "steps": [{"id": "never", "do": "case.create", "with": {"template": template}}]},
                    {"label": "Blank", "when": {"all": [
                        row("move", "is_blank"), row("move.status", "is_blank"),
                        row("trigger.fields.gone", "is_blank"), row("move.error", "is_not_blank"),
                        row("move.error.code", "is_not_blank"), row("open.error", "is_blank"),
                    ]}, "steps": []},
                ]},
                {"id": "last", "do": "object.tag", "with": {"object": {"ref": "open"}, "tags": ["n={{trigger.fields.n}}{{never.status}}"]}},
            ],
            "output": {
                "move": {"ref": "move"}, "never": "{{never.status}}", "error": {"ref": "move.error"},
                "lone": "{{trigger.fields.n}}", "text": "n: {{trigger.fields.n}}", "case": {"ref": "open.status"},
            },
        });
        let id = published(&world, "Nothing", definition).await;

        let run = trigger(&world, &id, json!({"n": 1.5})).await;

        assert_eq!(run.attribute("status"), "completed");
        let steps = steps_of(&world, &run.id()).await;
        assert_eq!(states(&steps), ["succeeded", "continued", "succeeded", "succeeded", "not-reached"], "{}", steps.told());
        assert_eq!(steps.at("/meta/run/outcome"), "completed_with_errors");
        assert_eq!(steps.at("/data/1/attributes/output"), &Value::Null);
        assert_eq!(steps.at("/data/2/attributes/output/route"), "Blank", "{}", steps.told());
        assert_eq!(steps.at("/data/3/attributes/output/tags/0"), "n=1.5");
        let output = steps.at("/meta/run/output");
        let members: Vec<_> = output["error"].as_object().expect("an error").keys().map(String::as_str).collect();
        assert_eq!(members, ["code", "title", "details"]);
        assert_eq!(output["error"]["code"], "missing-value");
        let rest = json!({"move": output["move"], "never": output["never"], "lone": output["lone"], "text": output["text"], "case": output["case"]});
        assert_eq!(rest, json!({"move": null, "never": null, "lone": 1.5, "text": "n: 1.5", "case": "Open"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choose_takes_else_rejoins_and_may_go_on_after_an_error() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let values = |count: usize| (0..count).map(|n| json!(n)).collect::<Vec<_>>();
        let definition = |count: usize, on_error: &str| {
            json!({
                "trigger": {"on": ["api"], "parameters": [{"name": "n", "type": "integer"}]},
                "steps": [
                    {"id": "which", "on_error": on_error, "choose": [
                        {"label": "Known", "when": {"field": "trigger.fields.n", "is": "is_in", "value": values(count)},
                            "steps": [{"id": "open", "do": "case.create", "with": {"template": template}}]},
                    ]},
                    {"id": "after", "do": "case.create", "with": {"template": template}},
                ],
                "output": {"why": {"ref": "which.error.code"}},
            })
        };
        for (count, on_error, n, expected, outcome, why) in [
            (3, "stop", 2, ["succeeded", "succeeded", "succeeded"], "completed", Value::Null),
            (3, "stop", 9, ["succeeded", "succeeded", "not-reached"], "completed", Value::Null),
            (
                10_000,
                "continue",
                2,
                ["continued", "succeeded", "not-reached"],
                "completed_with_errors",
                json!("condition-too-long"),
            ),
            (10_000, "stop", 2, ["failed", "not-reached", "not-reached"], "errored", Value::Null),
        ] {
            let id = published(&world, "Choose", definition(count, on_error)).await;
            let run = trigger(&world, &id, json!({"n": n})).await;
            let steps = steps_of(&world, &run.id()).await;
            assert_eq!(states(&steps), expected, "{n} of {count}: {}", steps.told());
            assert_eq!(steps.at("/meta/run/outcome"), outcome);
            assert_eq!(steps.at("/meta/run/output/why"), &why);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn case_and_status_are_each_a_literal_a_reference_or_a_template() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let held = case(&world, &template).await.id();
        let definition = |case: &Value, status: &Value| {
            json!({
                "trigger": {"on": ["api"], "parameters": [{"name": "case", "type": "string"}, {"name": "to", "type": "string"},
                    {"name": "tail", "type": "string"}, {"name": "whole", "type": "object"}]},
                "steps": [{"id": "move", "do": "case.update_status", "with": {"case": case, "status": status}}],
                "output": {"status": {"ref": "move.status"}},
            })
        };
        let cases = [
            json!(held), json!({"literal": held}), json!({"literal": {"type": "case", "id": held}}),
            json!({"ref": "trigger.fields.case"}), json!("{{trigger.fields.case}}"), json!({"ref": "trigger.fields.whole"}),
            json!({"type": "case", "id": {"ref": "trigger.fields.case"}}), json!("{{ trigger.fields.whole.id }}"),
        ];
        let statuses = [
            json!("pending"), json!({"literal": "Pending"}), json!({"ref": "trigger.fields.to"}),
            json!("{{trigger.fields.to}}"), json!("Pend{{trigger.fields.tail}}"),
        ];
        for (n, case) in cases.iter().enumerate() {
            let status = &statuses[n % 5];
            let id = published(&world, "Forms", definition(case, status)).await;
            let given = json!({"case": held, "to": "PENDING", "tail": "ing", "whole": {"type": "case", "id": held}});
            let steps = steps_of(&world, &trigger(&world, &id, given).await.id()).await;
            assert_eq!(steps.at("/meta/run/output/status"), "Pending", "{case} {status}: {}", steps.told());
        }
        let id = published(&world, "Wrong", definition(&json!({"ref": "trigger.fields.whole"}), &json!("{{trigger.fields.to}}!"))).await;
        for (given, says) in [
            (json!({"to": "x", "whole": {"type": "inquiry", "id": "inq_1"}}), "'case' takes an object of type case or its id"),
            (json!({"to": "x", "whole": {"type": "case", "id": "case_nobody"}}), "case_nobody"),
            (json!({"to": "x", "whole": {"type": "case", "id": held}}), "status 'x!'"),
            (json!({"to": "x"}), "'case' has no value"),
        ] {
            let steps = steps_of(&world, &trigger(&world, &id, given.clone()).await.id()).await;
            let said = steps.text("/data/0/attributes/error/details");
            assert!(said.contains(says), "{given}: {said}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_finds_the_tags_that_a_step_before_it_put_on_as_that_step_does() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let row = |field: &str, is: &str, value: &str| json!({"field": field, "is": is, "value": value});
        let definition = json!({
            "trigger": {"on": ["case.created"]},
            "steps": [
                {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["watchlist"]}},
                {"id": "again", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["Watchlist"]}},
                {"id": "which", "choose": [
                    {"label": "wrong", "steps": [], "when": row("again.tags", "does_not_contain", "WATCHLIST")},
                    {"label": "right", "steps": [], "when": row("again.tags", "contains", " Watchlist")},
                ]},
            ],
        });
        published(&world, "Tagging", definition).await;

        case(&world, &template).await;

        let run = runs(&world).await;
        let steps = steps_of(&world, &run.ids()[0]).await;
        assert_eq!(steps.at("/data/1/attributes/output/added"), &json!([]), "{}", steps.told());
        assert_eq!(steps.at("/data/2/attributes/output/route"), "right", "{}", steps.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_and_statuses_are_compared_as_names_on_either_side_of_a_row() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let rows = [
            ("tag.added", "contains", json!("WATCHLIST")),
            ("tag.added", "contains", json!({"ref": "trigger.fields.tag"})),
            ("tag.added.first", "equals", json!("watchlist")),
            ("tag.tags.last", "is_in", json!(["x", "WATCHLIST"])),
            ("trigger.fields.tag", "is_in", json!({"ref": "tag.tags"})),
            ("trigger.fields.tag", "equals", json!({"ref": "tag.added.0"})),
            ("trigger.fields.tag", "equals", json!("{{open.tags.first}}")),
            ("open.tags.first", "equals", json!({"ref": "trigger.fields.tag"})),
            ("trigger.fields.status", "equals", json!({"ref": "open.status"})),
            ("open.status", "equals", json!({"ref": "trigger.fields.status"})),
        ];
        let unlike = [
            ("tag.added.first", "does_not_equal", json!("watchlist")),
            ("trigger.fields.tag", "is_not_in", json!({"ref": "tag.tags"})),
            ("trigger.fields.status", "does_not_equal", json!({"ref": "open.status"})),
            // A text is not a name: `contains` compares letter by letter.
            ("trigger.fields.tag", "contains", json!({"ref": "tag.added.first"})),
        ];
        let row = |(field, is, value): &(&str, &str, Value)| json!({"field": field, "is": is, "value": value});
        let definition = json!({
            "trigger": {"on": ["api"], "parameters": [
                {"name": "tag", "type": "string"}, {"name": "status", "type": "string"},
            ]},
            "steps": [
                {"id": "open", "do": "case.create", "with": {"template": template}},
                {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "open"}, "tags": ["Watchlist"]}},
                {"id": "which", "choose": [
                    {"label": "wrong", "steps": [], "when": {"any": unlike.iter().map(row).collect::<Vec<_>>()}},
                    {"label": "right", "steps": [], "when": {"all": rows.iter().map(row).collect::<Vec<_>>()}},
                ]},
            ],
        });
        let id = published(&world, "Names", definition).await;

        let run = trigger(&world, &id, json!({"tag": "WATCHLIST", "status": "OPEN"})).await.expect(200).id();

        let steps = steps_of(&world, &run).await;
        assert_eq!(steps.at("/data/2/attributes/output/route"), "right", "{}", steps.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_written_as_a_date_that_is_none_is_the_steps_error_and_the_last_date_is_after_every_other() {
    on_each_engine(async |world| {
        let route = |label: &str, is: &str| {
            let when = json!({"field": "trigger.fields.name-first", "is": is, "value": "2026-01-01"});
            json!({"label": label, "when": when, "steps": []})
        };
        let definition = json!({
            "trigger": {"on": ["inquiry.completed"]},
            "steps": [{"id": "which", "choose": [route("later", "after"), route("earlier", "before")]}],
        });
        published(&world, "Expires", definition).await;
        let vendor = Vendor::of(&world).await;
        for (n, date, expected) in [
            (1, "9999-12-31", Ok("later")),
            (2, "2025-12-31", Ok("earlier")),
            (3, "someday", Ok("Else")),
            (4, "2023-02-29", Err("not-a-time")),
            (5, "2026-05-01T10:00:00+25:00", Err("not-a-time")),
            (6, "2026-05-01T10:00:00[America/New_York]", Err("not-a-time")),
        ] {
            vendor.send(&world, &completed(n, date)).await.expect(200);

            let run = runs(&world).await.ids().remove(0);
            let steps = steps_of(&world, &run).await;
            let found = match expected {
                Ok(_) => steps.at("/data/0/attributes/output/route"),
                Err(_) => steps.at("/data/0/attributes/error/code"),
            };
            assert_eq!(found, &json!(expected.unwrap_or_else(|code| code)), "{date}: {}", steps.told());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_takes_the_names_of_a_cases_status_as_all_of_docket_does() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let row = |field: &str, is: &str, value: Value| json!({"field": field, "is": is, "value": value});
        let route = |label: &str, when: Value| json!({"label": label, "when": when, "steps": []});
        let definition = json!({
            "trigger": {"on": ["case.status-updated"], "where": row("trigger.status", "is_in", json!(["PENDING", "Declined"]))},
            "steps": [
                {"id": "same", "do": "case.update_status", "with": {"case": {"ref": "trigger"}, "status": "Pending"}},
                {"id": "which", "choose": [
                    route("wrong", json!({"any": [
                        row("trigger.status", "does_not_equal", json!("pending")), row("trigger.status", "equals", json!("Open")),
                        row("same.case.status", "is_not_in", json!(["Pending"])), row("same.status", "equals", json!("Open")),
                    ]})),
                    route("right", json!({"all": [
                        row("trigger.status", "equals", json!("pending")), row("same.case.status", "equals", json!("Pending")),
                        row("same.status", "equals", json!("Pending")), row("same.previous_status", "is_in", json!(["pending"])),
                    ]})),
                ]},
            ],
        });
        published(&world, "Listening", definition).await;
        let told = world.get(&format!("/case-templates/{template}/statuses")).await.expect(200);
        let named = |status: &Value, name: &str| json!({"id": status["id"], "name": name, "type": status["attributes"]["type"]});
        let statuses: Vec<Value> = told.body["data"].as_array().expect("a list").iter()
            .map(|status| named(status, status["attributes"]["name"].as_str().expect("a name"))).collect();
        let mut renamed = statuses.clone();
        renamed[1]["name"] = json!("Waiting");
        let path = format!("/case-templates/{template}");
        world.patch(&path, attributes(json!({"statuses": renamed}))).await.expect(200);
        let held = case(&world, &template).await.id();

        world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Waiting"}})).await.expect(200);

        let run = runs(&world).await;
        assert_eq!(run.ids().len(), 1, "the name from before the rename still starts it");
        let steps = steps_of(&world, &run.ids()[0]).await;
        assert_eq!(steps.at("/data/1/attributes/output/route"), "right", "{}", steps.told());
        let without = |name: &str| renamed.iter().filter(|status| status["name"] != name).cloned().collect::<Vec<_>>();
        let refused = world.patch(&path, attributes(json!({"statuses": without("Declined")}))).await.expect(422);
        assert!(refused.details().contains("Listening"), "named by a condition alone: {}", refused.told());
        world.patch(&path, attributes(json!({"statuses": without("Approved")}))).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_reads_and_gives_10_mebibytes_and_no_more() {
    let world = World::sqlite().await;
    let account = world.post("/accounts", attributes(json!({}))).await.expect(201).id();
    let step = |n: usize| {
        json!({"id": format!("s{n}"), "do": "object.tag", "on_error": "continue",
            "with": {"object": account, "tags": ["{{trigger.fields.long}}"]}})
    };
    let definition = json!({
        "trigger": {"on": ["api"], "parameters": [{"name": "long", "type": "string"}]},
        "steps": (0..12).map(step).collect::<Vec<_>>(),
    });
    let id = published(&world, "Long", definition).await;

    let run = trigger(&world, &id, json!({"long": "x".repeat(1_000_000)})).await;

    let steps = steps_of(&world, &run.id()).await;
    let codes: Vec<_> = (0..12).map(|n| steps.text(&format!("/data/{n}/attributes/error/code"))).collect();
    assert_eq!(codes[..10], vec!["tag"; 10], "{codes:?}");
    assert_eq!(codes[10..], vec!["run-too-large"; 2], "{codes:?}");
}

/// The tree of a run's `trigger`, for each type of object in Docket's own events.
async fn trees(world: &World) -> Map<String, Value> {
    let names = [
        "case.created",
        "case-template.created",
        "inquiry.completed",
        "account.created",
        "workflow.published",
        "workflow-run.created",
    ];
    for name in names {
        let definition = json!({"trigger": {"on": [name]}, "steps": [], "output": {"tree": {"ref": "trigger"}}});
        published(world, name, definition).await;
    }
    let template = template(world).await;
    case(world, &template).await;
    world.post("/accounts", attributes(json!({}))).await.expect(201);
    Vendor::of(world).await.send(world, &completed(1, "Mona")).await.expect(200);
    published(world, "One more", json!({"trigger": {"on": ["case.resolved"]}, "steps": []})).await;
    let mut trees = Map::new();
    for run in runs(world).await.ids() {
        let tree = steps_of(world, &run).await.at("/meta/run/output/tree").clone();
        if let Some(kind) = tree["type"].as_str() {
            trees.insert(kind.to_owned(), tree.clone());
        }
    }
    trees
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_references_are_offered_is_what_stands_in_the_trees() {
    let world = World::sqlite().await;
    let engine = docket_steps::engine();

    let trees = trees(&world).await;

    let kinds: Vec<&str> = trees.keys().map(String::as_str).collect();
    for kind in ["account", "case", "case-template", "inquiry", "workflow", "workflow-run"] {
        let tree = trees.get(kind).unwrap_or_else(|| panic!("no {kind} among {kinds:?}"));
        let members = engine.objects.members(kind);
        let known: Vec<&str> = members.known.iter().map(|(name, _)| *name).collect();
        for (name, value) in tree.as_object().expect("a tree") {
            let is_told = ["type", "id"].contains(&name.as_str()) || members.is_open || known.contains(&name.as_str());
            assert!(is_told, "{kind} has {name} and nobody knows it");
            let attribute = engine.objects.attribute(kind, std::slice::from_ref(name));
            if let docket_workflows::kind::Attribute::Known(known) = attribute {
                assert!(value.is_null() || known.admits(value), "{kind}.{name} is {value}, not {known}");
            }
        }
        if !members.is_open && kind != "account" {
            for name in known {
                assert!(tree.get(name).is_some(), "{kind} has no {name}: {tree}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_organizations_and_vendors_made_stay_as_they_were_written_in_every_casing() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let opens = json!({"id": "open", "do": "case.create",
            "with": {"template": template, "fields": {"riskLevel": "high"}, "objects": []}});
        let by_api = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "riskScore_v2", "type": "integer"}]},
            "steps": [opens],
            "output": {"risk_level_1": {"ref": "open.fields.riskLevel"}},
        });
        let called = published(&world, "Called", by_api).await;
        let run = trigger(&world, &called, json!({"riskScore_v2": 7})).await.id();
        let by_event = json!({"trigger": {"on": ["inquiry.completed"]}, "steps": [opens]});
        let listening = published(&world, "Listening", by_event).await;
        let mut inquiry = inquiry("inq_names", "completed");
        for name in ["riskScore_v2", "plain-name", "snake_name"] {
            inquiry["attributes"]["fields"][name] = json!({"type": "integer", "value": 1});
        }
        let vendor = Vendor::of(&world).await;
        let told = event("evt_names", "inquiry.completed", "2025-12-31T10:00:00.000Z", &inquiry);
        vendor.send(&world, &told).await.expect(200);
        let woken = world.get(&format!("/workflow-runs?filter[workflow-id]={listening}")).await.ids().remove(0);

        for casing in ["kebab", "snake", "camel"] {
            let steps = async |run: &str| {
                let path = format!("/workflow-runs/{run}/steps");
                world.call(Call::get(&path).with("key-inflection", casing)).await.expect(200)
            };
            let (called, woken) = (steps(&run).await, steps(&woken).await);
            let names = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(called.at("/meta/run/trigger/fields")), ["riskScore_v2"], "{casing}");
            assert_eq!(names(called.at("/meta/run/output")), ["risk_level_1"], "{casing}");
            assert_eq!(names(called.at("/data/0/attributes/input/fields")), ["riskLevel"], "{casing}");
            let fields = names(woken.at("/meta/run/trigger/fields"));
            assert!(fields.contains(&"riskScore_v2".to_owned()), "{casing}: {fields:?}");
            let from_event = world.get("/events?filter[name]=inquiry.completed").await.ids().remove(0);
            let call = Call::get(&format!("/events/{from_event}")).with("key-inflection", casing);
            let event = world.call(call).await.expect(200);
            let fields = names(event.at("/data/attributes/payload/data/attributes/fields"));
            assert!(fields.contains(&"riskScore_v2".to_owned()), "{casing}: {fields:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_outcome_of_each_run_is_listed_beside_the_contracts_status() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let fails = json!({"id": "move", "do": "case.update_status", "on_error": "continue",
            "with": {"case": {"ref": "open"}, "status": {"ref": "trigger.fields.status"}}});
        let definition = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "status", "type": "string"}]},
            "steps": [{"id": "open", "do": "case.create", "with": {"template": template}}, fails],
        });
        let id = published(&world, "Ends", definition).await;
        for status in ["Pending", "Nowhere"] {
            trigger(&world, &id, json!({"status": status})).await.expect(200);
            world.clock.advance_seconds(1);
        }

        let all = world.get(&format!("/workflow-run-outcomes?filter[workflow-id]={id}")).await.expect(200);
        let twice = json!({"id": "again", "name": "Move again", "do": "case.update_status",
            "with": {"case": {"ref": "trigger.fields.case"}, "status": "Pending"}});
        let stops = json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "case", "type": "string"}]}, "steps": [twice],
        });
        let stopping = published(&world, "Stops", stops).await;
        trigger(&world, &stopping, json!({"case": "case_none"})).await.expect(200);
        let stopped = world.get(&format!("/workflow-run-outcomes?filter[workflow-id]={stopping}")).await.expect(200);
        let failure = stopped.at("/data/0/attributes/failure");
        assert_eq!((&failure["step-id"], &failure["step-name"]), (&json!("again"), &json!("Move again")));
        assert!(failure["details"].as_str().is_some_and(|said| said.contains("case_none")), "{failure}");

        let told = |name: &str| {
            let rows = all.body["data"].as_array().expect("a list");
            rows.iter().map(|row| row["attributes"][name].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told("outcome"), ["completed_with_errors", "completed"], "{}", all.told());
        assert_eq!(told("status"), ["completed", "completed"]);
        let failure = all.at("/data/0/attributes/failure");
        assert_eq!((&failure["step-id"], &failure["step-name"]), (&json!("move"), &json!("move")));
        assert!(failure["details"].as_str().is_some_and(|said| said.contains("Nowhere")), "{failure}");
        assert_eq!(all.body["data"][1]["attributes"]["failure"], Value::Null);
        assert_eq!(all.body["data"][0]["attributes"]["subject"], Value::Null, "a call of the API is about no object");
        let steps = world.get(&format!("/workflow-runs/{}/steps", all.ids()[0])).await.expect(200);
        assert_eq!(all.body["data"][0]["attributes"]["started-by"], steps.body["meta"]["run"]["creator"]);
        assert!(steps.body["meta"]["run"]["creator"]["shown-as"].is_string(), "{}", steps.told());
        assert_eq!([stopped.ids(), all.ids()].concat(), runs(&world).await.ids());
        let ours = format!("/workflow-run-outcomes?filter[workflow-id]={id}");
        let first = world.get(&format!("{ours}&page[size]=1")).await.expect(200);
        let next = world.get(&first.text("/links/next").replace("/api/v1", "")).await.expect(200);
        assert_eq!([first.ids(), next.ids()].concat(), all.ids());
        let errors = world.get(&format!("{ours}&filter[status]=completed_with_errors")).await.expect(200);
        assert_eq!(errors.ids(), all.ids()[..1]);
        let stranger = world.new_key(vec![docket_kernel::Permission::CaseRead], None).await;
        world.call(Call::get("/workflow-run-outcomes").key(&stranger)).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_fails_is_an_event_of_the_case_that_it_was_about() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let named = |id: &str, name: &str, on_error: &str, target: Value| {
            json!({"id": id, "name": name, "do": "case.update_status", "on_error": on_error,
                "with": {"case": target, "status": {"ref": "trigger.name"}}})
        };
        let steps = [
            named("look", "Look up", "continue", json!({"ref": "trigger.fields.source"})),
            named("move", "Escalate", "stop", json!({"ref": "trigger"})),
        ];
        let definition = json!({"trigger": {"on": ["case.created"]}, "steps": steps});
        let id = published(&world, "Fails", definition).await;
        let fields = json!({"case-template-id": template, "fields": {"source": "case_nowhere"}});
        let case = world.post("/cases", attributes(fields)).await.expect(201).id();

        let failures = world.get(&format!("/events?filter[object-id]={case}&filter[name]=case.step-failed")).await;

        let failures = failures.expect(200);
        let context = |place: usize, name: &str| failures.body["data"][place]["attributes"]["context"][name].clone();
        assert_eq!(failures.ids().len(), 2, "{}", failures.told());
        let mut steps = [context(0, "step-name"), context(1, "step-name")].map(|name| name.to_string());
        steps.sort();
        assert_eq!(steps, ["\"Escalate\"", "\"Look up\""]);
        assert!(context(0, "workflow-run-id").is_string());
        assert!(context(0, "step-id").is_string());
        assert!(context(0, "error").is_string());
        assert_eq!(failures.body["data"][0]["attributes"]["payload"]["data"]["id"], json!(case));
        let runs = world.get(&format!("/workflow-run-outcomes?filter[workflow-id]={id}")).await.expect(200);
        let subject = runs.at("/data/0/attributes/subject");
        assert_eq!((&subject["type"], &subject["id"]), (&json!("case"), &json!(case)));
        assert_eq!(runs.at("/data/0/attributes/failure/step-id"), &json!("look"), "the first that failed");
    })
    .await;
}
