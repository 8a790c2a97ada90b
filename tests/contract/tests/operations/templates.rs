//! Case templates and their statuses, and the cases that have them.

use serde_json::{Value, json};

use crate::things::{called, case, published, template};
use crate::world::{Answer, World, attributes, on_each_engine};

fn status(name: &str, kind: &str) -> Value {
    json!({"name": name, "type": kind})
}

fn usual() -> Vec<Value> {
    vec![status("Open", "initial"), status("Pending", "intermediate"), status("Done", "end")]
}

async fn statuses(world: &World, template: &str) -> Vec<Value> {
    let shown = world.get(&format!("/case-templates/{template}/statuses")).await.expect(200);
    shown.at("/data").as_array().cloned().unwrap_or_default()
}

async fn names(world: &World, template: &str) -> Vec<String> {
    let text = |status: &Value| status["attributes"]["name"].as_str().unwrap_or_default().to_owned();
    statuses(world, template).await.iter().map(text).collect()
}

async fn made_with(world: &World, statuses: Value) -> Answer {
    world.post("/case-templates", attributes(json!({"name": "Any", "statuses": statuses}))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_template_says_little_and_gets_the_rest() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        assert_eq!(names(&world, &id).await, ["Open", "Pending", "Approved", "Declined"]);
        let shown = world.get(&format!("/case-templates/{id}")).await.expect(200);
        assert_eq!(shown.attribute("resolutions"), &json!(["Approved", "Declined"]));
        assert_eq!(case(&world, &id).await.attribute("name"), "KYC-1");
        assert_eq!(case(&world, &id).await.attribute("name"), "KYC-2");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_derived_taken_or_refused() {
    let world = World::sqlite().await;
    let make = async |name: &str, key: Value| {
        world.post("/case-templates", attributes(json!({"name": name, "key": key}))).await
    };
    let number = async |made: Answer| case(&world, &made.expect(201).id()).await.text("/data/attributes/name");
    assert_eq!(number(make("Know Your Customer", json!(null)).await).await, "KYC-1");
    assert_eq!(number(make("Know Your Client", json!(null)).await).await, "KYCA-1");
    assert_eq!(number(make("Fraud", json!(null)).await).await, "FRAU-1");
    assert_eq!(number(make("Ä1", json!(null)).await).await, "CASE-1");
    assert_eq!(number(make("Own", json!("OWNKEYXX")).await).await, "OWNKEYXX-1");
    let taken = make("Other", json!("KYC")).await.expect(409);
    assert_eq!(taken.pointers(), ["/data/attributes/key"]);
    for key in ["K", "kyc", "TOOLONGXX", "K1", "", "K C"] {
        let refused = make("Other", json!(key)).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/key"], "{key}");
    }
    let foreign = crate::world::Call::post("/case-templates").key(&world.foreign_key);
    world.call(foreign.json(attributes(json!({"name": "Theirs", "key": "KYC"})))).await.expect(201);
}

/// The slugs of all statuses of a template, in order.
async fn slugs(world: &World, template: &str) -> Vec<String> {
    let text = |status: &Value| status["attributes"]["slug"].as_str().unwrap_or_default().to_owned();
    statuses(world, template).await.iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_is_made_from_the_name_or_given_and_a_rename_leaves_it() {
    on_each_engine(async |world| {
        let make = async |name: &str, slug: Value| {
            world.post("/case-templates", attributes(json!({"name": name, "slug": slug}))).await
        };
        let made = make("Know your customer", json!(null)).await.expect(201);
        let again = make("Know Your Customer!", json!(null)).await.expect(201);
        let given = make("Know your customer", json!("kyc")).await.expect(201);
        let taken = make("Other", json!("kyc")).await.expect(409);
        for odd in ["", "KYC", "a b", "-a"] {
            assert_eq!(make("Other", json!(odd)).await.expect(422).pointers(), ["/data/attributes/slug"], "{odd}");
        }
        let elsewhere = crate::world::Call::post("/case-templates").key(&world.foreign_key);
        world.call(elsewhere.json(attributes(json!({"name": "Theirs", "slug": "kyc"})))).await.expect(201);
        let renamed = world
            .patch(&format!("/case-templates/{}", made.id()), attributes(json!({"name": "Onboarding"})))
            .await
            .expect(200);

        assert_eq!(made.attribute("slug"), "know-your-customer");
        assert_eq!(again.attribute("slug"), "know-your-customer-2");
        assert_eq!(given.attribute("slug"), "kyc");
        assert_eq!(taken.pointers(), ["/data/attributes/slug"]);
        assert_eq!(renamed.attribute("slug"), "know-your-customer");
        let listed = world.get("/case-templates").await.expect(200);
        assert_eq!(listed.at("/data/0/attributes/slug"), "kyc");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_keeps_its_slug_and_one_that_is_removed_leaves_it_to_nobody() {
    on_each_engine(async |world| {
        let mut list = usual();
        list.push(status("Done?", "end"));
        list[1]["slug"] = json!("waiting");
        let id = made_with(&world, json!(list)).await.expect(201).id();
        let change = async |statuses: Value, successors: Value| {
            let mut body = attributes(json!({"statuses": statuses}));
            body["meta"] = json!({"successors": successors});
            world.patch(&format!("/case-templates/{id}"), body).await
        };
        assert_eq!(slugs(&world, &id).await, ["open", "waiting", "done", "done-2"]);

        let renamed = json!({"slug": "waiting", "name": "On hold", "type": "intermediate"});
        let shorter = json!([usual()[0], renamed, usual()[2]]);
        change(shorter.clone(), json!({"Done?": "Done"})).await.expect(200);
        assert_eq!(names(&world, &id).await, ["Open", "On hold", "Done"]);
        assert_eq!(slugs(&world, &id).await, ["open", "waiting", "done"]);

        let with = [shorter.as_array().unwrap().clone(), vec![status("Done 2", "end")]].concat();
        change(json!(with), json!({})).await.expect(200);
        assert_eq!(slugs(&world, &id).await, ["open", "waiting", "done", "done-2-2"]);

        let mut other = statuses(&world, &id).await[1].clone();
        other = json!({"id": other["id"], "name": "On hold", "type": "intermediate", "slug": "held"});
        let refused = change(json!([usual()[0], other, usual()[2], with[3]]), json!({})).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/statuses/1/slug"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_breach_of_a_list_of_statuses_is_named_with_its_place() {
    let world = World::sqlite().await;
    let with = |more: Value| [usual(), vec![more]].concat();
    let list = "/data/attributes/statuses";
    let table: Vec<(Vec<Value>, u16, String)> = vec![
        (vec![], 422, list.into()),
        (vec![status("Done", "end")], 422, list.into()),
        (vec![status("Open", "initial")], 422, list.into()),
        (with(status("Again", "initial")), 422, list.into()),
        (with(status("oPEN ", "end")), 422, format!("{list}/3/name")),
        (with(status(" ", "end")), 422, format!("{list}/3/name")),
        (with(status("Two\nlines", "end")), 422, format!("{list}/3/name")),
        (with(status("Open\u{a0}", "end")), 422, format!("{list}/3/name")),
        (with(status("Op\u{200b}en", "end")), 422, format!("{list}/3/name")),
        (with(status("Den\u{202e}y", "end")), 422, format!("{list}/3/name")),
        (with(status(&"x".repeat(64), "end")), 201, String::new()),
        (with(status(&"x".repeat(65), "end")), 422, format!("{list}/3/name")),
        (with(json!({"name": "X", "type": "end", "color": "red"})), 422, format!("{list}/3/color")),
        (with(json!({"name": "X", "type": "end", "color": "#ff00aa"})), 201, String::new()),
        (with(json!({"name": "X", "type": "end", "allowed-next": ["Nowhere"]})), 422, format!("{list}/3/allowed-next")),
        (with(json!({"name": "X", "type": "end", "allowed_next": ["open"]})), 201, String::new()),
        (with(json!({"name": "X", "type": "final"})), 422, format!("{list}/3/type")),
        (with(json!({"name": "X"})), 400, format!("{list}/3/type")),
        (with(json!({"type": "end"})), 400, format!("{list}/3/name")),
        (with(json!({"name": 7, "type": "end"})), 400, format!("{list}/3")),
        (with(json!("Open")), 400, format!("{list}/3")),
        (with(json!({"name": "X", "type": "end", "oddity": 1})), 400, format!("{list}/3/oddity")),
        (with(json!({"id": "cst_none", "name": "X", "type": "end"})), 422, list.into()),
    ];
    for (statuses, code, pointer) in table {
        let answer = made_with(&world, json!(statuses)).await;
        assert_eq!(answer.status, code, "{}: {}", json!(statuses), answer.told());
        assert!(code == 201 || answer.pointers()[0].starts_with(&pointer), "{}", answer.told());
    }
    let all =
        [status("A", "initial"), status("a", "initial"), json!({"name": "", "type": "intermediate", "color": "x"})];
    assert_eq!(made_with(&world, json!(all)).await.expect(422).pointers().len(), 5);
    let fifty = |count: usize| {
        let more = (3..count).map(|number| status(&format!("S{number}"), "intermediate"));
        json!(usual().into_iter().chain(more).collect::<Vec<_>>())
    };
    made_with(&world, fifty(50)).await.expect(201);
    assert_eq!(made_with(&world, fifty(51)).await.expect(422).pointers(), [list]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_breach_of_a_list_of_fields_is_named_with_its_place() {
    let world = World::sqlite().await;
    let table = [
        (json!({"key": "a", "type": "choices"}), 422, "/data/attributes/fields/0/options"),
        (json!({"key": "a", "type": "choices", "options": ["x", "x"]}), 422, "/data/attributes/fields/0/options"),
        (json!({"key": "", "type": "string"}), 422, "/data/attributes/fields/0/key"),
        (json!({"key": "a", "type": "text"}), 422, "/data/attributes/fields/0/type"),
        (json!({"type": "string"}), 400, "/data/attributes/fields/0/key"),
        (json!({"key": "a", "type": "string", "oddity": 1}), 400, "/data/attributes/fields/0/oddity"),
        (json!({"key": "a", "type": "string", "required": true}), 201, ""),
    ];
    for (field, code, pointer) in table {
        let answer = world.post("/case-templates", attributes(json!({"name": "Any", "fields": [field]}))).await;
        assert_eq!(answer.status, code, "{field}: {}", answer.told());
        assert!(code == 201 || answer.pointers()[0].starts_with(pointer), "{}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_fields_of_a_case_are_those_of_its_template() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let body = |fields: Value| attributes(json!({"case-template-id": id, "fields": fields}));
        let table = [
            (json!({"amount": 5, "source": "x", "riskLevel": "low"}), 201, ""),
            (json!({"amount": null}), 201, ""),
            (json!({"amount": "5"}), 422, "/data/attributes/fields/amount"),
            (json!({"amount": 5.5}), 422, "/data/attributes/fields/amount"),
            (json!({"riskLevel": "none"}), 422, "/data/attributes/fields/riskLevel"),
            (json!({"risk-level": "low"}), 422, "/data/attributes/fields/risk-level"),
            (json!({"a/b~": 1}), 422, "/data/attributes/fields/a~1b~0"),
        ];
        for (fields, code, pointer) in table {
            let answer = world.post("/cases", body(fields.clone())).await;
            assert_eq!(answer.status, code, "{fields}: {}", answer.told());
            assert!(code == 201 || answer.pointers() == [pointer], "{}", answer.told());
        }
        let unknown = world.post("/cases", attributes(json!({"case-template-id": "ctmpl_none"}))).await.expect(422);
        assert_eq!(unknown.pointers(), ["/data/attributes/case-template-id"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_renamed_status_answers_to_both_names() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let workflow = published(&world, "Called", called(&id)).await;
        let held = case(&world, &id).await.id();
        let mut wanted = listed(&world, &id).await;
        wanted[1]["name"] = json!("Waiting");
        world.patch(&format!("/case-templates/{id}"), attributes(json!({"statuses": wanted}))).await.expect(200);

        let move_to = async |name: &str| {
            world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": name}})).await
        };
        assert_eq!(move_to("pending").await.expect(200).attribute("status"), "Waiting");
        assert_eq!(move_to("Open").await.expect(200).attribute("status"), "Open");
        assert_eq!(move_to("WAITING").await.expect(200).attribute("status"), "Waiting");
        let run =
            world.post(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {"amount": 50}}))).await;
        assert_eq!(run.expect(200).attribute("status"), "completed");
        assert_eq!(world.get("/cases?filter[status]=Waiting").await.ids().len(), 2);
        assert_eq!(world.get("/cases?filter[status]=Pending").await.ids().len(), 2);
        assert_eq!(names(&world, &id).await[1], "Waiting");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_means_the_status_that_had_it_last_whatever_the_order() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let path = format!("/case-templates/{id}");
        let save = async |wanted: &[Value]| {
            world.patch(&path, attributes(json!({"statuses": wanted}))).await.expect(200);
            listed(&world, &id).await
        };
        let mut wanted = listed(&world, &id).await;
        wanted.insert(1, status("Review", "intermediate"));
        let mut wanted = save(&wanted).await;
        wanted[1]["name"] = json!("Manual review");
        wanted.insert(3, status("Review", "intermediate"));
        let mut wanted = save(&wanted).await;
        let held = case(&world, &id).await.id();
        let after = async |name: &str| {
            let moved = world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": name}})).await;
            moved.expect(200).attribute("status").clone()
        };
        assert_eq!(after("Review").await, "Review");

        wanted[3]["name"] = json!("Second review");
        let mut wanted = save(&wanted).await;
        assert_eq!(after("review").await, "Second review");
        wanted.swap(1, 3);
        let mut wanted = save(&wanted).await;
        assert_eq!(after("REVIEW").await, "Second review");

        (wanted[1]["name"], wanted[3]["name"]) = (json!("Manual review"), json!("Second review"));
        save(&wanted).await;
        assert_eq!(after("manual review").await, "Manual review");
        assert_eq!(after("Review").await, "Manual review", "the one that was called Review last");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_is_stored_composed_and_found_by_every_way_to_write_its_name() {
    on_each_engine(async |world| {
        let written = "Pru\u{308}fung \u{a0} große";
        let id = made_with(&world, json!([status("Open", "initial"), status(written, "end")])).await.expect(201).id();
        assert_eq!(names(&world, &id).await, ["Open", "Prüfung große"]);
        let held = case(&world, &id).await.id();

        let moved = world
            .post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": " PRÜFUNG\u{2003}GROSSE"}}))
            .await;

        assert_eq!(moved.expect(200).attribute("status"), "Prüfung große");
        assert_eq!(world.get("/cases?filter[status]=pr%C3%BCfung%20GROSSE").await.ids(), [held]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_read_of_statuses_can_be_sent_back_without_their_ids() {
    on_each_engine(async |world| {
        let open = json!({"name": "Open", "type": "initial", "allowed-next": ["Closed"]});
        let made = made_with(&world, json!([open, {"name": "Closed", "type": "end"}])).await.expect(201).id();
        let before = statuses(&world, &made).await;
        let mut sent: Vec<Value> = before.iter().map(|status| status["attributes"].clone()).collect();
        for status in &mut sent {
            let members = status.as_object_mut().expect("an object");
            members.retain(|name, _| {
                ["name", "type", "color", "require-comment", "allowed-next"].contains(&name.as_str())
            });
        }
        assert_eq!(sent[0]["allowed-next"], json!([before[1]["id"]]));

        let wanted = attributes(json!({"statuses": sent}));
        world.patch(&format!("/case-templates/{made}"), wanted).await.expect(200);

        assert_eq!(statuses(&world, &made).await, before);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_of_a_status_or_field_that_is_something_else_is_named() {
    let world = World::sqlite().await;
    let status = |member: &str, value: Value| {
        let mut open = json!({"name": "Open", "type": "initial"});
        open[member] = value;
        json!({"statuses": [{"name": "Closed", "type": "end"}, open]})
    };
    let field = |member: &str, value: Value| {
        let mut field = json!({"key": "a", "type": "choices", "options": ["x"]});
        field[member] = value;
        json!({"fields": [field]})
    };
    for (body, pointer) in [
        (status("require-comment", json!(5)), "/data/attributes/statuses/1/require-comment"),
        (status("color", json!(5)), "/data/attributes/statuses/1/color"),
        (status("allowed-next", json!("Closed")), "/data/attributes/statuses/1/allowed-next"),
        (field("required", json!("yes")), "/data/attributes/fields/0/required"),
        (field("options", json!([1])), "/data/attributes/fields/0/options"),
        (field("label", json!({})), "/data/attributes/fields/0/label"),
    ] {
        let mut body = body;
        body["name"] = json!("Odd");
        let refused = world.post("/case-templates", attributes(body)).await.expect(400);
        assert_eq!(refused.pointers(), [pointer]);
    }
}

/// The statuses of a template as a list to send back.
async fn listed(world: &World, template: &str) -> Vec<Value> {
    let as_sent = |status: &Value| {
        let told = &status["attributes"];
        json!({"id": status["id"], "name": told["name"], "type": told["type"], "allowed-next": told["allowed-next"]})
    };
    statuses(world, template).await.iter().map(as_sent).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_status_that_is_held_or_named_goes_only_with_a_successor() {
    on_each_engine(async |world| {
        let id = template(&world).await;
        let path = format!("/case-templates/{id}");
        let workflow = published(&world, "Mover", called(&id)).await;
        let held = case(&world, &id).await.id();
        let mut wanted = listed(&world, &id).await;
        let approved = wanted.remove(2);
        world.patch(&path, attributes(json!({"statuses": wanted}))).await.expect(200);
        assert_ne!(approved["id"], Value::Null);

        let pending = wanted.remove(1);
        let refused = world.patch(&path, attributes(json!({"statuses": wanted}))).await.expect(422);
        assert!(refused.details().contains("Mover"), "{}", refused.told());
        assert_eq!(refused.pointers(), ["/meta/successors"]);
        world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Pending"}})).await.expect(200);
        let refused = world.patch(&path, attributes(json!({"statuses": wanted}))).await.expect(422);
        assert!(refused.details().contains("cases hold it"), "{}", refused.told());
        let successors =
            |to: &str| json!({"data": {"attributes": {"statuses": wanted}}, "meta": {"successors": {"Pending": to}}});
        assert_eq!(world.patch(&path, successors("Nowhere")).await.expect(422).pointers(), ["/meta/successors"]);
        let mut more = successors("Declined");
        more["meta"]["successors"]["Open"] = json!("Declined");
        let refused = world.patch(&path, more).await.expect(422);
        assert!(refused.details().contains("'Open' has a successor"), "{}", refused.told());

        world.patch(&path, successors("Declined")).await.expect(200);

        world.patch(&path, successors("Declined")).await.expect(200);
        let alone = json!({"data": {"attributes": {"name": "Other"}}, "meta": {"successors": {"Open": "Declined"}}});
        assert_eq!(world.patch(&path, alone).await.expect(422).pointers(), ["/meta/successors"]);
        assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("status"), "Declined");
        let events = world.get(&format!("/events?filter[object-id]={held}&filter[name]=case.status-updated")).await;
        let context = events.at("/data/0/attributes/context");
        assert_eq!((&context["from"], &context["to"]), (&json!("Pending"), &json!("Declined")), "{}", events.told());
        assert_eq!(context["actor"]["type"], "api-key");
        world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "Open"}})).await.expect(200);
        let moved = world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": "pending"}})).await;
        assert_eq!(moved.expect(200).attribute("status"), "Declined");
        let run =
            world.post(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {"amount": 50}}))).await;
        assert_eq!(run.expect(200).attribute("status"), "completed", "{pending}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_moves_as_its_statuses_allow() {
    on_each_engine(async |world| {
        let list = json!([
            {"name": "New", "type": "initial", "allowed-next": ["Doing"]},
            {"name": "Doing", "type": "intermediate"},
            {"name": "Done", "type": "end"},
        ]);
        let id = made_with(&world, list).await.expect(201).id();
        let held = case(&world, &id).await.id();
        let move_to = async |name: &str| {
            world.post(&format!("/cases/{held}/set-status"), json!({"meta": {"status": name}})).await
        };
        assert!(move_to("Done").await.expect(422).details().contains("its status can change to Doing"));
        let unknown = move_to("Approved").await.expect(422);
        assert!(unknown.details().contains("New, Doing, Done"), "{}", unknown.told());
        assert_eq!(unknown.pointers(), ["/meta/status"]);
        move_to("Doing").await.expect(200);
        let version = move_to("Doing").await.expect(200).header("etag");
        assert_eq!(world.get(&format!("/cases/{held}")).await.header("etag"), version);
        let done = move_to("done").await.expect(200);
        assert_eq!(
            (done.attribute("resolution"), done.attribute("resolver-id")),
            (&json!("Done"), &json!("ada@lantern.example"))
        );
        let open = move_to("Doing").await.expect(200);
        assert_eq!((open.attribute("resolution"), open.attribute("resolved-at")), (&Value::Null, &Value::Null));
        let told = world.get(&format!("/events?filter[object-id]={held}&page[size]=100")).await;
        let names: Vec<_> =
            told.at("/data").as_array().unwrap().iter().map(|e| e["attributes"]["name"].clone()).collect();
        assert_eq!(
            names,
            [
                "case.reopened",
                "case.status-updated",
                "case.resolved",
                "case.status-updated",
                "case.status-updated",
                "case.created"
            ]
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn templates_are_found_by_their_ids_however_many_there_are() {
    on_each_engine(async |world| {
        let mut ids = Vec::new();
        for name in ["One", "Two", "Three"] {
            world.clock.advance_seconds(1);
            ids.push(world.post("/case-templates", attributes(json!({"name": name}))).await.expect(201).id());
        }

        let one = world.get(&format!("/case-templates?filter[id]={}&page[size]=1", ids[0])).await.expect(200);
        let two = world.get(&format!("/case-templates?filter[id]={},{}", ids[0], ids[2])).await.expect(200);
        let none = world.get("/case-templates?filter[id]=ctmpl_none").await.expect(200);

        assert_eq!((one.ids(), one.text("/data/0/attributes/slug")), (vec![ids[0].clone()], "one".to_owned()));
        assert_eq!(two.ids(), [ids[2].clone(), ids[0].clone()]);
        assert_eq!(none.ids(), Vec::<String>::new());
    })
    .await;
}
