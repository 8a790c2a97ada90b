//! Lists: pages, filters, links, and which attributes and related objects are shown.

use serde_json::{Value, json};

use crate::things::{Vendor, called, case, filled, one_of_each, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

async fn cases(world: &World, template: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.insert(0, case(world, template).await.id());
        world.clock.advance_seconds(1);
    }
    ids
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_follow_one_another_newest_first_both_ways() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let ids = cases(&world, &template, 5).await;

        let first = world.get("/cases?page[size]=2").await.expect(200);
        assert_eq!((first.ids(), first.at("/links/prev")), (ids[..2].to_vec(), &Value::Null));
        assert_eq!(first.text("/links/next"), format!("/api/v1/cases?page%5Bafter%5D={}&page%5Bsize%5D=2", ids[1]));
        let follow = async |answer: &Answer, link: &str| {
            let address = answer.text(link);
            world.get(address.strip_prefix("/api/v1").expect("a relative address")).await.expect(200)
        };
        let second = follow(&first, "/links/next").await;
        let third = follow(&second, "/links/next").await;
        assert_eq!((second.ids(), third.ids()), (ids[2..4].to_vec(), ids[4..].to_vec()));
        assert_eq!(third.at("/links/next"), &Value::Null);
        let back = follow(&third, "/links/prev").await;
        assert_eq!(back.ids(), second.ids());
        let start = follow(&back, "/links/prev").await;
        assert_eq!((start.ids(), start.at("/links/prev")), (first.ids(), &Value::Null));

        let none = world.get(&format!("/cases?page[after]={}", ids[4])).await.expect(200);
        assert_eq!((none.at("/data"), none.at("/links/next")), (&json!([]), &Value::Null));
        assert_eq!(world.get("/cases").await.ids(), ids);
        // An object created in between does not shift the next page.
        case(&world, &template).await;
        assert_eq!(follow(&first, "/links/next").await.ids(), second.ids());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn events_of_one_object_are_in_the_order_of_their_recording_whatever_their_times_and_ids() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = case(&world, &template).await.id();
        for status in ["Pending", "Approved", "Open"] {
            let body = json!({"meta": {"status": status}});
            world.post(&format!("/cases/{id}/set-status"), body).await.expect(200);
        }
        let etag = world.get(&format!("/cases/{id}")).await.header("etag");
        let comment = attributes(json!({"body": "Looked into"}));
        world.post(&format!("/cases/{id}/comments"), comment).await.expect(201);

        // The clocks of nodes differ, and ids begin with the time.
        world.run_unbound("UPDATE event SET created_at = 1000000 - object_ordinal").await;

        let all = world.get(&format!("/events?filter[object-id]={id}")).await.expect(200);
        let names: Vec<_> =
            all.body["data"].as_array().into_iter().flatten().map(|event| &event["attributes"]["name"]).collect();
        let wanted = [
            "case.reopened",
            "case.status-updated",
            "case.resolved",
            "case.status-updated",
            "case.status-updated",
            "case.created",
        ];
        assert_eq!(names, wanted, "{}", all.told());
        let first = world.get(&format!("/events?filter[object-id]={id}&page[size]=4")).await.expect(200);
        assert_eq!(first.ids(), all.ids()[..4]);
        let next = first.text("/links/next");
        let second = world.get(next.strip_prefix("/api/v1").expect("a relative address")).await.expect(200);
        assert_eq!(second.ids(), all.ids()[4..]);
        let back = second.text("/links/prev");
        let back = world.get(back.strip_prefix("/api/v1").expect("a relative address")).await.expect(200);
        assert_eq!(back.ids(), first.ids());
        // The comment's event also advances the case's event ordinal, but changes neither its version nor its ETag.
        let counted = format!("SELECT event_ordinal FROM case_record WHERE id = '{id}'");
        assert_eq!(world.fresh.count(&counted).await, 7);
        let comments = format!("SELECT parent_ordinal FROM event WHERE parent_id = '{id}'");
        assert_eq!(world.fresh.count(&comments).await, 7);
        assert_eq!(world.get(&format!("/cases/{id}")).await.header("etag"), etag);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn things_of_the_same_instant_keep_one_order() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        for _ in 0..7 {
            case(&world, &template).await;
        }
        let whole = world.get("/cases").await.expect(200).ids();
        let mut walked = Vec::new();
        let mut address = "/cases?page[size]=3".to_owned();
        while !address.is_empty() {
            let page = world.get(&address).await.expect(200);
            walked.extend(page.ids());
            address = page.text("/links/next").replace("/api/v1", "");
        }
        assert_eq!((walked.len(), &walked), (7, &whole));
    })
    .await;
}

