//! Kinds of values before a run, and the information about steps, events and attributes that a check needs.

use std::fmt;

use serde_json::{Value, json};

use crate::compare::{is_date, is_date_time};
use crate::definition::Action;
use crate::operator::Family;
use crate::reference::object_of;

/// The kind of a value, as far as it is known before a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueKind {
    /// Any value.
    Any,
    /// Text.
    Text,
    /// A number.
    Number,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// A date, `2024-05-01`.
    Date,
    /// A date-time, `2024-05-01T09:30:00Z`.
    DateTime,
    /// A list of values of this kind.
    Array(Box<ValueKind>),
    /// An object of this type (`case`, `inquiry`), or its id; `verification` covers `verification/government-id`.
    Object(String),
    /// An object of any type, or its id.
    AnyObject,
    /// An object whose members an organization defines.
    Members,
    /// Any JSON that an organization defines.
    Json,
}

impl ValueKind {
    /// An object of a type; `*` means any type.
    pub(crate) fn of_type(object_type: &str) -> Self {
        if object_type == "*" { Self::AnyObject } else { Self::Object(object_type.to_owned()) }
    }

    /// A list of cases.
    pub(crate) fn cases() -> Self {
        Self::Array(Box::new(Self::Object("case".to_owned())))
    }

    /// Reduces an object to its type and id where an object is expected: its users read it live.
    pub(crate) fn name_objects(&self, value: &mut Value) {
        match (self, &mut *value) {
            (Self::Array(item), Value::Array(items)) => items.iter_mut().for_each(|value| item.name_objects(value)),
            (Self::Object(_) | Self::AnyObject, Value::Object(members)) if members.len() > 2 => {
                if let Some((kind, id)) = object_of(value) {
                    *value = json!({"type": kind, "id": id});
                }
            }
            _ => {}
        }
    }

    /// Whether a literal is of this kind. Null never is.
    pub fn admits(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Null) => false,
            (Self::Any | Self::Json, _)
            | (Self::Text | Self::Object(_) | Self::AnyObject, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Members, Value::Object(_))
            | (Self::Boolean, Value::Bool(_)) => true,
            (Self::Integer, Value::Number(number)) => docket_kernel::is_whole(number),
            (Self::Date, Value::String(text)) => is_date(text),
            (Self::DateTime, Value::String(text)) => is_date_time(text),
            (Self::Array(item), Value::Array(items)) => items.iter().all(|value| item.admits(value)),
            (Self::Object(name), Value::Object(_)) => object_of(value).is_some_and(|(kind, _)| is_type(name, kind)),
            (Self::AnyObject, Value::Object(_)) => object_of(value).is_some(),
            _ => false,
        }
    }

    /// Whether a value of the given kind can ever be of this kind; `true` if that is not known before a run.
    pub fn may_take(&self, given: &Self) -> bool {
        match (self, given) {
            (Self::Any | Self::Json, _)
            | (_, Self::Any | Self::Json)
            | (Self::Number | Self::Integer, Self::Number | Self::Integer)
            | (Self::AnyObject | Self::Object(_), Self::AnyObject | Self::Text | Self::Members)
            | (Self::AnyObject | Self::Members, Self::Object(_))
            | (Self::Members, Self::AnyObject)
            | (Self::Text, Self::Date | Self::DateTime) => true,
            (Self::Array(wanted), Self::Array(given)) => wanted.may_take(given),
            (Self::Object(wanted), Self::Object(given)) => is_type(wanted, given) || is_type(given, wanted),
            (wanted, given) => wanted == given,
        }
    }

    /// One word for the kind, for programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Text => "text",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "date-time",
            Self::Array(_) => "list",
            Self::Object(_) | Self::AnyObject => "object",
            Self::Members | Self::Json => "json",
        }
    }

    /// The type of the object, or of the objects in the list.
    pub fn object_type(&self) -> Option<&str> {
        match self {
            Self::Object(name) => Some(name),
            Self::Array(item) => item.object_type(),
            _ => None,
        }
    }

    /// The family in which it is compared, or `None` if nothing is known.
    pub const fn family(&self) -> Option<Family> {
        match self {
            Self::Any | Self::Json => None,
            Self::Text => Some(Family::Text),
            Self::Number | Self::Integer => Some(Family::Number),
            Self::Boolean => Some(Family::Boolean),
            Self::Date => Some(Family::Date),
            Self::DateTime => Some(Family::DateTime),
            Self::Array(_) => Some(Family::Array),
            Self::Object(_) | Self::AnyObject | Self::Members => Some(Family::Object),
        }
    }

    /// The kind of a literal.
    pub fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Any,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::String(text) if is_date(text) => Self::Date,
            Value::String(text) if is_date_time(text) => Self::DateTime,
            Value::String(_) => Self::Text,
            Value::Array(items) => {
                let mut kinds = items.iter().map(Self::of);
                let first = kinds.next().unwrap_or(Self::Any);
                Self::Array(Box::new(if kinds.all(|kind| kind == first) { first } else { Self::Any }))
            }
            Value::Object(_) => Self::Members,
        }
    }
}

