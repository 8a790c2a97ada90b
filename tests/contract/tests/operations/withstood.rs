//! What held when Docket was attacked, kept as facts. Which attack each of them is of is in docs/reports/attacks.md.

use std::fmt::Write as _;
use std::future::Future;
use std::path::Path;
use std::pin::pin;

use axum::body::Body;
use axum::http::Request;
use docket_doctor::TABLES;
use docket_kernel::{Row, Table};
use docket_storage::Database;
use docket_testkit::engines;
use serde_json::{Value, json};

use crate::held::answered;
use crate::sessions::Browser;
use crate::shut_out::second_node;
use crate::things::{Vendor, case, event, one_of_each, template};
use crate::world::{Call, World, attributes, described, on_each_engine};

const PASSWORD: &str = "correct horse battery";

/// Headers with which pages of other sites, and what stands between, have tried to pass for ours.
const OF_OTHER_SITES: [&[(&str, &str)]; 20] = [
    &[],
    &[("origin", "null")],
    &[("origin", "")],
    &[("origin", "http://evil.example")],
    &[("origin", "https://evil.example")],
    &[("origin", "http://docket.test.evil.example")],
    &[("origin", "http://evil.example/docket.test")],
    &[("origin", "http://evil.example?docket.test")],
    &[("origin", "http://docket.test@evil.example")],
    &[("origin", "http://sub.docket.test")],
    &[("origin", "http://docket.test.")],
    &[("origin", "http://docket.test:9000")],
    &[("origin", "docket.test")],
    &[("origin", "//docket.test")],
    &[("origin", "file://")],
    &[("origin", "http://evil.example"), ("referer", "http://docket.test/cases")],
    &[("referer", "http://docket.test/cases")],
    &[("origin", "http://evil.example"), ("sec-fetch-site", "same-origin")],
    &[("origin", "http://evil.example"), ("x-requested-with", "XMLHttpRequest")],
    &[("origin", "http://evil.example"), ("x-http-method-override", "GET")],
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_of_another_site_changes_nothing_in_any_of_twenty_forms() {
    let world = World::sqlite().await;
    let browser = Browser::signed_in(&world).await;
    let cookie = format!("{}={}", browser.name, browser.cookie.clone().expect("a cookie"));
    let body = attributes(json!({"name": "Forged"})).to_string();
    for headers in OF_OTHER_SITES {
        for kind in ["application/json", "text/plain", "application/x-www-form-urlencoded"] {
            let mut request = Request::builder().method("POST").uri("/api/v1/case-templates").header("cookie", &cookie);
            request = request.header("host", "docket.test").header("content-type", kind);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let request = request.body(Body::from(body.clone())).expect("a request");

            let refused = answered(world.router.clone(), request).await;

            assert_eq!(refused.status, 403, "{headers:?} {kind}: {}", refused.told());
        }
    }
    assert_eq!(world.get("/case-templates").await.ids(), Vec::<String>::new());
}

/// Runs to its end while time passes: what is postponed is tried again a little later.
async fn while_time_passes<T>(world: &World, other: Option<&Database>, act: impl Future<Output = T>) -> T {
    let mut act = pin!(act);
    loop {
        tokio::select! {
            biased;
            done = act.as_mut() => return done,
            _ = world.fresh.count("SELECT 1") => {}
        }
        world.clock.advance_micros(1_000);
        for database in other.into_iter().chain([&world.database]) {
            database.writer().nudge();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_two_browsers_use_at_once_opens_one_session() {
    for engine in engines() {
        let world = World::on(engine).await;
        let (other, database) = second_node(&world, engine).await;
        let person = json!({"email-address": "dan@lantern.example", "name": "Dan", "role": "analyst"});
        let added = world.post("/users", attributes(person)).await.expect(201);
        let link = added.text("/data/attributes/invitation");
        let token = link.split_once("/invitation#token=").expect("a link").1;
        let accept = |password: &str| {
            let body = attributes(json!({"token": token, "password": password}));
            Browser::of(&world).request("POST", "/invitations/accept", Some(&body))
        };

        let one = answered(world.router.clone(), accept("the first password"));
        let two = answered(other, accept("the second password"));
        let both = async { tokio::join!(one, two) };
        let (one, two) = while_time_passes(&world, database.as_ref(), both).await;

        let mut statuses = [one.status, two.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 422], "{engine}: {} {}", one.told(), two.told());
        let kept = world.fresh.count("SELECT count(*) FROM user_session").await;
        assert_eq!(kept, 1, "{engine}");
        world.is_in_order().await;
        if let Some(database) = database {
            database.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn guesses_at_a_password_count_together_on_two_nodes() {
    for engine in engines() {
        let world = World::on(engine).await;
        world.set_password(PASSWORD).await;
        let (other, database) = second_node(&world, engine).await;
        let try_with = async |node: usize, password: &str| {
            let body = attributes(json!({"email-address": "ada@lantern.example", "password": password}));
            let request = Browser::of(&world).request("POST", "/sessions", Some(&body));
            let router = if node == 0 { world.router.clone() } else { other.clone() };
            answered(router, request).await.status
        };
        for guess in 0..10 {
            assert_eq!(try_with(guess % 2, "a guess at it").await, 422, "{engine}: guess {guess}");
        }

        let after = (try_with(0, PASSWORD).await, try_with(1, PASSWORD).await);

        assert_eq!(after, (429, 429), "{engine}");
        if let Some(database) = database {
            database.close().await;
        }
    }
}

/// What would end a text of SQL, JSON or a pattern, or begin another.
const INJECTIONS: [&str; 14] = [
    "' OR '1'='1",
    "'; DROP TABLE event; --",
    "\" OR 1=1 --",
    "') UNION SELECT id FROM api_key --",
    "%",
    "_",
    "*",
    "\\",
    "${7*7}{{7*7}}",
    "{\"$ne\": null}",
    "../../etc/passwd",
    "\u{202e}\u{0}",
    "a' || pg_sleep(5) || '",
    "$1",
];

fn escaped(text: &str) -> String {
    text.bytes().fold(String::new(), |mut escaped, byte| {
        write!(escaped, "%{byte:02X}").expect("written");
        escaped
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_text_in_a_filter_a_cursor_or_a_path_widens_what_is_found_or_fails() {
    on_each_engine(async |world| {
        one_of_each(&world, &world.key).await;
        let mut asked = 0;
        for about in docket_api::operations().into_iter().filter(|about| about.method == "GET") {
            if about.path.contains('{') {
                for text in INJECTIONS {
                    let path = about.path.split('/').map(|part| match part.strip_prefix('{') {
                        Some(_) => escaped(text),
                        None => part.to_owned(),
                    });
                    let path = path.collect::<Vec<_>>().join("/");
                    let answer = world.get(&path).await;
                    assert_eq!(answer.status, 404, "{path}: {}", answer.told());
                    asked += 1;
                }
                continue;
            }
            let Some(operation) = described().operation("GET", about.path) else { continue };
            let names: Vec<String> = operation.takes().into_iter().filter(|name| name.starts_with("filter[")).collect();
            for name in names.iter().map(String::as_str).chain(["page[after]", "page[before]"]) {
                for text in INJECTIONS {
                    let answer = world.get(&format!("{}?{name}={}", about.path, escaped(text))).await;
                    assert!(matches!(answer.status, 200 | 400 | 404 | 422), "{name} {text}: {}", answer.told());
                    let finds_nothing = answer.status != 200 || answer.ids().is_empty();
                    let is_none =
                        about.id == "export-a-bundle" || name.contains("drafts") || !name.starts_with("filter[");
                    assert!(finds_nothing || is_none, "{} {name} {text}: {}", about.path, answer.told());
                    asked += 1;
                }
            }
        }
        for text in INJECTIONS {
            let found = world.get(&format!("/search?q={}", escaped(text))).await;
            assert!(found.status == 400 || found.ids().is_empty(), "{text}: {}", found.told());
        }
        assert!(asked > 500, "{asked} requests");
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_that_is_stored_is_answered_as_data_and_never_as_a_page() {
    let world = World::sqlite().await;
    let script = "<script>alert(1)</script><img src=x onerror=alert(1)>";
    let fields = json!([{"key": "note", "type": "string", "label": script}]);
    let made = world.post("/case-templates", attributes(json!({"name": script, "fields": fields}))).await.expect(201);
    let opening = json!({"case-template-id": made.id(), "fields": {"note": script}});
    let held = world.post("/cases", attributes(opening)).await.expect(201).id();
    let file = json!([{"filename": "a.svg.pdf", "data": "JVBERi0xLjQKPHNjcmlwdD4="}]);
    let with_file = world.patch(&format!("/cases/{held}"), attributes(json!({"attachments": file}))).await.expect(200);
    world.post(&format!("/cases/{held}/comments"), attributes(json!({"body": script}))).await.expect(201);
    let account = json!({"reference-id": script, "tags": [script], "fields": {"note": script}});
    let account = world.post("/accounts", attributes(account)).await.expect(201).id();
    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    let workflow = attributes(json!({"name": script, "definition": definition}));
    let workflow = world.post("/workflows", workflow).await.expect(201).id();
    let attachment = with_file.text("/data/attributes/attachments/0/url").replace("/api/v1", "");
    let attachment = attachment[attachment.find("/cases").expect("a path")..].to_owned();

    for path in [
        "/case-templates".to_owned(),
        format!("/case-templates/{}", made.id()),
        format!("/case-templates/{}/statuses", made.id()),
        "/cases".to_owned(),
        format!("/cases/{held}"),
        format!("/cases/{held}/comments"),
        "/accounts".to_owned(),
        format!("/accounts/{account}"),
        "/workflows".to_owned(),
        format!("/workflows/{workflow}"),
        format!("/workflows/{workflow}/export"),
        "/events?page[size]=100".to_owned(),
        "/bundle".to_owned(),
        "/search?q=%3Cscript".to_owned(),
        attachment,
    ] {
        let answer = world.get(&path).await.expect(200);
        let (kind, disposition) = (answer.header("content-type"), answer.header("content-disposition"));
        let is_data = kind == "application/json; charset=utf-8";
        let is_download = disposition.starts_with("attachment") && answer.header("x-content-type-options") == "nosniff";
        assert!(is_data || is_download, "{path}: {kind} {disposition}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_name_gets_out_of_the_header_that_it_stands_in() {
    let world = World::sqlite().await;
    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    for (name, shown) in [
        ("x\"; filename=\"evil.exe", "x-filename-evil-exe.yaml"),
        ("../../etc/passwd", "etc-passwd.yaml"),
        ("a: set-cookie: b=c", "a-set-cookie-b-c.yaml"),
        ("…", "workflow.yaml"),
    ] {
        let body = attributes(json!({"name": name, "definition": definition}));
        let made = world.post("/workflows", body).await.expect(201).id();

        let exported = world.get(&format!("/workflows/{made}/export")).await.expect(200);

        assert_eq!(exported.header("content-disposition"), format!("attachment; filename=\"{shown}\""), "{name}");
        assert_eq!(exported.header("set-cookie"), "", "{name}");
    }
    let broken = attributes(json!({"name": "a\r\nset-cookie: b=c", "definition": definition}));
    world.post("/workflows", broken).await.expect(422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nine_thousand_objects_in_one_webhook_are_taken_in() {
    let world = World::sqlite().await;
    let vendor = Vendor::of(&world).await;
    let mut body = event("evt_1", "account.created", "2025-12-31T10:00:00.000Z", &Value::Null);
    let account = |n: usize| json!({"type": "account", "id": format!("act_{n}"), "attributes": {}});
    body["data"]["attributes"]["payload"]["included"] = (0..9_000).map(account).collect();

    let answer = vendor.send(&world, &body).await.expect(200);

    assert_eq!((answer.text("/meta/received"), answer.at("/meta/adjusted")), ("recorded".into(), &json!([])));
    assert_eq!(world.fresh.count("SELECT count(*) FROM object").await, 9_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_key_token_or_password_stands_in_any_row() {
    on_each_engine(async |world| {
        let browser = Browser::signed_in(&world).await;
        let held = case(&world, &template(&world).await).await.id();
        let made = Call::post("/api-keys").with("idempotency-key", "once").json(attributes(json!({"name": "Secret"})));
        let key = world.call(made).await.expect(201).text("/data/attributes/value");
        world.call(Call::get(&format!("/cases/{held}")).key(&key)).await.expect(200);
        let person = json!({"email-address": "dan@lantern.example", "name": "Dan", "role": "analyst"});
        let link = world.post("/users", attributes(person)).await.expect(201).text("/data/attributes/invitation");
        let invitation = link.split_once("token=").expect("a link").1.to_owned();
        let token = browser.cookie.clone().expect("a cookie");

        let take: fn(&mut String, &'static Table, Row) = |all, _, row| {
            write!(all, "{row:?}").expect("written");
        };
        let walked = world.database.reader().walk(TABLES, String::new(), take, |_| None).await;
        let mut rows = walked.expect("every row is read");
        rows.extend(world.fresh.read("SELECT body FROM answer").await);

        assert!(rows.contains("dan@lantern.example"), "rows are read");
        for secret in [&key, &token, &invitation, &PASSWORD.to_owned(), &world.key] {
            assert!(!rows.contains(secret.as_str()), "{secret}");
        }
    })
    .await;
}

/// The text of every Rust file in a folder and the folders below it.
fn sources_in(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut all = String::new();
    for path in entries {
        if path.is_dir() {
            all.push_str(&sources_in(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push_str(&std::fs::read_to_string(&path).expect("text"));
        }
    }
    all
}

#[test]
fn every_fact_that_stands_for_an_attack_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let report = std::fs::read_to_string(root.join("docs/reports/attacks.md")).expect("the report");
    let sources = sources_in(&root.join("crates")) + &sources_in(&root.join("tests"));
    let quoted = report.split('`').skip(1).step_by(2);
    let facts: Vec<&str> = quoted.filter(|word| word.matches('_').count() > 1 && !word.contains(['/', '.'])).collect();

    // A test is a function, or a name in a list of which a macro makes functions.
    let is_there = |fact: &str| sources.contains(&format!("fn {fact}()")) || sources.contains(&format!("    {fact}\n"));
    let missing: Vec<&&str> = facts.iter().filter(|fact| !is_there(fact)).collect();

    assert_eq!(missing, Vec::<&&str>::new());
    assert!(facts.len() > 70, "{} facts", facts.len());
}
