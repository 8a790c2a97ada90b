//! SQLite: one file in the data folder, one writer, many readers. Write-ahead log, `synchronous=FULL`.

mod log;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use docket_kernel::{Cell, Changes, Clock, ColumnKind, Loaded, Moment, Row, Table, TableChanges, Want};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, Statement, ToSql};

use self::log::Log;
use crate::engine::{CommitError, Engine, EngineError, FlushError, Patience};
use crate::feed::{FollowedRows, Position};
use crate::list::{self, Beginning, ListQuery, Turn};
use crate::reader::ReadError;
use crate::sql::{self, Dialect, Hold};
use crate::tally::{Tallied, TallyQuery, tally};

/// The exit code of a process that can't know what its file holds.
const EXIT_IO: i32 = 74;

const BEGIN: &str = "BEGIN IMMEDIATE";
const ORDINARY: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
     PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;";

/// Opens a connection for changes.
pub(crate) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(ORDINARY)?;
    set_up(&connection)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

/// What every connection is set to. The plan of a statement is kept whatever it is given: otherwise, once the database
/// was analysed, each new value prepares it anew. And `lower` knows more letters than those of ASCII.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("lower", 1, flags, |given| {
        Ok(given.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
}

/// Opens a connection that only reads.
pub(crate) fn open_for_reading(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute_batch("PRAGMA query_only=ON; PRAGMA busy_timeout=5000; PRAGMA cache_size=-16384;")?;
    set_up(&connection)?;
    connection.set_prepared_statement_cache_capacity(256);
    Ok(connection)
}

struct Given<'c>(&'c Cell);

impl ToSql for Given<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Text(text) | Cell::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Int(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Cell::Bool(truth) => ToSqlOutput::Owned(Value::Integer(i64::from(*truth))),
        })
    }
}

fn row_of(table: &Table, row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let cell = |place: usize, kind: ColumnKind| -> rusqlite::Result<Cell> {
        Ok(match (row.get_ref(place)?, kind) {
            (ValueRef::Null, _) => Cell::Null,
            (ValueRef::Integer(number), ColumnKind::Bool) => Cell::Bool(number != 0),
            (ValueRef::Integer(number), _) => Cell::Int(number),
            (ValueRef::Text(text), ColumnKind::Json) => Cell::Json(Arc::from(String::from_utf8_lossy(text).as_ref())),
            (ValueRef::Text(text), _) => Cell::Text(Arc::from(String::from_utf8_lossy(text).as_ref())),
            (ValueRef::Real(_) | ValueRef::Blob(_), _) => Cell::Text(Arc::from("(not a value of ours)")),
        })
    };
    table.columns.iter().enumerate().map(|(place, column)| cell(place, column.kind)).collect()
}

fn rows_of(table: &'static Table, statement: &mut Statement<'_>, given: &[&dyn ToSql]) -> rusqlite::Result<Vec<Row>> {
    statement.query_map(given, |row| row_of(table, row))?.collect()
}

fn engine_error(error: &rusqlite::Error) -> EngineError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineError::TryAgain(text),
        Some(ErrorCode::DiskFull) => EngineError::Full(text),
        _ => EngineError::Failed(text),
    }
}

fn flush_error(table: &'static str, error: &rusqlite::Error) -> FlushError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            FlushError::Item { table, detail: error.to_string() }
        }
        _ => FlushError::Engine(engine_error(error)),
    }
}

