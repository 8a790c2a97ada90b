//! Giving a case to somebody, and taking it from them.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, CaseId, Permission, UnitOfWork, Verb};

use crate::case::{Case, existing, objects_of, tree};
use crate::status::Statuses;
use crate::store::OPEN_CASES_OF_PERSON;

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
        case.keep_open_assignee();
        case.touch(actor, now);
    })?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let name = if to.is_some() { "case.assigned" } else { "case.unassigned" };
    record(work, actor, Happening::about(&*case, name, tree).from_to(&from, to.as_deref().unwrap_or_default()));
    Ok(case)
}

/// How many open cases somebody has, or how many are left after some were given away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCases {
    /// How many were given to somebody else, or to nobody, just now.
    pub moved: usize,
    /// How many there are.
    pub count: usize,
    /// Whether there are more than were counted.
    pub are_more: bool,
}

/// The open cases that are assigned to a person, counted up to the bound of the question.
pub fn open_cases_of(work: &mut UnitOfWork, email: &str) -> Verb<OpenCases> {
    let (cases, are_more) = work.some::<Case>(&OPEN_CASES_OF_PERSON, email)?;
    Ok(OpenCases { moved: 0, count: cases.len(), are_more })
}

/// Gives the open cases of a person to somebody else, or to nobody: up to the bound of the question at once, each with
/// its event. Where there are more, the same again takes the next ones.
pub fn reassign_open_cases(work: &mut UnitOfWork, actor: &Actor, from: &str, to: &Assignee) -> Verb<OpenCases> {
    actor.may(Permission::CaseWrite)?;
    let (cases, are_more) = work.some::<Case>(&OPEN_CASES_OF_PERSON, from)?;
    // What is missing for any of them is asked for together.
    let mut halted = Ok(());
    for case in &cases {
        halted = halted.and(assign(work, actor, &case.id, to).map(drop));
    }
    halted?;
    Ok(OpenCases { moved: cases.len(), count: 0, are_more })
}
