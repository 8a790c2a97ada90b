//! Reads the trigger of a definition.

use serde_json::{Map, Value};

use super::{flag, name, no_trigger, object, only, text};
use crate::condition::Condition;
use crate::limits::{EVENTS_MAX, ID_CHARS_MAX, ORIGINS_MAX, PARAMETERS_MAX};
use crate::names;
use crate::problem::{At, Problems, quote, shown};
use crate::trigger::{EventOrigin, On, Parameter, ParameterKind, Trigger};

/// Triggers that are designed but not implemented.
const LATER: [&str; 4] = ["schedule", "recurring", "click", "manual"];

/// Members of those triggers; if one is present, the unavailable trigger is reported once, at `on`.
const LATER_MEMBERS: [&str; 3] = ["cron", "timezone", "object"];

const MEMBERS: [&str; 5] = ["on", "origin", "where", "parameters", "allow_reentry"];

const API: &str = "api";

/// Reads the trigger and adds its problems.
pub(super) fn read(written: &Value, at: &At<'_>, problems: &mut Problems) -> Trigger {
    let Some(members) = object(written, at, "a trigger", problems) else { return no_trigger() };
    let names = on(members.get("on"), &at.member("on"), problems);
    let is_later = names.iter().any(|name| LATER.contains(&name.as_str()));
    let known = if is_later { [&MEMBERS[..], &LATER_MEMBERS[..]].concat() } else { MEMBERS.to_vec() };
    only(members, &known, at, "a trigger", problems);
    let criteria = members.get("where").map(|criteria| Condition::read(criteria, &at.member("where"), problems));
    let origin = members.get("origin").map(|list| origin(list, &at.member("origin"), problems));
    let allow_reentry = flag(members, "allow_reentry", at, problems);
    let parameters = members.get("parameters").map(|list| read_parameters(list, &at.member("parameters"), problems));
    if names.iter().any(|name| name == API) {
        if criteria.is_some() {
            let message = "an api trigger has no 'where'; start with a choose step instead";
            problems.add(&at.member("where"), "not_needed", message);
        }
        if parameters.is_none() {
            let message = "an api trigger requires 'parameters'; add the list, empty for none";
            problems.add(&at.member("parameters"), "missing", message);
        }
        if origin.is_some() {
            let message = "an api trigger has no 'origin'; remove it";
            problems.add(&at.member("origin"), "not_needed", message);
        }
        let on = On::Api(parameters.unwrap_or_default());
        return Trigger { on, origin: Vec::new(), criteria: None, allow_reentry };
    }
    if parameters.is_some() && !is_later {
        let message = "events have an object and no parameters; remove 'parameters', or use on: [api]";
        problems.add(&at.member("parameters"), "not_needed", message);
    }
    Trigger { on: On::Events(names), origin: origin.unwrap_or_default(), criteria, allow_reentry }
}

/// Reads the allowed origins of events; invalid entries are left out.
fn origin(written: &Value, at: &At<'_>, problems: &mut Problems) -> Vec<EventOrigin> {
    const FORM: &str = "docket, people, api-keys, workflows, sources, or source: and the name of a source";
    let Some(list) = written.as_array().filter(|list| !list.is_empty()) else {
        problems.add(at, "wrong_type", format!("'origin' is a list of {FORM}; write it as a list, or leave it out"));
        return Vec::new();
    };
    if list.len() > ORIGINS_MAX {
        let message = format!("'origin' lists {} origins; at most {ORIGINS_MAX} are allowed", list.len());
        problems.add(at, "too_many_origins", message);
        return Vec::new();
    }
    let mut origins: Vec<EventOrigin> = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        match entry.as_str().and_then(EventOrigin::parse) {
            None => {
                let message = format!("{} is not an origin; write {FORM}", shown(entry));
                problems.add(&at.item(index), "bad_origin", message);
            }
            Some(origin) if origins.contains(&origin) => {
                let message = format!("'{}' is listed twice; list it once", origin.written());
                problems.add(&at.item(index), "duplicate_origin", message);
            }
            Some(origin) => origins.push(origin),
        }
    }
    origins
}

