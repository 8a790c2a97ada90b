//! Changing what somebody may do, and whether they still may. Nobody is ever removed: what they did stays theirs.

use std::sync::Arc;

use docket_events::Happening;
use docket_kernel::{Actor, Kind, Permission, Refusal, Role, UnitOfWork, UserId, Verb};

use crate::add_user::{checked_person_name, may_give};
use crate::organization::{Organization, User};
use crate::record::{happening, record_of};
use crate::store::USERS_OF_ORGANIZATION;

/// What is to be changed of a person.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// Another name.
    pub name: Option<String>,
    /// Another role.
    pub role: Option<Role>,
    /// Deactivated, or active again.
    pub standing: Option<Standing>,
}

/// Whether somebody may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// They may.
    Active,
    /// They may not: their sessions and keys stop.
    Deactivated,
}

/// Changes a person. The last administrator can be neither deactivated nor given another role.
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
    if is_administrator(&user) && !is_administrator(&changed) {
        another_administrator(work, &user)?;
    }
    let changed = work.change::<User>(id.as_str(), |user| *user = changed)?;
    for happening in happenings(&user, &changed) {
        record_of(work, actor, &changed, &happening)?;
    }
    Ok(changed)
}

/// What a change of a person is called, each part by itself.
fn happenings(before: &User, now: &User) -> Vec<Happening> {
    let mut all = Vec::new();
    if before.name != now.name {
        all.push(happening("user.renamed", now).from_to(&before.name, &now.name));
    }
    if before.role != now.role {
        all.push(happening("user.role-updated", now).from_to(before.role.as_str(), now.role.as_str()));
    }
    match (before.deactivated_at, now.deactivated_at) {
        (None, Some(_)) => all.push(happening("user.deactivated", now)),
        (Some(_), None) => all.push(happening("user.reactivated", now)),
        _ => {}
    }
    all
}

fn is_same(one: &User, other: &User) -> bool {
    (&one.name, one.role, one.deactivated_at) == (&other.name, other.role, other.deactivated_at)
}

/// Whether somebody can sign in and may everything.
fn is_administrator(user: &User) -> bool {
    user.role == Role::Admin && user.deactivated_at.is_none() && !user.password_hash.is_empty()
}

/// Refuses unless somebody else is an administrator. Two who each make the other the last one would both be right for
/// themselves: that the organization's row is changed too lets only one of them through. It is read before the people,
/// so that whoever changed them since has also changed it.
fn another_administrator(work: &mut UnitOfWork, user: &User) -> Verb<()> {
    let organization = user.organization_id.as_str();
    work.existing::<Organization>("organization", organization)?;
    let people = work.ask::<User>(&USERS_OF_ORGANIZATION, organization)?;
    if !people.iter().any(|other| other.id != user.id && is_administrator(other)) {
        let sentence = format!(
            "{} is the last administrator who can sign in; make another person an administrator first",
            user.email
        );
        return Err(Refusal::new(Kind::Conflict, "last-administrator", sentence).into());
    }
    work.change::<Organization>(organization, |_| {}).map(drop)
}
