//! The input types of steps besides plain ones. The schema of each defines its form widget and its valid values.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};

macro_rules! object_inputs {
    ($($(#[$meta:meta])* $name:ident = $kind:literal, widget $widget:literal);* $(;)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub String);

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                id_of(&Value::deserialize(deserializer)?, $kind).map(Self).map_err(serde::de::Error::custom)
            }
        }
        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> { stringify!($name).into() }
            fn inline_schema() -> bool { true }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "x-object": $kind, "x-widget": $widget})
            }
        }
    )*};
}

object_inputs! {
    /// A case: its id, or the case itself.
    CaseInput = "case", widget "case";
    /// A case template: its id, or the template itself.
    CaseTemplateInput = "case-template", widget "case-template";
    /// An object of any kind: its id, or the object itself.
    ObjectInput = "*", widget "object";
}

/// The id of an object input: a text is the id itself, a tree contains its id.
fn id_of(value: &Value, kind: &str) -> Result<String, String> {
    let wanted = if kind == "*" { "an object" } else { kind };
    match value {
        Value::String(id) if !id.is_empty() => Ok(id.clone()),
        Value::Object(tree) => match (tree.get("type").and_then(Value::as_str), tree.get("id").and_then(Value::as_str))
        {
            (Some(given), Some(id)) if kind == "*" || given == kind => Ok(id.to_owned()),
            (Some(given), Some(id)) => Err(format!("a {wanted} is expected here, and {id} is of the type {given}")),
            _ => Err(format!("{wanted} is expected here: its id, or a reference to it")),
        },
        other => Err(format!("{wanted} is expected here: its id, or a reference to it, not {other}")),
    }
}

/// An object in a step's output; later steps read its attributes live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectOutput {
    /// Its type.
    pub r#type: String,
    /// Its id.
    pub id: String,
}

/// A case in a step's output; later steps read its attributes live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CaseOutput(ObjectOutput);

impl CaseOutput {
    /// The output for the case with this id.
    pub fn of(id: &docket_kernel::CaseId) -> Self {
        Self(ObjectOutput { r#type: "case".into(), id: id.to_string() })
    }
}

impl JsonSchema for CaseOutput {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Case".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "x-object": "case", "description": "The case; its attributes are read live."})
    }
}

/// An input that is a reference, for examples.
pub(crate) fn reference(path: &str) -> Value {
    json!({ "ref": path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_input_is_an_id_or_the_object_itself() {
        let case = |value: Value| serde_json::from_value::<CaseInput>(value).map(|case| case.0);

        assert_eq!(case(json!("case_1")).unwrap(), "case_1");
        assert_eq!(case(json!({"type": "case", "id": "case_1", "status": "Open"})).unwrap(), "case_1");
        assert!(
            case(json!({"type": "inquiry", "id": "inq_1"})).unwrap_err().to_string().contains("a case is expected")
        );
        assert!(case(json!(5)).is_err());
        assert!(case(json!("")).is_err());
        let any = serde_json::from_value::<ObjectInput>(json!({"type": "inquiry", "id": "inq_1"}));
        assert_eq!(any.unwrap().0, "inq_1");
    }
}
