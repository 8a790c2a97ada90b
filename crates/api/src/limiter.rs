//! The rate limit: a number of requests a minute for a key or a user, in windows that begin with the first request.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use docket_kernel::Moment;

const WINDOW_SECONDS: i64 = 60;
/// The limit reported for a key without a limit: a client that paces itself by the remaining number must not stop at 0.
const UNLIMITED: u32 = i32::MAX.unsigned_abs();
/// At this number of windows, those that have ended are removed.
const KEYS_MAX: usize = 10_000;

/// What is left of a key's limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Requests a minute.
    pub limit: u32,
    /// Requests left in this window.
    pub remaining: u32,
    /// Seconds until the window ends.
    pub reset: i64,
    /// Whether this request exceeds the limit.
    pub is_exceeded: bool,
}

#[derive(Default)]
pub(crate) struct Limiter(Mutex<HashMap<String, (Moment, u32)>>);

impl Limiter {
    /// Counts a request of the caller with this id.
    pub fn count(&self, caller: &str, limit: u32, now: Moment) -> Allowance {
        if limit == 0 {
            return Allowance { limit: UNLIMITED, remaining: UNLIMITED, reset: 0, is_exceeded: false };
        }
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if windows.len() >= KEYS_MAX {
            windows.retain(|_, (begun, _)| begun.plus_seconds(WINDOW_SECONDS) > now);
        }
        let window = windows.entry(caller.to_owned()).or_insert((now, 0));
        // A clock that was set back also starts a new window.
        if window.0.plus_seconds(WINDOW_SECONDS) <= now || window.0 > now {
            *window = (now, 0);
        }
        let is_exceeded = window.1 >= limit;
        window.1 = window.1.saturating_add(1).min(limit);
        let left = window.0.plus_seconds(WINDOW_SECONDS).0 - now.0;
        Allowance { limit, remaining: limit - window.1, reset: (left + 999_999) / 1_000_000, is_exceeded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_window_allows_the_full_number_of_requests() {
        let (limiter, key) = (Limiter::default(), "api_1");
        let at = |seconds| Moment(0).plus_seconds(seconds);

        assert_eq!(limiter.count(key, 2, at(10)), Allowance { limit: 2, remaining: 1, reset: 60, is_exceeded: false });
        assert_eq!(limiter.count(key, 2, at(40)), Allowance { limit: 2, remaining: 0, reset: 30, is_exceeded: false });
        assert!(limiter.count(key, 2, at(69)).is_exceeded);
        assert!(!limiter.count("api_2", 2, at(69)).is_exceeded);
        assert!(!limiter.count(key, 2, at(70)).is_exceeded);
    }

    #[test]
    fn zero_is_no_limit() {
        let limiter = Limiter::default();

        assert!((0..1_000).all(|_| !limiter.count("api_1", 0, Moment(0)).is_exceeded));
    }
}
