//! The reaction to a recorded event: starts the runs of the workflows that listen to it.

use std::sync::Arc;

use docket_events::{Counter, Event, NewEvent, record};
use docket_kernel::{Actor, Halt, Json, Refusal, RunId, UnitOfWork, Verb, WorkflowId};
use serde_json::Value;

use crate::advance::go_on;
use crate::engine::Engine;
use crate::fault::could_not_judge;
use crate::lookup::LiveLookup;
use crate::publish::tree;
use crate::run::{Run, RunProgress, RunState};
use crate::start::existing;
use crate::store::SUBSCRIPTIONS_OF_EVENT;
use crate::trigger::starts;
use crate::value::Unresolved;
use crate::workflow::{Subscription, Version};

/// The maximum length of a chain of runs that started each other.
pub const CHAIN_RUNS_MAX: i64 = 8;

/// The type of a run in events and trees.
const RUN_TYPE: &str = "workflow-run";

/// The event about a run that was not started, because its chain is circular or too long.
const REFUSED: &str = "workflow-run.refused";

/// The number of events for which a workflow did not start because it was paused.
pub fn skipped_events(work: &mut UnitOfWork, workflow: &WorkflowId) -> Verb<i64> {
    Ok(work.get::<Counter>(&skipped_counter(workflow))?.map_or(0, |counter| counter.value))
}

/// The counter of events for which a workflow did not start because it was paused.
fn skipped_counter(workflow: &WorkflowId) -> String {
    format!("workflow-skipped:{workflow}")
}

/// Hints that an event with this name is about to be recorded: the next load includes its subscriptions.
pub fn hint(work: &mut UnitOfWork, event_name: &str) {
    work.hint_ask(&SUBSCRIPTIONS_OF_EVENT, event_name);
}

/// Starts the runs for an event, in the order of their workflows' ids. A workflow that can't be evaluated is recorded
/// for a person, and does not prevent others from starting.
pub fn react(engine: &Engine, work: &mut UnitOfWork, event: &str) -> Verb<()> {
    let Some(event) = work.get::<Event>(event)? else {
        return Err(Refusal::internal(format_args!("event {event} is reacted to but not there")).into());
    };
    // There are more subscriptions than the bound only if many nodes published at once; those beyond it are left out.
    let (mut listening, _) = work.some::<Subscription>(&SUBSCRIPTIONS_OF_EVENT, &event.name)?;
    listening.retain(|subscription| subscription.environment_id == event.environment_id);
    listening.sort_by(|one, other| one.workflow_id.cmp(&other.workflow_id));
    listening.dedup_by(|one, other| one.version_id == other.version_id);
    // Rows missing for any of the workflows are requested together; all are evaluated again when the rows are loaded.
    let mut halted = Ok(());
    for subscription in &listening {
        work.hint::<Version>(subscription.version_id.as_str());
    }
    for subscription in listening {
        let woken = match work.attempt_isolated(|work| wake(engine, work, &event, &subscription)) {
            Ok(Err(refusal)) if !subscription.is_paused => {
                could_not_judge(work, &event.environment_id, &subscription.workflow_id, &refusal.sentence)
            }
            woken => woken.map(drop),
        };
        halted = halted.and(woken);
    }
    halted
}

/// Starts a run of one version for one event, if its trigger's criteria hold; for a paused workflow, counts a skip.
fn wake(engine: &Engine, work: &mut UnitOfWork, event: &Event, subscription: &Subscription) -> Verb<()> {
    let (version, program) = engine.program(work, &subscription.version_id)?;
    if !program.trigger().takes_from(event.origin(), &event.object_type) {
        return Ok(());
    }
    let mut live = LiveLookup { engine, work, environment: &event.environment_id };
    let unjudged = match starts(program.trigger(), &event.name, &event.payload, &mut live) {
        Ok(evaluated) if evaluated.holds => None,
        Ok(_) => return Ok(()),
        Err(Unresolved::Lookup(halt @ Halt::Missing(_))) => return Err(halt),
        Err(Unresolved::Lookup(Halt::Refused(refusal))) => {
            Some(format!("its trigger's 'where' can't be evaluated: {}", refusal.sentence))
        }
        Err(bound) => {
            let why = bound.sentence_without_values().unwrap_or_default();
            Some(format!("its trigger's 'where' can't be evaluated: {why}"))
        }
    };
    if subscription.is_paused {
        work.count(event.environment_id.as_str(), &skipped_counter(&subscription.workflow_id), 1);
        return Ok(());
    }
    let before = run_before(work, event)?;
    if event.object_type == RUN_TYPE && before.as_ref().is_some_and(|run| is_watching(run)) {
        return Ok(());
    }
    let mut chain = before.map(|run| (*run.chain).clone()).unwrap_or_default();
    let depth = event.depth + 1;
    let refused = if unjudged.is_some() {
        unjudged
    } else if depth > CHAIN_RUNS_MAX {
        Some(format!(
            "it would be run {depth} in a chain of runs that started each other; at most {CHAIN_RUNS_MAX} are allowed"
        ))
    } else if chain.contains(&version.workflow_id) && !program.trigger().allow_reentry {
        Some("one of its own runs caused the event, and its trigger does not allow re-entry".to_owned())
    } else {
        None
    };
    if let Some(reason) = refused {
        // Otherwise a workflow that listens to refusals would cause another refusal, without end.
        if event.name != REFUSED {
            refuse(work, event, &version, &reason)?;
        }
        return Ok(());
    }
    // The event was recorded in this batch, so no run can have been started for it. The unique key keeps it so.
    let start_key = format!("{}:{}", version.id, event.id);
    chain.push(version.workflow_id.clone());
    let starting = Starting {
        version: &version,
        start_key: Some(start_key),
        trigger: event.payload.clone(),
        chain,
        depth,
        creator: ("event", Some(event.id.as_str().to_owned()), event.actor_shown.clone()),
    };
    let actor = actor_of(event);
    start(work, &actor, starting);
    Ok(())
}

