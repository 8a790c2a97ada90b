//! A run of a version, and the history of its steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_kernel::{EnvironmentId, EventId, Json, Moment, RunId, SegmentId, VersionId, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

docket_kernel::text_enum! {
    /// The state of a run.
    pub enum RunState {
        /// It has steps left.
        Running = "running",
        /// Every step it reached succeeded.
        Completed = "completed",
        /// It reached its end, although a step failed.
        CompletedWithErrors = "completed_with_errors",
        /// A step failed and stopped it.
        Errored = "errored",
    }
}

docket_kernel::entity! {
    /// One execution of a version.
    pub struct Run in "workflow_run" {
        table: {
            rank: 70, lock: Row(version), scope: environment_id,
            unique: ["start_key"], asked: ["subject_id"], due: "due_at", events: event_ordinal
        },
        /// Its id.
        id: RunId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The version it runs, to its end.
        version_id: VersionId,
        /// The version and the event that started it, joined: one run for each.
        start_key: Option<String>,
        /// Its state.
        state: RunState,
        /// The value of `trigger`: the tree of the event's object, or the parameters under `fields`.
        trigger: Json<Value>,
        /// The object whose content the trigger contains; null if it contains none, or none any more.
        subject_id: Option<String>,
        /// The redaction that blanked its values.
        redaction_id: Option<String>,
        /// When the retention policy removed its values.
        retained_at: Option<Moment>,
        /// Its progress.
        progress: Json<RunProgress>,
        /// The type of its creator: `event`, `user`, `api-key`.
        creator_type: Option<String>,
        /// The id of its creator.
        creator_id: Option<String>,
        /// The API id of its creator.
        creator_shown: Option<String>,
        /// The event that started it.
        cause_event_id: Option<EventId>,
        /// The request that caused it.
        request_id: Option<String>,
        /// The number of runs between the first event and this run's events.
        depth: i64,
        /// The workflows whose runs led to it, its own last.
        chain: Json<Vec<WorkflowId>>,
        /// When the writer must continue it; null while the writer does, and after it has ended.
        due_at: Option<Moment>,
        /// When it was started.
        created_at: Moment,
        /// When it ended.
        completed_at: Option<Moment>,
    }
}

docket_kernel::entity! {
    /// A segment of a run's history: the steps executed in one commit.
    pub struct Segment in "run_segment" {
        table: { rank: 71, lock: Append(version), scope: environment_id, unique: [], asked: ["run_id"] },
        /// Its id: the run's id and the ordinal.
        id: SegmentId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The run.
        run_id: RunId,
        /// 0, 1, 2 …
        ordinal: i64,
        /// The steps, in the order of execution.
        steps: Json<Vec<Arc<StepRun>>>,
        /// The redaction that blanked its values.
        redaction_id: Option<String>,
        /// When the retention policy removed its values.
        retained_at: Option<Moment>,
        /// When it was created.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// Records that a run read an object besides the one that started it: its values may contain that object's content.
    pub struct RunRead in "run_read" {
        table: { rank: 72, lock: Append, scope: environment_id, unique: [], asked: ["object_id"] },
        /// Its id: the run's id and the object's id, joined.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The run.
        run_id: RunId,
        /// The API id of the object.
        object_id: String,
        /// When it was first read.
        created_at: Moment,
    }
}

/// The progress of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Where it continues.
    pub cursor: Cursor,
    /// The outputs of the steps executed so far, by step id.
    pub outputs: BTreeMap<String, Arc<StepResult>>,
    /// The number of segments of its history.
    pub segments: i64,
    /// The API ids of the objects it read or changed, besides the one that started it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subjects: BTreeSet<String>,
    /// The approximate number of bytes that its steps have read and output.
    #[serde(default)]
    pub bytes: usize,
    /// The output of the run when it ended.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub output: Map<String, Value>,
}

/// The position where a run continues.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// At its first step.
    #[default]
    Start,
    /// At this step.
    Step(String),
    /// After the last step.
    End,
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepResult {
    /// It succeeded with this output.
    Output(Value),
    /// It failed and the run continued: `{code, title, details}`.
    Error(Value),
}

docket_kernel::text_enum! {
    /// The outcome of a step.
    pub enum StepState {
        /// It was executed.
        Succeeded = "succeeded",
        /// It failed and stopped the run.
        Failed = "failed",
        /// It failed and the run continued.
        Continued = "continued",
        /// It is disabled.
        Skipped = "skipped",
        /// The run took another route, or ended before.
        NotReached = "not-reached",
    }
}

/// One execution of one step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRun {
    /// The step's id.
    pub id: String,
    /// The step's name.
    pub name: String,
    /// The step type; `choose` for a conditional.
    pub r#do: String,
    /// Its outcome.
    pub state: StepState,
    /// The number of attempts.
    pub attempts: u32,
    /// Its resolved inputs; for a conditional, the evaluated rows of each route's condition.
    pub input: Value,
    /// Its output; for a conditional, the route taken.
    pub output: Value,
    /// Why it failed.
    pub error: Option<StepError>,
    /// When it began.
    pub started_at: Moment,
    /// When it ended.
    pub completed_at: Moment,
    /// The events it caused.
    pub events: Vec<EventId>,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepError {
    /// A stable code, for programs.
    pub code: String,
    /// A short title.
    pub title: String,
    /// What was requested, the problem, and what to do.
    pub details: String,
    /// The path in the step's inputs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
}

impl StepError {
    /// A refusal as a step's error.
    pub fn of(refusal: &docket_kernel::Refusal) -> Self {
        use docket_kernel::RefusalKind;
        let title = match refusal.kind {
            RefusalKind::Forbidden => "Not allowed",
            RefusalKind::Unknown => "Not found",
            RefusalKind::Conflict | RefusalKind::Stale => "Conflict",
            RefusalKind::Internal => "Internal error",
            RefusalKind::Malformed | RefusalKind::Rule | RefusalKind::Unconditional => "Invalid input",
        };
        Self {
            code: refusal.code.clone(),
            title: title.to_owned(),
            details: refusal.all().map(|finding| finding.sentence.as_str()).collect::<Vec<_>>().join("; "),
            pointer: refusal.pointer.clone(),
        }
    }

    /// The error as later steps refer to it.
    pub(crate) fn to_value(&self) -> Value {
        json!({"code": self.code, "title": self.title, "details": self.details})
    }
}

impl Run {
    /// The run as a reference tree, which is also the form stored in events.
    pub fn tree(&self) -> Value {
        json!({
            "type": "workflow-run",
            "id": self.id,
            "status": self.shown_status(),
            "outcome": self.state,
            "created_at": self.created_at.to_string(),
            "completed_at": self.completed_at.map(|at| at.to_string()),
            "workflow": {"type": "workflow", "id": self.workflow_id},
            "version": {"type": "workflow-version", "id": self.version_id},
            "creator": self.creator(),
        })
    }

    /// Its creator, if the published contract has a type for it: an event or a user.
    fn creator(&self) -> Value {
        match (self.creator_type.as_deref(), &self.creator_id) {
            (Some(kind @ ("event" | "user")), Some(id)) => json!({"type": kind, "id": id}),
            _ => Value::Null,
        }
    }

    /// The status in the words of the published contract, which has one word for both ways of completing.
    pub fn shown_status(&self) -> &'static str {
        match self.state {
            RunState::Running => "in_progress",
            RunState::Completed | RunState::CompletedWithErrors => "completed",
            RunState::Errored => "errored",
        }
    }
}
