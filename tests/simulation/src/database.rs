//! The in-memory database: committed rows, the holders of locks, and injected faults.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_kernel::{Cell, Holding, Lock, PlantedBug, Row, Table};

use crate::chance::Chance;

/// The committed rows of one table.
#[derive(Clone)]
pub struct Kept {
    pub table: &'static Table,
    pub rows: BTreeMap<Arc<str>, Row>,
    by_value: BTreeMap<(usize, Arc<str>), BTreeSet<Arc<str>>>,
}

impl Kept {
    fn new(table: &'static Table) -> Self {
        Self { table, rows: BTreeMap::new(), by_value: BTreeMap::new() }
    }

    fn values(&self, row: &Row) -> Vec<(usize, Arc<str>)> {
        let columns = self.table.unique.iter().chain(self.table.asked).map(|name| self.table.column(name));
        columns.filter_map(|column| Some((column, text(&row[column])?))).collect()
    }

    /// Stores or removes a row.
    pub fn put(&mut self, key: &Arc<str>, row: Option<Row>) {
        if let Some(old) = self.rows.remove(key) {
            for value in self.values(&old) {
                if let Some(keys) = self.by_value.get_mut(&value) {
                    keys.remove(key);
                }
            }
        }
        if let Some(row) = row {
            for value in self.values(&row) {
                self.by_value.entry(value).or_default().insert(Arc::clone(key));
            }
            self.rows.insert(Arc::clone(key), row);
        }
    }

    /// The keys of the rows with this text in that lookup column.
    pub fn having(&self, column: usize, value: &Arc<str>) -> impl Iterator<Item = &Arc<str>> {
        self.by_value.get(&(column, Arc::clone(value))).into_iter().flatten()
    }
}

/// The text of a cell.
pub fn text(cell: &Cell) -> Option<Arc<str>> {
    match cell {
        Cell::Text(text) => Some(Arc::clone(text)),
        _ => None,
    }
}

/// The number of a cell.
pub fn int(cell: &Cell) -> Option<i64> {
    match cell {
        Cell::Int(number) => Some(*number),
        _ => None,
    }
}

/// The frequency of each fault: once in this many times, never if 0.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// A row that is loaded is held by another process for a while.
    pub busy: usize,
    /// A transaction can't begin, or a load fails: the connection is lost.
    pub unreachable: usize,
    /// A flush lost a conflict with another transaction.
    pub try_again: usize,
    /// A commit failed before it happened.
    pub not_committed: usize,
    /// The answer to a commit was lost.
    pub lost_answer: usize,
}

/// A bug that is planted to see that it is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// Callers are answered before the commit, which follows later or, after a crash, never.
    AnswerBeforeCommit,
    /// Due runs are claimed without a lock.
    ClaimWithoutLock,
    /// The parent of a question is read without a lock.
    QuestionWithoutParentLock,
    /// Events are omitted from the flush.
    FlushWithoutEvents,
    /// `attempt` does not undo the writes of a closure that refuses.
    AttemptKeeps,
    /// A successful commit is reported as failed.
    CommitDenied,
    /// Unique keys are not checked.
    NoUniqueKeys,
    /// A row changed by another transaction is overwritten.
    NoVersionCheck,
    /// Rows of other environments are visible.
    ScopeIgnored,
    /// A row that another transaction holds is treated as absent.
    BusyReadsAsAbsent,
    /// A batch does not see the writes of the batch under way.
    UnderWayForgotten,
    /// A source may report events about cases, regardless of its allow-list.
    SourceReportsAnything,
    /// Redaction passes over the runs that have ended.
    RedactionForgetsEndedRuns,
}

impl Plant {
    /// Every bug that can be planted.
    pub const ALL: [Self; 13] = [
        Self::AnswerBeforeCommit,
        Self::ClaimWithoutLock,
        Self::QuestionWithoutParentLock,
        Self::FlushWithoutEvents,
        Self::AttemptKeeps,
        Self::CommitDenied,
        Self::NoUniqueKeys,
        Self::NoVersionCheck,
        Self::ScopeIgnored,
        Self::BusyReadsAsAbsent,
        Self::UnderWayForgotten,
        Self::SourceReportsAnything,
        Self::RedactionForgetsEndedRuns,
    ];

