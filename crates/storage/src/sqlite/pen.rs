//! The one connection that changes the file: writes what a batch came to, and looks after the log.

use std::collections::BTreeMap;
use std::path::Path;

use docket_kernel::{Cell, Changes, Moment, Table, TableChanges};
use rusqlite::{Connection, ErrorCode};

use super::log::{Log, Looks};
use super::{Given, engine_error, open};
use crate::engine::{CommitError, EngineError, FlushError, NotWritten};
use crate::sql::{self, Dialect};

/// The exit code of a process that can't know what its file holds.
const EXIT_IO: i32 = 74;

const BEGIN: &str = "BEGIN IMMEDIATE";

/// Whose sequence and which, and the first number that nobody was given.
pub(super) type Numbers = BTreeMap<(String, String), i64>;

/// The connection, and its log.
#[derive(Debug)]
pub(super) struct Pen {
    pub connection: Connection,
    log: Log,
}

impl Pen {
    pub fn open(file: &Path) -> Result<Self, EngineError> {
        let connection = open(file).map_err(|error| engine_error(&error))?;
        let log = Log::of(&connection, file)?;
        Ok(Self { connection, log })
    }

    /// Writes a whole batch and commits it, or leaves nothing of it.
    pub fn write(&self, changes: &Changes, numbers: &Numbers) -> Result<(), NotWritten> {
        let written = self.flush(changes, numbers).map_err(NotWritten::Flush);
        let written = written.and_then(|()| self.commit().map_err(NotWritten::Commit));
        if written.is_err() {
            self.roll_back();
        }
        written
    }

    /// Writes everything in the transaction that is open, and opens one if none is.
    pub fn flush(&self, changes: &Changes, numbers: &Numbers) -> Result<(), FlushError> {
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
        for ((scope, name), next) in numbers {
            self.note("sequence", sql::SET_NEXT, scope, name, *next)?;
        }
        Ok(())
    }

    /// Looks after the log when a commit is done; answers who may look at the file during the next one.
    pub fn look_after_log(&self, looks: Looks) -> Looks {
        self.log.look_after(&self.connection, looks)
    }

    pub fn commit(&self) -> Result<(), CommitError> {
        match self.execute("COMMIT") {
            Ok(()) => Ok(()),
            Err(error @ (EngineError::Full(_) | EngineError::TryAgain(_))) => Err(CommitError::NotCommitted(error)),
            Err(error) => {
                // What the file holds now is not known: only opening it anew can tell.
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

    pub fn execute(&self, text: &str) -> Result<(), EngineError> {
        let run = || self.connection.prepare_cached(text)?.execute([]);
        run().map(drop).map_err(|error| engine_error(&error))
    }

    /// Forgets old rows, in a transaction of their own.
    pub fn forget(&self, table: &'static Table, column: &'static str, before: Moment) -> Result<u64, EngineError> {
        let forget = || {
            let mut statement = self.connection.prepare_cached(&sql::forget(table, column))?;
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

fn flush_error(table: &'static str, error: &rusqlite::Error) -> FlushError {
    match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation | ErrorCode::TooBig | ErrorCode::TypeMismatch) => {
            FlushError::Item { table, detail: error.to_string() }
        }
        _ => FlushError::Engine(engine_error(error)),
    }
}
