//! Advances a run by one step, in the commit of the reaction or command that started or resumed it.
//!
//! For a step that sets a status: the step's inputs are resolved, the `run` of its type calls the noun's verb with the
//! run as the actor, and the result is written into the run and its history, all or nothing.

use std::sync::Arc;

use docket_events::{EVENT, NewEvent, record};
use docket_kernel::{
    Actor, Cause, EventId, Halt, Json, Moment, Progress, Refusal, RunId, SegmentId, Task, UnitOfWork, Verb, Who,
};
use serde_json::{Map, Value, json};

use crate::blank::explained;
use crate::condition::Budget;
use crate::definition::{Action, Body, Node, OnError, Program};
use crate::engine::Engine;
use crate::failure::record_failure;
use crate::limits::{EVALUATION_BYTES_MAX, RESOLVED_BYTES_MAX, RUN_BYTES_MAX};
use crate::lookup::RunLookup;
use crate::run::{Cursor, Run, RunState, Segment, StepError, StepResult, StepRun, StepState};
use crate::step_type::{Outcome, StepContext};
use crate::subjects::{Subjects, note_read, note_subjects};
use crate::value::{Unresolved, resolve_all, resolve_all_within, weight};

/// The topic of the task that executes a run's next step.
pub const RUN: &str = "run";

/// The task that continues a run.
pub(crate) fn go_on(id: &RunId) -> Task {
    Task { topic: RUN, key: id.key() }
}

/// Executes the next step of a run. A run that has ended, on any node, is left unchanged.
pub fn advance(engine: &Engine, work: &mut UnitOfWork, id: &str) -> Verb<Progress> {
    let Some(run) = work.get::<Run>(id)?.filter(|run| run.state == RunState::Running) else {
        return Ok(Progress::Done);
    };
    let (version, program) = engine.program(work, &run.version_id)?;
    let actor = actor_of(&run, &version.permissions);
    let Some(node) = node_at(&program, &run.progress.cursor) else {
        return finish(engine, work, &run, &actor, &program, None);
    };
    let now = work.now();
    let mut read = Subjects::new();
    let (mut step, given, next) = match &node.body {
        _ if node.disabled => (skipped(node, now), None, program.next_after(node)),
        Body::Choose(_) => choose(engine, work, &run, &program, node, &mut read)?,
        Body::Action(action) => {
            let (step, given) = run_action(engine, work, &run, &actor, (node, action), &mut read)?;
            (step, Some(given), program.next_after(node))
        }
    };
    record_failure(engine, work, &run, &actor, &mut step)?;
    let subjects = note_subjects(engine, work, &run, &step, read)?;
    let stops = step.state == StepState::Failed;
    let next_id = next.map(|next| next.id.clone());
    let node_id = node.id.clone();
    let run = append_history(work, &run, step, |run| {
        if let Some(given) = given {
            run.progress.edit().outputs.insert(node_id, Arc::new(given));
        }
        run.progress.edit().cursor = next_id.clone().map_or(Cursor::End, Cursor::Step);
        run.progress.edit().subjects.extend(subjects);
        run.due_at = None;
    })?;
    if stops {
        return finish(engine, work, &run, &actor, &program, Some(RunState::Errored));
    }
    match next_id {
        Some(_) => Ok(Progress::Again),
        None => finish(engine, work, &run, &actor, &program, None),
    }
}

/// Defers a run: any node continues it from `due` on. A run that only found no room in the batch goes to the end of the
/// queue, so that a long run takes turns with other runs of its environment.
pub fn defer(work: &mut UnitOfWork, id: &str, due: Moment) -> Verb<()> {
    match work.get::<Run>(id)? {
        Some(run) if run.state == RunState::Running => work.change::<Run>(id, |run| run.due_at = Some(due)).map(drop),
        _ => Ok(()),
    }
}

