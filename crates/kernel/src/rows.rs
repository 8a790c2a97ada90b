//! The rows of one table in a unit of work: as loaded, as they are now, and how they are found by value.

use std::collections::HashMap;
use std::sync::Arc;

use crate::moment::Moment;
use crate::table::{Erased, Row, Stamp, Table};

/// The changes that the flush writes to one table.
#[derive(Debug)]
pub struct TableChanges {
    /// The table.
    pub table: &'static Table,
    /// New rows, in key order.
    pub inserts: Vec<Row>,
    /// Changed rows with their stamps as loaded, in key order.
    pub updates: Vec<(Stamp, Row)>,
    /// Keys of removed rows with their versions as loaded.
    pub deletes: Vec<(i64, Arc<str>)>,
}

/// The changes that the flush writes to the database, in the order of the tables' ranks.
#[derive(Debug, Default)]
pub struct Changes {
    /// By table.
    pub tables: Vec<TableChanges>,
    /// Increments of counters that the same batch does not read: scope, name, amount.
    pub counts: Vec<(Arc<str>, Arc<str>, i64)>,
    /// Sequences from which numbers were drawn: scope, name, and the lowest number that was not drawn.
    pub sequences: Vec<(Arc<str>, Arc<str>, i64)>,
    /// New due times of rows, written after everything else and without a check of versions.
    pub dues: Vec<NewDue>,
}

/// A new due time of a row that may be unreadable. The rest of the row does not change, and neither does its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDue {
    /// The table; it has a column of due times.
    pub table: &'static Table,
    /// The row's key.
    pub key: Arc<str>,
    /// When the row is due; `None` for never.
    pub due: Option<i64>,
}

impl Changes {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.counts.is_empty() && self.dues.is_empty()
    }
}

/// A row that was loaded and can't be read.
#[derive(Clone, Debug)]
pub(crate) struct Unreadable {
    pub row: Row,
    pub reason: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// The row's stamp in the database, if the row is stored.
    pub stored: Option<Stamp>,
    pub current: Option<Erased>,
    pub touched: bool,
}

/// A column, a scope, the text to look for, and the time of the newest rows that count.
pub(crate) type LookUp = (usize, Option<Arc<str>>, Arc<str>, Option<Moment>);

/// A sequence's scope and name.
pub(crate) type Sequence = (Arc<str>, Arc<str>);

#[derive(Debug)]
pub(crate) struct SlotTable {
    pub table: &'static Table,
    pub slots: HashMap<Arc<str>, Slot>,
    /// Rows that can't be read, by key: only a stage that asks for one is refused.
    pub unreadable: HashMap<Arc<str>, Unreadable>,
    /// Keys of rows that have or had this text in that column; a lookup checks the row itself.
    pub candidates: HashMap<(usize, Arc<str>), Vec<Arc<str>>>,
    /// Lookups that the database has answered, and whether there were more rows than the bound.
    pub answered: HashMap<LookUp, bool>,
    /// How many rows of a batch under way are kept: that many rows of an answer may be out of date.
    pub kept: u32,
}

impl SlotTable {
    pub fn new(table: &'static Table) -> Self {
        Self {
            table,
            slots: HashMap::new(),
            unreadable: HashMap::new(),
            candidates: HashMap::new(),
            answered: HashMap::new(),
            kept: 0,
        }
    }

    pub fn remember(&mut self, key: &Arc<str>, row: &Erased) {
        for column in self.table.looked_up() {
            if let Some(value) = (self.table.text_of)(row.as_ref(), column) {
                let keys = self.candidates.entry((column, value)).or_default();
                if !keys.contains(key) {
                    keys.push(Arc::clone(key));
                }
            }
        }
    }

