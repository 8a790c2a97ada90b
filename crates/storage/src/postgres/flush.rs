//! Writing: many rows of a table per statement, all statements of a flush sent at once.

use docket_kernel::{Cell, Changes, ColumnKind, Row, Table};

use super::connect::{Call, Given};
use crate::engine::FlushError;
use crate::feed;
use crate::sql::{self, Dialect};

/// The table that a statement of a flush writes, and how many rows it must write.
pub(crate) struct Expected {
    pub table: &'static str,
    pub rows: Option<u64>,
}

impl Expected {
    /// Checks that the statement wrote the expected number of rows.
    pub fn judge(&self, written: u64) -> Result<(), FlushError> {
        match self.rows {
            Some(rows) if rows != written => Err(FlushError::Overtaken {
                table: self.table,
                detail: format!("of {rows} rows {} had moved on", rows.saturating_sub(written)),
            }),
            _ => Ok(()),
        }
    }
}

/// Every statement of a flush, in sending order: inserts and updates by ascending rank, deletes by descending rank,
/// then counters.
pub(crate) fn writes(changes: &Changes) -> Result<(Vec<Expected>, Vec<Call<'_>>), FlushError> {
    let (mut expected, mut calls) = (Vec::new(), Vec::new());
    let mut write = |table, rows: Option<usize>, call| {
        expected.push(Expected { table, rows: rows.map(|rows| rows as u64) });
        calls.push(call);
    };
    for changed in &changes.tables {
        let table = changed.table;
        if !changed.inserts.is_empty() {
            let given = columns(table, changed.inserts.len(), || changed.inserts.iter());
            let call = Call::new(sql::insert(Dialect::Postgres, table), given);
            write(table.name, Some(changed.inserts.len()), call);
            if table.feed.is_some() {
                let scope = table.column(table.scope);
                let rows = feed::in_order(table, &changed.inserts);
                let whose: Vec<Option<&str>> = rows.iter().map(|row| feed::text(row, scope)).collect();
                let keys: Vec<Option<&str>> = rows.iter().map(|row| feed::text(row, 0)).collect();
                let call = Call::new(sql::UNNUMBERED, vec![Box::new(whose), Box::new(keys)]);
                write("event_unnumbered", Some(changed.inserts.len()), call);
            }
        }
        if !changed.updates.is_empty() {
            let Some(text) = sql::update(Dialect::Postgres, table) else { return Err(sql::never_changes(table)) };
            let mut given = columns(table, changed.updates.len(), || changed.updates.iter().map(|(_, row)| row));
            given.push(Box::new(changed.updates.iter().map(|(stamp, _)| stamp.version).collect::<Vec<_>>()));
            if table.events.is_some() {
                given.push(Box::new(changed.updates.iter().map(|(stamp, _)| stamp.events).collect::<Vec<_>>()));
            }
            write(table.name, Some(changed.updates.len()), Call::new(text, given));
        }
    }
    for changed in changes.tables.iter().rev() {
        let table = changed.table;
        for (version, key) in &changed.deletes {
            let mut given: Vec<Given<'_>> = vec![Box::new(key.as_ref())];
            if table.version.is_some() {
                given.push(Box::new(version));
            }
            write(table.name, Some(1), Call::new(sql::delete(table), given));
        }
    }
    if !changes.counts.is_empty() {
        let scopes: Vec<&str> = changes.counts.iter().map(|(scope, _, _)| scope.as_ref()).collect();
        let names: Vec<&str> = changes.counts.iter().map(|(_, name, _)| name.as_ref()).collect();
        let amounts: Vec<i64> = changes.counts.iter().map(|(_, _, by)| *by).collect();
        let given: Vec<Given<'_>> = vec![Box::new(scopes), Box::new(names), Box::new(amounts)];
        write("counter", None, Call::new(sql::COUNT_MANY, given));
    }
    for new in &changes.dues {
        let Some(due) = new.table.due else { continue };
        let given: Vec<Given<'_>> = vec![Box::new(new.due), Box::new(new.key.as_ref())];
        write(new.table.name, None, Call::new(sql::set_due(new.table, due), given));
    }
    Ok((expected, calls))
}

/// The values of rows, one array per column.
fn columns<'c, R>(table: &Table, count: usize, rows: impl Fn() -> R) -> Vec<Given<'c>>
where
    R: Iterator<Item = &'c Row>,
{
    let column = |(place, column): (usize, &docket_kernel::Column)| -> Given<'c> {
        let cells = rows().map(|row| row.get(place));
        match column.kind {
            ColumnKind::Text | ColumnKind::Json => filled(count, cells.map(text)),
            ColumnKind::Int => filled(count, cells.map(int)),
            ColumnKind::Bool => filled(count, cells.map(truth)),
            ColumnKind::Blob => filled(count, cells.map(bytes)),
        }
    };
    table.columns.iter().enumerate().map(column).collect()
}

fn filled<'c, T>(count: usize, values: impl Iterator<Item = Option<T>>) -> Given<'c>
where
    T: tokio_postgres::types::ToSql + Sync + Send + 'c,
{
    let mut array = Vec::with_capacity(count);
    array.extend(values);
    Box::new(array)
}

fn text(cell: Option<&Cell>) -> Option<&str> {
    match cell {
        Some(Cell::Text(text) | Cell::Json(text)) => Some(text),
        _ => None,
    }
}

fn int(cell: Option<&Cell>) -> Option<i64> {
    match cell {
        Some(Cell::Int(number)) => Some(*number),
        _ => None,
    }
}

fn bytes(cell: Option<&Cell>) -> Option<&[u8]> {
    match cell {
        Some(Cell::Blob(bytes)) => Some(bytes.bytes()),
        _ => None,
    }
}

fn truth(cell: Option<&Cell>) -> Option<bool> {
    match cell {
        Some(Cell::Bool(truth)) => Some(*truth),
        _ => None,
    }
}
