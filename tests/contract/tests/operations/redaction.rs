//! Redaction: no copy of a text planted in an object in every possible way is left after the redaction.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use docket_erasure::Forgotten;
use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::things::{Vendor, published};
use crate::world::{Call, World, attributes, on_each_engine};

/// A word that occurs nowhere else. Its hexadecimal digits are searched for too, to find it in files.
pub const CANARY: &str = "Quokkazebrine";

/// The log of this process, at the level of a server's log.
static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Collects the log from now on.
pub fn keep_log() {
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(|| Sink);
    // Another test may have installed the subscriber already.
    drop(subscriber.try_init());
}

/// Whether the word was logged.
pub fn is_logged() -> bool {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).contains(CANARY)
}

/// The places of the word in the database: tables on PostgreSQL, files on SQLite.
pub async fn copies(world: &World, engine: On) -> Vec<String> {
    let hex = docket_kernel::hex(CANARY.as_bytes());
    match engine {
        On::Sqlite => {
            world.fresh.run("PRAGMA wal_checkpoint(TRUNCATE)").await;
            let folder = world.fresh.file().parent().expect("a folder").to_owned();
            let files =
                std::fs::read_dir(folder).expect("the folder is read").map(|entry| entry.expect("an entry").path());
            let holds = |path: &std::path::PathBuf| {
                let bytes = std::fs::read(path).unwrap_or_default().to_ascii_lowercase();
                let has = |word: &str| bytes.windows(word.len()).any(|part| part == word.as_bytes());
                has(&CANARY.to_ascii_lowercase()) || has(&hex)
            };
            files.filter(holds).map(|path| path.display().to_string()).collect()
        }
        On::Postgres => {
            let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
            let mut found = Vec::new();
            for table in world.fresh.read(tables).await {
                let rows = format!(
                    "SELECT count(*) FROM \"{table}\" AS x WHERE x::text ILIKE '%{CANARY}%' OR x::text LIKE '%{hex}%'"
                );
                if world.fresh.count(&rows).await > 0 {
                    found.push(table);
                }
            }
            found
        }
    }
}

/// Every address that can be read, of every object in the lists.
async fn addresses(world: &World) -> Vec<String> {
    let lists = [
        ("{case-id}", "/cases"),
        ("{account-id}", "/accounts"),
        ("{inquiry-id}", "/inquiries"),
        ("{event-id}", "/events"),
        ("{workflow-run-id}", "/workflow-runs"),
        ("{workflow-id}", "/workflows"),
        ("{workflow-version-id}", "/workflow-versions"),
        ("{case-template-id}", "/case-templates"),
        ("{api-key-id}", "/api-keys"),
        ("{user-id}", "/users"),
    ];
    let mut ids: Vec<(&str, Vec<String>)> = Vec::new();
    for (hole, list) in lists {
        ids.push((hole, world.get(&format!("{list}?page[size]=100")).await.ids()));
    }
    let mut all = Vec::new();
    for about in docket_api::operations().into_iter().filter(|about| about.method == "GET") {
        match ids.iter().find(|(hole, _)| about.path.contains(hole)) {
            Some((hole, ids)) => all.extend(ids.iter().map(|id| about.path.replace(hole, id))),
            None => all.push(format!("{}?page[size]=100", about.path)),
        }
    }
    for inquiry in &ids[2].1 {
        all.push(format!("/inquiries/{inquiry}?include=account"));
    }
    for case in &ids[0].1 {
        all.push(format!("/cases/{case}?include=accounts,inquiries,case-comments"));
    }
    all.push(format!("/search?q={CANARY}"));
    all.retain(|path| !path.contains('{'));
    all
}

/// The addresses whose responses contain the word.
pub async fn answers(world: &World) -> Vec<String> {
    let mut holding = Vec::new();
    for path in addresses(world).await {
        let answer = world.get(&path).await;
        if String::from_utf8_lossy(&answer.bytes).contains(CANARY) {
            holding.push(format!("{path}: {}", answer.told()));
        }
    }
    holding
}

