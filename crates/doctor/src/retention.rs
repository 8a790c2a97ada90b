//! Checks of retention policies: rows that lost their content are blank, runs had ended before, and nothing before the
//! position of a policy holds content.

use std::collections::HashMap;
use std::sync::Arc;

use docket_events::{Event, RetainedKind, Retention, RetentionProgress, blank_tree};
use docket_kernel::{Entity, EnvironmentId, Moment};
use docket_workflows::{Run, RunState, Segment, retained_run, retained_step};

use crate::findings::Findings;

/// The progress of the policies, by environment.
#[derive(Debug, Default)]
pub(crate) struct Policies(HashMap<Arc<str>, RetentionProgress>);

impl Policies {
    /// Adds a policy: it must be due if it removes anything.
    pub fn take(&mut self, policy: &Retention, findings: &mut Findings) {
        let (is_due, is_on) = (policy.due_at.is_some(), policy.periods.is_on());
        findings.same("no-limbo", (Retention::TABLE, &policy.id), "whether it is due", &is_due, &is_on);
        self.0.insert(policy.environment_id.key(), (*policy.progress).clone());
    }

    /// Whether the position of a policy is after an instant. At the instant of the position, only some rows may be done.
    fn is_past(&self, environment: &EnvironmentId, kind: RetainedKind, at: Moment) -> bool {
        self.0.get(environment.as_str()).is_some_and(|progress| at < progress.of(kind).place.at)
    }

    /// Whether the receipt of an event may have been removed.
    pub fn may_lack_receipt(&self, event: &Event) -> bool {
        let progress = self.0.get(event.environment_id.as_str());
        progress.is_some_and(|progress| event.created_at <= progress.receipts.place.at)
    }

    /// Checks that an event that lost its content is blank and has no salt.
    pub fn event(&self, event: &Event, findings: &mut Findings) {
        let at = (Event::TABLE, event.id.as_str());
        let is_blank = event.salt.is_none() && *event.payload == blank_tree(&event.payload);
        if event.retained_at.is_some() && !is_blank {
            findings.add("retained-is-blank", at.0, at.1, "its content was removed, and it holds some");
        }
        if !event.is_blank() && self.is_past(&event.environment_id, RetainedKind::EventContent, event.created_at) {
            findings.add("retained-is-blank", at.0, at.1, "the retention policy is past it, and it holds content");
        }
    }

    /// Checks that a run that lost its values has ended and is blank.
    pub fn run(&self, run: &Run, findings: &mut Findings) {
        let at = (Run::TABLE, run.id.as_str());
        if run.retained_at.is_some() && run.state == RunState::Running {
            findings.add("retained-has-ended", at.0, at.1, "its values were removed, and it has not ended");
        }
        let blank = retained_run(run);
        let is_blank = *run.trigger == *blank.trigger && *run.progress == *blank.progress;
        if run.retained_at.is_some() && run.redaction_id.is_none() && !is_blank {
            findings.add("retained-is-blank", at.0, at.1, "its values were removed, and it holds some");
        }
        let is_past = |ended| self.is_past(&run.environment_id, RetainedKind::RunHistory, ended);
        if run.retained_at.is_none() && run.redaction_id.is_none() && run.completed_at.is_some_and(is_past) {
            findings.add("retained-is-blank", at.0, at.1, "the retention policy is past it, and it holds values");
        }
    }
}

/// Checks that a segment that lost its values is blank.
pub(crate) fn judge_segment(segment: &Segment, findings: &mut Findings) {
    let is_blank = segment.steps.iter().all(|step| **step == retained_step(step));
    if segment.retained_at.is_some() && segment.redaction_id.is_none() && !is_blank {
        let said = "its values were removed, and it holds some";
        findings.add("retained-is-blank", Segment::TABLE, segment.id.as_str(), said);
    }
}
