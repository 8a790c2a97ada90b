//! Adding a person to an organization.

use std::sync::Arc;

use docket_kernel::{
    Actor, OrganizationId, Permission, Refusal, RefusalKind, Role, UnitOfWork, UserId, Verb, checked_email,
    checked_name, email_key, tidied_name,
};

use crate::invitation::invite;
use crate::organization::User;
use crate::record::{new_event, record_of};

/// The maximum length of a name, in characters.
const NAME_CHARACTERS_MAX: usize = 200;

/// A person to be added.
#[derive(Clone, Debug)]
pub struct NewPerson {
    /// Their e-mail address.
    pub email: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// Adds a person in the scope of their organization. They cannot sign in until they have chosen a password.
pub fn add_user(
    work: &mut UnitOfWork,
    actor: &Actor,
    organization: &OrganizationId,
    person: &NewPerson,
) -> Verb<UserId> {
    actor.may(Permission::UserWrite)?;
    may_give(actor, person.role)?;
    checked(person)?;
    let email = email_key(&person.email);
    if work.find::<User>("email", &email)?.is_some() {
        let sentence = format!("the organization already has a person with the address {email}");
        return Err(Refusal::new(RefusalKind::Conflict, "email-taken", sentence)
            .at("/data/attributes/email-address")
            .into());
    }
    let user = User::new(work, organization, &email, &tidied_name(&person.name), person.role);
    let user = work.insert(user);
    record_of(work, actor, &user, &new_event("user.created", &user).with("role", user.role.as_str()))?;
    Ok(user.id.clone())
}

/// Adds a person and creates the link for choosing a password. Only this function's result contains the link.
pub fn add_user_with_invitation(
    work: &mut UnitOfWork,
    actor: &Actor,
    organization: &OrganizationId,
    person: &NewPerson,
) -> Verb<(Arc<User>, String)> {
    let id = add_user(work, actor, organization, person)?;
    invite(work, actor, &id)
}

/// Refuses a role with permissions that the actor does not have. Applies to giving a role and to changing its holder.
pub(crate) fn may_give(actor: &Actor, role: Role) -> Result<(), Refusal> {
    match role.permissions().find(|permission| actor.may(*permission).is_err()) {
        None => Ok(()),
        Some(lacking) => {
            let sentence = format!("people of the role {role} may {lacking}, which you may not; ask an administrator");
            Err(Refusal::rule("role-not-yours", sentence).at("/data/attributes/role"))
        }
    }
}

fn checked(person: &NewPerson) -> Result<(), Refusal> {
    let mut findings: Vec<Refusal> = checked_email(person.email.trim())
        .err()
        .into_iter()
        .map(|found| found.at("/data/attributes/email-address"))
        .collect();
    findings.extend(checked_person_name(&person.name).err());
    Refusal::of_all(findings).map_or(Ok(()), Err)
}

pub(crate) fn checked_person_name(name: &str) -> Result<String, Refusal> {
    checked_name("a person's name", name, NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("person-name", sentence).at("/data/attributes/name"))
}
