//! What a halted verb is missing, and what an engine brings.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use crate::table::{Row, Table};

/// Something a verb asked for that is not yet in memory.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// To hold something by name until the batch is written: nothing is read.
    Hold {
        /// The table of what is held.
        table: &'static Table,
        /// The key of a row, or the scope that it is about.
        key: Arc<str>,
        /// With whom.
        holding: Holding,
    },
    /// Numbers of a named sequence.
    Numbers {
        /// Whose sequence.
        scope: Arc<str>,
        /// Its name within the scope.
        sequence: Arc<str>,
        /// How many are needed at the least.
        count: u32,
    },
}

/// With whom something is held by name. Rows of configuration are read without a lock; what is written because of them
/// holds them, so that no change that contradicts it comes between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Holding {
    /// With others that rely on it as it is.
    Shared,
    /// Alone, to change what others rely on.
    Alone,
}

/// The wants of a batch, in the order in which they came: the same is wanted once, and numbers of the same sequence are
/// wanted together.
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

    /// All of them.
    pub fn into_list(self) -> Vec<Want> {
        self.list
    }
}

/// What an engine brings for a list of wants.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Rows, of whatever want.
    pub rows: Vec<(&'static Table, Row)>,
    /// Rows whose presence alone was asked for: they are not locked.
    pub seen: Vec<(&'static Table, Row)>,
    /// Places (in the list of wants) of those whose rows, or names, another writer holds.
    pub busy: Vec<usize>,
    /// Places of those that are held from now on: what was read of them before may have changed since. An engine whose
    /// writer is the only one has none.
    pub held: Vec<usize>,
    /// Blocks of numbers: the place of the want, the first number, and how many. A want may have several.
    pub numbers: Vec<(usize, i64, i64)>,
}

/// Numbers of a sequence that were reserved and not used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unused {
    /// Whose sequence.
    pub scope: Arc<str>,
    /// Its name within the scope.
    pub sequence: Arc<str>,
    /// Ranges from the first number up to before the second, in order.
    pub ranges: Vec<(i64, i64)>,
}
