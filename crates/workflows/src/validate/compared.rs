//! Checks that the rows of a condition compare comparable values.

use serde_json::Value;

use super::Check;
use crate::condition::{Condition, Row};
use crate::definition::Position;
use crate::kind::ValueKind;
use crate::operator::{Family, OPERATORS, OperatorEntry, Right};
use crate::problem::{At, shown};
use crate::value::Input;

impl Check<'_> {
    /// Checks every row under a condition.
    pub(super) fn condition(&mut self, condition: &Condition, at: &At<'_>, place: Position) {
        condition.visit(at, &mut |row, at| self.row(row, at, place));
    }

    fn row(&mut self, row: &Row, at: &At<'_>, place: Position) {
        if self.problems.is_full() {
            return;
        }
        let kinds = match self.scope(place).kinds(&row.field) {
            Ok(kinds) => kinds,
            Err(problem) => {
                self.problems.add(&at.member("field"), problem.code, problem.message);
                vec![ValueKind::Any]
            }
        };
        let entry = row.is.entry();
        if !kinds.iter().any(|kind| applies(entry, kind)) {
            self.problems.add(&at.member("is"), "cannot_compare", cannot_apply(entry, row, &kinds));
        } else if let Some(value) = &row.value {
            let fitting: Vec<ValueKind> = kinds.into_iter().filter(|kind| applies(entry, kind)).collect();
            self.right(entry, &fitting, value, &at.member("value"), place);
            return;
        }
        if let Some(value) = &row.value {
            self.input(value, &ValueKind::Any, &at.member("value"), place);
        }
    }

    /// Checks a row's value against the possible kinds of its field.
    fn right(&mut self, entry: &OperatorEntry, left: &[ValueKind], value: &Input, at: &At<'_>, place: Position) {
        self.input(value, &ValueKind::Any, at, place);
        if value.constant() == Some(Value::Null) {
            let message = format!("'{}' never holds with null; use is_blank or is_not_blank", entry.label);
            self.problems.add(at, "cannot_compare", message);
            return;
        }
        if entry.value == Right::ListOfAlike && value.constant() == Some(Value::Array(Vec::new())) {
            let message = format!("'{}' compares with an empty list and never holds; add a value", entry.label);
            self.problems.add(at, "cannot_compare", message);
            return;
        }
        match (entry.value, value) {
            (Right::ListOfAlike, Input::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.item(entry, left, item, &at.item(index), place);
                }
            }
            (Right::ListOfAlike, other) => self.list(entry, other, at, place),
            (Right::PartOf, part) => {
                let parts: Vec<ValueKind> = left.iter().map(part_of).collect();
                self.alike(entry, &parts, part, at, place);
            }
            _ => self.alike(entry, left, value, at, place),
        }
    }

    fn item(&mut self, entry: &OperatorEntry, left: &[ValueKind], item: &Input, at: &At<'_>, place: Position) {
        if item.constant() == Some(Value::Null) {
            let message = format!("'{}' never finds null; use is_blank for a field without a value", entry.label);
            self.problems.add(at, "cannot_compare", message);
            return;
        }
        self.alike(entry, left, item, at, place);
    }

    fn list(&mut self, entry: &OperatorEntry, value: &Input, at: &At<'_>, place: Position) {
        let wanted = ValueKind::Array(Box::new(ValueKind::Any));
        if !self.possible(value, place).iter().any(|given| wanted.may_take(given)) {
            let message = format!("'{}' compares with a list; write one, such as [{}]", entry.label, as_written(value));
            self.problems.add(at, "cannot_compare", message);
        }
    }

    fn alike(&mut self, entry: &OperatorEntry, left: &[ValueKind], value: &Input, at: &At<'_>, place: Position) {
        let given = self.possible(value, place);
        let written = match value {
            Input::Literal(_) => Written::Out,
            Input::Template(template) if template.lone().is_none() => Written::InParts,
            _ => Written::Elsewhere,
        };
        let comparable = |left: &ValueKind| given.iter().any(|given| compares(entry, left, given, written));
        if left.iter().any(comparable) {
            return;
        }
        let (field, value_kind) = (left.first().unwrap_or(&ValueKind::Any), given.first().unwrap_or(&ValueKind::Any));
        let wants_date = entry.applies_to.contains(&Family::Date) && !entry.applies_to.contains(&Family::Text);
        let message = if let (true, Input::Literal(text)) = (wants_date, value) {
            format!("'{}' compares dates, and {} is not one; write one such as 2024-05-01", entry.label, shown(text))
        } else {
            format!("'{}' cannot compare {field} with {value_kind}; {}", entry.label, advice(field, value_kind))
        };
        self.problems.add(at, "cannot_compare", message);
    }

    /// The possible kinds of an input; `Any` if its references already have problems.
    fn possible(&self, value: &Input, place: Position) -> Vec<ValueKind> {
        let reference = match value {
            Input::Literal(value) => return vec![ValueKind::of(value)],
            Input::Array(_) => return vec![ValueKind::Array(Box::new(ValueKind::Any))],
            Input::Object(_) => return vec![ValueKind::Members],
            Input::Ref(reference) => reference,
            Input::Template(template) => match template.lone() {
                Some(reference) => reference,
                None => return vec![ValueKind::Text],
            },
        };
        self.scope(place).kinds(reference).unwrap_or_else(|_| vec![ValueKind::Any])
    }
}

