//! The order of the checks of a request, and the separation of environments.

use std::collections::BTreeSet;

use docket_api::{Guard, OperationInfo, custom_operations, operations};
use docket_contract::VERSIONS;
use docket_kernel::Permission;
use docket_testkit::On;
use serde_json::{Value, json};

use crate::things::{case, filled, one_of_each, template};
use crate::world::{Call, World, attributes, on_each_engine};

fn everything_but(missing: &[Permission]) -> Vec<Permission> {
    Permission::ALL.iter().copied().filter(|permission| !missing.contains(permission)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_anywhere_without_a_key() {
    let world = World::sqlite().await;
    let paths = operations().into_iter().map(|about| (about.method, about.path));
    for (method, path) in paths.chain([("GET", "/nothing"), ("DELETE", "/cases"), ("GET", "/cases/x/attachments/y")]) {
        for key in ["", "docket_sandbox_none", "two words"] {
            let answer = world.call(Call::new(method, &path.replace(['{', '}'], "")).key(key)).await.expect(401);
            assert_eq!(answer.body["errors"][0]["details"], Value::Null, "{}", answer.told());
        }
    }
    let basic = Call::get("/cases").key("").with("authorization", &format!("Basic {}", world.key));
    world.call(basic).await.expect(401);
    let lower = Call::get("/cases").key("").with("authorization", &format!("bearer {}", world.key));
    world.call(lower).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_environment_has_is_unknown_on_every_route() {
    on_each_engine(async |world| {
        let foreign = one_of_each(&world, &world.foreign_key).await;
        let own = one_of_each(&world, &world.key).await;
        let powerless = world.new_key(vec![Permission::SourceIngest], None).await;
        // Users belong to the organization, in both of its environments.
        let of_environments = |about: &OperationInfo| about.path.contains('{') && !about.path.contains("{user-id}");
        let with_ids = operations().into_iter().filter(of_environments);
        for about in with_ids {
            for key in [&world.key, &powerless] {
                let call = Call::new(about.method, &filled(about.path, &foreign)).key(key).raw("application/json", "[");
                let theirs = world.call(call).await.expect(404);
                let unknown: Vec<_> = foreign.iter().map(|(hole, id)| (*hole, format!("{id}x"))).collect();
                let call = Call::new(about.method, &filled(about.path, &unknown)).key(key).raw("application/json", "[");
                let nobodys = world.call(call).await.expect(404);
                let told = |answer: &crate::world::Answer, ids: &[(&str, String)]| {
                    ids.iter().fold(answer.body.to_string(), |text, (hole, id)| text.replace(id, hole))
                };
                assert_eq!(told(&theirs, &foreign), told(&nobodys, &unknown), "{} {}", about.method, about.path);
            }
            let odd: Vec<_> = own.iter().map(|(hole, _)| (*hole, "%C3%BC%2F..'%22".to_owned())).collect();
            world.call(Call::new(about.method, &filled(about.path, &odd))).await.expect(404);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_shows_nothing_of_another_environment() {
    on_each_engine(async |world| {
        let foreign = one_of_each(&world, &world.foreign_key).await;
        let workflow = foreign.iter().find(|(hole, _)| *hole == "{workflow-id}").map(|(_, id)| id.clone());
        for about in operations().into_iter().filter(|about| about.method == "GET" && !about.path.contains('{')) {
            match about.path {
                // Users belong to the organization, which both environments share.
                "/step-types" | "/event-types" | "/workflow-templates" | "/users" => {}
                "/workflow-versions" => {
                    let path = format!("{}?filter[workflow-id]={}", about.path, workflow.clone().unwrap_or_default());
                    world.get(&path).await.expect(404);
                }
                // The key of these requests belongs to its environment.
                "/api-keys" => assert!(
                    !world
                        .get("/api-keys")
                        .await
                        .expect(200)
                        .ids()
                        .iter()
                        .any(|id| foreign.iter().any(|(_, theirs)| theirs == id))
                ),
                // An event of a user is recorded in both environments; no other event is.
                "/events" => {
                    let told = world.get("/events").await.expect(200);
                    let events = told.at("/data").as_array().cloned().unwrap_or_default();
                    let is_of_person = |event: &Value| {
                        event["attributes"]["name"].as_str().is_some_and(|name| name.starts_with("user."))
                    };
                    assert!(events.iter().all(is_of_person), "{}", told.told());
                }
                path => assert_eq!(world.get(path).await.expect(200).ids(), Vec::<String>::new(), "{path}"),
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_without_the_permission_is_refused_on_every_route_before_its_body_is_read() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    for about in operations() {
        let key = world.new_key(everything_but(&[about.permission]), None).await;
        for body in ["{}", "["] {
            let call = Call::new(about.method, &filled(about.path, &own)).key(&key).raw("application/json", body);
            let answer = world.call(call.in_version("2025-12-08")).await.expect(403);
            assert_eq!(answer.body["errors"][0]["title"], "Forbidden");
        }
        let call = Call::new(about.method, &filled(about.path, &own)).key(&key);
        world.call(call.with("persona-version", "never")).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_without_the_permission_is_refused_apart_from_the_pipeline_too() {
    let world = World::sqlite().await;
    let mut own = one_of_each(&world, &world.key).await;
    let file = attributes(json!({"attachments": [{"filename": "a.pdf", "data": "JVBERi0xLjQKeA=="}]}));
    let held = world.patch(&filled("/cases/{case-id}", &own), file).await.expect(200);
    let url = held.text("/data/attributes/attachments/0/url");
    own.push(("{file-id}", url.rsplit('/').next().expect("an id").to_owned()));
    let guarded = custom_operations().into_iter().filter(|apart| apart.guard == Guard::Permission);
    let guarded: Vec<_> = guarded.map(|apart| apart.about).collect();
    assert!(guarded.iter().any(|about| about.path.ends_with("/attachments/{file-id}")), "{guarded:?}");
    for about in guarded.into_iter().filter(|about| Permission::ALL.contains(&about.permission)) {
        let key = world.new_key(everything_but(&[about.permission]), None).await;
        world.call(Call::new(about.method, &filled(about.path, &own)).key(&key)).await.expect(403);
    }
}

/// The number of pairs of a refusal and a version reached and validated with the contract. It may grow and not fall.
const REFUSALS: usize = 340;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_refuses_in_each_version_as_the_contract_has_it() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let unknown: Vec<_> = own.iter().map(|(hole, id)| (*hole, format!("{id}x"))).collect();
    let fast = world.new_key(Permission::ALL.to_vec(), Some(1)).await;
    world.call(Call::get("/cases").key(&fast)).await.expect(200);
    for about in operations() {
        let powerless = world.new_key(everything_but(&[about.permission]), None).await;
        for version in VERSIONS {
            let call = |ids: &[(&'static str, String)], query: &str, key: &str| {
                let path = format!("{}{query}", filled(about.path, ids));
                world.call(Call::new(about.method, &path).key(key).in_version(version))
            };
            call(&own, "", "").await.expect(401);
            call(&own, "", &powerless).await.expect(403);
            call(&own, "", &fast).await.expect(429);
            call(&own, "?page[size]=0", &world.key).await.expect(400);
            if about.path.contains('{') {
                call(&unknown, "", &world.key).await.expect(404);
            }
        }
    }
    let reached: BTreeSet<_> = world.done().into_iter().filter(|done| done.status >= 400).collect();
    assert!(reached.len() >= REFUSALS, "{} refusals", reached.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_judgement_comes_before_the_next() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let limited = world.new_key(everything_but(&[Permission::CaseWrite]), Some(1)).await;
    let reader = world.new_key(everything_but(&[Permission::CaseWrite]), None).await;
    let (bad, wrong) = (json!({"meta": {"status": 1}}), json!({"meta": {"status": "Nowhere"}}));
    let good = json!({"meta": {"status": "Pending"}});
    world.call(Call::get("/cases").key(&limited)).await.expect(200);
    let table = [
        ("", "case_none", &bad, 401),
        (limited.as_str(), "case_none", &bad, 429),
        (&reader, "case_none", &bad, 404),
        (&reader, &id, &bad, 403),
        (&world.key, &id, &bad, 400),
        (&world.key, &id, &wrong, 412),
        (&world.key, &id, &good, 412),
    ];
    for (key, case, body, status) in table {
        let call = Call::post(&format!("/cases/{case}/set-status")).key(key).with("if-match", "\"77\"");
        world.call(call.json(body.clone())).await.expect(status);
    }
    world.post(&format!("/cases/{id}/set-status"), wrong).await.expect(422);
    world.post(&format!("/cases/{id}/set-status"), good).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_nobody_knows_is_404_another_method_405_and_nothing_redirects() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let table = [
        ("GET", "/nothing".to_owned(), 404),
        ("GET", "//cases".to_owned(), 404),
        ("GET", format!("/cases//{id}"), 404),
        ("DELETE", "/transactions/txn_1".to_owned(), 404),
        ("POST", "/cases/search".to_owned(), 404),
        ("GET", String::new(), 404),
        ("DELETE", "/cases".to_owned(), 405),
        ("PUT", format!("/cases/{id}"), 405),
        ("GET", format!("/cases/{id}/set-status"), 405),
        ("POST", "/step-types".to_owned(), 405),
    ];
    for (method, path, status) in table {
        let answer = world.call(Call::new(method, &path)).await.expect(status);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert!(!answer.details().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_is_kept_told_and_given_anew_with_the_next_minute() {
    let world = World::on(On::Sqlite).await;
    let key = world.new_key(Permission::ALL.to_vec(), Some(2)).await;
    for (left, status) in [("1", 200), ("0", 200), ("0", 429), ("0", 429)] {
        let answer = world.call(Call::get("/cases").key(&key)).await.expect(status);
        assert_eq!((answer.header("ratelimit-limit"), answer.header("ratelimit-remaining")), ("2".into(), left.into()));
        assert_eq!(answer.header("ratelimit-reset"), "60");
        let after = answer.header("retry-after");
        assert_eq!(after, if status == 429 { "60" } else { "" });
    }
    world.clock.advance_seconds(59);
    assert_eq!(world.call(Call::get("/cases").key(&key)).await.expect(429).header("retry-after"), "1");
    world.clock.advance_seconds(1);
    world.call(Call::get("/cases").key(&key)).await.expect(200);

    let unlimited = world.new_key(Permission::ALL.to_vec(), Some(0)).await;
    for _ in 0..5 {
        let answer = world.call(Call::get("/nothing").key(&unlimited)).await.expect(404);
        // A client that paces itself by the remaining number must not stop at a 0 that means no limit.
        assert_eq!(
            (answer.header("ratelimit-remaining"), answer.header("ratelimit-reset")),
            ("2147483647".into(), "0".into())
        );
    }
    assert_eq!(world.get("/cases").await.header("ratelimit-limit"), "30000");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn if_match_is_kept_where_it_is_sent_and_missed_nowhere_on_the_contracts_operations() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let made = case(&world, &template).await;
        let (id, etag) = (made.id(), made.header("etag"));
        let change = |tag: Option<&str>, amount: i64| {
            let call =
                Call::new("PATCH", &format!("/cases/{id}")).json(attributes(json!({"fields": {"amount": amount}})));
            match tag {
                Some(tag) => call.with("if-match", tag),
                None => call,
            }
        };
        let changed = world.call(change(Some(&etag), 1)).await.expect(200);
        assert_ne!(changed.header("etag"), etag);
        assert_eq!(world.get(&format!("/cases/{id}")).await.header("etag"), changed.header("etag"));
        let refused = world.call(change(Some(&etag), 2)).await.expect(412);
        assert_eq!(refused.header("etag"), "");
        world.call(change(Some("\"none\""), 2)).await.expect(412);
        world.call(change(Some("\"99\", \"98\""), 2)).await.expect(412);
        assert_eq!(world.get(&format!("/cases/{id}")).await.body["data"]["attributes"]["fields"]["amount"], 1);
        world.call(change(Some("*"), 3)).await.expect(200);
        world.call(change(None, 4)).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_single_object_carries_its_etag() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    for path in [
        "/case-templates/{case-template-id}",
        "/cases/{case-id}",
        "/accounts/{account-id}",
        "/inquiries/{inquiry-id}",
        "/workflows/{workflow-id}",
        "/workflow-runs/{workflow-run-id}",
        "/events/{event-id}",
    ] {
        let answer = world.get(&filled(path, &own)).await.expect(200);
        assert!(answer.header("etag").starts_with('"'), "{path}: {}", answer.header("etag"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_id_can_be_is_unknown_on_every_route() {
    on_each_engine(async |world| {
        let paths: Vec<_> = operations().into_iter().filter(|about| about.path.contains('{')).collect();
        let attachments =
            ["/cases/{case-id}/attachments/y", "/cases/x/attachments/{file-id}"].map(|path| ("GET", path));
        for (method, path) in paths.iter().map(|about| (about.method, about.path)).chain(attachments) {
            let (before, rest) = path.split_once('{').expect("a hole");
            let after = rest.split_once('}').expect("an end").1;
            for odd in ["%00", "a%00b", "%ff", "%C0%80", "%F0%9F%98%80", &"x".repeat(4_000)] {
                let call = Call::new(method, &format!("{before}{odd}{after}"));
                world.call(call.clone()).await.expect(404);
                world.call(call.key("")).await.expect(401);
            }
        }
        for odd in ["%00", "%ff"] {
            world.call(Call::post(&format!("/ingest/{odd}")).json(json!({}))).await.expect(401);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_header_that_is_no_text_is_odd_and_not_absent() {
    let world = World::sqlite().await;
    let made = case(&world, &template(&world).await).await;
    let path = format!("/cases/{}", made.id());
    let odd = [0xfc, 0xff];
    let change = || Call::new("PATCH", &path).json(attributes(json!({"fields": {"amount": 1}})));
    world.call(change().bytes("if-match", &odd)).await.expect(412);
    world.call(change().bytes("persona-version", &odd)).await.expect(400);
    world.call(change().bytes("key-inflection", &odd)).await.expect(200);
    let open = || Call::post("/accounts").json(attributes(json!({"reference-id": "r"})));
    world.call(open().bytes("idempotency-key", &odd)).await.expect(400);
    assert_eq!(world.get("/accounts").await.ids().len(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_writes_what_is_not_theirs_to_write() {
    on_each_engine(async |world| {
        let foreign = one_of_each(&world, &world.foreign_key).await;
        let theirs = |hole: &str| foreign.iter().find(|(known, _)| *known == hole).expect("one of each").1.clone();
        let own = template(&world).await;
        let privileged = json!({
            "id": "case_chosen", "environment-id": world.set_up().production.id, "organization-id": "org_x", "version": 99,
            "status": "Approved", "resolution": "Approved", "name": "ADM-1", "number": 7, "created-at": "1999-01-01T00:00:00Z",
            "updated-at": "1999-01-01T00:00:00Z", "creator-id": "root", "creator-type": "system", "assignee-id": "root",
            "resolved-at": "1999-01-01T00:00:00Z", "redacted-at": "1999-01-01T00:00:00Z", "updater-id": "root",
            "is-stub": true, "reference-key": "x", "permissions": ["installation.operate"], "reviewer-comment": "root",
        });
        let with = |own: Value| {
            let mut attributes = privileged.as_object().expect("members").clone();
            attributes.extend(own.as_object().expect("members").clone());
            json!({"data": {"id": "case_chosen", "type": "organization", "attributes": attributes}})
        };
        let is_untouched = |answer: &crate::world::Answer| {
            let told = answer.body["data"].to_string();
            for word in ["root", "1999", "ADM-1", "case_chosen", "org_x", "organization", "Approved"] {
                assert!(!told.contains(word), "{word}: {}", answer.told());
            }
        };
        let made = world.post("/cases", with(json!({"case-template-id": own}))).await.expect(201);
        is_untouched(&made);
        is_untouched(&world.patch(&format!("/cases/{}", made.id()), with(json!({"fields": {"amount": 1}}))).await.expect(200));
        is_untouched(&world.post("/accounts", with(json!({}))).await.expect(201));
        is_untouched(&world.post("/inquiries", with(json!({"inquiry-template-id": "itmpl_any"}))).await.expect(201));
        // On Docket's own operations, each of them is named.
        let templates = world.post("/case-templates", with(json!({"name": "T"}))).await.expect(400);
        assert!(templates.pointers().len() >= privileged.as_object().map_or(0, serde_json::Map::len) - 1, "{}", templates.told());
        world.post("/sources", with(json!({"name": "S"}))).await.expect(400);
        world.post("/workflows", with(json!({"name": "W"}))).await.expect(400);

        // An object of another environment in a body is as unknown as one that does not exist.
        let opening = |template: &str| attributes(json!({"case-template-id": template}));
        let case = format!("/cases/{}", made.id());
        let add = |id: &str| json!({"meta": {"object-ids": [id]}});
        let account = |id: &str| attributes(json!({"account-id": id, "template-id": "tmpl_any"}));
        for (path, foreign, body) in [
            ("/cases".to_owned(), theirs("{case-template-id}"), &opening as &dyn Fn(&str) -> Value),
            (format!("{case}/add-objects"), theirs("{account-id}"), &add),
            (format!("{case}/add-objects"), theirs("{inquiry-id}"), &add),
            ("/inquiries".to_owned(), theirs("{account-id}"), &account),
        ] {
            let there = world.post(&path, body(&foreign)).await.expect(422);
            let nowhere = world.post(&path, body(&format!("{foreign}x"))).await.expect(422);
            let told = |answer: &crate::world::Answer, id: &str| answer.body.to_string().replace(id, "ID");
            assert_eq!(told(&there, &foreign), told(&nowhere, &format!("{foreign}x")), "{path}");
        }
    })
    .await;
}
