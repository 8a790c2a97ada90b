//! Blanking the history of a run that ended longer ago than its retention period. The steps, their times and outcomes are
//! kept, and so is `subject_id`, so that a later redaction finds the run.

use std::sync::Arc;

use docket_kernel::{Json, UnitOfWork, Verb};

use crate::advance::segment_id;
use crate::redact::{run_saying, step_saying};
use crate::run::{Run, RunState, Segment, StepRun};

/// The text in place of a step's error.
const REMOVED: &str = "removed by the retention policy";

/// A run without its values.
pub fn retained_run(run: &Run) -> Run {
    run_saying(run, REMOVED)
}

/// A step without its values.
pub fn retained_step(step: &StepRun) -> StepRun {
    step_saying(step, REMOVED)
}

/// Whether the history of a run may be blanked: the run has ended and is not blank.
pub fn may_be_retained(run: &Run) -> bool {
    run.state != RunState::Running && run.redaction_id.is_none() && run.retained_at.is_none()
}

/// Blanks up to a number of segments of a run, starting at an ordinal. Returns the number of segments it read, and the next
/// ordinal if there are more.
pub fn retain_segments(work: &mut UnitOfWork, run: &Run, from: i64, at_once: i64) -> Verb<(i64, Option<i64>)> {
    let now = work.now();
    let until = run.progress.segments.min(from.saturating_add(at_once));
    for ordinal in from..until {
        work.hint::<Segment>(segment_id(run, ordinal).as_str());
    }
    for ordinal in from..until {
        let key = segment_id(run, ordinal);
        let found = work.get::<Segment>(key.as_str())?;
        if found.is_some_and(|segment| segment.redaction_id.is_none() && segment.retained_at.is_none()) {
            work.change::<Segment>(key.as_str(), |segment| {
                let steps = segment.steps.iter().map(|step| Arc::new(retained_step(step)));
                segment.steps = Json::new(steps.collect());
                segment.retained_at = Some(now);
            })?;
        }
    }
    Ok((until - from.min(until), (until < run.progress.segments).then_some(until)))
}

/// Blanks the row of a run. Its segments are blanked before it, so a marked run is blank as a whole.
pub fn retain_run(work: &mut UnitOfWork, run: &Run) -> Verb<()> {
    let now = work.now();
    work.change::<Run>(run.id.as_str(), |run| {
        *run = retained_run(run);
        run.retained_at = Some(now);
    })?;
    Ok(())
}
