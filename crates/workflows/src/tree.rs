//! The reference tree of an API resource.

use serde_json::{Map, Value};

use crate::names;

/// The maximum depth of wrapped field values that are unwrapped; deeper values stay as they are.
const UNWRAP_DEPTH_MAX: usize = 32;

/// Converts a resource `{type, id, attributes, relationships}` in any casing into the tree that references walk.
///
/// - `type`, `id` and every attribute are at the top level, attributes in `snake_case`;
/// - `fields` keeps its own keys; a value wrapped as `{type, value}` is unwrapped;
/// - a related object is stored under its relationship's name as `{type, id}`, several as a list; a relationship
///   without data is left out, and so is one with the name of an attribute;
/// - `template` replaces `inquiry-template`, `case-template` and the like.
pub fn tree_of(resource: &Value) -> Value {
    let mut tree = Map::new();
    for name in ["type", "id"] {
        if let Some(value) = resource.get(name) {
            tree.insert(name.to_owned(), value.clone());
        }
    }
    for (name, value) in members(resource, "attributes") {
        let name = names::snake(name);
        let value = if name == "fields" { fields(value) } else { value.clone() };
        tree.entry(name).or_insert(value);
    }
    for (name, relationship) in members(resource, "relationships") {
        if let Some(data) = relationship.get("data") {
            tree.entry(names::snake(name)).or_insert_with(|| related(data));
        }
    }
    if let Some(template) = template(resource, &tree) {
        tree.entry("template").or_insert(template);
    }
    Value::Object(tree)
}

fn members<'v>(resource: &'v Value, part: &str) -> impl Iterator<Item = (&'v String, &'v Value)> {
    resource.get(part).and_then(Value::as_object).into_iter().flatten()
}

fn fields(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(key, value)| (key.clone(), unwrapped(value, 0))).collect())
        }
        other => other.clone(),
    }
}

/// The value of a `{type, value}` wrapper, and of those inside it.
fn unwrapped(value: &Value, depth: usize) -> Value {
    match value {
        Value::Object(map) if depth < UNWRAP_DEPTH_MAX => match (map.get("type"), map.get("value")) {
            (Some(Value::String(_)), Some(inner)) if map.len() == 2 => unwrapped_inside(inner, depth + 1),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn unwrapped_inside(value: &Value, depth: usize) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(|item| unwrapped(item, depth)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, item)| (key.clone(), unwrapped(item, depth))).collect())
        }
        other => other.clone(),
    }
}

fn related(data: &Value) -> Value {
    match data {
        Value::Array(items) => Value::Array(items.iter().map(related).collect()),
        Value::Object(map) => {
            let kept = ["type", "id"].into_iter().filter_map(|name| Some((name.to_owned(), map.get(name)?.clone())));
            Value::Object(kept.collect())
        }
        _ => Value::Null,
    }
}

/// The template of an object: the relationship named after its type, otherwise the first that names a template.
fn template(resource: &Value, tree: &Map<String, Value>) -> Option<Value> {
    let kind = resource.get("type").and_then(Value::as_str).unwrap_or_default();
    let own = format!("{}_template", names::snake(kind.split('/').next().unwrap_or_default()));
    let related = |name: &String| name.ends_with("_template");
    let mut named = members(resource, "relationships").map(|(name, _)| names::snake(name)).filter(related);
    let by_type = tree.get(&own).filter(|value| !value.is_null());
    by_type.or_else(|| named.find_map(|name| tree.get(&name).filter(|value| !value.is_null()))).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_resource_becomes_a_tree_to_walk() {
        let resource = json!({
            "type": "inquiry",
            "id": "inq_1",
            "attributes": {
                "status": "completed",
                "reference-id": null,
                "createdAt": "2024-05-01T00:00:00.000Z",
                "fields": {
                    "name-first": {"type": "string", "value": "Ada"},
                    "address_street1": {"type": "string", "value": null},
                    "people": {"type": "array", "value": [
                        {"type": "hash", "value": {"age": {"type": "integer", "value": 3}}}
                    ]},
                    "plain": 7
                }
            },
            "relationships": {
                "account": {"data": {"type": "account", "id": "act_1", "meta": {}}},
                "inquiry-template": {"data": {"type": "inquiry-template", "id": "itmpl_1"}},
                "inquiry-template-version": {"data": {"type": "inquiry-template-version", "id": "itmplv_1"}},
                "creator": {"data": null},
                "sessions": {"data": [{"type": "inquiry-session", "id": "iqse_1"}]},
                "linked": {"links": {}}
            }
        });

        assert_eq!(
            tree_of(&resource),
            json!({
                "type": "inquiry",
                "id": "inq_1",
                "status": "completed",
                "reference_id": null,
                "created_at": "2024-05-01T00:00:00.000Z",
                "fields": {"name-first": "Ada", "address_street1": null, "people": [{"age": 3}], "plain": 7},
                "account": {"type": "account", "id": "act_1"},
                "inquiry_template": {"type": "inquiry-template", "id": "itmpl_1"},
                "inquiry_template_version": {"type": "inquiry-template-version", "id": "itmplv_1"},
                "creator": null,
                "sessions": [{"type": "inquiry-session", "id": "iqse_1"}],
                "template": {"type": "inquiry-template", "id": "itmpl_1"}
            })
        );
    }

    #[test]
    fn the_template_is_the_one_of_the_objects_own_type() {
        for (kind, relationships, expected) in [
            ("case", json!({"caseTemplate": {"data": {"type": "case-template", "id": "c"}}}), json!("c")),
            (
                "verification/government-id",
                json!({
                    "inquiry_template": {"data": {"type": "inquiry-template", "id": "i"}},
                    "verification_template": {"data": {"type": "verification-template", "id": "v"}}
                }),
                json!("v"),
            ),
            (
                "inquiry",
                json!({
                    "inquiry-template": {"data": null},
                    "theme-template": {"data": {"type": "theme-template", "id": "t"}}
                }),
                json!("t"),
            ),
            ("account", json!({}), json!(null)),
        ] {
            let tree = tree_of(&json!({"type": kind, "id": "1", "relationships": relationships}));

            assert_eq!(tree.pointer("/template/id").cloned().unwrap_or_default(), expected, "{kind}");
        }
    }

    #[test]
    fn an_attribute_cannot_take_the_place_of_the_id() {
        let tree =
            tree_of(&json!({"type": "t", "id": "1", "attributes": {"id": "2", "type": "other", "a": {"b-c": 1}}}));

        assert_eq!(tree, json!({"type": "t", "id": "1", "a": {"b-c": 1}}));
    }

    #[test]
    fn a_value_that_is_not_a_resource_becomes_an_empty_tree() {
        for odd in [json!(null), json!([]), json!("x"), json!({"attributes": 1, "relationships": []})] {
            assert_eq!(tree_of(&odd), json!({}));
        }
    }
}
