//! What a database has to do for the writer. Two engines do it for real (SQLite, PostgreSQL) and one in memory, with
//! several nodes, for the simulator.

use std::future::Future;

use docket_kernel::{Changes, Loaded, Moment, Row, Table, Touched, Unused, Want};

/// Whether a load may wait for rows that another writer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// Never: a busy row is reported as busy.
    None,
    /// Up to two seconds: the item runs alone after it was postponed too often.
    Wait,
}

/// How much due work is claimed at the most. One row is claimed however large it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Rows.
    pub rows: usize,
    /// Bytes.
    pub bytes: usize,
}

/// Due rows that are claimed.
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
    /// The transaction lost against another and may be tried again: serialization, deadlock.
    #[error("the transaction has to be tried again: {0}")]
    TryAgain(String),
    /// The connection is gone; a new one may work.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// A read took longer than reads may.
    #[error("the read took too long: {0}")]
    TooSlow(String),
    /// There is no room; it may come back.
    #[error("the database is out of space: {0}")]
    Full(String),
    /// The files that are open are no longer those of the database; they may be put back.
    #[error("{0}")]
    Gone(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// Why a flush failed.
#[derive(Debug, thiserror::Error)]
pub enum FlushError {
    /// A row has moved on since it was read: an item that looks again may well go through.
    #[error("table {table}: {detail}")]
    Overtaken {
        /// The table.
        table: &'static str,
        /// Which rows.
        detail: String,
    },
    /// Some item's rows break a rule the database holds.
    #[error("table {table}: {detail}")]
    Item {
        /// The table.
        table: &'static str,
        /// What the database said.
        detail: String,
    },
    /// The database itself failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why a commit failed.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// It is certain that nothing was committed.
    #[error("nothing was committed: {0}")]
    NotCommitted(EngineError),
    /// It can't be settled whether it was.
    #[error("whether it was committed can't be settled: {0}")]
    Unknown(String),
}

/// Why what was written aside is not there.
#[derive(Debug, thiserror::Error)]
pub enum NotWritten {
    /// The flush failed.
    #[error(transparent)]
    Flush(#[from] FlushError),
    /// The commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Whom an engine tells of what it writes aside.
pub struct Telling {
    /// Called once it is committed; never otherwise.
    pub committed: Box<dyn FnOnce() + Send + Sync>,
    /// Called then, well or not, before [`Engine::through`] says so.
    pub ended: Box<dyn FnOnce() + Send + Sync>,
}

impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Telling").finish_non_exhaustive()
    }
}

/// One writer's connection to a database. One transaction at a time. Numbers that were reserved stay reserved, whatever
/// becomes of the transaction.
pub trait Engine: Send {
    /// Whether a batch may be written while the next one is thought out. Only where nobody else writes: what is loaded
    /// meanwhile may be as it was before that batch.
    const WRITES_ASIDE: bool = false;
    /// Whether several writers draw numbers of what was reserved once: those that a batch did not use are given back.
    const SHARES_NUMBERS: bool = false;

    /// Begins a transaction and says what time it is.
    fn begin(&mut self) -> impl Future<Output = Result<Moment, EngineError>> + Send;

    /// Brings what is wanted, locking the rows of tables that are locked at load.
    fn load(&mut self, wants: &[Want], patience: Patience) -> impl Future<Output = Result<Loaded, EngineError>> + Send;

    /// Locks and brings rows that are due by now, one environment after the other, skipping those another writer holds.
    fn claim(
        &mut self,
        table: &'static Table,
        now: Moment,
        room: Room,
    ) -> impl Future<Output = Result<Claimed, EngineError>> + Send;

    /// Writes everything, version-checked.
    fn flush(&mut self, changes: &Changes) -> impl Future<Output = Result<(), FlushError>> + Send;

    /// Commits, durably.
    fn commit(&mut self) -> impl Future<Output = Result<(), CommitError>> + Send;

    /// Begins to flush and commit, and returns at once. Asked only of an engine that writes aside, and only when it is
    /// through with what it wrote before.
    fn write_aside(&mut self, touched: Touched, telling: Telling) {
        let _ = (touched, telling);
    }

    /// Waits until it is, and says how that ended. When it ended badly, nothing of it was written.
    fn through(&mut self) -> impl Future<Output = Result<(), NotWritten>> + Send {
        async { Ok(()) }
    }

    /// Rolls back whatever is open. Must not fail: a broken connection has rolled back already.
    fn roll_back(&mut self) -> impl Future<Output = ()> + Send;

    /// Writes something of no meaning and commits it: whether a database that had no room has some again.
    fn probe(&mut self) -> impl Future<Output = Result<(), EngineError>> + Send {
        async { Ok(()) }
    }

    /// Forgets rows whose time in a column lies before an instant, a bounded number of them, in a transaction of its
    /// own. Only for rows that no decision rests on any more, such as remembered answers.
    fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> impl Future<Output = Result<u64, EngineError>> + Send {
        let _ = (table, column, before);
        async { Ok(0) }
    }

    /// Takes numbers back that were reserved and not used.
    fn take_back(&mut self, unused: Vec<Unused>) {
        drop(unused);
    }

    /// Called about once a second while nothing is to be done: lets go of what is held for later.
    fn idle(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Called once, when the writer stops: nothing is asked of the engine any more.
    fn stop(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Says to other nodes that there is due work; a hint, sent after the commit.
    fn hint(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }

    /// Says to other nodes that something was written; a hint, sent after the commit.
    fn tell_news(&mut self) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Runs a future that must be ready at its first poll, as those of an engine without waiting are.
pub fn ready<F: Future>(future: F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}
