//! A run of a workflow.

use serde_json::{Value, json};

use crate::document::{Linkage, Ref, Relationships, Resource};
use crate::schema::{maybe, resource, some, text, time, to_maybe, to_one};
use crate::time::{iso, iso_or_null};

/// Everything the contract shows of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkflowRunView {
    /// The id.
    pub id: String,
    /// Its status, such as `in_progress`, `completed` or `errored`.
    pub status: String,
    /// When it started.
    pub created_at: i64,
    /// When it ended.
    pub completed_at: Option<i64>,
    /// Its creator, such as a user or an event.
    pub creator: Option<Ref>,
    /// The id of its workflow.
    pub workflow_id: String,
    /// The id of the version it runs on.
    pub workflow_version_id: String,
    /// How long it took, if that is shown.
    pub processing_time_seconds: Option<f64>,
}

impl WorkflowRunView {
    /// What the API shows of every run.
    pub(crate) fn schema() -> Value {
        let attributes = vec![("status", text()), ("created-at", time()), ("completed-at", maybe(time()))];
        let relationships = vec![
            ("creator", to_maybe(None)),
            ("workflow", to_one("workflow")),
            ("workflow-version", to_one("workflow-version")),
        ];
        let mut schema = resource("workflow-run", attributes, relationships);
        schema["properties"]["meta"] = some(vec![("processing-time-seconds", json!({"type": "number"}))]);
        schema
    }

    /// Renders the run; a creator without a type in the contract is null.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("workflow-run", self.id);
        resource.attributes.set("status", self.status);
        resource.attributes.set("created-at", iso(self.created_at));
        resource.attributes.set("completed-at", iso_or_null(self.completed_at));
        let mut to = Relationships::default();
        let creator = self.creator.filter(|of| matches!(of.kind.as_ref(), "administrator" | "user" | "event"));
        to.link("creator", Linkage::One(creator));
        to.one("workflow", "workflow", Some(self.workflow_id));
        to.one("workflow-version", "workflow-version", Some(self.workflow_version_id));
        resource.relationships = Some(to);
        if let Some(seconds) = self.processing_time_seconds {
            resource.meta.set("processing-time-seconds", seconds);
        }
        resource
    }
}