/// The run that caused an event; for an event about a run, that run itself, because the run preceded every such event.
fn run_before(work: &mut UnitOfWork, event: &Event) -> Verb<Option<Arc<Run>>> {
    match (event.object_type == RUN_TYPE, &event.cause_run_id) {
        (true, _) => work.get::<Run>(&event.object_id),
        (false, Some(run)) => work.get::<Run>(run),
        (false, None) => Ok(None),
    }
}

/// Whether a run was started by an event about a workflow or a run. Events of such a run start no further runs: every
/// watcher would start every other watcher, and each of those runs would be watched again.
fn is_watching(run: &Run) -> bool {
    let kind = run.trigger.get("type").and_then(Value::as_str);
    matches!(kind, Some("workflow" | RUN_TYPE))
}

/// Records at the workflow that an event did not start it.
fn refuse(work: &mut UnitOfWork, event: &Event, version: &Version, reason: &str) -> Verb<()> {
    let workflow = existing(work, &version.workflow_id)?;
    let new_event = NewEvent::about(&*workflow, REFUSED, tree(&workflow))
        .with("reason", reason)
        .with("workflow-version-id", version.id.as_str())
        .with("event-name", event.name.as_str())
        .with_content_of(event.content_of.as_deref());
    record(work, &actor_of(event), new_event);
    Ok(())
}

/// Docket itself, caused by an event.
fn actor_of(event: &Event) -> Actor {
    Actor::system(event.environment_id.clone()).because(docket_kernel::Cause {
        event: Some(event.id.clone()),
        run: event.cause_run_id.as_ref().map(RunId::of),
        step: None,
        request: event.request_id.as_ref().map(docket_kernel::RequestId::of),
        depth: event.depth,
    })
}

/// The start values of a run.
pub(crate) struct Starting<'v> {
    pub version: &'v Version,
    pub start_key: Option<String>,
    pub trigger: Json<Value>,
    pub chain: Vec<WorkflowId>,
    pub depth: i64,
    /// Type, id, and API id.
    pub creator: (&'static str, Option<String>, Option<String>),
}

/// Creates a run; its steps follow in the same commit, up to the inline bound.
pub(crate) fn start(work: &mut UnitOfWork, actor: &Actor, starting: Starting<'_>) -> Arc<Run> {
    let id = RunId::of(work.new_id(RunId::PREFIX));
    let created_at = work.now();
    let (creator_type, creator_id, creator_shown) = starting.creator;
    let run = work.insert(Run {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        event_ordinal: 0,
        workflow_id: starting.version.workflow_id.clone(),
        version_id: starting.version.id.clone(),
        start_key: starting.start_key,
        state: RunState::Running,
        subject_id: docket_events::subject_of(&starting.trigger).map(str::to_owned),
        redaction_id: None,
        retained_at: None,
        trigger: starting.trigger,
        progress: Json::new(RunProgress::default()),
        creator_type: Some(creator_type.to_owned()),
        creator_id,
        creator_shown,
        cause_event_id: actor.cause.event.clone(),
        request_id: actor.cause.request.as_ref().map(|request| request.as_str().to_owned()),
        depth: starting.depth,
        chain: Json::new(starting.chain),
        due_at: None,
        created_at,
        completed_at: None,
    });
    let mut cause = actor.cause.clone();
    cause.depth = run.depth;
    let new_event = NewEvent::about(&*run, "workflow-run.created", run.tree());
    record(work, &actor.clone().because(cause), new_event);
    work.queue(go_on(&run.id));
    run
}
