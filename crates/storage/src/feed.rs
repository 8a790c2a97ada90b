//! Rows in the order in which they were committed, so that whoever follows them misses none.
//!
//! Ids and times are drawn before a commit, and commits of several writers overlap: a row can appear before one that is
//! there already. On SQLite one writer commits one after the other. On PostgreSQL each row carries the number of its
//! transaction, and rows are handed out only when no transaction with a lower number is under way any more.

use std::fmt;
use std::sync::Arc;

use docket_kernel::{Row, Stored};

/// A place in the order of commits: all rows up to it have been seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub(crate) number: i64,
    pub(crate) key: Arc<str>,
}

impl Position {
    pub(crate) fn before(number: i64) -> Self {
        Self { number, key: Arc::from("") }
    }

    /// Reads what [`Position`] is written as; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (number, key) = text.split_once('-')?;
        let number = number.parse().ok().filter(|number| *number >= 0)?;
        Some(Self { number, key: Arc::from(key) })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.number, self.key)
    }
}

/// What came after a position.
#[derive(Debug)]
pub struct Followed<E> {
    /// The rows with their positions, in order.
    pub rows: Vec<(Position, Stored<E>)>,
    /// Up to here nothing was left out.
    pub until: Position,
    /// Whether more may come at once: there is more than was asked for, or a transaction is under way.
    pub more: bool,
}

/// The same, of any table.
#[derive(Debug)]
pub(crate) struct FollowedRows {
    pub rows: Vec<(Position, Row)>,
    pub until: Position,
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_reads_back_as_it_was_written() {
        for text in ["812-evt_01h", "0-", "7-a-b"] {
            assert_eq!(Position::parse(text).map(|position| position.to_string()).as_deref(), Some(text));
        }
        for text in ["", "evt_01h", "x-evt", "-5-x"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
    }
}
