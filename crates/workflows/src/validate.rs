//! The check of a whole definition against its environment.

use std::collections::BTreeMap;

use docket_kernel::is_blank;
use serde_json::{Value, json};

use crate::definition::{Action, Body, Node, Parsed, Position, Program, parse};
use crate::kind::{DefinitionContext, InputShape, StepShape, ValueKind};
use crate::names::{listed, nearest_hint};
use crate::problem::{At, Problem, Problems, quote, shown};
use crate::template::Template;
use crate::trigger::On;
use crate::value::Input;

mod compared;
mod scope;
mod statuses;

use scope::Scope;
pub use statuses::StatusOfCase;
pub(crate) use statuses::{is_of_case, statuses_compared};

/// Reads and checks a definition, and lists all problems at once: those of its form and those of its references.
///
/// Problems that follow from an unreadable part are not listed again. The program may run only if there are no
/// problems.
pub fn check(tree: &Value, known: &dyn DefinitionContext) -> Parsed {
    let Parsed { program, problems: mut list } = parse(tree);
    let form = list.len();
    for problem in validate(&program, known) {
        if !list[..form].iter().any(|of_form| explains(of_form, &problem)) {
            list.push(problem);
        }
    }
    Parsed { program, problems: list }
}

/// Whether a problem follows from an unreadable part.
fn explains(of_form: &Problem, problem: &Problem) -> bool {
    let within = |inner: &str, outer: &str| {
        inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    within(&problem.pointer, &of_form.pointer)
        || (matches!(problem.code, "missing_input" | "wrong_kind") && within(&of_form.pointer, &problem.pointer))
}

/// Lists everything a program requires that does not exist or cannot fit.
///
/// The codes: `unknown_event`, `unknown_step_type`, `missing_input`, `unknown_input`, `wrong_kind`, `unknown_reference`,
/// `later_step`, `no_output`, `cannot_compare`.
pub fn validate(program: &Program, known: &dyn DefinitionContext) -> Vec<Problem> {
    let mut check = Check { program, known, problems: Problems::default() };
    check.trigger();
    for node in program.steps() {
        check.step(node);
    }
    let root = At::root();
    let output = root.member("output");
    for (name, input) in program.output() {
        check.input(input, &ValueKind::Any, &output.member(name), Position::Output);
    }
    check.problems.into_list()
}

struct Check<'p> {
    program: &'p Program,
    known: &'p dyn DefinitionContext,
    problems: Problems,
}

