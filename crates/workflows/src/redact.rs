//! Blanks the values of a run: those of its trigger and its steps. The executed steps, their times and their states
//! stay.

use std::sync::Arc;

use docket_events::blank_tree;
use docket_kernel::{EventId, Json, UnitOfWork, Verb};
use serde_json::{Map, Value, json};

use crate::advance::segment_id;
use crate::run::{Run, Segment, StepError, StepResult, StepRun};

/// The text that replaces the reason of a step's failure.
const REDACTED: &str = "redacted";

/// Blanks the values in a run's row; returns whether it was not blank before. A run in progress then reads null.
pub fn blank_run(work: &mut UnitOfWork, id: &str, redaction: &str) -> Verb<bool> {
    match work.get::<Run>(id)? {
        Some(run) if run.redaction_id.is_none() => {
            work.change::<Run>(id, |run| {
                *run = blanked_run(run);
                run.redaction_id = Some(redaction.to_owned());
            })?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The result of blanking a part of a run's history.
#[derive(Debug, Default)]
pub struct BlankedSegments {
    /// The number of blanked segments.
    pub count: i64,
    /// The events that failed steps recorded on objects: they contain the error too.
    pub events: Vec<EventId>,
    /// The ordinal at which to continue, if there are more segments.
    pub next: Option<i64>,
}

/// Blanks up to `at_once` segments of a run's history, starting at an ordinal.
pub fn blank_segments(
    work: &mut UnitOfWork,
    id: &str,
    from: i64,
    redaction: &str,
    at_once: i64,
) -> Verb<BlankedSegments> {
    let mut blanked = BlankedSegments::default();
    let Some(run) = work.get::<Run>(id)? else { return Ok(blanked) };
    let until = run.progress.segments.min(from + at_once);
    for ordinal in from..until {
        work.hint::<Segment>(segment_id(&run, ordinal).as_str());
    }
    for ordinal in from..until {
        let key = segment_id(&run, ordinal);
        let Some(segment) = work.get::<Segment>(key.as_str())?.filter(|segment| segment.redaction_id.is_none()) else {
            continue;
        };
        let failed = segment.steps.iter().filter(|step| step.error.is_some());
        blanked.events.extend(failed.flat_map(|step| step.events.iter().cloned()));
        work.change::<Segment>(key.as_str(), |segment| {
            let steps = segment.steps.iter().map(|step| Arc::new(blanked_step(step)));
            segment.steps = Json::new(steps.collect());
            segment.redaction_id = Some(redaction.to_owned());
        })?;
        blanked.count += 1;
    }
    blanked.next = (until < run.progress.segments).then_some(until);
    Ok(blanked)
}

/// A run as it may be shown after the redaction of an object whose content it holds.
pub fn blanked_run(run: &Run) -> Run {
    Run { subject_id: None, ..run_saying(run, REDACTED) }
}

/// A run without its values, that says this in place of why steps failed.
pub(crate) fn run_saying(run: &Run, said: &str) -> Run {
    let mut run = run.clone();
    run.trigger = Json::new(blank_trigger(&run.trigger));
    let progress = run.progress.edit();
    for given in progress.outputs.values_mut() {
        *given = Arc::new(match given.as_ref() {
            StepResult::Output(_) => StepResult::Output(Value::Null),
            StepResult::Error(error) => {
                let text = |name: &str| error.get(name).cloned().unwrap_or_default();
                StepResult::Error(json!({"code": text("code"), "title": text("title"), "details": said}))
            }
        });
    }
    progress.output = Map::new();
    run
}

/// A step as it may be shown after such a redaction. The route that a conditional took stays: it names no person.
pub fn blanked_step(step: &StepRun) -> StepRun {
    step_saying(step, REDACTED)
}

/// The same, that says this in place of why it failed.
pub(crate) fn step_saying(step: &StepRun, said: &str) -> StepRun {
    let empty = |value: &Value| match value {
        Value::Object(_) => Value::Object(Map::new()),
        Value::Array(_) => Value::Array(Vec::new()),
        _ => Value::Null,
    };
    let output = match step.output.get("route").filter(|_| step.r#do == "choose") {
        Some(route) => json!({"route": route}),
        None => Value::Null,
    };
    let error = step.error.as_ref().map(|error| StepError {
        code: error.code.clone(),
        title: error.title.clone(),
        details: said.to_owned(),
        pointer: None,
    });
    StepRun { input: empty(&step.input), output, error, ..step.clone() }
}

fn blank_trigger(trigger: &Value) -> Value {
    let mut blank = blank_tree(trigger);
    if let (Some(members), Some(_)) = (blank.as_object_mut(), trigger.get("fields")) {
        members.insert("fields".to_owned(), Value::Object(Map::new()));
    }
    blank
}

/// Hints that [`is_hidden`] will be called for these runs, so that their redactions are loaded together.
pub fn hint_hidden(work: &mut UnitOfWork, runs: &[Arc<Run>]) {
    for run in runs.iter().filter(|run| run.redaction_id.is_none()) {
        for id in run.subject_id.iter().chain(&run.progress.subjects) {
            work.hint::<docket_events::Redaction>(&docket_events::redaction_key(&run.environment_id, id));
        }
    }
}

/// Whether an object whose content the run's values may contain was redacted since the run began.
pub fn is_hidden(work: &mut UnitOfWork, run: &Run) -> Verb<bool> {
    let subjects: Vec<&str> = run.subject_id.iter().chain(&run.progress.subjects).map(String::as_str).collect();
    for id in &subjects {
        work.hint::<docket_events::Redaction>(&docket_events::redaction_key(&run.environment_id, id));
    }
    for id in subjects {
        if docket_events::redaction_of(work, &run.environment_id, id)?.is_some_and(|it| it.hides(run.created_at)) {
            return Ok(true);
        }
    }
    Ok(false)
}
