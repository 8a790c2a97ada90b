//! Changes of a row outside of its own version, and isolation: a row that can't be read or a closure that panics
//! affects only the items that ask for it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::{PlantedBug, UnitOfWork};
use crate::entity::Entity;
use crate::moment::Moment;
use crate::refusal::{Halt, Missing, Refusal, Verb};
use crate::rows::{NewDue, Slot};
use crate::table::{Cell, Row, Table};

impl UnitOfWork {
    /// Increments a counter that no decision reads.
    pub fn count(&mut self, scope: &str, counter: &str, by: i64) {
        self.counts.push((Arc::from(scope), Arc::from(counter), by));
    }

    /// Whether this batch created the row: it is in memory and not in the database yet.
    pub fn is_new<E: Entity>(&self, key: &str) -> bool {
        self.slot(E::TABLE, key).is_some_and(|slot| slot.stored.is_none() && slot.current.is_some())
    }

    /// Sets the due time of a row, even if the row can't be read; `None` for never. The rest of the row does not
    /// change, and neither does the copy in memory.
    pub fn set_due(&mut self, table: &'static Table, key: &str, due: Option<Moment>) {
        self.dues.push(NewDue { table, key: Arc::from(key), due: due.map(|due| due.0) });
    }

    /// Counts an event of a row that is in memory, and returns its number among the events of that row. The version
    /// does not change. `None` if the row is not in memory, or its table counts no events.
    pub fn count_event(&mut self, table: &'static Table, key: &str) -> Option<i64> {
        table.events?;
        let before = self.slot(table, key).cloned()?;
        let row = before.current.as_ref()?;
        let (key, row) = ((table.key_of)(row.as_ref()), (table.with_event)(row.as_ref()));
        let number = (table.events_of)(row.as_ref());
        let slot = Slot { stored: before.stored, current: Some(row), touched: true };
        self.put(table, key, Some(before), slot);
        Some(number)
    }

    /// Runs a closure; if it refuses, undoes its writes and returns the refusal as a value.
    pub fn attempt<T>(&mut self, closure: impl FnOnce(&mut Self) -> Verb<T>) -> Verb<Result<T, Refusal>> {
        let mark = self.mark();
        match closure(self) {
            _ if !self.wants.is_empty() => Err(Halt::Missing(Missing(()))),
            Ok(value) => Ok(Ok(value)),
            Err(Halt::Refused(refusal)) => {
                if self.planted != Some(PlantedBug::AttemptKeeps) {
                    self.undo_to(mark);
                }
                Ok(Err(refusal))
            }
            Err(halt) => Err(halt),
        }
    }

    /// As [`UnitOfWork::attempt`], for a closure that may panic: a panic undoes its writes and becomes a refusal.
    pub fn attempt_isolated<T>(&mut self, closure: impl FnOnce(&mut Self) -> Verb<T>) -> Verb<Result<T, Refusal>> {
        self.attempt(|work| {
            catch_unwind(AssertUnwindSafe(|| closure(work)))
                .unwrap_or_else(|_| Err(Refusal::internal("it failed unexpectedly; the log says where").into()))
        })
    }

    /// Why a row that was loaded can't be read, if this item may see the row.
    pub(super) fn unreadable(&self, table: &'static Table, key: &str) -> Option<Refusal> {
        let row = self.rows.get(table.name)?.unreadable.get(key)?;
        self.sees_unreadable(table, &row.row)
            .then(|| Refusal::internal(format_args!("row {key} of {} can't be read: {}", table.name, row.reason)))
    }

    fn sees_unreadable(&self, table: &Table, row: &Row) -> bool {
        let scope = row.get(table.column(table.scope));
        self.scope.text_in(table).is_none_or(|seen| matches!(scope, Some(Cell::Text(scope)) if *scope == seen))
    }

    /// The same for a row with this text in a column.
    pub(super) fn unreadable_having(&self, table: &'static Table, column: usize, value: &Arc<str>) -> Option<Refusal> {
        let rows = &self.rows.get(table.name)?.unreadable;
        let has = |row: &Row| matches!(row.get(column), Some(Cell::Text(text)) if text == value);
        let (key, _) = rows.iter().find(|(_, broken)| has(&broken.row) && self.sees_unreadable(table, &broken.row))?;
        self.unreadable(table, key)
    }
}
