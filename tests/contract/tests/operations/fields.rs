//! Changing the fields of a template that cases and live workflows use.

use serde_json::{Value, json};

use crate::things::{called, published, template};
use crate::world::{Answer, World, attributes, on_each_engine};

/// The usual fields without `left_out`, and with `changed` in place.
fn fields(left_out: &[&str], changed: &[Value]) -> Value {
    let usual = [
        json!({"key": "amount", "type": "integer"}),
        json!({"key": "source", "type": "string", "label": "Where from"}),
        json!({"key": "riskLevel", "type": "choices", "options": ["low", "high"]}),
    ];
    let mut all: Vec<Value> =
        usual.into_iter().filter(|field| !left_out.contains(&field["key"].as_str().unwrap_or(""))).collect();
    for field in changed {
        all.retain(|known| known["key"] != field["key"]);
        all.push(field.clone());
    }
    json!(all)
}

async fn change(world: &World, template: &str, fields: Value, choices: Value) -> Answer {
    let body = json!({"data": {"attributes": {"fields": fields}}, "meta": {"field-choices": choices}});
    world.patch(&format!("/case-templates/{template}"), body).await
}

async fn held(world: &World, template: &str, fields: Value) -> String {
    let body = attributes(json!({"case-template-id": template, "fields": fields}));
    world.post("/cases", body).await.expect(201).id()
}

async fn values(world: &World, case: &str) -> Value {
    world.get(&format!("/cases/{case}")).await.expect(200).attribute("fields").clone()
}

async fn set(world: &World, case: &str, fields: Value) -> Answer {
    world.patch(&format!("/cases/{case}"), attributes(json!({"fields": fields}))).await
}