    /// Keeps what was written, as if the database already had it, and drops the rest.
    pub fn keep_written(&mut self) {
        self.answered.clear();
        self.unreadable.clear();
        self.candidates.clear();
        self.slots.retain(|_, slot| std::mem::replace(&mut slot.touched, false));
        for slot in self.slots.values_mut() {
            slot.stored = slot.current.as_ref().map(|row| self.table.stamp_of(row.as_ref()));
        }
        let kept: Vec<_> =
            self.slots.iter().filter_map(|(key, slot)| Some((Arc::clone(key), slot.current.clone()?))).collect();
        for (key, row) in kept {
            self.remember(&key, &row);
        }
        self.kept = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
    }

    pub fn having(&self, column: usize, value: &Arc<str>) -> Vec<Erased> {
        let keys = self.candidates.get(&(column, Arc::clone(value)));
        let rows = keys.into_iter().flatten().filter_map(|key| self.slots.get(key)?.current.as_ref());
        rows.filter(|row| (self.table.text_of)(row.as_ref(), column).as_ref() == Some(value)).cloned().collect()
    }
}

pub(crate) fn weight(cell: &crate::table::Cell) -> usize {
    match cell {
        crate::table::Cell::Text(text) | crate::table::Cell::Json(text) => text.len() + 16,
        crate::table::Cell::Blob(bytes) => bytes.bytes().len() + 16,
        _ => 8,
    }
}

/// The rows of one table that a unit of work touched, in their current state.
#[derive(Debug)]
struct TouchedRows {
    table: &'static Table,
    rows: Vec<(Arc<str>, Slot)>,
}

impl TouchedRows {
    fn encode(mut self) -> TableChanges {
        let table = self.table;
        self.rows.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        let mut changes = TableChanges { table, inserts: Vec::new(), updates: Vec::new(), deletes: Vec::new() };
        for (key, slot) in self.rows {
            match (slot.stored, slot.current) {
                (None, Some(row)) => changes.inserts.push((table.encode)(row.as_ref())),
                (Some(stamp), Some(row)) => changes.updates.push((stamp, (table.encode)(row.as_ref()))),
                (Some(stamp), None) => changes.deletes.push((stamp.version, key)),
                // Created and removed in the same batch: nothing to write.
                (None, None) => {}
            }
        }
        changes
    }
}

/// The result of a unit of work, not encoded for a database yet: another thread may encode it.
#[derive(Debug, Default)]
pub struct Touched {
    tables: Vec<TouchedRows>,
    counts: Vec<(Arc<str>, Arc<str>, i64)>,
    sequences: Vec<(Arc<str>, Arc<str>, i64)>,
    dues: Vec<NewDue>,
}

impl Touched {
    pub(crate) fn of<'r>(
        tables: impl Iterator<Item = &'r SlotTable>,
        counts: Vec<(Arc<str>, Arc<str>, i64)>,
        sequences: Vec<(Arc<str>, Arc<str>, i64)>,
        dues: Vec<NewDue>,
    ) -> Self {
        let is_told = |slot: &Slot| slot.touched && (slot.stored.is_some() || slot.current.is_some());
        let touched = |rows: &SlotTable| TouchedRows {
            table: rows.table,
            rows: rows
                .slots
                .iter()
                .filter(|(_, slot)| is_told(slot))
                .map(|(k, slot)| (Arc::clone(k), slot.clone()))
                .collect(),
        };
        let tables = tables.map(touched).filter(|touched| !touched.rows.is_empty()).collect();
        Self { tables, counts, sequences, dues }
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.counts.is_empty() && self.dues.is_empty()
    }

    /// The changes to write: tables by rank, rows by key.
    pub fn encode(self) -> Changes {
        let mut tables: Vec<TableChanges> = self.tables.into_iter().map(TouchedRows::encode).collect();
        tables.sort_by_key(|changes| (changes.table.rank, changes.table.name));
        let mut counts: HashMap<(Arc<str>, Arc<str>), i64> = HashMap::new();
        for (scope, counter, by) in self.counts {
            *counts.entry((scope, counter)).or_default() += by;
        }
        let mut counts: Vec<_> = counts.into_iter().map(|((scope, counter), by)| (scope, counter, by)).collect();
        counts.sort();
        Changes { tables, counts, sequences: self.sequences, dues: self.dues }
    }
}
