//! A request of each operation, with a hole wherever an id of a tenant stands.

use serde_json::{Value, json};

use crate::world::attributes;

/// A request that succeeds where its holes are filled with ids of the caller's own tenant.
#[derive(Clone)]
pub struct Example {
    /// `POST /cases/{case-id}/assign`
    pub operation: &'static str,
    pub query: &'static str,
    pub body: Option<Value>,
    /// Holes of the path that are filled with another kind of id than their name says.
    pub instead: &'static [(&'static str, &'static str)],
    /// Whether it changes nothing, though it is no GET: a foreign id may be answered 200 with what is wrong with it.
    pub only_judges: bool,
}

impl Example {
    fn of(operation: &'static str) -> Self {
        Self { operation, query: "", body: None, instead: &[], only_judges: false }
    }

    fn asking(self, query: &'static str) -> Self {
        Self { query, ..self }
    }

    fn instead(self, instead: &'static [(&'static str, &'static str)]) -> Self {
        Self { instead, ..self }
    }

    fn judging(self) -> Self {
        Self { only_judges: true, ..self }
    }

    pub fn method(&self) -> &'static str {
        self.operation.split_once(' ').expect("a method and a path").0
    }

    pub fn path(&self) -> &'static str {
        self.operation.split_once(' ').expect("a method and a path").1
    }

    /// The holes of the path, as they are filled.
    pub fn path_holes(&self) -> Vec<&'static str> {
        let named = holes_in(self.path());
        named.into_iter().map(|hole| self.filled_with(hole)).collect()
    }

    /// With which kind of id a hole of the path is filled.
    fn filled_with(&self, hole: &'static str) -> &'static str {
        self.instead.iter().find(|(named, _)| *named == hole).map_or(hole, |(_, other)| other)
    }

    /// The path with its holes named as they are filled.
    pub fn target(&self) -> String {
        let instead = self.instead.iter();
        instead.fold(self.path().to_owned(), |path, (named, other)| path.replace(named, other))
    }

    /// The holes of the query and of the body.
    pub fn other_holes(&self) -> Vec<String> {
        let body = self.body.as_ref().map(Value::to_string).unwrap_or_default();
        let mut holes: Vec<String> = holes_in(self.query).into_iter().map(str::to_owned).collect();
        holes.extend(holes_in(&body).into_iter().map(str::to_owned));
        holes.sort();
        holes.dedup();
        holes
    }
}

/// The parts of a text such as `{case-id}`.
fn holes_in(text: &str) -> Vec<&str> {
    let begins = text.match_indices('{').map(|(at, _)| at);
    let whole = begins.filter_map(|at| text[at..].split_once('}').map(|(hole, _)| &text[at..=at + hole.len()]));
    let is_hole =
        |hole: &&str| hole.ends_with("-id}") && hole[1..].starts_with(|first: char| first.is_ascii_lowercase());
    whole.filter(is_hole).collect()
}

/// Operations that know no caller: what they take is a secret of its own, and nothing in them names a tenant.
pub const OPEN: [&str; 6] = [
    "POST /sessions",
    "POST /invitations/accept",
    "POST /invitations/look",
    "GET /setup",
    "POST /setup",
    "GET /openapi",
];

/// What a body or a filter calls an id and no tenant owns: ids of vendors' templates and types, names that the caller
/// chooses, and a queue, of which there is none.
pub const OF_NO_TENANT: [&str; 9] = [
    "filter[inquiry-template-id]",
    "filter[template-id]",
    "filter[reference-id]",
    "data.attributes.inquiry-template-id",
    "data.attributes.inquiry-template-version-id",
    "data.attributes.template-id",
    "data.attributes.account-type-id",
    "data.attributes.reference-id",
    "data.attributes.case-queue-id",
];

/// Members that take the id of a person and are not called so.
pub const OF_PEOPLE: [&str; 2] = ["meta.user-email-address", "meta.reassign-to"];

fn send(operation: &'static str, body: Value) -> Example {
    Example { body: Some(body), ..Example::of(operation) }
}

const LISTENER: &[(&str, &str)] = &[("{workflow-id}", "{listener-id}")];

/// At least one of each operation, in an order in which each of them succeeds.
pub fn examples() -> Vec<Example> {
    [of_cases(), of_people(), of_workflows(), of_access(), at_last()].concat()
}

