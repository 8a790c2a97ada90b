//! The setup of the reference job: templates, workflows, a source; and the events of its vendor.
//!
//! The job: a vendor reports that an inquiry was completed. The first workflow checks it (1), opens a case (2), tags
//! the inquiry (3) and moves the case (4). That starts the second workflow, which checks (5), tags the case (6), checks
//! again (7) and moves the case (8). Eight steps in two runs.

use serde_json::{Value, json};

use crate::house::House;
use crate::node::{Node, text};

/// The steps of the first run, in order.
pub const FIRST: [&str; 4] = ["is_a_match", "open_case", "tag_inquiry", "to_review"];
/// The steps of the second run, in order.
pub const SECOND: [&str; 4] = ["is_onboarding", "tag_case", "is_open", "escalate"];
/// The number of statuses of the clients' own template: enough for reads to distinguish writes.
pub const DESKS: usize = 40;

/// The data of the setup for clients and checks.
#[derive(Clone, Debug)]
pub struct World {
    /// The sandbox's key.
    pub key: String,
    /// The sandbox.
    pub environment: String,
    /// The vendor's source.
    pub source: String,
    /// The secret that signs the vendor's events.
    pub secret: String,
    /// The template of the cases that workflows open.
    pub onboarding: String,
    /// The template of the cases that clients move.
    pub desk: String,
    /// The workflow with an API trigger.
    pub by_hand: String,
}

/// The name of a status of the clients' template.
pub fn desk(number: usize) -> String {
    format!("Desk {number}")
}

/// Sets up an installation through its API and its command line.
pub async fn furnish(house: &House, node: &Node) -> World {
    let made = house.command(&["source", "create", "vendor", "--json"]);
    let onboarding = template(node, "Onboarding", "KYC", &["Open", "In review", "Escalated"]).await;
    let desks: Vec<String> = (0..DESKS).map(desk).collect();
    let desks: Vec<&str> = desks.iter().map(String::as_str).collect();
    let desk = template(node, "Desk", "DESK", &desks).await;
    publish(node, "Intake", &intake(&onboarding)).await;
    publish(node, "Escalation", &escalation()).await;
    let by_hand = publish(node, "By hand", &by_hand(&onboarding)).await;
    World {
        key: house.key(),
        environment: text(&house.organization, "/environments/sandbox/id"),
        source: text(&made, "/id"),
        secret: text(&made, "/secret"),
        onboarding,
        desk,
        by_hand,
    }
}

async fn template(node: &Node, name: &str, key: &str, statuses: &[&str]) -> String {
    let kind = |place: usize| if place == 0 { "initial" } else { "intermediate" };
    let ends = ["Approved", "Declined"].map(|name| json!({"name": name, "type": "end"}));
    let statuses: Vec<Value> = statuses
        .iter()
        .enumerate()
        .map(|(place, name)| json!({"name": name, "type": kind(place)}))
        .chain(ends)
        .collect();
    let fields = ["source", "mark"].map(|key| json!({"key": key, "type": "string"}));
    let attributes = json!({"name": name, "key": key, "fields": fields, "statuses": statuses});
    let made = node.make("/case-templates", &json!({"data": {"attributes": attributes}})).await;
    text(&made, "/data/id")
}

/// Creates and publishes a workflow; returns its id.
pub async fn publish(node: &Node, name: &str, definition: &Value) -> String {
    let body = json!({"data": {"attributes": {"name": name, "definition": definition}}});
    let id = text(&node.make("/workflows", &body).await, "/data/id");
    node.make(&format!("/workflows/{id}/publish"), &json!({})).await;
    id
}

fn step(id: &str, r#do: &str, with: &Value) -> Value {
    json!({"id": id, "do": r#do, "with": with})
}

fn choose(id: &str, field: &str, is: &str, value: Option<&str>, steps: &[Value]) -> Value {
    let mut when = json!({"field": field, "is": is});
    if let Some(value) = value {
        when["value"] = value.into();
    }
    json!({"id": id, "choose": [
        {"label": "Yes", "when": when, "steps": steps},
        {"label": "Else", "steps": []},
    ]})
}

fn intake(template: &str) -> Value {
    let create = json!({"template": template, "objects": [{"ref": "trigger"}], "fields": {"source": "Onboarding"}});
    let steps = [
        step(FIRST[1], "case.create", &create),
        step(FIRST[2], "object.tag", &json!({"object": {"ref": "trigger"}, "tags": ["watchlist"]})),
        step(FIRST[3], "case.update_status", &json!({"case": {"ref": FIRST[1]}, "status": "In review"})),
    ];
    json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [choose(FIRST[0], "trigger.fields.watchlist_match", "is_true", None, &steps)],
    })
}

fn escalation() -> Value {
    let escalate = step(SECOND[3], "case.update_status", &json!({"case": {"ref": "trigger"}, "status": "Escalated"}));
    let steps = [
        step(SECOND[1], "object.tag", &json!({"object": {"ref": "trigger"}, "tags": ["priority"]})),
        choose(SECOND[2], "trigger.resolution", "is_blank", None, &[escalate]),
    ];
    json!({
        "trigger": {"on": ["case.status-updated"], "where": {
            "field": "trigger.status", "is": "equals", "value": "In review",
        }},
        "steps": [choose(SECOND[0], "trigger.fields.source", "equals", Some("Onboarding"), &steps)],
    })
}

fn by_hand(template: &str) -> Value {
    let create = json!({"template": template, "fields": {"mark": {"ref": "trigger.fields.mark"}}});
    json!({
        "trigger": {"on": ["api"], "parameters": [{"name": "mark", "type": "string", "required": true}]},
        "steps": [step("open_marked", "case.create", &create)],
    })
}

/// The vendor's id of an inquiry.
pub fn inquiry(mark: &str) -> String {
    format!("inq_{mark}")
}

/// The body of the event that reports its completion.
pub fn completed(mark: &str) -> String {
    let inquiry = inquiry(mark);
    let body = json!({"data": {
        "type": "event", "id": format!("evt_{mark}"),
        "attributes": {
            "name": "inquiry.completed", "created-at": "2026-01-02T03:04:05.000Z",
            "payload": {"data": {
                "type": "inquiry", "id": inquiry,
                "attributes": {
                    "status": "completed", "tags": [],
                    "created-at": "2026-01-02T03:00:00.000Z", "completed-at": "2026-01-02T03:02:37.000Z",
                    "fields": {"watchlist-match": {"type": "boolean", "value": true}},
                },
                "relationships": {
                    "account": {"data": null},
                    "inquiry-template": {"data": {"type": "inquiry-template", "id": "itmpl_onboarding"}},
                },
            }},
        },
    }});
    body.to_string()
}