/// Reads what is wanted; the same for the writer and for readers.
fn bring(connection: &Connection, wants: &[Want]) -> rusqlite::Result<Loaded> {
    let mut loaded = Loaded::default();
    let mut by_table: Vec<(&'static Table, Vec<&str>)> = Vec::new();
    for want in wants {
        match want {
            Want::Row { table, key } => match by_table.iter_mut().find(|(known, _)| *known == *table) {
                Some((_, keys)) => keys.push(key),
                None => by_table.push((table, vec![key])),
            },
            Want::Value { table, column, scope, value, bound } => {
                let text = sql::look_up(Dialect::Sqlite, table, *column, scope.is_some(), Hold::Free);
                let mut statement = connection.prepare_cached(&text)?;
                let limit = i64::from(*bound) + 1;
                let rows = match scope {
                    Some(scope) => rows_of(table, &mut statement, &[&value.as_ref(), &scope.as_ref(), &limit])?,
                    None => rows_of(table, &mut statement, &[&value.as_ref(), &limit])?,
                };
                loaded.rows.extend(rows.into_iter().map(|row| (*table, row)));
            }
            // The single writer is the lock: there is nothing to spare.
            Want::Presence { table, key } => {
                let keys = serde_json::to_string(&[key]).unwrap_or_default();
                let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
                loaded.seen.extend(rows_of(table, &mut statement, &[&keys])?.into_iter().map(|row| (*table, row)));
            }
            Want::Numbers { .. } => {}
        }
    }
    for (table, keys) in by_table {
        let keys = serde_json::to_string(&keys).unwrap_or_default();
        let mut statement = connection.prepare_cached(&sql::load(Dialect::Sqlite, table, Hold::Free))?;
        loaded.rows.extend(rows_of(table, &mut statement, &[&keys])?.into_iter().map(|row| (table, row)));
    }
    Ok(loaded)
}

/// The writer's connection.
pub struct SqliteEngine {
    connection: Connection,
    clock: Arc<dyn Clock>,
    last: Moment,
    log: Log,
}

impl std::fmt::Debug for SqliteEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteEngine").field("log", &self.log).finish_non_exhaustive()
    }
}

impl SqliteEngine {
    /// Opens the writer's connection and the checkpoint thread.
    pub fn open(file: &Path, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        let connection = open(file).map_err(|error| engine_error(&error))?;
        let log = Log::of(&connection, file)?;
        Ok(Self { connection, clock, last: Moment::default(), log })
    }

    fn execute(&self, text: &str) -> Result<(), EngineError> {
        self.connection
            .prepare_cached(text)
            .and_then(|mut statement| statement.execute([]))
            .map(drop)
            .map_err(|error| engine_error(&error))
    }

    fn reserve(&self, scope: &str, sequence: &str) -> rusqlite::Result<(i64, i64)> {
        let mut statement = self.connection.prepare_cached(sql::RESERVE)?;
        let next: i64 = statement.query_row((scope, sequence, sql::NUMBERS), |row| row.get(0))?;
        Ok((next - sql::NUMBERS, sql::NUMBERS))
    }

    fn write(&self, changes: &TableChanges) -> Result<(), FlushError> {
        let table = changes.table;
        let refused = |error: rusqlite::Error| flush_error(table.name, &error);
        let moved_on = |count: usize, key: &Cell| match count {
            1 => Ok(()),
            _ => Err(FlushError::Overtaken { table: table.name, detail: format!("row {key:?} has moved on") }),
        };
        if !changes.inserts.is_empty() {
            let mut statement =
                self.connection.prepare_cached(&sql::insert(Dialect::Sqlite, table)).map_err(refused)?;
            for row in &changes.inserts {
                statement.execute(rusqlite::params_from_iter(row.iter().map(Given))).map_err(refused)?;
            }
        }
        if !changes.updates.is_empty() {
            let text = sql::update(Dialect::Sqlite, table).ok_or_else(|| sql::never_changes(table))?;
            let mut statement = self.connection.prepare_cached(&text).map_err(refused)?;
            for (version, row) in &changes.updates {
                let version = Cell::Int(*version);
                let given = row.iter().chain(std::iter::once(&version)).map(Given);
                let count = statement.execute(rusqlite::params_from_iter(given)).map_err(refused)?;
                moved_on(count, &row[0])?;
            }
        }
        Ok(())
    }

    fn remove(&self, changes: &TableChanges) -> Result<(), FlushError> {
        let table = changes.table;
        for (version, key) in &changes.deletes {
            let refused = |error: rusqlite::Error| flush_error(table.name, &error);
            let mut statement = self.connection.prepare_cached(&sql::delete(table)).map_err(refused)?;
            let count = match table.version {
                Some(_) => statement.execute((key.as_ref(), version)),
                None => statement.execute((key.as_ref(),)),
            };
            if count.map_err(refused)? != 1 {
                return Err(FlushError::Overtaken { table: table.name, detail: format!("row {key} has moved on") });
            }
        }
        Ok(())
    }
}

