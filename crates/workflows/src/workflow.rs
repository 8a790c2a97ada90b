//! A workflow, its frozen versions, and what they listen to.

use std::sync::Arc;

use docket_kernel::{
    DraftSaveId, EnvironmentId, Json, Moment, Permission, SubscriptionId, UserId, VersionId, WorkflowId,
};
use serde_json::Value;

docket_kernel::text_enum! {
    /// What a workflow does when something could start it.
    pub enum WorkflowState {
        /// Never published: nothing.
        Draft = "draft",
        /// Runs.
        Running = "running",
        /// Starts nothing new; runs in flight finish.
        Paused = "paused",
        /// Starts nothing, for good.
        Archived = "archived",
    }
}

docket_kernel::text_enum! {
    /// Where a workflow stands whose names of statuses and fields were written down by a rule of before.
    pub enum Naming {
        /// They are written down anew when a node starts.
        Due = "due",
    }
}

docket_kernel::entity! {
    /// A named automation.
    pub struct Workflow in "workflow" {
        table: {
            rank: 30, lock: Config(version), scope: environment_id,
            unique: ["slug"], asked: ["environment_id", "folded", "naming"], events: event_ordinal
        },
        /// Its id.
        id: WorkflowId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed: also its ETag, and the draft's.
        version: i64,
        /// How many events happened to it: not a change of it.
        event_ordinal: i64,
        /// What people read.
        name: String,
        /// The name in the form in which names are compared.
        folded: String,
        /// What it is called in setup bundles: unique in the environment, and not changed by a rename.
        slug: String,
        /// What it is for.
        description: Option<String>,
        /// Whether it runs.
        state: WorkflowState,
        /// The id the draft will be published under.
        draft_id: VersionId,
        /// How often the draft was saved since the last publish.
        draft_number: i64,
        /// The draft, when there is one.
        draft: Option<Json<Value>>,
        /// The count of changes at which the draft last changed: whoever looked at it since has seen it.
        draft_since: i64,
        /// The version the draft was made from.
        draft_base_id: Option<VersionId>,
        /// The version that runs.
        live_version_id: Option<VersionId>,
        /// Whether the names that the live version uses have to be written down anew; nothing where they are as they must be.
        naming: Option<Naming>,
        /// How many versions were published.
        published_count: i64,
        /// Who changed it last.
        updater_email: Option<String>,
        /// When it was made.
        created_at: Moment,
        /// When it last changed.
        updated_at: Moment,
    }
}

docket_kernel::entity! {
    /// One published edition of a workflow. Never changes.
    pub struct Version in "workflow_version" {
        table: { rank: 31, lock: Frozen, scope: environment_id, unique: [], asked: [] },
        /// Its id.
        id: VersionId,
        /// Whose.
        environment_id: EnvironmentId,
        /// The workflow.
        workflow_id: WorkflowId,
        /// 1, 2, 3 …
        number: i64,
        /// What it does.
        definition: Json<Value>,
        /// What was changed, in the publisher's words.
        description: Option<String>,
        /// Who published it.
        publisher_email: Option<String>,
        /// What the publisher may do: its runs may do that and no more.
        permissions: Json<Vec<Permission>>,
        /// When its draft was begun.
        created_at: Moment,
        /// When it was published.
        published_at: Moment,
    }
}

docket_kernel::entity! {
    /// That a live version listens to an event.
    pub struct Subscription in "subscription" {
        table: {
            rank: 32, lock: Config(version), scope: environment_id,
            unique: [], asked: ["environment_id", "workflow_id", "event_name"]
        },
        /// Its id.
        id: SubscriptionId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The version that would run.
        version_id: VersionId,
        /// The event.
        event_name: String,
        /// Whether the workflow is paused: then the event is counted as skipped.
        is_paused: bool,
    }
}

docket_kernel::entity! {
    /// That a live version names a status of cases: whoever removes one asks.
    pub struct NamedStatus in "named_status" {
        table: { rank: 33, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id", "folded"] },
        /// The workflow's id and the name, joined: one row for each.
        id: Arc<str>,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The fold of the name, or of the status's id.
        folded: String,
    }
}

docket_kernel::entity! {
    /// That a live version names a field of cases.
    pub struct NamedField in "named_field" {
        table: { rank: 34, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id", "named"] },
        /// The workflow's id and the name, joined: one row for each.
        id: Arc<str>,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The case template's id, or `*` where the definition does not tell it, and the fold of the field's key.
        named: String,
    }
}

docket_kernel::text_enum! {
    /// How a draft came to be saved.
    pub enum DraftSaveKind {
        /// Its author saved it.
        Saved = "saved",
        /// It was merged with what another person had saved.
        Merged = "merged",
        /// What its author sent, before it was merged.
        BeforeMerge = "before-merge",
    }
}

docket_kernel::entity! {
    /// One of the last saves of a workflow's draft: what it held, so that it can be restored.
    pub struct DraftSave in "workflow_draft_save" {
        table: { rank: 35, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id"] },
        /// Its id.
        id: DraftSaveId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// How it came to be saved.
        kind: DraftSaveKind,
        /// What was saved.
        definition: Json<Value>,
        /// Bytes of the definition as compact JSON.
        size_bytes: i64,
        /// Who saved it.
        saver_email: Option<String>,
        /// When.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// That a person has a workflow open in the editor. Expires unless it is reported again.
    pub struct OpenEditor in "workflow_editor" {
        table: { rank: 36, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id"] },
        /// The ids of the workflow and the person, joined: one row for each.
        id: Arc<str>,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The person.
        user_id: UserId,
        /// The person's e-mail address.
        email: String,
        /// When it was opened.
        created_at: Moment,
        /// When it was last reported.
        seen_at: Moment,
    }
}
