//! Every published limit at its last allowed value and one beyond. Each test is named in `docs/reference/limits.md`.

use base64::Engine as _;
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, template};
use crate::world::{Answer, Call, World, attributes};

/// Creates a body with a text.
type Body = Box<dyn Fn(String) -> Value>;

fn listed(answer: &Answer) -> String {
    format!("{} {}", answer.at("/meta/problems"), answer.details())
}

/// Creates a workflow with this definition and publishes it.
async fn publishing(world: &World, definition: Value) -> Answer {
    let made = world.post("/workflows", attributes(json!({"name": "W", "definition": definition}))).await.expect(201);
    world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await
}

fn with_steps(steps: Value) -> Value {
    json!({"trigger": {"on": ["api"], "parameters": []}, "steps": steps})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_has_250_steps() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    for (count, status) in [(250, 200), (251, 422)] {
        let step = |n: usize| json!({"id": format!("s{n}"), "do": "case.create", "with": {"template": template}});
        let answer = publishing(&world, with_steps((0..count).map(step).collect())).await.expect(status);
        assert!(status == 200 || answer.details().contains("250"), "{}", listed(&answer));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_has_512_kibibytes() {
    let world = World::sqlite().await;
    let sized = |bytes: usize| {
        let with = |note: String| {
            with_steps(json!([{"id": "s", "do": "object.tag", "with": {"object": "x", "tags": [note]}}]))
        };
        let empty = with(String::new()).to_string().len();
        with("x".repeat(bytes - empty))
    };
    for (bytes, status) in [(512 << 10, 201), ((512 << 10) + 1, 422)] {
        let body = attributes(json!({"name": "W", "definition": sized(bytes)}));
        let answer = world.post("/workflows", body).await.expect(status);
        assert!(status == 201 || answer.pointers() == ["/data/attributes/definition"], "{}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn routes_nest_16_deep() {
    let world = World::sqlite().await;
    let nested = |depth: usize| {
        let mut steps = json!([{"id": "leaf", "do": "object.tag", "with": {"object": "x", "tags": ["t"]}}]);
        for level in (0..depth).rev() {
            steps = json!([{"id": format!("c{level}"), "choose": [{"label": "Else", "steps": steps}]}]);
        }
        with_steps(steps)
    };
    for (depth, status) in [(16, 200), (17, 422)] {
        // As JSON it would be nested deeper than a body may be; as text it is not.
        let text = nested(depth).to_string();
        let answer = publishing(&world, json!(text)).await;
        assert_eq!(answer.status, status, "{depth}: {}", answer.told());
    }
    let body = attributes(json!({"name": "W", "definition": nested(16)}));
    assert!(world.post("/workflows", body).await.expect(400).details().contains("64 levels"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_have_their_length() {
    let world = World::sqlite().await;
    let template_id = template(&world).await;
    let held = case(&world, &template_id).await.id();
    let (cases, status) = (format!("/cases/{held}"), format!("/cases/{held}/set-status"));
    let opened_by =
        move |email: &str| attributes(json!({"case-template-id": template_id, "creator-email-address": email}));
    let person = |email: &str, name: &str| attributes(json!({"email-address": email, "name": name, "role": "analyst"}));
    // An address with the length of the text.
    let mail = |text: String| format!("a@{}", &text[2..]);
    let file = |name: String| json!({"attachments": [{"filename": name, "data": "JVBERi0xLjQK"}]});
    let table: Vec<(&'static str, &str, usize, Body)> = vec![
        ("POST", "/case-templates", 64, Box::new(|text| attributes(json!({"name": text})))),
        (
            "POST",
            "/case-templates",
            64,
            Box::new(|text| attributes(json!({"name": "T", "fields": [{"key": text, "type": "string"}]}))),
        ),
        ("POST", "/workflows", 100, Box::new(|text| attributes(json!({"name": text})))),
        ("POST", "/sources", 64, Box::new(|text| attributes(json!({"name": text})))),
        ("POST", "/accounts", 256, Box::new(|text| attributes(json!({"reference-id": text})))),
        ("POST", "/accounts", 64, Box::new(|text| attributes(json!({"tags": [text]})))),
        (
            "POST",
            "/inquiries",
            64,
            Box::new(|text| attributes(json!({"inquiry-template-id": "itmpl_any", "tags": [text]}))),
        ),
        (
            "POST",
            "/inquiries",
            256,
            Box::new(|text| {
                attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": format!("{}y", &text[1..])}))
            }),
        ),
        ("POST", "/inquiries", 128, Box::new(|text| attributes(json!({"inquiry-template-id": text})))),
        (
            "POST",
            "/inquiries",
            254,
            Box::new(move |text| {
                attributes(json!({"inquiry-template-id": "itmpl_any", "creator-email-address": mail(text)}))
            }),
        ),
        ("POST", "/cases", 254, Box::new(move |text| opened_by(&mail(text)))),
        ("POST", "/users", 254, Box::new(move |text| person(&mail(text), "Eve"))),
        ("POST", "/users", 200, Box::new(move |text| person("eve@lantern.example", &text))),
        ("PATCH", &cases, 1_024, Box::new(|text| attributes(json!({"fields": {"source": text}})))),
        ("PATCH", &cases, 255, Box::new(move |text| attributes(file(text)))),
        ("POST", &status, 65_536, Box::new(|text| json!({"meta": {"status": "Pending", "comment": text}}))),
    ];
    for (method, path, most, body) in table {
        for (length, is_good) in [(most, true), (most + 1, false)] {
            let answer = world.call(Call::new(method, path).json(body("x".repeat(length)))).await;
            let status = answer.status;
            assert!(if is_good { status < 300 } else { status == 422 }, "{method} {path} {length}: {}", answer.told());
            assert!(is_good || answer.pointers()[0].starts_with('/'), "{method} {path}: {}", answer.told());
        }
    }
    for (seconds, status) in [(7_776_000, 200), (7_776_001, 422), (-1, 422)] {
        world.patch(&cases, json!({"meta": {"sla-expires-in-seconds": seconds}})).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_have_their_count() {
    let world = World::sqlite().await;
    let held = case(&world, &template(&world).await).await.id();
    let fields =
        |count: usize| (0..count).map(|n| json!({"key": format!("f{n}"), "type": "string"})).collect::<Value>();
    for (count, status) in [(250, 201), (251, 422)] {
        world.post("/case-templates", attributes(json!({"name": "T", "fields": fields(count)}))).await.expect(status);
    }
    let tags = |count: usize| (0..count).map(|n| json!(format!("t{n}"))).collect::<Value>();
    for (count, status) in [(100, 201), (101, 422)] {
        let of_inquiry = json!({"inquiry-template-id": "itmpl_any", "tags": tags(count)});
        for (path, body) in [("/accounts", json!({"tags": tags(count)})), ("/inquiries", of_inquiry)] {
            let answer = world.post(path, attributes(body)).await;
            assert_eq!(answer.status, status, "{path} {count}: {}", answer.told());
        }
    }
    let data = base64::engine::general_purpose::STANDARD.encode(b"%PDF-1.4");
    let files = |count: usize| vec![json!({"filename": "a.pdf", "data": data}); count];
    for (count, status) in [(101, 422), (99, 200), (1, 200), (1, 422)] {
        let body = attributes(json!({"attachments": files(count)}));
        world.patch(&format!("/cases/{held}"), body).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_holds_1000_objects() {
    let world = World::sqlite().await;
    let held = case(&world, &template(&world).await).await.id();
    let vendor = Vendor::of(&world).await;
    let mut whole = event("evt_1", "document.processed", "2025-12-31T10:00:00.000Z", &Value::Null);
    let thing = |n: usize| json!({"type": "document", "id": format!("doc_{n}"), "attributes": {}});
    whole["data"]["attributes"]["payload"]["included"] = (0..1_001).map(thing).collect();
    vendor.send(&world, &whole).await.expect(200);
    let add = async |from: usize, to: usize| {
        let ids: Vec<_> = (from..to).map(|n| format!("doc_{n}")).collect();
        world.post(&format!("/cases/{held}/add-objects"), json!({"meta": {"object-ids": ids}})).await
    };
    add(0, 1_001).await.expect(422);
    add(0, 1_000).await.expect(200);
    add(1_000, 1_001).await.expect(422);
    add(5, 10).await.expect(200);
}

#[test]
fn every_limit_names_the_test_that_holds_it() {
    let table = include_str!("../../../../docs/reference/limits.md");
    let tests = [
        ("bodies", include_str!("bodies.rs")),
        ("bundle", include_str!("../../../../crates/bundle/src/document.rs")),
        ("bundles", include_str!("bundles.rs")),
        ("checks", include_str!("checks.rs")),
        ("command_line", include_str!("../../../../crates/server/tests/command_line.rs")),
        ("door", include_str!("../../../../crates/server/src/serve/http_listener.rs")),
        ("drafts", include_str!("drafts.rs")),
        ("files", include_str!("files.rs")),
        ("idempotency", include_str!("idempotency.rs")),
        ("ingest", include_str!("ingest.rs")),
        ("judgement", include_str!("judgement.rs")),
        ("limits", include_str!("limits.rs")),
        ("lists", include_str!("lists.rs")),
        ("many", include_str!("many.rs")),
        ("references", include_str!("references.rs")),
        ("retention", include_str!("retention.rs")),
        ("runs", include_str!("runs.rs")),
        ("sizes", include_str!("sizes.rs")),
        ("sources", include_str!("sources.rs")),
        ("stream", include_str!("stream.rs")),
        ("templates", include_str!("templates.rs")),
        ("watch", include_str!("../../../../crates/server/src/serve/middleware.rs")),
    ];
    let rows: Vec<_> = table.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 20, "{} rows", rows.len());
    for row in rows {
        let named = row.trim_end_matches(['|', ' ']).rsplit('|').next().unwrap_or_default().trim().trim_matches('`');
        let (module, test) = named.split_once("::").unwrap_or_else(|| panic!("no test is named: {row}"));
        let source = tests.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("no such file: {row}"));
        assert!(source.1.contains(&format!("fn {test}(")), "no such test: {row}");
    }
}
