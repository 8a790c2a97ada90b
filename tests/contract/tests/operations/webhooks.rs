//! All of the contract's own webhooks: received, and then shown as the contract defines.

use std::collections::BTreeMap;

use docket_contract::{Contract, VERSIONS};
use serde_json::{Value, json};

use crate::things::{Vendor, case, event, inquiry, template};
use crate::world::{Call, World, on_each_engine};

/// The types of objects that a case can contain.
const HELD: [&str; 6] = ["account", "inquiry", "report", "verification", "transaction", "document"];
/// The number of webhooks of one version with an example body. It may grow and not fall.
const WEBHOOKS: usize = 127;

/// Whether an event with this name is about a type of object that only Docket has.
fn is_docket_only(name: &str) -> bool {
    let noun = name.split('.').next().unwrap_or_default();
    noun.starts_with("case-") || noun.starts_with("workflow") || noun == "user"
}

fn noun(kind: &str) -> &str {
    kind.split('/').next().unwrap_or_default()
}

/// All types in vendors' webhooks; types that only Docket has are ignored even if a list contains them.
fn wide() -> Value {
    json!([
        "account",
        "account-property",
        "account-type",
        "agent-conversation",
        "case",
        "device",
        "document",
        "filing",
        "graph-query",
        "importer-pipeline-run",
        "inquiry",
        "inquiry-session",
        "inquiry-template-version",
        "integration-log",
        "report",
        "sar",
        "selfie",
        "transaction",
        "transaction-type",
        "verification",
    ])
}

