//! Publishing a draft, and pausing, resuming and archiving a workflow.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, Json, Permission, Refusal, UnitOfWork, Verb, VersionId, WorkflowId};
use serde_json::{Value, json};

use crate::definition::Program;
use crate::draft::{checked, shown};
use crate::engine::Engine;
use crate::listening::{listen, mute};
use crate::naming;
use crate::problem::Problem;
use crate::start::existing;
use crate::workflow::{Version, Workflow, WorkflowState};

/// Freezes the draft as a version and makes it the live version. Any problem refuses the call, with all problems
/// listed. Without a draft, the live version is unchanged, and the call returns the same result.
pub fn publish(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    description: Option<&str>,
) -> Verb<Arc<Workflow>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    if workflow.state == WorkflowState::Archived {
        return Err(archived(&workflow).into());
    }
    let Some(draft) = &workflow.draft else {
        return match workflow.live_version_id {
            Some(_) => Ok(workflow),
            None => Err(Refusal::rule("nothing-to-publish", "this workflow has no draft; save one first").into()),
        };
    };
    engine.objects.hold_named(work, &workflow.environment_id)?;
    let problems = checked(engine, work, actor, Some(draft))?;
    if !problems.is_empty() {
        return Err(refused(&problems).into());
    }
    let program = Program::from_json(draft).map_err(|problems| refused(&problems))?;
    let now = work.now();
    let version = work.insert(Version {
        id: workflow.draft_id.clone(),
        environment_id: workflow.environment_id.clone(),
        workflow_id: workflow.id.clone(),
        number: workflow.published_count + 1,
        definition: draft.clone(),
        description: description.map(str::to_owned),
        publisher_email: shown(actor),
        permissions: Json::new(actor.permissions_of_runs()),
        created_at: workflow.updated_at,
        published_at: now,
    });
    let next_draft = VersionId::of(work.new_id(VersionId::PREFIX));
    listen(work, &workflow, Some((&version.id, &program)), workflow.state == WorkflowState::Paused)?;
    naming::keep(engine, work, &workflow, Some(&program))?;
    let workflow = work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.live_version_id = Some(workflow.draft_id.clone());
        workflow.naming = None;
        workflow.draft_id = next_draft;
        workflow.draft = None;
        workflow.draft_since = workflow.version + 1;
        workflow.draft_base_id = None;
        workflow.draft_number = 0;
        workflow.published_count += 1;
        if workflow.state == WorkflowState::Draft {
            workflow.state = WorkflowState::Running;
        }
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    let new_event = NewEvent::about(&*workflow, "workflow.published", tree(&workflow));
    record(work, actor, new_event.with("workflow-version-id", version.id.as_str()));
    Ok(workflow)
}

/// Stops a workflow from starting runs; runs in progress finish.
pub fn pause(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId) -> Verb<Arc<Workflow>> {
    switch(engine, work, actor, id, WorkflowState::Paused)
}

/// Lets a paused workflow start runs again.
pub fn resume(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId) -> Verb<Arc<Workflow>> {
    switch(engine, work, actor, id, WorkflowState::Running)
}

/// Archives a workflow permanently; runs in progress finish.
pub fn archive(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId) -> Verb<Arc<Workflow>> {
    switch(engine, work, actor, id, WorkflowState::Archived)
}

fn switch(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    to: WorkflowState,
) -> Verb<Arc<Workflow>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    if workflow.state == to {
        return Ok(workflow);
    }
    if workflow.state == WorkflowState::Archived {
        return Err(archived(&workflow).into());
    }
    let live = match (&workflow.live_version_id, to) {
        (Some(live), WorkflowState::Running) => Some(engine.program(work, live)?),
        // A version that can no longer be read can still be paused.
        (Some(live), WorkflowState::Paused) => work.attempt(|work| engine.program(work, live))?.ok(),
        (None, WorkflowState::Running | WorkflowState::Paused) => {
            let sentence = format!("workflow '{}' has only a draft; publish it first", workflow.name);
            return Err(Refusal::rule("workflow-not-live", sentence).into());
        }
        _ => None,
    };
    let live = live.as_ref().map(|(version, program)| (&version.id, program.as_ref()));
    if live.is_none() && to == WorkflowState::Paused {
        mute(work, &workflow)?;
    } else {
        listen(work, &workflow, live, to == WorkflowState::Paused)?;
        naming::keep(engine, work, &workflow, live.map(|(_, program)| program))?;
    }
    let now = work.now();
    let workflow = work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.state = to;
        workflow.naming = None;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    let name = match to {
        WorkflowState::Paused => "workflow.paused",
        WorkflowState::Archived => "workflow.archived",
        WorkflowState::Running | WorkflowState::Draft => "workflow.resumed",
    };
    record(work, actor, NewEvent::about(&*workflow, name, tree(&workflow)));
    Ok(workflow)
}

pub(crate) fn archived(workflow: &Workflow) -> Refusal {
    let sentence =
        format!("workflow '{}' is archived permanently; create a new one from its definition", workflow.name);
    Refusal::rule("workflow-archived", sentence)
}

/// The problems of a definition as one refusal, each at its place.
fn refused(problems: &[Problem]) -> Refusal {
    let findings = problems
        .iter()
        .map(|problem| {
            let sentence = if problem.path.is_empty() {
                problem.message.clone()
            } else {
                format!("{}: {}", problem.path, problem.message)
            };
            let pointer = format!("/data/attributes/definition{}", problem.pointer);
            Refusal::rule(&problem.code.replace('_', "-"), sentence).at(pointer)
        })
        .collect();
    Refusal::of_all(findings).unwrap_or_else(|| Refusal::internal("refused without a problem"))
}

pub(crate) fn tree(workflow: &Workflow) -> Value {
    json!({
        "type": "workflow",
        "id": workflow.id,
        "name": workflow.name,
        "status": workflow.state,
        "created_at": workflow.created_at.to_string(),
        "latest_published_version": workflow.live_version_id.as_ref().map(|id| json!({"type": "workflow-version", "id": id})),
    })
}
