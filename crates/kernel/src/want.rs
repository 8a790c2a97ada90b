//! What a halted verb is missing, and what an engine loads.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::moment::Moment;
use crate::table::{Row, Table};

/// The column with the time at which a row was created.
pub const CREATED_AT: &str = "created_at";

/// Something a verb asked for that is not in memory yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Want {
    /// The row with this key.
    Row {
        /// Its table.
        table: &'static Table,
        /// Its key.
        key: Arc<str>,
    },
    /// Whether the row with this key exists: read without a lock.
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
        /// The index of the column.
        column: usize,
        /// The scope; `None` for all scopes.
        scope: Option<Arc<str>>,
        /// The text.
        value: Arc<str>,
        /// Only rows that were created at or before this time; `None` for all.
        until: Option<Moment>,
        /// The maximum number of rows of an answer; one more is loaded to show that there are more.
        bound: u32,
    },
    /// Hold something by name until the batch is written: nothing is read.
    Hold {
        /// The table of what is held.
        table: &'static Table,
        /// The key of a row, or a scope.
        key: Arc<str>,
        /// Shared or exclusive.
        holding: Holding,
    },
    /// Numbers of a named sequence.
    Numbers {
        /// The scope of the sequence.
        scope: Arc<str>,
        /// Its name within the scope.
        sequence: Arc<str>,
        /// The minimum number needed.
        count: u32,
    },
    /// The positions of rows in the order of a time, or their number.
    Aged {
        /// The rows.
        question: &'static Aged,
        /// Their scope.
        scope: Arc<str>,
        /// Rows after this position.
        after: AgePosition,
        /// Rows before this instant.
        before: Moment,
        /// The maximum number that is found or counted.
        limit: u32,
        /// Whether only the number is wanted.
        is_counted: bool,
    },
}

/// A question about the age of rows: the rows of an environment in the order of a time. It needs an index on the scope, the
/// time and the key.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Aged {
    /// The table.
    pub table: &'static Table,
    /// The column with the time.
    pub column: &'static str,
    /// A column that is not null in rows that are already blank; these rows need an index of their own. `None` for tables
    /// whose rows are removed instead.
    pub blank: Option<&'static str>,
}

/// A position among rows in the order of a time.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct AgePosition {
    /// The time of the row.
    pub at: Moment,
    /// The key of the row.
    pub key: Arc<str>,
}

/// What an engine finds for a question about age.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgedFound {
    /// The positions of the rows, oldest first.
    Rows(Arc<Vec<AgePosition>>),
    /// The number of rows, and the number of blank ones among them.
    Count((i64, i64)),
}

/// How something is held by name. Rows of configuration are read without a lock; a write that relies on them holds
/// them, so that no contradicting change is made in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// Together with others that rely on it in its current state.
    Shared,
    /// Exclusively, to change what others rely on.
    Alone,
}

/// The wants of a batch, in the order in which they were added: duplicates are dropped, and wants for numbers of the
/// same sequence are merged.
#[derive(Debug, Default)]
pub struct Wants {
    list: Vec<Want>,
    places: HashMap<Want, usize>,
}

impl Wants {
    /// Adds a want.
    pub fn add(&mut self, want: &Want) {
        let identity = match want {
            Want::Numbers { scope, sequence, .. } => {
                Want::Numbers { scope: Arc::clone(scope), sequence: Arc::clone(sequence), count: 0 }
            }
            other => other.clone(),
        };
        match self.places.entry(identity) {
            Entry::Vacant(place) => {
                place.insert(self.list.len());
                self.list.push(want.clone());
            }
            Entry::Occupied(place) => {
                let known = self.list.get_mut(*place.get());
                if let (Some(Want::Numbers { count: known, .. }), Want::Numbers { count, .. }) = (known, want) {
                    *known = known.saturating_add(*count);
                }
            }
        }
    }

    /// All wants, in order.
    pub fn into_list(self) -> Vec<Want> {
        self.list
    }
}

/// What an engine loads for a list of wants.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Rows, for any want.
    pub rows: Vec<(&'static Table, Row)>,
    /// Rows of wants for their presence only: they are not locked.
    pub seen: Vec<(&'static Table, Row)>,
    /// Indexes (in the list of wants) of wants whose rows or names another writer holds.
    pub busy: Vec<usize>,
    /// Indexes of look-ups whose rows were not all loaded, because they have more bytes than an answer may have.
    pub cut: Vec<usize>,
    /// Indexes of wants that are held from now on: what was read of them before may have changed since. Always empty
    /// for an engine with a single writer.
    pub held: Vec<usize>,
    /// Answers to questions about age, with the index of the want.
    pub aged: Vec<(usize, AgedFound)>,
    /// Blocks of numbers: the index of the want, the first number, and the count. A want may have several blocks.
    pub numbers: Vec<(usize, i64, i64)>,
}

/// Numbers of a sequence that were reserved and not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// The scope of the sequence.
    pub scope: Arc<str>,
    /// Its name within the scope.
    pub sequence: Arc<str>,
    /// Half-open ranges (first number included, second excluded), in order.
    pub ranges: Vec<(i64, i64)>,
}
