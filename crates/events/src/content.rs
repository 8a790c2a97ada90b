//! The content of an event: what redaction removes, and the digest that stays.

use std::fmt::Write as _;

use docket_kernel::{Moment, hex};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// The digest of an event's context and payload with a salt. The two databases return the same content with members in
/// a different order and numbers in a different notation; the digest is the same.
pub fn content_digest(salt: &str, context: &Map<String, Value>, payload: &Value) -> String {
    let mut text = String::with_capacity(1_024);
    text.push_str(salt);
    canonical_members(context, &mut text);
    canonical(payload, &mut text);
    hex(&Sha256::digest(text.as_bytes()))
}

/// Writes the content in canonical form: members sorted by name, equal numbers in the same notation.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(members) => canonical_members(members, out),
        Value::Array(items) => {
            out.push('[');
            for item in items {
                canonical(item, out);
                out.push(',');
            }
            out.push(']');
        }
        // An integral floating-point number such as 1e17 is returned by PostgreSQL as 100000000000000000.
        Value::Number(number) => match number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0) {
            Some(float) => write!(out, "{:.0}", if float == 0.0 { 0.0 } else { float }).unwrap_or_default(),
            None => write!(out, "{number}").unwrap_or_default(),
        },
        other => write!(out, "{other}").unwrap_or_default(),
    }
}

fn canonical_members(members: &Map<String, Value>, out: &mut String) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    out.push('{');
    for (name, value) in sorted {
        write!(out, "{}:", Value::String(name.clone())).unwrap_or_default();
        canonical(value, out);
        out.push(',');
    }
    out.push('}');
}

/// The facts about a case that stay when its content is redacted: its state, the actors and the times.
const FACTS_OF_CASE: [&str; 12] = [
    "name",
    "resolution",
    "creator_id",
    "creator_type",
    "assignee_id",
    "assigner_id",
    "assigner_type",
    "resolver_id",
    "resolver_type",
    "updater_id",
    "updater_type",
    "open_assignee_id",
];

/// The facts in an event's context that stay: its origin and its consequences.
const FACTS_OF_CONTEXT: [&str; 8] = [
    "source-id",
    "vendor-event-id",
    "vendor-created-at",
    "outcome",
    "step-name",
    "workflow-version-id",
    "event-name",
    "retained-kind",
];

/// The redacted form of an object's tree: its type and id, its state, times and relations.
pub fn blank_tree(tree: &Value) -> Value {
    let Some(members) = tree.as_object() else { return Value::Null };
    let kind = members.get("type").and_then(Value::as_str).unwrap_or_default();
    let is_fact = |name: &str| match kind {
        "case" => FACTS_OF_CASE.contains(&name),
        "case-comment" => matches!(name, "creator_id" | "creator_type"),
        _ => false,
    };
    let mut blank = Map::new();
    for (name, value) in members {
        let stays = matches!(name.as_str(), "type" | "id" | "status") || is_fact(name) || is_time(name, value);
        if stays && (value.is_string() || value.is_null()) {
            blank.insert(name.clone(), value.clone());
        } else if let Some(linked) = linked(value) {
            blank.insert(name.clone(), linked);
        }
    }
    for (name, empty) in [("fields", Value::Object(Map::new())), ("tags", Value::Array(Vec::new()))] {
        if members.contains_key(name) {
            blank.insert(name.to_owned(), empty);
        }
    }
    Value::Object(blank)
}

/// The redacted form of an event's context.
pub(crate) fn blank_context(context: &Map<String, Value>) -> Map<String, Value> {
    let mut blank = blank_context_of(context);
    blank.insert("redacted".to_owned(), Value::Bool(true));
    blank
}

/// The facts in an event's context.
pub fn blank_context_of(context: &Map<String, Value>) -> Map<String, Value> {
    let facts = context.iter().filter(|(name, value)| FACTS_OF_CONTEXT.contains(&name.as_str()) && value.is_string());
    facts.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Whether a member holds a time and nothing else.
pub fn is_time(name: &str, value: &Value) -> bool {
    name.ends_with("_at") && value.as_str().is_some_and(|text| Moment::parse(text).is_some())
}

/// The references that a member holds, without other members of the same object; `None` if there are none.
pub fn linked(value: &Value) -> Option<Value> {
    let one = |value: &Value| {
        let (kind, id) = (value.get("type")?.as_str()?, value.get("id")?.as_str()?);
        Some(serde_json::json!({"type": kind, "id": id}))
    };
    match value {
        Value::Object(_) => one(value),
        Value::Array(items) if !items.is_empty() => items.iter().map(one).collect::<Option<Vec<_>>>().map(Value::Array),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(payload: &Value) -> String {
        content_digest("salt", &Map::new(), payload)
    }

    #[test]
    fn the_digest_does_not_depend_on_the_order_of_members_or_on_how_a_number_is_written() {
        let written = json!({"b": [1e17, -0.0, 0.1], "a": {"y": 1, "x": "é\n"}});
        let read: Value =
            serde_json::from_str(r#"{"a": {"x": "é\n", "y": 1}, "b": [100000000000000000, 0.0, 0.1]}"#).unwrap();

        assert_eq!(digest(&written), digest(&read));
    }

    #[test]
    fn the_digest_depends_on_every_value_and_on_the_salt() {
        let all =
            [json!({"a": 1}), json!({"a": "1"}), json!({"a": [1]}), json!({"b": 1}), json!({"a": 1.5}), json!({})];
        let mut digests: Vec<String> = all.iter().map(digest).collect();
        digests.push(content_digest("other", &Map::new(), &all[0]));
        digests.sort();
        digests.dedup();

        assert_eq!(digests.len(), all.len() + 1);
    }

    #[test]
    fn redaction_keeps_facts_and_removes_content() {
        let tree = json!({
            "type": "inquiry", "id": "inq_1", "status": "approved", "reference_id": "CANARY", "note": "CANARY",
            "created_at": "2026-01-02T03:04:05.000Z", "noted_at": "CANARY", "fields": {"name": "CANARY"},
            "tags": ["CANARY"], "account": {"type": "account", "id": "act_1", "name": "CANARY"},
            "reports": [{"type": "report/watchlist", "id": "rep_1"}], "behaviors": {"x": "CANARY"}, "score": 7,
        });

        let blank = json!({
            "type": "inquiry", "id": "inq_1", "status": "approved", "created_at": "2026-01-02T03:04:05.000Z",
            "fields": {}, "tags": [], "account": {"type": "account", "id": "act_1"},
            "reports": [{"type": "report/watchlist", "id": "rep_1"}],
        });
        assert_eq!(blank_tree(&tree), blank);
        assert_eq!(blank_tree(&blank), blank);
    }
}
