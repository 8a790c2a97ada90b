//! Invariants of redactions: a redacted row is blank, the copies of its content are blank once its redaction is done,
//! and the content of an event matches its digest.

use std::collections::HashMap;
use std::sync::Arc;

use docket_cases::{Case, CaseComment, FileContent};
use docket_events::{Event, Redaction, blank_tree, content_digest, redaction_key};
use docket_kernel::{Entity, EnvironmentId, Json, Moment, Table};
use docket_objects::Object;
use docket_workflows::{Run, Segment, blanked_run, blanked_step};

use crate::findings::Findings;

/// The redactions, which copies of content are checked against. Their work is not stored.
#[derive(Debug, Default)]
pub(crate) struct Redactions(HashMap<Arc<str>, Redaction>);

impl Redactions {
    /// Adds a redaction; checks that its id matches its object, and that it is due until it is done.
    pub fn take(&mut self, mut redaction: Redaction, findings: &mut Findings) {
        let is_due = redaction.due_at.is_some();
        if is_due == redaction.done_at.is_some() {
            let words = format!("whether it is due is {is_due}, and it is done at {:?}", redaction.done_at);
            findings.add("no-limbo", Redaction::TABLE, &redaction.id, words);
        }
        if redaction.id != redaction_key(&redaction.environment_id, &redaction.object_id) {
            let words = format!("it is of {} in {}", redaction.object_id, redaction.environment_id);
            findings.add("parent-is-there", Redaction::TABLE, &redaction.id, words);
        }
        redaction.work = Json::default();
        self.0.insert(Arc::clone(&redaction.id), redaction);
    }

    /// Whether a redaction is done.
    pub fn is_done(&self, id: &str) -> bool {
        self.0.get(id).is_some_and(|redaction| redaction.done_at.is_some())
    }

    /// Whether the redaction of this object is done and covers content written at that time.
    fn hides(&self, environment: &EnvironmentId, id: &str, written: Moment) -> bool {
        let redaction = self.0.get(&redaction_key(environment, id));
        redaction.is_some_and(|redaction| redaction.done_at.is_some() && redaction.hides(written))
    }

    /// Checks that the redaction that blanked a row exists.
    fn is_there(&self, (table, key): (&'static Table, &str), redaction: Option<&str>, findings: &mut Findings) {
        if let Some(id) = redaction.filter(|id| !self.0.contains_key(*id)) {
            findings.add("parent-is-there", table, key, format_args!("its redaction {id} is not there"));
        }
    }

    /// Checks that an event's content matches its digest, or is blank and has no salt.
    pub fn event(&self, event: &Event, findings: &mut Findings) {
        let at = (Event::TABLE, event.id.as_str());
        if let Some(of) = &event.content_of
            && self.hides(&event.environment_id, of, event.created_at)
        {
            stands(at, of, findings);
        }
        let found = match (&event.redaction_id, &event.salt, &event.digest) {
            (None, Some(salt), Some(digest)) => {
                (content_digest(salt, &event.context, &event.payload) != *digest).then_some("its content is another")
            }
            // The event was recorded before digests existed.
            (None, None, None) => None,
            // Whether it is blank is judged with its policy.
            (None, None, Some(_)) if event.retained_at.is_some() => None,
            (Some(_), None, Some(_)) => {
                let is_blank = event.content_of.is_none() && *event.payload == blank_tree(&event.payload);
                (!is_blank).then_some("it is redacted and not blank")
            }
            _ => Some("it has a salt and no digest, or is redacted and kept its salt"),
        };
        if let Some(words) = found {
            findings.add("digest-of-event", at.0, at.1, words);
        }
        self.is_there(at, event.redaction_id.as_deref(), findings);
    }

    /// Checks that a redacted run has no values.
    pub fn run(&self, run: &Run, findings: &mut Findings) {
        let at = (Run::TABLE, run.id.as_str());
        if let Some(of) = &run.subject_id
            && self.hides(&run.environment_id, of, run.created_at)
        {
            stands(at, of, findings);
        }
        let blanked = blanked_run(run);
        if run.redaction_id.is_some() && (*run.trigger != *blanked.trigger || *run.progress != *blanked.progress) {
            findings.add("redacted-is-blank", at.0, at.1, "it is redacted and holds values");
        }
        self.is_there(at, run.redaction_id.as_deref(), findings);
    }

    /// Checks that a redacted segment of a history has no values.
    pub fn segment(&self, segment: &Segment, findings: &mut Findings) {
        let at = (Segment::TABLE, segment.id.as_str());
        let is_blank = segment.steps.iter().all(|step| **step == blanked_step(step));
        if segment.redaction_id.is_some() && !is_blank {
            findings.add("redacted-is-blank", at.0, at.1, "it is redacted and holds values");
        }
        self.is_there(at, segment.redaction_id.as_deref(), findings);
    }

    /// Checks that a comment of a redacted case is blank.
    pub fn comment(&self, comment: &CaseComment, findings: &mut Findings) {
        let (at, of) = ((CaseComment::TABLE, comment.id.as_str()), comment.case_id.as_str());
        if self.hides(&comment.environment_id, of, comment.created_at) && !comment.body.is_empty() {
            stands(at, of, findings);
        }
        self.is_there(at, comment.redaction_id.as_deref(), findings);
    }

    /// Checks that a file of a redacted case was removed.
    pub fn file(&self, file: &FileContent, findings: &mut Findings) {
        if self.hides(&file.environment_id, &file.object_id, file.created_at) {
            stands((FileContent::TABLE, file.id.as_str()), &file.object_id, findings);
        }
    }

    /// Checks that a redacted object is blank from that time on. An account may have received new content.
    pub fn object(&self, object: &Object, findings: &mut Findings) {
        if object.redacted_at.is_none() {
            return;
        }
        let is_blank = object.fields.is_empty() && object.tags.is_empty() && object.reference_id.is_none();
        if object.kind != "account" && !is_blank {
            findings.add("redacted-is-blank", Object::TABLE, &object.id, "it is redacted and holds content");
        }
        self.is_there((Object::TABLE, &object.id), Some(&object.id), findings);
    }

    /// The same check for a case.
    pub fn case(&self, case: &Case, findings: &mut Findings) {
        if case.redacted_at.is_none() {
            return;
        }
        let at = (Case::TABLE, case.id.as_str());
        if !(case.fields.is_empty() && case.tags.is_empty() && case.attachments.is_empty()) {
            findings.add("redacted-is-blank", at.0, at.1, "it is redacted and holds content");
        }
        self.is_there(at, Some(&redaction_key(&case.environment_id, case.id.as_str())), findings);
    }
}

fn stands((table, key): (&'static Table, &str), of: &str, findings: &mut Findings) {
    findings.add("redacted-is-blank", table, key, format_args!("it holds content of {of}, whose redaction is done"));
}
