//! What a source may report and change, and how much of it is stored.

use docket_api::Settings;
use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, inquiry, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

const EARLY: &str = "2025-12-31T10:00:00.000Z";
const LATE: &str = "2025-12-31T11:00:00.000Z";

/// The codes of what was adjusted in a webhook.
fn adjusted(answer: &Answer) -> Vec<String> {
    let list = answer.at("/meta/adjusted").as_array().expect("a list");
    list.iter().map(|one| one["code"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The number of ignored objects and events of a source.
async fn ignored(world: &World, vendor: &Vendor) -> Value {
    let sources = world.get("/sources").await.expect(200);
    let all = sources.at("/data").as_array().expect("a list");
    all.iter().find(|source| source["id"] == vendor.id.as_str()).expect("the source")["attributes"]["ignored"].clone()
}

/// A workflow that sets the status of a case that its trigger names.
fn moving(on: &str, case: &str, status: &str) -> Value {
    json!({
        "trigger": {"on": [on]},
        "steps": [{"id": "move", "do": "case.update_status", "on_error": "continue",
            "with": {"case": {"ref": case}, "status": status}}],
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_forges_no_event_of_dockets_own_and_no_workflow_acts_on_one() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let template = template(&world).await;
        let held = case(&world, &template).await.id();
        published(&world, "Comments", moving("case-comment.created", "trigger.case", "Approved")).await;
        let open = json!({"id": "open", "do": "case.create", "with": {"template": template}});
        let opening = json!({"trigger": {"on": ["case.status-updated"]}, "steps": [open]});
        published(&world, "Opens", opening).await;
        let told = world.get("/events?page[size]=100").await.expect(200).ids();
        let to_case = json!({"case": {"data": {"type": "case", "id": held}}});
        let forged = [
            ("case-comment.created", "case-comment", "ccmt_forged", "kind"),
            ("case.status-updated", "case", "case_forged", "kind"),
            ("case.status-updated", "inquiry", "inq_v", "kind"),
            ("inquiry.completed", "case", "case_forged", "kind"),
            ("inquiry.completed", "inquiry", held.as_str(), "kind"),
            ("user.deleted", "user", "user_forged", "kind"),
            ("api-key.created", "api-key", "api_forged", "kind"),
            ("workflow-run.completed", "workflow-run", "wfr_forged", "kind"),
            ("workflow.published", "workflow", "wfl_forged", "kind"),
            ("gadget.exploded", "gadget", "gad_1", "kind"),
            ("inquiry-session.started", "inquiry-session", "iqse_1", "kind"),
            ("Inquiry.completed", "inquiry", "inq_v", "name"),
            ("inquiry.completed\ncase.created", "inquiry", "inq_v", "name"),
            ("inquiry.\u{1b}[31mcompleted", "inquiry", "inq_v", "name"),
            ("inquiry.completed", "inquiry", "inq_v\r\ninjected", "name"),
            ("inquiry.completed", "in\nquiry", "inq_v", "name"),
        ];
        let mut counted = json!({"kind": 0, "name": 0, "another-source": 0, "redacted": 0});
        for (place, (name, kind, id, reason)) in forged.into_iter().enumerate() {
            let thing = json!({"type": kind, "id": id, "attributes": {"status": "Approved"}, "relationships": to_case});
            let body = event(&format!("evt_{place}"), name, LATE, &thing);

            let answer = vendor.send(&world, &body).await.expect(200);
            let again = vendor.send(&world, &body).await.expect(200);

            assert_eq!(
                (answer.at("/data"), answer.text("/meta/received")),
                (&Value::Null, "ignored".into()),
                "{name:?}"
            );
            assert_eq!(answer.text("/meta/ignored/reason"), reason, "{name:?} {kind:?} {id:?}");
            assert_eq!(again.text("/meta/received"), "before", "{name:?}");
            counted[reason] = json!(counted[reason].as_i64().expect("a count") + 1);
        }

        assert_eq!(ignored(&world, &vendor).await, counted);
        assert_eq!(world.get("/events?page[size]=100").await.expect(200).ids(), told);
        assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("status"), "Open");
        assert_eq!(world.get("/cases").await.ids().len(), 1);
        world.get("/inquiries/inq_v").await.expect(404);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relations_to_dockets_own_are_dropped_and_reported() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let template = template(&world).await;
        let held = case(&world, &template).await.id();
        for (place, case) in ["trigger.case", "trigger.behaviors.case", "trigger.fields.case"].into_iter().enumerate() {
            let name = format!("Moves {place}");
            published(&world, &name, moving("inquiry.completed", case, "Approved")).await;
        }
        let real = json!({"type": "case", "id": held});
        let mut thing = inquiry("inq_v", "completed");
        thing["relationships"]["case"] = json!({"data": real});
        thing["relationships"]["cases"] = json!({"data": [real, {"type": "case", "id": "case_none"}]});
        thing["relationships"]["reviewer"] = json!({"data": {"type": "user", "id": "user_none"}});
        thing["attributes"]["behaviors"] = json!({"case": real});
        thing["attributes"]["type"] = json!("case");
        thing["attributes"]["id"] = json!(held);
        thing["attributes"]["fields"]["case"] = json!({"type": "hash", "value": real});

        let answer = vendor.send(&world, &event("evt_1", "inquiry.completed", LATE, &thing)).await.expect(200);

        assert_eq!(
            adjusted(&answer),
            [
                "relation-left-out",
                "attributes-left-out",
                "relation-left-out",
                "relations-left-out",
                "relation-left-out"
            ]
        );
        let recorded = world.get(&format!("/events/{}", answer.id())).await.expect(200);
        assert_eq!(recorded.text("/data/attributes/payload/data/type"), "inquiry");
        assert_eq!(recorded.text("/data/attributes/payload/data/id"), "inq_v");
        assert_eq!(recorded.at("/data/attributes/context/adjusted"), answer.at("/meta/adjusted"));
        assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("status"), "Open");
        let shown = world.get("/inquiries/inq_v").await.expect(200);
        assert_eq!(shown.at("/data/relationships/reviewer/data"), &Value::Null);
        assert_eq!(shown.text("/data/relationships/account/data/id"), "act_vendor");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_allow_list_is_changed_and_never_names_what_only_docket_has() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let path = format!("/sources/{}", vendor.id);
        let change = async |list: Value| world.patch(&path, attributes(json!({"allow-list": list}))).await;
        let gadget = json!({"type": "gadget/new", "id": "gad_1", "attributes": {"colour": "red"}});
        let send = async |id: &str, name: &str| {
            vendor.send(&world, &event(id, name, EARLY, &gadget)).await.expect(200).text("/meta/received")
        };
        assert_eq!(send("evt_1", "gadget.exploded").await, "ignored");

        let changed = change(json!(["gadget", "inquiry.completed"])).await.expect(200);

        assert_eq!(changed.attribute("allow-list"), &json!(["gadget", "inquiry.completed"]));
        assert_eq!(changed.attribute("ignored"), &json!({"kind": 1, "name": 0, "another-source": 0, "redacted": 0}));
        assert_eq!(send("evt_2", "gadget.exploded").await, "recorded");
        let of_inquiry = async |id: &str, name: &str| {
            let body = event(id, name, EARLY, &inquiry("inq_v", "completed"));
            vendor.send(&world, &body).await.expect(200).text("/meta/received")
        };
        assert_eq!(of_inquiry("evt_3", "inquiry.completed").await, "recorded");
        assert_eq!(of_inquiry("evt_4", "inquiry.failed").await, "ignored");
        let same = change(json!(["gadget", "inquiry.completed"])).await.expect(200);
        assert_eq!(same.header("etag"), changed.header("etag"));
        for own in ["user", "case-comment", "workflow-run", "api-key", "session", "user.deleted", "Inquiry", "a b", ""]
        {
            let refused = change(json!(["inquiry", own])).await.expect(422);
            assert_eq!(refused.pointers(), ["/data/attributes/allow-list/1"], "{own}");
        }
        let many = |count: usize| (0..count).map(|n| json!(format!("kind-{n}"))).collect::<Value>();
        change(many(101)).await.expect(422);
        change(many(100)).await.expect(200);
        world.patch(&path, attributes(json!({}))).await.expect(400);
        let made = attributes(json!({"name": "Narrow", "allow-list": ["transaction"]}));
        assert_eq!(world.post("/sources", made).await.expect(201).attribute("allow-list"), &json!(["transaction"]));
        let usual = world.post("/sources", attributes(json!({"name": "Usual"}))).await.expect(201);
        let default =
            json!(["inquiry", "account", "verification", "report", "transaction", "document", "selfie", "device"]);
        assert_eq!(usual.attribute("allow-list"), &default);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_changed_of_a_source_is_an_event_that_says_who_did_it_and_no_secret() {
    on_each_engine(async |world| {
        let made = world.post("/sources", attributes(json!({"name": "Lumen checks"}))).await.expect(201);
        let path = format!("/sources/{}", made.id());
        let list = attributes(json!({"allow-list": ["inquiry"]}));
        world.patch(&path, list.clone()).await.expect(200);
        world.patch(&path, list).await.expect(200);
        let rotated = world.call(Call::post(&format!("{path}/rotate"))).await.expect(200);

        let told = world.get(&format!("/events?filter[object-id]={}&page[size]=100", made.id())).await.expect(200);

        let events = told.at("/data").as_array().expect("a list");
        let mut names: Vec<&str> = events.iter().filter_map(|event| event["attributes"]["name"].as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["source.allow-list-updated", "source.created", "source.secret-rotated"]);
        assert!(events.iter().all(|event| event["attributes"]["context"]["actor"]["type"] == "api-key"));
        let changed = events.iter().find(|event| event["attributes"]["name"] == "source.allow-list-updated");
        let context = &changed.expect("a change")["attributes"]["context"];
        assert_eq!(context["allow-list-before"].as_array().map(Vec::len), Some(8));
        for secret in [made.text("/data/attributes/secret"), rotated.text("/data/attributes/secret")] {
            assert!(secret.starts_with("wbhsec_") && !told.body.to_string().contains(&secret), "{}", told.told());
        }
        world.is_in_order().await;
    })
    .await;
}

/// The names of the workflows that started runs, in order.
async fn started(world: &World, names: &[(&'static str, String)]) -> Vec<&'static str> {
    let runs = world.get("/workflow-runs?page[size]=100").await.expect(200);
    let runs = runs.at("/data").as_array().expect("a list").clone();
    let of = |run: &Value| run["relationships"]["workflow"]["data"]["id"].as_str().map(str::to_owned);
    let mut started: Vec<_> = runs
        .iter()
        .filter_map(of)
        .filter_map(|id| names.iter().find(|(_, known)| *known == id))
        .map(|(n, _)| *n)
        .collect();
    started.sort_unstable();
    started
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_asks_where_its_events_come_from() {
    on_each_engine(async |world| {
        let vendor = Vendor::with_allow_list(&world, "Lumen checks", json!(["inquiry", "case"])).await;
        let other = Vendor::with_allow_list(&world, "Other", json!(["inquiry"])).await;
        let on = |origin: Value| {
            let mut trigger = json!({"on": ["inquiry.created", "case.created"]});
            if !origin.is_null() {
                trigger["origin"] = origin;
            }
            json!({"trigger": trigger, "steps": []})
        };
        let mut names = Vec::new();
        for (name, origin) in [
            ("any", Value::Null),
            ("docket", json!(["docket"])),
            ("keys", json!(["api-keys"])),
            ("people", json!(["people", "workflows"])),
            ("sources", json!(["sources"])),
            ("lumen", json!(["source:lumen CHECKS"])),
            ("id", json!([format!("source:{}", other.id)])),
        ] {
            names.push((name, published(&world, name, on(origin)).await));
        }
        let unknown =
            world.post("/workflows", attributes(json!({"name": "U", "definition": on(json!(["source:None"]))}))).await;
        assert_eq!(unknown.text("/meta/problems/0/code"), "unknown-source", "{}", unknown.told());
        assert_eq!(unknown.text("/meta/problems/0/pointer"), "/trigger/origin/0");
        assert!(unknown.text("/meta/problems/0/message").contains("Lumen checks"), "{}", unknown.told());

        let from_vendor = event("evt_1", "inquiry.created", EARLY, &inquiry("inq_v", "created"));
        let recorded = vendor.send(&world, &from_vendor).await.expect(200);

        assert_eq!(started(&world, &names).await, ["any", "lumen", "sources"]);
        let context = world.get(&format!("/events/{}", recorded.id())).await.expect(200);
        let origin = json!({"type": "source", "id": vendor.id, "name": "Lumen checks"});
        assert_eq!(context.at("/data/attributes/context/origin"), &origin);

        let made = world.post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.expect(201);
        assert_eq!(started(&world, &names).await, ["any", "any", "docket", "keys", "lumen", "sources"]);
        let context = world.get(&format!("/events?filter[object-id]={}", made.id())).await.expect(200);
        assert_eq!(context.at("/data/0/attributes/context/origin/type"), "docket");

        // A case in a vendor's system starts only workflows that ask for it.
        let theirs = json!({"type": "case", "id": "case_VendorsOwn1", "attributes": {"status": "Approved"}});
        let of_case = vendor.send(&world, &event("evt_2", "case.created", LATE, &theirs)).await.expect(200);
        assert_eq!(of_case.text("/meta/received"), "recorded");
        assert_eq!(
            started(&world, &names).await,
            ["any", "any", "docket", "keys", "lumen", "lumen", "sources", "sources"]
        );
        let own = case(&world, &template(&world).await).await.id();
        let ours = json!({"type": "case", "id": own, "attributes": {"status": "Approved"}});
        let refused = vendor.send(&world, &event("evt_3", "case.created", LATE, &ours)).await.expect(200);
        assert_eq!(refused.text("/meta/ignored/reason"), "kind");

        let (_, any) = &names[0];
        let by_hand = |event: &str| json!({"meta": {"event-id": event}});
        let refused = world.post(&format!("/workflows/{any}/run"), by_hand(&of_case.id())).await.expect(422);
        assert!(refused.details().contains("origin"), "{}", refused.told());
        world.post(&format!("/workflows/{any}/run"), by_hand(&recorded.id())).await.expect_success();
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_asks_for_50_origins() {
    let world = World::sqlite().await;
    let mut names = Vec::new();
    for n in 0..51 {
        let name = format!("Vendor {n}");
        world.post("/sources", attributes(json!({"name": name}))).await.expect(201);
        names.push(json!(format!("source:{name}")));
    }
    for (count, problems) in [(50, json!([])), (51, json!(["too-many-origins"]))] {
        let trigger = json!({"on": ["inquiry.created"], "origin": names[..count]});
        let body = attributes(json!({"name": "W", "definition": {"trigger": trigger, "steps": []}}));

        let made = world.post("/workflows", body).await.expect(201);

        let found: Value = made
            .at("/meta/problems")
            .as_array()
            .expect("a list")
            .iter()
            .map(|problem| problem["code"].clone())
            .collect();
        assert_eq!(found, problems, "{count}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_is_of_the_first_source_that_reports_it() {
    on_each_engine(async |world| {
        let first = Vendor::with_allow_list(&world, "First", json!(["inquiry", "account"])).await;
        let second = Vendor::with_allow_list(&world, "Second", json!(["inquiry", "account"])).await;
        let made = world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(201).id();
        let account = |plan: &str| {
            json!({"type": "account", "id": made, "attributes": {"fields": {"plan": {"type": "string", "value": plan}}}})
        };
        let send = async |vendor: &Vendor, id: &str, plan: &str| {
            world.clock.advance_seconds(60);
            let body = event(id, "account.created", &crate::world::now(&world).to_string(), &account(plan));
            vendor.send(&world, &body).await.expect(200)
        };
        let plan = async || world.get(&format!("/accounts/{made}")).await.expect(200).text("/data/attributes/fields/plan/value");
        let source = async || {
            let shown = world.get(&format!("/accounts/{made}?fields[account]=source")).await.expect(200);
            shown.attribute("source").clone()
        };
        assert_eq!(source().await, Value::Null);

        send(&first, "evt_1", "gold").await;
        let refused = send(&second, "evt_2", "lead").await;

        assert_eq!(refused.text("/meta/ignored/reason"), "another-source");
        assert_eq!((plan().await, source().await), ("gold".into(), json!({"id": first.id, "name": "First"})));
        let mut about = event("evt_3", "inquiry.completed", EARLY, &inquiry("inq_v", "completed"));
        about["data"]["attributes"]["payload"]["included"] = json!([account("lead")]);
        let included = second.send(&world, &about).await.expect(200);
        assert_eq!((included.text("/meta/received"), adjusted(&included)), ("recorded".into(), vec!["another-source".into()]));
        assert_eq!(plan().await, "gold");
        assert_eq!(ignored(&world, &second).await, json!({"kind": 0, "name": 0, "another-source": 2, "redacted": 0}));
        assert_eq!(ignored(&world, &first).await, json!({"kind": 0, "name": 0, "another-source": 0, "redacted": 0}));

        // A key can still change it, and it keeps its source.
        let upsert = json!({"data": {"attributes": {"reference-id": "r-1", "fields": {"plan": "silver"}}},
            "meta": {"upsert-by": "reference-id"}});
        world.post("/accounts", upsert).await.expect(200);
        assert_eq!((plan().await, source().await["name"].clone()), ("silver".into(), json!("First")));
        send(&first, "evt_4", "platinum").await;
        assert_eq!(plan().await, "platinum");
        // An object that was only mentioned gets the source that reports it.
        let listed = world.get("/accounts?fields[account]=source").await.expect(200);
        let stub = listed.at("/data").as_array().unwrap().iter().find(|one| one["id"] == "act_vendor").unwrap();
        assert_eq!(stub["attributes"], json!({"source": null}));
        // The contract requires every attribute of an inquiry; responses in other casings are not validated with it.
        let of_inquiry = Call::get("/inquiries/inq_v?fields[inquiry]=source").with("key-inflection", "snake");
        let inquiry = world.call(of_inquiry).await.expect(200);
        assert_eq!(inquiry.attribute("source")["name"], "Second");
        world.is_in_order().await;
    })
    .await;
}

/// An account of a vendor with this many fields of this many characters each.
fn large(id: &str, fields: usize, characters: usize) -> Value {
    let fields: Value =
        (0..fields).map(|n| (format!("f{n}"), json!({"type": "string", "value": "x".repeat(characters)}))).collect();
    json!({"type": "account", "id": id, "attributes": {"fields": fields}})
}

/// The bytes of the objects of a page, and of the largest object.
fn bytes_of(page: &Answer) -> (usize, usize) {
    let sizes: Vec<usize> =
        page.at("/data").as_array().expect("a list").iter().map(|one| one.to_string().len()).collect();
    (sizes.iter().sum(), sizes.into_iter().max().unwrap_or_default())
}

const SHOWN_BYTES_MAX: usize = 64 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_webhook_says_beyond_the_limits_of_an_object_is_cut_and_reported() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let mut thing = inquiry("inq_v", "completed");
        thing["attributes"]["tags"] = (0..80_000).map(|n| json!(format!("t{n}"))).collect();

        let tagged = vendor.send(&world, &event("evt_1", "inquiry.completed", EARLY, &thing)).await.expect(200);

        assert_eq!(adjusted(&tagged), ["tags-left-out"]);
        assert!(tagged.text("/meta/adjusted/0/detail").starts_with("79900 tags"), "{}", tagged.told());
        let shown = world.get("/inquiries/inq_v").await.expect(200);
        assert_eq!(shown.attribute("tags").as_array().map(Vec::len), Some(100));

        let deep = json!({"type": "hash", "value": {"list": vec![0; 30_000]}});
        let mut wide = large("act_1", 100, 2_000);
        wide["attributes"]["fields"]["deep"] = deep;
        wide["attributes"]["note\nof two lines"] = json!("x");
        let cut = vendor.send(&world, &event("evt_2", "account.created", EARLY, &wide)).await.expect(200);
        assert_eq!(adjusted(&cut), ["attributes-left-out", "object-cut"]);
        assert!(cut.text("/meta/adjusted/1/detail").contains("fields.deep"), "{}", cut.told());
        let shown = world.get("/accounts/act_1").await.expect(200);
        let kept = shown.attribute("fields").as_object().expect("fields").len();
        assert!((25..100).contains(&kept), "{kept}");
        let recorded = world.get(&format!("/events/{}", cut.id())).await.expect(200);
        for object in [shown.at("/data"), recorded.at("/data/attributes/payload/data")] {
            assert!(object.to_string().len() <= SHOWN_BYTES_MAX, "{}", object.to_string().len());
        }
        // Several events of one object can't exceed the limit together.
        for n in 0..4 {
            let report =
                json!({"type": "inquiry", "id": "inq_v", "attributes": {format!("part-{n}"): "x".repeat(30_000)}});
            let event = event(&format!("evt_more{n}"), "inquiry.completed", LATE, &report);
            let answer = vendor.send(&world, &event).await.expect(200);
            assert_eq!(adjusted(&answer).len(), usize::from(n >= 2), "{n}: {}", answer.told());
        }

        // The API refuses what is truncated in a webhook.
        let own = |fields: usize, characters: usize| {
            attributes(json!({"fields": large("", fields, characters)["attributes"]["fields"]}))
        };
        world.post("/accounts", own(250, 100)).await.expect(201);
        for (fields, characters) in [(251, 1), (100, 2_000)] {
            let refused = world.post("/accounts", own(fields, characters)).await.expect(422);
            assert_eq!(refused.pointers(), ["/data/attributes/fields"], "{}", refused.told());
        }
        let key = |length: usize| attributes(json!({"fields": {"k".repeat(length): 1}}));
        world.post("/accounts", key(64)).await.expect(201);
        world.post("/accounts", key(65)).await.expect(422);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_part_of_a_webhook_has_its_limit() {
    let world = World::sqlite().await;
    let vendor = Vendor::of(&world).await;
    let members = |count: usize| (0..count).map(|n| (format!("n{n}"), json!(1))).collect::<Value>();
    let related = json!({"type": "report", "id": "rep_1"});
    let relations = |count: usize| (0..count).map(|n| (format!("n{n}"), json!({"data": related}))).collect::<Value>();
    for (place, (attributes, relationships, code)) in [
        (members(250), relations(100), None),
        (members(251), json!({}), Some("attributes-left-out")),
        (json!({}), relations(101), Some("relations-left-out")),
        (json!({}), json!({"reports": {"data": vec![&related; 250]}}), None),
        (json!({}), json!({"reports": {"data": vec![&related; 251]}}), Some("relations-left-out")),
        (json!({"fields": members(250)}), json!({}), None),
        (json!({"fields": members(251)}), json!({}), Some("fields-left-out")),
        (json!({"reference-id": "x".repeat(256)}), json!({}), None),
        (json!({"reference-id": "x".repeat(257)}), json!({}), Some("reference-id-too-long")),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("inq_{place}");
        let thing = json!({"type": "inquiry", "id": id, "attributes": attributes, "relationships": relationships});

        let body = event(&format!("evt_{place}"), "inquiry.completed", EARLY, &thing);
        let answer = vendor.send(&world, &body).await.expect(200);

        assert_eq!(adjusted(&answer), code.into_iter().collect::<Vec<_>>(), "{place}");
        world.get(&format!("/inquiries/{id}")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_hundred_of_the_largest_objects_is_whole() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        for n in 0..10 {
            let mut body = event(&format!("evt_{n}"), "account.created", EARLY, &Value::Null);
            let accounts = (0..10).map(|m| large(&format!("act_{n}_{m}"), 31, 2_800));
            body["data"]["attributes"]["payload"]["included"] = accounts.collect();
            let answer = vendor.send(&world, &body).await.expect(200);
            assert_eq!(adjusted(&answer), ["object-cut"; 10]);
        }

        let page = world.get("/accounts?page[size]=100").await.expect(200);

        let (all, largest) = bytes_of(&page);
        assert_eq!((page.ids().len(), page.at("/links/next")), (100, &Value::Null));
        assert!(largest <= SHOWN_BYTES_MAX && largest > SHOWN_BYTES_MAX - 8_192, "{largest}");
        assert!(all > 5 << 20, "{all}");
    })
    .await;
}

/// Follows the links of a list from its newest page to its oldest and back; returns the ids in both directions and the
/// bytes of the largest page.
pub async fn walked(world: &World, list: &str) -> (Vec<String>, Vec<String>, usize) {
    let (mut down, mut up, mut most) = (Vec::new(), Vec::new(), 0);
    let mut page = world.get(list).await.expect(200);
    loop {
        assert!(!page.ids().is_empty(), "a page is empty while more exists");
        most = most.max(page.bytes.len());
        down.extend(page.ids());
        let Some(next) = page.at("/links/next").as_str().map(|link| link.replace("/api/v1", "")) else { break };
        page = world.get(&next).await.expect(200);
    }
    loop {
        assert!(!page.ids().is_empty(), "a page is empty while more exists");
        most = most.max(page.bytes.len());
        up.extend(page.ids().into_iter().rev());
        let Some(prev) = page.at("/links/prev").as_str().map(|link| link.replace("/api/v1", "")) else { break };
        page = world.get(&prev).await.expect(200);
    }
    up.reverse();
    (down, up, most)
}

/// One row with [`OLDER_TAGS`] tags exceeds this limit, but a page with it does not exceed [`OLDER_BYTES_MAX`].
const PAGE_BYTES_MAX: usize = 64 * 1024;
const OLDER_TAGS: usize = 10_000;
const OLDER_BYTES_MAX: usize = 128 * 1024;

/// Accounts, three of which are larger than an object may be now: rows from before the limit existed.
async fn with_older_rows(world: &World, tags: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..12 {
        world.clock.advance_seconds(1);
        ids.push(world.post("/accounts", attributes(json!({"reference-id": format!("r{n}")}))).await.expect(201).id());
    }
    ids.reverse();
    let tags: Value = (0..tags).map(|n| json!(format!("t{n}"))).collect();
    for id in [&ids[2], &ids[3], &ids[7]] {
        world.fresh.run(&format!("UPDATE object SET tags = '{tags}' WHERE id LIKE '%{id}'")).await;
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn older_larger_rows_make_a_page_short_and_never_empty_in_both_directions() {
    for engine in engines() {
        let world = World::with(engine, Settings { page_bytes_max: PAGE_BYTES_MAX, ..Settings::default() }).await;
        // Each of them is larger than a page may be.
        let ids = with_older_rows(&world, OLDER_TAGS).await;

        let (down, up, most) = walked(&world, "/accounts?page[size]=100").await;

        assert_eq!((&down, &up), (&ids, &ids));
        assert!(most < OLDER_BYTES_MAX, "{most}");
        let second = world.get(&format!("/accounts?page[size]=100&page[after]={}", ids[1])).await.expect(200);
        assert_eq!(second.ids(), [ids[2].clone()], "a larger one is a page by itself");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_older_larger_rows_has_8_mebibytes() {
    on_each_engine(async |world| {
        let ids = with_older_rows(&world, 400_000).await;

        let page = world.get("/accounts?page[size]=100").await.expect(200);

        assert!(page.bytes.len() <= (8 << 20) + 512, "{}", page.bytes.len());
        assert_eq!(page.ids(), ids[..7], "the third larger one is the next page's");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_has_as_many_objects_as_fit_its_bytes_and_one_more_is_the_next_pages() {
    let measured = World::sqlite().await;
    with_older_rows(&measured, 10).await;
    let size = |page: &Answer| {
        let text = String::from_utf8(page.bytes.clone()).expect("text");
        let (_, rest) = text.split_once("\"data\":[").expect("data");
        rest.split_once("],\"links\"").expect("links").0.len()
    };
    let three = size(&measured.get("/accounts?page[size]=3").await.expect(200)) - 2;

    for (bytes, objects) in [(three, 3), (three - 1, 2)] {
        let settings = Settings { page_bytes_max: bytes, ..Settings::default() };
        let world = World::with(On::Sqlite, settings).await;
        let ids = with_older_rows(&world, 10).await;

        let page = world.get("/accounts?page[size]=100").await.expect(200);

        assert_eq!(page.ids(), ids[..objects], "{bytes}");
        let (down, up, _) = walked(&world, "/accounts?page[size]=100").await;
        assert_eq!((&down, &up), (&ids, &ids));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_without_a_bound_is_found_by_the_test_of_pages() {
    let settings = Settings { page_bytes_max: usize::MAX, ..Settings::default() };
    let world = World::with(On::Sqlite, settings).await;
    with_older_rows(&world, OLDER_TAGS).await;

    let (_, _, most) = walked(&world, "/accounts?page[size]=100").await;

    assert!(most > OLDER_BYTES_MAX, "{most}");
}
