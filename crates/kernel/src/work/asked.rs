//! Lookups of rows by the text in one of their columns.

use std::sync::Arc;

use super::UnitOfWork;
use crate::entity::{Entity, Stored, downcast};
use crate::moment::Moment;
use crate::refusal::Verb;
use crate::rows::SlotTable;
use crate::table::{Cell, Erased, Question, Table};
use crate::want::{CREATED_AT, Want};

impl UnitOfWork {
    /// The rows that answer a declared question, in key order. The question's parent is locked first.
    pub fn ask<E: Entity>(&mut self, question: &'static Question, value: &str) -> Verb<Vec<Stored<E>>> {
        let (rows, more) = self.some(question, value)?;
        if more { Err(question.too_many(value).into()) } else { Ok(rows) }
    }

    /// As [`UnitOfWork::ask`], but with more rows than the bound it returns some of them, and whether there are more.
    pub fn some<E: Entity>(&mut self, question: &'static Question, value: &str) -> Verb<(Vec<Stored<E>>, bool)> {
        self.some_until(question, value, None)
    }

    /// As [`UnitOfWork::some`], but only rows that were created at or before `until`. Newer rows do not count toward the
    /// bound.
    pub fn some_until<E: Entity>(
        &mut self,
        question: &'static Question,
        value: &str,
        until: Option<Moment>,
    ) -> Verb<(Vec<Stored<E>>, bool)> {
        if let Some(parent) = question.parent
            && !self.rows.get(parent.name).is_some_and(|rows| rows.slots.contains_key(value))
        {
            return self.missing(Want::Row { table: parent, key: Arc::from(value) });
        }
        // A parent that this batch created has no rows in the database yet.
        if question.parent.is_some_and(|parent| self.slot(parent, value).is_some_and(|slot| slot.stored.is_none())) {
            let column = question.table.column(question.column);
            let asked = (column, self.scope.text_in(question.table), Arc::from(value), until);
            let rows = self.rows.entry(question.table.name).or_insert_with(|| SlotTable::new(question.table));
            rows.answered.insert(asked, false);
        }
        let (rows, more) = self.having(question.table, question.column, value, question.bound, until)?;
        let counts = |row: &Stored<E>| until.is_none_or(|until| is_made_until(row.as_ref(), until));
        let mut rows: Vec<_> = rows.iter().map(downcast::<E>).filter(counts).collect();
        rows.sort_by_key(|row| row.key());
        let more = more || rows.len() > question.bound as usize;
        Ok((rows, more))
    }

    /// Declares that a question will be asked. If the question has a parent, it must be in memory.
    pub fn hint_ask(&mut self, question: &'static Question, value: &str) {
        if question.parent.is_none_or(|parent| self.slot(parent, value).is_some_and(|slot| slot.stored.is_some())) {
            self.hint_value(question.table, question.column, value, question.bound);
        }
    }

    pub(super) fn hint_value(&mut self, table: &'static Table, column: &str, value: &str, bound: u32) {
        let (column, scope, value) = (table.column(column), self.scope.text_in(table), Arc::<str>::from(value));
        let asked = (column, scope.clone(), Arc::clone(&value), None);
        if !self.rows.get(table.name).is_some_and(|rows| rows.answered.contains_key(&asked)) {
            let bound = self.bound_with_kept(table, bound);
            self.hints.push(Want::Value { table, column, scope, value, until: None, bound });
        }
    }

    /// The rows in memory with a text in a column, after the database answered, and whether it has more of them.
    pub(super) fn having(
        &mut self,
        table: &'static Table,
        name: &str,
        value: &str,
        bound: u32,
        until: Option<Moment>,
    ) -> Verb<(Vec<Erased>, bool)> {
        let (column, value) = (table.column(name), Arc::<str>::from(value));
        let asked = (column, self.scope.text_in(table), Arc::clone(&value), until);
        if let Some(rows) = self.rows.get(table.name) {
            if let Some(refusal) = self.unreadable_having(table, column, &value) {
                return Err(refusal.into());
            }
            let mut found = rows.having(column, &value);
            found.retain(|row| self.sees(table, row));
            let unique_found = bound == 1 && table.unique.contains(&name) && !found.is_empty();
            if let Some(more) = rows.answered.get(&asked).copied().or(unique_found.then_some(false)) {
                return Ok((found, more));
            }
        }
        let (column, scope, value, until) = asked;
        let bound = self.bound_with_kept(table, bound);
        self.missing(Want::Value { table, column, scope, value, until, bound })
    }

    /// The limit for a database query, raised by the rows that a batch under way changed, so that `bound` rows remain
    /// after those are skipped.
    fn bound_with_kept(&self, table: &Table, bound: u32) -> u32 {
        bound.saturating_add(self.rows.get(table.name).map_or(0, |rows| rows.kept))
    }
}

fn is_made_until<E: Entity>(row: &E, until: Moment) -> bool {
    matches!(row.cell(E::TABLE.column(CREATED_AT)), Cell::Int(made) if made <= until.0)
}
