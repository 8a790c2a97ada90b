//! Request bodies: media types, sizes, JSON, unknown members, casings, versions.

use axum::body::Body;
use axum::http::Request;
use docket_api::error::Surface;
use docket_api::{Guard, custom_operations, operations};
use docket_kernel::Permission;
use serde_json::{Map, Value, json};

use crate::held::{Held, answered};
use crate::things::{case, filled, one_of_each, template};
use crate::world::{Call, World, attributes};

fn opening(template: &str) -> Value {
    attributes(json!({"case-template-id": template}))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn json_and_forms_are_taken_and_nothing_else() {
    let world = World::sqlite().await;
    let body = opening(&template(&world).await).to_string();
    let table = [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("APPLICATION/JSON", 201),
        ("application/vnd.api+json", 201),
        ("text/plain", 415),
        ("text/json", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/jsonp", 415),
        ("", 415),
        ("multipart/form-data", 400),
    ];
    for (media_type, status) in table {
        let answer = world.call(Call::post("/cases").raw(media_type, body.clone())).await;
        assert_eq!(answer.status, status, "{media_type}: {}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_says_the_same_as_json() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = case(&world, &template).await.id();
    let form = "--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; filename=\"a.pdf\"\r\n\
        content-type: text/html\r\n\r\n%PDF-1.4\r\n--x\r\ncontent-disposition: form-data; \
        name=\"meta[sla-expires-in-seconds]\"\r\n\r\n60\r\n--x--\r\n";

    let call = Call::new("PATCH", &format!("/cases/{id}")).raw("multipart/form-data; boundary=x", form);
    let changed = world.call(call).await.expect(200);

    assert_eq!(changed.text("/data/attributes/attachments/0/filename"), "a.pdf");
    assert!(changed.attribute("sla-expires-at").is_string());
    // The contract's number may have a fraction.
    let in_seconds = json!({"meta": {"sla-expires-in-seconds": 119.6}});
    let changed = world.patch(&format!("/cases/{id}"), in_seconds).await.expect(200);
    let end = docket_kernel::Moment::parse(&changed.text("/data/attributes/sla-expires-at")).expect("a time");
    assert_eq!(end.seconds() - crate::world::now(&world).seconds(), 120);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sound_json_is_refused_with_words() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let sound = opening(&template).to_string();
    let inner =
        |member: &str| format!("{{\"data\":{{\"attributes\":{{\"case-template-id\":\"{template}\",{member}}}}}}}");
    let table: Vec<(Vec<u8>, &str)> = vec![
        (b"{".to_vec(), ""),
        (b"[]".to_vec(), ""),
        (b"7".to_vec(), ""),
        (b"null".to_vec(), ""),
        (b"   ".to_vec(), ""),
        (format!("{sound}x").into_bytes(), ""),
        (inner("\"fields\":{},\"fields\":{}").into_bytes(), "/data/attributes/fields"),
        (inner("\"case_template_id\":\"x\"").into_bytes(), "/data/attributes/case-template-id"),
        (inner("\"creator-email-address\":\"a\\u0000b\"").into_bytes(), "/data/attributes/creator-email-address"),
        (inner("\"fields\":{\"a\\u0000\":1}").into_bytes(), "/data/attributes/fields"),
        (inner("\"fields\":7").into_bytes(), "/data/attributes/fields"),
        (inner("\"creator-email-address\":7").into_bytes(), "/data/attributes/creator-email-address"),
        ([sound.as_bytes(), &[0xff]].concat(), ""),
        (sound.replace("ctmpl", "\u{feff}").into_bytes(), "-"),
    ];
    for (body, pointer) in table {
        let answer = world.call(Call::post("/cases").raw("application/json", body.clone())).await;
        let told = || format!("{}: {}", String::from_utf8_lossy(&body), answer.told());
        if pointer == "-" {
            assert_eq!(answer.status, 422, "{}", told());
            continue;
        }
        assert_eq!(answer.status, 400, "{}", told());
        assert!(answer.pointers()[0].starts_with(pointer), "{}", told());
        assert!(!answer.details().is_empty(), "{}", told());
    }
    let missing = world.post("/cases", json!({"data": {"attributes": {}}})).await.expect(400);
    assert_eq!(missing.details(), "data.attributes.case_template_id is missing");
    world.call(Call::post("/cases")).await.expect(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_parts_of_a_body_have_their_kind_whether_an_operation_reads_them_or_not() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let wrong = [
        (json!({"data": 5}), "/data"),
        (json!({"data": {"type": 5}}), "/data/type"),
        (json!({"data": {"id": []}}), "/data/id"),
        (json!({"data": {"attributes": "a"}}), "/data/attributes"),
        (json!({"meta": true}), "/meta"),
    ];
    let mut tried = 0;
    for about in operations().into_iter().filter(|about| !matches!(about.method, "GET" | "DELETE")) {
        let path = filled(about.path, &own);
        for (body, pointer) in &wrong {
            let refused = world.call(Call::new(about.method, &path).with("if-match", "*").json(body.clone())).await;
            let told = || format!("{} {} {body}: {}", about.method, about.path, refused.told());
            assert_eq!(refused.status, 400, "{}", told());
            assert_eq!(refused.pointers(), [*pointer], "{}", told());
            tried += 1;
        }
        // A null part counts as absent, so only operations that require more refuse it.
        let null = Call::new(about.method, &path).with("if-match", "*").json(json!({"data": {"type": null}}));
        let answer = world.call(null).await;
        assert!(!answer.pointers().contains(&"/data/type".to_owned()), "{}: {}", about.path, answer.told());
    }
    assert!(tried >= 150, "{tried} bodies");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_has_64_levels_and_no_more() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    for (levels, status) in [(64, 201), (65, 400)] {
        let body = format!(
            "{{\"more\":{}1{},\"data\":{{\"attributes\":{{\"case-template-id\":\"{template}\"}}}}}}",
            "[".repeat(levels - 1),
            "]".repeat(levels - 1)
        );
        world.call(Call::post("/cases").raw("application/json", body)).await.expect(status);
    }
}

fn padded(body: &Value, bytes: usize) -> String {
    let body = body.to_string();
    format!("{body}{}", " ".repeat(bytes - body.len()))
}

/// A form of this many bytes with one PDF.
fn form(bytes: usize) -> Vec<u8> {
    let head = "--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; \
        filename=\"scan.pdf\"\r\ncontent-type: application/pdf\r\n\r\n%PDF-1.4\r\n";
    let tail = "\r\n--x--\r\n";
    [head.as_bytes(), &vec![b'.'; bytes - head.len() - tail.len()], tail.as_bytes()].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_json_has_a_mebibyte_whatever_it_carries() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = case(&world, &template).await.id();
    let (opening, change) = (opening(&template), attributes(json!({"fields": {"amount": 1}})));
    for (more, status) in [(0, 201), (1, 413)] {
        let body = padded(&opening, (1 << 20) + more);
        world.call(Call::post("/cases").raw("application/json", body)).await.expect(status);
    }
    for (more, status) in [(0, 200), (1, 413)] {
        let body = padded(&change, (1 << 20) + more);
        let call = Call::new("PATCH", &format!("/cases/{id}")).raw("application/json", body);
        let answer = world.call(call).await.expect(status);
        assert!(status == 200 || answer.details().contains("multipart/form-data"), "{}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_with_files_has_forty_mebibytes_and_one_without_a_single_one() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = case(&world, &template).await.id();
    for (bytes, status) in [(3 << 20, 200), (40 << 20, 200)] {
        let call = Call::new("PATCH", &format!("/cases/{id}")).raw("multipart/form-data; boundary=x", form(bytes));
        world.call(call).await.expect(status);
    }
    let call = |bytes| Call::post("/cases").raw("multipart/form-data; boundary=x", form(bytes));
    // A form of an allowed size is refused only for its missing members.
    world.call(call(1 << 20)).await.expect(400);
    world.call(call((1 << 20) + 1)).await.expect(413);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_of_json_has_a_hundred_thousand_values() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    // The body, data, attributes, the template's id and the list count as values too.
    for (values, status) in [(100_000 - 5, 201), (100_000 - 4, 413)] {
        let body = format!(
            "{{\"more\":[{}1],\"data\":{{\"attributes\":{{\"case-template-id\":\"{template}\"}}}}}}",
            "1,".repeat(values - 1)
        );
        world.call(Call::post("/cases").raw("application/json", body)).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_without_a_known_caller_takes_16_kibibytes() {
    let world = World::sqlite().await;
    let open = custom_operations().into_iter().filter(|apart| apart.guard == Guard::Anybody);
    let open: Vec<_> = open.map(|apart| apart.about).filter(|about| about.method == "POST").collect();
    assert!(open.len() >= 4, "signing in, the setup, and two about invitations");
    for about in open {
        let call = |bytes| {
            let request = request("POST", &format!("/api/v1{}", about.path), "");
            answered(world.router.clone(), request.map(|_| Body::from(padded(&json!({}), bytes))))
        };
        let within = call(16 << 10).await;
        assert!([400, 403, 409, 422].contains(&within.status), "{}: {}", about.path, within.told());
        call((16 << 10) + 1).await.expect(413);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_lists_twenty_findings_and_counts_the_others() {
    let world = World::sqlite().await;
    let odd = |count: usize| Value::Object((0..count).map(|n| (format!("oddity-{n}"), json!(1))).collect());
    for (count, listed, more) in [(20, 20, None), (21, 21, Some(1)), (50_000, 21, Some(49_980))] {
        let refused = world.post("/sources", odd(count)).await.expect(400);
        let errors = refused.at("/errors").as_array().expect("a list").clone();
        assert_eq!(errors.len(), listed);
        let last = &errors[listed - 1];
        assert_eq!(last["meta"]["count"].as_u64(), more, "{last}");
        assert!(refused.bytes.len() < 16 << 10, "{} bytes", refused.bytes.len());
    }
    let long: Vec<String> = (0..99_000).map(|n| format!("p{n}")).collect();
    let refused = world.post("/api-keys", attributes(json!({"name": "K", "permissions": long}))).await;
    assert!(refused.status >= 400 && refused.bytes.len() < 16 << 10, "{} bytes", refused.bytes.len());
}

fn request(method: &str, path: &str, key: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    request.header("authorization", format!("Bearer {key}")).body(Body::empty()).expect("a request")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_object_and_the_permission_are_judged_before_the_body_is_read() {
    let world = World::sqlite().await;
    let (own, foreign) = (one_of_each(&world, &world.key).await, one_of_each(&world, &world.foreign_key).await);
    for about in operations().into_iter().filter(|about| about.method != "GET") {
        let others: Vec<_> = Permission::ALL.iter().copied().filter(|other| *other != about.permission).collect();
        let powerless = world.new_key(others, None).await;
        let mut table = vec![(filled(about.path, &own), powerless.clone(), 403)];
        if about.path.contains('{') && !about.path.contains("{user-id}") {
            table.push((filled(about.path, &foreign), world.key.clone(), 404));
            table.push((filled(about.path, &foreign), powerless, 404));
        }
        table.push((filled(about.path, &own), "nobody".to_owned(), 401));
        for (path, key, status) in table {
            let request = request(about.method, &format!("/api/v1{path}"), &key);
            match Held::begin(&world.router, request, "{}").await {
                Err(answer) => assert_eq!(answer.status, status, "{} {path}: {}", about.method, answer.told()),
                Ok(_) => panic!("{} {path} read the body before it answered {status}", about.method),
            }
        }
    }
    let Err(read) = Held::begin(&world.router, request("GET", "/api/v1/cases", &world.key), "{}").await else {
        panic!("the body of a GET is read")
    };
    assert_eq!(read.status, 200);
    let Err(unknown) = Held::begin(&world.router, request("POST", "/ingest/src_none", ""), "{}").await else {
        panic!("an unknown source's body is read")
    };
    assert_eq!(unknown.status, 401);
}

/// This many requests of a key, each with a body of one mebibyte whose last byte is not sent yet.
async fn large(world: &World, key: &str, count: usize) -> Vec<Held> {
    let mut held = Vec::new();
    for _ in 0..count {
        let body = padded(&json!({}), 1 << 20);
        let one = Held::begin(&world.router, request("POST", "/api/v1/cases", key), body).await;
        let Ok(mut one) = one.map_err(|answer| answer.told()) else { panic!("the body is read") };
        one.all_but_the_last_byte().await;
        held.push(one);
    }
    held
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_bodies_of_a_caller_and_of_all_together_take_so_much_memory_and_no_more() {
    let world = World::sqlite().await;
    let (bob, carol) = (
        world.new_key(Permission::of_organizations().collect(), None).await,
        world.new_key(Permission::of_organizations().collect(), None).await,
    );
    let call = |key: &str, bytes| Call::post("/cases").key(key).raw("application/json", padded(&json!({}), bytes));
    let mut own = large(&world, &world.key, 12).await;

    // Twelve bytes are left, one for each byte that was not sent.
    world.call(call(&world.key, 12)).await.expect(400);
    let refused = world.call(call(&world.key, 13)).await.expect(429);
    assert_eq!(refused.header("retry-after"), "1");
    world.call(call(&bob, 1 << 20)).await.expect(400);

    let others = large(&world, &bob, 12).await;
    world.call(call(&carol, 24)).await.expect(400);
    let refused = world.call(call(&carol, 25)).await.expect(503);
    assert_eq!(refused.header("retry-after"), "1");

    own.pop().expect("one of them").finish().await.expect(400);
    world.call(call(&carol, 1 << 20)).await.expect(400);
    world.call(call(&world.key, 1 << 20)).await.expect(400);
    for one in own.into_iter().chain(others) {
        one.finish().await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_nobody_knows_are_ignored_where_the_contract_rules_and_named_where_we_do() {
    let world = World::sqlite().await;
    let (own, template) = (one_of_each(&world, &world.key).await, template(&world).await);
    let definition = json!({"steps": []});
    let sound = |path: &str| match path {
        "/inquiries" => attributes(json!({"inquiry-template-id": "itmpl_any"})),
        "/cases" => opening(&template),
        "/cases/{case-id}/set-status" => json!({"meta": {"status": "Pending"}}),
        "/cases/{case-id}/add-objects" => json!({"meta": {"object-ids": []}}),
        "/case-templates" => attributes(json!({"name": "Another"})),
        "/workflows" => attributes(json!({"name": "W"})),
        "/workflows/{workflow-id}/draft" => attributes(json!({"definition": definition.clone()})),
        "/sources" => attributes(json!({"name": "S"})),
        "/workflows/{workflow-id}/trigger" => attributes(json!({"fields": {}})),
        "/cases/{case-id}/assign" => json!({"meta": {"user-email-address": "ada@lantern.example"}}),
        "/cases/{case-id}/comments" => attributes(json!({"body": "Looked at."})),
        "/api-keys" => attributes(json!({"name": "K"})),
        "/api-keys/{api-key-id}/expire" => json!({"meta": {"expires-in-seconds": 0}}),
        "/users" => attributes(json!({"email-address": "eve@lantern.example", "name": "Eve", "role": "analyst"})),
        _ => json!({}),
    };
    for about in operations().into_iter().filter(|about| about.method != "GET") {
        for (at, pointer) in [
            ("", "/oddity"),
            ("data", "/data/oddity"),
            ("attributes", "/data/attributes/oddity"),
            ("meta", "/meta/oddity"),
        ] {
            let mut body = sound(about.path);
            let place = match at {
                "" => &mut body,
                "data" => body.as_object_mut().unwrap().entry("data").or_insert(json!({})),
                "meta" => body.as_object_mut().unwrap().entry("meta").or_insert(json!({})),
                _ => {
                    let data = body.as_object_mut().unwrap().entry("data").or_insert(json!({}));
                    data.as_object_mut().unwrap().entry("attributes").or_insert(json!({}))
                }
            };
            place["oddity"] = json!({"a": [1]});
            // A decided inquiry can't be marked for review any more.
            let inquiry = world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.id();
            let path = filled(&about.path.replace("{inquiry-id}", &inquiry), &own);
            let call = Call::new(about.method, &path).with("if-match", "*").json(body);
            let answer = world.call(call).await;
            let told = || format!("{} {} with {pointer}: {}", about.method, about.path, answer.told());
            if about.surface == Surface::Contract {
                // An object redacted by one request can't be redacted by the next.
                let is_done = about.method == "DELETE" && answer.status == 409;
                assert!(answer.status < 300 || is_done, "{}", told());
            } else {
                assert_eq!(answer.status, 400, "{}", told());
                let found = answer.pointers();
                assert!(
                    found.iter().any(|found| pointer.starts_with(found.as_str()) && !found.is_empty()),
                    "{}",
                    told()
                );
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_come_in_any_casing_and_go_out_in_the_one_asked_for() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let table = [
        (None, "case-template-id", "created-at"),
        (Some("kebab"), "case-template-id", "created-at"),
        (Some("snake"), "case_template_id", "created_at"),
        (Some("camel"), "caseTemplateId", "createdAt"),
        (Some("snake_case"), "caseTemplateId", "created-at"),
        (Some("nonsense"), "case_template_id", "created-at"),
    ];
    for (header, asked, answered) in table {
        let mut attributes = Map::new();
        attributes.insert(asked.into(), template.as_str().into());
        attributes.insert("fields".into(), json!({"riskLevel": "low"}));
        let call = Call::post("/cases").json(json!({"data": {"attributes": attributes}}));
        let call = match header {
            Some(casing) => call.with("key-inflection", casing),
            None => call,
        };
        let made = world.call(call).await.expect(201);
        assert!(made.attribute(answered).is_string(), "{header:?}: {}", made.told());
        assert_eq!(made.body["data"]["attributes"]["fields"]["riskLevel"], "low", "{header:?}: {}", made.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_version_is_a_date_and_an_unknown_one_takes_the_nearest_before_it() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = case(&world, &template).await.id();
    let table = [
        ("2025-12-08", false),
        ("2026-09-29", false),
        ("2025-10-27", false),
        ("2025-10-26", true),
        ("2024-06-01", true),
        ("2023-01-05", true),
        ("1999-12-31", true),
    ];
    for (version, is_older) in table {
        let shown = world.call(Call::get(&format!("/cases/{id}")).in_version(version)).await.expect(200);
        assert_eq!(shown.body.get("included").is_some(), is_older, "{version}: {}", shown.told());
        let call = Call::post(&format!("/cases/{id}/set-status")).in_version(version);
        let moved = world.call(call.json(attributes(json!({"status": "Pending"})))).await;
        assert_eq!(moved.status, if is_older { 200 } else { 400 }, "{version}: {}", moved.told());
    }
    for text in ["latest", "2025-13-01", "2025-02-29", "20251208", "", "2025-12-08T00:00:00Z"] {
        for path in ["/cases".to_owned(), format!("/cases/{id}")] {
            world.call(Call::get(&path).with("persona-version", text)).await.expect(400);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_client_sends_fields_loosely_and_reads_what_it_may_send() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let body = attributes(json!({"case-template-id": template, "amount": 5, "risk-level": "low", "oddity": 1}));
    let older = |call: Call| call.in_version("2023-01-05");

    let made = world.call(older(Call::post("/cases").json(body.clone()))).await.expect(201);

    assert_eq!(made.attribute("fields"), &json!({"amount": 5, "risk-level": "low"}), "{}", made.told());
    let path = format!("/cases/{}", made.id());
    let again = attributes(json!({"fields": made.attribute("fields")}));
    let changed = world.call(older(Call::new("PATCH", &path).json(again))).await.expect(200);
    assert_eq!(changed.attribute("fields"), made.attribute("fields"));
    let newer = world.post("/cases", body).await.expect(201);
    assert_eq!(newer.attribute("fields"), &json!({}));
    let camel = world.call(older(Call::get(&path)).with("key-inflection", "camel")).await.expect(200);
    assert_eq!(camel.body["data"]["attributes"]["fields"]["riskLevel"], "low");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_client_sends_parameters_of_a_workflow_in_three_places() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = crate::things::published(&world, "Called", crate::things::called(&template)).await;
    let bodies = [
        (attributes(json!({"fields": {"amount": 1}})), true, true),
        (attributes(json!({"amount": 1})), true, false),
        (json!({"meta": {"params": {"amount": 1}}}), true, false),
    ];
    for (body, older, newer) in bodies {
        for (version, is_taken) in [("2023-01-05", older), ("2025-10-27", newer), ("2025-12-08", newer)] {
            let call = Call::post(&format!("/workflows/{id}/trigger")).in_version(version).json(body.clone());
            let answer = world.call(call).await;
            assert_eq!(answer.status, if is_taken { 200 } else { 400 }, "{version} {body}: {}", answer.told());
            assert!(is_taken || answer.pointers() == ["/data/attributes/fields"], "{}", answer.told());
        }
    }
}
