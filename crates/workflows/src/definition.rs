//! The definition of a workflow as a program that a run's cursor walks through.
//!
//! A definition is a tree of steps; a `Program` stores the same steps in document order with links from each step to
//! the next. A run's cursor is the id of its current step, so it survives a restart and a change of this code.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use crate::condition::{Condition, Row};
use crate::problem::{At, Problem};
use crate::reference::Reference;
use crate::trigger::Trigger;
use crate::value::Input;

mod narrowed;
mod parse;
mod write;

pub(crate) use narrowed::template_named;
pub use parse::{Parsed, parse};

/// A definition that is ready to be checked, run and written.
#[derive(Debug, Clone)]
pub struct Program {
    trigger: Trigger,
    nodes: Vec<Node>,
    output: BTreeMap<String, Input>,
    by_id: HashMap<String, usize>,
}

/// A step in its place.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its id, used by references and by a run's cursor.
    pub id: String,
    /// The name that its author gave it.
    pub name: Option<String>,
    /// Its action or routes.
    pub body: Body,
    /// The effect of its failure on the run.
    pub on_error: OnError,
    /// Whether runs skip it and all of its routes.
    pub disabled: bool,
    /// Its path in the definition, for people: `steps[2].choose[0].steps[1]`.
    pub path: String,
    /// Its JSON pointer, for programs: `/steps/2/choose/0/steps/1`.
    pub pointer: String,
    index: usize,
    parent: Option<Parent>,
    next: Option<usize>,
}

/// The route that contains a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parent {
    node: usize,
    route: usize,
}

/// A place in a definition that can contain references.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Position {
    /// The trigger's `where`: no step has run.
    Trigger,
    /// The step with this index in document order.
    Step(usize),
    /// The condition of a route of such a step.
    Route(usize, usize),
    /// The output: every step may have run.
    Output,
}

/// The action or routes of a step.
#[derive(Debug, Clone)]
pub enum Body {
    /// Runs a step type of the catalog.
    Action(Action),
    /// Runs the first route whose condition holds (the Conditional).
    Choose(Vec<Route>),
}

/// A step of the catalog with its inputs.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// The step type (`do`): `case.update_status`.
    pub step_type: String,
    /// Its inputs (`with`).
    pub with: BTreeMap<String, Input>,
}

/// The effect of a step's failure on the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// The run stops.
    #[default]
    Stop,
    /// The run continues; the step's output is null, and its error can be referred to.
    Continue,
}

/// A route of a `choose`.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its label.
    pub label: String,
    /// When it is taken. The Else route, which always exists and is always last, has no condition.
    pub when: Option<Condition>,
    first: Option<usize>,
}

/// An action as passed to visitors: for checks of the inputs of a step type.
#[derive(Debug, Clone, Copy)]
pub struct ActionAt<'p> {
    /// The step's id.
    pub id: &'p str,
    /// The step type: `case.update_status`.
    pub step_type: &'p str,
    /// The path of the step, for people: `steps[2]`.
    pub path: &'p str,
    /// The JSON pointer of the step, for programs: `/steps/2`.
    pub pointer: &'p str,
    /// Its inputs.
    pub with: &'p BTreeMap<String, Input>,
}

impl Program {
    /// Reads a definition, or returns all problems of its form.
    ///
    /// References to things outside it (step types, attributes, events) are checked by [`crate::validate::check`].
    pub fn from_json(tree: &Value) -> Result<Self, Vec<Problem>> {
        let Parsed { program, problems } = parse(tree);
        if problems.is_empty() { Ok(program) } else { Err(problems) }
    }

    /// The trigger, which starts runs.
    pub const fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// The output of a run when it ends, by name.
    pub const fn output(&self) -> &BTreeMap<String, Input> {
        &self.output
    }

    /// Every step of every route, in document order.
    pub fn steps(&self) -> &[Node] {
        &self.nodes
    }

