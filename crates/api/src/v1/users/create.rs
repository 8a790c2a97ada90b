//! `POST /users`

use docket_access::{NewPerson, add_user_with_invitation};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{role_of, roles, schema_with_invitation, with_invitation};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed};
use crate::schema::{Body, short, word};

/// Adds a user to the organization.
pub struct CreateUser;

impl Operation for CreateUser {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "create-a-user",
        "POST",
        "/users",
        Permission::UserWrite,
        "Adds a person to the organization; the link to choose a password is shown only in this response.",
    )
    .creating();
    const ANSWER_IS_SECRET: bool = true;
    type Input = NewPerson;

    fn shape(_: &Context, body: &Value) -> Result<NewPerson, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/attributes/email-address", "/data/attributes/name", "/data/attributes/role"])?;
        Ok(NewPerson {
            email: body.required_text("/data/attributes/email-address")?.to_owned(),
            name: body.required_text("/data/attributes/name")?.to_owned(),
            role: role_of(body)?
                .ok_or_else(|| malformed("/data/attributes/role", "data.attributes.role is missing"))?,
        })
    }

    fn doc() -> OperationDoc {
        let body = Body::new().must("email-address", short(254)).must("name", short(200));
        OperationDoc::one(schema_with_invitation()).taking(body.must("role", word(&roles())))
    }

    fn run(context: &Context, work: &mut UnitOfWork, person: &NewPerson) -> Verb<Answer> {
        let organization = &context.caller.organization;
        let (user, token) = add_user_with_invitation(work, &context.actor, organization, person)?;
        Ok(Answer::created(Document::one(with_invitation(&user, &token)), user.settings_version()))
    }
}
