//! Faults: work that failed and needs a person's attention. A run that can neither continue nor be recorded as failed,
//! and a workflow whose live version can't be evaluated.

use std::sync::Arc;

use docket_kernel::{Actor, Entity, EnvironmentId, Moment, Permission, Refusal, UnitOfWork, Verb, WorkflowId};

use crate::limits::FAULT_TRIES_MAX;
use crate::run::{Run, RunState};

docket_kernel::text_enum! {
    /// The state of work that could not be done.
    pub enum FaultState {
        /// It is retried automatically.
        Retrying = "retrying",
        /// It waits for a person.
        Parked = "parked",
    }
}

docket_kernel::entity! {
    /// Work that could not be done.
    pub struct Fault in "fault" {
        table: { rank: 75, lock: Config(version), scope: environment_id, unique: [], asked: ["state"] },
        /// The type and the id of what it is about, joined: one row for each.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The type of its object: `workflow-run` or `workflow`.
        object_type: String,
        /// The id of its object.
        object_id: String,
        /// The workflow, if it is known: the row of a run may not be readable.
        workflow_id: Option<WorkflowId>,
        /// Its state.
        state: FaultState,
        /// Why the work could not be done.
        reason: String,
        /// The number of attempts.
        tries: i64,
        /// When it was first attempted.
        created_at: Moment,
        /// When it was last attempted, while it is retried automatically; `None` once it waits for a person.
        tried_at: Option<Moment>,
    }
}

/// The types of objects that can have a fault.
const RUN_TYPE: &str = "workflow-run";
const WORKFLOW_TYPE: &str = "workflow";

/// The key of the fault of a run.
pub fn fault_of_run(run: &str) -> String {
    format!("{RUN_TYPE}:{run}")
}

fn fault_of_workflow(workflow: &WorkflowId) -> String {
    format!("{WORKFLOW_TYPE}:{workflow}")
}

/// The counter of events for which a workflow could not be evaluated.
fn unjudged_counter(workflow: &WorkflowId) -> String {
    format!("workflow-unjudged:{workflow}")
}

/// The number of events for which a workflow could not be evaluated.
pub fn unjudged_events(work: &mut UnitOfWork, workflow: &WorkflowId) -> Verb<i64> {
    let counter = work.get::<docket_events::Counter>(&unjudged_counter(workflow))?;
    Ok(counter.map_or(0, |counter| counter.value))
}

/// Records that a run can neither continue nor be recorded as failed. Returns when it is retried, with growing delays;
/// `None` after the last attempt.
pub fn park(work: &mut UnitOfWork, environment: &Arc<str>, run: &str, reason: &str) -> Verb<Option<Moment>> {
    let (key, now) = (fault_of_run(run), work.now());
    let known = work.get::<Fault>(&key)?;
    let workflow_id = work.attempt(|work| work.get::<Run>(run))?.ok().flatten().map(|run| run.workflow_id.clone());
    let tries = known.as_ref().map_or(0, |known| known.tries) + 1;
    let is_parked = tries >= FAULT_TRIES_MAX;
    let state = if is_parked { FaultState::Parked } else { FaultState::Retrying };
    let tried_at = (!is_parked).then_some(now);
    if known.is_some() {
        work.change::<Fault>(&key, |fault| {
            (fault.state, fault.tries, fault.tried_at) = (state, tries, tried_at);
            reason.clone_into(&mut fault.reason);
        })?;
    } else {
        work.insert(Fault {
            id: Arc::from(key),
            environment_id: EnvironmentId::from(Arc::clone(environment)),
            version: 0,
            object_type: RUN_TYPE.to_owned(),
            object_id: run.to_owned(),
            workflow_id,
            state,
            reason: reason.to_owned(),
            tries,
            created_at: now,
            tried_at,
        });
    }
    // 2, 4, 8 seconds and so on.
    Ok((!is_parked).then(|| now.plus_seconds(1 << tries.clamp(0, 16))))
}

/// Makes a parked run due again at once. Refused if it is not parked.
pub fn retry(work: &mut UnitOfWork, actor: &Actor, fault: &str) -> Verb<Arc<Fault>> {
    actor.may(Permission::WorkflowTrigger)?;
    let known = work.existing::<Fault>("fault", fault)?;
    if known.object_type != RUN_TYPE {
        let sentence = format!(
            "fault {fault} is of a workflow, which has nothing to retry; publish the workflow again or archive it"
        );
        return Err(Refusal::rule("nothing-to-retry", sentence).into());
    }
    if known.state != FaultState::Parked {
        let sentence = format!("run {} is retried automatically; wait for the next try", known.object_id);
        return Err(Refusal::rule("not-parked", sentence).into());
    }
    let run = work.attempt(|work| work.get::<Run>(&known.object_id))?.ok().flatten();
    if run.is_some_and(|run| run.state != RunState::Running) {
        let sentence = format!("run {} has ended; there is nothing to retry", known.object_id);
        return Err(Refusal::rule("nothing-to-retry", sentence).into());
    }
    let now = work.now();
    work.set_due(Run::TABLE, &known.object_id, Some(now));
    // If it fails again, it is parked again.
    work.change::<Fault>(fault, |fault| {
        (fault.state, fault.tries, fault.tried_at) = (FaultState::Retrying, FAULT_TRIES_MAX - 1, Some(now));
    })
}

/// Records that a workflow could not be evaluated for an event. The row records the fault, and a counter the number of
/// events: a row that every event changed would serialize all of them.
pub(crate) fn could_not_judge(
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    workflow: &WorkflowId,
    reason: &str,
) -> Verb<()> {
    work.count(environment.as_str(), &unjudged_counter(workflow), 1);
    let key = fault_of_workflow(workflow);
    if work.get::<Fault>(&key)?.is_some() {
        return Ok(());
    }
    let now = work.now();
    work.insert(Fault {
        id: Arc::from(key),
        environment_id: environment.clone(),
        version: 0,
        object_type: WORKFLOW_TYPE.to_owned(),
        object_id: workflow.to_string(),
        workflow_id: Some(workflow.clone()),
        state: FaultState::Parked,
        reason: reason.to_owned(),
        tries: 1,
        created_at: now,
        tried_at: None,
    });
    Ok(())
}

/// Removes the fault of a workflow: another version is live, or none.
pub(crate) fn forget_workflow(work: &mut UnitOfWork, workflow: &WorkflowId) -> Verb<()> {
    work.remove::<Fault>(&fault_of_workflow(workflow))
}
