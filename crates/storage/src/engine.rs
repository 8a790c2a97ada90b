//! The interface between the writer and a database. There are two real engines (SQLite, PostgreSQL) and an in-memory
//! one with several nodes, for the simulator.

use std::future::Future;

use docket_kernel::{Changes, Loaded, Moment, Row, Table, Touched, Unused, Want};

/// Whether a load may wait for rows that another writer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Never: a busy row is reported as busy.
    None,
    /// Up to two seconds: for an item that runs alone after too many postponements.
    Wait,
}

/// How much due work is claimed at most. At least one row is claimed, regardless of its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Rows.
    pub rows: usize,
    /// Bytes.
    pub bytes: usize,
}

/// The due rows that were claimed.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether more may be due.
    pub more: bool,
}

/// The database failed, not an item.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The transaction failed because of another one and may be retried: serialization, deadlock.
    #[error("the transaction has to be tried again: {0}")]
    TryAgain(String),
    /// The connection is lost; a new one may work.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// A read exceeded the time limit.
    #[error("the read took too long: {0}")]
    TooSlow(String),
    /// The rows to load have more bytes than a load may have.
    #[error("the rows to load at once have more than {} MiB", crate::measure::LOAD_BYTES_MAX >> 20)]
    TooLarge,
    /// The disk is full; space may become available.
    #[error("the database is out of space: {0}")]
    Full(String),
    /// The open files are no longer the database's files; they may be put back.
    #[error("{0}")]
    Gone(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// Why a flush failed.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// A row was changed since it was read: a retry of the item may succeed.
    #[error("table {table}: {detail}")]
    Overtaken {
        /// The table.
        table: &'static str,
        /// Which rows.
        detail: String,
    },
    /// Some item's rows violate a constraint of the database.
    #[error("table {table}: {detail}")]
    Item {
        /// The table.
        table: &'static str,
        /// The database's error message.
        detail: String,
    },
    /// The database itself failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why a commit failed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Nothing was committed, for certain.
    #[error("nothing was committed: {0}")]
    NotCommitted(EngineError),
    /// It is unknown whether it was committed.
    #[error("whether it was committed can't be settled: {0}")]
    Unknown(String),
}

/// Why a batch that was handed over was not written.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The flush failed.
    #[error(transparent)]
    Flush(#[from] FlushError),
    /// The commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// The callbacks of a batch that is written in the background.
pub struct CommitCallbacks {
    /// Called once the batch is committed; never otherwise.
    pub on_committed: Box<dyn FnOnce() + Send + Sync>,
    /// Called after writing ended, successfully or not, and before [`Engine::through`] returns the result.
    pub on_finished: Box<dyn FnOnce() + Send + Sync>,
}

impl std::fmt::Debug for CommitCallbacks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CommitCallbacks").finish_non_exhaustive()
    }
}

/// One writer's connection to a database, with one transaction at a time. Reserved numbers stay reserved, regardless of
/// the outcome of the transaction.
pub trait Engine: Send {
    /// Whether a batch may be written while the next one is computed. Only for a single writer: rows loaded meanwhile
    /// may be in their state before that batch.
    const PIPELINED: bool = false;
    /// Whether several writers draw from the same reserved numbers: numbers that a batch did not use are then returned.
    const SHARES_NUMBERS: bool = false;

    /// Begins a transaction and returns the current time.
    fn begin(&mut self) -> impl Future<Output = Result<Moment, EngineError>> + Send;

    /// Loads what is wanted, locking the rows of tables that are locked at load.
    fn load(&mut self, wants: &[Want], patience: Patience) -> impl Future<Output = Result<Loaded, EngineError>> + Send;

    /// Locks and loads rows that are due, one environment after the other, skipping those that another writer holds.
    fn claim(
        &mut self,
        table: &'static Table,
        now: Moment,
        room: Room,
    ) -> impl Future<Output = Result<Claimed, EngineError>> + Send;

    /// Writes all changes and checks the versions.
    fn flush(&mut self, changes: &Changes) -> impl Future<Output = Result<(), FlushError>> + Send;

    /// Commits, durably.
    fn commit(&mut self) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Begins to flush and commit, and returns at once. Called only for an engine with `PIPELINED`, and only when
    /// the previous batch was written.
    fn commit_in_background(&mut self, touched: Touched, callbacks: CommitCallbacks) {
        let _ = (touched, callbacks);
    }

    /// Waits until that batch was written and returns the result. After an error, nothing of it was written.
    fn through(&mut self) -> impl Future<Output = Result<(), NotWritten>> + Send {
        async { Ok(()) }
    }

    /// Rolls back an open transaction. Must not fail: a broken connection has rolled back already.
    fn roll_back(&mut self) -> impl Future<Output = ()> + Send;

    /// Writes and commits a dummy row: tests whether a database that was full has space again.
    fn probe(&mut self) -> impl Future<Output = Result<(), EngineError>> + Send {
        async { Ok(()) }
    }

    /// Deletes rows whose time in a column is before an instant, a bounded number of them, in a separate transaction.
    /// Only for rows that no decision depends on any more, such as stored responses.
    fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> impl Future<Output = Result<u64, EngineError>> + Send {
        let _ = (table, column, before);
        async { Ok(0) }
    }

    /// Takes back numbers that were reserved and not used.
    fn take_back(&mut self, unused: Vec<Unused>) {
        drop(unused);
    }

    /// Called about once a second while there is no work: releases resources that are held for later.
    fn idle(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Called once when the writer stops: no further calls follow.
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Notifies other nodes that there is due work; a hint, sent after the commit.
    fn hint(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Notifies other nodes that something was written; a hint, sent after the commit.
    fn tell_news(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Runs a future that must be ready at its first poll, as those of a synchronous engine are.
pub fn ready<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
