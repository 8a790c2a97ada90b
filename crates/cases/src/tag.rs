//! Adding tags to a case.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, CaseId, Permission, UnitOfWork, Verb};
use docket_objects::added_tags;

use crate::case::{Case, existing, objects_of, tree};
use crate::size::{checked_size, content_bytes};
use crate::status::Statuses;

/// Adds tags to a case and returns the new ones. Tags the case already has change nothing.
pub fn tag_case(
    work: &mut UnitOfWork,
    actor: &Actor,
    case: &CaseId,
    tags: &[String],
) -> Verb<(Arc<Case>, Vec<String>)> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    case.takes_content()?;
    let added = added_tags(&case.tags, tags).map_err(|refusal| refusal.at("/meta/tags"))?;
    if added.is_empty() {
        return Ok((case, added));
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, &case)?;
    let (now, before) = (work.now(), content_bytes(&case));
    let case = work.change::<Case>(case.id.as_str(), |case| {
        case.tags.edit().extend(added.iter().cloned());
        case.touch(actor, now);
    })?;
    checked_size(before, &case, "/meta/tags")?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let new_event = NewEvent::about(&*case, "case.updated-tags", tree);
    record(work, actor, new_event.with("added-tags", added.clone()).with("removed-tags", Vec::<String>::new()));
    Ok((case, added))
}