/// A workflow that reads the word in a condition, an input, an output, from a live object, and in a failing step.
fn reading(template: &str) -> Value {
    json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [
            {"id": "known", "choose": [
                {"label": "Known", "when": {"field": "trigger.fields.nickname", "is": "equals", "value": "Mona"}, "steps": []},
                {"label": "Else", "steps": []},
            ]},
            {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["{{trigger.fields.nickname}}"]}},
            {"id": "open", "do": "case.create", "with": {"template": template, "objects": [{"ref": "trigger"}]}},
            {"id": "move", "do": "case.update_status", "on_error": "continue",
                "with": {"case": {"ref": "open"}, "status": {"ref": "trigger.fields.nickname"}}},
        ],
        "output": {"name": {"ref": "trigger.fields.nickname"}, "account": {"ref": "trigger.account.fields.nickname"}},
    })
}

/// A workflow that is called with a case and tags it.
fn called_with_case() -> Value {
    json!({
        "trigger": {"on": ["api"], "parameters": [
            {"name": "case_id", "type": "string", "required": true}, {"name": "nickname", "type": "string"},
        ]},
        "steps": [{"id": "tag", "do": "object.tag", "with": {
            "object": {"ref": "trigger.fields.case_id"}, "tags": ["{{trigger.fields.nickname}}"],
        }}],
        "output": {"name": {"ref": "trigger.fields.nickname"}},
    })
}

/// Creates an account and its inquiry that contain the word in every possible way; returns their ids.
async fn plant_in_people(world: &World) -> (String, String) {
    keep_log();
    let template = world.post("/case-templates", attributes(json!({"name": "Review"}))).await.expect(201).id();
    published(world, "Reading", reading(&template)).await;
    let body = attributes(json!({"reference-id": CANARY, "fields": {"nickname": CANARY}, "tags": [CANARY]}));
    let account = world.call(Call::post("/accounts").json(body).with("idempotency-key", "one")).await.expect(201).id();
    let body = attributes(json!({
        "account-id": account, "inquiry-template-id": "itmpl_any", "note": CANARY, "fields": {"nickname": CANARY},
        "tags": [CANARY],
    }));
    let made = Call::post("/inquiries?include=account").json(body).with("idempotency-key", "two");
    let inquiry = world.call(made).await.expect(201).id();
    let why = json!({"meta": {"comment": CANARY}});
    world.post(&format!("/inquiries/{inquiry}/approve"), why).await.expect(200);
    let vendor = Vendor::of(world).await;
    vendor.send(world, &vendors(&account, "evt_1")).await.expect(200);
    (account, inquiry)
}

/// A vendor's inquiry of an account, with the word wherever a vendor can put it.
fn vendors(account: &str, event: &str) -> Value {
    json!({"data": {"type": "event", "id": event, "attributes": {
        "name": "inquiry.completed",
        "created-at": "2025-12-31T11:00:00.000Z",
        "payload": {
            "data": {
                "type": "inquiry", "id": "inq_vendor",
                "attributes": {
                    "status": "completed", "created-at": "2025-12-31T10:00:00.000Z", "note": CANARY, "odd": {"x": [CANARY]},
                    "tags": [CANARY], "fields": {"nickname": {"type": "string", "value": CANARY}},
                },
                "relationships": {
                    "account": {"data": {"type": "account", "id": account}},
                    "verifications": {"data": [{"type": "verification/selfie", "id": "ver_vendor"}]},
                },
            },
            "included": [{
                "type": "verification/selfie", "id": "ver_vendor",
                "attributes": {"status": "passed", "photo": CANARY},
                "relationships": {"inquiry": {"data": {"type": "inquiry", "id": "inq_vendor"}}},
            }],
        },
    }}})
}

