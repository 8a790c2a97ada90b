//! What conditions imply about the cases of a definition: a step runs only if the conditions above it hold.

use serde_json::Value;

use super::{Position, Program};
use crate::condition::{Condition, Row};
use crate::names::same;
use crate::operator::Operator;
use crate::reference::{CASES, Reference};
use crate::value::Input;

/// The maximum number of rows of one condition that are examined; they are examined again for every reference.
const ROWS_MAX: usize = 50;

impl Program {
    /// The id of the template that a case must have at a place, as far as the conditions above the place determine it.
    pub fn template_at(&self, place: Position, case: &Reference) -> Option<&str> {
        let segments = match case.segments() {
            [case @ .., id] if same(id, "id") => case,
            case => case,
        };
        // The cases of an object may differ at each step.
        if segments.iter().any(|segment| same(segment, CASES)) {
            return None;
        }
        let is_it = |row: &&Row| {
            let case_of_row = row.field.segments().len().checked_sub(2).and_then(|end| row.field.segments().get(..end));
            row.field.root() == case.root()
                && case_of_row.is_some_and(|of_row| {
                    of_row.len() == segments.len() && of_row.iter().zip(segments).all(|(one, other)| same(one, other))
                })
        };
        self.conditions_at(place).into_iter().find_map(|condition| {
            let mut rows = Vec::new();
            sure_rows(condition, &mut rows);
            rows.into_iter().filter(is_it).find_map(template_named)
        })
    }

    /// The conditions that hold at a place: the trigger's, and those of the routes around it.
    fn conditions_at(&self, place: Position) -> Vec<&Condition> {
        let mut conditions: Vec<&Condition> = self.trigger.criteria.iter().collect();
        let (index, mut route) = match place {
            Position::Trigger | Position::Output => return conditions,
            Position::Step(index) => (index, None),
            Position::Route(index, route) => (index, Some(route)),
        };
        let mut node = self.nodes.get(index);
        while let Some(here) = node {
            let taken = route.take().and_then(|route| here.routes().get(route));
            conditions.extend(taken.and_then(|route| route.when.as_ref()));
            route = here.parent.map(|parent| parent.route);
            node = here.parent.and_then(|parent| self.nodes.get(parent.node));
        }
        conditions
    }
}

/// The template that a row requires of a case: `trigger.template.id` equals a literal id.
pub(crate) fn template_named(row: &Row) -> Option<&str> {
    let [.., template, id] = row.field.segments() else { return None };
    let is_named = same(template, "template") && same(id, "id");
    let is_sure = matches!(row.is, Operator::Equals | Operator::EqualsAnyCase);
    match &row.value {
        Some(Input::Literal(Value::String(text))) if is_named && is_sure => Some(text),
        _ => None,
    }
}

/// The rows that hold whenever a condition holds, up to [`ROWS_MAX`].
fn sure_rows<'c>(condition: &'c Condition, rows: &mut Vec<&'c Row>) {
    if rows.len() >= ROWS_MAX {
        return;
    }
    match condition {
        Condition::All(parts) => parts.iter().take(ROWS_MAX).for_each(|part| sure_rows(part, rows)),
        Condition::Any(parts) => {
            if let [part] = parts.as_slice() {
                sure_rows(part, rows);
            }
        }
        Condition::Not(_) => {}
        Condition::Row(row) => rows.push(row),
    }
}
