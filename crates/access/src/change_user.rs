//! Changes of a person's name, role and standing. People are never removed: their actions stay attributed to them.

use std::sync::Arc;

use docket_events::NewEvent;
use docket_kernel::{Actor, Permission, Refusal, RefusalKind, Role, UnitOfWork, UserId, Verb};

use crate::add_user::{checked_person_name, may_give};
use crate::hold::hold_people;
use crate::organization::{Organization, User};
use crate::record::{new_event, record_of};
use crate::store::USERS_OF_ORGANIZATION;

/// The changes to make to a person.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// The new name.
    pub name: Option<String>,
    /// The new role.
    pub role: Option<Role>,
    /// The new standing: deactivated or active again.
    pub standing: Option<Standing>,
}

/// Whether a person can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The person can sign in.
    Active,
    /// The person cannot sign in; their sessions and keys stop working.
    Deactivated,
}

/// Changes a person. The last administrator can neither be deactivated nor get another role.
pub fn change_user(work: &mut UnitOfWork, actor: &Actor, id: &UserId, change: &UserChange) -> Verb<Arc<User>> {
    actor.may(Permission::UserWrite)?;
    let user = work.existing::<User>("user", id.as_str())?;
    may_give(actor, user.role)?;
    if let Some(role) = change.role {
        may_give(actor, role)?;
    }
    let name = change.name.as_deref().filter(|name| *name != user.name).map(checked_person_name).transpose()?;
    let now = work.now();
    let mut changed = (*user).clone();
    changed.role = change.role.unwrap_or(user.role);
    if let Some(name) = name {
        changed.name = name;
    }
    match change.standing {
        Some(Standing::Deactivated) if user.deactivated_at.is_none() => {
            changed.deactivated_at = Some(now);
            changed.sign_out(now);
        }
        Some(Standing::Active) => changed.deactivated_at = None,
        _ => {}
    }
    if is_same(&user, &changed) {
        return Ok(user);
    }
    if (user.role, user.deactivated_at) != (changed.role, changed.deactivated_at) {
        hold_people(work, &user.organization_id)?;
    }
    if is_administrator(&user) && !is_administrator(&changed) {
        another_administrator(work, &user)?;
    }
    let changed = work.change::<User>(id.as_str(), |user| *user = changed)?;
    for new_event in new_events(&user, &changed) {
        record_of(work, actor, &changed, &new_event)?;
    }
    Ok(changed)
}

/// The events of a change of a person, one for each changed part.
fn new_events(before: &User, now: &User) -> Vec<NewEvent> {
    let mut all = Vec::new();
    if before.name != now.name {
        all.push(new_event("user.renamed", now).from_to(&before.name, &now.name));
    }
    if before.role != now.role {
        all.push(new_event("user.role-updated", now).from_to(before.role.as_str(), now.role.as_str()));
    }
    match (before.deactivated_at, now.deactivated_at) {
        (None, Some(_)) => all.push(new_event("user.deactivated", now)),
        (Some(_), None) => all.push(new_event("user.reactivated", now)),
        _ => {}
    }
    all
}

fn is_same(one: &User, other: &User) -> bool {
    (&one.name, one.role, one.deactivated_at) == (&other.name, other.role, other.deactivated_at)
}

/// Whether a person can sign in and has all permissions.
fn is_administrator(user: &User) -> bool {
    user.role == Role::Admin && user.deactivated_at.is_none() && !user.password_hash.is_empty()
}

/// Refuses unless another person is an administrator. Two concurrent transactions could each remove the administrator
/// that the other relies on. Both change the organization's row, so only one of them commits. The row is read before
/// the people, so a concurrent change of the people has also changed the row.
fn another_administrator(work: &mut UnitOfWork, user: &User) -> Verb<()> {
    let organization = user.organization_id.as_str();
    work.existing::<Organization>("organization", organization)?;
    let people = work.ask::<User>(&USERS_OF_ORGANIZATION, organization)?;
    if !people.iter().any(|other| other.id != user.id && is_administrator(other)) {
        let sentence = format!(
            "{} is the last administrator who can sign in; make another person an administrator first",
            user.email
        );
        return Err(Refusal::new(RefusalKind::Conflict, "last-administrator", sentence).into());
    }
    work.change::<Organization>(organization, |_| {}).map(drop)
}
