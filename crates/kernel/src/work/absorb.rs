//! Adding rows from a database to a unit of work.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::UnitOfWork;
use crate::moment::Moment;
use crate::rows::{LookUp, Slot, SlotTable, Unreadable, weight};
use crate::table::{Cell, Erased, Lock, Row, RowError, Table};
use crate::want::{CREATED_AT, Loaded, Want};

impl UnitOfWork {
    /// Adds what an engine loaded for these wants. Rows already in memory stay as they are.
    pub fn absorb(&mut self, wants: &[Want], loaded: Loaded) -> Result<(), RowError> {
        for (place, want) in wants.iter().enumerate().filter(|(place, _)| !loaded.busy.contains(place)) {
            if let Want::Hold { table, key, holding } = want {
                if loaded.held.contains(&place) {
                    self.forget_read(table, key);
                }
                let held = self.held.entry((table.name, Arc::clone(key))).or_insert(*holding);
                *held = (*held).max(*holding);
            }
        }
        // The keys of the rows with a value; a row that several wants ask for is returned several times.
        let mut having: HashMap<(&'static str, LookUp), HashSet<Arc<str>>> = HashMap::new();
        let looked_up = looked_up(wants);
        let is_bounded = looked_up.iter().any(|(.., until)| until.is_some());
        for (table, row) in loaded.rows {
            self.rows_loaded += 1;
            let bytes = row.iter().map(weight).sum::<usize>();
            self.bytes_loaded += bytes;
            let made = if is_bounded { made_at(table, &row) } else { None };
            let Some(row) = self.decoded(table, row)? else { continue };
            let counts = |until: &Option<Moment>| until.is_none_or(|until| made.is_some_and(|made| made <= until));
            for (name, column, until) in &looked_up {
                if *name != table.name || !counts(until) {
                    continue;
                }
                if let Some(value) = (table.text_of)(row.as_ref(), *column) {
                    for scope in [None, Some((table.scope_of)(row.as_ref()))] {
                        let look_up = (*column, scope, Arc::clone(&value), *until);
                        having.entry((table.name, look_up)).or_default().insert((table.key_of)(row.as_ref()));
                    }
                }
            }
            self.take_in(table, row, bytes);
        }
        for (table, row) in loaded.seen {
            let Some(row) = self.decoded(table, row)? else { continue };
            self.seen.insert((table.name, (table.key_of)(row.as_ref())), Some(row));
        }
        for (place, first, count) in loaded.numbers {
            if let Some(Want::Numbers { scope, sequence, .. }) = wants.get(place) {
                let sequence = (Arc::clone(scope), Arc::clone(sequence));
                self.numbers.entry(sequence).or_default().push_back((first, first + count));
            }
        }
        for (place, found) in loaded.aged {
            if let Some(want) = wants.get(place) {
                self.aged.insert(want.clone(), found);
            }
        }
        for (place, want) in wants.iter().enumerate().filter(|(place, _)| !loaded.busy.contains(place)) {
            match want {
                Want::Row { table, key } => {
                    let rows = self.rows.entry(table.name).or_insert_with(|| SlotTable::new(table));
                    let absent = Slot { stored: None, current: None, touched: false };
                    rows.slots.entry(Arc::clone(key)).or_insert(absent);
                }
                Want::Presence { table, key } => {
                    self.seen.entry((table.name, Arc::clone(key))).or_insert(None);
                }
                Want::Value { table, column, scope, value, until, bound } => {
                    let asked = (*column, scope.clone(), Arc::clone(value), *until);
                    let count = having.get(&(table.name, asked.clone())).map_or(0, HashSet::len);
                    let rows = self.rows.entry(table.name).or_insert_with(|| SlotTable::new(table));
                    let are_more = count > (*bound).max(1) as usize || loaded.cut.contains(&place);
                    rows.answered.insert(asked, are_more);
                }
                Want::Hold { .. } | Want::Numbers { .. } | Want::Aged { .. } => {}
            }
        }
        Ok(())
    }

    /// Drops what was read before a hold was granted: the row with this key, or the rows of this scope. What this batch
    /// changed stays: the version check of the flush detects a concurrent change.
    fn forget_read(&mut self, table: &'static Table, key: &str) {
        let Some(rows) = self.rows.get_mut(table.name) else { return };
        let is_of = |row: &Erased| {
            (table.key_of)(row.as_ref()).as_ref() == key || (table.scope_of)(row.as_ref()).as_ref() == key
        };
        rows.slots.retain(|_, slot| slot.touched || slot.current.as_ref().is_some_and(|row| !is_of(row)));
        rows.answered.clear();
        rows.unreadable.clear();
    }

    /// Decodes a row. A row that can't be decoded is recorded by its key and refused only to the items that ask for it;
    /// other items are not affected.
    fn decoded(&mut self, table: &'static Table, row: Row) -> Result<Option<Erased>, RowError> {
        let RowError(reason) = match (table.decode)(row.clone()) {
            Ok(decoded) => return Ok(Some(decoded)),
            Err(error) => error,
        };
        let Some(Cell::Text(key)) = row.first() else { return Err(RowError(reason)) };
        let key = Arc::clone(key);
        let rows = self.rows.entry(table.name).or_insert_with(|| SlotTable::new(table));
        if !rows.slots.contains_key(&key) {
            rows.unreadable.insert(key, Unreadable { row, reason });
        }
        Ok(None)
    }

    fn take_in(&mut self, table: &'static Table, row: Erased, bytes: usize) {
        let key = (table.key_of)(row.as_ref());
        if table.lock == Lock::Frozen {
            let known = self.frozen.entry(table.name).or_default().insert(Arc::clone(&key), Arc::clone(&row));
            self.frozen_bytes += if known.is_none() { bytes } else { 0 };
        }
        let rows = self.rows.entry(table.name).or_insert_with(|| SlotTable::new(table));
        if !rows.slots.contains_key(&key) {
            rows.remember(&key, &row);
            let stored = Some(table.stamp_of(row.as_ref()));
            rows.slots.insert(key, Slot { stored, current: Some(row), touched: false });
        }
    }

    /// Adds a row that an engine claimed or a list found, as if an item had asked for it.
    pub fn absorb_row(&mut self, table: &'static Table, row: Row) -> Result<Arc<str>, RowError> {
        self.rows_loaded += 1;
        let bytes = row.iter().map(weight).sum::<usize>();
        self.bytes_loaded += bytes;
        let row = (table.decode)(row)?;
        let key = (table.key_of)(row.as_ref());
        self.take_in(table, row, bytes);
        Ok(key)
    }
}

/// The columns that are looked up, with the time of the newest rows that count.
fn looked_up(wants: &[Want]) -> Vec<(&'static str, usize, Option<Moment>)> {
    let mut looked_up = Vec::new();
    for want in wants {
        if let Want::Value { table, column, until, .. } = want
            && !looked_up.contains(&(table.name, *column, *until))
        {
            looked_up.push((table.name, *column, *until));
        }
    }
    looked_up
}

/// The time at which a row was created, if its table has one.
fn made_at(table: &Table, row: &Row) -> Option<Moment> {
    let place = table.columns.iter().position(|column| column.name == CREATED_AT)?;
    match row.get(place) {
        Some(Cell::Int(made)) => Some(Moment(*made)),
        _ => None,
    }
}
