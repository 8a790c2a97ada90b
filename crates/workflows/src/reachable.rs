//! What a reference can go on with, one level at a time, each with what it is: for editors, which offer it.

use docket_events::object_type_of;
use docket_kernel::{EnvironmentId, UnitOfWork, Verb};
use serde::Serialize;

use crate::engine::Engine;
use crate::kind::{Attribute, Kind};

/// One thing a reference can go on with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reachable {
    /// What is written after the dot: `status`, `fields.amount`.
    pub path: String,
    /// What it is, in one word: see [`Kind::word`].
    pub kind: &'static str,
    /// The type of the object, or of the objects in the list, whose own references follow.
    pub object_type: Option<String>,
    /// Whether more may follow than is known: what an organization or a vendor defines.
    pub is_open: bool,
}

/// What `trigger.…` can go on with when this event starts a run; `None` where there is no such event.
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

/// What a reference to an object of this type can go on with.
pub fn of_object(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    object_type: &str,
) -> Verb<Vec<Reachable>> {
    let mut found = vec![one("id", Some(&Kind::Text)), one("type", Some(&Kind::Text))];
    for (name, attribute) in engine.objects.members(object_type).known {
        match attribute {
            Attribute::Known(kind) => found.push(one(name, Some(&kind))),
            Attribute::Open => found.push(one(name, None)),
            Attribute::Unknown => {}
        }
    }
    for (key, kind) in engine.objects.fields(work, environment, object_type)? {
        found.push(one(&format!("fields.{key}"), Some(&kind)));
    }
    Ok(found)
}

fn one(path: &str, kind: Option<&Kind>) -> Reachable {
    Reachable {
        path: path.to_owned(),
        kind: kind.map_or("json", Kind::word),
        object_type: kind.and_then(Kind::object_type).map(str::to_owned),
        is_open: kind.is_none(),
    }
}