    /// The bug of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|plant| format!("{plant:?}") == name)
    }

    /// The bug to plant in the unit of work itself.
    pub fn in_the_unit_of_work(self) -> Option<PlantedBug> {
        match self {
            Self::AttemptKeeps => Some(PlantedBug::AttemptKeeps),
            Self::ScopeIgnored => Some(PlantedBug::ScopeIgnored),
            Self::UnderWayForgotten => Some(PlantedBug::UnderWayForgotten),
            Self::SourceReportsAnything => Some(PlantedBug::SourceReportsAnything),
            _ => None,
        }
    }
}

/// Writes that were acknowledged but are not committed yet: only a planted bug creates them.
struct Promise {
    node: usize,
    transaction: u64,
    writes: Vec<Write>,
}

/// A row to store or remove.
#[derive(Clone)]
pub struct Write {
    pub table: &'static Table,
    pub key: Arc<str>,
    pub row: Option<Row>,
}

/// A table and a key that are held.
pub type Held = (&'static str, Arc<str>);

#[derive(Default)]
pub struct State {
    pub tables: BTreeMap<&'static str, Kept>,
    pub sequences: BTreeMap<(Arc<str>, Arc<str>), i64>,
    pub counters: BTreeMap<(Arc<str>, Arc<str>), i64>,
    locks: BTreeMap<Held, u64>,
    /// The transactions that hold a name, and how.
    names: BTreeMap<Held, BTreeMap<u64, Holding>>,
    /// Rows that a process outside the simulation holds until an instant.
    outside: BTreeMap<Held, i64>,
    /// The transaction between its flush and its end: the flushes of others wait for it.
    writing: Option<u64>,
    transactions: u64,
    promises: Vec<Promise>,
    pub faults: Faults,
    pub plant: Option<Plant>,
    pub chance: Option<Chance>,
    /// The database's clock.
    pub now: i64,
    /// The number of injected faults of each type.
    pub struck: BTreeMap<&'static str, u64>,
    /// A hash of everything that happened.
    pub trace: u64,
    pub traced: u64,
    pub commits: u64,
    /// The violations that the database itself detected.
    pub violations: Vec<String>,
}

/// The database that all nodes share.
pub struct Database(Mutex<State>);

impl Database {
    pub fn of(state: State) -> Arc<Self> {
        Arc::new(Self(Mutex::new(state)))
    }

    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// An empty database at an instant.
    pub fn at(now: i64) -> Self {
        Self { now, ..Self::default() }
    }

    /// A copy of the committed rows, for another simulation to begin with.
    pub fn copy(&self) -> Self {
        Self {
            tables: self.tables.clone(),
            sequences: self.sequences.clone(),
            counters: self.counters.clone(),
            now: self.now,
            ..Self::default()
        }
    }

    /// Whether this fault happens now.
    pub fn strikes(&mut self, fault: &'static str, once_in: usize) -> bool {
        let strikes = self.chance.as_mut().is_some_and(|chance| chance.one_in(once_in));
        *self.struck.entry(fault).or_default() += u64::from(strikes);
        strikes
    }

    /// A number below `end`; 0 without randomness.
    pub fn draw(&mut self, end: usize) -> usize {
        self.chance.as_mut().map_or(0, |chance| chance.below(end))
    }

    /// Adds an event to the trace.
    pub fn note(&mut self, node: usize, what: &str, more: &str) {
        self.traced += 1;
        for byte in node.to_le_bytes().iter().chain(what.as_bytes()).chain(more.as_bytes()) {
            self.trace = (self.trace ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    pub fn begin(&mut self) -> u64 {
        self.transactions += 1;
        self.transactions
    }

    pub fn kept(&mut self, table: &'static Table) -> &mut Kept {
        self.tables.entry(table.name).or_insert_with(|| Kept::new(table))
    }

    pub fn row(&self, table: &Table, key: &str) -> Option<&Row> {
        self.tables.get(table.name)?.rows.get(key)
    }

    /// Locks a row for a transaction, unless another holds it.
    pub fn hold(&mut self, transaction: u64, table: &'static Table, key: &Arc<str>) -> bool {
        let held: Held = (table.name, Arc::clone(key));
        if self.outside.get(&held).is_some_and(|until| *until > self.now) {
            return false;
        }
        let is_mine = self.locks.get(&held) == Some(&transaction);
        if !is_mine && self.strikes("busy rows", self.faults.busy) {
            let while_micros = 1_000 * (1 + i64::try_from(self.draw(40)).unwrap_or(0));
            self.outside.insert(held, self.now + while_micros);
            return false;
        }
        *self.locks.entry(held).or_insert(transaction) == transaction
    }

    /// Holds a name for a transaction, unless another one holds it in a conflicting way.
    pub fn hold_name(&mut self, transaction: u64, table: &'static Table, key: &Arc<str>, holding: Holding) -> bool {
        let holders = self.names.entry((table.name, Arc::clone(key))).or_default();
        let is_shared = |held: Holding| held == Holding::Shared && holding == Holding::Shared;
        let is_free = holders.iter().all(|(holder, held)| *holder == transaction || is_shared(*held));
        if is_free {
            let own = holders.entry(transaction).or_insert(holding);
            *own = (*own).max(holding);
        }
        is_free
    }

    pub fn is_held(&self, table: &'static Table, key: &Arc<str>) -> bool {
        let held: Held = (table.name, Arc::clone(key));
        self.locks.contains_key(&held) || self.outside.get(&held).is_some_and(|until| *until > self.now)
    }

    /// Acquires the right to write, unless another transaction has it.
    pub fn take_turn(&mut self, transaction: u64) -> bool {
        *self.writing.get_or_insert(transaction) == transaction
    }

    /// Ends a transaction and releases its locks.
    pub fn end(&mut self, transaction: u64) {
        self.locks.retain(|_, holder| *holder != transaction);
        self.names.retain(|_, holders| {
            holders.remove(&transaction);
            !holders.is_empty()
        });
        if self.writing == Some(transaction) {
            self.writing = None;
        }
    }

    /// Commits a transaction's writes and ends it.
    pub fn commit(&mut self, transaction: u64, writes: &[Write]) {
        for write in writes {
            // The trace includes the complete written rows.
            self.note(0, &write.key, &format!("{:?}", write.row));
            self.kept(write.table).put(&write.key, write.row.clone());
        }
        self.commits += 1;
        self.end(transaction);
    }

    /// Acknowledges writes that are committed later: a planted bug.
    pub fn promise(&mut self, node: usize, transaction: u64, writes: Vec<Write>) {
        self.promises.push(Promise { node, transaction, writes });
    }

    /// Commits one of the acknowledged writes, at random.
    pub fn keep_promises(&mut self) {
        if !self.promises.is_empty() && self.draw(3) == 0 {
            let promise = self.promises.remove(0);
            self.commit(promise.transaction, &promise.writes);
        }
    }

    /// Removes a crashed node, and its uncommitted acknowledged writes.
    pub fn crash(&mut self, node: usize) {
        let (lost, kept): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.promises).into_iter().partition(|promise| promise.node == node);
        self.promises = kept;
        for promise in lost {
            self.end(promise.transaction);
        }
    }

    /// Ends all faults and all holds from outside.
    pub fn heal(&mut self) {
        self.faults = Faults::default();
        self.outside.clear();
    }

    /// How many rows of a table are due by now.
    pub fn due(&self, table: &Table) -> usize {
        let (Some(due), Some(kept)) = (table.due, self.tables.get(table.name)) else { return 0 };
        let column = table.column(due);
        kept.rows.values().filter(|row| int(&row[column]).is_some()).count()
    }
}

/// Whether rows of this table are locked when they are loaded.
pub fn is_locked(table: &Table) -> bool {
    table.lock == Lock::Row
}
