//! Naming a workflow, and saying what it is for.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, Permission, Refusal, UnitOfWork, Verb, WorkflowId, checked_name, fold};

use crate::draft::shown;
use crate::publish::{archived, tree};
use crate::start::existing;
use crate::workflow::{Workflow, WorkflowState};

/// The longest name.
pub const WORKFLOW_NAME_CHARACTERS_MAX: usize = 100;

/// What a workflow shall be called and be for; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// What people read, 1 to 100 characters.
    pub name: Option<String>,
    /// What it is for; `Some(None)` clears it.
    pub description: Option<Option<String>>,
}

/// Renames a workflow or describes it anew. What it does, and the versions that were published, stay. The same again
/// writes nothing.
pub fn describe(work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId, wanted: &Description) -> Verb<Arc<Workflow>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    if workflow.state == WorkflowState::Archived {
        return Err(archived(&workflow).into());
    }
    let name = match &wanted.name {
        Some(name) if *name != workflow.name => checked_workflow_name(name)?,
        _ => workflow.name.clone(),
    };
    let description = wanted.description.clone().unwrap_or_else(|| workflow.description.clone());
    if name == workflow.name && description == workflow.description {
        return Ok(workflow);
    }
    let now = work.now();
    let workflow = work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.folded = fold(&name);
        workflow.name = name;
        workflow.description = description;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    record(work, actor, Happening::about(&*workflow, "workflow.updated", tree(&workflow)));
    Ok(workflow)
}

/// A name as it is stored, or why it is none.
pub(crate) fn checked_workflow_name(name: &str) -> Result<String, Refusal> {
    checked_name("a workflow's name", name, WORKFLOW_NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("workflow-name", sentence).at("/data/attributes/name"))
}
