//! A run of a version, and the history of its steps.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_kernel::{EnvironmentId, EventId, Json, Moment, RunId, SegmentId, VersionId, WorkflowId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

docket_kernel::text_enum! {
    /// Where a run stands.
    pub enum RunState {
        /// It has steps to do.
        Running = "running",
        /// Every step it reached succeeded.
        Completed = "completed",
        /// It came to its end, though a step failed.
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
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// How many events happened to it: not a change of it.
        event_ordinal: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The version it runs, to its end.
        version_id: VersionId,
        /// The version and the event that started it, joined: one run for each.
        start_key: Option<String>,
        /// Where it stands.
        state: RunState,
        /// What `trigger` refers to: the event's object as it was, or the parameters under `fields`.
        trigger: Json<Value>,
        /// The object whose content the trigger holds; nothing where it holds none, or none any more.
        subject_id: Option<String>,
        /// The redaction that blanked its values.
        redaction_id: Option<String>,
        /// How far it has come.
        progress: Json<RunProgress>,
        /// The kind of whoever started it: `event`, `user`, `api-key`.
        creator_type: Option<String>,
        /// Their id.
        creator_id: Option<String>,
        /// Their id as the API shows it.
        creator_shown: Option<String>,
        /// The event that started it.
        cause_event_id: Option<EventId>,
        /// The request that led to it.
        request_id: Option<String>,
        /// How many runs lie between the first event and its own events.
        depth: i64,
        /// The workflows whose runs led to it, itself last.
        chain: Json<Vec<WorkflowId>>,
        /// When a writer has to go on with it; `None` while one does, and when it has ended.
        due_at: Option<Moment>,
        /// When it was started.
        created_at: Moment,
        /// When it ended.
        completed_at: Option<Moment>,
    }
}

docket_kernel::entity! {
    /// One stretch of a run's history: the steps it did in one commit.
    pub struct Segment in "run_segment" {
        table: { rank: 71, lock: Append(version), scope: environment_id, unique: [], asked: ["run_id"] },
        /// Its id: the run's and the ordinal.
        id: SegmentId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The run.
        run_id: RunId,
        /// 0, 1, 2 …
        ordinal: i64,
        /// The steps, in the order in which they were done.
        steps: Json<Vec<Arc<StepRun>>>,
        /// The redaction that blanked its values.
        redaction_id: Option<String>,
        /// When.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// That a run read an object besides the one that started it: its values may hold some of that object's content.
    pub struct RunRead in "run_read" {
        table: { rank: 72, lock: Append, scope: environment_id, unique: [], asked: ["object_id"] },
        /// Its id: the run's and the object's, joined.
        id: Arc<str>,
        /// Whose.
        environment_id: EnvironmentId,
        /// The run.
        run_id: RunId,
        /// The object, by the id the API shows.
        object_id: String,
        /// When it was read first.
        created_at: Moment,
    }
}

/// How far a run has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProgress {
    /// Where it goes on.
    pub cursor: Cursor,
    /// What the steps done so far gave, by step id.
    pub outputs: BTreeMap<String, Arc<Given>>,
    /// How many segments of history there are.
    pub segments: i64,
    /// The objects it read or changed, besides the one that started it, by the ids the API shows.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub subjects: BTreeSet<String>,
    /// About how many bytes its steps have read and given.
    #[serde(default)]
    pub bytes: usize,
    /// What the run gave when it ended.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub output: Map<String, Value>,
}

/// Where a run goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cursor {
    /// At its first step.
    #[default]
    Start,
    /// At this step.
    Step(String),
    /// Nowhere: all is done.
    End,
}

/// What a step gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// It succeeded with this.
    Output(Value),
    /// It failed and the run went on: `{code, title, details}`.
    Error(Value),
}

docket_kernel::text_enum! {
    /// What became of a step.
    pub enum StepState {
        /// It did what it does.
        Succeeded = "succeeded",
        /// It failed and stopped the run.
        Failed = "failed",
        /// It failed and the run went on.
        Continued = "continued",
        /// It is disabled.
        Skipped = "skipped",
        /// The run took another way, or ended before.
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
    /// What became of it.
    pub state: StepState,
    /// How often it was tried.
    pub attempts: u32,
    /// Its inputs as they were resolved; for a conditional, what each route's condition saw.
    pub input: Value,
    /// What it gave; for a conditional, the route taken.
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
    /// Stable, for programs.
    pub code: String,
    /// A few words.
    pub title: String,
    /// What was asked, what is so, what to do.
    pub details: String,
    /// Where in the step's inputs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
}

impl StepError {
    /// A refusal as a step's error.
    pub fn of(refusal: &docket_kernel::Refusal) -> Self {
        use docket_kernel::Kind;
        let title = match refusal.kind {
            Kind::Forbidden => "Not allowed",
            Kind::Unknown => "Not found",
            Kind::Conflict | Kind::Stale => "Conflict",
            Kind::Internal => "Internal error",
            Kind::Malformed | Kind::Rule | Kind::Unconditional => "Invalid input",
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
    /// The run as a reference tree, which is also how events keep it.
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

    /// Whoever started it, where the contract has a word for them: an event or a user.
    fn creator(&self) -> Value {
        match (self.creator_type.as_deref(), &self.creator_id) {
            (Some(kind @ ("event" | "user")), Some(id)) => json!({"type": kind, "id": id}),
            _ => Value::Null,
        }
    }

    /// The status in the contract's words, which has one word for both ways of completing.
    pub fn shown_status(&self) -> &'static str {
        match self.state {
            RunState::Running => "in_progress",
            RunState::Completed | RunState::CompletedWithErrors => "completed",
            RunState::Errored => "errored",
        }
    }
}
