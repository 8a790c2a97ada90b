//! A field as a template or type defines it.

use serde_json::{Value, json};

use crate::schema::{list, maybe, object, text, time, truth};
use crate::time::iso;

/// One field's definition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldSchemaView {
    /// The key of its values.
    pub key: String,
    /// One of the contract's types, such as `string`, `integer`, `number`, `boolean`, `date`, `datetime`, `choices`.
    pub kind: String,
    /// Its label.
    pub label: Option<String>,
    /// Whether it is required.
    pub is_required: bool,
    /// Its options; shown for `choices` and `multi-choices` only.
    pub options: Vec<String>,
    /// When it was archived; shown only if it is.
    pub archived_at: Option<i64>,
    /// Whether it is archived, as Docket's own operations show it; shown only if it is.
    pub is_archived: bool,
    /// The key of the field that took over its values, on Docket's own operations; shown only if there is one.
    pub successor: Option<String>,
}

impl FieldSchemaView {
    /// The schema of a field's definition.
    pub(crate) fn schema() -> Value {
        let mut config = object(vec![("required", truth())]);
        config["properties"]["options"] = list(text());
        config["properties"]["archived-at"] = maybe(time());
        config["properties"]["archived"] = truth();
        config["properties"]["successor"] = text();
        object(vec![("type", text()), ("key", text()), ("label", maybe(text())), ("config", config)])
    }

    /// Renders the field's definition.
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