/// Records that the current step of a run failed in a way that its step type did not report: a panic, or a row that the
/// database refused. The `on_error` setting of the step decides whether the run continues.
pub fn fail(engine: &Engine, work: &mut UnitOfWork, id: &str, refusal: &Refusal) -> Verb<()> {
    let Some(run) = work.get::<Run>(id)?.filter(|run| run.state == RunState::Running) else { return Ok(()) };
    let (version, program) = engine.program(work, &run.version_id)?;
    let actor = actor_of(&run, &version.permissions);
    let Some(node) = node_at(&program, &run.progress.cursor) else {
        return finish(engine, work, &run, &actor, &program, Some(RunState::Errored)).map(drop);
    };
    let goes_on = node.on_error == OnError::Continue;
    let error = StepError::of(refusal);
    let given = StepResult::Error(error.to_value());
    let step = failed(node, work.now(), Value::Null, error, goes_on);
    let next = program.next_after(node).map(|next| next.id.clone());
    let now = work.now();
    let node_id = node.id.clone();
    let run = append_history(work, &run, step, |run| {
        run.progress.edit().outputs.insert(node_id, Arc::new(given));
        run.progress.edit().cursor = next.map_or(Cursor::End, Cursor::Step);
        run.due_at = goes_on.then_some(now);
    })?;
    if goes_on { Ok(()) } else { finish(engine, work, &run, &actor, &program, Some(RunState::Errored)).map(drop) }
}

/// The run as an actor: it has the permissions of its publisher.
fn actor_of(run: &Run, permissions: &[docket_kernel::Permission]) -> Actor {
    let cause = Cause {
        event: run.cause_event_id.clone(),
        run: Some(run.id.clone()),
        step: None,
        request: run.request_id.as_ref().map(docket_kernel::RequestId::of),
        depth: run.depth,
    };
    Actor::new(Who::Run(run.id.clone()), run.environment_id.clone(), Arc::from(permissions)).because(cause)
}

fn node_at<'p>(program: &'p Program, cursor: &Cursor) -> Option<&'p Node> {
    match cursor {
        Cursor::Start => program.first(),
        Cursor::Step(id) => program.get(id),
        Cursor::End => None,
    }
}

/// Resolves a step's inputs and runs it. A refusal rolls back what the step wrote.
fn run_action(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    actor: &Actor,
    (node, action): (&Node, &Action),
    read: &mut Subjects,
) -> Verb<(StepRun, StepResult)> {
    let now = work.now();
    let goes_on = node.on_error == OnError::Continue;
    let mut cause = actor.cause.clone();
    cause.step = Some(Arc::from(node.id.as_str()));
    let actor = actor.clone().because(cause);
    let mut lookup = RunLookup::of(engine, work, run);
    let resolved = resolve_all_within(&action.with, &mut lookup, bytes_left(run));
    read.extend(lookup.into_read());
    let mut input = match resolved {
        Ok(input) => input,
        Err(error) => {
            let error = StepError::of(&unresolved(run, error)?);
            let given = StepResult::Error(error.to_value());
            return Ok((failed(node, now, Value::Null, error, goes_on), given));
        }
    };
    let entry = engine.catalogue.get(&action.step_type);
    if let Some(entry) = entry {
        entry.name_objects(&mut input);
    }
    let before = work.queued().len();
    let outcome = work.attempt(|work| {
        let Some(entry) = entry else {
            let sentence = format!("the step type {} is no longer part of Docket", action.step_type);
            return Err(Refusal::rule("unknown-step-type", sentence).into());
        };
        match entry.run(&mut StepContext { work, actor: &actor }, &input)? {
            Outcome::Done(output) => Ok(output),
            Outcome::Wait(_) | Outcome::Effect(_) => Err(suspends(&action.step_type).into()),
        }
    })?;
    Ok(match outcome {
        Ok(output) => {
            let events = work.queued()[before..].iter().filter(|task| task.topic == EVENT);
            let step = StepRun {
                id: node.id.clone(),
                name: node.title().to_owned(),
                r#do: action.step_type.clone(),
                state: StepState::Succeeded,
                attempts: 1,
                input: Value::Object(input),
                output: output.clone(),
                error: None,
                started_at: now,
                completed_at: now,
                events: events.map(|task| EventId::from(Arc::clone(&task.key))).collect(),
            };
            (step, StepResult::Output(output))
        }
        Err(refusal) => {
            let error = StepError::of(&explained(engine, work, run, &action.with, &input, refusal)?);
            let given = StepResult::Error(error.to_value());
            (failed(node, now, Value::Object(input), error, goes_on), given)
        }
    })
}

/// Refuses a step that would suspend its run.
fn suspends(step_type: &str) -> Refusal {
    let sentence = format!(
        "the step type {step_type} waits or calls out, and this version of Docket runs only steps that end in the commit \
         they begin in"
    );
    Refusal::rule("step-suspends", sentence)
}

