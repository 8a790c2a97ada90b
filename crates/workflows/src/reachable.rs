//! The possible continuations of a reference, one level at a time, each with its kind: the editor offers them.

use docket_events::object_type_of;
use docket_kernel::{EnvironmentId, Halt, UnitOfWork, Verb};
use serde::Serialize;
use serde_json::Value;

use crate::engine::Engine;
use crate::kind::{Attribute, ValueKind};
use crate::lookup::LiveLookup;
use crate::reference::{Reference, TRIGGER, object_of, resolve};
use crate::trigger::OfEvent;

/// A possible continuation of a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reachable {
    /// The text after the dot: `status`, `fields.amount`, `cases.open.first`.
    pub path: String,
    /// The display name, if it is not the last word of the path.
    pub label: Option<String>,
    /// The kind, in one word: see [`Kind::word`].
    pub kind: &'static str,
    /// The type of the object, if references can continue into it.
    pub object_type: Option<String>,
    /// Whether there may be unlisted continuations: an organization or a vendor defines them.
    pub is_open: bool,
}

/// The references from an object to its cases: the path, the display name, and the kind.
fn ways_to_cases() -> [(&'static str, &'static str, ValueKind); 8] {
    let case = || ValueKind::Object("case".to_owned());
    [
        ("cases.open.first", "First open case", case()),
        ("cases.open.last", "Last open case", case()),
        ("cases.open.count", "Number of open cases", ValueKind::Integer),
        ("cases.first", "First case", case()),
        ("cases.last", "Last case", case()),
        ("cases.count", "Number of cases", ValueKind::Integer),
        ("cases.open", "All open cases", ValueKind::cases()),
        ("cases", "All cases", ValueKind::cases()),
    ]
}

/// The possible continuations of `trigger.…` if this event starts a run; `None` if the event does not exist.
pub fn of_event(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    event: &str,
) -> Verb<Option<Vec<Reachable>>> {
    match object_type_of(event) {
        Some(object_type) => of_object(engine, work, environment, object_type).map(Some),
        None => Ok(None),
    }
}

/// The possible continuations of a reference to an object of this type.
pub fn of_object(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    object_type: &str,
) -> Verb<Vec<Reachable>> {
    let mut found = vec![one("id", None, Some(&ValueKind::Text)), one("type", None, Some(&ValueKind::Text))];
    for (name, attribute) in engine.objects.members(object_type).known {
        match attribute {
            Attribute::Known(kind) => {
                found.push(one(name, None, Some(&kind)));
                found.extend(first_of(name, &kind));
            }
            Attribute::Open => found.push(one(name, None, None)),
            Attribute::Unknown => {}
        }
    }
    // For a case, this is the case itself.
    if engine.objects.has_cases(object_type) && object_type != "case" {
        found.extend(ways_to_cases().iter().map(|(path, label, kind)| one(path, Some(label), Some(kind))));
    }
    for (key, kind) in engine.objects.fields(work, environment, object_type)? {
        found.push(one(&format!("fields.{key}"), None, Some(&kind)));
    }
    found.retain(|one| is_written(&one.path));
    Ok(found)
}

/// Whether a path can be written after the trigger as it is.
pub fn is_written(path: &str) -> bool {
    Reference::parse(&format!("{TRIGGER}.{path}")).is_ok()
}

/// The first item of a list of objects, as an object.
fn first_of(name: &str, kind: &ValueKind) -> Option<Reachable> {
    match kind {
        ValueKind::Array(item) if item.object_type().is_some() => {
            let label = format!("First {}", item.object_type()?.replace('-', " "));
            Some(one(&format!("{name}.first"), Some(&label), Some(item)))
        }
        _ => None,
    }
}

fn one(path: &str, label: Option<&str>, kind: Option<&ValueKind>) -> Reachable {
    Reachable {
        path: path.to_owned(),
        label: label.map(str::to_owned),
        kind: kind.map_or("json", ValueKind::word),
        object_type: match kind {
            Some(ValueKind::Object(object_type)) => Some(object_type.clone()),
            _ => None,
        },
        is_open: kind.is_none(),
    }
}

/// The value of a whole reference from an event's object; for a case, its number. Null if there is no value, or if it
/// exceeds the limits of a reference.
pub fn example(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    object: &Value,
    reference: &str,
) -> Verb<Value> {
    let value = reached(engine, work, environment, object, reference)?;
    match object_of(&value) {
        Some(("case", _)) => reached(engine, work, environment, object, &format!("{reference}.name")),
        _ => Ok(value),
    }
}

fn reached(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    object: &Value,
    reference: &str,
) -> Verb<Value> {
    let Ok(reference) = Reference::parse(reference) else { return Ok(Value::Null) };
    let mut live = LiveLookup { engine, work, environment };
    match resolve(&reference, &mut OfEvent { tree: object, lookup: &mut live }) {
        Err(Halt::Refused(_)) => Ok(Value::Null),
        answer => answer,
    }
}
