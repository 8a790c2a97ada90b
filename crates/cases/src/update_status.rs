//! Changing a case's status: the only function in the product that does it.

use std::sync::Arc;

use docket_events::{NewEvent, checked_comment, record};
use docket_kernel::{Actor, CaseId, Permission, Refusal, UnitOfWork, Verb, is_blank};

use crate::case::{Case, existing, objects_of, tree};
use crate::status::{Move, Statuses, apply, decide};

/// The result of a status change.
#[derive(Clone, Debug)]
pub struct StatusChange {
    /// The case after the change.
    pub case: Arc<Case>,
    /// The name of its previous status.
    pub from: String,
    /// The name of its new status.
    pub to: String,
    /// Whether anything was changed.
    pub changed: bool,
}

/// Changes a case to the status with this name, found among its template's statuses.
///
/// If the case already has the status, the call succeeds and writes nothing. Reaching an end status resolves the case,
/// leaving one reopens it; each is a separate event after `case.status-updated`. Refused: a status the template does
/// not have, one that may not follow, and one that requires a comment of this actor if there is none.
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
    let mut new_event = NewEvent::about(&*case, "case.status-updated", tree.clone()).from_to(&from, &to_name);
    if let Some(comment) = comment {
        new_event = new_event.with("comment", comment);
    }
    record(work, actor, new_event);
    match follows {
        Move::Resolve => drop(record(work, actor, NewEvent::about(&*case, "case.resolved", tree))),
        Move::Reopen => drop(record(work, actor, NewEvent::about(&*case, "case.reopened", tree))),
        Move::Change | Move::AlreadyThere => {}
    }
    Ok(StatusChange { case, from, to: to_name, changed: true })
}

fn at_status(refusal: Refusal) -> Refusal {
    if refusal.pointer.is_some() { refusal } else { refusal.at("/meta/status") }
}
