//! Conditions: rows of field, operator and value under `all`, `any` and `not`, and their evaluation.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::compare::NotATime;
use crate::limits::{CONDITION_DEPTH_MAX, EVALUATION_BYTES_MAX, EVALUATION_STEPS_MAX};
use crate::names::{nearest_hint, same};
use crate::operator::{OPERATORS, Operator};
use crate::problem::{At, Problem, Problems, quote, shown};
use crate::reference::{Lookup, Reference, TRIGGER, is_item};
use crate::value::{Input, Room, Unresolved};

/// A condition in the form shown by the editor.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Holds if every part holds.
    All(Vec<Condition>),
    /// Holds if at least one part holds.
    Any(Vec<Condition>),
    /// Holds if its part does not hold.
    Not(Box<Condition>),
    /// One comparison.
    Row(Row),
}

/// One comparison: a field, an operator and, for most operators, a value.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The field to compare.
    pub field: Reference,
    /// The operator.
    pub is: Operator,
    /// The value to compare with; `None` exactly if the operator takes no value.
    pub value: Option<Input>,
}

/// The result of a condition, and the values it was decided on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluated {
    /// Whether the condition holds.
    pub holds: bool,
    /// The evaluated rows, in order; rows that could not change the outcome were not evaluated.
    pub rows: Vec<RowSeen>,
}

/// A row as it was evaluated.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RowSeen {
    /// The field's reference as written.
    pub path: String,
    /// The operator.
    pub operator: Operator,
    /// The field's value at evaluation.
    pub left: Value,
    /// The row's value at evaluation; null if the operator takes no value.
    pub right: Value,
    /// Whether the row held.
    pub holds: bool,
}

impl Evaluated {
    /// An outcome without rows.
    pub const fn without_rows(holds: bool) -> Self {
        Self { holds, rows: Vec::new() }
    }
}

impl Condition {
    /// Reads a condition; the paths of problems are relative to this value.
    pub fn parse(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut problems = Problems::default();
        let condition = Self::read(value, &At::root(), &mut problems);
        let list = problems.into_list();
        if list.is_empty() { Ok(condition) } else { Err(list) }
    }

    /// Reads a condition and adds its problems; a broken part becomes an empty group.
    pub(crate) fn read(value: &Value, at: &At<'_>, problems: &mut Problems) -> Self {
        read_nested(value, at, 1, problems)
    }

    /// Whether it holds, and why. An empty `all` holds, an empty `any` does not.
    ///
    /// Evaluates at most [`EVALUATION_STEPS_MAX`] rows and items and [`EVALUATION_BYTES_MAX`] bytes of values.
    pub fn evaluate<L: Lookup + ?Sized>(&self, lookup: &mut L) -> Result<Evaluated, Unresolved<L::Error>> {
        self.evaluate_within(lookup, &mut Budget::of(EVALUATION_BYTES_MAX))
    }

    /// Like [`evaluate`](Self::evaluate), within the budget left by earlier conditions.
    pub(crate) fn evaluate_within<L: Lookup + ?Sized>(
        &self,
        lookup: &mut L,
        budget: &mut Budget,
    ) -> Result<Evaluated, Unresolved<L::Error>> {
        let mut evaluation = Evaluation { lookup, budget, rows: Vec::new() };
        let holds = evaluation.holds(self).map_err(|error| match error {
            Unresolved::InputTooLarge => Unresolved::ConditionTooLong,
            error => error,
        })?;
        Ok(Evaluated { holds, rows: evaluation.rows })
    }

