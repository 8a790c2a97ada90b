//! Why an attempt of a batch did not commit, and what follows for its items.

use std::fmt;

use docket_kernel::{Refusal, RefusalKind, RowError};

use crate::engine::{CommitError, EngineError, FlushError, NotWritten};
use crate::item::WriteError;
use crate::measure::too_large;

/// Whether and how long a writer pauses before it continues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It continues.
    #[default]
    No,
    /// One second.
    AWhile,
    /// Second by second, until a write succeeds: only a write shows whether there is space again.
    UntilThereIsRoom,
}

/// Why an attempt of a batch did not commit.
pub(crate) enum Failure {
    /// Some item's rows were refused at the flush, or can't be loaded: the cause, and the refusal for its caller.
    Guilty(String, Refusal),
    /// Some item's rows were changed by another transaction since they were read.
    Overtaken(String),
    /// Some item met a busy row after one of its stages was done: its writes have to be undone.
    Busy,
    /// The previous batch, which this one builds on, was not written.
    Before,
    Engine(EngineError),
    Commit(CommitError),
}

impl Failure {
    pub fn unreadable(error: RowError) -> Self {
        Self::Guilty(error.0, Refusal::internal("a row that this request needs can't be read; nothing was changed"))
    }

    /// The failure of a load: of an item if it loads too much, otherwise of the engine.
    pub fn of_load(error: EngineError) -> Self {
        match error {
            EngineError::TooLarge => Self::too_large(),
            error => Self::Engine(error),
        }
    }

    pub fn too_large() -> Self {
        Self::Guilty(EngineError::TooLarge.to_string(), too_large())
    }

    pub fn endless() -> Self {
        let endless = Refusal::internal("this request keeps asking for more rows; nothing was changed");
        Self::Guilty("an item asks for rows without end".into(), endless)
    }

    /// Whether an item caused it, which has to be found.
    pub fn is_of_an_item(&self) -> bool {
        matches!(self, Self::Guilty(..) | Self::Overtaken(_))
    }

    /// Whether it was logged where it was detected, once for as long as it lasts.
    pub fn is_logged(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Gone(_)) | Self::Commit(CommitError::NotCommitted(EngineError::Gone(_)))
        )
    }

    /// The error for callers if the database failed and a retry can't help.
    pub fn last_word(&self) -> Option<WriteError> {
        match self {
            Self::Engine(error) | Self::Commit(CommitError::NotCommitted(error)) => {
                let may_help = matches!(error, EngineError::TryAgain(_) | EngineError::Unreachable(_));
                (!may_help).then(|| WriteError::Unavailable(error.to_string()))
            }
            Self::Commit(CommitError::Unknown(_)) => Some(WriteError::OutcomeUnknown),
            Self::Busy | Self::Before | Self::Overtaken(_) | Self::Guilty(..) => None,
        }
    }

    /// How long to pause after a final failure.
    pub fn rest(&self) -> Rest {
        match self {
            Self::Engine(EngineError::Full(_) | EngineError::Gone(_))
            | Self::Commit(CommitError::NotCommitted(EngineError::Full(_) | EngineError::Gone(_))) => {
                Rest::UntilThereIsRoom
            }
            _ => Rest::AWhile,
        }
    }
}

impl From<FlushError> for Failure {
    fn from(error: FlushError) -> Self {
        match error {
            FlushError::Engine(error) => Self::Engine(error),
            FlushError::Overtaken { .. } => Self::Overtaken(error.to_string()),
            FlushError::Item { .. } => Self::Guilty(error.to_string(), overtaken()),
        }
    }
}

impl From<NotWritten> for Failure {
    fn from(why: NotWritten) -> Self {
        match why {
            NotWritten::Flush(error) => error.into(),
            NotWritten::Commit(error) => Self::Commit(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guilty(detail, _) | Self::Overtaken(detail) => f.write_str(detail),
            Self::Busy => f.write_str("a row is busy"),
            Self::Before => f.write_str("the batch before was not written"),
            Self::Engine(error) => error.fmt(f),
            Self::Commit(error) => error.fmt(f),
        }
    }
}

/// The error for callers after all retries failed.
pub(crate) fn failed_often() -> WriteError {
    WriteError::Unavailable("it failed several times".into())
}

/// The refusal for a caller whose item failed both in its batch and alone.
fn overtaken() -> Refusal {
    Refusal::new(
        RefusalKind::Conflict,
        "conflict",
        "this was changed by another request at the same time; read it again and retry",
    )
}
