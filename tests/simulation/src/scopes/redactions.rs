//! The verbs of events, of redactions and of retention policies.

use std::sync::Arc;

use docket_cases::{blank_comments, comment_shown, comments_of, redact_case, remove_file};
use docket_erasure::{Again, Made, Retaining, failed, policy_failed, put_off, put_policy_off, redact_as_before};
use docket_events::store::EVENTS_BY_AGE;
use docket_events::{
    Counts, Event, Left, NewEvent, Periods, Redaction, begin_redaction, change_retention, hint_shown, judge_periods,
    preview_retention, record, record_in_each, redaction_key, redaction_of, retention_of, shown,
};
use docket_kernel::{Actor, Moment};
use docket_objects::{redact_account, redact_again, redact_inquiry, redact_with};
use docket_workflows::{Run, Segment, blank_run, blank_segments, hint_hidden, is_hidden, retain_run, retain_segments};

use serde_json::json;

use super::Gate::{Inner, Permission};
use super::{Gate, Reach, Theirs, their_case, world};
use crate::journal::all;

/// A redaction here, of an object with an id of the other environment.
fn redaction(actor: &Actor, theirs: &Theirs) -> Redaction {
    let now = docket_kernel::Moment(i64::MAX);
    Redaction {
        id: redaction_key(&actor.environment, theirs.case.as_str()),
        environment_id: actor.environment.clone(),
        version: 1,
        object_type: "case".into(),
        object_id: theirs.case.to_string(),
        cause_id: None,
        event_id: None,
        actor_type: "system".into(),
        actor_id: None,
        actor_shown: None,
        request_id: None,
        redacted_at: now,
        work: Left::default().into(),
        counts: Counts::default().into(),
        failures: 0,
        due_at: Some(now),
        done_at: None,
        created_at: now,
    }
}

/// A run of theirs.
fn their_run(theirs: &Theirs) -> Run {
    let run = all::<Run>(&world().0).into_iter().find(|run| run.id.as_str() == &*theirs.run);
    run.expect("their run")
}

/// An event of theirs.
fn their_event(theirs: &Theirs) -> Arc<Event> {
    let event = all::<Event>(&world().0).into_iter().find(|event| event.id.as_str() == &*theirs.event);
    Arc::new(event.expect("their event"))
}

