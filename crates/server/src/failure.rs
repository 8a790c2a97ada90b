//! Why a command failed, in words for its user.

use std::fmt;

use docket_kernel::Refusal;
use docket_storage::{OpenError, ReadError, WriteError};

/// The reasons, one per line.
#[derive(Debug)]
pub struct Failure(String);

impl Failure {
    /// A failure with these words.
    pub fn new(words: impl fmt::Display) -> Self {
        Self(words.to_string())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failure {}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let sentences: Vec<&str> = refusal.all().map(|finding| finding.sentence.as_str()).collect();
        Self(sentences.join("\n"))
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Refused(refusal) => refusal.into(),
            other => Self::new(other),
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Refused(refusal) => refusal.into(),
            other => Self::new(other),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::new(error)
    }
}
