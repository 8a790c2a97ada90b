//! SQLite: one file in the data folder, one writer, many readers. Write-ahead log, `synchronous=FULL`.

mod bring;
mod claim;
mod commit_thread;
mod files;
mod log;
mod readers;
mod write_connection;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_kernel::{Blob, Cell, Changes, Clock, ColumnKind, Loaded, Moment, Row, Table, Touched, Want};
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Params, Statement, ToSql};

use self::bring::bring;
use self::commit_thread::CommitThread;
pub(crate) use self::files::DataFiles;
use self::log::CheckpointWindow;
pub(crate) use self::readers::SqliteReader;
use self::write_connection::WriteConnection;
use crate::claim::Turns;
use crate::count_by_day::{self, CountQuery, DayCount, WeightQuery, count_by_day};
use crate::engine::{
    Claimed, CommitCallbacks, CommitError, Engine, EngineError, FlushError, NotWritten, Patience, Room,
};
use crate::feed::{After, FollowedRows, newest, newest_of, not_followed};
use crate::list::{self, ListQuery, PageDirection, PrefixQuery};
use crate::measure::{LOAD_BYTES_MAX, Measure, bytes_of};
use crate::reader::ReadError;
use crate::sql::{self, Dialect};

const ORDINARY: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
     PRAGMA busy_timeout=5000; PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; PRAGMA secure_delete=ON;";

/// The memory of the connections is freed when nothing was written for this long.
const IDLE_SECONDS: i64 = 10;
/// How many prepared statements a read connection keeps.
const STATEMENTS_KEPT: usize = 128;

/// Opens a connection for writing.
pub(crate) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(ORDINARY)?;
    set_up(&connection)?;
    connection.set_prepared_statement_cache_capacity(512);
    Ok(connection)
}

/// The settings of every connection. The plan of a statement does not depend on its parameters: otherwise, after an
/// ANALYZE, each new value would prepare the statement again. And `lower` handles all of Unicode, not only ASCII.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("lower", 1, flags, |given| {
        Ok(given.get::<Option<String>>(0)?.map(|text| text.to_lowercase()))
    })
}

/// Opens a read-only connection.
pub(crate) fn open_for_reading(file: &Path) -> rusqlite::Result<Connection> {
    // One thread uses a connection, so SQLite needs no mutex for its calls.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA query_only=ON; PRAGMA busy_timeout=5000; PRAGMA cache_size=-8192;")?;
    set_up(&connection)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(connection)
}

/// Frees the cached memory of a connection, which it can read again.
fn free_memory(connection: &Connection) {
    connection.flush_prepared_statement_cache();
    drop(connection.execute_batch("PRAGMA shrink_memory"));
}

struct Given<'c>(&'c Cell);

impl ToSql for Given<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Cell::Null => ToSqlOutput::Owned(Value::Null),
            Cell::Text(text) | Cell::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Cell::Blob(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes.bytes())),
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
            (ValueRef::Blob(bytes), ColumnKind::Blob) => Cell::Blob(Blob::from(bytes)),
            (ValueRef::Real(_) | ValueRef::Blob(_), _) => Cell::Text(Arc::from("(not a value of ours)")),
        })
    };
    table.columns.iter().enumerate().map(|(place, column)| cell(place, column.kind)).collect()
}

/// The rows of a statement up to a limit of bytes, and whether there are more.
fn rows_within(
    table: &Table,
    statement: &mut Statement<'_>,
    given: impl Params,
    bytes_max: usize,
) -> rusqlite::Result<(Vec<Row>, bool)> {
    let (mut rows, mut measure) = (Vec::new(), Measure::within(bytes_max));
    let mut found = statement.query(given)?;
    while let Some(row) = found.next()? {
        let row = row_of(table, row)?;
        if !measure.takes(bytes_of(&row)) {
            return Ok((rows, true));
        }
        rows.push(row);
    }
    Ok((rows, false))
}

