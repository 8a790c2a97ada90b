//! Every operation succeeds in each version, and its response conforms to the contract.

use std::collections::BTreeSet;

use docket_api::inflection::Inflection;
use docket_api::operations;
use docket_contract::Contract;
use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::things::{Vendor, called, listening, published};
use crate::world::{Answer, Call, World, attributes};

/// A workflow that tags the object of a new inquiry's event.
fn later(template: &str) -> Value {
    let mut definition = listening(template);
    definition["trigger"]["on"] = json!(["inquiry.created"]);
    definition
}

/// The dates on which the API's form changed, the days before them, and the published versions.
const DATES: [&str; 5] = ["2025-12-08", "2025-12-07", "2025-10-27", "2025-10-26", "2023-01-05"];

/// The number of pairs of an operation and a date that succeed here. Each response is validated with the contract of
/// its date, if the contract has the operation, and with Docket's own description. It may grow and not fall.
const PAIRS: usize = 200;

/// Members with names of an organization or a vendor: their content keeps its casing, or got it elsewhere.
const OF_OTHERS: [&str; 10] = [
    "fields",
    "definition",
    "document",
    "draft-definition",
    "published-definition",
    "input",
    "output",
    "config",
    "example",
    "trigger",
];

/// Lists the differences between a document in another casing and the same in kebab.
fn differs(at: &str, kebab: &Value, cased: &Value, casing: Inflection) -> Vec<String> {
    match (kebab, cased) {
        (Value::Object(members), Value::Object(others)) if members.len() == others.len() => members
            .iter()
            .flat_map(|(name, value)| match others.get(casing.name(name).as_ref()) {
                None => vec![format!("{at}/{name} is missing")],
                Some(_) if OF_OTHERS.contains(&name.as_str()) => Vec::new(),
                Some(other) => differs(&format!("{at}/{name}"), value, other, casing),
            })
            .collect(),
        (Value::Array(items), Value::Array(others)) if items.len() == others.len() => {
            let differ = |(item, other)| differs(&format!("{at}/-"), item, other, casing);
            items.iter().zip(others).flat_map(differ).collect()
        }
        _ if kebab == cased => Vec::new(),
        _ => vec![format!("{at}: {kebab} is {cased}")],
    }
}

struct Tour<'w> {
    world: &'w World,
    version: &'static str,
}

