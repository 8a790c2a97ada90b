//! The verbs of redactions.

use docket_cases::{blank_comments, comment_shown, comments_of, redact_case, remove_file};
use docket_erasure::{failed, put_off};
use docket_events::{Counts, Left, Redaction, redaction_key};
use docket_kernel::Actor;
use docket_objects::{redact_account, redact_inquiry, redact_with};
use docket_workflows::{Run, blank_run, blank_segments, hint_hidden, is_hidden};

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

/// Every verb that redacts, blanks or hides.
pub(super) const VERBS: &[(&str, Gate, Reach)] = &[
    ("redact_account", Permission, |_, work, actor, theirs| redact_account(work, actor, &theirs.account).map(|_| true)),
    ("redact_inquiry", Permission, |_, work, actor, theirs| redact_inquiry(work, actor, &theirs.inquiry).map(|_| true)),
    ("redact_with", Inner, |_, work, actor, theirs| redact_with(work, &redaction(actor, theirs), &theirs.inquiry)),
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
    ("is_hidden", Inner, |_, work, _, theirs| {
        let run = all::<Run>(&world().0).into_iter().find(|run| run.id.as_str() == &*theirs.run);
        is_hidden(work, &run.expect("their run"))
    }),
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
];