impl<'p> Check<'p> {
    fn scope(&self, place: Position) -> Scope<'p> {
        Scope { program: self.program, known: self.known, place, hints: self.problems.takes_hints() }
    }

    fn trigger(&mut self) {
        let root = At::root();
        let at = root.member("trigger");
        let trigger = self.program.trigger();
        if let On::Events(names) = &trigger.on {
            let on = at.member("on");
            for (index, name) in names.iter().enumerate().filter(|(_, name)| self.known.event(name).is_none()) {
                let hint = self.hint(name, self.known.events());
                let message = format!("there is no event '{name}'{hint}; choose one of the listed events");
                self.problems.add(&on.item(index), "unknown_event", message);
            }
        }
        if let Some(criteria) = &trigger.criteria {
            self.condition(criteria, &at.member("where"), Position::Trigger);
        }
    }

    fn step(&mut self, node: &Node) {
        let at = At::base(&node.path, &node.pointer);
        let place = Position::Step(node.index());
        match &node.body {
            Body::Action(action) => self.action(action, &at, place),
            Body::Choose(routes) => {
                let choose = at.member("choose");
                for (index, route) in routes.iter().enumerate() {
                    if let Some(when) = &route.when {
                        let place = Position::Route(node.index(), index);
                        self.condition(when, &choose.item(index).member("when"), place);
                    }
                }
            }
        }
    }

    fn action(&mut self, action: &Action, at: &At<'_>, place: Position) {
        let with = at.member("with");
        let known = self.known;
        let Some(shape) = known.step(&action.step_type) else {
            if !action.step_type.is_empty() {
                let hint = self.hint(&action.step_type, known.step_types());
                let asked = quote(&action.step_type);
                let message = format!("there is no step type {asked}{hint}; choose one from the catalogue");
                self.problems.add(&at.member("do"), "unknown_step_type", message);
            }
            for (name, input) in &action.with {
                self.input(input, &ValueKind::Any, &with.member(name), place);
            }
            return;
        };
        self.missing_inputs(shape, action, &with);
        for (name, input) in &action.with {
            let at = with.member(name);
            match shape.inputs.iter().find(|input| input.name == *name) {
                Some(wanted) => self.wanted_input(wanted, action, input, &at, place),
                None => self.unknown_input(shape, action, name, &at),
            }
        }
    }

    fn hint(&self, asked: &str, known: Vec<&str>) -> String {
        if self.problems.takes_hints() { nearest_hint(asked, known) } else { String::new() }
    }

    fn missing_inputs(&mut self, shape: &StepShape, action: &Action, with: &At<'_>) {
        for input in shape.inputs.iter().filter(|input| input.required && !action.with.contains_key(&input.name)) {
            let message = format!("{} needs '{}', {}; add it", action.step_type, input.name, input.kind);
            self.problems.add(&with.member(&input.name), "missing_input", message);
        }
    }

    fn unknown_input(&mut self, shape: &StepShape, action: &Action, name: &str, at: &At<'_>) {
        let takes = listed(shape.inputs.iter().map(|input| input.name.as_str()));
        let message =
            format!("{} has no input {}; it takes {takes}: remove or rename it", action.step_type, quote(name));
        self.problems.add(at, "unknown_input", message);
    }

    fn wanted_input(&mut self, wanted: &InputShape, action: &Action, input: &Input, at: &At<'_>, place: Position) {
        match input {
            Input::Literal(Value::Null) if wanted.required => {
                let message = format!("'{}' is required and is null; give {}", wanted.name, wanted.kind);
                self.problems.add(at, "missing_input", message);
            }
            Input::Literal(Value::Null) => {}
            Input::Literal(Value::String(text)) if wanted.required && is_blank(text) => {
                let message = format!("'{}' is required and is blank; give {}", wanted.name, wanted.kind);
                self.problems.add(at, "missing_input", message);
            }
            _ if wanted.required && input.constant().is_some_and(|value| value == json!([])) => {
                let message = format!("'{}' is required and is an empty list; give {}", wanted.name, wanted.kind);
                self.problems.add(at, "missing_input", message);
            }
            Input::Object(members) if wanted.kind == ValueKind::Members => {
                for (name, input) in members {
                    self.member(action, &wanted.name, name, input, &at.member(name), place);
                }
            }
            input => self.input(input, &wanted.kind, at, place),
        }
    }

    /// Checks a member of an input with members. A literal member is checked by the step type.
    fn member(&mut self, action: &Action, input: &str, name: &str, given: &Input, at: &At<'_>, place: Position) {
        let wanted = if given.constant().is_none() { self.known.member(action, input, name) } else { None };
        self.input(given, &wanted.unwrap_or(ValueKind::Any), at, place);
    }

    /// Checks an input's references, and whether it can be of the expected kind.
    fn input(&mut self, input: &Input, wanted: &ValueKind, at: &At<'_>, place: Position) {
        if self.problems.is_full() {
            return;
        }
        match input {
            Input::Literal(value) => {
                if !matches!(wanted, ValueKind::Any | ValueKind::Json) && !wanted.admits(value) {
                    let message = format!("{wanted} is expected here, and {} is not; change it", shown(value));
                    self.problems.add(at, "wrong_kind", message);
                }
            }
            Input::Ref(reference) => {
                let at_ref = at.member("ref");
                let kinds = self.scope(place).kinds(reference);
                self.fits(kinds, wanted, &reference.to_string(), &at_ref);
            }
            Input::Template(template) => self.template(template, wanted, at, place),
            Input::Array(items) => self.array(items, wanted, at, place),
            Input::Object(members) => self.object(members, wanted, at, place),
        }
    }

    fn fits(&mut self, kinds: Result<Vec<ValueKind>, Problem>, wanted: &ValueKind, written: &str, at: &At<'_>) {
        match kinds {
            Err(problem) => self.problems.add(at, problem.code, problem.message),
            Ok(kinds) if !kinds.iter().any(|given| wanted.may_take(given)) => {
                let given = kinds.first().unwrap_or(&ValueKind::Any);
                let message = format!("{wanted} is expected here, and {written} is {given}; refer to something else");
                self.problems.add(at, "wrong_kind", message);
            }
            Ok(_) => {}
        }
    }

    fn template(&mut self, template: &Template, wanted: &ValueKind, at: &At<'_>, place: Position) {
        if let Some(lone) = template.lone() {
            let kinds = self.scope(place).kinds(lone);
            return self.fits(kinds, wanted, &lone.to_string(), at);
        }
        for reference in template.references() {
            if let Err(problem) = self.scope(place).kinds(reference) {
                self.problems.add(at, problem.code, problem.message);
            }
        }
        // A text with references may result in a date.
        if !wanted.may_take(&ValueKind::Text) && !matches!(wanted, ValueKind::Date | ValueKind::DateTime) {
            let message = format!("{wanted} is expected here, and this is text; write a single reference or a value");
            self.problems.add(at, "wrong_kind", message);
        }
    }

    fn array(&mut self, items: &[Input], wanted: &ValueKind, at: &At<'_>, place: Position) {
        let item_kind = match wanted {
            ValueKind::Array(item) => item,
            ValueKind::Any | ValueKind::Json => &ValueKind::Any,
            _ => {
                self.problems.add(
                    at,
                    "wrong_kind",
                    format!("{wanted} is expected here, and this is a list; write one value"),
                );
                &ValueKind::Any
            }
        };
        for (index, item) in items.iter().enumerate() {
            self.input(item, item_kind, &at.item(index), place);
        }
    }

    fn object(&mut self, members: &BTreeMap<String, Input>, wanted: &ValueKind, at: &At<'_>, place: Position) {
        let of_type = members.get("type").filter(|_| members.contains_key("id"));
        let fits = match wanted {
            ValueKind::Any | ValueKind::Json | ValueKind::Members => true,
            ValueKind::Object(_) | ValueKind::AnyObject => of_type.is_some_and(|named| match named.constant() {
                Some(Value::String(named)) => wanted.may_take(&ValueKind::Object(named)),
                named => named.is_none(),
            }),
            _ => false,
        };
        let member = match wanted {
            ValueKind::Object(_) | ValueKind::AnyObject => ValueKind::Text,
            _ => ValueKind::Any,
        };
        if !fits {
            self.problems.add(
                at,
                "wrong_kind",
                format!("{wanted} is expected here, and this is an object of inputs; change it"),
            );
        }
        for (name, input) in members {
            let is_name = matches!(name.as_str(), "type" | "id");
            self.input(input, if is_name { &member } else { &ValueKind::Any }, &at.member(name), place);
        }
    }
}

#[cfg(test)]
mod tests;