    /// Visits every row with its path, in order.
    pub(crate) fn visit(&self, at: &At<'_>, show: &mut dyn FnMut(&Row, &At<'_>)) {
        let (name, parts) = match self {
            Self::All(parts) => ("all", parts),
            Self::Any(parts) => ("any", parts),
            Self::Not(part) => return part.visit(&at.member("not"), show),
            Self::Row(row) => return show(row, at),
        };
        let at = at.member(name);
        for (index, part) in parts.iter().enumerate() {
            part.visit(&at.item(index), show);
        }
    }

    /// The condition in its canonical written form.
    pub fn to_json(&self) -> Value {
        match self {
            Self::All(parts) => json!({"all": parts.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Any(parts) => json!({"any": parts.iter().map(Self::to_json).collect::<Vec<_>>()}),
            Self::Not(part) => json!({"not": part.to_json()}),
            Self::Row(Row { field, is, value: None }) => json!({"field": field.to_string(), "is": is}),
            Self::Row(Row { field, is, value: Some(value) }) => {
                json!({"field": field.to_string(), "is": is, "value": value.to_json()})
            }
        }
    }
}

/// The remaining budget of conditions.
#[derive(Debug)]
pub(crate) struct Budget {
    steps_left: usize,
    room: Room,
}

impl Budget {
    /// All steps, and this many bytes.
    pub(crate) const fn of(bytes: usize) -> Self {
        Self { steps_left: EVALUATION_STEPS_MAX, room: Room::of(bytes) }
    }
}

/// Replacements for the left and the right side of a row, if a side has one.
type Sides = (Option<Value>, Option<Value>);

struct Evaluation<'l, L: ?Sized> {
    lookup: &'l mut L,
    budget: &'l mut Budget,
    rows: Vec<RowSeen>,
}