fn is_type(wanted: &str, given: &str) -> bool {
    wanted == given || given.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('/'))
}

impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any | Self::Json => f.write_str("any value"),
            Self::Text => f.write_str("a text"),
            Self::Number => f.write_str("a number"),
            Self::Integer => f.write_str("a whole number"),
            Self::Boolean => f.write_str("true or false"),
            Self::Date => f.write_str("a date"),
            Self::DateTime => f.write_str("a date-time"),
            Self::Array(item) => write!(f, "a list, each item {item}"),
            Self::Members => f.write_str("an object with named members"),
            Self::Object(name) => write!(f, "an object of type {name} or its id"),
            Self::AnyObject => f.write_str("an object or its id"),
        }
    }
}

/// The environment that a definition is checked against.
pub trait DefinitionContext {
    /// The shape of a step type, `case.update_status`; `None` if the type does not exist.
    fn step(&self, step_type: &str) -> Option<&StepShape>;

    /// The names of all step types.
    fn step_types(&self) -> Vec<&str>;

    /// The type of the object of an event, `inquiry` of `inquiry.completed`; `None` if the event does not exist.
    fn event(&self, name: &str) -> Option<&str>;

    /// The names of all events.
    fn events(&self) -> Vec<&str>;

    /// The attribute at a path in the reference tree of an object type.
    ///
    /// The path is in `snake_case` and has at least one segment. The caller queries it segment by segment, `[fields]`
    /// before `[fields, amount]`, and stops at the first answer other than [`Attribute::Open`]. A related object is
    /// returned as a [`Kind::Object`]; the caller continues with that type and the rest of the path. `id` and `type`
    /// exist for every object and are never queried.
    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute;

    /// A narrower kind of the object that a step creates, if its inputs determine it: `case/ctmpl_…` for a case created
    /// from a literal template.
    fn made(&self, kind: &ValueKind, action: &Action) -> Option<ValueKind> {
        let _ = (kind, action);
        None
    }

    /// A narrower kind of an object of a type with this template, `case/ctmpl_…`.
    fn narrowed(&self, object_type: &str, template: &str) -> Option<ValueKind> {
        let _ = (object_type, template);
        None
    }

    /// The kind of a member of an input with members, `fields`, if the other inputs determine it.
    fn member(&self, action: &Action, input: &str, name: &str) -> Option<ValueKind> {
        let _ = (action, input, name);
        None
    }

    /// An object type in words, for sentences.
    fn described(&self, object_type: &str) -> String {
        object_type.to_owned()
    }
}

/// The result of looking up an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Attribute {
    /// It exists and has this kind.
    Known(ValueKind),
    /// It may exist: an organization defines it.
    Open,
    /// It does not exist.
    Unknown,
}

/// The inputs and output of a step type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepShape {
    /// Its inputs, in the order of its form.
    pub inputs: Vec<InputShape>,
    /// The output for later steps.
    pub output: OutputShape,
}

/// An input of a step type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputShape {
    /// Its name under `with`.
    pub name: String,
    /// The kind of value it takes.
    pub kind: ValueKind,
    /// Whether leaving it out is a problem.
    pub required: bool,
    /// For a list, whether an item may be null.
    pub takes_null_items: bool,
    /// Its help text.
    pub doc: String,
}

