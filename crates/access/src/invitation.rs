//! Invitations: a link with which somebody chooses a password, good once and for a while. Docket sends no mail, so
//! whoever made the link hands it over; only its digest is kept.

use std::sync::Arc;

use docket_kernel::{Actor, Moment, Permission, Refusal, UnitOfWork, UserId, Verb, hex};

use crate::add_user::may_give;
use crate::api_key::digest;
use crate::organization::User;
use crate::record::{happening, record_of};

/// A link is good for a week.
pub const INVITATION_SECONDS: i64 = 7 * 86_400;

/// Makes a link for somebody who is there: the first, or another where the first was lost or a password forgotten. The
/// one before is no good any more.
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
    let invited = happening("user.invited", &user).with("invitation-ends-at", ends_at.to_string());
    record_of(work, actor, &user, &invited)?;
    Ok((user, token))
}

/// Who a link is for. One that was used, replaced or is too old is none.
pub fn invited(work: &mut UnitOfWork, token: &str) -> Verb<Arc<User>> {
    let now = work.now();
    let user = work.find::<User>("invitation_digest", &digest(token))?;
    user.filter(|user| is_good(user, now)).ok_or_else(|| {
        let sentence = "this link was already used or has expired; ask an administrator for a new one";
        Refusal::rule("invitation-ended", sentence).into()
    })
}

/// Sets the password that somebody with a link chose, already hashed. The link is used up, and sessions they had end.
pub fn accept_invitation(work: &mut UnitOfWork, token: &str, password_hash: &str) -> Verb<UserId> {
    let user = invited(work, token)?;
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
