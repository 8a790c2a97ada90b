//! The statuses of cases that the rows of conditions name literally.

use serde_json::Value;

use super::Scope;
use crate::condition::is_status;
use crate::definition::{Position, Program};
use crate::kind::{DefinitionContext, ValueKind};
use crate::problem::{At, Problem};
use crate::reference::Reference;
use crate::value::Input;

/// A status named by a literal, and the case it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusOfCase {
    /// The reference to the case.
    pub case: Reference,
    /// The literal name of the status.
    pub status: String,
    /// Its place: conditions above it may determine the template of the case.
    pub place: Position,
}

/// A literal that a row compares with the status of a case.
#[derive(Debug)]
pub(crate) struct StatusCompared {
    /// The status and its case.
    pub(crate) named: StatusOfCase,
    /// Whether the field can only be the status of a case, and is compared as a whole.
    pub(crate) is_sure: bool,
    path: String,
    pointer: String,
}

impl StatusCompared {
    /// A problem at the place of the name.
    pub(crate) fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        At::base(&self.path, &self.pointer).problem(code, message)
    }
}

/// The literals that the rows of a program compare with the status of a case, in document order.
pub(crate) fn statuses_compared(program: &Program, known: &dyn DefinitionContext) -> Vec<StatusCompared> {
    let scope = Scope { program, known, place: Position::Output, hints: false };
    let mut found = Vec::new();
    program.visit_rows(&mut |row, at, place| {
        let (true, Some(value)) = (is_status(&row.field), &row.value) else { return };
        let Some((case, is_case)) = case_of(scope, &row.field) else { return };
        let is_sure = is_case && row.is.is_of_sameness();
        let mut take = |value: Value, at: &At<'_>| {
            if let Value::String(status) = value {
                let named = StatusOfCase { case: case.clone(), status, place };
                found.push(StatusCompared { named, is_sure, path: at.path(), pointer: at.pointer() });
            }
        };
        let at = at.member("value");
        match value {
            Input::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    take(item.constant().unwrap_or_default(), &at.item(index));
                }
            }
            one => match one.constant() {
                Some(Value::Array(items)) => items.into_iter().for_each(|item| take(item, &at)),
                one => take(one.unwrap_or_default(), &at),
            },
        }
    });
    found
}

/// Whether a reference may reach a case.
pub(crate) fn is_of_case(program: &Program, known: &dyn DefinitionContext, reference: &Reference) -> bool {
    let scope = Scope { program, known, place: Position::Output, hints: false };
    let is_case = |kind: &ValueKind| matches!(kind, ValueKind::Object(name) if name == "case");
    scope.kinds(reference).is_ok_and(|kinds| kinds.iter().any(is_case))
}

/// The case whose status the field is, itself or in a step's output, and whether it can only be a case.
fn case_of(scope: Scope<'_>, field: &Reference) -> Option<(Reference, bool)> {
    let is_case = |kind: &ValueKind| kind.object_type().is_some_and(|name| name.split('/').next() == Some("case"));
    [&[][..], &["case"]].into_iter().find_map(|way| {
        let case = field.beside(way)?;
        let kinds = scope.kinds(&case).ok()?;
        kinds.iter().any(is_case).then(|| (case, kinds.iter().all(is_case)))
    })
}
