//! `PATCH /users/{user-id}`

use docket_access::{Standing, User, UserChange, change_user};
use docket_kernel::{Permission, Refusal, UnitOfWork, UserId, Verb};
use serde_json::Value;

use super::shown::{resource, role_of, roles, schema};
use crate::answer::Answer;
use crate::body::Members;
use crate::document::Document;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation, target_of};
use crate::schema::{Body, said, short, truth, word};

/// Changes somebody's name, role, or whether they may come in.
pub struct UpdateUser;

impl Operation for UpdateUser {
    const ABOUT: About = About::ours(
        "update-a-user",
        "PATCH",
        "/users/{user-id}",
        Permission::UserWrite,
        "Changes a person's name or role, or deactivates them: their sessions end and their API keys stop, and what they \
         did stays theirs.",
    );
    type Input = UserChange;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<User>(work, "user", context.part("user-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<UserChange, Refusal> {
        let body = Members::of(body);
        let (name, active) = ("/data/attributes/name", "/data/attributes/active");
        body.only(&["/data/type", "/data/id", name, "/data/attributes/role", active])?;
        let standing = |is_active: bool| if is_active { Standing::Active } else { Standing::Deactivated };
        Ok(UserChange {
            name: body.text(name)?.map(str::to_owned),
            role: role_of(body)?,
            standing: body.boolean(active)?.map(standing),
        })
    }

    fn told() -> Told {
        let active = said(truth(), "False deactivates them, true lets them in again.");
        let body = Body::of_object().may("name", short(200)).may("role", word(&roles())).may("active", active);
        Told::one(schema()).taking(body)
    }

    fn run(context: &Context, work: &mut UnitOfWork, change: &UserChange) -> Verb<Answer> {
        let user = change_user(work, &context.actor, &UserId::of(context.part("user-id")), change)?;
        Ok(Answer::ok(Document::one(resource(&user)), user.version))
    }
}
