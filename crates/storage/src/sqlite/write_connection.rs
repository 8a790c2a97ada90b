//! The only connection that changes the file: writes the changes of a batch, and maintains the log.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::path::Path;
use std::sync::Arc;

use docket_kernel::{Cell, Changes, Moment, Table, TableChanges};
use rusqlite::{Connection, ErrorCode};

use super::files::DataFiles;
use super::log::{CheckpointWindow, Log};
use super::{Given, engine_error, open};
use crate::engine::{CommitError, EngineError, FlushError, NotWritten};
use crate::feed;
use crate::sql::{self, Dialect};

/// The exit code of a process that can't know the state of its file.
const EXIT_IO: i32 = 74;

const BEGIN: &str = "BEGIN IMMEDIATE";

/// The connection and its log.
#[derive(Debug)]
pub(super) struct WriteConnection {
    pub connection: Connection,
    log: Log,
    files: Arc<DataFiles>,
}

impl WriteConnection {
    pub fn open(file: &Path, lock: Option<&Path>) -> Result<Self, EngineError> {
        let failed = |error: rusqlite::Error| engine_error(&error);
        let connection = open(file).map_err(failed)?;
        // The first transaction creates the log.
        connection.execute_batch("BEGIN IMMEDIATE; COMMIT").map_err(failed)?;
        let files = Arc::new(DataFiles::of(file, lock)?);
        let log = Log::of(&connection, file)?;
        Ok(Self { connection, log, files })
    }

    /// The open files.
    pub fn files(&self) -> &Arc<DataFiles> {
        &self.files
    }

    /// Writes and commits a whole batch, or nothing of it.
    pub fn write(&self, changes: &Changes) -> Result<(), NotWritten> {
        let written = self.flush(changes).map_err(NotWritten::Flush);
        let written = written.and_then(|()| self.commit().map_err(NotWritten::Commit));
        if written.is_err() {
            self.roll_back();
        }
        written
    }

    /// Writes all changes in the open transaction; opens one if needed.
    pub fn flush(&self, changes: &Changes) -> Result<(), FlushError> {
        self.files.check()?;
        if self.connection.is_autocommit() {
            self.execute(BEGIN)?;
        }
        for table in &changes.tables {
            self.put(table)?;
        }
        for table in changes.tables.iter().rev() {
            self.remove(table)?;
        }
        for (scope, name, by) in &changes.counts {
            self.note("counter", sql::COUNT, scope, name, *by)?;
        }
        for (scope, name, next) in &changes.sequences {
            self.note("sequence", sql::SET_NEXT, scope, name, *next)?;
        }
        for new in &changes.dues {
            let Some(due) = new.table.due else { continue };
            let set = || {
                let mut statement = self.connection.prepare_cached(&sql::set_due(new.table, due))?;
                statement.execute((new.due, new.key.as_ref()))
            };
            set().map_err(|error| flush_error(new.table.name, &error))?;
        }
        Ok(())
    }

    /// Maintains the log after a commit; returns whether the writer may read the file during the next commit.
    pub fn look_after_log(&self, window: CheckpointWindow) -> CheckpointWindow {
        self.log.look_after(&self.connection, window)
    }

    pub fn commit(&self) -> Result<(), CommitError> {
        match self.execute("COMMIT") {
            // A commit to a file that no other process will find does not count.
            Ok(()) => self.files.check().map_err(|error| CommitError::Unknown(error.to_string())),
            Err(error @ (EngineError::Full(_) | EngineError::TryAgain(_))) => Err(CommitError::NotCommitted(error)),
            Err(error) => {
                // The state of the file is unknown: only opening it again can show it.
                tracing::error!(%error, "the commit could not be written; docket ends so that it starts from what is on disk");
                std::process::exit(EXIT_IO);
            }
        }
    }

    pub fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            drop(self.execute("ROLLBACK"));
        }
    }

    /// Writes and removes a dummy row: tests whether that is possible again.
    pub fn probe(&self) -> Result<(), EngineError> {
        self.files.check()?;
        self.execute(sql::PROBE)?;
        self.execute(sql::PROBED)
    }

    pub fn execute(&self, text: &str) -> Result<(), EngineError> {
        let run = || self.connection.prepare_cached(text)?.execute([]);
        run().map(drop).map_err(|error| engine_error(&error))
    }

    /// Deletes old rows, in a separate transaction.
    pub fn forget(&self, table: &'static Table, column: &'static str, before: Moment) -> Result<u64, EngineError> {
        self.files.check()?;
        let forget = || {
            let mut statement = self.connection.prepare_cached(&sql::forget(Dialect::Sqlite, table, column))?;
            statement.execute((before.0, sql::FORGOTTEN))
        };
        forget().map(|count| count as u64).map_err(|error| engine_error(&error))
    }

    fn note(&self, table: &'static str, text: &str, scope: &str, name: &str, number: i64) -> Result<(), FlushError> {
        let note = || self.connection.prepare_cached(text)?.execute((scope, name, number));
        note().map(drop).map_err(|error| flush_error(table, &error))
    }

    fn put(&self, changes: &TableChanges) -> Result<(), FlushError> {
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
            self.number(changes).map_err(refused)?;
        }
        if !changes.updates.is_empty() {
            let text = sql::update(Dialect::Sqlite, table).ok_or_else(|| sql::never_changes(table))?;
            let mut statement = self.connection.prepare_cached(&text).map_err(refused)?;
            for (stamp, row) in &changes.updates {
                let (version, events) = (Cell::Int(stamp.version), Cell::Int(stamp.events));
                let stamp = std::iter::once(&version).chain(table.events.map(|_| &events));
                let given = row.iter().chain(stamp).map(Given);
                let count = statement.execute(rusqlite::params_from_iter(given)).map_err(refused)?;
                moved_on(count, &row[0])?;
            }
        }
        Ok(())
    }

    /// Numbers new rows that are followed: this writer commits one batch after the other.
    fn number(&self, changes: &TableChanges) -> rusqlite::Result<()> {
        let Some(feed) = changes.table.feed else { return Ok(()) };
        let scope = changes.table.column(changes.table.scope);
        let mut newest = self.connection.prepare_cached(&feed::newest_of(feed))?;
        let mut insert = self.connection.prepare_cached(&sql::number(feed))?;
        let mut numbers: HashMap<&str, i64> = HashMap::new();
        for row in feed::in_order(changes.table, &changes.inserts) {
            let (party, key) = (feed::text(row, scope).unwrap_or_default(), feed::text(row, 0));
            let number = match numbers.entry(party) {
                Entry::Occupied(number) => number.into_mut(),
                Entry::Vacant(first) => first.insert(newest.query_row((party,), |row| row.get(0))?),
            };
            *number += 1;
            insert.execute((party, *number, key))?;
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

fn flush_error(table: &'static str, error: &rusqlite::Error) -> FlushError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            FlushError::Item { table, detail: error.to_string() }
        }
        _ => FlushError::Engine(engine_error(error)),
    }
}
