//! Reads a definition's tree and collects all problems of its form.

use std::collections::{BTreeMap, HashMap};
use std::io;

use serde_json::{Map, Value};

use super::{Action, Body, Node, OnError, Parent, Program, Route};
use crate::condition::Condition;
use crate::limits::{DEFINITION_BYTES_MAX, NAME_CHARS_MAX, ROUTE_DEPTH_MAX, STEPS_MAX, TREE_DEPTH_MAX};
use crate::names::{self, nearest_hint};
use crate::problem::{At, Problem, Problems, quote, shown};
use crate::trigger::{On, Trigger};
use crate::value::Input;

mod trigger;

/// The part of a definition that could be read, and all problems of its form.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The part that could be read. It may run only if there are no problems.
    pub program: Program,
    /// The problems, in the order found; empty if the form is valid.
    pub problems: Vec<Problem>,
}

/// Reads as much of a definition as possible.
pub fn parse(tree: &Value) -> Parsed {
    let mut reading = Reading::default();
    let at = At::root();
    let mut program = None;
    if fits(tree, &mut reading.problems)
        && let Some(members) = object(tree, &at, "a definition", &mut reading.problems)
    {
        program = Some(reading.definition(members, &at));
    }
    let program = program.unwrap_or_else(|| Program {
        trigger: no_trigger(),
        nodes: Vec::new(),
        output: BTreeMap::new(),
        by_id: HashMap::new(),
    });
    Parsed { program, problems: reading.problems.into_list() }
}

/// Ids that references already use as words.
const RESERVED_IDS: [&str; 3] = ["trigger", "output", "error"];

/// Kinds of steps that are designed but not implemented.
const LATER_STEPS: [&str; 5] = ["parallel", "wait", "loop", "module", "end"];

/// Settings of steps that are designed but not implemented.
const LATER_SETTINGS: [&str; 2] = ["retry", "timeout"];

const ACTION_MEMBERS: [&str; 6] = ["id", "name", "do", "with", "on_error", "disabled"];
const CHOOSE_MEMBERS: [&str; 5] = ["id", "name", "choose", "on_error", "disabled"];

fn no_trigger() -> Trigger {
    Trigger { on: On::Events(Vec::new()), origin: Vec::new(), criteria: None, allow_reentry: false }
}

#[derive(Default)]
struct Reading {
    problems: Problems,
    nodes: Vec<Node>,
    by_id: HashMap<String, usize>,
}

impl Reading {
    fn definition(&mut self, members: &Map<String, Value>, at: &At<'_>) -> Program {
        only(members, &["trigger", "steps", "output"], at, "a definition", &mut self.problems);
        let trigger = if let Some(written) = members.get("trigger") {
            trigger::read(written, &at.member("trigger"), &mut self.problems)
        } else {
            let message = "the definition has no trigger; add one, such as {on: [inquiry.completed]}";
            self.problems.add(&at.member("trigger"), "missing", message);
            no_trigger()
        };
        match members.get("steps") {
            Some(steps) => _ = self.steps(steps, &at.member("steps"), None, 0),
            None => self.problems.add(
                &at.member("steps"),
                "missing",
                "the definition has no 'steps'; add a list, even empty",
            ),
        }
        if self.nodes.len() > STEPS_MAX {
            let message =
                format!("the definition has {} steps; at most {STEPS_MAX} are allowed: split it", self.nodes.len());
            self.problems.add(&at.member("steps"), "too_many_steps", message);
        }
        let output = self.output(members.get("output"), &at.member("output"));
        Program { trigger, nodes: std::mem::take(&mut self.nodes), output, by_id: std::mem::take(&mut self.by_id) }
    }

