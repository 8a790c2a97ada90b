//! A workflow.

use crate::document::{Relationships, Resource};
use crate::time::iso;

/// Everything the contract shows of a workflow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowView {
    /// The id.
    pub id: String,
    /// `running`, `paused` or `archived`.
    pub status: String,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: i64,
    /// The id of its newest published version.
    pub latest_published_version_id: Option<String>,
    /// The id of the deployment that splits its runs between versions.
    pub active_deployment_id: Option<String>,
}

impl WorkflowView {
    /// Renders the workflow.
    ///
    /// The contract allows no null for the newest published version, so a workflow that was never published leaves out
    /// that relationship.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("workflow", self.id);
        resource.attributes.set("status", self.status);
        resource.attributes.set("name", self.name);
        resource.attributes.set("created-at", iso(self.created_at));
        let mut to = Relationships::default();
        if let Some(version) = self.latest_published_version_id {
            to.one("latest-published-version", "workflow-version", Some(version));
        }
        to.one("active-deployment", "workflow-deployment", self.active_deployment_id);
        resource.relationships = Some(to);
        resource
    }
}
