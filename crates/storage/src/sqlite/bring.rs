//! Loading what is wanted; the same for the writer and for readers.

use std::sync::Arc;

use docket_kernel::{AgedFound, Loaded, Moment, Place, Table, Want};
use rusqlite::{Connection, ToSql};

use super::rows_of;
use crate::aged;
use crate::sql::{self, Dialect, Hold, Narrowed};

/// Rows that are looked up by one column, with all wanted values.
struct LookUp<'w> {
    table: &'static Table,
    column: usize,
    scope: Option<&'w Arc<str>>,
    until: Option<Moment>,
    bound: u32,
    values: Vec<&'w str>,
}

pub(super) fn bring(connection: &Connection, wants: &[Want]) -> rusqlite::Result<Loaded> {
    let mut loaded = Loaded::default();
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
                };
                match by_value.iter_mut().find(|known| known.is_like(&wanted)) {
                    Some(known) => known.values.push(value),
                    None => by_value.push(wanted),
                }
            }
            // There is no other writer, so there is no lock to avoid.
            Want::Presence { table, key } => {
                let keys = serde_json::to_string(&[key]).unwrap_or_default();
                let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
                loaded.seen.extend(rows_of(table, &mut statement, &[&keys])?.into_iter().map(|row| (*table, row)));
            }
            Want::Aged { .. } => loaded.aged.extend(by_age(connection, want)?.map(|found| (place, found))),
            Want::Hold { .. } | Want::Numbers { .. } => {}
        }
    }
    for look_up in by_value {
        look_up.read(connection, &mut loaded)?;
    }
    for (table, keys) in by_key {
        let keys = serde_json::to_string(&keys).unwrap_or_default();
        let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
        loaded.rows.extend(rows_of(table, &mut statement, &[&keys])?.into_iter().map(|row| (table, row)));
    }
    Ok(loaded)
}

/// Finds rows by age.
fn by_age(connection: &Connection, want: &Want) -> rusqlite::Result<Option<AgedFound>> {
    let Want::Aged { question, scope, after, before, limit, is_counted } = want else { return Ok(None) };
    let texts = aged::texts(Dialect::Sqlite, question);
    let which = (scope.as_ref(), after.at.0, after.key.as_ref(), before.0);
    let limited = (which.0, which.1, which.2, which.3, *limit);
    if !is_counted {
        let mut statement = connection.prepare_cached(&texts.rows)?;
        let place =
            |row: &rusqlite::Row<'_>| Ok(Place { at: Moment(row.get(0)?), key: Arc::from(row.get::<_, String>(1)?) });
        let places: rusqlite::Result<Vec<Place>> = statement.query_map(limited, place)?.collect();
        return Ok(Some(AgedFound::Rows(Arc::new(places?))));
    }
    let all: i64 = connection.prepare_cached(&texts.count)?.query_row(limited, |row| row.get(0))?;
    let blank = match texts.blank {
        Some(text) => connection.prepare_cached(&text)?.query_row(which, |row| row.get(0))?,
        None => 0,
    };
    Ok(Some(AgedFound::Count((all, blank))))
}

impl LookUp<'_> {
    fn is_like(&self, other: &Self) -> bool {
        (self.table, self.column, self.scope, self.until, self.bound)
            == (other.table, other.column, other.scope, other.until, other.bound)
    }

    /// One statement for all values, if they have together no more rows than the limit for one value; otherwise one
    /// statement per value, so that each returns at most its limit.
    fn read(&self, connection: &Connection, loaded: &mut Loaded) -> rusqlite::Result<()> {
        if self.values.len() > 1 && self.until.is_none() {
            let limit = i64::from(self.bound).saturating_add(i64::try_from(self.values.len()).unwrap_or(i64::MAX));
            let values = serde_json::to_string(&self.values).unwrap_or_default();
            let text = sql::look_up_many(self.table, self.column, self.scope.is_some());
            let mut statement = connection.prepare_cached(&text)?;
            let rows = match self.scope {
                Some(scope) => rows_of(self.table, &mut statement, &[&values, &scope.as_ref(), &limit])?,
                None => rows_of(self.table, &mut statement, &[&values, &limit])?,
            };
            if i64::try_from(rows.len()).unwrap_or(i64::MAX) < limit {
                loaded.rows.extend(rows.into_iter().map(|row| (self.table, row)));
                return Ok(());
            }
        }
        let narrowed = Narrowed { scoped: self.scope.is_some(), until: self.until.is_some() };
        let text = sql::look_up(Dialect::Sqlite, self.table, self.column, narrowed, Hold::Free);
        let mut statement = connection.prepare_cached(&text)?;
        let limit = i64::from(self.bound).saturating_add(1);
        let (scope, until) = (self.scope.map(|scope| &**scope), self.until.map(|until| until.0));
        for value in &self.values {
            let mut given: Vec<&dyn ToSql> = Vec::with_capacity(4);
            given.push(value);
            given.extend(scope.as_ref().map(|scope| scope as &dyn ToSql));
            given.extend(until.as_ref().map(|until| until as &dyn ToSql));
            given.push(&limit);
            let rows = rows_of(self.table, &mut statement, &given)?;
            loaded.rows.extend(rows.into_iter().map(|row| (self.table, row)));
        }
        Ok(())
    }
}
