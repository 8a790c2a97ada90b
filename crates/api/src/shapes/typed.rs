//! Custom fields in the contract's long form, with a type beside each value.

use serde_json::{Map, Value, json};

/// Converts fields to the form of accounts and inquiries: `{"type": …, "value": …}`, at every depth.
///
/// A value already in that form keeps its type, so that a vendor's value is returned as it was received.
pub fn fields(plain: Map<String, Value>) -> Map<String, Value> {
    plain.into_iter().map(|(name, value)| (name, field(value))).collect()
}

/// Converts one value to the form `{"type": …, "value": …}`.
pub fn field(plain: Value) -> Value {
    if is_typed(&plain) {
        return complete(plain);
    }
    let (kind, value) = match plain {
        Value::Null => ("string", Value::Null),
        Value::Bool(_) => ("boolean", plain),
        Value::Number(number) if number.is_f64() => ("number", Value::Number(number)),
        Value::Number(number) => ("integer", Value::Number(number)),
        Value::String(text) => ("string", Value::String(text)),
        Value::Array(items) => ("array", items.into_iter().map(field).collect()),
        Value::Object(members) => ("hash", Value::Object(fields(members))),
    };
    json!({"type": kind, "value": value})
}

/// Extracts the plain values from the long form, at every depth; plain values stay as they are.
pub fn plain(value: Value) -> Value {
    match value {
        Value::Object(mut members) if is_typed_members(&members) => plain(members.remove("value").unwrap_or_default()),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, plain(value))).collect(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        scalar => scalar,
    }
}

/// Converts the values inside a typed hash or array to the long form too.
///
/// Any other type, such as a file, keeps its content: its members are not fields.
fn complete(mut typed: Value) -> Value {
    if !matches!(typed["type"].as_str(), Some("hash" | "array")) {
        return typed;
    }
    match &mut typed["value"] {
        Value::Object(members) if !members.values().all(is_typed) => *members = fields(std::mem::take(members)),
        Value::Array(items) if !items.iter().all(is_typed) => {
            *items = std::mem::take(items).into_iter().map(field).collect();
        }
        _ => {}
    }
    typed
}

/// Whether a value has its type beside it.
pub(crate) fn is_typed(value: &Value) -> bool {
    value.as_object().is_some_and(is_typed_members)
}

fn is_typed_members(members: &Map<String, Value>) -> bool {
    members.len() == 2 && members.get("type").is_some_and(Value::is_string) && members.contains_key("value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_type_beside_it() {
        let table = [
            (json!("x"), json!({"type": "string", "value": "x"})),
            (json!(null), json!({"type": "string", "value": null})),
            (json!(3), json!({"type": "integer", "value": 3})),
            (json!(2.5), json!({"type": "number", "value": 2.5})),
            (json!(true), json!({"type": "boolean", "value": true})),
            (json!(["x"]), json!({"type": "array", "value": [{"type": "string", "value": "x"}]})),
            (json!({"first": "J"}), json!({"type": "hash", "value": {"first": {"type": "string", "value": "J"}}})),
        ];
        for (short, long) in table {
            assert_eq!(field(short.clone()), long);
            assert_eq!(plain(long), short);
        }
    }

    #[test]
    fn a_value_that_came_with_its_type_keeps_it() {
        let birthdate = json!({"type": "date", "value": "1994-04-12"});
        let file =
            json!({"type": "file", "value": {"filename": "id.png", "url": "https://docket.example/f", "byte-size": 7}});
        for typed in [birthdate, file] {
            assert_eq!(field(typed.clone()), typed);
        }
    }
}