fn engine_error(error: &rusqlite::Error) -> EngineError {
    let text = error.to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => EngineError::TryAgain(text),
        Some(ErrorCode::DiskFull) => EngineError::Full(text),
        Some(ErrorCode::OperationInterrupted) => EngineError::TooSlow(text),
        _ => EngineError::Failed(text),
    }
}

/// The writer's two connections. A batch reads on one; the other, the only one that changes the file, writes it, in the
/// background while the next batch is computed. Nothing is lost between the two: the file has no other writer, and the
/// batch under way is still in memory.
pub struct SqliteEngine {
    reading: Connection,
    write_connection: Arc<Mutex<WriteConnection>>,
    commit_thread: CommitThread,
    /// Whether the writer's own reads may use the file during the next commit.
    window: CheckpointWindow,
    /// The first number of each sequence that the unit of work has not received. The file stores used numbers only.
    numbers: HashMap<(Arc<str>, Arc<str>), i64>,
    clock: Arc<dyn Clock>,
    last: Moment,
    /// The environments whose due rows of a table are claimed next.
    turns: HashMap<&'static str, Turns>,
    /// The time of the last write, until its memory is freed.
    wrote_at: Option<Moment>,
}

impl std::fmt::Debug for SqliteEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteEngine").field("commit_thread", &self.commit_thread).finish_non_exhaustive()
    }
}

impl SqliteEngine {
    /// Opens the writer's connections, and starts the threads that commit and that copy the log.
    pub fn open(file: &Path, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        Self::locked(file, None, clock)
    }

    /// As [`Self::open`], for a process that holds this lock.
    pub(crate) fn locked(file: &Path, lock: Option<&Path>, clock: Arc<dyn Clock>) -> Result<Self, EngineError> {
        let write_connection = Arc::new(Mutex::new(WriteConnection::open(file, lock)?));
        let reading = open_for_reading(file).map_err(|error| engine_error(&error))?;
        let commit_thread = CommitThread::start(&write_connection)?;
        let (window, numbers, last) = (CheckpointWindow::ReadersOpen, HashMap::new(), Moment::default());
        Ok(Self {
            reading,
            write_connection,
            commit_thread,
            window,
            numbers,
            clock,
            last,
            turns: HashMap::new(),
            wrote_at: None,
        })
    }

    /// The open files.
    pub(crate) fn files(&self) -> Arc<DataFiles> {
        Arc::clone(self.write_connection().files())
    }

    fn write_connection(&self) -> MutexGuard<'_, WriteConnection> {
        self.write_connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the batch's read transaction.
    fn close_view(&self) {
        if !self.reading.is_autocommit() {
            drop(self.reading.execute_batch("COMMIT"));
        }
    }

    /// Reserves numbers for this process only: the next process that opens the file starts at the first unused number.
    fn reserve(&mut self, scope: &Arc<str>, sequence: &Arc<str>, count: u32) -> rusqlite::Result<(i64, i64)> {
        let name = (Arc::clone(scope), Arc::clone(sequence));
        let first = match self.numbers.get(&name) {
            Some(first) => *first,
            None => {
                let mut statement = self.reading.prepare_cached(sql::NEXT)?;
                let found = statement.query_row((scope.as_ref(), sequence.as_ref()), |row| row.get(0));
                found.optional()?.unwrap_or(1)
            }
        };
        let count = sql::NUMBERS_KEPT.max(i64::from(count));
        self.numbers.insert(name, first + count);
        Ok((first, count))
    }
}

