//! What a halted verb is missing, and what an engine brings.

use std::sync::Arc;

use crate::table::{Row, Table};

/// Something a verb asked for that is not yet in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// The row with this key.
    Row {
        /// Its table.
        table: &'static Table,
        /// Its key.
        key: Arc<str>,
    },
    /// Whether the row with this key is there: read without a lock.
    Presence {
        /// Its table.
        table: &'static Table,
        /// Its key.
        key: Arc<str>,
    },
    /// All rows with this text in that column.
    Value {
        /// Their table.
        table: &'static Table,
        /// The place of the column.
        column: usize,
        /// Whose rows; `None` for anybody's.
        scope: Option<Arc<str>>,
        /// The text.
        value: Arc<str>,
        /// The most rows an answer may have; one more is brought to show that there are more.
        bound: u32,
    },
    /// A block of numbers of a named sequence.
    Numbers {
        /// Whose sequence.
        scope: Arc<str>,
        /// Its name within the scope.
        sequence: Arc<str>,
    },
}

/// What an engine brings for a list of wants.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Rows, of whatever want.
    pub rows: Vec<(&'static Table, Row)>,
    /// Rows whose presence alone was asked for: they are not locked.
    pub seen: Vec<(&'static Table, Row)>,
    /// Places (in the list of wants) of those whose rows another writer holds.
    pub busy: Vec<usize>,
    /// Blocks of numbers: the place of the want, the first number, and how many.
    pub numbers: Vec<(usize, i64, i64)>,
}
