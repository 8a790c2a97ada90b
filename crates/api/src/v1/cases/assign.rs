//! `POST /cases/{case-id}/assign`, `/unassign`

use docket_access::assignable;
use docket_cases::{Assignee, Case, assign};
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::refusal::at;
use crate::schema::{Body, said, text};
use crate::shapes::case::CaseView;

const EMAIL: &str = "/meta/user-email-address";

/// Assigns a case to a user.
pub struct Assign;

impl Operation for Assign {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "assign-a-case",
        "POST",
        "/cases/{case-id}/assign",
        Permission::CaseWrite,
        "Assigns a case to a person.",
    );
    type Input = String;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        Ok(BodyMembers::of(body).required_text(EMAIL)?.to_owned())
    }

    fn doc() -> OperationDoc {
        let email = said(text(), "The email address or id of an active person in the organization.");
        let body = Body::of_object().must_meta("user-email-address", email);
        OperationDoc::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, email: &String) -> Verb<Answer> {
        let person = assignable(work, email).map_err(at(EMAIL))?;
        done(context, work, &Assignee::Person(person.email.clone()))
    }
}

/// Removes the assignee of a case.
pub struct Unassign;

impl Operation for Unassign {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "unassign-a-case",
        "POST",
        "/cases/{case-id}/unassign",
        Permission::CaseWrite,
        "Unassigns a case.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&["/data/type", "/data/id"])
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(CaseView::schema()).taking(Body::of_object()).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        done(context, work, &Assignee::Nobody)
    }
}

fn done(context: &Context, work: &mut UnitOfWork, to: &Assignee) -> Verb<Answer> {
    let case = assign(work, &context.actor, &CaseId::of(context.part("case-id")), to)?;
    answer(context, work, &case, &[], 200)
}
