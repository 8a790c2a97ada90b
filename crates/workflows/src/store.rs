//! The tables this room owns, and the questions asked of them.

use docket_kernel::{Entity, Question, Table};

use crate::fault::Fault;
use crate::limits::{DRAFT_SAVES_MAX, NAMED_MAX, OPEN_EDITORS_MAX};
use crate::run::{Run, RunRead, Segment};
use crate::workflow::{DraftSave, NamedField, NamedStatus, OpenEditor, Subscription, Version, Workflow};

/// Workflows, versions, what they listen to and name, runs, and their history.
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

/// What listens to an event. Publishing keeps to [`LISTENERS_MAX`](crate::limits::LISTENERS_MAX); the bound leaves room
/// for nodes that publish at once.
pub static SUBSCRIPTIONS_OF_EVENT: Question =
    Question { table: Subscription::TABLE, column: "event_name", bound: 2_000, parent: None };

/// What listens in an environment: publishing counts it. Publishing
/// keeps to [`LISTENED_MAX`](crate::limits::LISTENED_MAX); the bound leaves room for sixty nodes that publish at once.
pub static SUBSCRIPTIONS_OF_ENVIRONMENT: Question =
    Question { table: Subscription::TABLE, column: "environment_id", bound: 20_000, parent: None };

/// What a workflow listens to. Whoever changes that changes the workflow, whose version is checked.
pub static SUBSCRIPTIONS_OF_WORKFLOW: Question =
    Question { table: Subscription::TABLE, column: "workflow_id", bound: 500, parent: None };

/// What a workflow names. Whoever changes that changes the workflow, whose version is checked.
pub static STATUSES_NAMED_BY_WORKFLOW: Question =
    Question { table: NamedStatus::TABLE, column: "workflow_id", bound: NAMED_MAX, parent: None };

/// The last saves of a workflow's draft. Saving one changes the workflow, whose version is checked.
pub static SAVES_OF_DRAFT: Question =
    Question { table: DraftSave::TABLE, column: "workflow_id", bound: DRAFT_SAVES_MAX + 2, parent: None };

/// The people who have a workflow open in the editor.
pub static OPEN_EDITORS_OF_WORKFLOW: Question =
    Question { table: OpenEditor::TABLE, column: "workflow_id", bound: OPEN_EDITORS_MAX, parent: None };

/// The workflows that name a status: some of them, however many there are.
pub static WORKFLOWS_NAMING_STATUS: Question =
    Question { table: NamedStatus::TABLE, column: "folded", bound: 50, parent: None };

/// The fields of cases that a workflow names. Whoever changes that changes the workflow, whose version is checked.
pub static FIELDS_NAMED_BY_WORKFLOW: Question =
    Question { table: NamedField::TABLE, column: "workflow_id", bound: NAMED_MAX, parent: None };

/// The workflows that name a field of cases: some of them, however many there are.
pub static WORKFLOWS_NAMING_FIELD: Question =
    Question { table: NamedField::TABLE, column: "named", bound: 50, parent: None };

/// The workflows of a name, by its fold, archived ones too.
pub static WORKFLOWS_OF_NAME: Question =
    Question { table: Workflow::TABLE, column: "folded", bound: 1_000, parent: None };

/// The workflows of an environment, archived ones too: some of them where there are more.
pub static WORKFLOWS_OF_ENVIRONMENT: Question =
    Question { table: Workflow::TABLE, column: "environment_id", bound: 1_000, parent: None };

/// The workflows whose names are written down anew: so many at once, each with its definition.
pub static WORKFLOWS_TO_NAME: Question = Question { table: Workflow::TABLE, column: "naming", bound: 20, parent: None };

/// How many runs of each kind are found to be blanked in one commit.
pub const RUNS_AT_ONCE: u32 = 20;

/// Some of the runs whose trigger holds content of an object: each leaves the answer as it is blanked.
pub static RUNS_WITH_CONTENT: Question =
    Question { table: Run::TABLE, column: "subject_id", bound: RUNS_AT_ONCE, parent: None };

/// Some of the runs that read an object.
pub static READS_OF_OBJECT: Question =
    Question { table: RunRead::TABLE, column: "object_id", bound: RUNS_AT_ONCE, parent: None };

/// The history of a run. Whoever adds to it has loaded the run.
pub static SEGMENTS_OF_RUN: Question =
    Question { table: Segment::TABLE, column: "run_id", bound: 20_000, parent: Some(Run::TABLE) };