/// Sends every example webhook; returns the recorded events and the kinds of all objects in them, by id.
async fn sent(world: &World, contract: &Contract, vendor: &Vendor) -> (Vec<String>, BTreeMap<String, String>) {
    let (mut events, mut kinds) = (Vec::new(), BTreeMap::new());
    for name in contract.webhooks() {
        let Some(example) = contract.webhook_example(name) else { continue };
        let mut body = example.clone();
        body["data"]["id"] = json!(format!("evt_{name}"));
        let taken = vendor.send(world, &body).await.expect(200);
        if taken.text("/meta/received") == "ignored" {
            assert!(is_docket_only(name), "{name}: {}", taken.told());
            continue;
        }
        assert!(!is_docket_only(name), "{name}");
        events.push(taken.id());
        let payload = &body["data"]["attributes"]["payload"];
        let included = payload["included"].as_array().into_iter().flatten();
        for object in included.chain([&payload["data"]]) {
            if let (Some(id), Some(kind)) = (object["id"].as_str(), object["type"].as_str()) {
                kinds.insert(id.to_owned(), kind.to_owned());
            }
        }
    }
    (events, kinds)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_webhook_of_the_contract_is_taken_in_and_shown_as_the_contract_has_it() {
    for contract in Contract::or_skip("every_webhook_of_the_contract_is_taken_in_and_shown_as_the_contract_has_it") {
        on_each_engine(async |world| {
            let vendor = Vendor::with_allow_list(&world, "Vendor", wide()).await;
            let (events, kinds) = sent(&world, contract, &vendor).await;
            assert!(events.len() >= WEBHOOKS, "{} webhooks", events.len());
            let template = template(&world).await;
            let held: Vec<_> = kinds.iter().filter(|(_, kind)| HELD.contains(&noun(kind))).map(|(id, _)| id).collect();
            assert!(held.len() > 60, "{} objects", held.len());
            let body = json!({
                "data": {"attributes": {"case-template-id": template}}, "meta": {"object-ids": held},
            });
            let all = "?include=accounts,inquiries,reports,verifications,txns,case-template";
            // Every response is validated as it is received.
            for version in VERSIONS {
                let get = async |path: &str| world.call(Call::get(path).in_version(version)).await.expect(200);
                for id in &events {
                    get(&format!("/events/{id}")).await;
                }
                let made = world.call(Call::post("/cases").in_version(version).json(body.clone())).await.expect(201);
                let whole = get(&format!("/cases/{}{all}", made.id())).await;
                assert!(whole.at("/included").as_array().is_some_and(|included| included.len() > 40));
                for (id, kind) in &kinds {
                    match kind.as_str() {
                        "account" => drop(get(&format!("/accounts/{id}?include=account-type")).await),
                        "inquiry" => {
                            let all =
                                "?include=account,inquiry-template,reports,verifications,documents,selfies,sessions";
                            get(&format!("/inquiries/{id}{all}")).await;
                        }
                        _ => {}
                    }
                }
                for list in ["/cases", "/accounts", "/inquiries", "/events"] {
                    get(&format!("{list}?page[size]=100")).await;
                }
            }
            world.is_in_order().await;
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_tells_what_it_was_told_and_its_history_to_older_clients_only() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let report = json!({
            "type": "report/watchlist", "id": "rep_v",
            "attributes": {
                "status": "ready", "created-at": "2025-12-01T00:00:00.000Z", "has-match": true, "tags": [],
                "run-history": [{"completed-at": "2025-12-01T00:00:00.000Z"}],
            },
            "relationships": {
                "inquiry": {"data": {"type": "inquiry", "id": "inq_v"}},
                "report-template": {"data": {"type": "report-template", "id": "rptp_v"}},
                "transaction": {"data": null},
            },
        });
        vendor
            .send(&world, &event("evt_1", "report/watchlist.ready", "2025-12-31T10:00:00.000Z", &report))
            .await
            .expect(200);
        let held = case(&world, &template(&world).await).await.id();
        let objects = json!({"meta": {"object-ids": ["rep_v"]}});
        world.post(&format!("/cases/{held}/add-objects"), objects).await.expect(200);
        for (version, has_history) in
            [("2025-12-08", false), ("2025-12-07", true), ("2025-10-27", true), ("2023-01-05", true)]
        {
            let get = async |path: &str| world.call(Call::get(path).in_version(version)).await.expect(200);
            let shown = get(&format!("/cases/{held}?include=reports")).await.at("/included/0").clone();
            let told = get("/events?filter[name]=report/watchlist.ready").await;
            let told = told.at("/data/0/attributes/payload/data").clone();
            for shown in [shown, told] {
                assert_eq!(shown["attributes"].get("run-history").is_some(), has_history, "{version}: {shown:#}");
                let mut names: Vec<&str> =
                    shown["attributes"].as_object().unwrap().keys().map(String::as_str).collect();
                names.retain(|name| *name != "run-history");
                names.sort_unstable();
                assert_eq!(names, ["created-at", "has-match", "status"], "{shown:#}");
                assert_eq!(
                    shown["relationships"],
                    json!({
                        "inquiry": {"data": {"type": "inquiry", "id": "inq_v"}},
                        "report-template": {"data": {"type": "report-template", "id": "rptp_v"}},
                    })
                );
            }
        }
        let whole = world.get("/inquiries/inq_v").await.expect(200);
        assert_eq!(whole.attribute("status"), &Value::from("created"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_object_that_webhooks_replace_keeps_the_count_of_its_events() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        for (n, status) in ["created", "pending", "completed"].into_iter().enumerate() {
            let mut told = event(&format!("evt_{n}"), "inquiry.completed", &format!("2025-12-31T10:0{n}:00.000Z"), &inquiry("inq_v", status));
            told["data"]["attributes"]["payload"]["included"] =
                json!([{"type": "account", "id": "act_vendor", "attributes": {"fields": {"n": {"type": "integer", "value": n}}}}]);
            vendor.send(&world, &told).await.expect(200);
        }

        let ordinals = world.fresh.read("SELECT object_ordinal FROM event WHERE object_id = 'inq_v' ORDER BY object_ordinal").await;
        let counted = |id: &str| format!("SELECT event_ordinal FROM object WHERE id LIKE '%/{id}'");
        assert_eq!(ordinals, ["1", "2", "3"]);
        assert_eq!(world.fresh.count(&counted("inq_v")).await, 3);
        assert_eq!(world.fresh.count(&counted("act_vendor")).await, 3, "it belongs to the account");
        world.is_in_order().await;
    })
    .await;
}
