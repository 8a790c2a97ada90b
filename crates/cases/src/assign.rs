//! Assigning a case to a person, and unassigning it.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, CaseId, Permission, UnitOfWork, Verb};

use crate::case::{Case, existing, objects_of, tree};
use crate::status::Statuses;
use crate::store::OPEN_CASES_OF_PERSON;

/// The assignee of a case. The caller has checked that the person exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Assignee {
    /// The person with this e-mail address.
    Person(String),
    /// No person.
    Nobody,
}

/// Assigns a case to a person, or unassigns it. If the assignee is already this one, nothing is written.
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
    record(work, actor, NewEvent::about(&*case, name, tree).from_to(&from, to.as_deref().unwrap_or_default()));
    Ok(case)
}

/// The number of open cases assigned to a person, or the number left after a reassignment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenCases {
    /// How many were just reassigned or unassigned.
    pub moved: usize,
    /// How many open cases are assigned to the person.
    pub count: usize,
    /// Whether there are more cases than were counted.
    pub are_more: bool,
}

/// The open cases that are assigned to a person, counted up to the bound of the query.
pub fn open_cases_of(work: &mut UnitOfWork, email: &str) -> Verb<OpenCases> {
    let (cases, are_more) = work.some::<Case>(&OPEN_CASES_OF_PERSON, email)?;
    Ok(OpenCases { moved: 0, count: cases.len(), are_more })
}

/// Reassigns the open cases of a person to another person, or unassigns them: up to the bound of the query at once,
/// each with its event. If there are more, the next call takes the next ones.
pub fn reassign_open_cases(work: &mut UnitOfWork, actor: &Actor, from: &str, to: &Assignee) -> Verb<OpenCases> {
    actor.may(Permission::CaseWrite)?;
    let (cases, are_more) = work.some::<Case>(&OPEN_CASES_OF_PERSON, from)?;
    // Rows missing for any of the cases are requested together.
    let mut halted = Ok(());
    for case in &cases {
        halted = halted.and(assign(work, actor, &case.id, to).map(drop));
    }
    halted?;
    Ok(OpenCases { moved: cases.len(), count: 0, are_more })
}
