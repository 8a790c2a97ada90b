//! The tables of this crate, and the queries on them.

use docket_kernel::{Entity, Question, Table};
use docket_objects::Object;

use crate::case::{Case, CaseObject};
use crate::comment::{COMMENTS_MAX, CaseComment};
use crate::file::{FileChunk, FileContent};
use crate::holding::CASES_OF_OBJECT_MAX;
use crate::status::CaseStatus;
use crate::template::CaseTemplate;

/// Templates, statuses, cases, the objects of cases, comments and files.
pub static TABLES: &[&Table] = &[
    CaseTemplate::TABLE,
    CaseStatus::TABLE,
    Case::TABLE,
    CaseObject::TABLE,
    FileContent::TABLE,
    FileChunk::TABLE,
    CaseComment::TABLE,
];

/// The objects of a case. A transaction that adds an object to a case loads the case first.
pub static OBJECTS_OF_CASE: Question =
    Question { table: CaseObject::TABLE, column: "case_id", bound: 1_000, parent: Some(Case::TABLE) };

/// The cases that hold an object. A transaction that adds an object to a case loads the object first.
pub static CASES_OF_OBJECT: Question =
    Question { table: CaseObject::TABLE, column: "object_id", bound: CASES_OF_OBJECT_MAX, parent: Some(Object::TABLE) };

/// The comments of a case. A transaction that adds a comment loads the case first.
pub static COMMENTS_OF_CASE: Question =
    Question { table: CaseComment::TABLE, column: "case_id", bound: COMMENTS_MAX, parent: Some(Case::TABLE) };

/// The statuses of a template. A case's status is a foreign key: a removed status can't be set.
pub static STATUSES_OF_TEMPLATE: Question =
    Question { table: CaseStatus::TABLE, column: "template_id", bound: 50, parent: None };

/// The maximum number of case templates in an environment: checking a definition, or finding cases by a status's name,
/// reads all of them.
pub const TEMPLATES_MAX: u32 = 1_000;

/// The templates of an environment. `create_template` enforces [`TEMPLATES_MAX`]; the bound of the query leaves room
/// for nodes that create templates at the same time.
pub static TEMPLATES_OF_ENVIRONMENT: Question =
    Question { table: CaseTemplate::TABLE, column: "environment_id", bound: 2 * TEMPLATES_MAX, parent: None };

/// The statuses of all templates of an environment.
pub static STATUSES_OF_ENVIRONMENT: Question =
    Question { table: CaseStatus::TABLE, column: "environment_id", bound: 100 * TEMPLATES_MAX, parent: None };

/// The open cases that are assigned to a person, up to the bound of the query.
pub static OPEN_CASES_OF_PERSON: Question =
    Question { table: Case::TABLE, column: "open_assignee_id", bound: 1_000, parent: None };

/// The cases with a status. A case's status is a foreign key: no case can get a status that is being removed.
pub static CASES_OF_STATUS: Question = Question { table: Case::TABLE, column: "status_id", bound: 1_000, parent: None };
