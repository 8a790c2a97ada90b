//! Sign-in attempts: limited per time window, for each account and each network address. An attempt is counted before
//! the password is verified, so that concurrent attempts all count; a successful attempt is subtracted again.

use docket_kernel::{Moment, Refusal, RefusalKind, UnitOfWork, Verb, email_key};
use std::sync::Arc;

use crate::api_key::digest;

/// The maximum number of failed attempts in a time window.
pub const TRIES_MAX: i64 = 10;
/// The length of a time window, in seconds: fifteen minutes.
pub const TRIES_SECONDS: i64 = 900;

docket_kernel::entity! {
    /// The attempts of one account, or of one network address, in one time window.
    pub struct Tries in "sign_in_tries" {
        table: { rank: 7, lock: Row(version), scope: id, unique: [], asked: [] },
        /// The digest of what is counted, so that the table reveals no address.
        id: Arc<str>,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of attempts.
        count: i64,
        /// When the time window began.
        created_at: Moment,
    }
}

/// What an attempt is counted for.
#[derive(Clone, Debug)]
pub struct Tried(Vec<Arc<str>>);

impl Tried {
    /// The account with this e-mail address, and the network address of the request.
    pub fn of(email: &str, address: &str) -> Self {
        let account = digest(format!("account:{}", email_key(email)));
        Self(vec![Arc::from(account), Arc::from(digest(format!("address:{address}")))])
    }
}

/// Counts an attempt. An attempt over the limit is refused with the time to wait.
pub fn count_try(work: &mut UnitOfWork, tried: &Tried) -> Verb<()> {
    let now = work.now();
    for id in &tried.0 {
        let known = work.get::<Tries>(id)?;
        let begun = known.as_ref().map(|tries| tries.created_at);
        let is_over = begun.is_none_or(|begun| is_over(begun, now));
        match (known, begun) {
            (Some(tries), Some(begun)) if !is_over && tries.count >= TRIES_MAX => {
                let left = (begun.plus_seconds(TRIES_SECONDS).0 - now.0 + 999_999) / 1_000_000;
                let sentence =
                    format!("{TRIES_MAX} sign-in attempts failed; wait {} minutes, then try again", (left + 59) / 60);
                let refusal = Refusal::new(RefusalKind::Rule, "too-many-tries", sentence);
                return Err(refusal.with(serde_json::json!({"retry-after": left})).into());
            }
            (Some(_), _) => {
                work.change::<Tries>(id, |tries| {
                    (tries.count, tries.created_at) =
                        if is_over { (1, now) } else { (tries.count + 1, tries.created_at) };
                })?;
            }
            (None, _) => {
                work.insert(Tries { id: Arc::clone(id), version: 0, count: 1, created_at: now });
            }
        }
    }
    Ok(())
}

/// Whether a period that began then is over. One that began a little later than now goes on: a batch of another node that
/// began after this one may have been written before it. One that began much later comes from a wrong clock.
fn is_over(begun: Moment, now: Moment) -> bool {
    begun.plus_seconds(TRIES_SECONDS) <= now || begun > now.plus_seconds(TRIES_SECONDS)
}

/// Subtracts an attempt that did not fail.
pub fn forgive_try(work: &mut UnitOfWork, tried: &Tried) -> Verb<()> {
    for id in &tried.0 {
        if work.get::<Tries>(id)?.is_some_and(|tries| tries.count > 0) {
            work.change::<Tries>(id, |tries| tries.count -= 1)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_while_that_another_node_began_a_moment_later_goes_on() {
        let now = Moment(1_000_000_000_000_000);
        for (seconds, over) in [(-900, true), (-899, false), (0, false), (1, false), (900, false), (901, true)] {
            assert_eq!(is_over(now.plus_seconds(seconds), now), over, "begun after {seconds} seconds");
        }
    }
}
