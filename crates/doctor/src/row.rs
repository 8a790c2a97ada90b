//! Cells of a row by column name, before any cell is decoded.

use std::sync::Arc;

use docket_kernel::{Cell, Row, Table};

/// A row as read.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'r> {
    pub table: &'static Table,
    row: &'r Row,
}

impl<'r> Raw<'r> {
    pub fn of(table: &'static Table, row: &'r Row) -> Self {
        Self { table, row }
    }

    pub fn text(self, column: &str) -> Option<&'r Arc<str>> {
        self.row.get(self.table.column(column)).and_then(text_of)
    }

    pub fn int(self, column: &str) -> Option<i64> {
        match self.row.get(self.table.column(column)) {
            Some(Cell::Int(number)) => Some(*number),
            _ => None,
        }
    }

    pub fn key(self) -> Option<&'r Arc<str>> {
        self.row.first().and_then(text_of)
    }

    pub fn scope(self) -> Option<&'r Arc<str>> {
        self.text(self.table.scope)
    }
}

pub(crate) fn text_of(cell: &Cell) -> Option<&Arc<str>> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}
