//! Reactions to what was written.

use std::sync::Arc;

/// A reaction to perform in the same commit, once the stage that queued it is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// The type of reaction: `event`, `run`.
    pub topic: &'static str,
    /// The key of the row it is about.
    pub key: Arc<str>,
}

/// The progress of a reaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// It is complete.
    Done,
    /// It did one step; the same task continues before any other.
    Again,
}
