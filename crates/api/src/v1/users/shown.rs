//! Users in the form of these operations.

use docket_access::{Role, User};
use docket_kernel::{Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::body::BodyMembers as Body;
use crate::document::Resource;
use crate::operation::{Context, malformed};
use crate::schema::{self, Properties, maybe, said, text, truth, whole, word};
use crate::shapes::user::UserView;
use crate::time::{iso, iso_or_null};

/// A user: the contract's members, the role, whether the user may sign in, since when, and the version.
pub fn resource(user: &User) -> Resource {
    let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
    let view = UserView {
        id: user.id.to_string(),
        email_address: user.email.clone(),
        name_first: first.to_owned(),
        name_last: last.trim().to_owned(),
    };
    let mut resource = view.into_resource();
    let attributes = &mut resource.attributes;
    attributes.set("role", user.role.as_str());
    attributes.set("active", user.deactivated_at.is_none());
    attributes.set("invitation-ends-at", iso_or_null(user.invitation_ends_at.map(|end| end.0)));
    attributes.set("created-at", iso(user.created_at.0));
    attributes.set("version", user.settings_version());
    resource
}

/// The version of the user in the path that `If-Match` is checked against, or 404.
pub fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
    Ok(Some(work.existing::<User>("user", context.part("user-id"))?.settings_version()))
}

/// The schema of a user.
pub fn schema() -> Value {
    schema::resource("user", attributes(), Vec::new())
}

/// The same, with the link that is shown once.
pub fn schema_with_invitation() -> Value {
    let link = said(
        text(),
        "The path, below Docket's address, where the person chooses a password; shown only in \
        this response.",
    );
    schema::resource("user", [attributes(), vec![("invitation", link)]].concat(), Vec::new())
}

fn attributes() -> Properties {
    vec![
        ("email-address", text()),
        ("name-first", text()),
        ("name-last", text()),
        ("role", word(&roles())),
        ("active", truth()),
        ("invitation-ends-at", maybe(schema::time())),
        ("created-at", schema::time()),
        ("version", said(whole(), "Increases with every change; send it in quotes as If-Match.")),
    ]
}

/// The names of roles.
pub fn roles() -> Vec<&'static str> {
    Role::ALL.iter().map(|role| role.as_str()).collect()
}

/// The role of a body, if it names one.
pub fn role_of(body: Body<'_>) -> Result<Option<Role>, Refusal> {
    let Some(word) = body.text("/data/attributes/role")? else { return Ok(None) };
    match Role::parse(word) {
        Some(role) => Ok(Some(role)),
        None => {
            let sentence = format!("'{word}' is not a role; use one of {}", roles().join(", "));
            Err(malformed("/data/attributes/role", sentence))
        }
    }
}

/// A user, with the link that is shown once.
pub fn with_invitation(user: &User, token: &str) -> Resource {
    let mut resource = resource(user);
    resource.attributes.set("invitation", format!("/invitation#token={token}"));
    resource
}