impl<L: Lookup + ?Sized> Evaluation<'_, L> {
    fn holds(&mut self, condition: &Condition) -> Result<bool, Unresolved<L::Error>> {
        match condition {
            Condition::All(parts) => {
                for part in parts {
                    if !self.holds(part)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Condition::Any(parts) => {
                for part in parts {
                    if self.holds(part)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Condition::Not(part) => self.holds(part).map(|holds| !holds),
            Condition::Row(row) => self.row_holds(row),
        }
    }

    fn row_holds(&mut self, row: &Row) -> Result<bool, Unresolved<L::Error>> {
        let left = self.budget.room.reach(&row.field, self.lookup)?;
        let right = match &row.value {
            Some(value) => value.resolve_within(self.lookup, &mut self.budget.room)?,
            None => Value::Null,
        };
        let (left_named, right_named) = self.as_named_by_the_other(row, &left, &right)?;
        let operator = if self.is_by_names(row, &left, &right)? { row.is.of_names() } else { row.is };
        let cost = operator.cost(&left, &right);
        self.budget.steps_left = self.budget.steps_left.checked_sub(cost).ok_or(Unresolved::ConditionTooLong)?;
        let holds = operator.holds(left_named.as_ref().unwrap_or(&left), right_named.as_ref().unwrap_or(&right));
        let holds = holds.map_err(|NotATime(value)| Unresolved::NotATime { field: row.field.to_string(), value })?;
        self.rows.push(RowSeen { path: row.field.to_string(), operator: row.is, left, right, holds });
        Ok(holds)
    }

    /// The sides of an equality row, if one side is a case's status: the other side gets the same spelling wherever it
    /// names that status. `None` for a side that is unchanged.
    fn as_named_by_the_other(&mut self, row: &Row, left: &Value, right: &Value) -> Result<Sides, Unresolved<L::Error>> {
        if !row.is.is_of_sameness() {
            return Ok((None, None));
        }
        if let Some(named) = self.as_named(&row.field, left, right)? {
            return Ok((None, Some(named)));
        }
        match row.value.as_ref().and_then(Input::lone) {
            Some(other) if left.is_string() => Ok((self.as_named(other, right, left)?, None)),
            _ => Ok((None, None)),
        }
    }

    /// The other value with every name of the status spelled as the status, if the reference leads to a case's status.
    fn as_named(
        &mut self,
        reference: &Reference,
        status: &Value,
        other: &Value,
    ) -> Result<Option<Value>, Unresolved<L::Error>> {
        let (true, Value::String(status)) = (is_status(reference), status) else { return Ok(None) };
        let Some(template) = self.template_of(reference)? else { return Ok(None) };
        let mut named = other.clone();
        let names = match &mut named {
            Value::Array(items) => items.as_mut_slice(),
            one => std::slice::from_mut(one),
        };
        for name in names {
            if let Value::String(text) = name
                && text != status
                && self.lookup.is_same_status(&template, status, text).map_err(Unresolved::Lookup)?
            {
                text.clone_from(status);
            }
        }
        Ok(Some(named))
    }

    /// Whether a row compares tags on either side: tags are names. A part of a text is not a name.
    fn is_by_names(&mut self, row: &Row, left: &Value, right: &Value) -> Result<bool, Unresolved<L::Error>> {
        if self.is_of_tags(&row.field, left)? {
            return Ok(true);
        }
        match row.value.as_ref().and_then(Input::lone) {
            Some(other) if row.is.is_of_sameness() || left.is_array() => self.is_of_tags(other, right),
            _ => Ok(false),
        }
    }

    /// Whether a reference leads to the tags of an object or to the output of Tag Object, all of them or one: never to
    /// a field of an organization or a vendor that has such a name.
    fn is_of_tags(&mut self, reference: &Reference, value: &Value) -> Result<bool, Unresolved<L::Error>> {
        const OF_OBJECTS: [&str; 3] = ["tags", "added_tags", "removed_tags"];
        const OF_STEPS: &str = "added";
        let list = match reference.segments() {
            [list @ .., item] if value.is_string() && is_item(item) => list,
            list if value.is_array() => list,
            _ => return Ok(false),
        };
        let [before @ .., last] = list else { return Ok(false) };
        let is_of_step = reference.root() != TRIGGER;
        let is_named =
            OF_OBJECTS.iter().any(|name| same(name, last)) || (is_of_step && before.is_empty() && same(OF_STEPS, last));
        if !is_named || before.last().is_some_and(|name| same(name, "fields")) {
            return Ok(false);
        }
        if is_of_step {
            return Ok(true);
        }
        let Some(kind) = reference.up_to(list.len()).beside(&["type"]) else { return Ok(false) };
        Ok(self.budget.room.reach(&kind, self.lookup)?.is_string())
    }

    /// The template of the case whose status the field is: the case itself, or the case in a step's output.
    fn template_of(&mut self, field: &Reference) -> Result<Option<String>, Unresolved<L::Error>> {
        for case in [&[][..], &["case"]] {
            let (kind, template) = ([case, &["type"]].concat(), [case, &["template", "id"]].concat());
            let (Some(kind), Some(template)) = (field.beside(&kind), field.beside(&template)) else { break };
            if self.budget.room.reach(&kind, self.lookup)? == "case"
                && let Value::String(template) = self.budget.room.reach(&template, self.lookup)?
            {
                return Ok(Some(template));
            }
        }
        Ok(None)
    }
}

/// Whether a field has the name of a case's status, in the case or in the output of a step that changed it.
pub(crate) fn is_status(field: &Reference) -> bool {
    const NAMES: [&str; 3] = ["status", "previous_status", "resolution"];
    field.segments().last().is_some_and(|last| NAMES.iter().any(|name| same(name, last)))
}

const NAMES: [&str; 6] = ["all", "any", "not", "field", "is", "value"];
const ROW_MEMBERS: [&str; 3] = ["field", "is", "value"];

fn broken() -> Condition {
    Condition::All(Vec::new())
}

fn read_nested(value: &Value, at: &At<'_>, depth: usize, problems: &mut Problems) -> Condition {
    if depth > CONDITION_DEPTH_MAX {
        problems.add(
            at,
            "too_deep",
            format!("the condition nests deeper than {CONDITION_DEPTH_MAX} levels; flatten it"),
        );
        return broken();
    }
    let Some(members) = value.as_object() else {
        let message = "a condition is an object with 'all', 'any', 'not' or a row {field, is, value}; write one \
                       (expressions as text are not available yet)";
        problems.add(at, "wrong_type", message);
        return broken();
    };
    let Some(group) = ["all", "any", "not"].into_iter().find(|group| members.contains_key(*group)) else {
        return read_row(members, at, problems);
    };
    for other in members.keys().filter(|name| *name != group) {
        let message =
            format!("a condition with '{group}' has no other members; put {} in a separate condition", quote(other));
        problems.add(&at.member(other), "unknown_member", message);
    }
    let (inner, at) = (&members[group], &at.member(group));
    match group {
        "not" => Condition::Not(Box::new(read_nested(inner, at, depth + 1, problems))),
        "all" => Condition::All(read_group(inner, at, depth, problems)),
        _ => Condition::Any(read_group(inner, at, depth, problems)),
    }
}

fn read_group(inner: &Value, at: &At<'_>, depth: usize, problems: &mut Problems) -> Vec<Condition> {
    let Some(parts) = inner.as_array() else {
        problems.add(at, "wrong_type", "a group is a list of conditions; write them in a list");
        return Vec::new();
    };
    if parts.is_empty() {
        problems.add(at, "empty", "the group has no conditions; add a row or remove the group");
    }
    parts.iter().enumerate().map(|(i, part)| read_nested(part, &at.item(i), depth + 1, problems)).collect()
}

fn read_row(members: &Map<String, Value>, at: &At<'_>, problems: &mut Problems) -> Condition {
    for name in members.keys().filter(|name| !ROW_MEMBERS.contains(&name.as_str())) {
        let message = format!(
            "a condition has no member {}{}; it is a row {{field, is, value}} or one of all, any and not",
            quote(name),
            if problems.takes_hints() { nearest_hint(name, NAMES) } else { String::new() }
        );
        problems.add(&at.member(name), "unknown_member", message);
    }
    let field = read_field(members.get("field"), &at.member("field"), problems);
    let is = read_operator(members.get("is"), &at.member("is"), problems);
    let written = members.get("value");
    let value = written.map(|value| Input::read(value, &at.member("value"), problems));
    let (Some(field), Some(is)) = (field, is) else { return broken() };
    let entry = is.entry();
    if entry.value.is_needed() && value.is_none() {
        problems.add(&at.member("value"), "missing", format!("'{}' requires a value; add 'value'", entry.label));
    } else if !entry.value.is_needed() && value.is_some() {
        let message = format!("'{}' takes no value; remove 'value'", entry.label);
        problems.add(&at.member("value"), "not_needed", message);
        return Condition::Row(Row { field, is, value: None });
    }
    Condition::Row(Row { field, is, value })
}

fn read_field(path: Option<&Value>, at: &At<'_>, problems: &mut Problems) -> Option<Reference> {
    let message = match path.map(|path| path.as_str().map(Reference::parse)) {
        None => return add_missing(at, "the row names no field; add 'field', such as trigger.fields.match", problems),
        Some(Some(Ok(reference))) => return Some(reference),
        Some(Some(Err(message))) => message,
        Some(None) => {
            problems.add(at, "wrong_type", "a field is a text such as trigger.fields.match; write one");
            return None;
        }
    };
    problems.add(at, "bad_reference", message);
    None
}

fn read_operator(name: Option<&Value>, at: &At<'_>, problems: &mut Problems) -> Option<Operator> {
    let Some(name) = name else {
        return add_missing(at, "the row has no operator; add 'is', such as equals", problems);
    };
    let operator = name.as_str().and_then(Operator::named);
    if operator.is_none() {
        let names: Vec<&str> = OPERATORS.iter().map(|entry| entry.name).collect();
        let asked = shown(name);
        let message = format!("{asked} is not an operator; choose one of {}", names.join(", "));
        problems.add(at, "unknown_operator", message);
    }
    operator
}

fn add_missing<T>(at: &At<'_>, message: &str, problems: &mut Problems) -> Option<T> {
    problems.add(at, "missing", message);
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference::tests::World;

    fn condition(value: &Value) -> Condition {
        Condition::parse(value).expect("a condition")
    }

    fn world() -> World {
        World::triggered_by(
            json!({"status": "open", "fields": {"n": 3, "yes": true, "list": ["a", "b"], "other": "open"}}),
        )
    }

    fn evaluated(value: &Value) -> Evaluated {
        condition(value).evaluate(&mut world()).expect("evaluated")
    }

    #[test]
    fn groups_and_rows_combine() {
        let yes = || json!({"field": "trigger.status", "is": "equals", "value": "open"});
        let no = || json!({"field": "trigger.status", "is": "equals", "value": "shut"});
        for (written, holds) in [
            (yes(), true),
            (no(), false),
            (json!({"all": [yes(), yes()]}), true),
            (json!({"all": [yes(), no()]}), false),
            (json!({"any": [no(), yes()]}), true),
            (json!({"any": [no(), no()]}), false),
            (json!({"not": no()}), true),
            (json!({"any": [{"all": [yes(), no()]}, {"not": {"any": [no()]}}]}), true),
            (json!({"field": "trigger.fields.n", "is": "is_in", "value": [1, {"ref": "trigger.fields.n"}]}), true),
            (json!({"field": "trigger.status", "is": "equals", "value": "{{trigger.fields.other}}"}), true),
            (json!({"field": "trigger.status", "is": "equals", "value": {"ref": "trigger.fields.other"}}), true),
            (json!({"field": "trigger.fields.absent", "is": "does_not_equal", "value": "x"}), false),
            (json!({"field": "trigger.fields.absent", "is": "is_blank"}), true),
            (json!({"field": "trigger.status", "is": "equals", "value": {"ref": "trigger.fields.absent"}}), false),
            (json!({"field": "nobody.at.all", "is": "is_true"}), false),
        ] {
            assert_eq!(evaluated(&written).holds, holds, "{written}");
        }
    }

    #[test]
    fn the_evaluated_values_are_returned_and_the_rest_is_not_read() {
        let row = |value: Value| json!({"field": "trigger.fields.n", "is": "greater_than", "value": value});

        let outcome = evaluated(&json!({"any": [row(json!(9)), row(json!(2)), row(json!(1))]}));

        assert!(outcome.holds);
        assert_eq!(
            serde_json::to_value(&outcome.rows).expect("rows"),
            json!([
                {"path": "trigger.fields.n", "operator": "greater_than", "left": 3, "right": 9, "holds": false},
                {"path": "trigger.fields.n", "operator": "greater_than", "left": 3, "right": 2, "holds": true}
            ])
        );
    }

    #[test]
    fn broken_conditions_are_listed_all_at_once() {
        let written = json!({"any": [
            {"field": "trigger.x", "is": "equals"},
            {"field": "a b", "is": "is_true"},
            {"is": "like", "value": 1},
            {"field": "trigger.x", "is": "is_blank", "value": 1},
            {"all": []},
            {"all": [1], "any": []},
            {"not": {"filed": "x"}},
            "trigger.x == 1",
            {"all": {}},
            {"field": 3, "is": null}
        ]});

        let problems = Condition::parse(&written).expect_err("broken");

        let found: Vec<_> = problems.iter().map(|p| (p.path.as_str(), p.code)).collect();
        assert_eq!(
            found,
            [
                ("any[0].value", "missing"),
                ("any[1].field", "bad_reference"),
                ("any[2].field", "missing"),
                ("any[2].is", "unknown_operator"),
                ("any[3].value", "not_needed"),
                ("any[4].all", "empty"),
                ("any[5].any", "unknown_member"),
                ("any[5].all[0]", "wrong_type"),
                ("any[6].not.filed", "unknown_member"),
                ("any[6].not.field", "missing"),
                ("any[6].not.is", "missing"),
                ("any[7]", "wrong_type"),
                ("any[8].all", "wrong_type"),
                ("any[9].field", "wrong_type"),
                ("any[9].is", "unknown_operator")
            ]
        );
    }

    #[test]
    fn a_condition_is_at_most_32_deep() {
        let nested = |levels: usize| {
            (1..levels).fold(json!({"field": "trigger.x", "is": "is_true"}), |inner, _| json!({"not": inner}))
        };

        assert!(Condition::parse(&nested(CONDITION_DEPTH_MAX)).is_ok());
        assert_eq!(Condition::parse(&nested(CONDITION_DEPTH_MAX + 1)).expect_err("too deep")[0].code, "too_deep");
        assert_eq!(Condition::parse(&nested(1_000)).expect_err("too deep").len(), 1);
    }

    #[test]
    fn evaluation_is_bounded_by_rows_and_items() {
        let in_list = |items: usize| {
            condition(&json!({"field": "trigger.status", "is": "is_in", "value": vec![json!("x"); items]}))
        };
        let rows =
            |count: usize| Condition::Any(vec![condition(&json!({"field": "trigger.x", "is": "is_true"})); count]);

        assert!(in_list(EVALUATION_STEPS_MAX - 1).evaluate(&mut world()).is_ok());
        assert_eq!(in_list(EVALUATION_STEPS_MAX).evaluate(&mut world()), Err(Unresolved::ConditionTooLong));
        assert!(rows(EVALUATION_STEPS_MAX).evaluate(&mut world()).is_ok());
        assert_eq!(rows(EVALUATION_STEPS_MAX + 1).evaluate(&mut world()), Err(Unresolved::ConditionTooLong));
    }

    #[test]
    fn evaluation_is_bounded_by_the_bytes_it_reads() {
        let mut world = World::triggered_by(json!({"long": "x".repeat(100_000)}));
        let rows = |count: usize| {
            let row = condition(&json!({"field": "trigger.long", "is": "is_blank"}));
            Condition::Any(vec![row; count])
        };

        assert!(rows(10).evaluate(&mut world).is_ok());
        assert_eq!(rows(11).evaluate(&mut world), Err(Unresolved::ConditionTooLong));
    }

    #[test]
    fn a_search_without_a_result_also_costs_budget() {
        let many: Map<String, Value> = (0..40_000).map(|n| (format!("field_{n}"), json!(n))).collect();
        let mut world = World::triggered_by(Value::Object(many));
        let rows = |count: usize| {
            let row = condition(&json!({"field": "trigger.nobody", "is": "is_true"}));
            Condition::Any(vec![row; count])
        };

        assert!(rows(100).evaluate(&mut world).is_ok());
        assert_eq!(rows(110).evaluate(&mut world), Err(Unresolved::ConditionTooLong));
    }

    #[test]
    fn the_conditions_of_one_step_share_one_budget() {
        let mut budget = Budget::of(EVALUATION_BYTES_MAX);
        let half = condition(&json!({"field": "trigger.status", "is": "is_in", "value": vec![json!("x"); 5_000]}));

        let first = half.evaluate_within(&mut world(), &mut budget);
        let second = half.evaluate_within(&mut world(), &mut budget);

        assert!(first.is_ok());
        assert_eq!(second, Err(Unresolved::ConditionTooLong));
    }

    #[test]
    fn a_condition_is_written_as_it_is_read() {
        for written in [
            json!({"field": "trigger.x", "is": "is_true"}),
            json!({"all": [{"any": [{"field": "a.b", "is": "equals", "value": {"ref": "c.d"}}]}]}),
            json!({"not": {"field": "a", "is": "is_in", "value": [1, "{{b}}"]}}),
        ] {
            assert_eq!(condition(&written).to_json(), written);
        }
    }
}