/// The output of a step type for later steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputShape {
    /// No output.
    Nothing,
    /// One value; the attributes of an object are then read live.
    Value(ValueKind),
    /// Named values.
    Fields(Vec<(String, ValueKind)>),
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(name: &str) -> ValueKind {
        ValueKind::Object(name.to_owned())
    }

    fn list(of: ValueKind) -> ValueKind {
        ValueKind::Array(Box::new(of))
    }

    #[test]
    fn literals_are_of_a_kind_or_not() {
        for (kind, value, admitted) in [
            (ValueKind::Text, json!("a"), true),
            (ValueKind::Text, json!(1), false),
            (ValueKind::Text, json!(null), false),
            (ValueKind::Any, json!(null), false),
            (ValueKind::Any, json!([1]), true),
            (ValueKind::Number, json!(1.5), true),
            (ValueKind::Integer, json!(1.5), false),
            (ValueKind::Integer, json!(1.0), false),
            (ValueKind::Integer, json!(u64::MAX), true),
            (ValueKind::Boolean, json!("true"), false),
            (ValueKind::Date, json!("2024-02-29"), true),
            (ValueKind::Date, json!("2023-02-29"), false),
            (ValueKind::Date, json!("2024-02-29T00:00:00Z"), false),
            (ValueKind::DateTime, json!("2024-02-29T00:00:00Z"), true),
            (ValueKind::DateTime, json!("2024-02-29T00:00:00"), true),
            (ValueKind::DateTime, json!("2024-02-29"), false),
            (list(ValueKind::Integer), json!([1, 2]), true),
            (list(ValueKind::Integer), json!([1, "2"]), false),
            (list(ValueKind::Integer), json!([]), true),
            (list(ValueKind::Any), json!("a"), false),
            (object("case"), json!("case_1"), true),
            (object("case"), json!({"type": "case", "id": "case_1"}), true),
            (object("verification"), json!({"type": "verification/selfie", "id": "ver_1"}), true),
            (object("case"), json!({"type": "inquiry", "id": "inq_1"}), false),
            (ValueKind::AnyObject, json!({"type": "inquiry", "id": "inq_1"}), true),
            (ValueKind::AnyObject, json!({"name": 1}), false),
            (ValueKind::Json, json!({"name": 1}), true),
            (ValueKind::Members, json!({"name": 1}), true),
            (ValueKind::Members, json!("name"), false),
        ] {
            assert_eq!(kind.admits(&value), admitted, "{kind} {value}");
        }
    }

    #[test]
    fn only_what_can_never_fit_is_refused() {
        for (wanted, given, may) in [
            (ValueKind::Text, ValueKind::Any, true),
            (ValueKind::Json, ValueKind::Boolean, true),
            (ValueKind::Integer, ValueKind::Number, true),
            (ValueKind::Text, ValueKind::Number, false),
            (ValueKind::Date, ValueKind::Text, false),
            (ValueKind::DateTime, ValueKind::Text, false),
            (ValueKind::DateTime, ValueKind::Date, false),
            (ValueKind::Date, ValueKind::Any, true),
            (ValueKind::Text, ValueKind::Date, true),
            (object("case"), ValueKind::Text, true),
            (object("case"), object("inquiry"), false),
            (object("verification"), object("verification/selfie"), true),
            (ValueKind::AnyObject, object("inquiry"), true),
            (ValueKind::Text, object("case"), false),
            (ValueKind::Members, ValueKind::Text, false),
            (ValueKind::Members, object("case"), true),
            (object("case"), ValueKind::Members, true),
            (ValueKind::Array(Box::new(ValueKind::Text)), ValueKind::Text, false),
            (ValueKind::Array(Box::new(ValueKind::AnyObject)), ValueKind::Array(Box::new(object("case"))), true),
        ] {
            assert_eq!(wanted.may_take(&given), may, "{wanted} from {given}");
        }
    }

    #[test]
    fn only_the_type_and_id_of_an_object_are_passed_on() {
        let whole = json!({"type": "case", "id": "case_1", "status": "Open"});
        let named = json!({"type": "case", "id": "case_1"});
        for (kind, value, handed) in [
            (object("case"), whole.clone(), named.clone()),
            (list(ValueKind::AnyObject), json!([whole, "case_2", null]), json!([named, "case_2", null])),
            (ValueKind::Json, whole.clone(), whole.clone()),
            (ValueKind::AnyObject, json!({"a": 1, "b": 2, "c": 3}), json!({"a": 1, "b": 2, "c": 3})),
        ] {
            let mut given = value;
            kind.name_objects(&mut given);
            assert_eq!(given, handed, "{kind}");
        }
    }
}
