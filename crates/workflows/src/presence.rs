//! The people who have a workflow open in the editor. Each person has a row, which every node sees and which expires:
//! it is rewritten at most once per quarter of its lifetime, and no event records it.

use std::sync::Arc;

use docket_kernel::{Actor, Moment, Permission, UnitOfWork, UserId, Verb, Who, WorkflowId};

use crate::limits::{OPEN_EDITOR_SECONDS, OPEN_EDITORS_MAX};
use crate::start::existing;
use crate::store::OPEN_EDITORS_OF_WORKFLOW;
use crate::workflow::OpenEditor;

/// Reports that the actor has a workflow open in the editor; returns the other people who do. A program has no editor
/// open: it only gets the list.
pub fn report_editor(work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId) -> Verb<Vec<Arc<OpenEditor>>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    let now = work.now();
    let (rows, are_more) = work.some::<OpenEditor>(&OPEN_EDITORS_OF_WORKFLOW, id.as_str())?;
    let (mut others, mut own) = (Vec::new(), None);
    for row in rows {
        if person(actor).is_some_and(|(user, _)| row.user_id == *user) {
            own = Some(row);
        } else if is_expired(&row, now) {
            work.remove::<OpenEditor>(&row.id)?;
        } else {
            others.push(row);
        }
    }
    let is_full = are_more || others.len() >= OPEN_EDITORS_MAX as usize;
    match (own, person(actor)) {
        (Some(own), _) if now >= own.seen_at.plus_seconds(OPEN_EDITOR_SECONDS / 4) => {
            // A report after the expiry counts as opening the editor again.
            let is_back = is_expired(&own, now);
            work.change::<OpenEditor>(&own.id, |row| {
                row.seen_at = now;
                if is_back {
                    row.created_at = now;
                }
            })?;
        }
        (None, Some((user, email))) if !is_full => {
            work.insert(OpenEditor {
                id: key(id, user),
                environment_id: workflow.environment_id.clone(),
                version: 0,
                workflow_id: id.clone(),
                user_id: user.clone(),
                email: email.to_string(),
                created_at: now,
                seen_at: now,
            });
        }
        _ => {}
    }
    Ok(others)
}

/// Reports that the actor closed the editor of a workflow.
pub fn close_editor(work: &mut UnitOfWork, actor: &Actor, id: &WorkflowId) -> Verb<()> {
    actor.may(Permission::WorkflowWrite)?;
    existing(work, id)?;
    let Some((user, _)) = person(actor) else { return Ok(()) };
    let key = key(id, user);
    if work.get::<OpenEditor>(&key)?.is_some() {
        work.remove::<OpenEditor>(&key)?;
    }
    Ok(())
}

fn is_expired(row: &OpenEditor, now: Moment) -> bool {
    now > row.seen_at.plus_seconds(OPEN_EDITOR_SECONDS)
}

fn key(workflow: &WorkflowId, user: &UserId) -> Arc<str> {
    format!("{workflow}:{user}").into()
}

fn person(actor: &Actor) -> Option<(&UserId, &Arc<str>)> {
    match &actor.who {
        Who::User { id, email } => Some((id, email)),
        _ => None,
    }
}