impl Engine for SqliteEngine {
    const PIPELINED: bool = true;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        if self.window == CheckpointWindow::ReadersClosed {
            self.commit_thread.wait();
        }
        self.close_view();
        self.reading.execute_batch("BEGIN").map_err(|error| engine_error(&error))?;
        self.last = Moment(self.clock.now().0.max(self.last.0 + 1));
        Ok(self.last)
    }

    async fn load(&mut self, wants: &[Want], _: Patience) -> Result<Loaded, EngineError> {
        let mut loaded = bring(&self.reading, wants)?;
        for (place, want) in wants.iter().enumerate() {
            if let Want::Numbers { scope, sequence, count } = want {
                let (first, count) = self.reserve(scope, sequence, *count).map_err(|error| engine_error(&error))?;
                loaded.numbers.push((place, first, count));
            }
        }
        Ok(loaded)
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        let Some(due) = table.due else { return Ok(Claimed::default()) };
        let turns = self.turns.entry(table.name).or_default();
        claim::claim(&self.reading, turns, table, due, now, room).map_err(|error| engine_error(&error))
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.close_view();
        self.wrote_at = Some(self.last);
        self.write_connection().flush(changes)
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        self.write_connection().commit()?;
        self.write_connection().look_after_log(CheckpointWindow::ReadersClosed);
        Ok(())
    }

    fn commit_in_background(&mut self, touched: Touched, callbacks: CommitCallbacks) {
        self.close_view();
        if !touched.is_empty() {
            self.wrote_at = Some(self.last);
        }
        self.commit_thread.write(touched, self.window, callbacks);
    }

    async fn through(&mut self) -> Result<(), NotWritten> {
        match self.commit_thread.ended() {
            Some(Ok(window)) => {
                self.window = window;
                Ok(())
            }
            Some(Err(why)) => Err(why),
            None => Err(NotWritten::Commit(CommitError::Unknown("the thread that commits is gone".into()))),
        }
    }

    async fn idle(&mut self) {
        let idle_since = self.clock.now().plus_seconds(-IDLE_SECONDS);
        if self.wrote_at.is_some_and(|wrote_at| wrote_at <= idle_since) {
            self.wrote_at = None;
            self.close_view();
            free_memory(&self.reading);
            free_memory(&self.write_connection().connection);
        }
    }

    async fn probe(&mut self) -> Result<(), EngineError> {
        self.write_connection().probe()
    }

    async fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> Result<u64, EngineError> {
        self.write_connection().forget(table, column, before)
    }

    async fn roll_back(&mut self) {
        self.close_view();
        self.write_connection().roll_back();
    }
}

/// The database at one instant.
pub(crate) struct Snapshot<'c>(&'c Connection);