fn of_cases() -> Vec<Example> {
    let opening = json!({
        "data": {"attributes": {"case-template-id": "{case-template-id}"}},
        "meta": {"object-ids": ["{account-id}", "{inquiry-id}"]},
    });
    vec![
        Example::of("GET /cases").asking(
            "filter[case-template-id]={case-template-id}&filter[account-id]={account-id}&filter[inquiry-id]={inquiry-id}\
             &filter[report-id]={inquiry-id}&filter[assignee-id]={user-id}",
        ),
        Example::of("GET /cases").asking("page[after]={case-id}"),
        Example::of("GET /cases").asking("page[before]={case-id}"),
        Example::of("GET /cases").asking("filter[text]={case-id}"),
        send("POST /cases", opening),
        Example::of("GET /cases/{case-id}").asking("include=accounts,inquiries,case-template"),
        send("PATCH /cases/{case-id}", json!({"meta": {"sla-expires-in-seconds": 60}})),
        send("POST /cases/{case-id}/set-status", json!({"meta": {"status": "Pending"}})),
        send(
            "POST /cases/{case-id}/add-objects",
            json!({"meta": {"object-ids": ["{account-id}", "{inquiry-id}"]}}),
        ),
        send("POST /cases/{case-id}/assign", json!({"meta": {"user-email-address": "{user-id}"}})),
        send("POST /cases/{case-id}/unassign", json!({})),
        Example::of("GET /cases/{case-id}/statuses"),
        Example::of("GET /cases/{case-id}/objects"),
        Example::of("GET /cases/{case-id}/comments"),
        send("POST /cases/{case-id}/comments", attributes(json!({"body": "Looked at."}))),
        Example::of("GET /cases/{case-id}/attachments/{file-id}"),
        Example::of("GET /case-templates"),
        Example::of("GET /case-templates").asking("page[after]={case-template-id}"),
        Example::of("GET /case-templates").asking("filter[id]={case-template-id}"),
        send("POST /case-templates", attributes(json!({"name": "Of the matrix"}))),
        Example::of("GET /case-templates/{case-template-id}"),
        send("PATCH /case-templates/{case-template-id}", attributes(json!({"name": "One of each, renamed"}))),
        Example::of("GET /case-templates/{case-template-id}/statuses"),
        Example::of("GET /bundle"),
        send("POST /bundle/plan", attributes(json!({"bundle": "{bundle}"}))),
        send("POST /bundle/apply", attributes(json!({"bundle": "{bundle}"}))),
        Example::of("GET /search").asking("q={case-id}"),
        Example::of("GET /search").asking("q={account-id}"),
    ]
}

fn of_people() -> Vec<Example> {
    let inquiry = attributes(json!({"inquiry-template-id": "itmpl_any", "account-id": "{account-id}"}));
    vec![
        Example::of("GET /accounts").asking("page[after]={account-id}"),
        Example::of("GET /accounts"),
        send("POST /accounts", attributes(json!({}))),
        Example::of("GET /accounts/{account-id}"),
        Example::of("GET /inquiries").asking("filter[account-id]={account-id}"),
        Example::of("GET /inquiries").asking("filter[inquiry-id]={inquiry-id}"),
        Example::of("GET /inquiries").asking("page[after]={inquiry-id}"),
        send("POST /inquiries", inquiry),
        Example::of("GET /inquiries/{inquiry-id}"),
        Example::of("POST /inquiries/{inquiry-id}/mark-for-review"),
        Example::of("POST /inquiries/{inquiry-id}/decline"),
        Example::of("POST /inquiries/{inquiry-id}/approve"),
        Example::of("GET /events").asking("filter[object-id]={case-id}"),
        Example::of("GET /events").asking("filter[id]={event-id}"),
        Example::of("GET /events").asking("page[after]={event-id}"),
        Example::of("GET /events/{event-id}"),
        Example::of("GET /stream"),
        Example::of("GET /redactions").asking("filter[object-id]={account-id}"),
        Example::of("GET /retention-policy"),
        send("POST /retention-policy/preview", attributes(json!({"event-content-days": 1_000}))),
        send(
            "PATCH /retention-policy",
            json!({
                "data": {"attributes": {"event-content-days": 1_000}},
                "meta": {"confirmation": "{confirmation}"},
            }),
        ),
    ]
}

