//! The output of `docket openapi`. Every response in these tests, and every request that succeeds, is also validated
//! with it: see `World::call`.

use std::collections::BTreeSet;

use docket_api::operations;
use serde_json::{Value, json};

use crate::things::{filled, one_of_each, template};
use crate::world::{Call, World, attributes, described};

fn document() -> Value {
    docket_api::openapi::document(&docket_steps::engine())
}

/// Every `$ref` in a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// The number of operations whose response has a more specific schema than any document. It may grow and not fall.
const DESCRIBED: usize = 50;

#[test]
fn the_description_is_whole() {
    let document = document();
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 15, "{found:?}");
    for reference in &found {
        let pointer = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference} leads elsewhere"));
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    let mut ids = BTreeSet::new();
    for (path, entry) in document["paths"].as_object().expect("paths") {
        for (method, operation) in entry.as_object().into_iter().flatten().filter(|(name, _)| *name != "servers") {
            assert!(ids.insert(operation["operationId"].to_string()), "{} is there twice", operation["operationId"]);
            let named: BTreeSet<_> = operation["parameters"]
                .as_array()
                .into_iter()
                .flatten()
                .filter(|parameter| parameter["in"] == "path")
                .filter_map(|parameter| parameter["name"].as_str())
                .collect();
            let holes: BTreeSet<_> =
                path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
            assert_eq!(named, holes, "{method} {path}");
        }
    }
    for about in operations() {
        let told = &document["paths"][about.path][about.method.to_lowercase()];
        assert_eq!(told["operationId"], about.id, "{} {}", about.method, about.path);
        assert!(told["responses"][about.success.to_string()].is_object(), "{} {}", about.method, about.path);
    }
}

#[test]
fn answers_are_described_by_their_members() {
    let document = document();
    let is_described = |about: &docket_api::OperationInfo| {
        let told = &document["paths"][about.path][about.method.to_lowercase()];
        let schema = &told["responses"][about.success.to_string()]["content"]["application/json"]["schema"];
        schema["properties"]["data"].is_object()
    };
    let described = operations().iter().filter(|about| is_described(about)).count();
    assert!(described >= DESCRIBED, "{described} operations");
}

/// Every way to leave out one required member of a body.
fn without_one(schema: &Value, body: &Value) -> Vec<(String, Value)> {
    let mut lacking = Vec::new();
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut less = body.clone();
        less.as_object_mut().expect("an object").remove(name);
        lacking.push((name.to_owned(), less));
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(member) = body.get(name).filter(|member| member.is_object()) {
            for (below, less) in without_one(inner, member) {
                let mut whole = body.clone();
                whole[name] = less;
                lacking.push((format!("{name}.{below}"), whole));
            }
        }
    }
    lacking
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_description_requires_is_required() {
    let world = World::sqlite().await;
    let (own, template) = (one_of_each(&world, &world.key).await, template(&world).await);
    let document = document();
    let mut tried = 0;
    for about in operations().into_iter().filter(|about| !matches!(about.method, "GET" | "DELETE")) {
        let body = match about.path {
            "/cases" => attributes(json!({"case-template-id": template})),
            "/cases/{case-id}/set-status" => json!({"meta": {"status": "Pending"}}),
            "/cases/{case-id}/add-objects" => json!({"meta": {"object-ids": []}}),
            "/case-templates" => attributes(json!({"name": "Another"})),
            "/workflows" => attributes(json!({"name": "W"})),
            "/workflows/{workflow-id}/draft" => attributes(json!({"definition": {"steps": []}})),
            "/workflows/{workflow-id}/trigger" => attributes(json!({"fields": {}})),
            "/sources" => attributes(json!({"name": "S"})),
            "/sources/{source-id}" => attributes(json!({"allow-list": ["inquiry"]})),
            "/cases/{case-id}/assign" => json!({"meta": {"user-email-address": "ada@lantern.example"}}),
            "/cases/{case-id}/comments" => attributes(json!({"body": "Looked at."})),
            "/api-keys" => attributes(json!({"name": "K"})),
            "/users" => attributes(json!({"email-address": "eve@lantern.example", "name": "Eve", "role": "analyst"})),
            "/api-keys/{api-key-id}/expire" => json!({"meta": {"expires-in-seconds": 0}}),
            _ => continue,
        };
        let schema = &document["paths"][about.path][about.method.to_lowercase()]["requestBody"]["content"]["application/json"]
            ["schema"];
        let path = filled(about.path, &own);
        for (name, less) in without_one(schema, &body) {
            let call = Call::new(about.method, &path).with("if-match", "*").json(less.clone());
            let refused = world.call(call).await;
            assert_eq!(refused.status, 400, "{} {} without {name}: {}", about.method, about.path, refused.told());
            assert_ne!(described().validate_request(about.method, &path, &less), Vec::<String>::new(), "{name}");
            tried += 1;
        }
        world.call(Call::new(about.method, &path).with("if-match", "*").json(body)).await.expect_success();
    }
    assert!(tried >= 20, "{tried} bodies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_header_that_is_described_comes() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    for about in operations().into_iter().filter(|about| about.method == "GET" && about.path != "/workflow-versions") {
        let answer = world.get(&filled(about.path, &own)).await.expect(200);
        let operation = described().operation("GET", about.path).expect("it is described");
        let headers = operation.headers(200);
        assert!(headers.len() >= 6, "{}: {headers:?}", about.path);
        assert!(headers.iter().all(|name| answer.headers.contains_key(*name)), "{}", about.path);
    }
}
