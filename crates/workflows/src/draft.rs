//! Making a workflow and saving its draft. A draft may be broken: what is wrong is listed, and nothing is lost.

use std::sync::Arc;

use docket_kernel::{Actor, Json, Kind, Permission, Refusal, UnitOfWork, Verb, VersionId, WorkflowId, fold};
use serde_json::{Value, json};

use crate::describe::checked_workflow_name;
use crate::engine::Engine;
use crate::known::check_here;
use crate::limits::DEFINITION_BYTES_MAX;
use crate::problem::Problem;
use crate::start::existing;
use crate::workflow::{Version, Workflow, WorkflowState};

/// A workflow with what is wrong with its draft.
pub type Drafted = (Arc<Workflow>, Vec<Problem>);

/// What a new workflow shall be.
#[derive(Clone, Debug, Default)]
pub struct WorkflowRequest {
    /// What people read, 1 to 100 characters.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its draft.
    pub definition: Option<Value>,
}

/// Makes a workflow with a draft and nothing published.
pub fn create_workflow(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    request: &WorkflowRequest,
) -> Verb<Drafted> {
    actor.may(Permission::WorkflowWrite)?;
    let name = checked_workflow_name(&request.name)?;
    let problems = checked(engine, work, actor, request.definition.as_ref())?;
    let now = work.now();
    let id = WorkflowId::of(work.new_id(WorkflowId::PREFIX));
    let draft_id = VersionId::of(work.new_id(VersionId::PREFIX));
    let workflow = work.insert(Workflow {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        folded: fold(&name),
        name,
        description: request.description.clone(),
        state: WorkflowState::Draft,
        draft_id,
        draft_number: 1,
        draft: request.definition.clone().map(Json::new),
        draft_since: 1,
        draft_base_id: None,
        live_version_id: None,
        published_count: 0,
        updater_email: shown(actor),
        created_at: now,
        updated_at: now,
    });
    Ok((workflow, problems))
}

/// Saves the draft. `expected` is the version of the workflow the author looked at; when the draft has changed since, both
/// drafts are shown and nothing is saved.
pub fn save_draft(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    expected: Option<i64>,
    definition: &Value,
) -> Verb<Drafted> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    looked_at(&workflow, expected, "saving", definition)?;
    let problems = checked(engine, work, actor, Some(definition))?;
    let now = work.now();
    let workflow = work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.draft_base_id = workflow.draft_base_id.clone().or_else(|| workflow.live_version_id.clone());
        workflow.draft = Some(Json::new(definition.clone()));
        workflow.draft_since = workflow.version + 1;
        workflow.draft_number += 1;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    Ok((workflow, problems))
}

/// Discards the draft: what is live is drawn on anew. A workflow that was never published keeps its draft, which is all
/// there is of it; one without a draft stays as it is.
pub fn discard_draft(
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    expected: Option<i64>,
) -> Verb<Arc<Workflow>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    looked_at(&workflow, expected, "discarding", &Value::Null)?;
    if workflow.live_version_id.is_none() {
        let name = &workflow.name;
        let sentence =
            format!("workflow '{name}' was never published, and its draft is all there is of it; archive it instead");
        return Err(Refusal::new(Kind::Conflict, "never-published", sentence).into());
    }
    if workflow.draft.is_none() {
        return Ok(workflow);
    }
    let now = work.now();
    work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.draft = None;
        workflow.draft_since = workflow.version + 1;
        workflow.draft_base_id = None;
        workflow.draft_number = 0;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })
}

/// Refuses a change of a draft that is not the one its author looked at, or of a workflow that is retired.
fn looked_at(workflow: &Workflow, expected: Option<i64>, deed: &str, yours: &Value) -> Result<(), Refusal> {
    match expected {
        None => {
            let sentence = format!("{deed} a draft needs If-Match with the ETag of the draft you started from");
            return Err(Refusal::new(Kind::Unconditional, "if-match-needed", sentence));
        }
        Some(expected) if !(workflow.draft_since..=workflow.version).contains(&expected) => {
            let sentence = "the draft was changed by somebody else since you opened it; compare theirs and yours";
            return Err(Refusal::new(Kind::Stale, "draft-moved-on", sentence)
                .with(json!({"theirs": workflow.draft, "yours": yours, "version": workflow.version})));
        }
        Some(_) => {}
    }
    if workflow.state == WorkflowState::Archived {
        let sentence = format!("workflow '{}' is archived and can't be changed", workflow.name);
        return Err(Refusal::rule("workflow-archived", sentence));
    }
    Ok(())
}

/// What is wrong with the draft of a workflow, or with what is live where it has none: a case template may have changed
/// since it was published.
pub fn problems_of_draft(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    workflow: &Workflow,
) -> Verb<Vec<Problem>> {
    if workflow.draft.is_some() {
        return checked(engine, work, actor, workflow.draft.as_deref());
    }
    let live = match &workflow.live_version_id {
        Some(live) if workflow.state != WorkflowState::Archived => work.get::<Version>(live.as_str())?,
        _ => None,
    };
    checked(engine, work, actor, live.as_ref().map(|version| &*version.definition))
}

/// What is wrong with a definition that nobody has saved. Nothing is written.
pub fn problems_of(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, definition: &Value) -> Verb<Vec<Problem>> {
    actor.may(Permission::WorkflowRead)?;
    checked(engine, work, actor, Some(definition))
}

/// What is wrong with a definition. Only one that is too large is refused.
pub(crate) fn checked(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    definition: Option<&Value>,
) -> Verb<Vec<Problem>> {
    let Some(definition) = definition else { return Ok(Vec::new()) };
    let bytes = definition.to_string().len();
    if bytes > DEFINITION_BYTES_MAX {
        let sentence = format!("a definition has at most {DEFINITION_BYTES_MAX} bytes, this one has {bytes}");
        return Err(Refusal::rule("definition-too-large", sentence).at("/data/attributes/definition").into());
    }
    check_here(engine, work, &actor.environment, definition)
}

pub(crate) fn shown(actor: &Actor) -> Option<String> {
    actor.shown().map(|(shown, _)| shown.as_ref().to_owned())
}