    /// The step with this id.
    pub fn get(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id).map(|index| &self.nodes[*index])
    }

    /// The first step of a run; `None` if there are no steps.
    pub fn first(&self) -> Option<&Node> {
        self.nodes.first()
    }

    /// The step that follows a step: the next one of its route, otherwise the one after the `choose` that contains the
    /// route, and so on outwards; `None` at the end.
    pub fn next_after(&self, node: &Node) -> Option<&Node> {
        let mut node = node;
        loop {
            if let Some(next) = node.next {
                return Some(&self.nodes[next]);
            }
            node = &self.nodes[node.parent?.node];
        }
    }

    /// The step that follows when a run takes a route of a `choose`: the route's first step, or for an empty route (or
    /// an index that does not exist) the step after the `choose`.
    pub fn enter(&self, choose: &Node, route: usize) -> Option<&Node> {
        let first = choose.routes().get(route).and_then(|route| route.first);
        first.map_or_else(|| self.next_after(choose), |first| Some(&self.nodes[first]))
    }

    /// The steps that a run did not reach, in document order.
    pub fn unreached(&self, was_reached: impl Fn(&str) -> bool) -> Vec<&Node> {
        self.nodes.iter().filter(|node| !was_reached(&node.id)).collect()
    }

    /// Every action with its inputs, in document order.
    pub fn actions(&self) -> impl Iterator<Item = ActionAt<'_>> {
        self.nodes.iter().filter_map(|node| {
            let action = node.action()?;
            Some(ActionAt {
                id: &node.id,
                step_type: &action.step_type,
                path: &node.path,
                pointer: &node.pointer,
                with: &action.with,
            })
        })
    }

    /// Visits every row of every condition with its path: the trigger's, then those of the routes in document order.
    pub(crate) fn visit_rows(&self, show: &mut dyn FnMut(&Row, &At<'_>, Position)) {
        if let Some(criteria) = &self.trigger.criteria {
            criteria
                .visit(&At::root().member("trigger").member("where"), &mut |row, at| show(row, at, Position::Trigger));
        }
        for node in &self.nodes {
            let at = At::base(&node.path, &node.pointer);
            let choose = at.member("choose");
            for (index, route) in node.routes().iter().enumerate() {
                if let Some(when) = &route.when {
                    let place = Position::Route(node.index(), index);
                    when.visit(&choose.item(index).member("when"), &mut |row, at| show(row, at, place));
                }
            }
        }
    }

    /// Visits every reference: those of conditions, of inputs and of the output.
    pub(crate) fn visit_references(&self, show: &mut dyn FnMut(&Reference)) {
        self.visit_rows(&mut |row, _, _| {
            show(&row.field);
            row.value.iter().flat_map(Input::references).for_each(&mut *show);
        });
        let inputs = self.nodes.iter().filter_map(Node::action).flat_map(|action| action.with.values());
        inputs.chain(self.output.values()).flat_map(Input::references).for_each(show);
    }

    /// The steps of one list: the top list, or that of a route.
    fn list(&self, first: Option<usize>) -> impl Iterator<Item = &Node> {
        std::iter::successors(first.map(|index| &self.nodes[index]), |node| node.next.map(|next| &self.nodes[next]))
    }
}

impl Node {
    /// Its title on the run page: its name, or its id.
    pub fn title(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.id)
    }

    /// Its index in document order, from 0.
    pub const fn index(&self) -> usize {
        self.index
    }

    /// The step type of its action, or `None` for a `choose`.
    pub fn step_type(&self) -> Option<&str> {
        self.action().map(|action| action.step_type.as_str())
    }

    /// Its action, or `None` for a `choose`.
    pub const fn action(&self) -> Option<&Action> {
        match &self.body {
            Body::Action(action) => Some(action),
            Body::Choose(_) => None,
        }
    }

    /// Its routes; none for an action.
    pub fn routes(&self) -> &[Route] {
        match &self.body {
            Body::Action(_) => &[],
            Body::Choose(routes) => routes,
        }
    }
}

