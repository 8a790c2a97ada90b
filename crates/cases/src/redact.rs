//! Redacting a case: its fields, tags, files and comments are erased permanently. Its status, actors and times stay,
//! and so do the objects it holds, which are redacted separately.

use std::sync::Arc;

use docket_events::{Left, NewEvent, Redaction, begin_redaction, record};
use docket_kernel::{Actor, CaseId, Json, Permission, Refusal, RefusalKind, UnitOfWork, Verb};

use crate::case::{Case, existing, tree_of};
use crate::comment::CaseComment;
use crate::file::{FileContent, remove_chunks};
use crate::store::COMMENTS_OF_CASE;

/// Redacts a case. A case that is already redacted is a conflict.
pub fn redact_case(work: &mut UnitOfWork, actor: &Actor, case: &CaseId) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    if case.redacted_at.is_some() {
        let sentence = format!("case {} is already redacted", case.id);
        return Err(Refusal::new(RefusalKind::Conflict, "redacted", sentence).into());
    }
    let files = case.attachments.iter().map(|file| file.id.clone()).collect();
    let now = work.now();
    let case = work.change::<Case>(case.id.as_str(), |case| {
        (case.fields, case.tags, case.attachments) = (Json::default(), Json::default(), Json::default());
        case.redacted_at = Some(now);
        case.touch(actor, now);
    })?;
    let new_event = NewEvent::about(&*case, "case.redacted", tree_of(work, &case)?);
    let event = record(work, actor, new_event.with_content_of(None));
    let left = Left { files, ..Left::default() };
    begin_redaction(work, actor, ("case", case.id.as_str()), (Some(event), left), None)?;
    Ok(case)
}

/// Blanks up to `at_once` comments of a redacted case; returns how many, and whether there are more.
pub fn blank_comments(work: &mut UnitOfWork, redaction: &Redaction, at_once: usize) -> Verb<(i64, bool)> {
    let (comments, are_more) = work.some::<CaseComment>(&COMMENTS_OF_CASE, &redaction.object_id)?;
    let mut left = comments.iter().filter(|comment| comment.redaction_id.is_none());
    let mut blanked = 0;
    for comment in left.by_ref().take(at_once) {
        work.change::<CaseComment>(comment.id.as_str(), |comment| {
            comment.body.clear();
            comment.redaction_id = Some(redaction.id.to_string());
        })?;
        blanked += 1;
    }
    // The next pass loads further comments, because the blanked ones are small.
    Ok((blanked, left.next().is_some() || are_more && blanked > 0))
}

/// A comment as it may be shown: without its text if its case was redacted.
pub fn comment_shown(work: &mut UnitOfWork, comment: &Arc<CaseComment>) -> Verb<Arc<CaseComment>> {
    let case = work.get::<Case>(comment.case_id.as_str())?;
    if case.is_none_or(|case| case.redacted_at.is_none()) {
        return Ok(Arc::clone(comment));
    }
    Ok(Arc::new(CaseComment { body: String::new(), ..(**comment).clone() }))
}

/// Removes up to `room` chunks of a file of a redacted case and subtracts their number from `room`; returns whether the
/// file is gone. After the first removal the file can't be read.
pub fn remove_file(work: &mut UnitOfWork, id: &str, room: &mut i64) -> Verb<bool> {
    let Some(file) = work.get::<FileContent>(id)? else { return Ok(true) };
    let left = remove_chunks(work, &file.id, *room)?;
    *room -= file.chunks - left;
    if left == 0 {
        work.remove::<FileContent>(id)?;
    }
    Ok(left == 0)
}