/// Creates a case that contains the word in every possible way; returns its id.
async fn plant_in_case(world: &World) -> String {
    keep_log();
    let fields = json!([{"key": "nickname", "type": "string"}]);
    let body = attributes(json!({"name": "Planted", "fields": fields}));
    let template = world.post("/case-templates", body).await.expect(201).id();
    let called = published(world, "Called", called_with_case()).await;
    let body = attributes(json!({"case-template-id": template, "fields": {"nickname": CANARY}}));
    let case = world.call(Call::post("/cases").json(body).with("idempotency-key", "three")).await.expect(201).id();
    let data = base64::engine::general_purpose::STANDARD.encode(format!("%PDF-1.4 {CANARY}"));
    let file = attributes(json!({"attachments": [{"filename": format!("{CANARY}.pdf"), "data": data}]}));
    world.patch(&format!("/cases/{case}"), file).await.expect(200);
    let comment = Call::post(&format!("/cases/{case}/comments")).json(attributes(json!({"body": CANARY})));
    world.call(comment.with("idempotency-key", "four")).await.expect(201);
    let status = json!({"meta": {"status": "Pending", "comment": CANARY}});
    world.post(&format!("/cases/{case}/set-status"), status).await.expect(200);
    let fields = attributes(json!({"fields": {"case_id": case, "nickname": CANARY}}));
    let run = world.post(&format!("/workflows/{called}/trigger"), fields).await.expect(200);
    assert_eq!(run.attribute("status"), "completed", "{}", run.told());
    case
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_redacted_account_is_left_in_the_database_or_in_any_answer() {
    for engine in engines() {
        let world = World::on(engine).await;
        let (account, inquiry) = plant_in_people(&world).await;
        assert!(copies(&world, engine).await.len() + answers(&world).await.len() > 10, "the word is everywhere");

        let redacted = world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        world.work_off(20).await;

        assert!(redacted.attribute("redacted-at").is_string(), "{}", redacted.told());
        assert_eq!(redacted.attribute("reference-id"), &Value::Null);
        assert_eq!(copies(&world, engine).await, Vec::<String>::new(), "on {engine}");
        assert_eq!(answers(&world).await, Vec::<String>::new(), "on {engine}");
        assert!(!is_logged(), "on {engine}: the word is in the log");
        for inquiry in [inquiry.as_str(), "inq_vendor"] {
            let shown = world.get(&format!("/inquiries/{inquiry}")).await.expect(200);
            assert!(shown.attribute("redacted-at").is_string(), "{}", shown.told());
            world.call(Call::new("DELETE", &format!("/inquiries/{inquiry}"))).await.expect(409);
        }
        let listed = world.get(&format!("/redactions?filter[object-id]={account}")).await.expect(200);
        assert_eq!(listed.at("/data/0/attributes/state"), "done", "{}", listed.told());
        assert_eq!(listed.at("/data/0/attributes/counts/objects"), 2, "its inquiries: {}", listed.told());
        let again = world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        assert_eq!(again.header("etag"), redacted.header("etag"), "an account without content is redacted already");
        world.is_in_order().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_of_a_redacted_case_is_left_and_what_was_decided_is() {
    for engine in engines() {
        let world = World::on(engine).await;
        let case = plant_in_case(&world).await;
        let file = world.fresh.read("SELECT id FROM file_content").await.remove(0);
        assert!(copies(&world, engine).await.len() + answers(&world).await.len() > 5, "the word is everywhere");

        let redacted = world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(200);
        world.work_off(20).await;

        assert_eq!(redacted.attribute("status"), "Pending");
        for (name, empty) in [("fields", json!({})), ("tags", json!([])), ("attachments", json!([]))] {
            assert_eq!(redacted.attribute(name), &empty);
        }
        assert_eq!(copies(&world, engine).await, Vec::<String>::new(), "on {engine}");
        assert_eq!(answers(&world).await, Vec::<String>::new(), "on {engine}");
        assert!(!is_logged(), "on {engine}: the word is in the log");
        world.get(&format!("/cases/{case}/attachments/{file}")).await.expect(404);
        let changes = world.get(&format!("/events?filter[object-id]={case}&filter[name]=case.status-updated")).await;
        assert_eq!(changes.at("/data/0/attributes/context/to"), "Pending", "{}", changes.told());
        world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(409);
        let comment = attributes(json!({"body": "more"}));
        world.post(&format!("/cases/{case}/comments"), comment).await.expect(409);
        world.post(&format!("/cases/{case}/set-status"), json!({"meta": {"status": "Approved"}})).await.expect(200);
        world.is_in_order().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_hide_what_no_pass_has_blanked_yet() {
    for engine in engines() {
        let world = World::forgetting(engine, Forgotten::Everything).await;
        let (_, inquiry) = plant_in_people(&world).await;
        let case = plant_in_case(&world).await;
        let comment = world.get(&format!("/cases/{case}/comments")).await.ids().remove(0);
        assert!(answers(&world).await.len() > 10);

        for path in ["/inquiries/inq_vendor".into(), format!("/inquiries/{inquiry}"), format!("/cases/{case}")] {
            world.call(Call::new("DELETE", &path)).await.expect(200);
        }

        assert!(!copies(&world, engine).await.is_empty(), "on {engine}: nothing is blanked yet");
        let shown = answers(&world).await;
        // The account is not redacted, but related to redacted objects.
        let elsewhere = ["/accounts", "/search", "/events", "/objects", "include="];
        let about = |answer: &&String| {
            let address = answer.split(": ").next().unwrap_or_default();
            !elsewhere.iter().any(|part| address.contains(part))
        };
        let wrong: Vec<&String> = shown.iter().filter(about).collect();
        assert_eq!(wrong, Vec::<&String>::new(), "on {engine}");
        for id in [&inquiry, &case, &comment] {
            let events = world.get(&format!("/events?filter[object-id]={id}&page[size]=100")).await;
            assert!(!String::from_utf8_lossy(&events.bytes).contains(CANARY), "{}", events.told());
        }
        // The error of a failed step on another case quotes what the run read of the inquiry.
        let failures = world.get("/events?filter[name]=case.step-failed").await.expect(200);
        assert!(!failures.ids().is_empty(), "on {engine}");
        assert!(!String::from_utf8_lossy(&failures.bytes).contains(CANARY), "{}", failures.told());
        let body = attributes(json!({"case-template-id": "x", "fields": {}}));
        let again = world.call(Call::post("/cases").json(body).with("idempotency-key", "three")).await;
        assert_eq!(again.status, 409, "{}", again.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redaction_that_forgets_the_history_of_runs_is_found() {
    let world = World::forgetting(On::Sqlite, Forgotten::RunHistory).await;
    let (account, _) = plant_in_people(&world).await;

    world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
    world.work_off(20).await;

    assert!(!copies(&world, On::Sqlite).await.is_empty(), "the word is found in the file");
    assert!(!answers(&world).await.is_empty(), "the word is found in the steps of a run");
    let found = world.violations().await;
    assert!(found.iter().any(|words| words.starts_with("redacted-is-blank: run_segment")), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vendor_brings_no_content_of_a_redacted_object_back() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({}))).await.expect(201).id();
        let vendor = Vendor::of(&world).await;
        vendor.send(&world, &vendors(&account, "evt_1")).await.expect(200);
        world.call(Call::new("DELETE", "/inquiries/inq_vendor")).await.expect(200);

        let answer = vendor.send(&world, &vendors(&account, "evt_2")).await.expect(200);
        let again = vendor.send(&world, &vendors(&account, "evt_2")).await.expect(200);

        assert_eq!(
            (answer.at("/meta/received").clone(), answer.at("/meta/ignored/reason").clone()),
            (json!("ignored"), json!("redacted"))
        );
        assert_eq!(again.at("/meta/received"), "before");
        let inquiry = world.get("/inquiries/inq_vendor").await.expect(200);
        assert_eq!(inquiry.attribute("note"), &Value::Null);
        assert!(inquiry.attribute("redacted-at").is_string());
        let verification = world.get("/events?filter[object-id]=ver_vendor").await;
        assert!(!verification.body.to_string().contains(CANARY));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redacting_needs_the_right_version_and_the_permission_and_is_done_once_for_its_key() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201);
        let path = format!("/accounts/{}", account.id());
        let reader = world.new_key(vec![docket_kernel::Permission::AccountRead], None).await;

        world.call(Call::new("DELETE", &path).key(&reader)).await.expect(403);
        world.call(Call::new("DELETE", &path).key(&world.foreign_key)).await.expect(404);
        world.call(Call::new("DELETE", &path).with("if-match", "\"99\"")).await.expect(412);
        let call = Call::new("DELETE", &path).with("if-match", &account.header("etag")).with("idempotency-key", "once");
        let first = world.call(call.clone()).await.expect(200);
        let second = world.call(call).await.expect(200);

        assert_eq!(first.bytes, second.bytes);
        let events = world.get("/events?filter[name]=account.redacted").await;
        assert_eq!(events.ids().len(), 1, "{}", events.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_can_get_content_again_and_be_redacted_again() {
    on_each_engine(async |world| {
        let reference = json!({"reference-id": "customer-9", "fields": {"nickname": "old"}});
        let account = world.post("/accounts", attributes(reference.clone())).await.expect(201).id();
        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);

        let other = world.post("/accounts", attributes(reference)).await.expect(201).id();

        assert_ne!(account, other, "its reference id is free again");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redacting_counts_among_the_events_of_an_object_and_blanking_leaves_their_order() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201).id();

        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        world.work_off(20).await;

        let events = world.get(&format!("/events?filter[object-id]={account}")).await.expect(200);
        assert_eq!(events.text("/data/0/attributes/name"), "account.redacted", "{}", events.told());
        let numbers = format!("SELECT object_ordinal FROM event WHERE object_id = '{account}' ORDER BY object_ordinal");
        let wanted: Vec<_> = (1..=events.ids().len()).map(|number| number.to_string()).collect();
        assert_eq!(world.fresh.read(&numbers).await, wanted);
        let counted = format!("SELECT event_ordinal FROM object WHERE id LIKE '%/{account}'");
        assert_eq!(world.fresh.read(&counted).await, [wanted.len().to_string()]);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_schema_lets_rows_that_never_change_be_blanked_and_nothing_else() {
    on_each_engine(async |world| {
        let case = plant_in_case(&world).await;
        for round in ["before", "after"] {
            for table in ["event", "run_segment", "case_comment", "workflow_run"] {
                for column in columns(&world, table).await {
                    let change = format!("UPDATE {table} SET {column} = {}", other_value(&column));
                    let refused = world.fresh.try_run(&change).await.expect_err(&change);
                    assert!(refused.contains("does not change"), "{round}: {change}: {refused}");
                }
                if table != "workflow_run" {
                    let removal = format!("DELETE FROM {table}");
                    assert!(world.fresh.try_run(&removal).await.is_err(), "{round}: {removal}");
                }
            }
            if round == "before" {
                world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(200);
                world.work_off(20).await;
            }
        }
    })
    .await;
}

/// The columns of a table that must not change. The version may change, and so may the marks of a run or a part of its
/// history as redacted or removed by retention; the doctor checks that the content is blank.
async fn columns(world: &World, table: &str) -> Vec<String> {
    let query = match world.engine {
        On::Sqlite => format!("SELECT '\"' || name || '\"' FROM pragma_table_info('{table}')"),
        On::Postgres => format!(
            "SELECT quote_ident(column_name) FROM information_schema.columns WHERE table_schema = 'public' \
             AND table_name = '{table}'"
        ),
    };
    let mut columns = world.fresh.read(&query).await;
    let is_run = matches!(table, "run_segment" | "workflow_run");
    columns.retain(|column| match column.trim_matches('"') {
        "version" => false,
        "redaction_id" | "retained_at" => !is_run,
        _ => true,
    });
    columns
}

/// A value that a column may have, but that no row has.
fn other_value(column: &str) -> &'static str {
    match column.trim_matches('"') {
        "state" => "'errored'",
        "context" | "payload" | "steps" | "progress" | "trigger" => "'{\"another\": 1}'",
        "chain" => "'[\"another\"]'",
        name if name.ends_with("_at") || name.ends_with("ordinal") || matches!(name, "depth" | "object_version") => "7",
        _ => "'another'",
    }
}