/// Every operation that returns pages and requires no filter.
fn paged() -> Vec<docket_api::OperationInfo> {
    let document = docket_api::openapi::document(&docket_steps::engine());
    let is_paged = |about: &docket_api::OperationInfo| {
        let told = &document["paths"][about.path][about.method.to_lowercase()];
        let parameters = told["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let is_after = |parameter: &Value| parameter["$ref"] == "#/components/parameters/page-after";
        let is_needed = |parameter: &Value| parameter["in"] == "query" && parameter["required"] == true;
        parameters.iter().any(is_after) && !parameters.iter().any(is_needed)
    };
    docket_api::operations().into_iter().filter(is_paged).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_walked_to_its_end_and_back() {
    on_each_engine(async |world| {
        let own = one_of_each(&world, &world.key).await;
        world.clock.advance_seconds(1);
        let template = filled("{case-template-id}", &own);
        for (path, body) in [
            ("/cases", attributes(json!({"case-template-id": template}))),
            ("/cases/{case-id}/comments", attributes(json!({"body": "First."}))),
            ("/cases/{case-id}/comments", attributes(json!({"body": "Second."}))),
            ("/case-templates", attributes(json!({"name": "Another"}))),
            ("/accounts", attributes(json!({}))),
            ("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))),
            ("/workflows", attributes(json!({"name": "Another"}))),
            ("/workflows/{workflow-id}/trigger", attributes(json!({"fields": {}}))),
            ("/sources", attributes(json!({"name": "Another"}))),
            ("/api-keys", attributes(json!({"name": "Another"}))),
        ] {
            world.post(&filled(path, &own), body).await.expect_success();
        }
        let lists = paged();
        assert!(lists.len() >= 13, "{}", lists.len());
        let mut walked = 0;
        for about in lists {
            let path = filled(about.path, &own);
            let whole = world.get(&format!("{path}?page[size]=100")).await.expect(200).ids();
            let walk = async |mut address: String, link: &str| {
                let mut seen = Vec::new();
                while !address.is_empty() {
                    let page = world.get(&address).await.expect(200);
                    seen.extend(page.ids());
                    address = page.text(link).replace("/api/v1", "");
                }
                seen
            };
            let forth = walk(format!("{path}?page[size]=1"), "/links/next").await;
            assert_eq!(forth, whole, "{path}");
            let Some(last) = whole.last() else { continue };
            let mut back = walk(format!("{path}?page[size]=1&page[before]={last}"), "/links/prev").await;
            back.reverse();
            assert_eq!(back, whole[..whole.len() - 1], "{path}");
            walked += usize::from(whole.len() > 1);
        }
        assert!(walked >= 10, "{walked}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_asked_for_within_its_bounds() {
    let world = World::sqlite().await;
    let ids = cases(&world, &template(&world).await, 1).await;
    let foreign = one_of_each(&world, &world.foreign_key).await;
    let theirs = &foreign.iter().find(|(hole, _)| *hole == "{case-id}").expect("a case").1;
    let table = [
        ("page[size]=1".to_owned(), 200),
        ("page[size]=100".to_owned(), 200),
        ("page%5Bsize%5D=100".to_owned(), 200),
        ("page[limit]=5&filter[status]=&oddity=1".to_owned(), 200),
        ("filter[oddity]=x".to_owned(), 400),
        ("sort=name".to_owned(), 400),
        ("page[size]=0".to_owned(), 400),
        ("page[size]=101".to_owned(), 400),
        ("page[size]=-1".to_owned(), 400),
        ("page[size]=ten".to_owned(), 400),
        (format!("page[after]={0}&page[before]={0}", ids[0]), 400),
        ("filter[status]=%00".to_owned(), 400),
        ("filter[status]=%ff".to_owned(), 400),
        ("page[after]=case_none".to_owned(), 400),
        (format!("page[after]={theirs}"), 400),
        (format!("page[before]={theirs}"), 400),
    ];
    for (query, status) in table {
        let answer = world.get(&format!("/cases?{query}")).await;
        assert_eq!(answer.status, status, "{query}: {}", answer.told());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn filters_keep_what_they_name() {
    on_each_engine(async |world| {
        let (one, other) =
            (template(&world).await, world.post("/case-templates", attributes(json!({"name": "Fraud"}))).await.id());
        let first = case(&world, &one).await.id();
        let second = case(&world, &other).await.id();
        world.post(&format!("/cases/{second}/set-status"), json!({"meta": {"status": "Pending"}})).await.expect(200);
        let inquiry = world
            .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": "r 1"})))
            .await
            .expect(201);
        let account = inquiry.text("/data/relationships/account/data/id");
        let inquiry = inquiry.id();
        let objects = json!({"meta": {"object-ids": [inquiry, account]}});
        world.post(&format!("/cases/{first}/add-objects"), objects).await.expect(200);
        let foreign = one_of_each(&world, &world.foreign_key).await;
        let foreign_account = &foreign.iter().find(|(hole, _)| *hole == "{account-id}").expect("an account").1;
        let workflow = published(&world, "Called", called(&one)).await;
        let run =
            world.post(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {"amount": 1}}))).await;
        let (run, third) = (run.expect(200).id(), world.get("/cases?page[size]=1").await.ids().remove(0));
        let table: Vec<(String, Vec<&str>)> = vec![
            ("/cases?filter[status]=pending".into(), vec![&second]),
            ("/cases?filter[status]=Declined".into(), vec![&third]),
            ("/cases?filter[status]=OPEN,Pending".into(), vec![&second, &first]),
            ("/cases?filter[status]=Nowhere".into(), vec![]),
            (format!("/cases?filter[case-template-id]={one}"), vec![&third, &first]),
            (format!("/cases?filter[caseTemplateId]={one}&filter[status]=open"), vec![&first]),
            (format!("/cases?filter[account-id]={account}"), vec![&first]),
            (format!("/cases?filter[account-id]={foreign_account}"), vec![]),
            (format!("/cases?filter[inquiry-id]={inquiry}"), vec![&first]),
            ("/cases?filter[reference-id]=r%201".into(), vec![&first]),
            ("/cases?filter[reference-id]=nobody".into(), vec![]),
            ("/accounts?filter[reference-id]=r+1".into(), vec![&account]),
            (format!("/inquiries?filter[account-id]={account}"), vec![&inquiry]),
            (format!("/inquiries?filter[inquiry-id]={inquiry}"), vec![&inquiry]),
            ("/inquiries?filter[status]=created".into(), vec![&inquiry]),
            ("/inquiries?filter[status]=approved".into(), vec![]),
            ("/inquiries?filter[reference-id]=r%201".into(), vec![&inquiry]),
            (format!("/workflow-runs?filter[workflow-id]={workflow}"), vec![&run]),
            ("/workflow-runs?filter[status]=completed".into(), vec![&run]),
            ("/workflow-runs?filter[status]=errored".into(), vec![]),
        ];
        for (address, wanted) in table {
            let found = world.get(&address).await.expect(200);
            assert_eq!(found.ids(), wanted, "{address}");
        }
        for (filter, count) in [
            (format!("filter[object-id]={inquiry}"), 1),
            (format!("filter[object-id]={inquiry},{account}"), 2),
            ("filter[name]=case.created".into(), 3),
            ("filter[name]=case.created,inquiry.created".into(), 4),
            (format!("filter[name]=case.created&filter[object-id]={first}"), 1),
            ("filter[id]=evt_none".into(), 0),
        ] {
            let found = world.get(&format!("/events?{filter}")).await.expect(200);
            assert_eq!(found.ids().len(), count, "{filter}: {}", found.told());
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_is_asked_for_is_included_and_shown() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let id = case(&world, &template).await.id();
    let inquiry = world
        .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": "r"})))
        .await
        .id();
    world.post(&format!("/cases/{id}/add-objects"), json!({"meta": {"object-ids": [inquiry]}})).await.expect(200);
    let older = world.call(Call::get(&format!("/cases/{id}")).in_version("2023-01-05")).await.expect(200);
    let newer = world.get(&format!("/cases/{id}")).await.expect(200);
    assert_eq!((older.text("/included/0/id"), newer.body.get("included")), (inquiry.clone(), None));
    let asked = world.get(&format!("/cases/{id}?include=inquiries,case-template,oddity")).await.expect(200);
    let kinds: Vec<_> = asked.at("/included").as_array().unwrap().iter().map(|item| item["type"].clone()).collect();
    assert_eq!(kinds, ["case-template", "inquiry"]);
    let none = world.call(Call::get(&format!("/cases/{id}?include=")).in_version("2023-01-05")).await.expect(200);
    assert_eq!(none.body.get("included").and_then(Value::as_array).map_or(0, Vec::len), 0);
    for wanted in ["status,created-at", "status,createdAt", "status,created_at"] {
        let sparse = world.get(&format!("/cases?fields[case]={wanted}")).await.expect(200);
        let attributes = sparse.at("/data/0/attributes").as_object().expect("attributes");
        assert_eq!(attributes.keys().collect::<Vec<_>>(), ["status", "created-at"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_list_is_cut_by_when_things_were_made() {
    on_each_engine(async |world| {
        one_of_each(&world, &world.key).await;
        let made = crate::world::now(&world);
        world.clock.advance_seconds(60);
        let later = crate::world::now(&world);
        for list in ["/cases", "/accounts", "/inquiries", "/events", "/workflow-runs", "/workflows", "/case-templates"]
        {
            let count =
                async |filter: String| world.get(&format!("{list}?filter[{filter}")).await.expect(200).ids().len();
            let all = world.get(list).await.ids().len();
            assert!(all > 0, "{list}");
            assert_eq!(count(format!("created-at-start]={made}")).await, all, "{list}");
            assert_eq!(count(format!("createdAtStart]={later}")).await, 0, "{list}");
            assert_eq!(count(format!("created-at-end]={later}")).await, all, "{list}");
            assert_eq!(count(format!("created-at-end]={made}")).await, all, "{list}: the end itself is in");
            assert_eq!(count("created-at-end]=2020-01-31".into()).await, 0, "{list}");
            for odd in ["created-at-start]=yesterday", "created-at-end]=2020-02-31"] {
                let refused = world.get(&format!("{list}?filter[{odd}")).await.expect(400);
                assert!(refused.pointers()[0].starts_with("/filter/created-at-"), "{}", refused.told());
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_of_a_workflow_are_a_list_like_any_other() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let shown = world.get(&format!("/workflows/{id}")).await;
        let draft = Call::new("PUT", &format!("/workflows/{id}/draft")).with("if-match", &shown.header("etag"));
        let mut changed = called(&template);
        changed["steps"][0]["name"] = json!("Open it");
        world.call(draft.json(attributes(json!({"definition": changed})))).await.expect(200);
        let list = format!("/workflow-versions?filter[workflow-id]={id}");
        let both = world.get(&list).await.expect(200).ids();
        assert_eq!(both.len(), 2);
        let first = world.get(&format!("{list}&page[size]=1")).await.expect(200);
        assert_eq!((first.ids(), first.at("/links/prev")), (both[..1].to_vec(), &Value::Null));
        let follow =
            async |answer: &Answer, link: &str| world.get(&answer.text(link).replace("/api/v1", "")).await.expect(200);
        let second = follow(&first, "/links/next").await;
        assert_eq!((second.ids(), second.at("/links/next")), (both[1..].to_vec(), &Value::Null));
        assert_eq!(follow(&second, "/links/prev").await.ids(), first.ids());
        // A client that requests pages until one is empty must reach an end.
        assert_eq!(world.get(&format!("{list}&page[after]={}", both[1])).await.expect(200).ids(), Vec::<String>::new());
        world.get(&format!("{list}&page[after]=wfv_none")).await.expect(400);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn inquiries_are_found_by_their_whole_note_and_by_other_filters_beside_it() {
    on_each_engine(async |world| {
        let make = async |note: Option<String>| {
            world
                .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "note": note})))
                .await
                .expect(201)
                .id()
        };
        let long = "é".repeat(5_000);
        let (short, comma) = (make(Some("seen".into())).await, make(Some("seen, twice".into())).await);
        let (first, second) = (make(Some(format!("{long}1"))).await, make(Some(format!("{long}2"))).await);
        make(None).await;
        let vendor = Vendor::of(&world).await;
        let mut noted = crate::things::inquiry("inq_noted", "completed");
        noted["attributes"]["note"] = json!("seen");
        let told = crate::things::event("evt_1", "inquiry.completed", "2025-12-31T10:00:00.000Z", &noted);
        vendor.send(&world, &told).await.expect(200);
        let theirs = Call::post("/inquiries")
            .key(&world.foreign_key)
            .json(attributes(json!({"inquiry-template-id": "itmpl_any", "note": "seen"})));
        world.call(theirs).await.expect(201);

        let found = async |query: &str| world.get(&format!("/inquiries?{query}")).await.expect(200).ids();
        let mut seen = found("filter[note]=seen").await;
        seen.sort();
        let mut wanted = vec![short.clone(), "inq_noted".to_owned()];
        wanted.sort();
        assert_eq!(seen, wanted);
        assert_eq!(found("filter[note]=seen,%20twice").await, [comma]);
        let encoded = "%C3%A9".repeat(5_000);
        assert_eq!(found(&format!("filter[note]={encoded}1")).await, [first]);
        assert_eq!(found(&format!("filter[note]={encoded}2")).await, [second]);
        assert_eq!(found(&format!("filter[note]={encoded}")).await, Vec::<String>::new());
        assert_eq!(found("filter[note]=SEEN").await, Vec::<String>::new());
        assert_eq!(found("filter[note]=").await, found("").await);
        let page = world.get("/inquiries?filter[note]=seen&page[size]=1").await.expect(200);
        let next = world.get(&page.text("/links/next").replace("/api/v1", "")).await.expect(200);
        assert_eq!([page.ids(), next.ids()].concat().len(), 2);
        assert_eq!(found("filter[note]=seen&filter[status]=created").await, std::slice::from_ref(&short));
        assert_eq!(found("filter[note]=seen&filter[status]=completed").await, ["inq_noted"]);
        assert_eq!(found("filter[note]=seen&filter[created-at-start]=2999-01-31").await, Vec::<String>::new());
    })
    .await;
}
