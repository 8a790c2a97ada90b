//! The values that references can reach from a place in a definition, and their kinds.

use crate::definition::{Body, Node, Position, Program};
use crate::kind::{Attribute, DefinitionContext, OutputShape, ValueKind};
use crate::names::{listed, nearest_hint, same, snake};
use crate::problem::{At, Problem, quote};
use crate::reference::{CASES, COUNT, ERROR, OPEN, Reference, TRIGGER, is_item};
use crate::trigger::{On, Parameter};
use crate::value::Input;

/// Members of a step's error.
const ERROR_MEMBERS: [&str; 3] = ["code", "title", "details"];

/// The references available at a place.
#[derive(Clone, Copy)]
pub(super) struct Scope<'p> {
    pub(super) program: &'p Program,
    pub(super) known: &'p dyn DefinitionContext,
    pub(super) place: Position,
    pub(super) hints: bool,
}

/// The possible kinds of a reference, or why it has no value. The problem has no path yet.
type Kinds = Result<Vec<ValueKind>, Problem>;

fn problem<T>(code: &'static str, message: String) -> Result<T, Problem> {
    Err(At::root().problem(code, message))
}

impl Scope<'_> {
    /// The possible kinds of a reference; never empty.
    pub(super) fn kinds(&self, reference: &Reference) -> Kinds {
        if reference.root() == TRIGGER {
            return self.of_trigger(reference);
        }
        match self.program.get(reference.root()) {
            Some(node) => self.of_step(node, reference),
            None => self.unknown_root(reference),
        }
    }

    fn unknown_root(&self, reference: &Reference) -> Kinds {
        let roots = std::iter::once(TRIGGER).chain(self.program.steps().iter().map(|node| node.id.as_str()));
        let hint = if self.hints { nearest_hint(reference.root(), roots) } else { String::new() };
        let message = format!(
            "{} starts with neither 'trigger' nor the id of a step{hint}; correct its first word",
            quote(&reference.to_string())
        );
        problem("unknown_reference", message)
    }

    fn of_step(&self, node: &Node, reference: &Reference) -> Kinds {
        let is_before = match self.place {
            Position::Trigger => false,
            Position::Step(index) | Position::Route(index, _) => node.index() < index,
            Position::Output => true,
        };
        if !is_before {
            let message = match self.place {
                Position::Trigger => {
                    format!("'{}' has not run when the trigger is evaluated; refer to the trigger", node.id)
                }
                _ => format!(
                    "'{}' has not run yet at this step; move it before this one, or refer to another step",
                    node.id
                ),
            };
            return problem("later_step", message);
        }
        if let [first, rest @ ..] = reference.segments()
            && first == ERROR
        {
            return of_error(rest, reference);
        }
        let Body::Action(action) = &node.body else {
            return problem(
                "no_output",
                format!("'{}' is a choose step and has no output; refer to a step in its routes", node.id),
            );
        };
        let Some(shape) = self.known.step(&action.step_type) else { return Ok(vec![ValueKind::Any]) };
        match (&shape.output, reference.segments()) {
            (OutputShape::Nothing, _) => problem(
                "no_output",
                format!("'{}' ({}) has no output; refer to another step", node.id, action.step_type),
            ),
            (OutputShape::Value(kind), segments) => {
                let kind = self.known.made(kind, action).unwrap_or_else(|| kind.clone());
                self.within(&kind, segments, reference)
            }
            (OutputShape::Fields(_), []) => Ok(vec![ValueKind::Members]),
            (OutputShape::Fields(fields), [first, rest @ ..]) => {
                match fields.iter().find(|(name, _)| same(name, first)) {
                    Some((name, kind)) => {
                        let kind = self.handed_on(node, name, kind).unwrap_or_else(|| kind.clone());
                        self.within(&kind, rest, reference)
                    }
                    None => unknown_member(reference, first, fields.iter().map(|(name, _)| name.as_str())),
                }
            }
        }
    }

    /// The kind of an output that is the same object as the input with the same name: it is as narrow as the kind of
    /// the input.
    fn handed_on(&self, node: &Node, name: &str, kind: &ValueKind) -> Option<ValueKind> {
        let ValueKind::Object(_) = kind else { return None };
        let given = node.action()?.with.get(name).and_then(Input::lone)?;
        // Only steps before this one are available to its inputs, so the recursion ends.
        let before = Scope { place: Position::Step(node.index()), ..*self };
        match before.kinds(given).ok()?.as_slice() {
            [given @ ValueKind::Object(_)] if kind.may_take(given) => Some(given.clone()),
            _ => None,
        }
    }

    fn of_trigger(&self, reference: &Reference) -> Kinds {
        match &self.program.trigger().on {
            On::Api(parameters) => self.of_parameters(parameters, reference),
            On::Events(names) => self.of_events(names, reference),
        }
    }

    fn of_parameters(&self, parameters: &[Parameter], reference: &Reference) -> Kinds {
        match reference.segments() {
            [] => Ok(vec![ValueKind::Members]),
            [fields] if same(fields, "fields") => Ok(vec![ValueKind::Members]),
            [fields, name, rest @ ..] if same(fields, "fields") => {
                match parameters.iter().find(|parameter| same(&parameter.name, name)) {
                    Some(parameter) => self.within(&parameter.kind.kind(), rest, reference),
                    None => unknown_member(reference, name, parameters.iter().map(|parameter| parameter.name.as_str())),
                }
            }
            [first, ..] => unknown_member(reference, first, ["fields"]),
        }
    }

    /// The possible kinds for each event's object; a problem only if all of them have one.
    fn of_events(&self, names: &[String], reference: &Reference) -> Kinds {
        let types: Vec<&str> = names.iter().filter_map(|name| self.known.event(name)).collect();
        let mut kinds = Vec::new();
        let mut first_problem = None;
        for object_type in types {
            match self.within(&ValueKind::Object(object_type.to_owned()), reference.segments(), reference) {
                Ok(found) => kinds.extend(found),
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        match first_problem {
            Some(problem) if kinds.is_empty() => Err(problem),
            None if kinds.is_empty() => Ok(vec![ValueKind::Any]),
            _ => Ok(kinds),
        }
    }

    /// The kind that the rest of a path reaches within a value of a kind.
    fn within(&self, kind: &ValueKind, rest: &[String], reference: &Reference) -> Kinds {
        let (mut kind, mut rest) = (self.narrowed(kind.clone(), rest, reference), rest);
        while let [first, after @ ..] = rest {
            (kind, rest) = match kind {
                ValueKind::Array(item) if is_item(first) => (*item, after),
                ValueKind::Array(_) if same(first, COUNT) => (ValueKind::Integer, after),
                // A field defined by an organization or a vendor may contain an object's id.
                ValueKind::Text if same(first, CASES) && is_defined(reference) => {
                    (ValueKind::cases(), past_open(after))
                }
                ValueKind::Object(_) | ValueKind::AnyObject if first == "id" || first == "type" => {
                    (ValueKind::Text, after)
                }
                ValueKind::Any | ValueKind::Json | ValueKind::Members | ValueKind::AnyObject => {
                    return Ok(vec![ValueKind::Any]);
                }
                ValueKind::Object(object_type) => match self.attribute(&object_type, rest) {
                    (Attribute::Known(kind), used) if same(&rest[used - 1], CASES) => (kind, past_open(&rest[used..])),
                    (Attribute::Known(kind), used) => (kind, &rest[used..]),
                    (Attribute::Open, _) => return Ok(vec![ValueKind::Any]),
                    (Attribute::Unknown, used) => {
                        return unknown_attribute(reference, &self.known.described(&object_type), &rest[used - 1]);
                    }
                },
                other => return nothing_within(reference, &other, first),
            };
            kind = self.narrowed(kind, rest, reference);
        }
        Ok(vec![kind])
    }

    /// The kind of a reference before the rest of its path, narrowed if the conditions above the place determine the
    /// template of the object.
    fn narrowed(&self, kind: ValueKind, rest: &[String], reference: &Reference) -> ValueKind {
        let ValueKind::Object(object_type) = &kind else { return kind };
        let used = reference.segments().len() - rest.len();
        let template = self.program.template_at(self.place, &reference.up_to(used));
        template.and_then(|template| self.known.narrowed(object_type, template)).unwrap_or(kind)
    }

    /// Looks up an attribute segment by segment until the result is definite; also returns the number of segments used.
    fn attribute(&self, object_type: &str, path: &[String]) -> (Attribute, usize) {
        let path: Vec<String> = path.iter().map(|segment| snake(segment)).collect();
        for used in 1..=path.len() {
            match self.known.attribute(object_type, &path[..used]) {
                Attribute::Open => {}
                firm => return (firm, used),
            }
        }
        (Attribute::Open, path.len())
    }
}

/// The segments after a list of cases, or after its open cases.
fn past_open(after: &[String]) -> &[String] {
    match after {
        [open, rest @ ..] if same(open, OPEN) => rest,
        after => after,
    }
}

/// Whether a reference goes through fields, which an organization or a vendor defines.
fn is_defined(reference: &Reference) -> bool {
    reference.segments().iter().any(|segment| same(segment, "fields"))
}

fn of_error(rest: &[String], reference: &Reference) -> Kinds {
    match rest {
        [] => Ok(vec![ValueKind::Members]),
        [member] if ERROR_MEMBERS.contains(&member.as_str()) => Ok(vec![ValueKind::Text]),
        [member, ..] => unknown_member(reference, member, ERROR_MEMBERS),
    }
}

fn unknown_member<'a>(reference: &Reference, asked: &str, known: impl IntoIterator<Item = &'a str>) -> Kinds {
    let (whole, asked, there) = (quote(&reference.to_string()), quote(asked), listed(known));
    let message = format!("{whole} has no value: {asked} does not exist, only {there}; refer to one of them");
    problem("unknown_reference", message)
}

fn unknown_attribute(reference: &Reference, what: &str, asked: &str) -> Kinds {
    let (whole, asked) = (quote(&reference.to_string()), quote(asked));
    let message = format!("{whole} has no value: {what} has no attribute {asked}; refer to one it has");
    problem("unknown_reference", message)
}

fn nothing_within(reference: &Reference, kind: &ValueKind, asked: &str) -> Kinds {
    let (whole, asked) = (quote(&reference.to_string()), quote(asked));
    let message = match kind {
        ValueKind::Array(_) => {
            format!(
                "{whole} has no value: a list has no {asked}; use an item's index, such as 0, or first, last or count"
            )
        }
        kind => format!("{whole} has no value: the part before {asked} is {kind}; shorten the reference"),
    };
    problem("unknown_reference", message)
}
