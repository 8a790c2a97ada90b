//! Why a try of a batch did not commit, and what that means for its items.

use std::fmt;

use docket_kernel::{Kind, Refusal, RowError};

use crate::engine::{CommitError, EngineError, FlushError, NotWritten};
use crate::item::WriteError;

/// Whether a writer rests before it goes on, and until when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Rest {
    /// It goes on.
    #[default]
    No,
    /// A second.
    AWhile,
    /// Second after second, until something can be written: whether there is room again, only a write can tell.
    UntilThereIsRoom,
}

/// Why a try of a batch did not commit.
pub(crate) enum Failure {
    /// Some item's rows were refused at the flush, or can't be loaded: what happened, and what its caller is told.
    Guilty(String, Refusal),
    /// Some item's rows were changed by another transaction since they were read.
    Overtaken(String),
    /// Some item met a busy row after a stage of it was done: what it wrote has to be taken back.
    Busy,
    /// The batch before, which this one rests on, was not written.
    Before,
    Engine(EngineError),
    Commit(CommitError),
}

impl Failure {
    pub fn unreadable(error: RowError) -> Self {
        Self::Guilty(error.0, Refusal::internal("a row that this request needs can't be read; nothing was changed"))
    }

    pub fn endless() -> Self {
        let endless = Refusal::internal("this request keeps asking for more rows; nothing was changed");
        Self::Guilty("an item asks for rows without end".into(), endless)
    }

    /// Whether some item is to blame, and has to be found.
    pub fn is_of_an_item(&self) -> bool {
        matches!(self, Self::Guilty(..) | Self::Overtaken(_))
    }

    /// Whether whoever noticed it has logged it, once for as long as it lasts.
    pub fn is_logged(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Gone(_)) | Self::Commit(CommitError::NotCommitted(EngineError::Gone(_)))
        )
    }

    /// What callers are told of a database that failed, where another try can't help.
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

    /// How long to rest when this was the last word.
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

/// What callers are told when no try helped.
pub(crate) fn failed_often() -> WriteError {
    WriteError::Unavailable("it failed several times".into())
}

/// What a caller is told whose item went through neither with its neighbours nor alone.
fn overtaken() -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "conflict",
        "this was changed by another request at the same time; read it again and retry",
    )
}
