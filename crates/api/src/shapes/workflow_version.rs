//! A version of a workflow.

use serde_json::{Value, json};

use crate::document::{Relationships, Resource};
use crate::schema::{list, maybe, maybe_texts, object, resource, text, time, to_one, truth, whole};
use crate::time::{iso, iso_or_null};

/// Everything the contract shows of a workflow version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkflowVersionView {
    /// The id.
    pub id: String,
    /// The name of its workflow.
    pub workflow_name: Option<String>,
    /// The description of its changes.
    pub description: Option<String>,
    /// `draft`, `published` or `archived`.
    pub status: String,
    /// The type of its trigger, such as `trigger-api` or `trigger-event`.
    pub trigger_type: Option<String>,
    /// Whether new runs start on it.
    pub is_live: bool,
    /// `treatment` or `control`, while two versions share the runs.
    pub rollout_label: Option<String>,
    /// Its share of the runs, 1 to 100.
    pub rollout_percentage: Option<u8>,
    /// The e-mail address of the user who last changed it.
    pub last_updater: Option<String>,
    /// The inputs of a run.
    pub inputs: Vec<InputView>,
    /// The names of a run's outputs.
    pub outputs: Vec<String>,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When it was published.
    pub published_at: Option<i64>,
    /// The id of its workflow.
    pub workflow_id: String,
}

/// One input of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InputView {
    /// Its name.
    pub name: String,
    /// Its JSON type.
    pub kind: Option<String>,
    /// Whether it is required.
    pub is_required: bool,
}

impl WorkflowVersionView {
    /// What the API shows of every version.
    pub(crate) fn schema() -> Value {
        let input = object(vec![("name", text()), ("type", maybe(text())), ("required", truth())]);
        let attributes = [
            maybe_texts(&["workflow-name", "description", "trigger-type", "rollout-label", "last-updater"]),
            vec![
                ("status", text()),
                ("live", truth()),
                ("rollout-percentage", maybe(whole())),
                ("inputs", list(input)),
                ("outputs", list(object(vec![("name", text())]))),
                ("created-at", time()),
                ("updated-at", time()),
                ("published-at", maybe(time())),
            ],
        ];
        resource("workflow-version", attributes.concat(), vec![("workflow", to_one("workflow"))])
    }

    /// Renders the version.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("workflow-version", self.id);
        let attributes = &mut resource.attributes;
        attributes.set("workflow-name", self.workflow_name);
        attributes.set("description", self.description);
        attributes.set("status", self.status);
        attributes.set("trigger-type", self.trigger_type);
        attributes.set("live", self.is_live);
        attributes.set("rollout-label", self.rollout_label);
        attributes.set("rollout-percentage", self.rollout_percentage);
        attributes.set("last-updater", self.last_updater);
        let inputs: Vec<Value> = self.inputs.iter().map(input).collect();
        attributes.set("inputs", inputs);
        let outputs: Vec<Value> = self.outputs.into_iter().map(|name| json!({ "name": name })).collect();
        attributes.set("outputs", outputs);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso(self.updated_at));
        attributes.set("published-at", iso_or_null(self.published_at));
        let mut to = Relationships::default();
        to.one("workflow", "workflow", Some(self.workflow_id));
        resource.relationships = Some(to);
        resource
    }
}

fn input(input: &InputView) -> Value {
    json!({"name": input.name, "type": input.kind, "required": input.is_required})
}
