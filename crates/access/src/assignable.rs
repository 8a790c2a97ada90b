//! The people to whom work can be assigned.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, UserId, Verb, email_key};

use crate::organization::User;

/// The person of the organization with this e-mail address or id. Deactivated people are refused: work cannot be
/// assigned to them.
pub fn assignable(work: &mut UnitOfWork, named: &str) -> Verb<Arc<User>> {
    let named = named.trim();
    let is_id = named.strip_prefix(UserId::PREFIX).is_some_and(|rest| rest.starts_with('_'));
    let found = if is_id { work.get::<User>(named)? } else { work.find::<User>("email", &email_key(named))? };
    let Some(user) = found else {
        let what = if is_id { "id" } else { "address" };
        let sentence = format!("no person in this organization has the {what} {named}; GET /users lists all people");
        return Err(Refusal::rule("unknown-user", sentence).into());
    };
    if user.deactivated_at.is_some() {
        let sentence = format!("{} is deactivated; choose another person, or reactivate them first", user.email);
        return Err(Refusal::rule("user-deactivated", sentence).into());
    }
    Ok(user)
}