impl Engine for SqliteEngine {
    const NUMBERS_OUTLIVE_ROLLBACK: bool = false;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.execute(BEGIN)?;
        self.last = Moment(self.clock.now().0.max(self.last.0 + 1));
        Ok(self.last)
    }

    async fn load(&mut self, wants: &[Want], _: Patience) -> Result<Loaded, EngineError> {
        let mut loaded = bring(&self.connection, wants).map_err(|error| engine_error(&error))?;
        for (place, want) in wants.iter().enumerate() {
            if let Want::Numbers { scope, sequence } = want {
                let (first, count) = self.reserve(scope, sequence).map_err(|error| engine_error(&error))?;
                loaded.numbers.push((place, first, count));
            }
        }
        Ok(loaded)
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, limit: usize) -> Result<Vec<Row>, EngineError> {
        let Some(due) = table.due else { return Ok(Vec::new()) };
        let read = || {
            let mut statement = self.connection.prepare_cached(&sql::claim(Dialect::Sqlite, table, due))?;
            rows_of(table, &mut statement, &[&now.0, &i64::try_from(limit).unwrap_or(i64::MAX)])
        };
        read().map_err(|error| engine_error(&error))
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        for table in &changes.tables {
            self.write(table)?;
        }
        for table in changes.tables.iter().rev() {
            self.remove(table)?;
        }
        for (scope, name, by) in &changes.counts {
            let add = || {
                let mut statement = self.connection.prepare_cached(sql::COUNT)?;
                statement.execute((scope.as_ref(), name.as_ref(), by))
            };
            add().map_err(|error| flush_error("counter", &error))?;
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        match self.execute("COMMIT") {
            Ok(()) => {}
            Err(error @ (EngineError::Full(_) | EngineError::TryAgain(_))) => {
                return Err(CommitError::NotCommitted(error));
            }
            Err(error) => {
                // What the file holds now is not known: only opening it anew can tell.
                tracing::error!(%error, "the commit could not be written; docket ends so that it starts from what is on disk");
                std::process::exit(EXIT_IO);
            }
        }
        self.log.look_after(&self.connection);
        Ok(())
    }

    async fn probe(&mut self) -> Result<(), EngineError> {
        self.execute(sql::PROBE)?;
        self.execute(sql::PROBED)
    }

    async fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> Result<u64, EngineError> {
        let forget = || {
            let mut statement = self.connection.prepare_cached(&sql::forget(table, column))?;
            statement.execute((before.0, sql::FORGOTTEN))
        };
        forget().map(|count| count as u64).map_err(|error| engine_error(&error))
    }

    async fn roll_back(&mut self) {
        if !self.connection.is_autocommit() {
            drop(self.execute("ROLLBACK"));
        }
    }
}

/// A pool of connections that only read.
#[derive(Debug)]
pub(crate) struct SqliteReader {
    file: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl SqliteReader {
    pub fn new(file: &Path) -> Self {
        Self { file: file.to_owned(), idle: Mutex::default() }
    }

    /// Runs a closure on a connection in one snapshot.
    pub fn with<T>(&self, read: impl FnOnce(&Snapshot<'_>) -> Result<T, ReadError>) -> Result<T, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_for_reading(&self.file).map_err(|error| ReadError::from(engine_error(&error)))?,
        };
        let failed = |error: rusqlite::Error| ReadError::from(engine_error(&error));
        connection.execute_batch("BEGIN").map_err(failed)?;
        let result = read(&Snapshot(&connection));
        if connection.execute_batch("COMMIT").is_ok() {
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
        result
    }
}

/// The database as it was at one instant.
pub(crate) struct Snapshot<'c>(&'c Connection);

impl Snapshot<'_> {
    pub fn bring(&self, wants: &[Want]) -> Result<Loaded, ReadError> {
        bring(self.0, wants).map_err(|error| engine_error(&error).into())
    }

