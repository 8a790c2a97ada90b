//! `POST /users/{user-id}/invite`

use docket_access::invite;
use docket_kernel::{Permission, Refusal, UnitOfWork, UserId, Verb};
use serde_json::Value;

use super::shown::{schema_with_invitation, target, with_invitation};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::Body;

/// Creates another link to choose a password.
pub struct InviteUser;

impl Operation for InviteUser {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "invite-a-user",
        "POST",
        "/users/{user-id}/invite",
        Permission::UserWrite,
        "Creates a new link to choose a password; it is shown only in this response, and the previous link stops \
         working.",
    );
    const ANSWER_IS_SECRET: bool = true;
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target(context, work)
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&["/data/type", "/data/id"])
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema_with_invitation()).taking(Body::of_object())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let (user, token) = invite(work, &context.actor, &UserId::of(context.part("user-id")))?;
        Ok(Answer::ok(Document::one(with_invitation(&user, &token)), user.settings_version()))
    }
}