    fn output(&mut self, written: Option<&Value>, at: &At<'_>) -> BTreeMap<String, Input> {
        let Some(members) = written.and_then(|written| object(written, at, "the output", &mut self.problems)) else {
            return BTreeMap::new();
        };
        for name in members.keys().filter(|name| !names::is_step_id(name)) {
            let message = format!("{} cannot name an output; use small letters, digits and '_'", quote(name));
            self.problems.add(&at.member(name), "bad_name", message);
        }
        self.inputs(members, at)
    }

    fn inputs(&mut self, members: &Map<String, Value>, at: &At<'_>) -> BTreeMap<String, Input> {
        let read =
            |(name, value): (&String, &Value)| (name.clone(), Input::read(value, &at.member(name), &mut self.problems));
        members.iter().map(read).collect()
    }

    /// Reads a list of steps and returns the index of its first step.
    fn steps(&mut self, written: &Value, at: &At<'_>, parent: Option<Parent>, depth: usize) -> Option<usize> {
        let Some(list) = written.as_array() else {
            self.problems.add(at, "wrong_type", "steps are a list; write them in a list");
            return None;
        };
        if depth > ROUTE_DEPTH_MAX && !list.is_empty() {
            let message = format!("routes nest deeper than {ROUTE_DEPTH_MAX} levels; move the inner routes out");
            self.problems.add(at, "too_deep", message);
            return None;
        }
        let (mut first, mut before): (Option<usize>, Option<usize>) = (None, None);
        for (position, step) in list.iter().enumerate() {
            let Some(index) = self.step(step, &at.item(position), parent, depth) else { continue };
            first = first.or(Some(index));
            if let Some(before) = before.replace(index) {
                self.nodes[before].next = Some(index);
            }
        }
        first
    }

    fn step(&mut self, written: &Value, at: &At<'_>, parent: Option<Parent>, depth: usize) -> Option<usize> {
        let members = object(written, at, "a step", &mut self.problems)?;
        let id = self.id(members.get("id"), at);
        let name = name(members, "name", at, &mut self.problems);
        let on_error = self.on_error(members.get("on_error"), &at.member("on_error"));
        let disabled = flag(members, "disabled", at, &mut self.problems);
        let index = self.nodes.len();
        if !id.is_empty() {
            self.by_id.entry(id.clone()).or_insert(index);
        }
        let body = Body::Choose(Vec::new());
        let (path, pointer) = (at.path(), at.pointer());
        self.nodes.push(Node { id, name, body, on_error, disabled, path, pointer, index, parent, next: None });
        self.nodes[index].body = self.body(members, at, index, depth);
        Some(index)
    }

    fn id(&mut self, written: Option<&Value>, at: &At<'_>) -> String {
        let at = &at.member("id");
        let Some(written) = written else {
            self.problems.add(at, "missing", "the step has no id; give it one, such as create_case");
            return String::new();
        };
        let id = written.as_str().unwrap_or_default();
        if !names::is_step_id(id) {
            let asked = shown(written);
            let message =
                format!("{asked} cannot be a step's id; use small letters, digits and '_', such as create_case");
            self.problems.add(at, "bad_id", message);
        } else if RESERVED_IDS.contains(&id) {
            self.problems.add(
                at,
                "reserved_id",
                format!("'{id}' is reserved for references; give the step another id"),
            );
        } else if let Some(first) = self.by_id.get(id) {
            let message = format!("the id '{id}' is taken by {}; give one of them another id", self.nodes[*first].path);
            self.problems.add(at, "duplicate_id", message);
        }
        id.to_owned()
    }

