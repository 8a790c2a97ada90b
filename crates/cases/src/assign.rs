//! Giving a case to somebody, and taking it from them.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, CaseId, Permission, UnitOfWork, Verb};

use crate::case::{Case, existing, objects_of, tree};
use crate::status::Statuses;

/// Whom a case is for. Whoever names somebody has looked that there is such a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// The person with this e-mail address.
    Person(String),
    /// Nobody.
    Nobody,
}

/// Gives a case to somebody, or takes it from whoever has it. Where it is already so, nothing is written.
pub fn assign(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, to: &Assignee) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    let to = match to {
        Assignee::Person(email) => Some(email.clone()),
        Assignee::Nobody => None,
    };
    if case.assignee_id == to {
        return Ok(case);
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, &case)?;
    let (now, from) = (work.now(), case.assignee_id.clone().unwrap_or_default());
    let case = work.change::<Case>(case.id.as_str(), |case| {
        let assigner = to.as_ref().and_then(|_| actor.shown());
        case.assigned_at = to.as_ref().map(|_| now);
        (case.assigner_id, case.assigner_type) =
            assigner.map(|(id, kind)| (id.as_ref().to_owned(), kind.to_owned())).unzip();
        case.assignee_id.clone_from(&to);
        case.touch(actor, now);
    })?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let name = if to.is_some() { "case.assigned" } else { "case.unassigned" };
    record(work, actor, Happening::new(name, tree, case.version).from_to(&from, to.as_deref().unwrap_or_default()));
    Ok(case)
}
