//! Faults in the form of these operations.

use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::{Fault, FaultState, unjudged_events};
use serde_json::{Value, json};

use crate::document::Resource;
use crate::schema::{self, maybe, object, said, text, whole, word};
use crate::time::iso;

/// A fault. For a workflow, it counts the events for which the workflow was not evaluated.
pub fn resource(work: &mut UnitOfWork, fault: &Fault) -> Verb<Resource> {
    let times = match &fault.workflow_id {
        Some(workflow) if fault.object_type == "workflow" => unjudged_events(work, workflow)?.max(fault.tries),
        _ => fault.tries,
    };
    let mut resource = Resource::new("fault", fault.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("state", fault.state.as_str());
    attributes.set("object", json!({"type": fault.object_type, "id": fault.object_id}));
    attributes.set("workflow-id", fault.workflow_id.as_ref().map(|id| id.as_str().to_owned()));
    attributes.set("reason", fault.reason.as_str());
    attributes.set("times", times);
    attributes.set("created-at", iso(fault.created_at.0));
    Ok(resource)
}

/// The schema of a fault.
pub fn schema() -> Value {
    let states: Vec<&str> = FaultState::ALL.iter().map(|state| state.as_str()).collect();
    let members = vec![
        ("state", said(word(&states), "`retrying` is retried automatically; `parked` needs a person.")),
        ("object", object(vec![("type", text()), ("id", text())])),
        ("workflow-id", maybe(text())),
        ("reason", text()),
        ("times", said(whole(), "Attempts of the run, or events for which the workflow was not evaluated.")),
        ("created-at", schema::time()),
    ];
    schema::resource("fault", members, Vec::new())
}