/// The bytes that a run's steps may still read and write.
fn bytes_left(run: &Run) -> usize {
    RUN_BYTES_MAX.saturating_sub(run.progress.bytes)
}

/// Inputs that could not be resolved are the step's error; rows that are not in memory yet halt the unit of work.
fn unresolved(run: &Run, error: Unresolved<Halt>) -> Verb<Refusal> {
    match error {
        Unresolved::Lookup(Halt::Refused(refusal)) => Ok(refusal),
        Unresolved::Lookup(halt) => Err(halt),
        Unresolved::InputTooLarge | Unresolved::ConditionTooLong if bytes_left(run) < RESOLVED_BYTES_MAX => {
            let sentence = format!(
                "the steps of this run have read and given {} bytes, and this one would exceed {RUN_BYTES_MAX}; refer \
                 to smaller values or split the workflow",
                run.progress.bytes
            );
            Ok(Refusal::rule("run-too-large", sentence))
        }
        bound => {
            let code = bound.code().unwrap_or("unresolved").replace('_', "-");
            Ok(Refusal::rule(&code, bound.sentence().unwrap_or_default()))
        }
    }
}

/// A conditional's step record, its result, and the node where the run continues.
type Chosen<'p> = (StepRun, Option<StepResult>, Option<&'p Node>);

/// Takes the first route whose condition holds.
fn choose<'p>(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    program: &'p Program,
    node: &Node,
    read: &mut Subjects,
) -> Verb<Chosen<'p>> {
    let mut lookup = RunLookup::of(engine, work, run);
    let chosen = choose_by(&mut lookup, run, program, node);
    read.extend(lookup.into_read());
    chosen
}

fn choose_by<'p>(lookup: &mut RunLookup<'_>, run: &Run, program: &'p Program, node: &Node) -> Verb<Chosen<'p>> {
    let now = lookup.now();
    let mut seen = Vec::new();
    let mut budget = Budget::of(bytes_left(run).min(EVALUATION_BYTES_MAX));
    for (place, route) in node.routes().iter().enumerate() {
        let holds = match &route.when {
            None => true,
            Some(condition) => match condition.evaluate_within(lookup, &mut budget) {
                Ok(evaluated) => {
                    seen.push(json!({"route": route.label, "holds": evaluated.holds, "rows": evaluated.rows}));
                    evaluated.holds
                }
                Err(error) => {
                    let error = StepError::of(&unresolved(run, error)?);
                    let given = StepResult::Error(error.to_value());
                    let step = failed(node, now, Value::Array(seen), error, node.on_error == OnError::Continue);
                    return Ok((step, Some(given), program.next_after(node)));
                }
            },
        };
        if holds {
            let output = json!({"route": route.label});
            let step = StepRun { input: Value::Array(seen), output, ..choosing(node, now) };
            return Ok((step, None, program.enter(node, place)));
        }
    }
    let step = StepRun { input: Value::Array(seen), ..choosing(node, now) };
    Ok((step, None, program.next_after(node)))
}

fn choosing(node: &Node, now: Moment) -> StepRun {
    StepRun {
        id: node.id.clone(),
        name: node.title().to_owned(),
        r#do: node.step_type().unwrap_or("choose").to_owned(),
        state: StepState::Succeeded,
        attempts: 1,
        input: Value::Null,
        output: Value::Null,
        error: None,
        started_at: now,
        completed_at: now,
        events: Vec::new(),
    }
}

fn skipped(node: &Node, now: Moment) -> StepRun {
    StepRun { state: StepState::Skipped, attempts: 0, ..choosing(node, now) }
}

fn failed(node: &Node, now: Moment, input: Value, error: StepError, goes_on: bool) -> StepRun {
    let state = if goes_on { StepState::Continued } else { StepState::Failed };
    StepRun { state, input, error: Some(error), ..choosing(node, now) }
}

