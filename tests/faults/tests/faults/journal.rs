//! What clients asked for and what they were answered: the oracle. It lives in the process of the tests, which nobody
//! kills.

use std::sync::{Mutex, MutexGuard, PoisonError};

use docket_kernel::Moment;
use serde_json::Value;

/// What a client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The reference job.
    Job,
    /// A case of its own in another status.
    Move {
        /// The case.
        case: String,
        /// The status.
        to: String,
    },
    /// A run of the workflow that is started by hand.
    Trigger,
}

/// A wish and what came of it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Tells this wish from all others: the vendor's event, the idempotency key, the mark of the case.
    pub mark: String,
    /// What was wanted.
    pub wish: Wish,
    /// The answer that acknowledged it; without one, nobody knows whether it was done.
    pub answer: Option<Value>,
    /// When it was asked for first without an answer, if it was.
    pub lost_at: Option<Moment>,
    /// When it was acknowledged.
    pub answered_at: Option<Moment>,
}

/// What all clients remember.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    /// Answers that no request of these clients should get.
    wrong: Mutex<Vec<String>>,
}

fn hold<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// Notes a wish before it is sent; its place.
    pub fn intend(&self, mark: &str, wish: Wish) -> usize {
        let mut entries = hold(&self.entries);
        entries.push(Entry { mark: mark.to_owned(), wish, answer: None, lost_at: None, answered_at: None });
        entries.len() - 1
    }

    /// Notes that a request got no answer.
    pub fn lose(&self, place: usize, at: Moment) {
        hold(&self.entries)[place].lost_at.get_or_insert(at);
    }

    /// Notes the answer that acknowledged a wish.
    pub fn acknowledge(&self, place: usize, answer: Value, at: Moment) {
        let mut entries = hold(&self.entries);
        (entries[place].answer, entries[place].answered_at) = (Some(answer), Some(at));
    }

    /// Notes an answer that should not have come.
    pub fn complain(&self, words: String) {
        hold(&self.wrong).push(words);
    }

    /// How many wishes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        hold(&self.entries).iter().filter(|entry| entry.answer.is_some()).count()
    }

    /// Everything noted.
    pub fn entries(&self) -> Vec<Entry> {
        hold(&self.entries).clone()
    }

    /// The answers that should not have come.
    pub fn wrong(&self) -> Vec<String> {
        hold(&self.wrong).clone()
    }
}
