//! Comments on a case.

use std::sync::Arc;

use docket_events::{COMMENT_CHARACTERS_MAX, NewEvent, Subject, checked_comment_bytes, record};
use docket_kernel::{Actor, CaseId, CommentId, EnvironmentId, Moment, Permission, Refusal, UnitOfWork, Verb, is_blank};
use serde_json::{Value, json};

use crate::case::{Case, existing};
use crate::store::COMMENTS_OF_CASE;

/// The maximum number of comments on a case.
pub const COMMENTS_MAX: u32 = 1_000;
/// The limit of all comments of one case together, in bytes: they are loaded together.
pub const COMMENTS_BYTES_MAX: usize = 8 << 20;

docket_kernel::entity! {
    /// A comment on a case.
    pub struct CaseComment in "case_comment" {
        table: {
            rank: 63, lock: Append(version), scope: environment_id,
            unique: [], asked: ["case_id"], events: event_ordinal
        },
        /// Its id.
        id: CommentId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// 1, and 2 once it is redacted.
        version: i64,
        /// The case.
        case_id: CaseId,
        /// The text.
        body: String,
        /// Its author: an e-mail address, or a run's id.
        creator_id: Option<String>,
        /// `user` or `workflow-run`.
        creator_type: Option<String>,
        /// The redaction of its case that blanked it.
        redaction_id: Option<String>,
        /// The number of its events.
        event_ordinal: i64,
        /// When it was created.
        created_at: Moment,
    }
}

impl CaseComment {
    /// The comment as a reference tree, which is also the form stored in events.
    pub fn tree(&self) -> Value {
        json!({
            "type": "case-comment",
            "id": self.id,
            "body": self.body,
            "creator_id": self.creator_id,
            "creator_type": self.creator_type,
            "created_at": self.created_at.to_string(),
            "case": {"type": "case", "id": self.case_id},
        })
    }
}

/// The comments of a case, oldest first. Of an older case with more than are loaded at once, only some of them.
pub fn comments_of(work: &mut UnitOfWork, case: &Case) -> Verb<Vec<Arc<CaseComment>>> {
    let (mut comments, _) = work.some::<CaseComment>(&COMMENTS_OF_CASE, case.id.as_str())?;
    comments.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(comments)
}

/// Adds a comment to a case. The case row does not change, so a comment never conflicts with a decision on the case.
pub fn add_comment(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, body: &str) -> Verb<Arc<CaseComment>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    case.takes_content()?;
    checked_body(body)?;
    checked_sum(&comments_of(work, &case)?, body.trim())?;
    let (creator_id, creator_type) = actor.shown().map(|(id, kind)| (id.as_ref().to_owned(), kind.to_owned())).unzip();
    let (id, created_at) = (CommentId::of(work.new_id(CommentId::PREFIX)), work.now());
    let comment = work.insert(CaseComment {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        case_id: case.id.clone(),
        body: body.trim().to_owned(),
        creator_id,
        creator_type,
        redaction_id: None,
        event_ordinal: 0,
        created_at,
    });
    let new_event = NewEvent::about(&*comment, "case-comment.created", comment.tree());
    record(work, actor, new_event.under(case.id.as_str(), Subject::of(&*case)));
    Ok(comment)
}

/// Refuses a comment that exceeds the number or the bytes of the comments of a case.
fn checked_sum(comments: &[Arc<CaseComment>], body: &str) -> Result<(), Refusal> {
    if comments.len() >= COMMENTS_MAX as usize {
        let sentence = format!("a case has at most {COMMENTS_MAX} comments");
        return Err(Refusal::rule("too-many-comments", sentence));
    }
    let bytes = comments.iter().map(|comment| comment.body.len()).sum::<usize>() + body.len();
    if bytes > COMMENTS_BYTES_MAX {
        let sentence = format!(
            "the comments of a case have at most {COMMENTS_BYTES_MAX} bytes together, and with this one they would have \
             {bytes}; put long texts in a file on the case"
        );
        return Err(Refusal::rule("too-many-comments", sentence).at("/data/attributes/body"));
    }
    Ok(())
}

fn checked_body(body: &str) -> Result<(), Refusal> {
    let length = if is_blank(body) { 0 } else { body.trim().chars().count() };
    if (1..=COMMENT_CHARACTERS_MAX).contains(&length) {
        return checked_comment_bytes(body.trim()).map_err(|refusal| refusal.at("/data/attributes/body"));
    }
    let sentence = format!("a comment has 1 to {COMMENT_CHARACTERS_MAX} characters, not {length}");
    Err(Refusal::rule("comment-length", sentence).at("/data/attributes/body"))
}
