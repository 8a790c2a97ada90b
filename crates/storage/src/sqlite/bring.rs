//! Loading what is wanted; the same for the writer and for readers.

use std::sync::Arc;

use docket_kernel::{AgePosition, AgedFound, Loaded, Moment, QUESTION_BYTES_MAX, Row, Table, Want};
use rusqlite::{Connection, ToSql};

use super::{engine_error, rows_within};
use crate::aged;
use crate::engine::EngineError;
use crate::measure::{LOAD_BYTES_MAX, Measure, bytes_of};
use crate::sql::{self, Dialect, Hold, Narrowed};

/// Rows that are looked up by one column, with all wanted values and the indexes of their wants.
struct LookUp<'w> {
    table: &'static Table,
    column: usize,
    scope: Option<&'w Arc<str>>,
    until: Option<Moment>,
    bound: u32,
    values: Vec<&'w str>,
    places: Vec<usize>,
}

/// A load in progress, with the rows loaded so far.
struct Bringing<'c> {
    connection: &'c Connection,
    loaded: Loaded,
    measure: Measure,
}

pub(super) fn bring(connection: &Connection, wants: &[Want]) -> Result<Loaded, EngineError> {
    let mut bringing = Bringing { connection, loaded: Loaded::default(), measure: Measure::within(LOAD_BYTES_MAX) };
    let mut by_key: Vec<(&'static Table, Vec<&str>)> = Vec::new();
    let mut by_value: Vec<LookUp<'_>> = Vec::new();
    for (place, want) in wants.iter().enumerate() {
        match want {
            Want::Row { table, key } => match by_key.iter_mut().find(|(known, _)| *known == *table) {
                Some((_, keys)) => keys.push(key),
                None => by_key.push((table, vec![key])),
            },
            Want::Value { table, column, scope, value, until, bound } => {
                let wanted = LookUp {
                    table,
                    column: *column,
                    scope: scope.as_ref(),
                    until: *until,
                    bound: *bound,
                    values: vec![value],
                    places: vec![place],
                };
                match by_value.iter_mut().find(|known| known.is_like(&wanted)) {
                    Some(known) => {
                        known.values.push(value);
                        known.places.push(place);
                    }
                    None => by_value.push(wanted),
                }
            }
            // There is no other writer, so there is no lock to avoid.
            Want::Presence { table, key } => {
                let rows = bringing.by_keys(table, &[key])?;
                bringing.loaded.seen.extend(rows.into_iter().map(|row| (*table, row)));
            }
            Want::Aged { .. } => {
                let found = by_age(connection, want).map_err(|error| engine_error(&error))?;
                bringing.loaded.aged.extend(found.map(|found| (place, found)));
            }
            Want::Hold { .. } | Want::Numbers { .. } => {}
        }
    }
    for look_up in by_value {
        bringing.look_up(&look_up)?;
    }
    for (table, keys) in by_key {
        let rows = bringing.by_keys(table, &keys)?;
        bringing.loaded.rows.extend(rows.into_iter().map(|row| (table, row)));
    }
    Ok(bringing.loaded)
}

/// Finds rows by age.
fn by_age(connection: &Connection, want: &Want) -> rusqlite::Result<Option<AgedFound>> {
    let Want::Aged { question, scope, after, before, limit, is_counted } = want else { return Ok(None) };
    let texts = aged::texts(Dialect::Sqlite, question);
    let which = (scope.as_ref(), after.at.0, after.key.as_ref(), before.0);
    let limited = (which.0, which.1, which.2, which.3, *limit);
    if !is_counted {
        let mut statement = connection.prepare_cached(&texts.rows)?;
        let place = |row: &rusqlite::Row<'_>| {
            Ok(AgePosition { at: Moment(row.get(0)?), key: Arc::from(row.get::<_, String>(1)?) })
        };
        let places: rusqlite::Result<Vec<AgePosition>> = statement.query_map(limited, place)?.collect();
        return Ok(Some(AgedFound::Rows(Arc::new(places?))));
    }
    let all: i64 = connection.prepare_cached(&texts.count)?.query_row(limited, |row| row.get(0))?;
    let blank = match texts.blank {
        Some(text) => connection.prepare_cached(&text)?.query_row(which, |row| row.get(0))?,
        None => 0,
    };
    Ok(Some(AgedFound::Count((all, blank))))
}

