//! The requests of clients and their responses: the oracle. It is in the test process, which is never killed.

use std::sync::{Mutex, MutexGuard, PoisonError};

use docket_kernel::Moment;
use serde_json::Value;

/// The purpose of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The reference job.
    Job,
    /// Setting another status of the client's own case.
    Move {
        /// The case.
        case: String,
        /// The status.
        to: String,
    },
    /// Starting a run of the workflow with an API trigger.
    Trigger,
}

/// A request and its outcome.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The unique mark of the request: the vendor's event, the idempotency key, the mark of the case.
    pub mark: String,
    /// Its purpose.
    pub wish: Wish,
    /// The response that acknowledged it; without one, it is unknown whether it was done.
    pub answer: Option<Value>,
    /// The time of the first attempt without a response, if there was one.
    pub lost_at: Option<Moment>,
    /// The time of the acknowledgement.
    pub answered_at: Option<Moment>,
}

/// The record of all clients.
#[derive(Debug, Default)]
pub struct Journal {
    entries: Mutex<Vec<Entry>>,
    /// Responses that no request of these clients should get.
    wrong: Mutex<Vec<String>>,
}

fn hold<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Journal {
    /// Records a request before it is sent; returns its index.
    pub fn intend(&self, mark: &str, wish: Wish) -> usize {
        let mut entries = hold(&self.entries);
        entries.push(Entry { mark: mark.to_owned(), wish, answer: None, lost_at: None, answered_at: None });
        entries.len() - 1
    }

    /// Records that a request got no response.
    pub fn lose(&self, place: usize, at: Moment) {
        hold(&self.entries)[place].lost_at.get_or_insert(at);
    }

    /// Records the response that acknowledged a request.
    pub fn acknowledge(&self, place: usize, answer: Value, at: Moment) {
        let mut entries = hold(&self.entries);
        (entries[place].answer, entries[place].answered_at) = (Some(answer), Some(at));
    }

    /// Records an unexpected response.
    pub fn complain(&self, words: String) {
        hold(&self.wrong).push(words);
    }

    /// The number of acknowledged requests.
    pub fn acknowledged(&self) -> usize {
        hold(&self.entries).iter().filter(|entry| entry.answer.is_some()).count()
    }

    /// All recorded requests.
    pub fn entries(&self) -> Vec<Entry> {
        hold(&self.entries).clone()
    }

    /// The unexpected responses.
    pub fn wrong(&self) -> Vec<String> {
        hold(&self.wrong).clone()
    }
}
