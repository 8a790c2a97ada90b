//! What follows from what was written.

use std::sync::Arc;

/// Something to be done in reaction, in the same commit, once the stage that asked for it is done.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Task {
    /// Which reaction: `event`, `run`.
    pub topic: &'static str,
    /// The key of the row it is about.
    pub key: Arc<str>,
}

/// How far a reaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// To its end.
    Done,
    /// One step; the same task goes on before any other.
    Again,
}