impl Bringing<'_> {
    /// The rows of a statement up to a limit of bytes, and whether there are more.
    fn rows(
        &self,
        table: &Table,
        text: &str,
        given: &[&dyn ToSql],
        bytes_max: usize,
    ) -> Result<(Vec<Row>, bool), EngineError> {
        let read = || {
            let mut statement = self.connection.prepare_cached(text)?;
            rows_within(table, &mut statement, given, bytes_max)
        };
        read().map_err(|error| engine_error(&error))
    }

    /// Counts loaded rows; all rows of a load together have a limit.
    fn counted(&mut self, rows: Vec<Row>) -> Result<Vec<Row>, EngineError> {
        if rows.iter().all(|row| self.measure.takes(bytes_of(row))) { Ok(rows) } else { Err(EngineError::TooLarge) }
    }

    fn by_keys(&mut self, table: &'static Table, keys: &[impl AsRef<str>]) -> Result<Vec<Row>, EngineError> {
        let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).collect();
        let keys = serde_json::to_string(&keys).unwrap_or_default();
        let text = sql::load(Dialect::Sqlite, table, Hold::Free);
        match self.rows(table, &text, &[&keys], LOAD_BYTES_MAX)? {
            (_, true) => Err(EngineError::TooLarge),
            (rows, false) => self.counted(rows),
        }
    }

    fn keep(&mut self, table: &'static Table, rows: Vec<Row>) -> Result<(), EngineError> {
        let rows = self.counted(rows)?;
        self.loaded.rows.extend(rows.into_iter().map(|row| (table, row)));
        Ok(())
    }

    /// One statement for all values, if they have together no more rows than the limit for one value; otherwise one
    /// statement per value, so that each returns at most its limit.
    fn look_up(&mut self, of: &LookUp<'_>) -> Result<(), EngineError> {
        if of.values.len() > 1 && of.until.is_none() {
            let limit = i64::from(of.bound).saturating_add(i64::try_from(of.values.len()).unwrap_or(i64::MAX));
            let values = serde_json::to_string(&of.values).unwrap_or_default();
            let text = sql::look_up_many(of.table, of.column, of.scope.is_some());
            let (rows, is_cut) = match of.scope {
                Some(scope) => self.rows(of.table, &text, &[&values, &scope.as_ref(), &limit], QUESTION_BYTES_MAX)?,
                None => self.rows(of.table, &text, &[&values, &limit], QUESTION_BYTES_MAX)?,
            };
            if !is_cut && i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit {
                return self.keep(of.table, rows);
            }
        }
        let narrowed = Narrowed { scoped: of.scope.is_some(), until: of.until.is_some() };
        let text = sql::look_up(Dialect::Sqlite, of.table, of.column, narrowed, Hold::Free);
        let limit = i64::from(of.bound).saturating_add(1);
        let (scope, until) = (of.scope.map(|scope| &**scope), of.until.map(|until| until.0));
        for (value, place) in of.values.iter().zip(&of.places) {
            let mut given: Vec<&dyn ToSql> = Vec::with_capacity(4);
            given.push(value);
            given.extend(scope.as_ref().map(|scope| scope as &dyn ToSql));
            given.extend(until.as_ref().map(|until| until as &dyn ToSql));
            given.push(&limit);
            let (rows, is_cut) = self.rows(of.table, &text, &given, QUESTION_BYTES_MAX)?;
            self.loaded.cut.extend(is_cut.then_some(*place));
            self.keep(of.table, rows)?;
        }
        Ok(())
    }
}

impl LookUp<'_> {
    fn is_like(&self, other: &Self) -> bool {
        (self.table, self.column, self.scope, self.until, self.bound)
            == (other.table, other.column, other.scope, other.until, other.bound)
    }
}