fn config(template: &Answer, key: &str) -> Value {
    let all = template.attribute("field-schemas").as_array().cloned().unwrap_or_default();
    all.into_iter().find(|field| field["key"] == key).map_or(Value::Null, |field| field["config"].clone())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_field_that_cases_and_live_workflows_use_goes_only_with_a_choice() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let workflow = published(&world, "Opener", called(&id)).await;
        let case = held(&world, &id, json!({"amount": 5, "source": "x"})).await;
        // No case uses the field: it is removed, with an event.
        change(&world, &id, fields(&["riskLevel"], &[]), json!({})).await.expect(200);
        let gone = world.get(&format!("/events?filter[object-id]={id}&filter[name]=case-template.deleted-field")).await;
        assert_eq!(gone.at("/data/0/attributes/context/field-key"), "riskLevel", "{}", gone.told());

        let refused = change(&world, &id, fields(&["amount", "riskLevel"], &[]), json!({})).await.expect(422);

        assert_eq!(refused.pointers(), ["/meta/field-choices"]);
        assert_eq!(refused.text("/errors/0/code"), "field-choice-needed");
        let meta = refused.at("/errors/0/meta");
        assert_eq!(
            (&meta["field"], &meta["cases"], &meta["workflows"]),
            (&json!("amount"), &json!(1), &json!(["Opener"]))
        );
        assert_eq!((&meta["change"], &meta["cases-are-more"]), (&json!("removed"), &json!(false)));
        let archive = json!({"amount": {"do": "archive"}});
        let told = change(&world, &id, fields(&["amount", "riskLevel"], &[]), archive.clone()).await.expect(200);
        let at = told.attribute("updated-at");
        assert_eq!(config(&told, "amount"), json!({"required": false, "archived-at": at, "archived": true}));
        assert_eq!(values(&world, &case).await["amount"], 5);
        change(&world, &id, fields(&["amount", "riskLevel"], &[]), archive).await.expect(200);
        assert_eq!(
            set(&world, &case, json!({"amount": 6})).await.expect(422).pointers(),
            ["/data/attributes/fields/amount"]
        );
        set(&world, &case, json!({"amount": 5, "source": "y"})).await.expect(200);
        set(&world, &case, json!({"amount": null})).await.expect(200);
        assert_eq!(values(&world, &case).await["amount"], Value::Null);
        // The workflow still fills the field: this is a problem of the workflow, and an error of the run's step.
        let shown = world.get(&format!("/workflows/{workflow}")).await.expect(200);
        assert_eq!(shown.at("/meta/problems/0/code"), "archived-field", "{}", shown.told());
        let run =
            world.post(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {"amount": 50}}))).await;
        let run = run.expect(200);
        assert_eq!(run.attribute("status"), "errored", "{}", run.told());
        let steps = world.get(&format!("/workflow-runs/{}/steps", run.id())).await.expect(200);
        assert!(steps.told().contains("field 'amount' is archived and takes no new values"), "{}", steps.told());
        // No case has a value any more, so the field can be removed by leaving it out.
        let told = change(&world, &id, fields(&["amount", "riskLevel"], &[]), json!({})).await.expect(200);
        assert_eq!(config(&told, "amount"), Value::Null);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_moved_to_another_field_with_an_event_of_each_case() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let (one, other) =
            (held(&world, &id, json!({"amount": 5})).await, held(&world, &id, json!({"amount": 7})).await);
        let with = |more: &[Value]| fields(&["amount"], more);
        let total = json!({"key": "total", "type": "string"});
        for (choice, code) in [
            (json!({"amount": {"do": "move", "to": "nowhere"}}), "field-choice"),
            (json!({"amount": {"do": "keep"}}), "field-choice"),
            (json!({"amount": {"do": "archive"}, "source": {"do": "archive"}}), "field-choice"),
            (json!({"amount": {"do": "move", "to": "riskLevel"}}), "field-not-converted"),
        ] {
            let refused = change(&world, &id, with(std::slice::from_ref(&total)), choice.clone()).await.expect(422);
            assert_eq!(refused.text("/errors/0/code"), code, "{choice}: {}", refused.told());
        }

        let told =
            change(&world, &id, with(std::slice::from_ref(&total)), json!({"amount": {"do": "move", "to": "total"}}))
                .await;

        let told = told.expect(200);
        let at = told.attribute("updated-at");
        assert_eq!(
            config(&told, "amount"),
            json!({"required": false, "archived-at": at, "archived": true, "successor": "total"})
        );
        let shown = world.get(&format!("/case-templates/{id}")).await.expect(200);
        assert_eq!(config(&shown, "amount"), json!({"required": false, "archived-at": at}));
        for (case, value) in [(&one, "5"), (&other, "7")] {
            assert_eq!(values(&world, case).await, json!({"total": value}));
            let events = world.get(&format!("/events?filter[object-id]={case}&filter[name]=case.updated-fields")).await;
            assert_eq!(events.at("/data/0/attributes/context/updated-fields"), &json!(["amount", "total"]));
        }
        let refused = set(&world, &one, json!({"amount": 1})).await.expect(422);
        assert!(refused.details().contains("use 'total' instead"), "{}", refused.told());
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_type_converts_values_or_keeps_them_readable_and_clearable() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let (good, bad) =
            (held(&world, &id, json!({"source": "12"})).await, held(&world, &id, json!({"source": "many"})).await);
        let number = || fields(&[], &[json!({"key": "source", "type": "integer"})]);
        let refused = change(&world, &id, number(), json!({})).await.expect(422);
        assert_eq!(refused.at("/errors/0/meta/change"), "type");
        assert_eq!(refused.at("/errors/0/meta/cases"), 2);
        let refused = change(&world, &id, number(), json!({"source": {"do": "convert"}})).await.expect(422);
        assert!(refused.details().contains("in 1 cases"), "{}", refused.told());
        assert_eq!(values(&world, &good).await, json!({"source": "12"}));

        change(&world, &id, number(), json!({"source": {"do": "keep"}})).await.expect(200);

        assert_eq!(values(&world, &bad).await, json!({"source": "many"}));
        set(&world, &bad, json!({"source": "much"})).await.expect(422);
        set(&world, &bad, json!({"source": "many", "amount": 1})).await.expect(200);
        set(&world, &bad, json!({"source": null})).await.expect(200);
        set(&world, &good, json!({"source": 12})).await.expect(200);
        let text = || fields(&[], &[json!({"key": "source", "type": "string"})]);
        change(&world, &id, text(), json!({"source": {"do": "convert"}})).await.expect(200);
        assert_eq!(values(&world, &good).await, json!({"source": "12"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_option_in_use_is_dropped_only_with_a_choice() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let case = held(&world, &id, json!({"riskLevel": "high"})).await;
        let with = |options: Value| fields(&[], &[json!({"key": "riskLevel", "type": "choices", "options": options})]);
        change(&world, &id, with(json!(["high", "severe"])), json!({})).await.expect(200);
        let refused = change(&world, &id, with(json!(["severe"])), json!({})).await.expect(422);
        assert_eq!(refused.at("/errors/0/meta/change"), "options");
        let wrong = json!({"riskLevel": {"do": "convert", "options": {"high": "lost"}}});
        assert_eq!(
            change(&world, &id, with(json!(["severe"])), wrong).await.expect(422).text("/errors/0/code"),
            "field-not-converted"
        );

        let convert = json!({"riskLevel": {"do": "convert", "options": {"high": "severe"}}});
        change(&world, &id, with(json!(["severe"])), convert).await.expect(200);

        assert_eq!(values(&world, &case).await, json!({"riskLevel": "severe"}));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_of_the_wrong_shape_is_named() {
    let world = World::sqlite().await;
    let id = template(&world).await;
    let at = "/meta/field-choices/amount";
    for (choice, pointer) in [
        (json!({"amount": "archive"}), format!("{at}/do")),
        (json!({"amount": {"do": "burn"}}), format!("{at}/do")),
        (json!({"amount": {"do": "move"}}), format!("{at}/to")),
        (json!({"amount": {"do": "archive", "to": "x"}}), at.to_owned()),
        (json!({"amount": {"do": "convert", "options": {"a": 1}}}), format!("{at}/options")),
        (json!({"amount": {"do": "archive", "oddity": 1}}), format!("{at}/oddity")),
    ] {
        let refused = change(&world, &id, fields(&["amount"], &[]), choice.clone()).await.expect(400);
        assert_eq!(refused.pointers(), [pointer], "{choice}");
    }
    let alone =
        json!({"data": {"attributes": {"name": "N"}}, "meta": {"field-choices": {"amount": {"do": "archive"}}}});
    assert_eq!(
        world.patch(&format!("/case-templates/{id}"), alone).await.expect(422).pointers(),
        ["/meta/field-choices"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_reads_a_field_of_the_template_is_listed_and_one_of_another_is_not() {
    let world = World::sqlite().await;
    let (id, other) = (
        template(&world).await,
        world
            .post(
                "/case-templates",
                attributes(json!({
        "name": "Other", "fields": [{"key": "source", "type": "string"}]})),
            )
            .await
            .expect(201)
            .id(),
    );
    let reads = |template: &str| {
        json!({
            "trigger": {"on": ["api"], "parameters": [{"name": "source", "type": "string"}]},
            "steps": [
                {"id": "open", "do": "case.create", "with": {"template": template}},
                {"id": "route", "choose": [
                    {"label": "A", "when": {"field": "open.fields.source", "is": "equals", "value": "x"}, "steps": []},
                    {"label": "Else", "steps": []},
                ]},
            ],
        })
    };
    published(&world, "Reads it", reads(&id)).await;
    published(&world, "Reads another's", reads(&other)).await;
    let moved = json!({
        "trigger": {"on": ["case.created"]},
        "steps": [{"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["{{trigger.fields.source}}"]}}],
    });
    published(&world, "Reads any case's", moved).await;

    let refused = change(&world, &id, fields(&["source"], &[]), json!({})).await.expect(422);

    assert_eq!(refused.at("/errors/0/meta/workflows"), &json!(["Reads any case's", "Reads it"]));
    assert_eq!(refused.at("/errors/0/meta/cases"), 0);
}
