//! Vendors' webhooks, and the objects in them.

use docket_objects::sign;
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, inquiry, listening, published, template};
use crate::world::{Call, World, attributes, now, on_each_engine};

const EARLY: &str = "2025-12-31T10:00:00.000Z";
const LATE: &str = "2025-12-31T11:00:00.000Z";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_vendors_own_signature_of_now_opens() {
    let world = World::sqlite().await;
    let vendor = Vendor::of(&world).await;
    let body = event("evt_v", "inquiry.completed", EARLY, &inquiry("inq_v", "completed")).to_string();
    let at = |seconds: i64| sign(&vendor.secret, now(&world).plus_seconds(seconds), body.as_bytes());
    let good = at(0);
    let table = [
        (String::new(), 401),
        ("nonsense".into(), 401),
        (sign("wbhsec_other", now(&world), body.as_bytes()), 401),
        (sign(&vendor.secret, now(&world), b"{}"), 401),
        (at(-301), 401),
        (at(301), 401),
        (format!("{} {good}", sign("old", now(&world), body.as_bytes())), 200),
        (at(-300), 200),
        (at(300), 200),
        (good, 200),
    ];
    let mut words = Vec::new();
    for (signature, status) in table {
        let answer = vendor.post(&world, &signature, body.as_bytes()).await.expect(status);
        if status == 401 {
            words.push(answer.bytes);
        }
    }
    let nobody = Vendor { id: "src_none".into(), secret: vendor.secret.clone() };
    words.push(nobody.send(&world, &json!({})).await.expect(401).bytes);
    words.dedup();
    assert_eq!(words.len(), 1, "one text for every reason");
    for path in [format!("/ingest/{}/", vendor.id), "/ingest".into(), "/ingest/".into()] {
        let status = world.call(Call::post(&path).json(json!({}))).await.status;
        assert_eq!(status, 404, "{path}");
    }
    let signed = |body: &[u8]| sign(&vendor.secret, now(&world), body);
    for body in [b"[".as_slice(), b"[]", b"{}", b"{\"data\":{\"id\":\"e\"}}", b"{\"data\":1,\"data\":2}"] {
        vendor.post(&world, &signed(body), body).await.expect(400);
    }
    for (more, status) in [(0, 200), (1, 413)] {
        let padded = format!("{body}{}", " ".repeat((1 << 20) + more - body.len()));
        vendor.post(&world, &signed(padded.as_bytes()), padded.as_bytes()).await.expect(status);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_old_secret_is_good_for_a_day_beside_the_new_one() {
    on_each_engine(async |world| {
        let old = Vendor::of(&world).await;
        let environment = world.set_up().sandbox.id.clone();
        let rotated = async || {
            let actor = docket_kernel::Actor::system(environment.clone());
            let scope = docket_kernel::Scope::Of(environment.key());
            let command = docket_storage::Command::new("rotate", scope, move |work| {
                docket_objects::rotate_secret(work, &actor, "Vendor").map(|(_, secret)| secret)
            });
            world.database.writer().submit(command).await.expect("a new secret")
        };
        let new = Vendor { id: old.id.clone(), secret: rotated().await };
        let body = |id: &str| event(id, "inquiry.completed", EARLY, &inquiry("inq_v", "completed"));
        old.send(&world, &body("evt_1")).await.expect(200);
        new.send(&world, &body("evt_2")).await.expect(200);
        let both = body("evt_3").to_string();
        let signature = |vendor: &Vendor| sign(&vendor.secret, now(&world), both.as_bytes());
        new.post(&world, &format!("{} {}", signature(&old), signature(&new)), both.as_bytes()).await.expect(200);

        world.clock.advance_seconds(86_401);
        old.send(&world, &body("evt_4")).await.expect(401);
        new.send(&world, &body("evt_4")).await.expect(200);

        let newest = Vendor { id: old.id.clone(), secret: rotated().await };
        let last = Vendor { id: old.id.clone(), secret: rotated().await };
        // Two secrets are valid at once, no more: with a third, the oldest expires at once.
        new.send(&world, &body("evt_5")).await.expect(401);
        newest.send(&world, &body("evt_5")).await.expect(200);
        last.send(&world, &body("evt_6")).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_is_taken_once_and_an_older_one_overwrites_nothing() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        published(&world, "Listening", listening(&template)).await;
        let vendor = Vendor::of(&world).await;
        let late = event("evt_2", "inquiry.completed", LATE, &inquiry("inq_v", "completed"));
        let first = vendor.send(&world, &late).await.expect(200);
        let again = vendor.send(&world, &late).await.expect(200);
        assert_eq!((first.text("/meta/received"), again.text("/meta/received")), ("recorded".into(), "before".into()));
        assert_eq!(world.get("/cases").await.ids().len(), 1);

        let early = event("evt_1", "inquiry.completed", EARLY, &inquiry("inq_v", "pending"));
        vendor.send(&world, &early).await.expect(200);

        let of_early = world.get("/events?filter[object-id]=inq_v&page[size]=1").await.expect(200);
        assert_eq!(of_early.at("/data/0/attributes/payload/data/attributes/status"), "pending");
        let mut bare = inquiry("inq_v", "pending");
        bare["attributes"] = json!({"created-at": EARLY});
        bare["relationships"] = json!({});
        let bare = vendor.send(&world, &event("evt_0", "inquiry.started", EARLY, &bare)).await.expect(200);
        let told = world.get(&format!("/events/{}", bare.id())).await.expect(200);
        let attributes = told.at("/data/attributes/payload/data/attributes").clone();
        assert_eq!(
            (&attributes["status"], &attributes["fields"]),
            (&json!("created"), &json!({})),
            "nothing told later"
        );

        assert_eq!(world.get("/inquiries/inq_v").await.attribute("status"), "completed");
        assert_eq!(world.get("/cases").await.ids().len(), 2, "an older event wakes workflows all the same");
        assert_eq!(world.get("/events?filter[name]=inquiry.completed&filter[object-id]=inq_v").await.ids().len(), 2);
        let told = world.get(&format!("/events/{}", first.id())).await.expect(200);
        assert_eq!(told.at("/data/attributes/context/vendor-event-id"), "evt_2");
        let run = world.get("/workflow-runs").await;
        let creators: Vec<_> = run
            .at("/data")
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r["relationships"]["creator"]["data"]["id"].clone())
            .collect();
        assert!(creators.contains(&json!(first.id())), "{}", run.told());
        let steps = world.get(&format!("/workflow-runs/{}/steps", run.ids()[1])).await.expect(200);
        assert_eq!(steps.at("/meta/run/cause/event-id"), &json!(first.id()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_event_refers_to_is_a_stub_and_what_it_includes_is_kept() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        vendor.send(&world, &event("evt_1", "inquiry.started", EARLY, &inquiry("inq_v", "pending"))).await.expect(200);
        let stub = world.get("/accounts/act_vendor").await.expect(200);
        assert_eq!(stub.attribute("reference-id"), &Value::Null);

        let mut whole = event("evt_2", "inquiry.completed", LATE, &inquiry("inq_v", "completed"));
        whole["data"]["attributes"]["payload"]["included"] = json!([
            {"type": "account", "id": "act_vendor", "attributes": {"referenceId": "customer-1", "fields": {"a": {"type": "string", "value": "x"}}}},
            {"type": "report/watchlist", "id": "rep_vendor", "attributes": {"status": "ready", "hasMatch": true}},
        ]);
        vendor.send(&world, &whole).await.expect(200);

        let account = world.get("/accounts/act_vendor").await.expect(200);
        assert_eq!(account.attribute("reference-id"), "customer-1");
        assert_eq!(account.body["data"]["attributes"]["fields"]["a"]["value"], "x");
        let id = case(&world, &template(&world).await).await.id();
        let objects = json!({"meta": {"object-ids": ["rep_vendor", "inq_v", "act_vendor"]}});
        let held = world.post(&format!("/cases/{id}/add-objects"), objects).await.expect(200);
        assert_eq!(held.text("/data/relationships/reports/data/0/type"), "report/watchlist");
        let nothing = json!({"meta": {"object-ids": null}});
        let same = world.post(&format!("/cases/{id}/add-objects"), nothing).await.expect(200);
        assert_eq!(same.header("etag"), held.header("etag"));
        let missing = world.post(&format!("/cases/{id}/add-objects"), json!({"meta": {}})).await.expect(400);
        assert_eq!(missing.pointers(), ["/meta/object-ids"]);
        let unknown = json!({"meta": {"object-ids": ["rep_none"]}});
        let refused = world.post(&format!("/cases/{id}/add-objects"), unknown).await;
        assert!([404, 422].contains(&refused.status), "{}", refused.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_keeps_its_kind_whatever_comes_under_its_id() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let account = world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(201).id();

        // Later than every other time: the time of receipt is used instead.
        let newest = "2099-01-01T00:00:00.000Z";
        let mut body = event("evt_1", "inquiry.completed", newest, &inquiry(&account, "completed"));
        let included = json!([{"type": "report/watchlist", "id": account, "attributes": {"status": "ready"}}]);
        body["data"]["attributes"]["payload"]["included"] = included;
        world.clock.advance_seconds(60);
        let recorded = vendor.send(&world, &body).await.expect(200);

        assert_eq!(world.get(&format!("/accounts/{account}")).await.expect(200).attribute("reference-id"), "r-1");
        world.get(&format!("/inquiries/{account}")).await.expect(404);
        let mut body = event("evt_2", "inquiry.completed", newest, &inquiry("inq_v", "completed"));
        body["data"]["attributes"]["payload"]["included"] =
            json!([{"type": "account/other", "id": account, "attributes": {"reference-id": "r-2"}}]);
        vendor.send(&world, &body).await.expect(200);
        assert_eq!(world.get(&format!("/accounts/{account}")).await.expect(200).attribute("reference-id"), "r-1");
        world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(409);
        let told = world.get(&format!("/events/{}", recorded.id())).await.expect(200);
        assert_eq!(told.at("/data/attributes/payload/data/type"), "inquiry");
        assert_eq!(told.at("/data/attributes/payload/data/attributes/status"), "completed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_event_does_not_speak_of_stays_as_it_was() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let mut whole = event("evt_1", "inquiry.started", EARLY, &inquiry("inq_v", "pending"));
        whole["data"]["attributes"]["payload"]["included"] = json!([{
            "type": "account", "id": "act_vendor",
            "attributes": {"reference-id": "r-1", "account-status": "Default", "fields": {"a": {"type": "string", "value": "x"}}},
        }]);
        vendor.send(&world, &whole).await.expect(200);

        let mut part = event("evt_2", "inquiry.completed", LATE, &inquiry("inq_v", "completed"));
        let some = json!([{"type": "account", "id": "act_vendor", "attributes": {"updated-at": LATE}}]);
        part["data"]["attributes"]["payload"]["included"] = some;
        vendor.send(&world, &part).await.expect(200);

        let account = world.get("/accounts/act_vendor").await.expect(200);
        assert_eq!(account.attribute("reference-id"), "r-1");
        assert_eq!(account.attribute("account-status"), "Default");
        assert_eq!(account.at("/data/attributes/fields/a/value"), "x");
        assert_eq!(world.get("/inquiries/inq_v").await.text("/data/relationships/account/data/id"), "act_vendor");
        world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(409);
        let mut cleared = event("evt_3", "inquiry.approved", LATE, &inquiry("inq_v", "approved"));
        let none = json!([{"type": "account", "id": "act_vendor", "attributes": {"reference-id": null}}]);
        cleared["data"]["attributes"]["payload"]["included"] = none;
        vendor.send(&world, &cleared).await.expect(200);
        assert_eq!(world.get("/accounts/act_vendor").await.expect(200).attribute("reference-id"), &Value::Null);
        world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_docket_only_keeps_is_what_was_told_last() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let told = async |event_id: &str, at: &str, kind: &str, attributes: Value| {
            let thing = json!({"type": kind, "id": "ver_v", "attributes": attributes});
            vendor.send(&world, &event(event_id, "verification.passed", at, &thing)).await.expect(200);
        };
        told("evt_1", EARLY, "verification/database", json!({"status": "passed", "country-code": "US"})).await;
        told("evt_2", LATE, "verification/selfie", json!({"status": "failed", "capture-method": "video"})).await;

        let case = case(&world, &template(&world).await).await.id();
        let objects = json!({"meta": {"object-ids": ["ver_v"]}});
        world.post(&format!("/cases/{case}/add-objects"), objects).await.expect(200);
        let held = world.get(&format!("/cases/{case}/objects")).await.expect(200);

        assert_eq!(held.text("/data/0/type"), "verification/selfie");
        assert_eq!(held.at("/data/0/attributes/status"), "failed");
        assert_eq!(held.at("/data/0/attributes/capture-method"), "video");
        assert!(held.body["data"][0]["attributes"].get("country-code").is_none(), "{}", held.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_environments_keep_the_same_vendors_ids_apart() {
    on_each_engine(async |world| {
        let ours = Vendor::of(&world).await;
        let theirs = Vendor::with_key(&world, &world.foreign_key, "Vendor").await;
        ours.send(&world, &event("evt_1", "inquiry.completed", EARLY, &inquiry("inq_v", "completed")))
            .await
            .expect(200);
        theirs.send(&world, &event("evt_1", "inquiry.failed", EARLY, &inquiry("inq_v", "failed"))).await.expect(200);
        assert_eq!(world.get("/inquiries/inq_v").await.attribute("status"), "completed");
        let foreign = world.call(Call::get("/inquiries/inq_v").key(&world.foreign_key)).await.expect(200);
        assert_eq!(foreign.attribute("status"), "failed");
        for key in [&world.key, &world.foreign_key] {
            let listed = world.call(Call::get("/inquiries?filter[account-id]=act_vendor").key(key)).await.expect(200);
            assert_eq!(listed.ids(), ["inq_v"]);
            assert_eq!(world.call(Call::get("/accounts").key(key)).await.expect(200).ids(), ["act_vendor"]);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reference_id_names_one_account() {
    on_each_engine(async |world| {
        let body = || attributes(json!({"reference-id": "customer-1"}));
        let account = world.post("/accounts", body()).await.expect(201).id();
        let taken = world.post("/accounts", body()).await.expect(409);
        assert!(taken.details().contains(&account), "{}", taken.told());
        let request = attributes(json!({"reference-id": "customer-1", "inquiry-template-id": "itmpl_x"}));
        let found = world.post("/inquiries", request).await.expect(201);
        assert_eq!(found.text("/data/relationships/account/data/id"), account);
        assert_eq!(found.text("/data/relationships/inquiry-template/data/id"), "itmpl_x");
        let made = world
            .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": "customer-2"})))
            .await
            .expect(201);
        let other = made.text("/data/relationships/account/data/id");
        assert_ne!(other, account);
        let shown = world.get(&format!("/accounts/{other}")).await.expect(200);
        assert_eq!(shown.attribute("reference-id"), "customer-2");
        let unknown = world
            .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "account-id": "act_none"})))
            .await;
        assert!([404, 422].contains(&unknown.status), "{}", unknown.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_is_upserted_by_its_reference_id() {
    on_each_engine(async |world| {
        let send = async |fields: serde_json::Value, by: serde_json::Value| {
            let told = json!({"reference-id": "customer-1", "fields": fields, "tags": ["vip"]});
            world.post("/accounts", json!({"data": {"attributes": told}, "meta": {"upsert-by": by}})).await
        };
        let made = send(json!({"plan": "gold", "seats": 1}), json!("reference-id")).await.expect(201);
        let again = send(json!({"seats": 2}), json!("reference_id")).await.expect(200);
        assert_eq!((again.id(), again.attribute("tags")), (made.id(), &json!(["vip"])));
        let fields = again.attribute("fields");
        assert_eq!((&fields["plan"]["value"], &fields["seats"]["value"]), (&json!("gold"), &json!(2)));
        let same = send(json!({"seats": 2}), json!("referenceId")).await.expect(200);
        assert_eq!(same.header("etag"), again.header("etag"));
        send(json!({}), serde_json::Value::Null).await.expect(409);
        assert_eq!(send(json!({}), json!("plan")).await.expect(422).pointers(), ["/meta/upsert-by"]);
        let nameless = json!({"data": {"attributes": {}}, "meta": {"upsert-by": "reference-id"}});
        assert_eq!(world.post("/accounts", nameless).await.expect(400).pointers(), ["/data/attributes/reference-id"]);
        let events = world.get(&format!("/events?filter[object-id]={}", made.id())).await;
        let names: Vec<_> =
            events.at("/data").as_array().unwrap().iter().map(|e| e["attributes"]["name"].clone()).collect();
        assert_eq!(names, ["account.updated-fields", "account.created"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_is_what_was_asked_for() {
    on_each_engine(async |world| {
        let older = attributes(json!({"template-id": "tmpl_1", "creator-email-address": "bob@lantern.example"}));
        let older = world.post("/inquiries", older).await.expect(201);
        assert_eq!(older.text("/data/relationships/template/data/id"), "tmpl_1");
        assert_eq!(older.at("/data/relationships/inquiry-template/data"), &serde_json::Value::Null);
        assert_eq!(older.attribute("creator"), "bob@lantern.example");
        let versioned =
            attributes(json!({"inquiry-template-id": "itmpl_1", "inquiry-template-version-id": "itmplv_1"}));
        let versioned = world.post("/inquiries", versioned).await.expect(201);
        assert_eq!(versioned.text("/data/relationships/inquiry-template/data/id"), "itmpl_1");
        assert_eq!(versioned.text("/data/relationships/inquiry-template-version/data/id"), "itmplv_1");
        for (filter, id) in [("template-id]=tmpl_1", older.id()), ("inquiry-template-id]=itmpl_1", versioned.id())] {
            assert_eq!(world.get(&format!("/inquiries?filter[{filter}")).await.ids(), [id]);
        }
        let own = older.text("/data/relationships/account/data/id");
        assert_eq!(
            world.get(&format!("/accounts/{own}")).await.expect(200).attribute("reference-id"),
            &serde_json::Value::Null
        );
        let with = async |meta: serde_json::Value| {
            world
                .post("/inquiries", json!({"data": {"attributes": {"inquiry-template-id": "itmpl_any"}}, "meta": meta}))
                .await
        };
        let alone = with(json!({"auto-create-account": false})).await.expect(201);
        assert_eq!(alone.at("/data/relationships/account/data"), &serde_json::Value::Null);
        with(json!({"auto-create-account": false, "auto-create-account-reference-id": "r"})).await.expect(422);
        let named = with(json!({"auto-create-account-reference-id": "r"})).await.expect(201);
        let again =
            with(json!({"auto-create-account": true, "auto-create-account-reference-id": "r"})).await.expect(201);
        let account = |answer: &crate::world::Answer| answer.text("/data/relationships/account/data/id");
        assert_eq!(account(&named), account(&again));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_keeps_its_comment_and_is_not_undone_by_a_review() {
    on_each_engine(async |world| {
        let id =
            world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.expect(201).id();
        let act = async |act: &str, comment: String| {
            world.post(&format!("/inquiries/{id}/{act}"), json!({"meta": {"comment": comment}})).await
        };
        let approved = act("approve", "looks right".into()).await.expect(200);
        assert_eq!(approved.attribute("reviewer-comment"), "looks right");
        act("mark-for-review", String::new()).await.expect(409);
        act("decline", "x".repeat(65_537)).await.expect(422);
        let declined = act("decline", "x".repeat(65_536)).await.expect(200);
        assert_eq!(declined.text("/data/attributes/reviewer-comment").len(), 65_536);
        act("mark-for-review", String::new()).await.expect(409);
        let told = world.get("/events?filter[name]=inquiry.approved").await;
        assert_eq!(told.at("/data/0/attributes/context/comment"), "looks right");
        world.post(&format!("/inquiries/{id}/approve"), json!({"meta": {"comment": 7}})).await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_newer_than_what_the_vendor_knew_before_it() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let told = async |id: &str, name: &str, at: &str, status: &str| {
            vendor.send(&world, &event(id, name, at, &inquiry("inq_v", status))).await.expect(200)
        };
        told("evt_1", "inquiry.completed", EARLY, "completed").await;
        world.call(Call::post("/inquiries/inq_v/decline")).await.expect(200);

        let mut news = inquiry("inq_v", "needs_review");
        news["attributes"]["fields"]["name-first"]["value"] = json!("Ramona");
        news["attributes"]["completed-at"] = json!(LATE);
        news["attributes"]["decisioned-at"] = json!(null);
        let late = event("evt_2", "inquiry.marked-for-review", LATE, &news);
        let late = vendor.send(&world, &late).await.expect(200);

        let shown = world.get("/inquiries/inq_v").await.expect(200);
        assert_eq!(shown.attribute("status"), "declined");
        assert!(shown.attribute("decisioned-at").is_string());
        assert_eq!(shown.attribute("completed-at"), LATE, "what else it tells is news");
        assert_eq!(shown.at("/data/attributes/fields/name-first/value"), "Ramona");
        let recorded = world.get(&format!("/events/{}", late.id())).await.expect(200);
        assert_eq!(recorded.at("/data/attributes/payload/data/attributes/status"), "needs_review");

        world.clock.advance_seconds(60);
        told("evt_3", "inquiry.approved", &now(&world).to_string(), "approved").await;
        assert_eq!(world.get("/inquiries/inq_v").await.attribute("status"), "approved");
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_is_decided_and_says_so_once() {
    on_each_engine(async |world| {
        let id =
            world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.expect(201).id();
        let table = [
            ("mark-for-review", "needs_review", "inquiry.marked-for-review"),
            ("approve", "approved", "inquiry.approved"),
            ("decline", "declined", "inquiry.declined"),
        ];
        for (act, status, name) in table {
            for _ in 0..2 {
                let decided = world.call(Call::post(&format!("/inquiries/{id}/{act}"))).await.expect(200);
                assert_eq!(decided.attribute("status"), status);
            }
            assert_eq!(world.get(&format!("/events?filter[name]={name}")).await.ids().len(), 1);
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_takes_documents_and_pictures_and_hands_them_out_as_attachments() {
    on_each_engine(async |world| {
        use base64::Engine as _;
        let id = case(&world, &template(&world).await).await.id();
        let path = format!("/cases/{id}");
        let file = |name: &str, bytes: &[u8]| {
            let data = base64::engine::general_purpose::STANDARD.encode(bytes);
            attributes(json!({"attachments": [{"filename": name, "data": data}]}))
        };
        let pdf = b"%PDF-1.4\nx";
        let with_it = world.patch(&path, file("a \"b\"\u{e9}.pdf", pdf)).await.expect(200);
        let told = with_it.at("/data/attributes/attachments/0").clone();
        assert_eq!((&told["filename"], &told["byte-size"]), (&json!("a \"b\"\u{e9}.pdf"), &json!(pdf.len())));
        let table = [
            (file("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>"), 422),
            (file("a.pdf", b"<html>"), 422),
            (file("../a.pdf", pdf), 422),
            (file("", pdf), 400),
            (attributes(json!({"attachments": [{"filename": "a.pdf", "data": "***"}]})), 400),
            (attributes(json!({"attachments": [{"filename": "a.pdf"}]})), 400),
            (attributes(json!({"attachments": {}})), 400),
        ];
        for (body, status) in table {
            let refused = world.patch(&path, body).await.expect(status);
            assert!(refused.pointers()[0].starts_with("/data/attributes/attachments"), "{}", refused.told());
        }
        let url = told["url"].as_str().expect("an address").strip_prefix("/api/v1").expect("of ours").to_owned();
        let content = world.get(&url).await.expect(200);
        assert_eq!(content.bytes, pdf);
        assert_eq!(content.header("content-type"), "application/pdf");
        assert!(content.header("content-disposition").starts_with("attachment"));
        assert_eq!(content.header("x-content-type-options"), "nosniff");
        world.call(Call::get(&url).key(&world.foreign_key)).await.expect(404);
        world.call(Call::get(&url).key("")).await.expect(401);
        let powerless = world.new_key(vec![docket_kernel::Permission::CaseWrite], None).await;
        world.call(Call::get(&url).key(&powerless)).await.expect(403);
        world.get(&url.replace(&id, "case_none")).await.expect(404);
        assert_eq!(world.get(&path).await.attribute("attachments").as_array().map(Vec::len), Some(1));
    })
    .await;
}

/// The codes of what was adjusted in a webhook.
fn adjusted(answer: &crate::world::Answer) -> Vec<String> {
    let list = answer.at("/meta/adjusted").as_array().expect("a list");
    list.iter().map(|one| one["code"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_clock_of_a_vendor_does_not_freeze_an_object() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let at = |seconds: i64| now(&world).plus_seconds(seconds).to_string();
        let status = async || world.get("/inquiries/inq_v").await.expect(200).text("/data/attributes/status");
        let send = async |n: &str, at: Value, state: &str| {
            let mut body = event(n, "inquiry.completed", EARLY, &inquiry("inq_v", state));
            body["data"]["attributes"]["created-at"] = at;
            vendor.send(&world, &body).await.expect(200)
        };

        let ahead = send("evt_1", json!(at(7_200)), "failed").await;
        world.clock.advance_seconds(60);
        let right = send("evt_2", json!(at(-61)), "completed").await;

        assert_eq!((adjusted(&ahead), adjusted(&right)), (vec!["time-ahead".to_owned()], vec![]));
        assert_eq!(status().await, "completed", "the right one, told a little before, counts");
        let told = world.get(&format!("/events/{}", ahead.id())).await.expect(200);
        assert_eq!(told.at("/data/attributes/context/adjusted"), ahead.at("/meta/adjusted"));
        assert_eq!(ahead.at("/meta/adjusted/0/pointer"), "/data/attributes/created-at");

        for (n, time, code) in
            [("evt_3", json!("yesterday"), "time-unreadable"), ("evt_4", Value::Null, "time-missing")]
        {
            assert_eq!(adjusted(&send(n, time, "expired").await), [code]);
            assert_eq!(status().await, "expired");
        }
        assert_eq!(adjusted(&send("evt_5", json!(at(300)), "pending").await), [""; 0], "five minutes are trusted");
        let late = send("evt_6", json!(at(-3_600)), "created").await;
        assert_eq!((adjusted(&late), status().await), (vec!["object-unchanged".to_owned()], "pending".to_owned()));

        // A row with a time in the future, from an older Docket or a node with a wrong clock.
        let future = now(&world).plus_seconds(86_400).0;
        world.fresh.run(&format!("UPDATE object SET as_of = {future} WHERE id LIKE '%inq_v'")).await;
        assert_eq!(adjusted(&send("evt_7", json!(at(-1)), "approved").await), [""; 0]);
        assert_eq!(status().await, "approved");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_an_emoji_or_a_nul_is_replaced_and_the_event_is_kept() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let body = event("evt_1", "inquiry.completed", EARLY, &inquiry("inq_v", "completed")).to_string();
        let body = body.replace("Mona", "Mona \\ud83d \\u0000");
        let signature = sign(&vendor.secret, now(&world), body.as_bytes());

        let answer = vendor.post(&world, &signature, body.as_bytes()).await.expect(200);

        let kept = world.get("/inquiries/inq_v").await.expect(200);
        assert_eq!(kept.at("/data/attributes/fields/name-first/value"), "Mona \u{FFFD} \u{FFFD}");
        assert_eq!(adjusted(&answer), ["text-replaced"]);
        let place = "/data/attributes/payload/data/attributes/fields/name-first/value";
        assert_eq!(answer.at("/meta/adjusted/0/pointer"), place);
        let told = world.get(&format!("/events/{}", answer.id())).await.expect(200);
        assert_eq!(told.at("/data/attributes/context/adjusted/0/code"), "text-replaced");

        // Requests of the API with such texts are refused, with the place.
        let own = br#"{"data": {"attributes": {"fields": {"a": "\u0000"}}}}"#;
        let refused = world.call(Call::post("/inquiries").raw("application/json", own.as_slice())).await.expect(400);
        assert_eq!(refused.pointers(), ["/data/attributes/fields/a"]);
    })
    .await;
}
