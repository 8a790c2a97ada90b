//! Why a try of a batch did not commit, and what that means for its items.

use std::fmt;

use docket_kernel::{Kind, Refusal, RowError};

use crate::engine::{CommitError, EngineError, FlushError};
use crate::item::WriteError;

/// Why a try of a batch did not commit.
pub(crate) enum Failure {
    /// Some item's rows were refused at the flush, or can't be loaded: what happened, and what its caller is told.
    Guilty(String, Refusal),
    /// Some item met a busy row after a stage of it was done: what it wrote has to be taken back.
    Busy,
    Engine(EngineError),
    Commit(CommitError),
}

impl Failure {
    pub fn unreadable(error: RowError) -> Self {
        Self::Guilty(error.0, Refusal::internal("a row this needs can't be read; nothing was changed"))
    }

    pub fn endless() -> Self {
        let endless = Refusal::internal("the rule for this asks for rows without end; nothing was changed");
        Self::Guilty("an item asks for rows without end".into(), endless)
    }

    /// What callers are told of a database that failed, where another try can't help.
    pub fn last_word(&self) -> Option<WriteError> {
        match self {
            Self::Engine(error) | Self::Commit(CommitError::NotCommitted(error)) => {
                let may_help = matches!(error, EngineError::TryAgain(_) | EngineError::Unreachable(_));
                (!may_help).then(|| WriteError::Unavailable(error.to_string()))
            }
            Self::Commit(CommitError::Unknown(_)) => Some(WriteError::OutcomeUnknown),
            Self::Busy | Self::Guilty(..) => None,
        }
    }

    pub fn is_for_want_of_room(&self) -> bool {
        matches!(
            self,
            Self::Engine(EngineError::Full(_)) | Self::Commit(CommitError::NotCommitted(EngineError::Full(_)))
        )
    }
}

impl From<FlushError> for Failure {
    fn from(error: FlushError) -> Self {
        match error {
            FlushError::Engine(error) => Self::Engine(error),
            item @ FlushError::Item { .. } => Self::Guilty(item.to_string(), overtaken()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Guilty(detail, _) => f.write_str(detail),
            Self::Busy => f.write_str("a row is busy"),
            Self::Engine(error) => error.fmt(f),
            Self::Commit(error) => error.fmt(f),
        }
    }
}

/// What callers are told when no try helped.
pub(crate) fn failed_often() -> WriteError {
    WriteError::Unavailable("it failed several times".into())
}

fn overtaken() -> Refusal {
    Refusal::new(
        Kind::Conflict,
        "conflict",
        "this was changed by somebody else at the same moment; look again and repeat",
    )
}
