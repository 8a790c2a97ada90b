//! The statuses of cases that the rows of conditions name as they are written.

use serde_json::Value;

use super::Scope;
use crate::condition::is_status;
use crate::definition::{Place, Program};
use crate::kind::{Kind, Known};
use crate::problem::{At, Problem};
use crate::reference::Reference;
use crate::value::Input;

/// A status by a name that is written out, and the case it is to be the status of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct StatusOfCase {
    /// The way to the case.
    pub case: Reference,
    /// What stands there as the status's name.
    pub status: String,
    /// Where it stands: conditions above it may say more of the case.
    pub place: Place,
}

/// A status that a row compares the status of a case with.
#[derive(Debug)]
pub(crate) struct StatusCompared {
    /// Which, and of which case.
    pub(crate) named: StatusOfCase,
    /// Whether only the status of a case can be meant: its field is nothing else, and is compared with it as a whole.
    pub(crate) is_sure: bool,
    path: String,
    pointer: String,
}

impl StatusCompared {
    /// A problem where the name stands.
    pub(crate) fn problem(&self, code: &'static str, message: impl Into<String>) -> Problem {
        At::base(&self.path, &self.pointer).problem(code, message)
    }
}

/// The literals that the rows of a program compare with the status of a case, in the order in which they stand.
pub(crate) fn statuses_compared(program: &Program, known: &dyn Known) -> Vec<StatusCompared> {
    let scope = Scope { program, known, place: Place::Output, hints: false };
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
pub(crate) fn is_of_case(program: &Program, known: &dyn Known, reference: &Reference) -> bool {
    let scope = Scope { program, known, place: Place::Output, hints: false };
    let is_case = |kind: &Kind| matches!(kind, Kind::Object(name) if name == "case");
    scope.kinds(reference).is_ok_and(|kinds| kinds.iter().any(is_case))
}

/// The case that a field is the status of, itself or moved by a step, and whether it can be nothing but a case.
fn case_of(scope: Scope<'_>, field: &Reference) -> Option<(Reference, bool)> {
    let is_case = |kind: &Kind| kind.object_type().is_some_and(|name| name.split('/').next() == Some("case"));
    [&[][..], &["case"]].into_iter().find_map(|way| {
        let case = field.beside(way)?;
        let kinds = scope.kinds(&case).ok()?;
        kinds.iter().any(is_case).then(|| (case, kinds.iter().all(is_case)))
    })
}
