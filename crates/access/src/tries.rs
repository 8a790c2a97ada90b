//! Tries at signing in: so many in a while, counted for each account and each address. A try is counted before it is
//! judged, so that many at once are as many; one that succeeds is taken back.

use docket_kernel::{Kind, Moment, Refusal, UnitOfWork, Verb, email_key};
use std::sync::Arc;

use crate::api_key::digest;

/// So many tries that fail are let through in a while.
pub const TRIES_MAX: i64 = 10;
/// A while: fifteen minutes.
pub const TRIES_SECONDS: i64 = 900;

docket_kernel::entity! {
    /// The tries of one account, or of one address, in one while.
    pub struct Tries in "sign_in_tries" {
        table: { rank: 7, lock: Row(version), scope: id, unique: [], asked: [] },
        /// What is counted, as a digest: whoever reads the table learns no address.
        id: Arc<str>,
        /// How often it changed.
        version: i64,
        /// How many.
        count: i64,
        /// When the while began.
        created_at: Moment,
    }
}

/// What a try is counted for.
#[derive(Clone, Debug)]
pub struct Tried(Vec<Arc<str>>);

impl Tried {
    /// An account, by its e-mail address, from an address of the network.
    pub fn of(email: &str, address: &str) -> Self {
        let account = digest(format!("account:{}", email_key(email)));
        Self(vec![Arc::from(account), Arc::from(digest(format!("address:{address}")))])
    }
}

/// Counts a try. One too many is refused, and says how long to wait.
pub fn count_try(work: &mut UnitOfWork, tried: &Tried) -> Verb<()> {
    let now = work.now();
    for id in &tried.0 {
        let known = work.get::<Tries>(id)?;
        let begun = known.as_ref().map(|tries| tries.created_at);
        let is_over = begun.is_none_or(|begun| begun.plus_seconds(TRIES_SECONDS) <= now || begun > now);
        match (known, begun) {
            (Some(tries), Some(begun)) if !is_over && tries.count >= TRIES_MAX => {
                let left = (begun.plus_seconds(TRIES_SECONDS).0 - now.0 + 999_999) / 1_000_000;
                let sentence =
                    format!("{TRIES_MAX} sign-in attempts failed; wait {} minutes, then try again", (left + 59) / 60);
                let refusal = Refusal::new(Kind::Rule, "too-many-tries", sentence);
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

/// Takes a try back: it was no failure.
pub fn forgive_try(work: &mut UnitOfWork, tried: &Tried) -> Verb<()> {
    for id in &tried.0 {
        if work.get::<Tries>(id)?.is_some_and(|tries| tries.count > 0) {
            work.change::<Tries>(id, |tries| tries.count -= 1)?;
        }
    }
    Ok(())
}
