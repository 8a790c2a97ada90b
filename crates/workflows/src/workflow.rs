//! A workflow, its published versions, and their subscriptions.

use std::sync::Arc;

use docket_kernel::{
    DraftSaveId, EnvironmentId, Json, Moment, Permission, SubscriptionId, UserId, VersionId, WorkflowId,
};
use serde_json::Value;

docket_kernel::text_enum! {
    /// The state of a workflow.
    pub enum WorkflowState {
        /// Never published: starts no runs.
        Draft = "draft",
        /// Starts runs.
        Running = "running",
        /// Starts no new runs; runs in progress finish.
        Paused = "paused",
        /// Starts no runs, permanently.
        Archived = "archived",
    }
}

docket_kernel::text_enum! {
    /// The state of a workflow whose recorded names of statuses and fields predate the current rule.
    pub enum Naming {
        /// The names are rewritten when a node starts.
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
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change; also the ETag of the workflow and its draft.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// The display name.
        name: String,
        /// The name in the form in which names are compared.
        folded: String,
        /// The slug in setup bundles: unique in the environment; a rename does not change it.
        slug: String,
        /// The description.
        description: Option<String>,
        /// Its state.
        state: WorkflowState,
        /// The id under which the draft will be published.
        draft_id: VersionId,
        /// How often the draft was saved since the last publishing.
        draft_number: i64,
        /// The draft, if there is one.
        draft: Option<Json<Value>>,
        /// The row version at which the draft last changed: a reader of this version or a later one has seen the draft.
        draft_since: i64,
        /// The version on which the draft is based.
        draft_base_id: Option<VersionId>,
        /// The live version.
        live_version_id: Option<VersionId>,
        /// Whether the recorded names of the live version must be rewritten; null if they are current.
        naming: Option<Naming>,
        /// The number of published versions.
        published_count: i64,
        /// The e-mail address recorded for its last change.
        updater_email: Option<String>,
        /// When it was created.
        created_at: Moment,
        /// When it last changed.
        updated_at: Moment,
    }
}

docket_kernel::entity! {
    /// A published version of a workflow. It never changes.
    pub struct Version in "workflow_version" {
        table: { rank: 31, lock: Frozen, scope: environment_id, unique: [], asked: [] },
        /// Its id.
        id: VersionId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The workflow.
        workflow_id: WorkflowId,
        /// 1, 2, 3 …
        number: i64,
        /// The definition.
        definition: Json<Value>,
        /// The change note, in the publisher's words.
        description: Option<String>,
        /// The e-mail address of the publisher.
        publisher_email: Option<String>,
        /// The permissions of the publisher, which its runs have too.
        permissions: Json<Vec<Permission>>,
        /// When its draft was started.
        created_at: Moment,
        /// When it was published.
        published_at: Moment,
    }
}

docket_kernel::entity! {
    /// The subscription of a live version to an event.
    pub struct Subscription in "subscription" {
        table: {
            rank: 32, lock: Config(version), scope: environment_id,
            unique: [], asked: ["environment_id", "workflow_id", "event_name"]
        },
        /// Its id.
        id: SubscriptionId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The version to run.
        version_id: VersionId,
        /// The event.
        event_name: String,
        /// Whether the workflow is paused: then the event is counted as skipped.
        is_paused: bool,
    }
}

docket_kernel::entity! {
    /// Records that a live version names a status of cases. Removing a status queries these rows.
    pub struct NamedStatus in "named_status" {
        table: { rank: 33, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id", "folded"] },
        /// The workflow's id and the name, joined: one row for each.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The folded form of the name or of the status's id.
        folded: String,
    }
}

docket_kernel::entity! {
    /// Records that a live version names a field of cases.
    pub struct NamedField in "named_field" {
        table: { rank: 34, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id", "named"] },
        /// The workflow's id and the name, joined: one row for each.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// The case template's id, or `*` if the definition does not determine it, and the folded key of the field.
        named: String,
    }
}

docket_kernel::text_enum! {
    /// How a draft was saved.
    pub enum DraftSaveKind {
        /// Its author saved it.
        Saved = "saved",
        /// It was merged with what another person had saved.
        Merged = "merged",
        /// The author's draft before it was merged.
        BeforeMerge = "before-merge",
    }
}

docket_kernel::entity! {
    /// One of the last saves of a workflow's draft, with its definition, so that it can be restored.
    pub struct DraftSave in "workflow_draft_save" {
        table: { rank: 35, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id"] },
        /// Its id.
        id: DraftSaveId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The workflow.
        workflow_id: WorkflowId,
        /// How it was saved.
        kind: DraftSaveKind,
        /// The saved definition.
        definition: Json<Value>,
        /// Bytes of the definition as compact JSON.
        size_bytes: i64,
        /// The e-mail address recorded for the save.
        saver_email: Option<String>,
        /// When it was saved.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// Records that a person has a workflow open in the editor. Expires unless it is reported again.
    pub struct OpenEditor in "workflow_editor" {
        table: { rank: 36, lock: Config(version), scope: environment_id, unique: [], asked: ["workflow_id"] },
        /// The ids of the workflow and the person, joined: one row for each.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
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