impl Snapshot<'_> {
    pub fn bring(&self, wants: &[Want]) -> Result<Loaded, ReadError> {
        Ok(bring(self.0, wants)?)
    }

    pub fn page(&self, query: &ListQuery, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        let failed = |error: rusqlite::Error| ReadError::from(engine_error(&error));
        let cursor = match &query.turn {
            PageDirection::First => None,
            PageDirection::After(key) | PageDirection::Before(key) => {
                let mut statement = self.0.prepare_cached(&list::cursor(query)).map_err(failed)?;
                let mut rows = statement.query((key.as_ref(), scope.as_ref())).map_err(failed)?;
                let row = rows.next().map_err(failed)?.ok_or(ReadError::UnknownCursor)?;
                Some(row.get::<_, i64>(0).map_err(failed)?)
            }
        };
        self.rows(query.table, list::page(Dialect::Sqlite, query, scope, cursor))
    }

    pub fn count_by_day(&self, query: &CountQuery, scope: &Arc<str>) -> Result<Vec<DayCount>, ReadError> {
        let (text, given) = count_by_day(Dialect::Sqlite, query, scope);
        let read = || -> rusqlite::Result<Vec<DayCount>> {
            let mut statement = self.0.prepare_cached(&text)?;
            let given = rusqlite::params_from_iter(given.iter().map(Given));
            let counts = statement.query_map(given, |row| {
                Ok(DayCount { by: row.get(0)?, and: row.get(1)?, day: row.get(2)?, count: row.get(3)? })
            })?;
            counts.collect()
        };
        read().map_err(|error| engine_error(&error).into())
    }

    pub fn weight(&self, query: WeightQuery, scope: &str, group: &str) -> Result<i64, ReadError> {
        let read = || -> rusqlite::Result<i64> {
            self.0
                .prepare_cached(&count_by_day::weight(Dialect::Sqlite, query))?
                .query_row((scope, group), |row| row.get(0))
        };
        read().map_err(|error| engine_error(&error).into())
    }

    pub fn oldest(
        &self,
        query: WeightQuery,
        scope: &str,
        group: &str,
        limit: u32,
    ) -> Result<Vec<(String, i64)>, ReadError> {
        let read = || -> rusqlite::Result<Vec<(String, i64)>> {
            let mut statement = self.0.prepare_cached(&count_by_day::oldest(query))?;
            statement.query_map((scope, group, limit), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|error| engine_error(&error).into())
    }

    pub fn beginning(&self, query: &PrefixQuery, scope: &Arc<str>) -> Result<Vec<Row>, ReadError> {
        self.rows(query.table, list::beginning(Dialect::Sqlite, query, scope))
    }

    fn rows(&self, table: &'static Table, (text, given): (String, Vec<Cell>)) -> Result<Vec<Row>, ReadError> {
        let read = || -> rusqlite::Result<(Vec<Row>, bool)> {
            let mut statement = self.0.prepare_cached(&text)?;
            let given = rusqlite::params_from_iter(given.iter().map(Given));
            rows_within(table, &mut statement, given, LOAD_BYTES_MAX)
        };
        match read().map_err(|error| engine_error(&error))? {
            (_, true) => Err(ReadError::too_large()),
            (rows, false) => Ok(rows),
        }
    }

    /// The rows after a position or a number.
    pub fn follow(&self, table: &'static Table, after: &After, limit: u32) -> Result<FollowedRows, ReadError> {
        let Some(feed) = table.feed else { return Err(not_followed(table)) };
        let one = |row: &rusqlite::Row<'_>| {
            let at = table.columns.len();
            Ok((row.get(at)?, row.get(at + 1)?, row_of(table, row)?))
        };
        let read = || -> rusqlite::Result<Vec<(i64, i64, Row)>> {
            match after {
                After::DatabaseAddress(place) => {
                    let mut statement = self.0.prepare_cached(&sql::follow(Dialect::Sqlite, table, feed))?;
                    statement.query_map((place, limit), one)?.collect()
                }
                After::Number(whose, number) => {
                    let mut statement = self.0.prepare_cached(&sql::follow_of(Dialect::Sqlite, table, feed))?;
                    statement.query_map((whose.as_ref(), number, limit), one)?.collect()
                }
            }
        };
        let rows = read().map_err(|error| ReadError::from(engine_error(&error)))?;
        Ok(after.followed_by(rows))
    }

    /// The position of the newest row, or its number in an environment.
    pub fn newest(&self, table: &'static Table, whose: Option<&Arc<str>>) -> Result<i64, ReadError> {
        let Some(feed) = table.feed else { return Err(not_followed(table)) };
        let read = || -> rusqlite::Result<i64> {
            match whose {
                Some(whose) => self.0.prepare_cached(&newest_of(feed))?.query_row((whose.as_ref(),), |row| row.get(0)),
                None => self.0.prepare_cached(&newest(feed))?.query_row([], |row| row.get(0)),
            }
        };
        read().map_err(|error| engine_error(&error).into())
    }

    /// Passes every row of a table to a closure.
    pub fn walk(&self, table: &'static Table, mut take: impl FnMut(Row)) -> Result<(), ReadError> {
        let failed = |error: rusqlite::Error| ReadError::from(engine_error(&error));
        let mut statement = self.0.prepare_cached(&sql::walk(Dialect::Sqlite, table)).map_err(failed)?;
        let mut rows = statement.query_map([], |row| row_of(table, row)).map_err(failed)?;
        rows.try_for_each(|row| row.map(&mut take).map_err(failed))
    }

    /// The errors that SQLite finds in its file.
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