fn applies(entry: &OperatorEntry, kind: &ValueKind) -> bool {
    kind.family().is_none_or(|family| entry.applies_to.contains(&family))
}

/// The kind of value that is searched for in a value of this kind.
fn part_of(kind: &ValueKind) -> ValueKind {
    match kind {
        ValueKind::Array(item) => (**item).clone(),
        other => other.clone(),
    }
}

/// How the value of a row is written.
#[derive(Clone, Copy, PartialEq)]
enum Written {
    /// As a literal.
    Out,
    /// As a text or list that contains references.
    InParts,
    /// As a reference.
    Elsewhere,
}

/// Whether values of two kinds can ever hold for an operator. A text that is not a literal may result in a date; before
/// and after require a date.
fn compares(entry: &OperatorEntry, left: &ValueKind, right: &ValueKind, written: Written) -> bool {
    let is_time = |family| matches!(family, Family::Date | Family::DateTime);
    let takes_times_alone = entry.applies_to.iter().all(|family| is_time(*family));
    let may_be_time = |right| is_time(right) || (right == Family::Text && written == Written::InParts);
    match (left.family(), right.family()) {
        (_, None) => true,
        (_, Some(right)) if takes_times_alone => may_be_time(right),
        (None, Some(_)) if entry.value == Right::PartOf => true,
        (None, Some(right)) => entry.applies_to.contains(&right),
        (Some(Family::Text), Some(right)) => right == Family::Text || is_time(right),
        (Some(left), Some(right)) => {
            left == right || (is_time(left) && right == Family::Text && written != Written::Out)
        }
    }
}

fn advice(field: &ValueKind, value: &ValueKind) -> &'static str {
    match (field, value) {
        (ValueKind::Date, ValueKind::DateTime) | (ValueKind::DateTime, ValueKind::Date) => {
            "a date is a whole day and a date-time is an instant: use before and after"
        }
        _ => "change the value",
    }
}

fn cannot_apply(entry: &OperatorEntry, row: &Row, kinds: &[ValueKind]) -> String {
    let kind = kinds.first().unwrap_or(&ValueKind::Any);
    if *kind == ValueKind::Members {
        return format!("'{}' cannot compare {kind}; compare one of its members", entry.label);
    }
    if kind.family() == Some(Family::Object) {
        return format!("'{}' cannot compare {kind}; compare {}.id", entry.label, row.field);
    }
    let others: Vec<&str> = OPERATORS.iter().filter(|entry| applies(entry, kind)).map(|entry| entry.name).collect();
    format!("'{}' cannot compare {kind}, which {} is; choose one of {}", entry.label, row.field, others.join(", "))
}

fn as_written(value: &Input) -> String {
    match value {
        Input::Literal(Value::String(text)) => text.clone(),
        other => other.to_json().to_string(),
    }
}
