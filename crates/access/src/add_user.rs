//! Adding a person to an organization.

use docket_kernel::{Actor, Kind, OrganizationId, Permission, Refusal, UnitOfWork, UserId, Verb};

use crate::organization::User;

/// The most characters of an e-mail address.
const EMAIL_CHARACTERS_MAX: usize = 254;

/// Adds a person, in the scope of their organization. They have no password yet and can't sign in until they do: no
/// password has an empty hash.
pub fn add_user(
    work: &mut UnitOfWork,
    actor: &Actor,
    organization: &OrganizationId,
    email: &str,
    name: &str,
) -> Verb<UserId> {
    actor.may(Permission::Operate)?;
    checked_email(email)?;
    let email = email.to_lowercase();
    if work.find::<User>("email", &email)?.is_some() {
        let sentence = format!("the organization has a person with the address {email} already");
        return Err(Refusal::new(Kind::Conflict, "email-taken", sentence).into());
    }
    let id = UserId::of(work.new_id(UserId::PREFIX));
    let created_at = work.now();
    work.insert(User {
        id: id.clone(),
        organization_id: organization.clone(),
        version: 0,
        email,
        name: name.trim().to_owned(),
        password_hash: String::new(),
        created_at,
    });
    Ok(id)
}

/// Refuses what can't be an e-mail address.
pub(crate) fn checked_email(email: &str) -> Result<(), Refusal> {
    if email.contains('@') && email.chars().count() <= EMAIL_CHARACTERS_MAX {
        return Ok(());
    }
    Err(Refusal::rule("email", format_args!("'{email}' is not an e-mail address; write one such as ada@bank.example")))
}
