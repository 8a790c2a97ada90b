//! The tables this room owns, and the questions asked of them.

use docket_kernel::{Entity, Question, Table};
use docket_objects::Object;

use crate::case::{Case, CaseObject};
use crate::comment::{COMMENTS_MAX, CaseComment};
use crate::file::{FileChunk, FileContent};
use crate::holding::CASES_OF_OBJECT_MAX;
use crate::status::CaseStatus;
use crate::template::CaseTemplate;

/// Templates, statuses, cases, what cases hold, and what was written on them.
pub static TABLES: &[&Table] = &[
    CaseTemplate::TABLE,
    CaseStatus::TABLE,
    Case::TABLE,
    CaseObject::TABLE,
    FileContent::TABLE,
    FileChunk::TABLE,
    CaseComment::TABLE,
];

/// What a case holds. Whoever puts something in a case loads the case first.
pub static OBJECTS_OF_CASE: Question =
    Question { table: CaseObject::TABLE, column: "case_id", bound: 1_000, parent: Some(Case::TABLE) };

/// The cases that hold an object. Whoever puts an object in a case loads the object first.
pub static CASES_OF_OBJECT: Question =
    Question { table: CaseObject::TABLE, column: "object_id", bound: CASES_OF_OBJECT_MAX, parent: Some(Object::TABLE) };

/// What was written on a case. Whoever writes loads the case first.
pub static COMMENTS_OF_CASE: Question =
    Question { table: CaseComment::TABLE, column: "case_id", bound: COMMENTS_MAX, parent: Some(Case::TABLE) };

/// The statuses of a template. A case's status is a foreign key: one that was removed can't be set.
pub static STATUSES_OF_TEMPLATE: Question =
    Question { table: CaseStatus::TABLE, column: "template_id", bound: 50, parent: None };

/// The most case templates of an environment: to check a definition, or to find cases by a status's name, is to look at
/// all of them.
pub const TEMPLATES_MAX: u32 = 1_000;

/// The templates of an environment. Making one keeps to [`TEMPLATES_MAX`]; the bound leaves room for nodes that make
/// templates at the same moment.
pub static TEMPLATES_OF_ENVIRONMENT: Question =
    Question { table: CaseTemplate::TABLE, column: "environment_id", bound: 2 * TEMPLATES_MAX, parent: None };

/// The statuses of an environment, of all its templates.
pub static STATUSES_OF_ENVIRONMENT: Question =
    Question { table: CaseStatus::TABLE, column: "environment_id", bound: 100 * TEMPLATES_MAX, parent: None };

/// The open cases that are assigned to somebody: some of them, however many there are.
pub static OPEN_CASES_OF_PERSON: Question =
    Question { table: Case::TABLE, column: "open_assignee_id", bound: 1_000, parent: None };

/// The cases of a status. A case's status is a foreign key: no case can take one while it is removed.
pub static CASES_OF_STATUS: Question = Question { table: Case::TABLE, column: "status_id", bound: 1_000, parent: None };
