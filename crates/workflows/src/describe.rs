//! Changes the name and the description of a workflow.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, Permission, Refusal, UnitOfWork, Verb, WorkflowId, checked_name, fold};

use crate::draft::shown;
use crate::publish::{archived, tree};
use crate::start::existing;
use crate::workflow::{Workflow, WorkflowState};

/// The maximum length of a name, in characters.
pub const WORKFLOW_NAME_CHARACTERS_MAX: usize = 100;

/// The new name and description of a workflow; `None` leaves a part unchanged.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// The display name, 1 to 100 characters.
    pub name: Option<String>,
    /// The description; `Some(None)` clears it.
    pub description: Option<Option<String>>,
}

/// Changes the name or the description of a workflow. The definition and the published versions are unchanged. If
/// nothing differs, nothing is written.
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
    record(work, actor, NewEvent::about(&*workflow, "workflow.updated", tree(&workflow)));
    Ok(workflow)
}

/// Checks a name and returns it as it is stored.
pub(crate) fn checked_workflow_name(name: &str) -> Result<String, Refusal> {
    checked_name("a workflow's name", name, WORKFLOW_NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("workflow-name", sentence).at("/data/attributes/name"))
}
