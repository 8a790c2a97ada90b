//! The tables of this crate, and the queries on them.

use docket_kernel::{Aged, Entity, Question, Table};

use crate::fault::Fault;
use crate::limits::{DRAFT_SAVES_MAX, NAMED_MAX, OPEN_EDITORS_MAX};
use crate::run::{Run, RunRead, Segment};
use crate::workflow::{DraftSave, NamedField, NamedStatus, OpenEditor, Subscription, Version, Workflow};

/// Workflows, versions, subscriptions, recorded names, runs, and their history.
pub static TABLES: &[&Table] = &[
    Workflow::TABLE,
    Version::TABLE,
    Subscription::TABLE,
    NamedStatus::TABLE,
    NamedField::TABLE,
    DraftSave::TABLE,
    OpenEditor::TABLE,
    Run::TABLE,
    Segment::TABLE,
    RunRead::TABLE,
    Fault::TABLE,
];

/// The subscriptions to an event. Publishing enforces [`LISTENERS_MAX`](crate::limits::LISTENERS_MAX); the bound of the
/// query leaves room for nodes that publish at the same time.
pub static SUBSCRIPTIONS_OF_EVENT: Question =
    Question { table: Subscription::TABLE, column: "event_name", bound: 2_000, parent: None };

/// The subscriptions of an environment, which publishing counts. Publishing enforces
/// [`LISTENED_MAX`](crate::limits::LISTENED_MAX); the bound leaves room for sixty nodes that publish at the same time.
pub static SUBSCRIPTIONS_OF_ENVIRONMENT: Question =
    Question { table: Subscription::TABLE, column: "environment_id", bound: 20_000, parent: None };

/// The subscriptions of a workflow. A change of them also changes the workflow, whose version is checked.
pub static SUBSCRIPTIONS_OF_WORKFLOW: Question =
    Question { table: Subscription::TABLE, column: "workflow_id", bound: 500, parent: None };

/// The statuses that a workflow names. A change of them also changes the workflow, whose version is checked.
pub static STATUSES_NAMED_BY_WORKFLOW: Question =
    Question { table: NamedStatus::TABLE, column: "workflow_id", bound: NAMED_MAX, parent: None };

/// The last saves of a workflow's draft. A save changes the workflow, whose version is checked.
pub static SAVES_OF_DRAFT: Question =
    Question { table: DraftSave::TABLE, column: "workflow_id", bound: DRAFT_SAVES_MAX + 2, parent: None };

/// The people who have a workflow open in the editor.
pub static OPEN_EDITORS_OF_WORKFLOW: Question =
    Question { table: OpenEditor::TABLE, column: "workflow_id", bound: OPEN_EDITORS_MAX, parent: None };

/// The workflows that name a status, up to the bound of the query.
pub static WORKFLOWS_NAMING_STATUS: Question =
    Question { table: NamedStatus::TABLE, column: "folded", bound: 50, parent: None };

/// The fields of cases that a workflow names. A change of them also changes the workflow, whose version is checked.
pub static FIELDS_NAMED_BY_WORKFLOW: Question =
    Question { table: NamedField::TABLE, column: "workflow_id", bound: NAMED_MAX, parent: None };

/// The workflows that name a field of cases, up to the bound of the query.
pub static WORKFLOWS_NAMING_FIELD: Question =
    Question { table: NamedField::TABLE, column: "named", bound: 50, parent: None };

/// The workflows with a name, by its folded form, including archived ones.
pub static WORKFLOWS_OF_NAME: Question =
    Question { table: Workflow::TABLE, column: "folded", bound: 1_000, parent: None };

/// The workflows of an environment, including archived ones, up to the bound of the query.
pub static WORKFLOWS_OF_ENVIRONMENT: Question =
    Question { table: Workflow::TABLE, column: "environment_id", bound: 1_000, parent: None };

/// The workflows whose recorded names must be rewritten, a limited number at a time, each with its definition.
pub static WORKFLOWS_TO_NAME: Question = Question { table: Workflow::TABLE, column: "naming", bound: 20, parent: None };

/// How many runs of each kind one commit looks up for blanking.
pub const RUNS_AT_ONCE: u32 = 20;

/// Some of the runs whose trigger contains content of an object: each one leaves the result as it is blanked.
pub static RUNS_WITH_CONTENT: Question =
    Question { table: Run::TABLE, column: "subject_id", bound: RUNS_AT_ONCE, parent: None };

/// Some of the runs that read an object.
pub static READS_OF_OBJECT: Question =
    Question { table: RunRead::TABLE, column: "object_id", bound: RUNS_AT_ONCE, parent: None };

/// The history of a run. A transaction that adds to it has loaded the run.
pub static SEGMENTS_OF_RUN: Question =
    Question { table: Segment::TABLE, column: "run_id", bound: 20_000, parent: Some(Run::TABLE) };

/// Runs by the time of their end.
pub static RUNS_BY_AGE: Aged = Aged { table: Run::TABLE, column: "completed_at", blank: Some("redaction_id") };

/// Runs by the time of their start, ended or not: for a planted bug.
#[doc(hidden)]
pub static RUNS_BY_BEGINNING: Aged = Aged { table: Run::TABLE, column: "created_at", blank: Some("redaction_id") };
