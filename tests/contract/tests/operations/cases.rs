//! The operations that the screens of cases use: assignees, comments, allowed statuses, and search.

use docket_access::{NewPerson, Role, add_user};
use docket_kernel::{Actor, Scope};
use docket_storage::Command;
use serde_json::{Value, json};

use crate::sessions::Browser;
use crate::things::{case, filled, one_of_each, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

async fn add_person(world: &World, email: &'static str, name: &'static str) {
    let (organization, actor) = (world.set_up().organization.clone(), Actor::system(world.set_up().sandbox.id.clone()));
    let scope = Scope::Of(organization.key());
    let person = NewPerson { email: email.into(), name: name.into(), role: Role::Analyst };
    let command = Command::new("add-user", scope, move |work| add_user(work, &actor, &organization, &person));
    world.database.writer().submit(command).await.expect("a person is added");
}

fn to(email: &str) -> Value {
    json!({"meta": {"user-email-address": email}})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_given_to_somebody_and_taken_from_them() {
    on_each_engine(async |world| {
        add_person(&world, "bob@lantern.example", "Bob Byron").await;
        let id = case(&world, &template(&world).await).await.id();
        let (assign, unassign) = (format!("/cases/{id}/assign"), format!("/cases/{id}/unassign"));

        let given = world.post(&assign, to("Bob@Lantern.example")).await.expect(200);

        assert_eq!(given.attribute("assignee-id"), "bob@lantern.example");
        assert_eq!(given.attribute("assigner-id"), "ada@lantern.example");
        assert!(given.attribute("assigned-at").is_string());
        let again = world.post(&assign, to("bob@lantern.example")).await.expect(200);
        assert_eq!(again.header("etag"), given.header("etag"));
        let taken = world.post(&unassign, json!({})).await.expect(200);
        assert_eq!((taken.attribute("assignee-id"), taken.attribute("assigned-at")), (&Value::Null, &Value::Null));
        let events = world.get(&format!("/events?filter[object-id]={id}")).await.expect(200);
        let told: Vec<_> = (0..2)
            .map(|place| {
                let of = |name: &str| events.text(&format!("/data/{place}/attributes/{name}"));
                (of("name"), of("context/from"), of("context/to"))
            })
            .collect();
        let bob = || "bob@lantern.example".to_owned();
        assert_eq!(told[0], ("case.unassigned".to_owned(), bob(), String::new()));
        assert_eq!(told[1], ("case.assigned".to_owned(), String::new(), bob()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_is_given_to_nobody_who_is_not_there() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let refused = world.post(&format!("/cases/{id}/assign"), to("eve@elsewhere.example")).await.expect(422);
    assert_eq!(refused.pointers(), ["/meta/user-email-address"]);
    world.post(&format!("/cases/{id}/assign"), json!({})).await.expect(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_is_kept_with_its_author_and_changes_no_decision() {
    on_each_engine(async |world| {
        let made = case(&world, &template(&world).await).await;
        let (id, path) = (made.id(), format!("/cases/{}/comments", made.id()));

        let first = world.post(&path, attributes(json!({"body": " Called the bank. "}))).await.expect(201);
        let second = world.post(&path, attributes(json!({"body": "All fine."}))).await.expect(201);

        assert_eq!(
            (first.attribute("body"), first.attribute("creator-id")),
            (&json!("Called the bank."), &json!("ada@lantern.example"))
        );
        assert_eq!(first.text("/data/relationships/case/data/id"), id);
        assert_eq!(world.get(&path).await.expect(200).ids(), [second.id(), first.id()]);
        let shown = world.get(&format!("/cases/{id}")).await.expect(200);
        assert_eq!(shown.header("etag"), made.header("etag"));
        let known: Vec<_> = shown.at("/data/relationships/case-comments/data").as_array().expect("a list").clone();
        assert_eq!(known[0]["id"], json!(first.id()));
        let events = world.get(&format!("/events?filter[object-id]={}", first.id())).await.expect(200);
        assert_eq!(events.text("/data/0/attributes/name"), "case-comment.created");
        let payload = events.at("/data/0/attributes/payload/data");
        assert_eq!(payload["relationships"]["case"]["data"]["id"], json!(id), "{payload}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comment_has_its_length() {
    let world = World::sqlite().await;
    let path = format!("/cases/{}/comments", case(&world, &template(&world).await).await.id());
    for (length, status) in [(65_536, 201), (65_537, 422)] {
        let answer = world.post(&path, attributes(json!({"body": "x".repeat(length)}))).await.expect(status);
        assert!(status == 201 || answer.pointers() == ["/data/attributes/body"]);
    }
    world.post(&path, attributes(json!({"body": "  "}))).await.expect(422);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_says_which_statuses_can_follow_and_why_others_can_not() {
    let world = World::sqlite().await;
    let statuses = json!([
        {"name": "New", "type": "initial", "color": "#112233", "allowed-next": ["Looking"]},
        {"name": "Looking", "type": "intermediate"},
        {"name": "Closed", "type": "end", "require-comment": true},
    ]);
    let template = world.post("/case-templates", attributes(json!({"name": "Strict", "statuses": statuses}))).await;
    let made = case(&world, &template.expect(201).id()).await;

    let shown = world.get(&format!("/cases/{}/statuses", made.id())).await.expect(200);

    assert_eq!(shown.header("etag"), made.header("etag"));
    let seen: Vec<_> =
        shown.body["data"].as_array().expect("a list").iter().map(|status| &status["attributes"]).collect();
    assert_eq!(
        (&seen[0]["name"], &seen[0]["current"], &seen[0]["allowed"]),
        (&json!("New"), &json!(true), &json!(false))
    );
    assert_eq!((&seen[1]["allowed"], &seen[1]["reason"]), (&json!(true), &Value::Null));
    assert_eq!((&seen[2]["allowed"], &seen[2]["require-comment"]), (&json!(false), &json!(true)));
    assert!(seen[2]["reason"].as_str().expect("why").contains("its status can change to Looking"), "{}", seen[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_case_holds_is_shown_whatever_its_kind() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let ids: Vec<_> = own
        .iter()
        .filter(|(hole, _)| matches!(*hole, "{inquiry-id}" | "{account-id}"))
        .map(|(_, id)| id.clone())
        .collect();
    world
        .post(&filled("/cases/{case-id}/add-objects", &own), json!({"meta": {"object-ids": ids.clone()}}))
        .await
        .expect(200);
    let held = world.get(&filled("/cases/{case-id}/objects", &own)).await.expect(200);
    assert_eq!(held.ids(), ids);
    assert_eq!(held.text("/data/1/type"), "inquiry");
}

/// Every case of a list, page by page, forward and backward.
async fn walked(world: &World, filter: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut address = format!("/cases?page[size]=3&{filter}");
    let mut last = String::new();
    while !address.is_empty() {
        let page = world.get(&address).await.expect(200);
        names.extend(
            page.body["data"]
                .as_array()
                .expect("a list")
                .iter()
                .map(|case| case["attributes"]["name"].as_str().unwrap_or_default().to_owned()),
        );
        last = page.text("/links/prev").replace("/api/v1", "");
        address = page.text("/links/next").replace("/api/v1", "");
    }
    if !last.is_empty() {
        let before = world.get(&last).await.expect(200);
        assert_eq!(before.ids().len(), 3, "{filter}");
    }
    names
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cases_are_found_by_what_the_screen_filters_by() {
    on_each_engine(async |world| {
        add_person(&world, "bob@lantern.example", "Bob Byron").await;
        let make = async |name: &str, key: &str| {
            world.post("/case-templates", attributes(json!({"name": name, "key": key}))).await.expect(201).id()
        };
        let (kyc, fraud) = (make("Know", "KYC").await, make("Fraud", "FRD").await);
        let mut ids = Vec::new();
        for place in 0..12 {
            let made = case(&world, if place % 2 == 0 { &kyc } else { &fraud }).await;
            world.clock.advance_seconds(60);
            if place % 3 == 0 {
                world.post(&format!("/cases/{}/assign", made.id()), to("bob@lantern.example")).await.expect(200);
            }
            if place % 4 == 0 {
                world
                    .post(&format!("/cases/{}/set-status", made.id()), json!({"meta": {"status": "Pending"}}))
                    .await
                    .expect(200);
            }
            ids.push((made.id(), made.text("/data/attributes/name")));
        }
        let named = |places: &[usize]| places.iter().rev().map(|place| ids[*place].1.clone()).collect::<Vec<_>>();
        let table: Vec<(String, Vec<usize>)> = vec![
            ("filter[status]=Pending".into(), vec![0, 4, 8]),
            ("filter[status]=Open".into(), vec![1, 2, 3, 5, 6, 7, 9, 10, 11]),
            ("filter[status]=Open,Pending".into(), (0..12).collect()),
            (format!("filter[case-template-id]={kyc}"), vec![0, 2, 4, 6, 8, 10]),
            (format!("filter[case-template-id]={kyc},{fraud}"), (0..12).collect()),
            (format!("filter[case-template-id]={fraud}&filter[status]=Pending"), vec![]),
            (format!("filter[case-template-id]={kyc}&filter[status]=pending&filter[assignee-id]=none"), vec![4, 8]),
            ("filter[assignee-id]=bob@lantern.example".into(), vec![0, 3, 6, 9]),
            ("filter[assignee-id]=me".into(), vec![]),
            ("filter[assignee-id]=none".into(), vec![1, 2, 4, 5, 7, 8, 10, 11]),
            ("filter[assignee-id]=none,bob@lantern.example&filter[status]=Open,Pending".into(), (0..12).collect()),
            ("filter[text]=frd".into(), vec![1, 3, 5, 7, 9, 11]),
            ("filter[text]=F&filter[assignee-id]=none".into(), vec![1, 5, 7, 11]),
            ("filter[text]=XYZ".into(), vec![]),
            (format!("filter[text]={}", ids[3].1.to_lowercase()), vec![3]),
            ("filter[text]=KYC-".into(), vec![0, 2, 4, 6, 8, 10]),
            (format!("filter[text]={}", ids[5].0), vec![5]),
            (format!("filter[text]={}", &ids[5].0[..29]), vec![5]),
            ("filter[text]=case_01".into(), vec![]),
            ("filter[text]=case_zzzzzzzz".into(), vec![]),
            ("filter[text]=nothing%20such".into(), vec![]),
        ];
        for (filter, places) in table {
            assert_eq!(walked(&world, &filter).await, named(&places), "{filter}");
        }
        let mut browser = Browser::signed_in(&world).await;
        world.post(&format!("/cases/{}/assign", ids[1].0), to("ada@lantern.example")).await.expect(200);
        assert_eq!(browser.get("/cases?filter[assignee-id]=me").await.expect(200).ids(), [ids[1].0.clone()]);
    })
    .await;
}

fn labels(found: &Answer) -> Vec<(String, String)> {
    let items = found.body["data"].as_array().expect("a list");
    let text = |item: &Value, name: &str| item["attributes"][name].as_str().unwrap_or_default().to_owned();
    items.iter().map(|item| (text(item, "kind"), text(item, "label"))).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_somebody_types_is_found_among_all_kinds() {
    on_each_engine(async |world| {
        let own = one_of_each(&world, &world.key).await;
        world.post("/workflows", attributes(json!({"name": "Review 100% of Risks_"}))).await.expect(201);
        let account = world.post("/accounts", attributes(json!({"reference-id": "customer-77"}))).await.expect(201);
        let name = world.get(&filled("/cases/{case-id}", &own)).await.text("/data/attributes/name");
        let find = async |text: &str| labels(&world.get(&format!("/search?q={text}")).await.expect(200));
        let pair = |kind: &str, label: &str| (kind.to_owned(), label.to_owned());

        assert_eq!(find(&name.to_lowercase()).await, [pair("case", &name)]);
        assert_eq!(find(&name[..3]).await, [pair("case", &name)]);
        assert_eq!(find("risks_").await, [pair("workflow", "Review 100% of Risks_")]);
        assert_eq!(find("100%25").await, [pair("workflow", "Review 100% of Risks_")]);
        assert_eq!(find("isks%25").await, []);
        assert_eq!(find("customer-").await, [pair("account", "customer-77")]);
        assert_eq!(find(&account.id()).await, [pair("account", "customer-77")]);
        for (hole, kind) in [("{case-id}", "case"), ("{inquiry-id}", "inquiry"), ("{workflow-id}", "workflow")] {
            assert_eq!(find(&filled(hole, &own)).await.first().map(|found| found.0.clone()), Some(kind.to_owned()));
        }
        assert_eq!(find("").await, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_shows_nothing_of_others_and_nothing_one_may_not_see() {
    let world = World::sqlite().await;
    let foreign = one_of_each(&world, &world.foreign_key).await;
    for (_, id) in &foreign {
        assert_eq!(world.get(&format!("/search?q={id}")).await.expect(200).ids(), Vec::<String>::new());
    }
    let own = one_of_each(&world, &world.key).await;
    let key = world.new_key(vec![docket_kernel::Permission::CaseRead], None).await;
    for (hole, found) in [("{case-id}", 1), ("{account-id}", 0), ("{inquiry-id}", 0), ("{workflow-id}", 0)] {
        let call = Call::get(&format!("/search?q={}", filled(hole, &own))).key(&key);
        assert_eq!(world.call(call).await.expect(200).ids().len(), found, "{hole}");
    }
    let powerless = world.new_key(vec![docket_kernel::Permission::EventRead], None).await;
    world.call(Call::get("/search?q=x").key(&powerless)).await.expect(403);
    world.call(Call::get("/search?q=x").key("")).await.expect(401);
    world.get(&format!("/search?q={}", "x".repeat(101))).await.expect(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_names_every_operation_and_who_may() {
    let world = World::sqlite().await;
    let mut browser = Browser::of(&world);
    browser.origin = None;

    let described = browser.get("/openapi").await.expect(200);

    let security = |path: &str, method: &str| described.body["paths"][path][method]["security"].clone();
    assert_eq!(security("/sessions", "post"), json!([]));
    assert_eq!(security("/session", "patch"), json!([{"session": []}]));
    assert_eq!(security("/stream", "get"), Value::Null);
    for about in
        docket_api::operations().into_iter().chain(docket_api::custom_operations().into_iter().map(|apart| apart.about))
    {
        assert!(described.body["paths"][about.path][about.method.to_lowercase()].is_object(), "{}", about.path);
    }
}
