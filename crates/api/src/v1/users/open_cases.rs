//! `GET /users/{user-id}/open-cases`

use docket_access::User;
use docket_cases::{OpenCases, open_cases_of};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::target;
use crate::answer::Answer;
use crate::document::{Document, Members, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{self, object, said, truth, whole};

/// Counts the open cases that are assigned to a user.
pub struct OpenCasesOfUser;

impl Operation for OpenCasesOfUser {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "count-open-cases-of-a-user",
        "GET",
        "/users/{user-id}/open-cases",
        Permission::CaseRead,
        "Counts the open cases of this environment that are assigned to a person, up to 1,000.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target(context, work)
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let attributes = vec![("count", whole()), ("are-more", truth())];
        OperationDoc::fleeting(schema::resource("open-cases", attributes, Vec::new()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let user = work.existing::<User>("user", context.part("user-id"))?;
        let found = open_cases_of(work, &user.email)?;
        let mut resource = Resource::new("open-cases", user.id.to_string());
        resource.attributes.set("count", found.count);
        resource.attributes.set("are-more", found.are_more);
        Ok(Answer::plain(Document::one(resource)))
    }
}

/// The counts of open cases in the response to a deactivation.
pub(super) fn shown(cases: &OpenCases) -> Members {
    let mut members = Members::default();
    members.set("moved", cases.moved);
    members.set("count", cases.count);
    members.set("are-more", cases.are_more);
    members
}

/// The schema of [`shown`].
pub(super) fn counts() -> Value {
    object(vec![
        ("moved", said(whole(), "The number of cases unassigned or reassigned.")),
        ("count", said(whole(), "The number of cases still assigned to the person.")),
        ("are-more", said(truth(), "Whether there are more open cases than were counted or moved.")),
    ])
}
