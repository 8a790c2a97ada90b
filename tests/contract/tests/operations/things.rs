//! Fixtures that many tests use: a template, a case, a workflow, a source, a vendor's event.

use docket_objects::sign;
use serde_json::{Value, json};

use crate::world::{Answer, Call, World, attributes, now};

/// Creates a template with statuses and fields of every type; returns its id.
pub async fn template(world: &World) -> String {
    let body = attributes(json!({
        "name": "Know Your Customer",
        "fields": [
            {"key": "amount", "type": "integer"},
            {"key": "source", "type": "string", "label": "Where from"},
            {"key": "riskLevel", "type": "choices", "options": ["low", "high"]},
        ],
    }));
    world.post("/case-templates", body).await.expect(201).id()
}

/// Creates a case.
pub async fn case(world: &World, template: &str) -> Answer {
    world.post("/cases", attributes(json!({"case-template-id": template}))).await.expect(201)
}

/// A workflow with an API trigger: it creates a case with the given amount, and changes its status if that is large.
pub fn called(template: &str) -> Value {
    json!({
        "trigger": {"on": ["api"], "parameters": [
            {"name": "amount", "type": "integer", "required": true},
            {"name": "sourceName", "type": "string"},
        ]},
        "steps": [
            {"id": "open", "do": "case.create", "with": {"template": template, "fields": {"amount": {"ref": "trigger.fields.amount"}}}},
            {"id": "large", "choose": [
                {"label": "Large", "when": {"field": "trigger.fields.amount", "is": "greater_than", "value": 10}, "steps": [
                    {"id": "move", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Pending"}},
                ]},
                {"label": "Else", "steps": [
                    {"id": "decline", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Declined"}},
                ]},
            ]},
        ],
    })
}

/// A workflow with an event trigger: a completed inquiry creates a case that contains it.
pub fn listening(template: &str) -> Value {
    json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [
            {"id": "open", "do": "case.create", "with": {"template": template, "objects": [{"ref": "trigger"}]}},
            {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["checked"]}},
            {"id": "move", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Pending"}},
        ],
    })
}

/// Creates a workflow and publishes it; returns its id.
pub async fn published(world: &World, name: &str, definition: Value) -> String {
    let made = world.post("/workflows", attributes(json!({"name": name, "definition": definition}))).await.expect(201);
    assert_eq!(made.at("/meta/problems"), &json!([]), "{}", made.told());
    world.call(Call::post(&format!("/workflows/{}/publish", made.id()))).await.expect(200).id()
}

/// A vendor that sends webhooks to a source.
pub struct Vendor {
    pub id: String,
    pub secret: String,
}

impl Vendor {
    /// Creates a source with a key.
    pub async fn with_key(world: &World, key: &str, name: &str) -> Self {
        let made =
            world.call(Call::post("/sources").key(key).json(attributes(json!({"name": name})))).await.expect(201);
        Self { id: made.id(), secret: made.text("/data/attributes/secret") }
    }

    /// Creates a source with this name and allow-list.
    pub async fn with_allow_list(world: &World, name: &str, allow_list: Value) -> Self {
        let made =
            world.post("/sources", attributes(json!({"name": name, "allow-list": allow_list}))).await.expect(201);
        Self { id: made.id(), secret: made.text("/data/attributes/secret") }
    }

    pub async fn of(world: &World) -> Self {
        Self::with_key(world, &world.key, "Vendor").await
    }

    /// Posts a body, signed with the current time.
    pub async fn send(&self, world: &World, body: &Value) -> Answer {
        let body = body.to_string();
        let signature = sign(&self.secret, now(world), body.as_bytes());
        self.post(world, &signature, body.as_bytes()).await
    }

    /// Posts a body with this signature.
    pub async fn post(&self, world: &World, signature: &str, body: &[u8]) -> Answer {
        let call = Call::post(&format!("/ingest/{}", self.id)).key("").raw("application/json", body);
        world.call(call.with("persona-signature", signature)).await
    }
}

/// A vendor's event of an inquiry.
pub fn event(id: &str, name: &str, at: &str, inquiry: &Value) -> Value {
    json!({"data": {"type": "event", "id": id, "attributes": {
        "name": name,
        "created-at": at,
        "payload": {"data": inquiry, "included": []},
    }}})
}

/// A vendor's inquiry.
pub fn inquiry(id: &str, status: &str) -> Value {
    json!({
        "type": "inquiry",
        "id": id,
        "attributes": {
            "status": status,
            "reference-id": "customer-1",
            "created-at": "2025-12-31T10:00:00.000Z",
            "fields": {"name-first": {"type": "string", "value": "Mona"}},
        },
        "relationships": {
            "account": {"data": {"type": "account", "id": "act_vendor"}},
            "inquiry-template": {"data": {"type": "inquiry-template", "id": "itmpl_vendor"}},
        },
    })
}

/// The id of one object of each kind, by the part of a path that names it.
pub async fn one_of_each(world: &World, key: &str) -> Vec<(&'static str, String)> {
    let send = async |path: &str, body: Value| world.call(Call::post(path).key(key).json(body)).await.expect_success();
    let template = send("/case-templates", attributes(json!({"name": "One of each"}))).await.id();
    let case = send("/cases", attributes(json!({"case-template-id": template}))).await.id();
    let account = send("/accounts", attributes(json!({}))).await.id();
    let inquiry = send("/inquiries", attributes(json!({"inquiry-template-id": "itmpl_any"}))).await.id();
    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": []});
    let workflow = send("/workflows", attributes(json!({"name": "Short", "definition": definition}))).await.id();
    let saves = world.call(Call::get(&format!("/workflows/{workflow}/draft-saves")).key(key)).await;
    let draft_save = saves.ids().remove(0);
    let live = send(&format!("/workflows/{workflow}/publish"), json!({})).await;
    let version = live.text("/data/relationships/latest-published-version/data/id");
    let run = send(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {}}))).await.id();
    let event = world.call(Call::get("/events").key(key)).await.ids().remove(0);
    let source = send("/sources", attributes(json!({"name": "One of each"}))).await.id();
    let api_key = send("/api-keys", attributes(json!({"name": "One of each"}))).await.id();
    let person = json!({"email-address": format!("{}@one.example", &case[5..]), "name": "One", "role": "analyst"});
    let user = send("/users", attributes(person)).await.id();
    // No operation creates a fault.
    let fault = format!("workflow-run:{run}");
    let made = format!(
        "INSERT INTO fault (id, environment_id, version, object_type, object_id, state, reason, tries, created_at, \
         tried_at) SELECT '{fault}', environment_id, 1, 'workflow-run', id, 'retrying', 'unreadable', 1, created_at, \
         created_at FROM workflow_run WHERE id = '{run}'"
    );
    world.fresh.run(&made).await;
    vec![
        ("{case-template-id}", template),
        ("{case-id}", case),
        ("{account-id}", account),
        ("{inquiry-id}", inquiry),
        ("{workflow-id}", workflow),
        ("{draft-save-id}", draft_save),
        ("{workflow-version-id}", version),
        ("{workflow-run-id}", run),
        ("{event-id}", event),
        ("{api-key-id}", api_key),
        ("{source-id}", source),
        ("{user-id}", user),
        ("{fault-id}", fault),
    ]
}

/// A path with its parameters replaced.
pub fn filled(path: &str, ids: &[(&'static str, String)]) -> String {
    ids.iter().fold(path.to_owned(), |path, (hole, id)| path.replace(hole, id))
}
