//! Runs as these operations show them.

use docket_events::Event;
use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::{Run, Version, Workflow};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::operation::Context;
use crate::schema::{maybe_texts, object};
use crate::v1::workflow_versions::list::published;
use crate::views::resource_of;

/// A run as the contract shows it.
pub fn resource(run: &Run) -> Resource {
    resource_of(&run.tree())
}

/// Who started a run: a kind, an id, and what people call them where they have a name.
pub fn starter(run: &Run) -> Value {
    let (kind, id, shown) = (&run.creator_type, &run.creator_id, &run.creator_shown);
    json!({"type": kind, "id": id, "shown-as": shown})
}

/// The schema of who started a run.
pub fn starter_schema() -> Value {
    object(maybe_texts(&["type", "id", "shown-as"]))
}

/// An answer about one run, with what it includes.
pub fn answer(context: &Context, work: &mut UnitOfWork, run: &Run, status: u16) -> Verb<Answer> {
    let mut document = Document::one(resource(run));
    if context.query.include.is_some() {
        let mut included = Vec::new();
        let workflow = work.get::<Workflow>(run.workflow_id.as_str())?;
        if context.includes("workflow", false) {
            included.extend(workflow.as_ref().map(|workflow| crate::v1::workflows::shown::contract_resource(workflow)));
        }
        if context.includes("workflow-version", false)
            && let (Some(workflow), Some(version)) = (&workflow, work.get::<Version>(run.version_id.as_str())?)
        {
            included.push(published(workflow, &version));
        }
        if context.includes("creator", false)
            && let Some(event) = &run.cause_event_id
            && let Some(event) = work.get::<Event>(event.as_str())?
        {
            included.push(crate::v1::events::shown::resource(&event));
        }
        document = document.including(context.readable(included));
    }
    Ok(Answer { status, document, version: Some(run.version) })
}