    pub fn page(&self, query: &ListQuery, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        let failed = |error: rusqlite::Error| ReadError::from(engine_error(&error));
        let cursor = match &query.turn {
            Turn::First => None,
            Turn::After(key) | Turn::Before(key) => {
                let mut statement = self.0.prepare_cached(&list::cursor(query.table)).map_err(failed)?;
                let mut rows = statement.query((key.as_ref(), scope.as_ref())).map_err(failed)?;
                let row = rows.next().map_err(failed)?.ok_or(ReadError::UnknownCursor)?;
                Some(row.get::<_, i64>(0).map_err(failed)?)
            }
        };
        self.rows(query.table, list::page(Dialect::Sqlite, query, scope, cursor))
    }

    pub fn tally(&self, query: &TallyQuery, scope: &Arc<str>) -> Result<Vec<Tallied>, ReadError> {
        let (text, given) = tally(Dialect::Sqlite, query, scope);
        let read = || -> rusqlite::Result<Vec<Tallied>> {
            let mut statement = self.0.prepare_cached(&text)?;
            let given = rusqlite::params_from_iter(given.iter().map(Given));
            let counts = statement.query_map(given, |row| {
                Ok(Tallied { by: row.get(0)?, and: row.get(1)?, day: row.get(2)?, count: row.get(3)? })
            })?;
            counts.collect()
        };
        read().map_err(|error| engine_error(&error).into())
    }

    pub fn beginning(&self, query: &Beginning, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        self.rows(query.table, list::beginning(Dialect::Sqlite, query, scope))
    }

    fn rows(&self, table: &'static Table, (text, given): (String, Vec<Cell>)) -> Result<Vec<Row>, ReadError> {
        let read = || -> rusqlite::Result<Vec<Row>> {
            let mut statement = self.0.prepare_cached(&text)?;
            let given = rusqlite::params_from_iter(given.iter().map(Given));
            statement.query_map(given, |row| row_of(table, row))?.collect()
        };
        read().map_err(|error| engine_error(&error).into())
    }

    /// The rows after a position; with none, where the newest is.
    pub fn follow(
        &self,
        table: &'static Table,
        after: Option<&Position>,
        limit: u32,
    ) -> Result<FollowedRows, ReadError> {
        let read = || -> rusqlite::Result<FollowedRows> {
            let Some(after) = after else {
                let newest = self.0.prepare_cached(&sql::newest(table))?.query_row([], |row| row.get(0))?;
                return Ok(FollowedRows { rows: Vec::new(), until: Position::before(newest), more: false });
            };
            let mut statement = self.0.prepare_cached(&sql::follow(Dialect::Sqlite, table))?;
            let one =
                |row: &rusqlite::Row<'_>| Ok((Position::before(row.get(table.columns.len())?), row_of(table, row)?));
            let rows = statement.query_map((after.number, limit), one)?.collect::<rusqlite::Result<Vec<_>>>()?;
            let until = rows.last().map_or_else(|| after.clone(), |(position, _)| position.clone());
            Ok(FollowedRows { more: rows.len() == limit as usize, rows, until })
        };
        read().map_err(|error| engine_error(&error).into())
    }

    /// Hands over every row of a table.
    pub fn walk(&self, table: &'static Table, mut take: impl FnMut(Row)) -> Result<(), ReadError> {
        let failed = |error: rusqlite::Error| ReadError::from(engine_error(&error));
        let mut statement = self.0.prepare_cached(&sql::walk(Dialect::Sqlite, table)).map_err(failed)?;
        let mut rows = statement.query_map([], |row| row_of(table, row)).map_err(failed)?;
        rows.try_for_each(|row| row.map(&mut take).map_err(failed))
    }

    /// What SQLite itself finds wrong with its file.
    pub fn damage(&self) -> Vec<String> {
        let said = || -> rusqlite::Result<Vec<String>> {
            let mut statement = self.0.prepare("PRAGMA integrity_check")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        match said() {
            Ok(words) => words.into_iter().filter(|words| words != "ok").collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    pub fn counted(&self, scope: &str, name: &str) -> Result<i64, ReadError> {
        let mut statement =
            self.0.prepare_cached(sql::COUNTED).map_err(|error| ReadError::from(engine_error(&error)))?;
        match statement.query_row((scope, name), |row| row.get(0)) {
            Ok(value) => Ok(value),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(0),
            Err(error) => Err(engine_error(&error).into()),
        }
    }
}

#[cfg(test)]
#[path = "sqlite_tests.rs"]
mod tests;
