//! `POST /cases/{case-id}/assign`, `/unassign`

use docket_access::User;
use docket_cases::{Assignee, Case, assign};
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb, email_key};
use serde_json::Value;

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::body::Members;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation, target_of};
use crate::schema::{Body, text};
use crate::shapes::case::CaseView;

const EMAIL: &str = "/meta/user-email-address";

/// Gives a case to somebody.
pub struct Assign;

impl Operation for Assign {
    const ABOUT: About = About::contract(
        "assign-a-case",
        "POST",
        "/cases/{case-id}/assign",
        Permission::CaseWrite,
        "Gives a case to the person with this e-mail address.",
    );
    type Input = String;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        Members::of(body).required_text(EMAIL).map(email_key)
    }

    fn told() -> Told {
        let body = Body::of_object().must_meta("user-email-address", text());
        Told::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, email: &String) -> Verb<Answer> {
        if work.find::<User>("email", email)?.is_none() {
            let sentence = format!("nobody in this organization has the address {email}; GET /users lists everybody");
            return Err(Refusal::rule("unknown-user", sentence).at(EMAIL).into());
        }
        done(context, work, &Assignee::Person(email.clone()))
    }
}

/// Takes a case from whoever has it.
pub struct Unassign;

impl Operation for Unassign {
    const ABOUT: About = About::ours(
        "unassign-a-case",
        "POST",
        "/cases/{case-id}/unassign",
        Permission::CaseWrite,
        "Takes a case from whoever it is assigned to.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        Members::of(body).only(&["/data/type", "/data/id"])
    }

    fn told() -> Told {
        Told::one(CaseView::schema()).taking(Body::of_object()).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        done(context, work, &Assignee::Nobody)
    }
}

fn done(context: &Context, work: &mut UnitOfWork, to: &Assignee) -> Verb<Answer> {
    let case = assign(work, &context.actor, &CaseId::of(context.part("case-id")), to)?;
    answer(context, work, &case, &[], 200)
}