impl ActionAt<'_> {
    /// A problem with one of its inputs, at the input's own path, or at a member of the input: `["fields", "amount"]`.
    pub fn problem(&self, input: &[&str], code: &'static str, message: impl Into<String>) -> Problem {
        fn within(at: &At<'_>, rest: &[&str], code: &'static str, message: String) -> Problem {
            match rest {
                [] => at.problem(code, message),
                [first, rest @ ..] => within(&at.member(first), rest, code, message),
            }
        }
        within(&At::base(self.path, self.pointer).member("with"), input, code, message.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn action(id: &str) -> Value {
        json!({"id": id, "do": "object.tag", "with": {}})
    }

    /// a, m (yes: b, n (deep: c), d | no: | Else: e), f
    fn program() -> Program {
        let when = json!({"field": "trigger.x", "is": "is_true"});
        Program::from_json(&json!({
            "trigger": {"on": ["inquiry.completed"]},
            "steps": [
                action("a"),
                {"id": "m", "name": "Match", "choose": [
                    {"label": "yes", "when": when, "steps": [
                        action("b"),
                        {"id": "n", "choose": [{"label": "deep", "when": when, "steps": [action("c")]}]},
                        action("d")
                    ]},
                    {"label": "no", "when": when, "steps": []},
                    {"label": "Else", "steps": [action("e")]}
                ]},
                action("f")
            ]
        }))
        .expect("a program")
    }

    fn id(node: Option<&Node>) -> Option<&str> {
        node.map(|node| node.id.as_str())
    }

    #[test]
    fn steps_are_in_document_order_with_their_paths() {
        let program = program();

        let order: Vec<_> = program.steps().iter().map(|node| (node.id.as_str(), node.path.as_str())).collect();
        assert_eq!(
            order,
            [
                ("a", "steps[0]"),
                ("m", "steps[1]"),
                ("b", "steps[1].choose[0].steps[0]"),
                ("n", "steps[1].choose[0].steps[1]"),
                ("c", "steps[1].choose[0].steps[1].choose[0].steps[0]"),
                ("d", "steps[1].choose[0].steps[2]"),
                ("e", "steps[1].choose[2].steps[0]"),
                ("f", "steps[2]"),
            ]
        );
        assert_eq!(program.get("m").map(Node::title), Some("Match"));
        assert_eq!(program.get("a").map(Node::title), Some("a"));
        assert_eq!(
            program.get("c").map(|node| node.pointer.as_str()),
            Some("/steps/1/choose/0/steps/1/choose/0/steps/0")
        );
    }

    #[test]
    fn a_run_walks_through_routes_and_rejoins() {
        let program = program();
        let after = |name: &str| id(program.next_after(program.get(name).expect(name)));
        let enter = |name: &str, route| id(program.enter(program.get(name).expect(name), route));

        assert_eq!(id(program.first()), Some("a"));
        for (step, next) in [
            ("a", Some("m")),
            ("b", Some("n")),
            ("c", Some("d")),
            ("d", Some("f")),
            ("e", Some("f")),
            ("m", Some("f")),
            ("n", Some("d")),
            ("f", None),
        ] {
            assert_eq!(after(step), next, "after {step}");
        }
        for (step, route, first) in
            [("m", 0, "b"), ("m", 1, "f"), ("m", 2, "e"), ("n", 0, "c"), ("n", 1, "d"), ("m", 9, "f")]
        {
            assert_eq!(enter(step, route), Some(first), "{step} {route}");
        }
    }

    #[test]
    fn the_steps_a_run_did_not_reach_are_listed() {
        let program = program();

        let unreached = program.unreached(|id| ["a", "m", "e", "f"].contains(&id));

        assert_eq!(unreached.iter().map(|node| node.id.as_str()).collect::<Vec<_>>(), ["b", "n", "c", "d"]);
    }

    #[test]
    fn a_problem_of_an_action_is_reported_at_its_input() {
        let program = program();
        let action = program.actions().nth(1).expect("b");

        let problem = action.problem(&["status"], "unknown_status", "no such status");

        assert_eq!(problem.path, "steps[1].choose[0].steps[0].with.status");
        assert_eq!(problem.pointer, "/steps/1/choose/0/steps/0/with/status");
        assert_eq!(program.actions().map(|action| action.id).collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f"]);
    }

    #[test]
    fn a_program_without_steps_has_no_first_step() {
        let program = Program::from_json(&json!({"trigger": {"on": ["a.b"]}, "steps": []})).expect("a program");

        assert!(program.first().is_none());
    }
}