/// Writes a step into the run's history: one segment per commit.
fn append_history(work: &mut UnitOfWork, run: &Run, step: StepRun, change: impl FnOnce(&mut Run)) -> Verb<Arc<Run>> {
    let now = work.now();
    // A segment inserted by this batch is still open; one from an earlier commit is not changed.
    let bytes = weight(&step.input) + weight(&step.output);
    let last = segment_id(run, run.progress.segments - 1);
    let open = work.is_new::<Segment>(last.as_str()).then_some(last);
    let begins = open.is_none();
    if let Some(id) = open {
        work.change::<Segment>(id.as_str(), |segment| segment.steps.edit().push(Arc::new(step)))?;
    } else {
        let ordinal = run.progress.segments;
        work.insert(Segment {
            id: segment_id(run, ordinal),
            environment_id: run.environment_id.clone(),
            version: 0,
            run_id: run.id.clone(),
            ordinal,
            steps: Json::new(vec![Arc::new(step)]),
            redaction_id: None,
            retained_at: None,
            created_at: now,
        });
    }
    work.change::<Run>(run.id.as_str(), |run| {
        change(run);
        // From now on the run holds values that were not blanked.
        (run.redaction_id, run.retained_at) = (None, None);
        run.progress.edit().segments += i64::from(begins);
        run.progress.edit().bytes += bytes;
    })
}

pub(crate) fn segment_id(run: &Run, ordinal: i64) -> SegmentId {
    SegmentId::of(format!("{}:{ordinal}", run.id))
}

/// Ends a run with an outcome, or with the outcome that follows from its steps.
fn finish(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    actor: &Actor,
    program: &Program,
    outcome: Option<RunState>,
) -> Verb<Progress> {
    let mut state = outcome.unwrap_or_else(|| {
        let failed = run.progress.outputs.values().any(|given| matches!(given.as_ref(), StepResult::Error(_)));
        if failed { RunState::CompletedWithErrors } else { RunState::Completed }
    });
    let mut read = Subjects::new();
    let output = match state {
        RunState::Errored => Map::new(),
        _ => {
            let mut lookup = RunLookup::of(engine, work, run);
            let resolved = resolve_all(program.output(), &mut lookup);
            read.extend(lookup.into_read());
            match resolved {
                Ok(output) => output,
                Err(error) => {
                    state = RunState::CompletedWithErrors;
                    let refusal = unresolved(run, error)?;
                    Map::from_iter([("error".to_owned(), StepError::of(&refusal).to_value())])
                }
            }
        }
    };
    note_read(work, run, &mut read);
    let now = work.now();
    let run = work.change::<Run>(run.id.as_str(), |run| {
        run.state = state;
        run.completed_at = Some(now);
        run.due_at = None;
        run.progress.edit().output = output;
        (run.redaction_id, run.retained_at) = (None, None);
        run.progress.edit().subjects.extend(read);
        run.progress.edit().cursor = match &run.progress.cursor {
            at if state == RunState::Errored => at.clone(),
            _ => Cursor::End,
        };
    })?;
    let name = if state == RunState::Errored { "workflow-run.errored" } else { "workflow-run.completed" };
    record(work, actor, NewEvent::about(&*run, name, run.tree()).with("outcome", state.as_str()));
    Ok(Progress::Done)
}

#[cfg(test)]
mod tests {
    use docket_kernel::{EnvironmentId, Rng, Scope, SeededRng, VersionId, WorkflowId};

    use super::*;

    /// A run created at 7 and deferred at 100 until `due`.
    fn put_off_until(due: i64) -> Option<Moment> {
        let run = Run {
            id: RunId::of("wfr_1"),
            environment_id: EnvironmentId::of("env_1"),
            version: 0,
            event_ordinal: 0,
            workflow_id: WorkflowId::of("wfl_1"),
            version_id: VersionId::of("wfv_1"),
            start_key: None,
            state: RunState::Running,
            trigger: Json::default(),
            subject_id: None,
            redaction_id: None,
            retained_at: None,
            progress: Json::default(),
            creator_type: None,
            creator_id: None,
            creator_shown: None,
            cause_event_id: None,
            request_id: None,
            depth: 0,
            chain: Json::default(),
            due_at: None,
            created_at: Moment(7),
            completed_at: None,
        };
        let mut work = UnitOfWork::default();
        work.begin_batch(Moment(100));
        work.begin_stage(&Scope::Installation, SeededRng::new(1).seed(), 0, 0);
        work.insert(run);
        defer(&mut work, "wfr_1", Moment(due)).expect("the run exists");
        work.get::<Run>("wfr_1").expect("the run exists").and_then(|run| run.due_at)
    }

    #[test]
    fn a_deferred_run_is_due_at_the_given_time() {
        assert_eq!(put_off_until(100), Some(Moment(100)));
        assert_eq!(put_off_until(120), Some(Moment(120)));
    }
}
