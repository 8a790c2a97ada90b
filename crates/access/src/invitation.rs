//! Invitations: a link with which a person chooses a password. It can be used once and expires. Docket sends no mail,
//! so the user who created the link passes it on; only its digest is stored.

use std::sync::Arc;

use docket_kernel::{Actor, Moment, Permission, Refusal, UnitOfWork, UserId, Verb, hex};

use crate::add_user::may_give;
use crate::api_key::digest;
use crate::hold::hold_people;
use crate::organization::User;
use crate::record::{new_event, record_of};

/// How long a link is valid, in seconds: a week.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

/// Creates a link for an existing person: the first one, or a replacement for a lost link or a forgotten password. The
/// previous link becomes invalid.
pub fn invite(work: &mut UnitOfWork, actor: &Actor, id: &UserId) -> Verb<(Arc<User>, String)> {
    actor.may(Permission::UserWrite)?;
    let user = work.existing::<User>("user", id.as_str())?;
    may_give(actor, user.role)?;
    if user.deactivated_at.is_some() {
        let sentence = format!("{} is deactivated; reactivate them first", user.email);
        return Err(Refusal::rule("user-deactivated", sentence).into());
    }
    let token = hex(&work.secret());
    let ends_at = work.now().plus_seconds(INVITATION_SECONDS);
    let user = work.change::<User>(id.as_str(), |user| {
        user.invitation_digest = Some(digest(&token));
        user.invitation_ends_at = Some(ends_at);
    })?;
    let invited = new_event("user.invited", &user).with("invitation-ends-at", ends_at.to_string());
    record_of(work, actor, &user, &invited)?;
    Ok((user, token))
}

/// The person a link is for. A link that was used, replaced or has expired is refused.
pub fn invited(work: &mut UnitOfWork, token: &str) -> Verb<Arc<User>> {
    let now = work.now();
    let user = work.find::<User>("invitation_digest", &digest(token))?;
    user.filter(|user| is_good(user, now)).ok_or_else(|| {
        let sentence = "this link was already used or has expired; ask an administrator for a new one";
        Refusal::rule("invitation-ended", sentence).into()
    })
}

/// Sets the password that a person chose through a link, already hashed. Uses up the link and ends their sessions.
pub fn accept_invitation(work: &mut UnitOfWork, token: &str, password_hash: &str) -> Verb<UserId> {
    let user = invited(work, token)?;
    hold_people(work, &user.organization_id)?;
    let now = work.now();
    work.change::<User>(user.id.as_str(), |user| {
        password_hash.clone_into(&mut user.password_hash);
        user.sign_out(now);
    })?;
    Ok(user.id.clone())
}

fn is_good(user: &User, now: Moment) -> bool {
    user.deactivated_at.is_none() && user.invitation_ends_at.is_some_and(|end| end > now)
}
