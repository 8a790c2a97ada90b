//! The checks of publishing: the environment's templates, statuses and fields, and the limit of events listened to.

use std::sync::Arc;

use docket_events::EVENTS;
use docket_kernel::{Actor, Permission, Scope, UnitOfWork, Verb, Who};
use docket_storage::Command;
use docket_workflows::reachable::{of_event, of_object};
use docket_workflows::{Engine, problems_of};
use serde_json::{Value, json};

use crate::things::{published, template};
use crate::world::{Call, World, attributes, on_each_engine};

/// The problems of a definition, by place and code.
async fn problems(world: &World, definition: &Value) -> Vec<(String, String)> {
    let made = world.post("/workflows", attributes(json!({"name": "W", "definition": definition}))).await.expect(201);
    let list = made.at("/meta/problems").as_array().cloned().unwrap_or_default();
    let text = |problem: &Value, name: &str| problem[name].as_str().unwrap_or_default().to_owned();
    list.iter().map(|problem| (text(problem, "path"), text(problem, "code"))).collect()
}

fn steps(steps: Value) -> Value {
    json!({"trigger": {"on": ["case.created"]}, "steps": steps})
}

fn one(path: &str, code: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), code.to_owned())]
}

/// Creates a template with its own statuses; returns its id.
async fn disputes(world: &World) -> String {
    let body = attributes(json!({
        "name": "Disputes",
        "fields": [
            {"key": "amount", "type": "number", "required": true},
            {"key": "since", "type": "date"},
            {"key": "risk", "type": "choices", "options": ["low", "high"]},
        ],
        "statuses": [{"name": "New", "type": "initial"}, {"name": "Paid back", "type": "end"}],
    }));
    world.post("/case-templates", body).await.expect(201).id()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_written_out_is_one_that_the_case_can_have() {
    on_each_engine(async |world| {
        template(&world).await;
        let disputes = disputes(&world).await;
        let moving = |case: Value, status: &str| {
            steps(json!([
                {"id": "open", "do": "case.create", "with": {"template": disputes, "fields": {"amount": 1}}},
                {"id": "pay", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Paid back"}},
                {"id": "move", "do": "case.update_status", "with": {"case": case, "status": status}},
            ]))
        };
        let refused = one("steps[2].with.status", "unknown-status");
        for case in [json!({"ref": "open"}), json!("{{open}}"), json!({"ref": "open.id"}), json!({"ref": "pay.case"})] {
            assert_eq!(problems(&world, &moving(case.clone(), "Pending")).await, refused, "{case}");
            assert_eq!(problems(&world, &moving(case.clone(), " NEW ")).await, [], "{case}");
        }
        // The template of the trigger's case is unknown before a run, so a status of any template is allowed.
        assert_eq!(problems(&world, &moving(json!({"ref": "trigger"}), "Pending")).await, []);
        assert_eq!(problems(&world, &moving(json!({"ref": "trigger"}), "Nowhere")).await, refused);
        let missing = one("steps[2].with.status", "missing-input");
        assert_eq!(problems(&world, &moving(json!({"ref": "trigger"}), " ")).await, missing);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_of_a_case_made_from_a_known_template_is_one_it_has_and_compares_as_what_it_holds() {
    on_each_engine(async |world| {
        let disputes = disputes(&world).await;
        for (field, is, value, place) in [
            ("open.fields.amount", "greater_than", json!(5), None),
            ("open.fields.Amount", "greater_than", json!(5), None),
            ("pay.case.fields.risk", "equals_any_case", json!("LOW"), None),
            ("open.fields.since", "after", json!("9999-12-31"), None),
            ("open.fields.amuont", "greater_than", json!(5), Some(("field", "unknown-reference"))),
            ("pay.case.fields.amuont", "greater_than", json!(5), Some(("field", "unknown-reference"))),
            ("open.fields.amount", "is_true", Value::Null, Some(("is", "cannot-compare"))),
            ("open.fields.risk", "greater_than", json!(5), Some(("is", "cannot-compare"))),
            ("open.fields.amount", "greater_than", json!(true), Some(("value", "cannot-compare"))),
            ("open.fields.since", "after", json!("2023-02-29"), Some(("value", "cannot-compare"))),
            ("open.fields.risk", "is_in", json!([]), Some(("value", "cannot-compare"))),
        ] {
            let mut row = json!({"field": field, "is": is});
            if !value.is_null() {
                row["value"] = value.clone();
            }
            let expected: Vec<_> = place
                .into_iter()
                .flat_map(|(member, code)| one(&format!("steps[2].choose[0].when.any[0].not.{member}"), code))
                .collect();
            assert_eq!(problems(&world, &comparing(&disputes, row)).await, expected, "{field} {is} {value}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_written_out_is_one_that_can_be_put_on_an_object() {
    let world = World::sqlite().await;
    let tagging = |tags: Value| {
        steps(json!([{"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": tags}}]))
    };
    for (tags, expected) in [
        (json!(["watchlist", {"ref": "trigger.status"}]), vec![]),
        (json!(["a", " "]), one("steps[0].with.tags.1", "bad-tag")),
        (json!(["Watch\u{200b}list"]), one("steps[0].with.tags.0", "bad-tag")),
        (json!({"literal": [""]}), one("steps[0].with.tags.0", "bad-tag")),
        (json!([]), one("steps[0].with.tags", "missing-input")),
    ] {
        assert_eq!(problems(&world, &tagging(tags.clone())).await, expected, "{tags}");
    }
}

/// A definition that creates a dispute, sets its status to "Paid back", and has a condition with this row after that.
fn comparing(disputes: &str, row: Value) -> Value {
    steps(json!([
        {"id": "open", "do": "case.create", "with": {"template": disputes, "fields": {"amount": 1}}},
        {"id": "pay", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Paid back"}},
        {"id": "m", "choose": [{"label": "x", "when": {"any": [{"not": row}]}, "steps": []}]},
    ]))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_compared_with_is_one_that_the_case_can_have() {
    on_each_engine(async |world| {
        template(&world).await;
        let disputes = disputes(&world).await;
        let at = |rest: &str| one(&format!("steps[2].choose[0].when.any[0].not.value{rest}"), "unknown-status");
        let row = |field: &str, is: &str, value: Value| json!({"field": field, "is": is, "value": value});
        for field in ["open.status", "pay.status", "pay.previous_status", "pay.case.status", "open.resolution"] {
            for is in ["equals", "does_not_equal"] {
                let found =
                    async |name: &str| problems(&world, &comparing(&disputes, row(field, is, json!(name)))).await;
                assert_eq!(found("NoSuch").await, at(""), "{field} {is}");
                assert_eq!(found("Pending").await, at(""), "{field} {is}: another template's");
                assert_eq!(found(" paid BACK").await, [], "{field} {is}");
            }
            for is in ["is_in", "is_not_in"] {
                let list = json!(["New", "NoSuch", {"ref": "trigger.status"}]);
                assert_eq!(
                    problems(&world, &comparing(&disputes, row(field, is, list))).await,
                    at("[1]"),
                    "{field} {is}"
                );
            }
        }
        // The template of the trigger's case is unknown before a run, so a status of any template is allowed.
        for (field, value, expected) in [
            ("trigger.status", json!("Pending"), Vec::new()),
            ("trigger.status", json!("NoSuch"), at("")),
            ("trigger.status", json!(""), at("")),
            ("trigger.status", json!("{{open.status}}"), Vec::new()),
            ("trigger.fields.status", json!("NoSuch"), Vec::new()),
            (
                "open.fields.status",
                json!("NoSuch"),
                one("steps[2].choose[0].when.any[0].not.field", "unknown-reference"),
            ),
            ("open.name", json!("NoSuch"), Vec::new()),
        ] {
            let definition = comparing(&disputes, row(field, "equals", value.clone()));
            assert_eq!(problems(&world, &definition).await, expected, "{field} {value}");
        }
        // A part of a name is not a name.
        let part = comparing(&disputes, row("open.status", "contains", json!("Paid")));
        assert_eq!(problems(&world, &part).await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_goes_by_statuses_that_cases_have() {
    on_each_engine(async |world| {
        template(&world).await;
        let listening = |on: Value, value: &str| {
            let criteria = json!({"field": "trigger.status", "is": "equals", "value": value});
            json!({"trigger": {"on": on, "where": criteria}, "steps": []})
        };
        let refused = one("trigger.where.value", "unknown-status");

        assert_eq!(problems(&world, &listening(json!(["case.status-updated"]), "NoSuch")).await, refused);
        assert_eq!(problems(&world, &listening(json!(["case.created", "case.resolved"]), "NoSuch")).await, refused);
        assert_eq!(problems(&world, &listening(json!(["case.status-updated"]), "pending")).await, []);
        assert_eq!(problems(&world, &listening(json!(["inquiry.completed"]), "NoSuch")).await, []);
        let either = json!(["inquiry.completed", "case.created"]);
        assert_eq!(problems(&world, &listening(either, "NoSuch")).await, [], "an inquiry may have it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_compared_with_that_no_case_can_have_is_not_published_and_told_as_for_a_step() {
    on_each_engine(async |world| {
        let disputes = disputes(&world).await;
        let row = |value: &str| json!({"field": "open.status", "is": "equals", "value": value});
        let mut definition = comparing(&disputes, row("NoSuch"));
        definition["steps"][1]["with"]["status"] = json!("NoSuch");
        let made =
            world.post("/workflows", attributes(json!({"name": "W", "definition": definition}))).await.expect(201);

        let refused = world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(422);

        let place = "/data/attributes/definition/steps";
        let value = format!("{place}/2/choose/0/when/any/0/not/value");
        assert_eq!(refused.pointers(), [format!("{place}/1/with/status"), value]);
        let message = |problem: &str| made.at(&format!("/meta/problems/{problem}/message")).clone();
        assert_eq!(message("0"), message("1"));
        assert!(
            message("1").as_str().is_some_and(|told| told.contains("choose one of New, Paid back")),
            "{}",
            made.told()
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_compared_with_by_a_name_from_before_is_no_problem() {
    on_each_engine(async |world| {
        let disputes = disputes(&world).await;
        let row = |value: &str| json!({"field": "open.status", "is": "equals", "value": value});
        let path = format!("/case-templates/{disputes}");
        let ids = world.get(&format!("{path}/statuses")).await.expect(200).ids();
        let renamed = json!([
            {"id": ids[0], "name": "Begun", "type": "initial"}, {"id": ids[1], "name": "Paid back", "type": "end"},
        ]);
        world.patch(&path, attributes(json!({"statuses": renamed}))).await.expect(200);

        for name in ["New", "Begun"] {
            let mut definition = comparing(&disputes, row(name));
            definition["steps"][1]["with"]["status"] = json!(name);
            assert_eq!(problems(&world, &definition).await, [], "{name}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fields_written_out_are_those_of_the_template() {
    on_each_engine(async |world| {
        let disputes = disputes(&world).await;
        let opening = |fields: Value| {
            steps(json!([{"id": "a", "do": "case.create", "with": {"template": disputes, "fields": fields}}]))
        };
        let at = |rest: &str| format!("steps[0].with.fields{rest}");
        let r = || json!({"ref": "trigger.fields.x"});
        for (fields, path, code) in [
            (json!({}), ".amount", "missing-field"),
            (json!({"amount": null}), ".amount", "missing-field"),
            (json!({"amount": "many"}), ".amount", "wrong-kind"),
            (json!({"amount": 1, "since": "yesterday"}), ".since", "wrong-kind"),
            (json!({"amount": 1, "risk": "middling"}), ".risk", "wrong-kind"),
            (json!({"amount": 1, "amuont": 2}), ".amuont", "unknown-field"),
            (json!({"amount": 1, "amuont": r()}), ".amuont", "unknown-field"),
            (json!({"literal": {"amount": 1, "a b": 2}}), "['a b']", "unknown-field"),
            (json!("amount"), "", "wrong-kind"),
        ] {
            assert_eq!(problems(&world, &opening(fields.clone())).await, one(&at(path), code), "{fields}");
        }
        for fields in [json!({"amount": 1}), json!({"amount": r(), "since": r(), "risk": "low"}), r()] {
            assert_eq!(problems(&world, &opening(fields.clone())).await, [], "{fields}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_is_filled_from_a_reference_of_a_type_that_it_takes() {
    on_each_engine(async |world| {
        let disputes = disputes(&world).await;
        let opening = |key: &str, value: &Value| {
            let mut fields = json!({"amount": 1});
            fields[key] = value.clone();
            steps(json!([
                {"id": "a", "do": "case.create", "with": {"template": disputes, "fields": {"amount": 1}}},
                {"id": "b", "do": "case.create", "with": {"template": disputes, "fields": fields}},
            ]))
        };
        let r = |path: &str| json!({"ref": path});
        for (key, value, refused_at) in [
            ("since", r("trigger.name"), Some(".ref")),
            ("since", json!("{{trigger.name}}"), Some("")),
            ("since", r("trigger.created_at"), Some(".ref")),
            ("since", r("a.fields.amount"), Some(".ref")),
            ("since", r("a.fields.risk"), Some(".ref")),
            ("amount", r("trigger.name"), Some(".ref")),
            ("amount", r("trigger.tags"), Some(".ref")),
            ("amount", json!("{{trigger.name}} dollars"), Some("")),
            ("amount", json!([r("a.fields.amount")]), Some("")),
            ("risk", r("trigger.accounts.count"), Some(".ref")),
            ("risk", r("trigger.template"), Some(".ref")),
            ("since", r("a.fields.since"), None),
            ("since", json!("{{trigger.fields.year}}-01-31"), None),
            ("since", r("trigger.fields.anything"), None),
            ("amount", r("trigger.accounts.count"), None),
            ("amount", json!("{{a.fields.amount}}"), None),
            ("risk", r("trigger.name"), None),
            ("risk", r("a.fields.since"), None),
        ] {
            let expected: Vec<_> = refused_at
                .into_iter()
                .flat_map(|rest| one(&format!("steps[1].with.fields.{key}{rest}"), "wrong-kind"))
                .collect();
            assert_eq!(problems(&world, &opening(key, &value)).await, expected, "{key} {value}");
        }
        let definition = opening("since", &r("trigger.name"));
        let made = world.post("/workflows", attributes(json!({"name": "W", "definition": definition}))).await;
        assert_eq!(
            made.at("/meta/problems/0/message"),
            "a date is expected here, and trigger.name is a text; refer to something else"
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_condition_on_the_template_tells_which_statuses_and_fields_a_case_has() {
    on_each_engine(async |world| {
        template(&world).await;
        let disputes = disputes(&world).await;
        let is = |field: &str| json!({"field": field, "is": "equals", "value": disputes});
        let set = |id: &str, status: &str| {
            let with = json!({"case": {"ref": "trigger"}, "status": status});
            json!({"id": id, "do": "case.update_status", "with": with})
        };
        let listening = |criteria: Value, steps: Value| {
            let mut definition = json!({"trigger": {"on": ["case.created"]}, "steps": steps});
            if !criteria.is_null() {
                definition["trigger"]["where"] = criteria;
            }
            definition
        };
        let route = |when: Value, steps: Value| {
            json!({"id": "which", "choose": [
                {"label": "Disputes", "when": when, "steps": steps}, {"label": "Else", "steps": [set("other", "Pending")]},
            ]})
        };
        let sure = || json!({"all": [is("trigger.template.id"), {"field": "trigger.name", "is": "is_not_blank"}]});
        let unknown = |path: &str| one(path, "unknown-status");
        let in_route = "steps[0].choose[0].steps[0].with.status";
        for (definition, expected) in [
            (listening(sure(), json!([set("a", "Pending")])), unknown("steps[0].with.status")),
            (listening(sure(), json!([set("a", "Paid back")])), vec![]),
            (listening(json!({"any": [sure()]}), json!([set("a", "Pending")])), unknown("steps[0].with.status")),
            (listening(json!({"any": [sure(), sure()]}), json!([set("a", "Pending")])), vec![]),
            (listening(json!({"not": is("trigger.template.id")}), json!([set("a", "Pending")])), vec![]),
            (listening(Value::Null, json!([route(sure(), json!([set("a", "Pending")])), set("b", "Pending")])), unknown(in_route)),
            (listening(Value::Null, json!([route(sure(), json!([set("a", "New")])), set("b", "Pending")])), vec![]),
            // The case that a step returns, and the status that it had.
            (
                listening(sure(), json!([set("a", "New"), {"id": "b", "do": "case.update_status",
                    "with": {"case": {"ref": "a.case"}, "status": "Pending"}}])),
                unknown("steps[1].with.status"),
            ),
            // A row does not apply to other cases.
            (
                listening(is("trigger.case.template.id"), json!([])).clone(),
                one("trigger.where.field", "unknown-reference"),
            ),
        ] {
            assert_eq!(problems(&world, &definition).await, expected, "{definition}");
        }
        let with_row = |row: Value| listening(Value::Null, json!([route(json!({"all": [is("trigger.template.id"), row]}), json!([]))]));
        let at = |member: &str| format!("steps[0].choose[0].when.all[1].{member}");
        for (field, operator, value, expected) in [
            ("trigger.status", "equals", json!("Pending"), one(&at("value"), "unknown-status")),
            ("trigger.status", "equals", json!("paid BACK"), vec![]),
            ("trigger.fields.amuont", "equals", json!(1), one(&at("field"), "unknown-reference")),
            ("trigger.fields.amount", "equals", json!("x"), one(&at("value"), "cannot-compare")),
            ("trigger.fields.amount", "greater_than", json!(1), vec![]),
            ("trigger.cases.open.first.fields.anything", "equals", json!(1), vec![]),
            ("trigger.template.name", "equals", json!("Disputes"), vec![]),
        ] {
            let row = json!({"field": field, "is": operator, "value": value});
            assert_eq!(problems(&world, &with_row(row)).await, expected, "{field} {operator} {value}");
        }
        let opening = json!({"id": "open", "do": "case.create", "with": {"template": disputes,
            "fields": {"amount": {"ref": "trigger.fields.since"}}}});
        let expected = one("steps[0].with.fields.amount.ref", "wrong-kind");
        assert_eq!(problems(&world, &listening(sure(), json!([opening.clone()]))).await, expected);
        assert_eq!(problems(&world, &listening(Value::Null, json!([opening]))).await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_comes_as_a_tree_as_json_or_as_yaml_and_is_the_same() {
    on_each_engine(async |world| {
        let tree = json!({
            "trigger": {"on": ["case.created"], "where": {"field": "trigger.name", "is": "is_in", "value": ["NO", "🕵"]}},
            "steps": [{"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["a/b"]}}],
        });
        let yaml = "trigger:\n  on: [case.created]\n  where: {field: trigger.name, is: is_in, value: [NO, 🕵]}\nsteps:\n- id: tag\n  do: object.tag\n  with: {object: {ref: trigger}, tags: [a/b]}\n";
        let escaped = tree.to_string().replace('🕵', "\\ud83d\\udd75").replace("a/b", "a\\/b");
        for written in [tree.clone(), json!(tree.to_string()), json!(escaped), json!(yaml)] {
            let made = world.post("/workflows", attributes(json!({"name": "W", "definition": written}))).await.expect(201);
            assert_eq!(made.attribute("draft-definition"), &tree, "{written}");
            assert_eq!(made.at("/meta/problems"), &json!([]));
        }
        for broken in ["a: 1\na: 2", "a: [", "a: !t 1", "{\"a\": 1,}}"] {
            let refused = world.post("/workflows", attributes(json!({"name": "W", "definition": broken}))).await.expect(400);
            assert_eq!(refused.pointers(), ["/data/attributes/definition"], "{broken}");
        }
        let merged = "x: &x {id: a}\nsteps:\n- <<: *x\n";
        assert!(problems(&world, &json!(merged)).await.contains(&(String::new(), "merge-key".to_owned())));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workflows_of_an_environment_listen_to_5000_events_together() {
    let world = World::sqlite().await;
    // Events of workflows and runs have a lower limit.
    let names: Vec<&str> =
        EVENTS.iter().filter(|(_, kind)| !kind.starts_with("workflow")).map(|(name, _)| *name).collect();
    let listening = |count: usize| json!({"trigger": {"on": names[..count]}, "steps": []});
    let mut left = 5_000;
    while left > 0 {
        let count = left.min(names.len());
        published(&world, "Listening", listening(count)).await;
        left -= count;
    }

    let one_more = world.post("/workflows", attributes(json!({"name": "W", "definition": listening(1)}))).await.id();

    let refused = world.call(Call::post(&format!("/workflows/{one_more}/publish"))).await.expect(422);
    assert_eq!(refused.pointers(), ["/data/attributes/definition/trigger/on"]);
    assert!(refused.details().contains("5000"), "{}", refused.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_takes_250_parameters() {
    let world = World::sqlite().await;
    let definition = |count: usize| {
        let parameters: Vec<_> = (0..count).map(|n| json!({"name": format!("p{n}"), "type": "any"})).collect();
        json!({"trigger": {"on": ["api"], "parameters": parameters}, "steps": []})
    };

    assert_eq!(problems(&world, &definition(250)).await, []);
    assert_eq!(problems(&world, &definition(251)).await, one("trigger.parameters", "too-many-parameters"));
}

/// Runs a query on the engine in the sandbox.
async fn asked<T: Send + 'static>(
    world: &World,
    ask: impl Fn(&Engine, &mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
) -> Result<T, String> {
    let engine = docket_steps::engine();
    let environment = world.set_up().sandbox.id.clone();
    let actor = Actor::new(Who::System, environment.clone(), Arc::from([Permission::WorkflowRead]));
    let command = Command::new("ask", Scope::Of(environment.key()), move |work| ask(&engine, work, &actor));
    world.database.writer().submit(command).await.map_err(|error| format!("{error:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_is_checked_without_being_saved() {
    on_each_engine(async |world| {
        template(&world).await;
        let broken = steps(json!([
            {"id": "a", "do": "case.update_status", "with": {"case": {"ref": "trigger"}, "status": "Nowhere"}},
            {"id": "a", "do": "object.tagg"},
        ]));
        let saved = problems(&world, &broken).await;
        let before = world.get("/workflows").await.ids().len();

        let found = asked(&world, move |engine, work, actor| problems_of(engine, work, actor, &broken)).await;

        let found = found.expect("an answer");
        let places: Vec<_> = found.iter().map(|p| (p.path.clone(), p.code.replace('_', "-"))).collect();
        assert_eq!(places, saved);
        assert_eq!(places.len(), 3);
        assert_eq!(world.get("/workflows").await.ids().len(), before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_reference_can_go_on_with_is_told_with_its_kind() {
    on_each_engine(async |world| {
        template(&world).await;
        disputes(&world).await;

        let of_case =
            asked(&world, |engine, work, actor| of_event(engine, work, &actor.environment, "case.created")).await;
        let of_inquiry =
            asked(&world, |engine, work, actor| of_object(engine, work, &actor.environment, "inquiry")).await;
        let of_nothing =
            asked(&world, |engine, work, actor| of_event(engine, work, &actor.environment, "case.crated")).await;

        let of_case = of_case.expect("an answer").expect("an event");
        let kind =
            |path: &str| of_case.iter().find(|one| one.path == path).map(|one| (one.kind, one.object_type.as_deref()));
        assert_eq!(kind("status"), Some(("text", None)));
        assert_eq!(kind("created_at"), Some(("date-time", None)));
        assert_eq!(kind("template"), Some(("object", Some("case-template"))));
        // A list is not an object: the objects are one level further.
        assert_eq!(kind("accounts"), Some(("list", None)));
        assert_eq!(kind("accounts.first"), Some(("object", Some("account"))));
        assert_eq!(kind("fields.since"), Some(("date", None)));
        assert_eq!(kind("fields.source"), Some(("text", None)));
        assert_eq!(kind("fields.amount"), Some(("any", None)), "an integer here, a number there");
        assert!(of_inquiry.expect("an answer").iter().any(|one| one.path == "fields" && one.is_open));
        assert_eq!(of_nothing.expect("an answer"), None);
        for (name, _) in EVENTS {
            let found =
                asked(&world, move |engine, work, actor| of_event(engine, work, &actor.environment, name)).await;
            assert!(found.expect("an answer").is_some_and(|list| list.len() > 2), "{name}");
        }
    })
    .await;
}