impl Tour<'_> {
    async fn call(&self, method: &'static str, path: &str, body: Option<Value>) -> Answer {
        let call = Call::new(method, path).in_version(self.version);
        let call = match body {
            Some(body) => call.json(body),
            None => call,
        };
        let answer = self.world.call(call).await;
        assert!((200..300).contains(&answer.status), "{method} {path} in {}: {}", self.version, answer.told());
        answer
    }

    /// Gets a resource in every casing: the content is the same.
    async fn get(&self, path: &str) -> Answer {
        let answer = self.call("GET", path, None).await;
        for casing in [Inflection::Snake, Inflection::Camel] {
            let call = Call::get(path).in_version(self.version).with("key-inflection", casing.as_str());
            let cased = self.world.call(call).await.expect(200);
            let differ = differs("", &answer.body, &cased.body, casing);
            assert_eq!(differ, Vec::<String>::new(), "{path} in {} {}", self.version, casing.as_str());
        }
        answer
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, Some(body)).await
    }

    async fn templates(&self) -> String {
        let body = attributes(json!({
            "name": "Onboarding",
            "fields": [
                {"key": "amount", "type": "integer", "label": "Amount"},
                {"key": "riskLevel", "type": "choices", "options": ["low", "high"]},
                {"key": "on", "type": "date"}, {"key": "at", "type": "datetime"},
                {"key": "sure", "type": "boolean"}, {"key": "share", "type": "number"},
                {"key": "note", "type": "string"},
            ],
        }));
        let id = self.post("/case-templates", body).await.id();
        self.call("PATCH", &format!("/case-templates/{id}"), Some(attributes(json!({"name": "Onboarding people"}))))
            .await;
        self.get("/case-templates").await;
        self.get(&format!("/case-templates/{id}")).await;
        let statuses = self.get(&format!("/case-templates/{id}/statuses")).await;
        assert_eq!(statuses.ids().len(), 4);
        id
    }

    async fn people(&self) -> (String, String) {
        let fields = json!({
            "name": {"first": "Mona", "last": "Ames"},
            "address": {"street_1": "1 Quay", "city": "Port", "postal_code": "1", "country_code": "GB"},
            "birthdate": "1990-01-02", "phone-number": "+1", "favourite": "tea",
        });
        let reference = format!("customer of {}", self.version);
        let account = attributes(json!({"reference-id": reference, "fields": fields, "tags": ["vip"]}));
        let account = self.post("/accounts", account).await.id();
        self.get("/accounts").await;
        self.get(&format!("/accounts?filter[reference-id]={}", reference.replace(' ', "%20"))).await;
        self.get(&format!("/accounts/{account}?include=account-type")).await;
        let inquiry = attributes(json!({
            "inquiry-template-id": "itmpl_any", "reference-id": reference, "note": "please look",
            "fields": {"name-first": "Mona", "count": 3, "list": [1], "sure": true}, "tags": ["new"],
        }));
        let inquiry = self.post("/inquiries?include=account,inquiry-template", inquiry).await.id();
        self.get("/inquiries").await;
        self.get(&format!("/inquiries/{inquiry}")).await;
        for act in ["mark-for-review", "decline", "approve"] {
            self.call("POST", &format!("/inquiries/{inquiry}/{act}"), None).await;
            self.call("POST", &format!("/inquiries/{inquiry}/{act}"), Some(json!({"meta": {"comment": "why"}}))).await;
        }
        self.get(&format!("/inquiries/{inquiry}?include=account,inquiry-template")).await;
        (account, inquiry)
    }

    async fn cases(&self, template: &str, account: &str, inquiry: &str) {
        let fields = json!({
            "amount": 5, "riskLevel": "low", "on": "2026-01-31", "at": "2026-01-31T09:30:00Z",
            "sure": true, "share": 0.5, "note": "x",
        });
        let body = json!({
            "data": {"attributes": {
                "case-template-id": template, "creator-email-address": "bob@lantern.example", "fields": fields,
            }},
            "meta": {"object-ids": [account], "sla-expires-in-seconds": 60},
        });
        let id = self.post("/cases", body).await.id();
        self.post(&format!("/cases/{id}/add-objects"), json!({"meta": {"object-ids": [inquiry]}})).await;
        let pdf = json!([{"filename": "a.pdf", "data": "JVBERi0xLjQK"}]);
        let change = attributes(json!({"fields": {"amount": 6}, "attachments": pdf}));
        self.call("PATCH", &format!("/cases/{id}"), Some(change)).await;
        for status in ["Pending", "Approved", "Open"] {
            self.post(&format!("/cases/{id}/set-status"), json!({"meta": {"status": status}})).await;
        }
        let to = json!({"meta": {"user-email-address": "ada@lantern.example"}});
        self.post(&format!("/cases/{id}/assign"), to).await;
        self.post(&format!("/cases/{id}/unassign"), json!({})).await;
        self.post(&format!("/cases/{id}/comments"), attributes(json!({"body": "Looked at."}))).await;
        for below in ["comments", "statuses", "objects"] {
            self.get(&format!("/cases/{id}/{below}")).await;
        }
        self.get("/cases").await;
        self.get(&format!("/cases/{id}")).await;
        self.get(&format!("/cases/{id}?include=case-template,accounts,inquiries,reports,verifications,txns")).await;
        self.get(&format!("/cases/{id}?include=inquiries.account,case-comments")).await;
        self.get(&format!("/cases/{id}?include=")).await;
    }

    async fn workflows(&self, template: &str) {
        let made = self.post("/workflows", attributes(json!({"name": "Called", "definition": called(template)}))).await;
        let id = made.id();
        let draft = Call::new("PUT", &format!("/workflows/{id}/draft")).in_version(self.version);
        let draft =
            draft.with("if-match", &made.header("etag")).json(attributes(json!({"definition": called(template)})));
        self.world.call(draft).await.expect(200);
        self.get("/workflows").await;
        self.get(&format!("/workflows/{id}")).await;
        let saves = self.get(&format!("/workflows/{id}/draft-saves")).await;
        self.get(&format!("/workflows/{id}/draft-saves/{}", saves.ids()[0])).await;
        for method in ["POST", "DELETE"] {
            self.call(method, &format!("/workflows/{id}/presence"), None).await;
        }
        let renamed = attributes(json!({"name": "Called by others", "description": null}));
        self.call("PATCH", &format!("/workflows/{id}"), Some(renamed)).await;
        self.post("/workflows/validate", attributes(json!({"definition": called(template)}))).await;
        self.get("/event-types").await;
        self.get("/workflow-templates").await;
        self.get(&format!("/workflow-versions?filter[workflow-id]={id}")).await;
        for act in ["publish", "publish", "pause", "resume"] {
            self.call("POST", &format!("/workflows/{id}/{act}"), None).await;
        }
        for amount in [5, 50] {
            let body = attributes(json!({"fields": {"amount": amount}}));
            let run = self.post(&format!("/workflows/{id}/trigger"), body).await;
            assert_eq!(run.attribute("status"), "completed", "{}", run.told());
            let run = run.id();
            self.get(&format!("/workflow-runs/{run}")).await;
            self.get(&format!("/workflow-runs/{run}?include=workflow,workflow-version,creator")).await;
            self.get(&format!("/workflow-runs/{run}?include=workflow.latest-published-version")).await;
            let steps = self.get(&format!("/workflow-runs/{run}/steps")).await;
            assert_eq!(steps.ids().len(), 4, "{}", steps.told());
        }
        self.get("/workflow-runs").await;
        self.get("/workflow-run-outcomes").await;
        let discard = Call::new("DELETE", &format!("/workflows/{id}/draft")).in_version(self.version);
        self.world.call(discard.with("if-match", "*")).await.expect(200);
        self.get(&format!("/workflow-versions?filter[workflow-id]={id}")).await;
        let versions = self.get(&format!("/workflows/{id}/versions")).await;
        self.get(&format!("/workflow-versions/{}", versions.ids()[0])).await;
        self.get("/step-types").await;
        self.run_for_an_event(template).await;
        self.call("POST", &format!("/workflows/{id}/archive"), None).await;
    }

    async fn run_for_an_event(&self, template: &str) {
        let made = self.post("/workflows", attributes(json!({"name": "Later", "definition": later(template)}))).await;
        self.call("POST", &format!("/workflows/{}/publish", made.id()), None).await;
        let event = self.get("/events?filter[name]=inquiry.created").await.ids().remove(0);
        let run = self.post(&format!("/workflows/{}/run", made.id()), json!({"meta": {"event-id": event}})).await;
        assert_eq!(run.attribute("status"), "completed", "{}", run.told());
        self.call("POST", &format!("/workflows/{}/archive", made.id()), None).await;
    }

    async fn bundle(&self) {
        let exported = self.get("/bundle").await;
        let bundle = attributes(json!({"bundle": exported.attribute("document")}));
        for act in ["plan", "apply"] {
            self.post(&format!("/bundle/{act}"), bundle.clone()).await;
        }
    }

    async fn developers(&self) {
        self.get("/users").await;
        let email = format!("bob-{}@lantern.example", self.version);
        let bob = attributes(json!({"email-address": email, "name": "Bob", "role": "analyst"}));
        let bob = format!("/users/{}", self.post("/users", bob).await.id());
        self.call("PATCH", &bob, Some(attributes(json!({"role": "developer"})))).await;
        self.call("POST", &format!("{bob}/invite"), None).await;
        self.get(&format!("{bob}/open-cases")).await;
        let wanted =
            json!({"name": "Reporting", "note": "nightly", "permissions": ["case.read"], "api-version": "2023-01-05"});
        let key = self.post("/api-keys", attributes(wanted)).await;
        self.world.call(Call::get("/cases").key(&key.text("/data/attributes/value"))).await.expect(200);
        let key = key.id();
        assert_eq!(self.get("/api-keys?filter[name]=Reporting").await.ids()[0], key);
        self.get(&format!("/api-keys/{key}")).await;
        self.post(&format!("/api-keys/{key}/expire"), json!({"meta": {"expires-in-seconds": 0}})).await;
    }

    async fn events(&self) {
        let source = attributes(json!({"name": format!("vendor of {}", self.version)}));
        let source = self.post("/sources", source).await.id();
        let list = attributes(json!({"allow-list": ["inquiry"]}));
        self.call("PATCH", &format!("/sources/{source}"), Some(list)).await;
        self.post(&format!("/sources/{source}/rotate"), json!({})).await;
        let listed = self.get("/sources").await;
        assert!(!listed.body.to_string().contains("wbhsec_"), "{}", listed.told());
        let mut address = "/events?page[size]=100".to_owned();
        let mut names = BTreeSet::new();
        while !address.is_empty() {
            let page = self.get(&address).await;
            for event in page.body["data"].as_array().expect("a list") {
                if names.insert(event["attributes"]["name"].as_str().unwrap_or_default().to_owned()) {
                    self.get(&format!("/events/{}", event["id"].as_str().unwrap_or_default())).await;
                }
            }
            address = page.text("/links/next").replace("/api/v1", "");
        }
        assert!(names.len() > 12, "{names:?}");
    }

    async fn retention(&self) {
        let days = 1_000 + DATES.iter().position(|date| *date == self.version).unwrap_or_default();
        let asked = json!({"event-content-days": days});
        let preview = self.post("/retention-policy/preview", attributes(asked.clone())).await;
        let confirmed = json!({
            "data": {"attributes": asked}, "meta": {"confirmation": preview.attribute("confirmation")},
        });
        self.call("PATCH", "/retention-policy", Some(confirmed)).await;
        let policy = self.get("/retention-policy").await;
        assert_eq!(policy.attribute("event-content-days"), days, "{}", policy.told());
    }

    async fn redactions(&self, account: &str, inquiry: &str) {
        let case = self.get("/cases?page[size]=1").await.ids().remove(0);
        for path in [format!("/cases/{case}"), format!("/inquiries/{inquiry}"), format!("/accounts/{account}")] {
            let redacted = self.call("DELETE", &path, None).await;
            assert!(redacted.attribute("redacted-at").is_string(), "{}", redacted.told());
            self.get(&path).await;
        }
        let redactions = self.get("/redactions").await;
        assert_eq!(redactions.text("/data/0/attributes/object-id"), account, "{}", redactions.told());
        self.get("/events?page[size]=100").await;
    }

    /// A fault, inserted directly into the database.
    async fn faults(&self) {
        let (id, environment) = (format!("workflow-run:wfr_{}", self.version), &self.world.set_up().sandbox.id);
        let fault = format!(
            "INSERT INTO fault (id, environment_id, version, object_type, object_id, state, reason, tries, created_at) \
             VALUES ('{id}', '{environment}', 1, 'workflow-run', 'wfr_{}', 'parked', 'unreadable', 8, 0)",
            self.version
        );
        self.world.fresh.run(&fault).await;
        assert_eq!(self.get("/faults?filter[state]=parked").await.ids(), std::slice::from_ref(&id));
        self.post(&format!("/faults/{id}/retry"), json!({})).await;
    }

    async fn go(&self) {
        let template = self.templates().await;
        let (account, inquiry) = self.people().await;
        self.cases(&template, &account, &inquiry).await;
        self.workflows(&template).await;
        self.bundle().await;
        self.developers().await;
        self.events().await;
        self.faults().await;
        self.retention().await;
        self.redactions(&account, &inquiry).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_succeeds_in_each_version_as_the_contract_has_it() {
    let contracts = Contract::or_skip("every_operation_succeeds_in_each_version_as_the_contract_has_it");
    for engine in engines() {
        let world = World::on(engine).await;
        for version in DATES {
            Tour { world: &world, version }.go().await;
        }
        let done: BTreeSet<_> = world.done().into_iter().filter(|done| done.status < 300).collect();
        let pairs: BTreeSet<_> = done.iter().map(|done| (done.method, done.path, done.version.clone())).collect();
        let known = operations();
        let missing: Vec<_> = known
            .iter()
            .flat_map(|about| DATES.map(|version| (about.method, about.path, version.to_owned())))
            .filter(|pair| !pairs.contains(pair))
            .collect();
        assert_eq!(missing, [], "on {engine}: operations that no request reached with success");
        assert!(pairs.len() >= PAIRS, "on {engine}: {} pairs of operation and date", pairs.len());
        for done in &done {
            let about = known.iter().find(|about| (about.method, about.path) == (done.method, done.path));
            assert_eq!(about.map(|about| about.success), Some(done.status), "{} {}", done.method, done.path);
        }
        for contract in &contracts {
            for about in known.iter().filter(|about| about.surface == docket_api::error::Surface::Contract) {
                assert!(contract.operation(about.method, about.path).is_some(), "{} {}", about.method, about.path);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contracts_own_completed_inquiry_starts_a_run_that_opens_a_case() {
    for contract in Contract::or_skip("the_contracts_own_completed_inquiry_starts_a_run_that_opens_a_case") {
        let world = World::on(On::Sqlite).await;
        let template = crate::things::template(&world).await;
        published(&world, "Listening", listening(&template)).await;
        let vendor = Vendor::of(&world).await;
        let example = contract.webhook_example("inquiry.completed").expect("the contract prints one");
        assert_eq!(contract.validate_webhook("inquiry.completed", example), Vec::<String>::new());

        vendor.send(&world, example).await.expect(200);

        let inquiry = example["data"]["attributes"]["payload"]["data"]["id"].as_str().unwrap_or_default();
        let shown = world.call(Call::get(&format!("/inquiries/{inquiry}")).in_version(contract.version())).await;
        assert_eq!(shown.expect(200).attribute("status"), "completed");
        let cases = world.call(Call::get("/cases").in_version(contract.version())).await.expect(200);
        assert_eq!(cases.ids().len(), 1, "{}", cases.told());
        assert_eq!(cases.text("/data/0/attributes/status"), "Pending");
        assert_eq!(cases.text("/data/0/relationships/inquiries/data/0/id"), inquiry);
        let runs = world.call(Call::get("/workflow-runs").in_version(contract.version())).await.expect(200);
        assert_eq!(runs.text("/data/0/attributes/status"), "completed");
        let events = world.call(Call::get("/events?page[size]=100").in_version(contract.version())).await;
        assert!(events.expect(200).ids().len() > 5);
    }
}
