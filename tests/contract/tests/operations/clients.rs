//! What clients of the contract rely on besides the shapes: paths that are not served, blank filters, cursors, and
//! bodies without members that the contract requires.

use docket_api::Settings;
use docket_api::contract::{COMPATIBILITY_PAGE, operations as published};
use docket_api::operations;
use docket_api::version::ApiVersion;
use docket_contract::Contract;
use docket_testkit::On;
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, filled, inquiry, one_of_each, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

fn place(names: &[(&str, &str)], id: &str) -> Value {
    let members = names.iter().map(|(name, kind)| ((*name).to_owned(), json!({"data": {"type": kind, "id": id}})));
    Value::Object(members.collect())
}

#[test]
fn the_list_of_the_contracts_operations_is_the_published_one() {
    for contract in Contract::or_skip("the_list_of_the_contracts_operations_is_the_published_one") {
        let mut theirs: Vec<_> =
            contract.operations().map(|of| (of.method.to_uppercase(), of.path.to_owned())).collect();
        let mut ours: Vec<_> = published().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
        theirs.sort();
        ours.sort();
        assert_eq!(ours, theirs, "write crates/api/src/contract/operations.txt anew");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operation_of_the_contract_that_is_not_served_is_404_and_names_the_page_that_says_so() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let served = operations();
    let mut missing = 0;
    for (method, path) in published() {
        if served.iter().any(|about| about.method == method && about.path == path) {
            continue;
        }
        let actual = filled(path, &own).replace(['{', '}'], "");
        let answer = world.call(Call::new(method, &actual)).await.expect(404);
        let is_a_record = answer.at("/errors/0/meta/code") != "not-served";
        // Some paths of the contract match one of Docket's own that names a record, which does not exist.
        assert!(!is_a_record || method == "GET", "{method} {path}: {}", answer.told());
        if !is_a_record {
            assert!(answer.details().contains(COMPATIBILITY_PAGE), "{}", answer.told());
            assert_eq!(answer.at("/errors/0/title"), "Record not found");
            missing += 1;
        }
    }
    assert!(missing > 150, "{missing} operations");
    let refused = world.call(Call::new("DELETE", "/cases")).await.expect(405);
    let mut allowed: Vec<String> = refused.header("allow").split(',').map(|method| method.trim().to_owned()).collect();
    allowed.sort();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
    world.call(Call::new("DELETE", "/transactions/x").key("")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slash_at_the_end_of_a_path_changes_nothing() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let made = world.post("/cases/", attributes(json!({"case-template-id": template}))).await.expect(201).id();

    assert_eq!(world.get("/cases/?page[size]=1").await.expect(200).ids(), std::slice::from_ref(&made));
    assert_eq!(world.get(&format!("/cases/{made}/")).await.expect(200).id(), made);
    world.call(Call::new("DELETE", "/cases/")).await.expect(405);
    world.call(Call::new("DELETE", "/transactions/txn_1/")).await.expect(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_blank_filter_is_no_filter_and_an_unknown_one_is_refused() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let lists = operations().into_iter().filter(|about| about.method == "GET" && !about.path.contains('{'));
    let mut tried = 0;
    for about in lists.filter(|about| !matches!(about.path, "/workflow-versions" | "/step-types" | "/event-types")) {
        let all = world.get(about.path).await.expect(200).ids();
        let refused = world.get(&format!("{}?filter[oddity]=x", about.path)).await.expect(400);
        assert!(refused.details().contains("filter[oddity]"), "{}: {}", about.path, refused.told());
        world.get(&format!("{}?sort=-created-at", about.path)).await.expect(400);
        let known: Vec<String> = match refused.details().split_once("; use ") {
            Some((_, names)) => names.split(", ").map(str::to_owned).collect(),
            None => Vec::new(),
        };
        for name in known {
            // A note may be a comma.
            for blank in ["", "%20", ","].into_iter().filter(|blank| name != "note" || *blank != ",") {
                let answer = world.get(&format!("{}?filter[{name}]={blank}", about.path)).await.expect(200);
                assert_eq!(answer.ids(), all, "{} filter[{name}]={blank}", about.path);
            }
            tried += 1;
        }
    }
    assert!(tried > 25, "{tried} filters");
    world.get(&filled("/workflow-versions?filter[workflow-id]=", &own)).await.expect(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_whose_name_holds_commas_is_found_by_it() {
    on_each_engine(async |world| {
        let statuses = json!([
            {"name": "New", "type": "initial"}, {"name": "Paid, in part", "type": "intermediate"},
            {"name": "Paid", "type": "end"},
        ]);
        let body = attributes(json!({"name": "Disputes", "statuses": statuses}));
        let template = world.post("/case-templates", body).await.expect(201).id();
        let mut ids = Vec::new();
        for status in ["New", "Paid, in part", "Paid"] {
            let id = case(&world, &template).await.id();
            world.post(&format!("/cases/{id}/set-status"), json!({"meta": {"status": status}})).await.expect(200);
            ids.push(id);
        }
        for (filter, expected) in [
            ("Paid,%20in%20part", vec![1]),
            ("paid,%20IN%20part", vec![1]),
            ("%22Paid,%20in%20part%22,New", vec![1, 0]),
            ("Paid,New", vec![2, 0]),
            ("Paid,%20in%20part&filter[status][]=Paid", vec![2, 1]),
        ] {
            let found = world.get(&format!("/cases?filter[status]={filter}")).await.expect(200).ids();
            let expected: Vec<&String> = expected.into_iter().map(|at: usize| &ids[at]).collect();
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{filter}");
        }
        let named = world.post("/accounts", attributes(json!({"reference-id": "a,b"}))).await.expect(201).id();
        assert_eq!(world.get("/accounts?filter[reference-id]=a,b").await.expect(200).ids(), [named]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_inquiry_names_its_template_and_a_known_account_type() {
    on_each_engine(async |world| {
        let of = |more: Value| {
            let mut body = attributes(json!({"inquiry-template-id": "itmpl_1"}));
            body["meta"] = more;
            body
        };
        for body in [json!({}), json!({"data": {}}), attributes(json!({})), attributes(json!({"template-id": ""}))] {
            let refused = world.post("/inquiries", body).await.expect(400);
            assert_eq!(refused.pointers(), ["/data/attributes/inquiry-template-id"]);
        }
        for name in ["inquiry-template-id", "template-id", "inquiry-template-version-id"] {
            world.post("/inquiries", attributes(json!({name: "tmpl_1"}))).await.expect(201);
        }

        let kind = json!({"auto-create-account-type-id": "acttp_none"});
        let refused = world.post("/inquiries", of(kind)).await.expect(422);
        assert_eq!(refused.pointers(), ["/meta/auto-create-account-type-id"]);
        let neither = json!({"auto-create-account-type-id": "acttp_default", "auto-create-account": false});
        let refused = world.post("/inquiries", of(neither)).await.expect(422);
        assert_eq!(refused.pointers(), ["/meta/auto-create-account-type-id"]);
        let refused = world.post("/accounts", attributes(json!({"account-type-id": "acttp_none"}))).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/account-type-id"]);
        world.post("/accounts", attributes(json!({"account-type-id": "acttp_default"}))).await.expect(201);

        // A vendor's event adds an account type, which accounts created here can then have.
        let mut account = inquiry("act_typed", "created");
        account["type"] = json!("account");
        account["attributes"] = json!({"created-at": "2025-12-31T10:00:00.000Z"});
        account["relationships"] = place(&[("account-type", "account-type")], "acttp_vendor");
        let told = event("evt_1", "account.created", "2025-12-31T10:00:00.000Z", &account);
        Vendor::of(&world).await.send(&world, &told).await.expect(200);
        let kind = json!({"auto-create-account-type-id": "acttp_vendor", "auto-create-account-reference-id": "new"});
        let made = world.post("/inquiries", of(kind)).await.expect(201);
        let account = made.text("/data/relationships/account/data/id");
        let shown = world.get(&format!("/accounts/{account}")).await.expect(200);
        assert_eq!(shown.text("/data/relationships/account-type/data/id"), "acttp_vendor");
        assert_eq!(shown.attribute("reference-id"), "new");
        // If the reference id names an account, the type is ignored, as the contract defines.
        let kind = json!({"auto-create-account-type-id": "acttp_none", "auto-create-account-reference-id": "new"});
        let again = world.post("/inquiries", of(kind)).await.expect(201);
        assert_eq!(again.text("/data/relationships/account/data/id"), account);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_names_its_reviewer_as_the_version_has_it() {
    let world = World::sqlite().await;
    let fields = json!({"driver-license-number": "D1", "passport-number": "P1", "identification-number": "I1"});
    let body = attributes(json!({"inquiry-template-id": "itmpl_1", "fields": fields}));
    let id = world.post("/inquiries", body).await.expect(201).id();
    let shown = async |version: &str| {
        let answer = world.call(Call::get(&format!("/inquiries/{id}")).in_version(version)).await.expect(200);
        let has = |name: &str| answer.body["data"]["attributes"].get(name).cloned();
        (
            answer.at("/data/relationships/reviewer").clone(),
            has("reviewer"),
            has("reviewer-type"),
            has("passport-number"),
        )
    };
    assert_eq!(shown("2020-05-18").await, (Value::Null, Some(Value::Null), Some(Value::Null), Some(json!("P1"))));
    world.call(Call::post(&format!("/inquiries/{id}/approve"))).await.expect(200);
    let api = || Some(json!("api"));
    assert_eq!(shown("2020-05-18").await, (Value::Null, api(), api(), Some(json!("P1"))));
    assert_eq!(shown("2021-05-14").await, (Value::Null, api(), api(), None));
    assert_eq!(shown("2021-07-05").await, (json!({"data": null}), None, None, None));
    assert_eq!(shown("2025-12-08").await, (json!({"data": null}), None, None, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_is_included_as_the_contract_has_it() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let mut transaction = inquiry("txn_1", "created");
    transaction["type"] = json!("transaction");
    transaction["relationships"]["transaction-type"] = json!({"data": {"type": "transaction-type", "id": "txntp_1"}});
    transaction["relationships"].as_object_mut().expect("an object").shift_remove("inquiry-template");
    let told = event("evt_1", "transaction.created", "2025-12-31T10:00:00.000Z", &transaction);
    Vendor::of(&world).await.send(&world, &told).await.expect(200);
    let objects = json!({"meta": {"object-ids": ["txn_1"]}});
    world.post(&format!("/cases/{id}/add-objects"), objects).await.expect(200);

    // Each response is also validated with the contract.
    let shown = world.get(&format!("/cases/{id}?include=txns")).await.expect(200);

    let to = shown.at("/included/0/relationships").as_object().expect("relationships");
    assert_eq!(to.keys().collect::<Vec<_>>(), ["transaction-type"], "{}", shown.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_includes_in_its_payload_what_the_request_asks_for() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({}))).await.expect(201).id();
        let mut body = attributes(json!({"case-template-id": template(&world).await}));
        body["meta"] = json!({"object-ids": [account]});
        world.post("/cases", body).await.expect(201);
        let happened = world.get("/events?filter[name]=case.created").await.expect(200);
        let happened = happened.ids().remove(0);
        let payload = |answer: &Answer, at: &str| answer.at(&format!("{at}/attributes/payload/included")).clone();

        let plain = world.get(&format!("/events/{happened}")).await.expect(200);
        let asked = world.get(&format!("/events/{happened}?include=accounts,case-template")).await.expect(200);
        let nothing = world.get(&format!("/events/{happened}?include=")).await.expect(200);
        let listed = world.get("/events?filter[name]=case.created&include=accounts").await.expect(200);

        assert_eq!(payload(&plain, "/data"), Value::Null);
        assert_eq!(payload(&nothing, "/data"), json!([]));
        let kinds: Vec<Value> =
            payload(&asked, "/data").as_array().expect("a list").iter().map(|one| one["type"].clone()).collect();
        assert_eq!(kinds, ["account", "case-template"]);
        assert_eq!(payload(&listed, "/data/0")[0]["id"], json!(account));
        assert_eq!(asked.at("/included"), &Value::Null);
        let blind = world.new_key(vec![docket_kernel::Permission::EventRead], None).await;
        let call = Call::get(&format!("/events/{happened}?include=accounts")).key(&blind);
        assert_eq!(payload(&world.call(call).await.expect(200), "/data"), json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_case_was_updated_when_it_was_created() {
    let world = World::sqlite().await;
    let made = case(&world, &template(&world).await).await;
    assert_eq!(made.attribute("updated-at"), made.attribute("created-at"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_takes_a_version_that_there_is() {
    let world = World::sqlite().await;
    let make =
        async |version: &str| world.post("/api-keys", attributes(json!({"name": "K", "api-version": version}))).await;
    for version in ApiVersion::all() {
        assert_eq!(make(version.as_str()).await.expect(201).attribute("api-version"), version.as_str());
    }
    for wrong in ["2024-01-01", "2026-09-29", "latest", ""] {
        let refused = make(wrong).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/api-version"]);
        assert!(refused.details().contains("2023-01-05"), "{}", refused.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_asks_for_it_sees_the_fields_of_cases_beside_their_types() {
    on_each_engine(async |world| {
        let fields = json!([{"key": "since", "type": "date"}, {"key": "amount", "type": "integer"}, {"key": "note", "type": "string"}]);
        let template = world.post("/case-templates", attributes(json!({"name": "T", "fields": fields}))).await.expect(201).id();
        let make = async |form: &str| {
            world.post("/api-keys", attributes(json!({"name": "K", "case-fields": form}))).await
        };
        let (typed, plain) = (make("typed").await.expect(201), make("plain").await.expect(201));
        assert_eq!((typed.attribute("case-fields"), plain.attribute("case-fields")), (&json!("typed"), &Value::Null));
        assert_eq!(world.get(&format!("/api-keys/{}", typed.id())).await.expect(200).attribute("case-fields"), "typed");
        assert_eq!(make("long").await.expect(422).pointers(), ["/data/attributes/case-fields"]);
        let (typed, plain) = (typed.text("/data/attributes/value"), plain.text("/data/attributes/value"));

        // A retrieved case can be sent back, in either form, by either key.
        let sent = json!({"since": {"type": "string", "value": "2026-01-31"}, "amount": {"type": "integer", "value": 5}, "note": "x"});
        let body = attributes(json!({"case-template-id": template, "fields": sent}));
        let made = world.call(Call::post("/cases").key(&plain).json(body)).await.expect(201);
        let values = json!({"since": "2026-01-31", "amount": 5, "note": "x"});
        assert_eq!(made.attribute("fields"), &values);
        let shown = json!({
            "since": {"type": "date", "value": "2026-01-31"}, "amount": {"type": "integer", "value": 5},
            "note": {"type": "string", "value": "x"},
        });
        let path = format!("/cases/{}", made.id());
        for version in ["2025-12-08", "2023-01-05", "2020-05-18"] {
            let read = async |path: &str, key: &str| world.call(Call::get(path).key(key).in_version(version)).await.expect(200);
            assert_eq!(read(&path, &typed).await.attribute("fields"), &shown, "{version}");
            assert_eq!(read("/cases", &typed).await.at("/data/0/attributes/fields"), &shown, "{version}");
            assert_eq!(read(&path, &plain).await.attribute("fields"), &values, "{version}");
            let happened = read("/events?filter[name]=case.created", &typed).await;
            assert_eq!(happened.at("/data/0/attributes/payload/data/attributes/fields"), &shown, "{version}");
            let back = Call::new("PATCH", &path).key(&typed).in_version(version).json(attributes(json!({"fields": shown})));
            assert_eq!(world.call(back).await.expect(200).attribute("fields"), &shown, "{version}");
        }
        for (key, value) in [("amount", json!({"type": "string", "value": "5"})), ("note", json!({"type": "integer", "value": 5}))] {
            let refused = world.patch(&path, attributes(json!({"fields": {key: value}}))).await.expect(422);
            assert_eq!(refused.pointers(), [format!("/data/attributes/fields/{key}")]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn links_begin_with_the_path_of_the_public_address() {
    let settings = Settings { public_url: Some("https://bank.example/docket/".into()), ..Settings::default() };
    let world = World::with(On::Sqlite, settings).await;
    let template = template(&world).await;
    for _ in 0..2 {
        case(&world, &template).await;
    }
    let page = world.get("/cases?page[size]=1").await.expect(200);
    assert!(page.text("/links/next").starts_with("/docket/api/v1/cases?page%5Bafter%5D="), "{}", page.told());
    let id = page.text("/data/0/id");
    let file = attributes(json!({"attachments": [{"filename": "a.pdf", "data": "JVBERi0xLjQKeA=="}]}));
    let held = world.patch(&format!("/cases/{id}"), file).await.expect(200);
    let url = held.text("/data/attributes/attachments/0/url");
    assert!(url.starts_with(&format!("/docket/api/v1/cases/{id}/attachments/")), "{url}");
    let events = world.get("/events?page[size]=1").await.expect(200);
    let kept = events.text("/data/0/attributes/payload/data/attributes/attachments/0/url");
    assert_eq!(kept, url, "{}", events.told());
    let refused = world.call(Call::new("DELETE", "/transactions/x")).await.expect(404);
    assert_eq!(refused.at("/errors/0/meta/documentation"), "/docket/docs/reference/compatibility.html");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_definition_in_a_text_is_an_object() {
    let world = World::sqlite().await;
    for text in ["[]", "5", "a", ""] {
        let body = attributes(json!({"name": "W", "definition": text}));
        assert_eq!(
            world.post("/workflows", body).await.expect(400).pointers(),
            ["/data/attributes/definition"],
            "{text}"
        );
    }
    let marked = "\u{feff}trigger: {on: [api]}\nsteps: []\n";
    let made = world
        .post("/workflows", attributes(json!({"name": "Über Größe: 1/2", "definition": marked})))
        .await
        .expect(201);
    let file = world.get(&format!("/workflows/{}/export", made.id())).await.expect(200);
    assert_eq!(file.header("content-disposition"), "attachment; filename=\"ber-gr-e-1-2.yaml\"");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_may_begin_with_a_byte_order_mark_and_is_sent_uncompressed() {
    let world = World::sqlite().await;
    let body = format!("\u{feff}{}", attributes(json!({"reference-id": "r"})));
    world.call(Call::post("/accounts").raw("application/json", body.clone())).await.expect(201);
    let packed = Call::post("/accounts").with("content-encoding", "gzip").raw("application/json", vec![31, 139, 8]);
    let refused = world.call(packed).await.expect(415);
    assert!(refused.details().contains("'gzip'; send it uncompressed"), "{}", refused.told());
    world
        .call(Call::post("/accounts").with("content-encoding", "identity").json(attributes(json!({}))))
        .await
        .expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_of_the_contract_has_the_title_and_the_spelling_of_the_contract() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    world.post("/accounts", attributes(json!({"reference-id": "r"}))).await.expect(201);
    let twice = world.post("/accounts", attributes(json!({"reference-id": "r"}))).await.expect(409);
    assert_eq!(twice.at("/errors/0/title"), "Record not unique");
    let missing = world.post(&format!("/cases/{id}/add-objects"), json!({"meta": {}})).await.expect(400);
    // The contract's own refusals write places with underscores: "meta.object_ids must be an array".
    assert_eq!(missing.details(), "meta.object_ids is missing");
    assert_eq!(missing.pointers(), ["/meta/object-ids"]);
}
