//! Moving a case to another status: the one function in the product that does it.

use std::sync::Arc;

use docket_events::{Happening, checked_comment, record};
use docket_kernel::{Actor, CaseId, Permission, Refusal, UnitOfWork, Verb, is_blank};

use crate::case::{Case, existing, objects_of, tree};
use crate::status::{Move, Statuses, apply, decide};

/// What came of it.
#[derive(Clone, Debug)]
pub struct StatusChange {
    /// The case as it is now.
    pub case: Arc<Case>,
    /// The name of the status it had.
    pub from: String,
    /// The name of the status it has.
    pub to: String,
    /// Whether anything was changed.
    pub changed: bool,
}

/// Moves a case to the status of this name, found among its template's statuses.
///
/// The status it has already is a success that writes nothing. Reaching an end status resolves the case, leaving one
/// reopens it; each is an event of its own after `case.status-updated`. Refused: a status the template does not
/// have, one that may not follow, and one that wants a comment of this actor when there is none.
pub fn update_status(
    work: &mut UnitOfWork,
    actor: &Actor,
    case: &CaseId,
    to: &str,
    comment: Option<&str>,
) -> Verb<StatusChange> {
    actor.may(Permission::CaseWrite)?;
    checked_comment(comment)?;
    let case = existing(work, case)?;
    let statuses = Statuses::of(work, &case.template_id)?;
    let to = statuses.named(to).map_err(at_status)?;
    let from = statuses
        .by_id(&case.status_id)
        .ok_or_else(|| Refusal::internal(format_args!("case {} has a status its template lacks", case.id)))?;
    let explained = comment.is_some_and(|comment| !is_blank(comment)) || !to.wants_comment_of(&actor.who);
    let follows = decide(from, to, &statuses, explained).map_err(at_status)?;
    let (from, to_name) = (from.name.clone(), to.name.clone());
    if follows == Move::AlreadyThere {
        return Ok(StatusChange { case, from, to: to_name, changed: false });
    }
    let objects = objects_of(work, &case)?;
    let now = work.now();
    let case = work.change::<Case>(case.id.as_str(), |case| apply(case, to, actor, now))?;
    let tree = tree(&case, &to_name, &objects);
    let mut happening = Happening::about(&*case, "case.status-updated", tree.clone()).from_to(&from, &to_name);
    if let Some(comment) = comment {
        happening = happening.with("comment", comment);
    }
    record(work, actor, happening);
    match follows {
        Move::Resolve => drop(record(work, actor, Happening::about(&*case, "case.resolved", tree))),
        Move::Reopen => drop(record(work, actor, Happening::about(&*case, "case.reopened", tree))),
        Move::Change | Move::AlreadyThere => {}
    }
    Ok(StatusChange { case, from, to: to_name, changed: true })
}

fn at_status(refusal: Refusal) -> Refusal {
    if refusal.pointer.is_some() { refusal } else { refusal.at("/meta/status") }
}