/// Reads the events that the trigger listens to; invalid entries are left out.
fn on(written: Option<&Value>, at: &At<'_>, problems: &mut Problems) -> Vec<String> {
    let Some(written) = written else {
        problems.add(
            at,
            "missing",
            "the trigger does not define what starts it; add 'on', such as [inquiry.completed] or [api]",
        );
        return Vec::new();
    };
    let Some(list) = written.as_array() else {
        problems.add(at, "wrong_type", "'on' is a list of event names, or [api]; write it as a list");
        return Vec::new();
    };
    if list.is_empty() {
        problems.add(at, "empty", "'on' lists no events; add one, such as inquiry.completed, or api");
    }
    if list.len() > EVENTS_MAX {
        let message = format!("'on' lists {} events; at most {EVENTS_MAX} are allowed: split the workflow", list.len());
        problems.add(at, "too_many_events", message);
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let at = at.item(index);
        let name = entry.as_str().unwrap_or_default();
        if LATER.contains(&name) {
            problems.add(&at, "not_available", format!("a '{name}' trigger is not available yet; use events or api"));
        } else if name != API && !names::is_event_name(name) {
            let asked = shown(entry);
            let message = format!("{asked} is not an event's name; write one such as inquiry.completed, or api");
            problems.add(&at, "bad_event", message);
            continue;
        } else if names.iter().any(|other| other == name) {
            problems.add(&at, "duplicate_event", format!("'{name}' is listed twice; list it once"));
            continue;
        }
        names.push(name.to_owned());
    }
    if names.len() > 1 && names.iter().any(|name| name == API) {
        let message = "api must be the only entry in 'on', since its parameters replace the event's object; put the \
                       events in a separate workflow";
        problems.add(at, "ambiguous_trigger", message);
    }
    names
}

fn read_parameters(written: &Value, at: &At<'_>, problems: &mut Problems) -> Vec<Parameter> {
    let Some(list) = written.as_array() else {
        problems.add(at, "wrong_type", "'parameters' is a list of {name, type}; write it as a list");
        return Vec::new();
    };
    if list.len() > PARAMETERS_MAX {
        let message =
            format!("the trigger has {} parameters; at most {PARAMETERS_MAX} are allowed: use an object", list.len());
        problems.add(at, "too_many_parameters", message);
        return Vec::new();
    }
    let mut parameters: Vec<Parameter> = Vec::new();
    for (index, entry) in list.iter().enumerate() {
        let at = at.item(index);
        let Some(members) = object(entry, &at, "a parameter", problems) else { continue };
        let Some(parameter) = read_parameter(members, &at, problems) else { continue };
        if let Some(other) = parameters.iter().find(|other| names::same(&other.name, &parameter.name)) {
            let message = format!(
                "the parameter {} has the name of '{}', since casing makes no difference; rename one",
                quote(&parameter.name),
                other.name
            );
            problems.add(&at.member("name"), "duplicate_parameter", message);
        }
        parameters.push(parameter);
    }
    parameters
}

fn read_parameter(members: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<Parameter> {
    only(members, &["name", "type", "required", "label", "description"], at, "a parameter", problems);
    let own_name = parameter_name(members, at, problems);
    let kind = parameter_kind(members, at, problems);
    let required = flag(members, "required", at, problems);
    let label = name(members, "label", at, problems);
    let description = text(members, "description", at, problems);
    Some(Parameter { name: own_name?, kind: kind.unwrap_or(ParameterKind::Any), required, label, description })
}

fn parameter_name(members: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<String> {
    let at_name = at.member("name");
    if !members.contains_key("name") {
        problems.add(&at_name, "missing", "the parameter has no name; give it one, such as case_id");
        return None;
    }
    let name = text(members, "name", at, problems)?;
    let plain =
        name.starts_with(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if plain && name.chars().nth(ID_CHARS_MAX).is_none() {
        return Some(name);
    }
    let message = format!(
        "{} cannot name a parameter; begin with a letter and use at most {ID_CHARS_MAX} letters, digits, '_' and '-'",
        quote(&name)
    );
    problems.add(&at_name, "bad_name", message);
    None
}

fn parameter_kind(members: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Option<ParameterKind> {
    let words = ParameterKind::ALL.map(|(word, _)| word).join(", ");
    let at = at.member("type");
    let Some(written) = members.get("type") else {
        problems.add(&at, "missing", format!("the parameter has no type; choose one of {words}"));
        return None;
    };
    let asked = written.as_str().unwrap_or_default();
    let kind = ParameterKind::ALL.iter().find(|(word, _)| *word == asked).map(|(_, kind)| *kind);
    if kind.is_none() {
        let asked = shown(written);
        problems.add(&at, "bad_choice", format!("{asked} is not a parameter's type; choose one of {words}"));
    }
    kind
}
