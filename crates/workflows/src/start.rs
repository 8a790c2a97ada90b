//! Starting a run by hand: the API trigger.

use std::sync::Arc;

use docket_kernel::{Actor, Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use serde_json::{Map, Value, json};

use crate::engine::Engine;
use crate::problem::Problem;
use crate::react::{Starting, start};
use crate::run::Run;
use crate::trigger::parameters;
use crate::workflow::{Workflow, WorkflowState};

/// The workflow this environment shows under an id.
pub(crate) fn existing(work: &mut UnitOfWork, id: &WorkflowId) -> Verb<Arc<Workflow>> {
    match work.get::<Workflow>(id.as_str())? {
        Some(workflow) => Ok(workflow),
        None => Err(Refusal::unknown("workflow", id).into()),
    }
}

/// Starts a run of the live version with these parameters. Refused, saying which: a workflow that was never published,
/// is paused or archived, or has no API trigger; parameters that are missing, unknown or of another type.
pub fn start_by_api(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    given: &Map<String, Value>,
) -> Verb<Arc<Run>> {
    actor.may(Permission::WorkflowTrigger)?;
    let workflow = existing(work, id)?;
    let not_live = match (workflow.state, &workflow.live_version_id) {
        (WorkflowState::Running, Some(_)) => None,
        (WorkflowState::Paused, _) => Some("is paused; resume it first"),
        (WorkflowState::Archived, _) => Some("is archived and starts no more runs"),
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
    let values = parameters(program.trigger(), given).map_err(|problems| refused(&problems))?;
    let (kind, own_id) = actor.recorded();
    let starting = Starting {
        version: &version,
        start_key: None,
        trigger: json!({"fields": values}),
        chain: vec![workflow.id.clone()],
        depth: actor.cause.depth + 1,
        creator: (kind, own_id.map(|id| id.as_ref().to_owned()), actor.shown().map(|(id, _)| id.as_ref().to_owned())),
    };
    Ok(start(work, actor, starting))
}

/// Problems with a request as one refusal.
pub(crate) fn refused(problems: &[Problem]) -> Refusal {
    let findings =
        problems.iter().map(|p| Refusal::rule(&p.code.replace('_', "-"), &p.message).at(p.pointer.clone())).collect();
    Refusal::of_all(findings).unwrap_or_else(|| Refusal::internal("refused without a problem"))
}
