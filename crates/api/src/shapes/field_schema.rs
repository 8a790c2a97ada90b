//! A field as a template or type defines it.

use serde_json::{Value, json};

use crate::schema::{list, maybe, object, text, time, truth};
use crate::time::iso;

/// One field's definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldSchemaView {
    /// The name of its values.
    pub key: String,
    /// One of the contract's words, such as `string`, `integer`, `number`, `boolean`, `date`, `datetime`, `choices`.
    pub kind: String,
    /// The name people read.
    pub label: Option<String>,
    /// Whether it must be filled.
    pub is_required: bool,
    /// What may be chosen; told for `choices` and `multi-choices` only.
    pub options: Vec<String>,
    /// When it was archived; shown only where it is.
    pub archived_at: Option<i64>,
    /// Whether it is archived, as our own operations show it; shown only where it is.
    pub is_archived: bool,
    /// The key of the field that its values went to, on our own operations; shown only where there is one.
    pub successor: Option<String>,
}

impl FieldSchemaView {
    /// What the API shows of every field's definition.
    pub(crate) fn schema() -> Value {
        let mut config = object(vec![("required", truth())]);
        config["properties"]["options"] = list(text());
        config["properties"]["archived-at"] = maybe(time());
        config["properties"]["archived"] = truth();
        config["properties"]["successor"] = text();
        object(vec![("type", text()), ("key", text()), ("label", maybe(text())), ("config", config)])
    }

    /// Shows the field's definition.
    pub fn into_value(self) -> Value {
        let mut config = json!({"required": self.is_required});
        if matches!(self.kind.as_str(), "choices" | "multi-choices") {
            config["options"] = self.options.into();
        }
        if let Some(archived_at) = self.archived_at {
            config["archived-at"] = iso(archived_at).into();
        }
        if self.is_archived {
            config["archived"] = true.into();
        }
        if let Some(successor) = self.successor {
            config["successor"] = successor.into();
        }
        json!({"type": self.kind, "key": self.key, "label": self.label, "config": config})
    }
}