    fn body(&mut self, members: &Map<String, Value>, at: &At<'_>, index: usize, depth: usize) -> Body {
        if let Some(later) = LATER_STEPS.into_iter().find(|later| members.contains_key(*later)) {
            let message = format!("a '{later}' step is not available yet; remove it, or use an action or a choose");
            self.problems.add(&at.member(later), "not_available", message);
            return unreadable();
        }
        let (does, chooses) = (members.contains_key("do"), members.contains_key("choose"));
        if does && chooses {
            let message = "a step has either 'do' or 'choose'; move 'choose' into a separate step";
            self.problems.add(&at.member("choose"), "ambiguous_step", message);
        } else if !does && !chooses {
            self.problems.add(at, "missing", "the step has neither an action ('do') nor a 'choose'; add one");
        }
        for later in LATER_SETTINGS.into_iter().filter(|later| members.contains_key(*later)) {
            let message = format!("'{later}' is not available yet; remove it");
            self.problems.add(&at.member(later), "not_available", message);
        }
        let known = |own: &[&'static str]| [own, &LATER_SETTINGS[..]].concat();
        match (does, chooses) {
            (false, true) => {
                only(members, &known(&CHOOSE_MEMBERS), at, "a choose", &mut self.problems);
                Body::Choose(self.routes(&members["choose"], &at.member("choose"), index, depth))
            }
            (true, false) => {
                only(members, &known(&ACTION_MEMBERS), at, "an action", &mut self.problems);
                Body::Action(self.action(members, at))
            }
            _ => unreadable(),
        }
    }

    fn action(&mut self, members: &Map<String, Value>, at: &At<'_>) -> Action {
        let step_type = text(members, "do", at, &mut self.problems).unwrap_or_default();
        let with = match members.get("with") {
            Some(written) => {
                let at = at.member("with");
                let members = object(written, &at, "'with'", &mut self.problems);
                members.map(|members| self.inputs(members, &at)).unwrap_or_default()
            }
            None => BTreeMap::new(),
        };
        Action { step_type, with }
    }

    fn on_error(&mut self, written: Option<&Value>, at: &At<'_>) -> OnError {
        match written.map(|written| (written.as_str().unwrap_or_default(), written)) {
            None | Some(("stop", _)) => OnError::Stop,
            Some(("continue", _)) => OnError::Continue,
            Some((_, other)) => {
                let message = format!("'on_error' cannot be {}; choose stop or continue", shown(other));
                self.problems.add(at, "bad_choice", message);
                OnError::Stop
            }
        }
    }

    fn routes(&mut self, written: &Value, at: &At<'_>, node: usize, depth: usize) -> Vec<Route> {
        let Some(list) = written.as_array() else {
            self.problems.add(
                at,
                "wrong_type",
                "'choose' is a list of routes {label, when, steps}; write them in a list",
            );
            return Vec::new();
        };
        if list.is_empty() {
            self.problems.add(at, "empty", "the choose has no routes; add one with 'when', or remove the step");
        }
        let mut routes = Vec::with_capacity(list.len() + 1);
        let mut has_else = false;
        for (position, route) in list.iter().enumerate() {
            let at = at.item(position);
            if has_else {
                let message = "no run reaches this route: an earlier route has no 'when' and takes all remaining \
                               runs; put that one last";
                self.problems.add(&at, "unreachable", message);
            }
            let route = self.route(route, &at, Parent { node, route: position }, depth);
            has_else |= route.when.is_none();
            routes.push(route);
        }
        if !has_else {
            routes.push(Route { label: "Else".to_owned(), when: None, first: None });
        }
        routes
    }

    fn route(&mut self, written: &Value, at: &At<'_>, parent: Parent, depth: usize) -> Route {
        let unreadable = Condition::All(Vec::new());
        let Some(members) = object(written, at, "a route", &mut self.problems) else {
            return Route { label: String::new(), when: Some(unreadable), first: None };
        };
        only(members, &["label", "when", "steps"], at, "a route", &mut self.problems);
        if !members.contains_key("label") {
            self.problems.add(&at.member("label"), "missing", "the route has no label; name it, such as Else");
        }
        let label = name(members, "label", at, &mut self.problems).unwrap_or_default();
        let when = members.get("when").map(|when| Condition::read(when, &at.member("when"), &mut self.problems));
        if !members.contains_key("steps") {
            self.problems.add(&at.member("steps"), "missing", "the route has no 'steps'; add a list, even empty");
        }
        let steps = members.get("steps");
        let first = steps.and_then(|steps| self.steps(steps, &at.member("steps"), Some(parent), depth + 1));
        Route { label, when, first }
    }
}

fn unreadable() -> Body {
    Body::Action(Action { step_type: String::new(), with: BTreeMap::new() })
}

/// Whether the tree is within the bounds that make it safe to walk; measured without recursion.
fn fits(tree: &Value, problems: &mut Problems) -> bool {
    let (mut rest, mut merges) = (vec![(tree, 1)], false);
    while let Some((value, depth)) = rest.pop() {
        if depth > TREE_DEPTH_MAX {
            let message = format!("the definition nests deeper than {TREE_DEPTH_MAX} levels; flatten it");
            problems.add(&At::root(), "too_deep", message);
            return false;
        }
        match value {
            Value::Array(items) => rest.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => {
                merges |= members.contains_key("<<");
                rest.extend(members.values().map(|item| (item, depth + 1)));
            }
            _ => {}
        }
    }
    if merges {
        let message = "a member is named '<<', and merge keys are not supported here; write the members out";
        problems.add(&At::root(), "merge_key", message);
    }
    let mut written = Counted(0);
    let counted = serde_json::to_writer(&mut written, tree);
    if counted.is_ok() && written.0 <= DEFINITION_BYTES_MAX {
        return true;
    }
    let message =
        format!("the definition has {} bytes; at most {DEFINITION_BYTES_MAX} are allowed: split it", written.0);
    problems.add(&At::root(), "too_large", message);
    false
}

/// Counts the bytes written to it.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The members of an object, or a problem.
fn object<'v>(value: &'v Value, at: &At<'_>, what: &str, problems: &mut Problems) -> Option<&'v Map<String, Value>> {
    let members = value.as_object();
    if members.is_none() {
        problems.add(at, "wrong_type", format!("{what} is an object with named members; write it as one"));
    }
    members
}

/// Adds a problem for every unknown member.
fn only(members: &Map<String, Value>, known: &[&str], at: &At<'_>, what: &str, problems: &mut Problems) {
    for name in members.keys().filter(|name| !known.contains(&name.as_str())) {
        let hint = if problems.takes_hints() { nearest_hint(name, known.iter().copied()) } else { String::new() };
        let message = format!("{what} has no member {}{hint}; remove or rename it", quote(name));
        problems.add(&at.member(name), "unknown_member", message);
    }
}

/// A nonempty text, or a problem; `None` if it is absent.
fn text(members: &Map<String, Value>, name: &str, at: &At<'_>, problems: &mut Problems) -> Option<String> {
    let written = members.get(name)?;
    let text = written.as_str().filter(|text| !text.trim().is_empty());
    if text.is_none() {
        problems.add(&at.member(name), "wrong_type", format!("'{name}' is a text that is not empty; write one"));
    }
    text.map(str::to_owned)
}

/// A text displayed on a step.
fn name(members: &Map<String, Value>, name: &str, at: &At<'_>, problems: &mut Problems) -> Option<String> {
    let text = text(members, name, at, problems)?;
    if text.chars().nth(NAME_CHARS_MAX).is_some() {
        let message = format!("'{name}' is longer than {NAME_CHARS_MAX} characters; shorten it");
        problems.add(&at.member(name), "too_long", message);
    }
    Some(text)
}

/// A boolean; false if it is absent.
fn flag(members: &Map<String, Value>, name: &str, at: &At<'_>, problems: &mut Problems) -> bool {
    match members.get(name) {
        None => false,
        Some(Value::Bool(flag)) => *flag,
        Some(_) => {
            problems.add(&at.member(name), "wrong_type", format!("'{name}' is true or false; write one of them"));
            false
        }
    }
}

#[cfg(test)]
mod tests;
