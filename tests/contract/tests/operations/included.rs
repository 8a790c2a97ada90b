//! Included objects: the defaults of a version, those that paths name, and the permissions needed.

use docket_kernel::Permission;
use serde_json::{Value, json};

use crate::things::{Vendor, called, case, event, inquiry, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

/// The objects included in a response, as `type id`.
fn included(answer: &Answer) -> Vec<String> {
    let items = answer.at("/included").as_array().map(Vec::as_slice).unwrap_or_default();
    let mut told: Vec<_> =
        items.iter().map(|item| format!("{} {}", item["type"], item["id"]).replace('"', "")).collect();
    told.sort();
    told
}

async fn in_older(world: &World, path: &str) -> Answer {
    world.call(Call::get(path).in_version("2023-01-05")).await.expect(200)
}

async fn comment(world: &World, case: &str) -> String {
    world.post(&format!("/cases/{case}/comments"), attributes(json!({"body": "Looked at."}))).await.expect(201).id()
}

/// An inquiry of an account, and a case that contains only the inquiry.
struct Held {
    case: String,
    inquiry: String,
    account: String,
}

async fn held(world: &World) -> Held {
    let account = world.post("/accounts", attributes(json!({"reference-id": "customer-1"}))).await.expect(201).id();
    let inquiry = world
        .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": "customer-1"})))
        .await
        .expect(201)
        .id();
    let case = case(world, &template(world).await).await.id();
    add(world, &case, &[&inquiry]).await;
    Held { case, inquiry, account }
}

async fn add(world: &World, case: &str, ids: &[&str]) {
    world.post(&format!("/cases/{case}/add-objects"), json!({"meta": {"object-ids": ids}})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_2025_10_27_a_case_that_is_read_or_changed_includes_its_comments() {
    on_each_engine(async |world| {
        let case = case(&world, &template(&world).await).await.id();
        let comment = comment(&world, &case).await;
        let change =
            |version| Call::new("PATCH", &format!("/cases/{case}")).in_version(version).json(attributes(json!({})));

        let read = in_older(&world, &format!("/cases/{case}")).await;
        let changed = world.call(change("2023-01-05")).await.expect(200);

        assert_eq!(included(&read), [format!("case-comment {comment}")]);
        assert_eq!(included(&changed), [format!("case-comment {comment}")]);
        let status = Call::post(&format!("/cases/{case}/set-status")).in_version("2023-01-05");
        let moved = world.call(status.json(json!({"meta": {"status": "Pending"}}))).await.expect(200);
        assert_eq!(moved.body.get("included"), None);
        assert_eq!(world.get(&format!("/cases/{case}")).await.expect(200).body.get("included"), None);
        assert_eq!(world.call(change("2025-10-27")).await.expect(200).body.get("included"), None);
        assert_eq!(in_older(&world, &format!("/cases/{case}?include=")).await.at("/included"), &json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_comments_of_a_case_are_included_in_the_contracts_shape_under_any_casing_of_their_name() {
    on_each_engine(async |world| {
        let case = case(&world, &template(&world).await).await.id();
        let comment = comment(&world, &case).await;
        for version in ["2025-12-08", "2023-01-05"] {
            for name in ["case-comments", "case_comments", "caseComments", "CaseComments"] {
                let get = Call::get(&format!("/cases/{case}?include={name}")).in_version(version);
                let told = world.call(get).await.expect(200);

                let at = told.text("/included/0/attributes/created-at");
                let shown = json!([{"type": "case-comment", "id": comment, "attributes": {
                    "message": "Looked at.", "created-at": at, "updated-at": at,
                    "commenter-id": "ada@lantern.example", "commenter-type": "user",
                }}]);
                assert_eq!(told.at("/included"), &shown, "{name} in {version}");
            }
        }
        let camel = Call::get(&format!("/cases/{case}?include=case-comments")).with("key-inflection", "camel");
        let camel = world.call(camel).await.expect(200);
        assert_eq!(camel.text("/included/0/attributes/commenterType"), "user");
        let sparse = world.get(&format!("/cases/{case}?include=case-comments&fields[case-comment]=message")).await;
        assert_eq!(sparse.at("/included/0/attributes"), &json!({"message": "Looked at."}));
        let list = world.get(&format!("/cases/{case}/comments")).await.expect(200);
        assert_eq!(list.text("/data/0/attributes/body"), "Looked at.");
        assert_eq!(list.text("/data/0/relationships/case/data/id"), case);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_comments_of_a_case_are_included_only_for_who_may_read_cases() {
    on_each_engine(async |world| {
        let case = case(&world, &template(&world).await).await.id();
        let comment = comment(&world, &case).await;
        let writer = world.new_key(vec![Permission::CaseWrite], None).await;
        let both = world.new_key(vec![Permission::CaseWrite, Permission::CaseRead], None).await;
        let change = |key: &str| {
            Call::new("PATCH", &format!("/cases/{case}?include=case-comments")).key(key).json(attributes(json!({})))
        };

        let closed = world.call(change(&writer)).await.expect(200);
        let open = world.call(change(&both)).await.expect(200);

        assert_eq!(closed.at("/included"), &json!([]));
        assert_eq!(included(&open), [format!("case-comment {comment}")]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_with_a_dot_includes_what_it_leads_to_and_what_it_leads_over() {
    on_each_engine(async |world| {
        let Held { case, inquiry, account } = held(&world).await;
        let both = [format!("account {account}"), format!("inquiry {inquiry}")];
        for path in ["inquiries.account", "Inquiries.Account", "oddity,%20inquiries%20.%20account"] {
            let told = world.get(&format!("/cases/{case}?include={path}")).await.expect(200);

            assert_eq!(included(&told), both, "{path}");
            assert_eq!(told.at("/data/relationships/accounts/data"), &json!([]));
        }
        let older = in_older(&world, &format!("/cases/{case}?include=inquiries.account")).await;
        assert_eq!(included(&older), both);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_several_paths_lead_to_is_included_once() {
    on_each_engine(async |world| {
        let Held { case, inquiry, account } = held(&world).await;
        let second = world
            .post("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any", "reference-id": "customer-1"})))
            .await
            .expect(201)
            .id();
        add(&world, &case, &[&second, &account]).await;

        let path = "inquiries,inquiries.account,accounts,inquiries.account,accounts";
        let told = world.get(&format!("/cases/{case}?include={path}")).await.expect(200);

        let mut all = [format!("account {account}"), format!("inquiry {inquiry}"), format!("inquiry {second}")];
        all.sort();
        assert_eq!(included(&told), all);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_includes_the_live_version_of_its_workflow() {
    on_each_engine(async |world| {
        let id = published(&world, "Called", called(&template(&world).await)).await;
        let began = attributes(json!({"fields": {"amount": 5}}));
        let run = world.post(&format!("/workflows/{id}/trigger"), began).await.expect(200);
        let first = run.text("/data/relationships/workflow-version/data/id");
        world.patch(&format!("/workflows/{id}"), attributes(json!({"description": "anew"}))).await.expect(200);
        let draft = Call::new("PUT", &format!("/workflows/{id}/draft")).with("if-match", "*");
        let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
        world.call(draft.json(attributes(json!({"definition": definition})))).await.expect(200);
        let live = world.call(Call::post(&format!("/workflows/{id}/publish"))).await.expect(200);
        let live = live.text("/data/relationships/latest-published-version/data/id");
        assert_ne!(first, live);
        let workflow = format!("workflow {id}");
        let (first, live) = (format!("workflow-version {first}"), format!("workflow-version {live}"));
        for (path, wanted) in [
            ("workflow.latest-published-version", vec![&workflow, &live]),
            ("workflow.latestPublishedVersion,workflow-version", vec![&workflow, &live, &first]),
            ("workflow-version.workflow", vec![&workflow, &first]),
            ("workflow.active-deployment", vec![&workflow]),
        ] {
            let told = world.get(&format!("/workflow-runs/{}?include={path}", run.id())).await.expect(200);

            let mut wanted: Vec<_> = wanted.into_iter().cloned().collect();
            wanted.sort();
            assert_eq!(included(&told), wanted, "{path}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_is_not_there_ends_its_path_and_no_other() {
    on_each_engine(async |world| {
        let Held { case, inquiry, account } = held(&world).await;
        let (of_inquiry, of_account) = (format!("inquiry {inquiry}"), format!("account {account}"));
        for (path, wanted) in [
            ("oddity.account", vec![]),
            (".account", vec![]),
            ("inquiries.oddity", vec![&of_inquiry]),
            ("inquiries.", vec![&of_inquiry]),
            ("inquiries..account", vec![&of_inquiry]),
            ("inquiries.account.oddity.oddity.oddity", vec![&of_account, &of_inquiry]),
            ("accounts.inquiries,inquiries.oddity,case-queue.name", vec![&of_inquiry]),
            // Paths do not lead to objects that the contract never includes with a case.
            ("inquiries.inquiry-template,inquiries.account.account-type", vec![&of_account, &of_inquiry]),
        ] {
            let told = world.get(&format!("/cases/{case}?include={path}")).await.expect(200);

            assert_eq!(included(&told), wanted.into_iter().cloned().collect::<Vec<_>>(), "{path}");
            assert!(told.at("/included").is_array(), "{path}");
        }
        let told = world.get(&format!("/accounts/{account}?include=account-type.oddity")).await.expect(200);
        assert_eq!(included(&told), ["account-type acttp_default"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_ends_at_what_the_key_may_not_read() {
    on_each_engine(async |world| {
        let Held { case, inquiry, account } = held(&world).await;
        let (of_inquiry, of_account) = (format!("inquiry {inquiry}"), format!("account {account}"));
        for (also, wanted) in [
            (vec![], vec![]),
            (vec![Permission::AccountRead], vec![]),
            (vec![Permission::InquiryRead], vec![&of_inquiry]),
            (vec![Permission::InquiryRead, Permission::AccountRead], vec![&of_account, &of_inquiry]),
        ] {
            let key = world.new_key([vec![Permission::CaseRead], also.clone()].concat(), None).await;

            let told = world.call(Call::get(&format!("/cases/{case}?include=inquiries.account")).key(&key)).await;

            assert_eq!(included(&told.expect(200)), wanted.into_iter().cloned().collect::<Vec<_>>(), "{also:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_paths_are_followed() {
    let world = World::sqlite().await;
    let account = world.post("/accounts", attributes(json!({"reference-id": "r-1"}))).await.expect(201).id();
    let held = case(&world, &template(&world).await).await.id();
    add(&world, &held, &[&account]).await;
    for (before, wanted) in [(19, 1), (20, 0)] {
        let mut paths: Vec<String> = (0..before).map(|number| format!("no{number}")).collect();
        paths.push("accounts".to_owned());
        let told = world.get(&format!("/cases/{held}?include={}", paths.join(","))).await.expect(200);
        assert_eq!(included(&told).len(), wanted, "after {before} others");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_path_leads_over_three_relationships_and_never_back_to_the_object_itself() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let report = |id: &str, of: Value| {
            json!({"type": "report/watchlist", "id": id, "attributes": {"status": "ready"}, "relationships": of})
        };
        let of_first = json!({"data": {"type": "inquiry", "id": "inq_1"}});
        let of_second = json!({"data": {"type": "inquiry", "id": "inq_2"}});
        let (mut first, mut second) = (inquiry("inq_1", "completed"), inquiry("inq_2", "completed"));
        first["relationships"]["reports"] = json!({"data": [{"type": "report/watchlist", "id": "rep_1"}]});
        second["relationships"]["account"] = json!({"data": {"type": "account", "id": "act_2"}});
        for (place, told) in [
            ("1", &first),
            ("2", &second),
            ("3", &report("rep_1", json!({"inquiry": of_second, "account": {"data": {"type": "account", "id": "act_1"}}}))),
        ] {
            let name = if told["type"] == "inquiry" { "inquiry.completed" } else { "report/watchlist.ready" };
            let told = event(&format!("evt_{place}"), name, "2025-12-31T10:00:00.000Z", told);
            vendor.send(&world, &told).await.expect(200);
        }
        for (path, wanted) in [
            ("reports.account", vec!["account act_1", "report/watchlist rep_1"]),
            ("reports.inquiry.account", vec!["report/watchlist rep_1"]),
        ] {
            let told = world.get(&format!("/inquiries/inq_1?include={path}")).await.expect(200);
            assert_eq!(included(&told), wanted, "an inquiry includes no other inquiry: {path}");
        }
        vendor
            .send(&world, &event("evt_4", "report/watchlist.ready", "2025-12-31T11:00:00.000Z", &report("rep_1", json!({"inquiry": of_first}))))
            .await
            .expect(200);
        let held = case(&world, &template(&world).await).await.id();
        add(&world, &held, &["rep_1"]).await;
        let told = world.get(&format!("/cases/{held}?include=reports.inquiry.account")).await.expect(200);
        assert_eq!(included(&told), ["account act_vendor", "inquiry inq_1", "report/watchlist rep_1"]);
        let told = world.get(&format!("/cases/{held}?include=reports.inquiry.reports.inquiry.account")).await.expect(200);
        assert_eq!(included(&told), ["inquiry inq_1", "report/watchlist rep_1"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_includes_all_it_holds_however_much_that_is() {
    on_each_engine(async |world| {
        let mut accounts = Vec::new();
        for _ in 0..120 {
            accounts.push(world.post("/accounts", attributes(json!({}))).await.expect(201).id());
        }
        let case = case(&world, &template(&world).await).await.id();
        let ids: Vec<_> = accounts.iter().map(String::as_str).collect();
        add(&world, &case, &ids).await;

        let told = world.get(&format!("/cases/{case}?include=accounts")).await.expect(200);

        assert_eq!(included(&told).len(), 120);
    })
    .await;
}