fn of_workflows() -> Vec<Example> {
    let names = attributes(json!({"definition": {
        "trigger": {"on": ["api"], "parameters": []},
        "steps": [
            {"id": "open", "do": "case.create", "with": {"template": "{case-template-id}"}},
            {"id": "tag", "do": "object.tag", "with": {"object": "{account-id}", "tags": ["a"]}},
        ],
    }}));
    let short = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    vec![
        Example::of("GET /workflows"),
        Example::of("GET /workflows").asking("page[after]={workflow-id}"),
        send("POST /workflows", attributes(json!({"name": "Of the matrix", "definition": short}))),
        Example::of("GET /workflows/{workflow-id}"),
        send("PATCH /workflows/{workflow-id}", attributes(json!({"name": "Short, renamed"}))),
        send("POST /workflows/validate", names).judging(),
        Example::of("GET /workflows/{workflow-id}/versions"),
        Example::of("GET /workflows/{workflow-id}/export"),
        Example::of("GET /workflows/statistics").asking("filter[workflow-id]={workflow-id}"),
        Example::of("GET /workflows/{workflow-id}/draft-saves"),
        Example::of("GET /workflows/{workflow-id}/draft-saves/{draft-save-id}"),
        Example::of("POST /workflows/{workflow-id}/presence"),
        Example::of("DELETE /workflows/{workflow-id}/presence"),
        Example::of("POST /workflows/{workflow-id}/publish"),
        Example::of("POST /workflows/{workflow-id}/pause"),
        Example::of("POST /workflows/{workflow-id}/resume"),
        send("POST /workflows/{workflow-id}/trigger", attributes(json!({"fields": {}}))),
        send("POST /workflows/{workflow-id}/run", json!({"meta": {"event-id": "{heard-event-id}"}})).instead(LISTENER),
        Example::of("GET /workflow-versions").asking("filter[workflow-id]={workflow-id}"),
        Example::of("GET /workflow-versions/{workflow-version-id}"),
        Example::of("GET /event-types"),
        Example::of("GET /workflow-templates"),
        Example::of("GET /step-types"),
        Example::of("GET /references").asking("filter[event]=case.created"),
        Example::of("GET /workflow-runs")
            .asking("filter[workflow-id]={workflow-id}&filter[workflow-version-id]={workflow-version-id}"),
        Example::of("GET /workflow-runs").asking("page[after]={workflow-run-id}"),
        Example::of("GET /workflow-run-outcomes")
            .asking("filter[workflow-id]={workflow-id}&filter[workflow-version-id]={workflow-version-id}"),
        Example::of("GET /workflow-runs/{workflow-run-id}").asking("include=workflow,workflow-version"),
        Example::of("GET /workflow-runs/{workflow-run-id}/steps"),
        Example::of("GET /faults").asking("page[after]={fault-id}"),
        Example::of("POST /faults/{fault-id}/retry"),
    ]
}

fn of_access() -> Vec<Example> {
    let person = json!({"email-address": "matrix@new.example", "name": "M", "role": "analyst"});
    vec![
        Example::of("GET /sources").asking("page[after]={source-id}"),
        send("POST /sources", attributes(json!({"name": "Of the matrix"}))),
        send("PATCH /sources/{source-id}", attributes(json!({"allow-list": ["inquiry"]}))),
        Example::of("POST /sources/{source-id}/rotate"),
        Example::of("GET /users").asking("page[after]={user-id}"),
        send("POST /users", attributes(person)),
        Example::of("POST /users/{user-id}/invite"),
        Example::of("GET /users/{user-id}/open-cases"),
        send(
            "PATCH /users/{user-id}",
            json!({
                "data": {"attributes": {"active": false}},
                "meta": {"open-cases": "reassign", "reassign-to": "{colleague-id}"},
            }),
        ),
        Example::of("GET /api-keys").asking("page[after]={api-key-id}"),
        send("POST /api-keys", attributes(json!({"name": "Of the matrix"}))),
        Example::of("GET /api-keys/{api-key-id}"),
        send("POST /api-keys/{api-key-id}/expire", json!({"meta": {"expires-in-seconds": 60}})),
        Example::of("GET /session"),
        send("POST /session/first-steps", attributes(json!({"done": ["open-case"]}))),
    ]
}

/// What leaves something ended.
fn at_last() -> Vec<Example> {
    let short = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    vec![
        send("PUT /workflows/{workflow-id}/draft", attributes(json!({"definition": short}))),
        Example::of("DELETE /workflows/{workflow-id}/draft"),
        Example::of("POST /workflows/{workflow-id}/archive"),
        Example::of("DELETE /cases/{case-id}"),
        Example::of("DELETE /inquiries/{inquiry-id}"),
        Example::of("DELETE /accounts/{account-id}"),
        send("PATCH /session", attributes(json!({"environment": "sandbox"}))),
        Example::of("DELETE /session"),
    ]
}
