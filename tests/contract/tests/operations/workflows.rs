//! Workflows: drafts, publishing, triggering, and the records of a run.

use serde_json::{Value, json};

use crate::things::{called, listening, published, template};
use crate::world::{Call, attributes, on_each_engine};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_kept_with_its_problems_and_publishing_refuses_all_of_them() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let broken = json!({
            "trigger": {"on": ["inquiry.compleeted"]},
            "steps": [
                {"id": "a", "do": "case.crate", "with": {}},
                {"id": "b", "do": "case.update_status", "with": {"case": {"ref": "nobody"}, "status": "Nowhere"}},
                {"id": "b", "do": "case.create", "with": {"template": "ctmpl_none"}},
            ],
        });
        let made = world.post("/workflows", attributes(json!({"name": "W", "definition": broken}))).await.expect(201);
        let paths: Vec<_> = made.at("/meta/problems").as_array().unwrap().iter().map(|p| p["path"].clone()).collect();
        assert!(paths.len() >= 5, "{}", made.told());
        assert_eq!(made.attribute("draft-definition"), &broken);

        let refused = world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(422);
        let pointers = refused.pointers();
        assert_eq!(pointers.len(), paths.len(), "{}", refused.told());
        for wanted in [
            "/trigger/on/0",
            "/steps/0/do",
            "/steps/1/with/case",
            "/steps/1/with/status",
            "/steps/2/id",
            "/steps/2/with/template",
        ] {
            let pointer = format!("/data/attributes/definition{wanted}");
            assert!(pointers.iter().any(|found| found.starts_with(&pointer)), "{wanted}: {pointers:?}");
        }
        let shown = world.get(&format!("/workflows/{}", made.id())).await.expect(200);
        assert_eq!(shown.at("/meta/problems"), made.at("/meta/problems"));
        world.call(Call::post(&format!("/workflows/{}/resume", made.id()))).await.expect(422);

        let as_text = serde_json::to_string_pretty(&called(&template)).unwrap();
        let put = Call::new("PUT", &format!("/workflows/{}/draft", made.id())).with("if-match", &made.header("etag"));
        let saved = world.call(put.json(attributes(json!({"definition": as_text})))).await.expect(200);
        assert_eq!((saved.at("/meta/problems"), saved.attribute("draft-definition")), (&json!([]), &called(&template)));
        let first = world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(200);
        let again = world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(200);
        assert_eq!(first.bytes, again.bytes);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_has_a_slug_of_its_own_that_a_rename_leaves() {
    on_each_engine(async |world| {
        let make = async |name: &str, slug: Value| {
            world.post("/workflows", attributes(json!({"name": name, "slug": slug}))).await
        };
        let made = make("Review matches", json!(null)).await.expect(201);
        let mut numbered = Vec::new();
        for _ in 2..=21 {
            numbered.push(make("Review matches", json!(null)).await.expect(201).attribute("slug").clone());
        }
        let by_chance = numbered.pop().unwrap();
        let refused = make("Other", json!("review-matches")).await.expect(409);
        let renamed =
            world.patch(&format!("/workflows/{}", made.id()), attributes(json!({"name": "Check"}))).await.expect(200);

        assert_eq!(renamed.attribute("slug"), "review-matches");
        assert_eq!(numbered, (2..=20).map(|number| json!(format!("review-matches-{number}"))).collect::<Vec<_>>());
        assert!(by_chance.as_str().is_some_and(|slug| slug.len() == "review-matches-".len() + 12), "{by_chance}");
        assert_eq!(refused.pointers(), ["/data/attributes/slug"]);
        assert_eq!(make("Other", json!("No slug")).await.expect(422).pointers(), ["/data/attributes/slug"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_saved_only_over_the_one_that_was_looked_at() {
    on_each_engine(async |world| {
        let definition = |name: &str| json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [{"id": name}]});
        let made =
            world.post("/workflows", attributes(json!({"name": "W", "definition": definition("a")}))).await.expect(201);
        let path = format!("/workflows/{}/draft", made.id());
        let put = |name: &str| Call::new("PUT", &path).json(attributes(json!({"definition": definition(name)})));
        world.call(put("b")).await.expect(428);
        let saved = world.call(put("b").with("if-match", &made.header("etag"))).await.expect(200);
        let stale = world.call(put("c").with("if-match", &made.header("etag"))).await.expect(412);
        let meta = &stale.body["errors"][0]["meta"];
        assert_eq!((&meta["theirs"], &meta["yours"]), (&definition("b"), &definition("c")), "{}", stale.told());
        world.call(put("c").with("if-match", &saved.header("etag"))).await.expect(200);
        world.call(put("d").with("if-match", "*")).await.expect(200);
        let bad = Call::new("PUT", &path).with("if-match", "\"1\"").json(attributes(json!({"definition": 7})));
        world.call(bad).await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_not_stale_because_its_workflow_was_paused_or_renamed() {
    on_each_engine(async |world| {
        let workflow = published(&world, "W", json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []})).await;
        let path = format!("/workflows/{workflow}");
        let put = |name: &str, etag: &str| {
            let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [{"id": name}]});
            Call::new("PUT", &format!("{path}/draft"))
                .with("if-match", etag)
                .json(attributes(json!({"definition": definition})))
        };
        let opened = world.get(&path).await.expect(200).header("etag");
        world.call(Call::post(&format!("{path}/pause"))).await.expect(200);
        let renamed = world.patch(&path, attributes(json!({"name": "Other"}))).await.expect(200).header("etag");
        assert_ne!(opened, renamed);

        world.call(put("a", &opened)).await.expect(200);

        world.call(put("b", &opened)).await.expect(412);
        world.call(put("b", &renamed)).await.expect(412);
        world.call(put("b", "\"99\"")).await.expect(412);
        let now = world.get(&path).await.expect(200).header("etag");
        world.call(put("b", &format!("{opened}, {now}"))).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_triggered_says_why() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let draft =
            world.post("/workflows", attributes(json!({"name": "Draft", "definition": called(&template)}))).await.id();
        let id = published(&world, "Called", called(&template)).await;
        let by_event = published(&world, "Listening", listening(&template)).await;
        let trigger = async |id: &str, fields: Value| {
            world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": fields}))).await
        };
        let good = || json!({"amount": 5});
        assert!(trigger(&draft, good()).await.expect(422).details().contains("only a draft"));
        assert!(trigger(&by_event, good()).await.expect(422).details().contains("no api trigger"));
        let table = [
            (json!({}), "/data/attributes/fields/amount"),
            (json!({"amount": null}), "/data/attributes/fields/amount"),
            (json!({"amount": "5"}), "/data/attributes/fields/amount"),
            (json!({"amount": 5, "more": 1}), "/data/attributes/fields/more"),
            (json!({"amount": 5, "sourceName": 1}), "/data/attributes/fields/sourceName"),
        ];
        for (fields, pointer) in table {
            let refused = trigger(&id, fields.clone()).await.expect(422);
            assert_eq!(refused.pointers(), [pointer], "{fields}: {}", refused.told());
        }
        assert_eq!(trigger(&id, json!({"more": 1, "source_name": 2})).await.expect(422).pointers().len(), 3);
        for name in ["sourceName", "source-name", "source_name", "SOURCE_NAME"] {
            trigger(&id, json!({"amount": 5, name: "x"})).await.expect(200);
        }
        for (act, word) in [("pause", "is paused"), ("archive", "is archived")] {
            let first = world.call(Call::post(&format!("/workflows/{id}/{act}"))).await.expect(200);
            let again = world.call(Call::post(&format!("/workflows/{id}/{act}"))).await.expect(200);
            assert_eq!(first.bytes, again.bytes);
            assert!(trigger(&id, good()).await.expect(422).details().contains(word));
        }
        world.call(Call::post(&format!("/workflows/{id}/resume"))).await.expect(422);
        assert_eq!(world.get("/workflow-runs?page[size]=100").await.ids().len(), 4);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_tells_each_step_and_every_event_its_cause() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let run = world
            .post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": {"amount": 50}})))
            .await
            .expect(200);
        assert_eq!(
            (run.attribute("status"), run.at("/data/relationships/creator/data")),
            (&json!("completed"), &Value::Null)
        );

        let steps = world.get(&format!("/workflow-runs/{}/steps", run.id())).await.expect(200);

        let step = |at: usize| &steps.body["data"][at]["attributes"];
        let told: Vec<_> = (0..4).map(|at| (step(at)["step-id"].clone(), step(at)["state"].clone())).collect();
        let wanted = [("open", "succeeded"), ("large", "succeeded"), ("move", "succeeded"), ("decline", "not-reached")];
        assert_eq!(told, wanted.map(|(id, state)| (json!(id), json!(state))), "{}", steps.told());
        assert_eq!(step(0)["input"], json!({"template": template, "fields": {"amount": 50}}));
        assert_eq!((&step(1)["output"]["route"], &step(0)["do"]), (&json!("Large"), &json!("case.create")));
        assert_eq!(step(2)["input"]["status"], "Pending");
        let meta = &steps.body["meta"]["run"];
        assert_eq!(
            (&meta["outcome"], &meta["creator"]["shown-as"]),
            (&json!("completed"), &json!("ada@lantern.example")),
            "{}",
            steps.told()
        );
        assert_eq!(meta["trigger"]["fields"]["amount"], 50);

        let caused = step(2)["caused-event-ids"][0].as_str().expect("an event").to_owned();
        let event = world.get(&format!("/events/{caused}")).await.expect(200);
        let context = event.attribute("context");
        assert_eq!(event.attribute("name"), "case.status-updated");
        let wanted = json!({
            "actor": {"type": "workflow-run", "id": run.id(), "shown-as": run.id()},
            "workflow-run-id": run.id(), "step-id": "move", "from": "Open", "to": "Pending",
        });
        for (name, value) in wanted.as_object().unwrap() {
            assert_eq!(&context[name], value, "{name}: {}", event.told());
        }
        assert_eq!(context["request-id"], json!(run.header("request-id")));
        assert_eq!(event.at("/data/attributes/payload/data/attributes/status"), "Pending");
        let held = world.get("/cases").await;
        assert_eq!(held.text("/data/0/attributes/creator-type"), "workflow-run");
        assert_eq!(held.text("/data/0/attributes/creator-id"), run.id());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_step_is_told_and_the_run_goes_on_where_it_is_told_to() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let definition = |on_error: &str| {
            json!({
                "trigger": {"on": ["api"], "parameters": [{"name": "status", "type": "string"}]},
                "steps": [
                    {"id": "open", "do": "case.create", "with": {"template": template}},
                    {"id": "move", "do": "case.update_status", "on_error": on_error,
                        "with": {"case": {"ref": "open"}, "status": {"ref": "trigger.fields.status"}}},
                    {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "open"}, "tags": ["{{move.error.code}}"]}},
                ],
            })
        };
        for (on_error, status, outcome, states) in [
            ("continue", "completed", "completed_with_errors", ["succeeded", "continued", "succeeded"]),
            ("stop", "errored", "errored", ["succeeded", "failed", "not-reached"]),
        ] {
            let id = published(&world, on_error, definition(on_error)).await;
            for given in [json!({"status": "Nowhere"}), json!({}), json!({"status": null})] {
                let run = world.post(&format!("/workflows/{id}/trigger"), attributes(json!({"fields": given}))).await.expect(200);
                assert_eq!(run.attribute("status"), status, "{given}: {}", run.told());
                let steps = world.get(&format!("/workflow-runs/{}/steps", run.id())).await.expect(200);
                assert_eq!(steps.text("/meta/run/outcome"), outcome);
                for (at, state) in states.iter().enumerate() {
                    assert_eq!(steps.body["data"][at]["attributes"]["state"], *state, "{}", steps.told());
                }
                let error = &steps.body["data"][1]["attributes"]["error"];
                assert!(["code", "title", "details"].iter().all(|name| error[name].is_string()), "{}", steps.told());
                let said = error["details"].as_str().unwrap_or_default();
                assert!(given != json!({"status": "Nowhere"}) || said.contains("'Nowhere'") && said.contains("Open, Pending"), "{said}");
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_is_renamed_and_does_what_it_did() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let path = format!("/workflows/{id}");
        let before = world.get(&path).await.expect(200);

        let renamed =
            world.patch(&path, attributes(json!({"name": " Asked ", "description": "why"}))).await.expect(200);

        assert_eq!((renamed.attribute("name"), renamed.attribute("description")), (&json!("Asked"), &json!("why")));
        assert_eq!(renamed.attribute("published-definition"), before.attribute("published-definition"));
        let again = world.patch(&path, attributes(json!({"name": "Asked"}))).await.expect(200);
        assert_eq!(again.header("etag"), renamed.header("etag"), "the same again writes nothing");
        let cleared = world.patch(&path, attributes(json!({"description": null}))).await.expect(200);
        assert_eq!(cleared.attribute("description"), &Value::Null);
        assert_eq!(world.get("/events?filter[name]=workflow.updated").await.ids().len(), 2);
        for (body, pointer) in [
            (json!({"name": " "}), "/data/attributes/name"),
            (json!({"name": "n".repeat(101)}), "/data/attributes/name"),
        ] {
            assert_eq!(world.patch(&path, attributes(body)).await.expect(422).pointers(), [pointer]);
        }
        world.patch(&path, attributes(json!({"definition": {}}))).await.expect(400);
        let stale = Call::new("PATCH", &path)
            .with("if-match", &before.header("etag"))
            .json(attributes(json!({"name": "Late"})));
        world.call(stale).await.expect(412);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_is_checked_and_nothing_is_kept() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let good =
            world.post("/workflows/validate", attributes(json!({"definition": called(&template)}))).await.expect(200);
        assert_eq!((good.attribute("valid"), good.at("/meta/problems")), (&json!(true), &json!([])));

        let mut broken = called(&template);
        broken["steps"][0]["with"]["template"] = json!("ctmpl_none");
        broken["steps"][1]["choose"][0]["steps"][0]["with"]["status"] = json!("Nowhere");
        let told = world.post("/workflows/validate", attributes(json!({"definition": broken}))).await.expect(200);

        assert_eq!(told.attribute("valid"), false);
        let at: Vec<_> = told.at("/meta/problems").as_array().unwrap().iter().map(|p| p["pointer"].clone()).collect();
        assert!(at.contains(&json!("/steps/0/with/template")), "{at:?}");
        assert!(at.contains(&json!("/steps/1/choose/0/steps/0/with/status")), "{at:?}");
        assert_eq!(world.get("/workflows").await.ids(), Vec::<String>::new());
        world.post("/workflows/validate", attributes(json!({}))).await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_version_that_was_published_can_be_read() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let etag = world.get(&format!("/workflows/{id}")).await.header("etag");
        let second = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
        let put = Call::new("PUT", &format!("/workflows/{id}/draft")).with("if-match", &etag);
        world.call(put.json(attributes(json!({"definition": second})))).await.expect(200);
        world.clock.advance_seconds(1);
        let why = attributes(json!({"description": "nothing to do any more"}));
        world.post(&format!("/workflows/{id}/publish"), why).await.expect(200);

        let versions = world.get(&format!("/workflows/{id}/versions")).await.expect(200);

        let numbers: Vec<_> =
            versions.body["data"].as_array().unwrap().iter().map(|v| v["attributes"]["number"].clone()).collect();
        assert_eq!(numbers, [json!(2), json!(1)]);
        assert_eq!(versions.text("/data/0/attributes/description"), "nothing to do any more");
        assert_eq!(versions.at("/data/0/attributes/live"), &json!(true));
        assert_eq!(versions.at("/data/1/attributes/live"), &json!(false));
        let first = world.get(&format!("/workflow-versions/{}", versions.ids()[1])).await.expect(200);
        assert_eq!(first.attribute("definition"), &called(&template));
        let listed = world.get("/workflows?filter[text]=ALLE").await.expect(200);
        assert_eq!(listed.at("/data/0/attributes/trigger"), &json!({"type": "api", "events": []}));
        assert_ne!(listed.at("/data/0/attributes/published-at"), &Value::Null);
        assert_eq!(world.get("/workflows?filter[text]=nowhere").await.expect(200).ids(), Vec::<String>::new());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_listens_is_run_for_an_event_of_the_past() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let inquiry =
            world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.expect(201);
        let event = world.get("/events?filter[name]=inquiry.created").await.ids().remove(0);
        let other = world.get("/events?filter[name]=case-template.created").await.ids().remove(0);
        let mut definition = listening(&template);
        definition["trigger"]["on"] = json!(["inquiry.created"]);
        definition["trigger"]["where"] =
            json!({"all": [{"field": "trigger.status", "is": "equals", "value": "created"}]});
        let id = published(&world, "Listening", definition.clone()).await;
        let run =
            async |event: &str| world.post(&format!("/workflows/{id}/run"), json!({"meta": {"event-id": event}})).await;

        let first = run(&event).await.expect(201);
        let again = run(&event).await.expect(201);

        assert_ne!(first.id(), again.id(), "by hand, as often as one likes");
        let steps = world.get(&format!("/workflow-runs/{}/steps", first.id())).await.expect(200);
        assert_eq!(steps.text("/meta/run/outcome"), "completed");
        assert_eq!(steps.text("/meta/run/trigger/id"), inquiry.id());
        assert_eq!(steps.text("/meta/run/cause/event-id"), event);
        assert_eq!(steps.text("/meta/run/creator/type"), "api-key");
        assert_eq!(world.get("/cases").await.ids().len(), 2);
        for (event, code) in [(other.as_str(), "not-listened-to"), ("evt_none", "unknown-event")] {
            let refused = run(event).await.expect(422);
            assert_eq!(refused.text("/errors/0/code"), code);
            assert_eq!(refused.pointers(), ["/meta/event-id"]);
        }
        world.post(&format!("/workflows/{id}/run"), json!({})).await.expect(400);

        definition["trigger"]["where"]["all"][0]["value"] = json!("approved");
        let picky = published(&world, "Picky", definition).await;
        let refused =
            world.post(&format!("/workflows/{picky}/run"), json!({"meta": {"event-id": event}})).await.expect(422);
        assert_eq!(refused.text("/errors/0/code"), "criteria-not-met");
        world.call(Call::post(&format!("/workflows/{picky}/pause"))).await.expect(200);
        let refused =
            world.post(&format!("/workflows/{picky}/run"), json!({"meta": {"event-id": event}})).await.expect(422);
        assert!(refused.details().contains("is paused"), "{}", refused.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_begins_with_a_template_that_fits_the_environment() {
    on_each_engine(async |world| {
        let bare = world.get("/workflow-templates").await.expect(200);
        assert_eq!(bare.ids().len(), 4);
        let case_template = template(&world).await;

        let offered = world.get("/workflow-templates").await.expect(200);

        for offer in offered.body["data"].as_array().unwrap() {
            let attributes = crate::world::attributes(json!({
                "name": offer["attributes"]["name"], "definition": offer["attributes"]["definition"],
            }));
            let made = world.post("/workflows", attributes).await.expect(201);
            assert_eq!(made.at("/meta/problems"), &json!([]), "{}", made.told());
            assert!(made.told().contains(&case_template));
            world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(200);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_template_takes_the_case_template_it_was_thought_for_and_a_status_that_this_has() {
    on_each_engine(async |world| {
        template(&world).await;
        let statuses = json!([
            {"name": "New", "type": "initial"}, {"name": "Looked into", "type": "intermediate"},
            {"name": "Fraud", "type": "end"},
        ]);
        let meant = world.post("/case-templates", attributes(json!({"name": "Fraud", "statuses": statuses}))).await;
        let meant = meant.expect(201).id();

        let offered = world.get("/workflow-templates").await.expect(200);

        let offer = offered.body["data"].as_array().unwrap().iter().find(|offer| offer["id"] == "fraud").unwrap();
        let steps = offer["attributes"]["definition"]["steps"].to_string();
        assert!(steps.contains(&meant) && steps.contains("Looked into") && !steps.contains("Pending"), "{steps}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_runs_of_seven_days_are_counted_with_those_that_failed() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let other = published(&world, "Other", called(&template)).await;
        let run = async |id: &str, amount: i64| {
            let body = attributes(json!({"fields": {"amount": amount}}));
            world.post(&format!("/workflows/{id}/trigger"), body).await.expect(200)
        };
        run(&id, 5).await;
        world.clock.advance_seconds(86_400);
        run(&id, 5).await;
        run(&id, 50).await;
        run(&other, 5).await;

        let told =
            world.get(&format!("/workflows/statistics?filter[workflow-id]={id},{other},wfl_none")).await.expect(200);

        assert_eq!(told.ids(), [id.clone(), other, "wfl_none".to_owned()]);
        let runs = |place: usize| told.at(&format!("/data/{place}/attributes/runs")).as_i64();
        assert_eq!((runs(0), runs(1), runs(2)), (Some(3), Some(1), Some(0)));
        let days = told.at("/data/0/attributes/days").as_array().unwrap();
        assert_eq!(days.len(), 7);
        assert_eq!((days[5]["runs"].as_i64(), days[6]["runs"].as_i64()), (Some(1), Some(2)));
        world.clock.advance_seconds(6 * 86_400);
        let later = world.get(&format!("/workflows/statistics?filter[workflow-id]={id}")).await.expect(200);
        assert_eq!(later.at("/data/0/attributes/runs"), 2);
        world.get("/workflows/statistics").await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_be_referred_to_is_told_with_examples() {
    on_each_engine(async |world| {
        template(&world).await;
        let inquiry = world
            .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "fields": {"amount": 12}})))
            .await
            .expect(201)
            .id();

        let told = world.get("/references?filter[event]=inquiry.created").await.expect(200);

        let of = |path: &str| {
            let found = told.body["data"].as_array().unwrap().iter().find(|one| one["id"] == path);
            found.unwrap_or_else(|| panic!("{path}: {}", told.told()))["attributes"].clone()
        };
        assert_eq!(of("id")["example"], inquiry);
        assert_eq!((&of("fields.amount")["kind"], &of("fields.amount")["example"]), (&json!("integer"), &json!(12)));
        assert_eq!(of("account")["object-type"], "account");
        let case = world.get("/references?filter[object-type]=case").await.expect(200);
        assert!(case.ids().contains(&"fields.amount".to_owned()), "{}", case.told());
        for query in ["", "?filter[event]=a.b&filter[object-type]=case"] {
            world.get(&format!("/references{query}")).await.expect(400);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_is_handed_out_as_a_file() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;

        let file = world.get(&format!("/workflows/{id}/export")).await.expect(200);

        assert_eq!(file.header("content-type"), "application/yaml");
        let text = String::from_utf8(file.bytes.clone()).expect("text");
        let read = docket_workflows::read::yaml(&text).expect("YAML");
        assert_eq!((&read["name"], &read["steps"]), (&json!("Called"), &called(&template)["steps"]));
        world.get("/workflows/wfl_none/export").await.expect(404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_is_discarded_where_something_is_live_and_by_whoever_looked_at_it() {
    on_each_engine(async |world| {
        let definition = |id: &str| {
            json!({"trigger": {"on": ["api"], "parameters": []},
                "steps": [{"id": id, "do": "case.create", "with": {"template": "KYC"}}]})
        };
        world.post("/case-templates", attributes(json!({"name": "Know", "key": "KYC"}))).await.expect(201);
        let made =
            world.post("/workflows", attributes(json!({"name": "W", "definition": definition("a")}))).await.expect(201);
        let path = format!("/workflows/{}", made.id());
        let discard = || Call::new("DELETE", &format!("{path}/draft"));
        let never = world.call(discard().with("if-match", "*")).await.expect(409);
        assert_eq!(never.text("/errors/0/code"), "never-published");
        let template = world.get("/case-templates").await.ids().remove(0);
        let live = json!({"trigger": {"on": ["api"], "parameters": []},
            "steps": [{"id": "a", "do": "case.create", "with": {"template": template}}]});
        let put = |tree: &serde_json::Value, etag: &str| {
            Call::new("PUT", &format!("{path}/draft"))
                .with("if-match", etag)
                .json(attributes(json!({"definition": tree})))
        };
        world.call(put(&live, "*")).await.expect(200);
        let live_one = world.call(Call::post(&format!("{path}/publish"))).await.expect(200);
        let saved = world.call(put(&definition("b"), &live_one.header("etag"))).await.expect(200);
        world.call(discard()).await.expect(428);
        let stale = world.call(discard().with("if-match", &live_one.header("etag"))).await.expect(412);
        assert_eq!(stale.at("/errors/0/meta/theirs"), &definition("b"));
        assert_eq!(world.get(&path).await.attribute("has-draft"), true);

        let without = world.call(discard().with("if-match", &saved.header("etag"))).await.expect(200);

        assert_eq!(
            (without.attribute("has-draft"), without.attribute("draft-definition")),
            (&json!(false), &json!(null))
        );
        assert_eq!(without.attribute("published-definition"), &live);
        let again = world.call(discard().with("if-match", &without.header("etag"))).await.expect(200);
        assert_eq!(again.header("etag"), without.header("etag"));
        world.call(put(&definition("c"), &again.header("etag"))).await.expect(200);
        let reader = world.new_key(vec![docket_kernel::Permission::WorkflowRead], None).await;
        world.call(discard().key(&reader).with("if-match", "*")).await.expect(403);
        world.call(Call::post(&format!("{path}/archive"))).await.expect(200);
        world.call(discard().with("if-match", "*")).await.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_is_found_by_its_name_in_any_letters() {
    on_each_engine(async |world| {
        let made = world.post("/workflows", attributes(json!({"name": "Überprüfung"}))).await.expect(201);
        for text in ["%C3%BCBERPR%C3%9C", "u%CC%88berpru%CC%88", "PR%C3%9CFUNG%20"] {
            let found = world.get(&format!("/workflows?filter[text]={text}")).await.expect(200);
            assert_eq!(found.ids(), [made.id()], "{text}");
        }
    })
    .await;
}