/// Every verb that redacts, blanks or hides.
pub(super) const VERBS: &[(&str, Gate, Reach)] = &[
    ("redact_account", Permission, |_, work, actor, theirs| redact_account(work, actor, &theirs.account).map(|_| true)),
    ("redact_inquiry", Permission, |_, work, actor, theirs| redact_inquiry(work, actor, &theirs.inquiry).map(|_| true)),
    ("redact_with", Inner, |_, work, actor, theirs| redact_with(work, &redaction(actor, theirs), &theirs.inquiry)),
    ("redact_again", Permission, |_, work, actor, theirs| {
        redact_again(work, actor, &theirs.inquiry, None).map(|redacted| redacted == Some(true))
    }),
    ("redact_as_before", Permission, |_, work, actor, theirs| {
        let made = Made::from(&redaction(actor, theirs));
        redact_as_before(work, actor, &made).map(|again| again == Again::Redacted)
    }),
    ("redact_case", Permission, |_, work, actor, theirs| redact_case(work, actor, &theirs.case).map(|_| true)),
    ("blank_comments", Inner, |_, work, actor, theirs| Ok(blank_comments(work, &redaction(actor, theirs), 10)?.0 > 0)),
    ("comment_shown", Inner, |_, work, actor, theirs| {
        let case = their_case(theirs);
        for comment in comments_of(work, &case)? {
            comment_shown(work, &comment)?;
        }
        let _ = actor;
        Ok(false)
    }),
    ("remove_file", Inner, |_, work, _, _| remove_file(work, "file_theirs", &mut 8).map(|_| false)),
    ("blank_run", Inner, |_, work, _, theirs| blank_run(work, &theirs.run, "here")),
    ("blank_segments", Inner, |_, work, _, theirs| Ok(blank_segments(work, &theirs.run, 0, "here", 10)?.count > 0)),
    ("hint_hidden", Inner, |_, work, _, _| {
        hint_hidden(work, &[]);
        Ok(false)
    }),
    ("is_hidden", Inner, |_, work, _, theirs| is_hidden(work, &their_run(theirs))),
    ("work_off", Inner, |_, work, _, theirs| {
        let theirs = redaction_key(&theirs.environment, &theirs.inquiry);
        docket_erasure::Erasure::default().work_off(work, &theirs).map(|()| false)
    }),
    ("failed", Inner, |_, work, _, theirs| {
        failed(work, &redaction_key(&theirs.environment, &theirs.inquiry)).map(|()| false)
    }),
    ("put_off", Inner, |_, work, _, theirs| {
        let key = redaction_key(&theirs.environment, &theirs.inquiry);
        put_off(work, &key, docket_kernel::Moment(1)).map(|()| false)
    }),
    ("retention_of", Inner, |_, work, _, theirs| Ok(retention_of(work, &theirs.environment)?.revision > 0)),
    ("judge_periods", Permission, |_, work, actor, theirs| {
        let (policy, _) = judge_periods(work, actor, &Periods::default())?;
        Ok(policy.environment_id == theirs.environment)
    }),
    ("preview_retention", Permission, |_, work, actor, _| {
        let periods = Periods { event_content: Some(1), ..Periods::default() };
        preview_retention(work, actor, &periods, |_| &EVENTS_BY_AGE).map(|_| false)
    }),
    ("change_retention", Permission, |_, work, actor, theirs| {
        let periods = Periods { event_content: Some(1), ..Periods::default() };
        let (_, confirmation) = judge_periods(work, actor, &periods)?;
        let changed = change_retention(work, actor, &periods, Some(&confirmation))?;
        Ok(changed.environment_id == theirs.environment)
    }),
    ("retain_segments", Inner, |_, work, _, theirs| {
        retain_segments(work, &their_run(theirs), 0, 10)?;
        let there = all::<Segment>(&world().0).into_iter().find(|segment| segment.run_id.as_str() == &*theirs.run);
        let segment = there.expect("a part of their history");
        Ok(work.get::<Segment>(segment.id.as_str())?.is_some())
    }),
    ("retain_run", Inner, |_, work, _, theirs| retain_run(work, &their_run(theirs)).map(|()| true)),
    ("work_off_policy", Inner, |_, work, _, theirs| {
        Retaining::default().work_off_policy(work, theirs.environment.as_str()).map(|()| false)
    }),
    ("policy_failed", Inner, |_, work, _, theirs| policy_failed(work, theirs.environment.as_str()).map(|()| false)),
    ("put_policy_off", Inner, |_, work, _, theirs| {
        put_policy_off(work, theirs.environment.as_str(), Moment(1)).map(|()| false)
    }),
    ("record", Inner, |_, work, actor, _| {
        record(work, actor, NewEvent::of_no_row("case.exported", json!({"type": "case", "id": "case_here"})));
        Ok(false)
    }),
    ("record_in_each", Inner, |_, work, actor, _| {
        let new_event = NewEvent::of_no_row("user.created", json!({"type": "user", "id": "user_here"}));
        record_in_each(work, actor, std::slice::from_ref(&actor.environment), &new_event);
        Ok(false)
    }),
    ("begin_redaction", Inner, |_, work, actor, _| {
        begin_redaction(work, actor, ("case", "case_here"), (None, Left::default()), None).map(|()| false)
    }),
    ("redaction_of", Inner, |_, work, _, theirs| {
        Ok(redaction_of(work, &theirs.environment, &theirs.inquiry)?.is_some())
    }),
    ("shown", Inner, |_, work, _, theirs| shown(work, &their_event(theirs)).map(|_| false)),
    ("hint_shown", Inner, |_, work, _, theirs| {
        hint_shown(work, &[their_event(theirs)]);
        Ok(false)
    }),
];
