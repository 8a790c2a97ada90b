//! Starting a run by hand: through the API trigger, or for an event in the past.

use std::sync::Arc;

use docket_events::Event;
use docket_kernel::{Actor, Json, Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use serde_json::{Map, Value, json};

use crate::definition::Program;
use crate::engine::Engine;
use crate::lookup::LiveLookup;
use crate::problem::Problem;
use crate::react::{Starting, start};
use crate::run::Run;
use crate::trigger::{parameters, starts};
use crate::value::Unresolved;
use crate::workflow::{Version, Workflow, WorkflowState};

/// The workflow with this id in this environment.
pub(crate) fn existing(work: &mut UnitOfWork, id: &WorkflowId) -> Verb<Arc<Workflow>> {
    work.existing("workflow", id.as_str())
}

/// Starts a run of the live version with these parameters. Refused with the reason: a workflow that was never
/// published, is paused or archived, or has no API trigger; parameters that are missing, unknown or of another type.
pub fn start_by_api(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    given: &Map<String, Value>,
) -> Verb<Arc<Run>> {
    actor.may(Permission::WorkflowTrigger)?;
    let (workflow, version, program) = live(engine, work, id)?;
    let values = parameters(program.trigger(), given).map_err(|problems| refused(&problems))?;
    Ok(start(work, actor, by_hand(actor, &workflow, &version, json!({"fields": values}))))
}

/// Starts a run of the live version for a past event, as if it had just happened. Refused with the reason: a workflow
/// that is not live, an event it does not listen to or whose criteria do not hold, an event that does not exist.
pub fn start_for_event(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    event: &str,
) -> Verb<Arc<Run>> {
    actor.may(Permission::WorkflowTrigger)?;
    let (workflow, version, program) = live(engine, work, id)?;
    let Some(event) = work.get::<Event>(event)? else {
        let sentence = format!("there is no event {event} in this environment; list events to find its id");
        return Err(Refusal::rule("unknown-event", sentence).at("/meta/event-id").into());
    };
    // If the event's object was redacted, the run starts with the remaining content.
    let event = docket_events::shown(work, &event)?;
    if !program.trigger().listens_to(&event.name) {
        let sentence = format!("workflow '{}' does not listen to {}", workflow.name, event.name);
        return Err(Refusal::rule("not-listened-to", sentence).at("/meta/event-id").into());
    }
    if !program.trigger().takes_from(event.origin(), &event.object_type) {
        let sentence = format!("workflow '{}' does not take events of this event's origin", workflow.name);
        return Err(Refusal::rule("not-listened-to", sentence).at("/meta/event-id").into());
    }
    let mut live = LiveLookup { engine, work, environment: &event.environment_id };
    match starts(program.trigger(), &event.name, &event.payload, &mut live) {
        Ok(evaluated) if evaluated.holds => {}
        Err(Unresolved::Lookup(halt)) => return Err(halt),
        _ => {
            let sentence = format!("the criteria of workflow '{}' do not hold for this event", workflow.name);
            return Err(Refusal::rule("criteria-not-met", sentence).at("/meta/event-id").into());
        }
    }
    let mut cause = actor.cause.clone();
    cause.event = Some(event.id.clone());
    let starting = by_hand(actor, &workflow, &version, (*event.payload).clone());
    Ok(start(work, &actor.clone().because(cause), starting))
}

/// The live version for a start by hand. Refused with the reason: a workflow that was never published, is paused or
/// archived.
fn live(engine: &Engine, work: &mut UnitOfWork, id: &WorkflowId) -> Verb<(Arc<Workflow>, Arc<Version>, Arc<Program>)> {
    let workflow = existing(work, id)?;
    let not_live = match (workflow.state, &workflow.live_version_id) {
        (WorkflowState::Running, Some(_)) => None,
        (WorkflowState::Paused, _) => Some("is paused; resume it first"),
        (WorkflowState::Archived, _) => Some("is archived and can't start runs"),
        _ => Some("has only a draft; publish it first"),
    };
    if let Some(reason) = not_live {
        let sentence = format!("workflow '{}' {reason}", workflow.name);
        return Err(Refusal::rule("workflow-not-live", sentence).into());
    }
    let Some(live) = &workflow.live_version_id else {
        return Err(Refusal::internal("a live workflow has no version").into());
    };
    let (version, program) = engine.program(work, live)?;
    Ok((workflow, version, program))
}

/// A run started by hand: the first of its chain.
fn by_hand<'v>(actor: &Actor, workflow: &Workflow, version: &'v Version, trigger: Value) -> Starting<'v> {
    let (kind, own_id) = actor.recorded();
    Starting {
        version,
        start_key: None,
        trigger: Json::new(trigger),
        chain: vec![workflow.id.clone()],
        depth: actor.cause.depth + 1,
        creator: (kind, own_id.map(|id| id.as_ref().to_owned()), actor.shown().map(|(id, _)| id.as_ref().to_owned())),
    }
}

/// The problems of a request as one refusal.
pub(crate) fn refused(problems: &[Problem]) -> Refusal {
    let findings =
        problems.iter().map(|p| Refusal::rule(&p.code.replace('_', "-"), &p.message).at(p.pointer.clone())).collect();
    Refusal::of_all(findings).unwrap_or_else(|| Refusal::internal("refused without a problem"))
}
