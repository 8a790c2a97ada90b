//! The database in memory as a node's engine: read committed, rows locked at load without waiting, a pause at every
//! call so that other nodes come in between.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use docket_kernel::{Changes, Loaded, Moment, Row, Table, Want};
use docket_storage::{CommitError, Engine, EngineError, FlushError, Patience};

use crate::database::{Database, Plant, State, Write, int, is_locked, text};
use crate::rules;

/// How many numbers are reserved at a time.
const NUMBERS: i64 = 4;
/// How many pauses an item that runs alone waits for a row.
const WAIT_PAUSES: usize = 60;

/// Lets others go first, once.
#[derive(Default)]
pub struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// One node's connection. `OUTLIVE`: whether numbers outlive a rollback, as PostgreSQL's do and SQLite's do not.
pub struct Memory<const OUTLIVE: bool> {
    database: Arc<Database>,
    node: usize,
    /// How far this node's clock is off, where it is asked.
    skew: i64,
    last: i64,
    open: Option<Open>,
}

/// A number of a sequence that was reserved: whose and which, and the first that is free.
type Reserved = ((Arc<str>, Arc<str>), i64);
/// The place of a want, and the key it asks for.
type Asked<'w> = (usize, &'w Arc<str>);

struct Open {
    id: u64,
    writes: Vec<Write>,
    counts: Vec<(Arc<str>, Arc<str>, i64)>,
    /// Numbers reserved in this transaction, where they end with it.
    numbers: Vec<Reserved>,
}

impl<const OUTLIVE: bool> Memory<OUTLIVE> {
    pub fn new(database: &Arc<Database>, node: usize, skew: i64) -> Self {
        Self { database: Arc::clone(database), node, skew, last: 0, open: None }
    }

    fn id(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.id)
    }

    /// Lets others go first; then the database as it is.
    async fn arrive(&self, what: &'static str) -> Result<(), EngineError> {
        Pause::default().await;
        let mut state = self.database.lock();
        state.keep_promises();
        let strikes = state.faults.unreachable;
        let gone = OUTLIVE && state.strikes("lost connections", strikes);
        state.note(self.node, what, if gone { "gone" } else { "" });
        if gone { Err(EngineError::Unreachable("the connection is gone".into())) } else { Ok(()) }
    }

    fn forget(&mut self) {
        if let Some(open) = self.open.take() {
            self.database.lock().end(open.id);
        }
    }

    /// One statement: the rows of a table by key.
    fn rows(&self, state: &mut State, table: &'static Table, wants: &[(usize, &Arc<str>)], loaded: &mut Loaded) {
        for (place, key) in wants {
            let Some(row) = state.row(table, key).cloned() else { continue };
            let unlocked = state.plant == Some(Plant::QuestionWithoutParentLock) && table.name == "case_record";
            if is_locked(table) && !unlocked && !state.hold(self.id(), table, key) {
                if state.plant != Some(Plant::BusyReadsAsAbsent) {
                    loaded.busy.push(*place);
                }
                continue;
            }
            loaded.rows.push((table, row));
        }
    }

    /// One statement: the rows of a table by value.
    fn look_up(&self, state: &mut State, place: usize, want: &Want, loaded: &mut Loaded) {
        let Want::Value { table, column, scope, value, bound } = want else { return };
        let scope_at = table.column(table.scope);
        let in_scope = |row: &Row| scope.is_none() || text(&row[scope_at]) == *scope;
        let kept = state.kept(table);
        let found: Vec<(Arc<str>, Row)> = kept
            .having(*column, value)
            .filter_map(|key| Some((Arc::clone(key), kept.rows.get(key)?.clone())))
            .filter(|(_, row)| in_scope(row))
            .take(*bound as usize + 1)
            .collect();
        for (key, row) in found {
            if is_locked(table) && !state.hold(self.id(), table, &key) {
                loaded.busy.push(place);
                continue;
            }
            loaded.rows.push((*table, row));
        }
    }

    fn reserve(&mut self, scope: &Arc<str>, sequence: &Arc<str>) -> i64 {
        let name = (Arc::clone(scope), Arc::clone(sequence));
        let mut state = self.database.lock();
        let own = self.open.as_ref().and_then(|open| open.numbers.iter().rfind(|(known, _)| *known == name));
        let first = own.map(|(_, next)| *next).or_else(|| state.sequences.get(&name).copied()).unwrap_or(1);
        match self.open.as_mut() {
            Some(open) if !OUTLIVE => open.numbers.push((name, first + NUMBERS)),
            _ => drop(state.sequences.insert(name, first + NUMBERS)),
        }
        first
    }

    /// Whether everything wanted is free, or absent.
    fn all_free(&self, wants: &[Want]) -> bool {
        let mut state = self.database.lock();
        let id = self.id();
        wants.iter().all(|want| match want {
            Want::Row { table, key } if is_locked(table) && state.row(table, key).is_some() => {
                state.hold(id, table, key)
            }
            Want::Value { table, column, value, .. } if is_locked(table) => {
                let keys: Vec<_> = state.kept(table).having(*column, value).cloned().collect();
                keys.iter().all(|key| state.hold(id, table, key))
            }
            _ => true,
        })
    }

    fn apply(&mut self) {
        let Some(open) = self.open.take() else { return };
        let mut state = self.database.lock();
        for (name, next) in open.numbers {
            state.sequences.insert(name, next);
        }
        for (scope, name, by) in open.counts {
            *state.counters.entry((scope, name)).or_default() += by;
        }
        state.note(self.node, "committed", "");
        state.commit(open.id, &open.writes);
    }

    fn promise(&mut self) {
        if let Some(open) = self.open.take() {
            self.database.lock().promise(self.node, open.id, open.writes);
        }
    }
}

impl<const OUTLIVE: bool> Drop for Memory<OUTLIVE> {
    fn drop(&mut self) {
        self.forget();
    }
}

/// How a commit ends.
enum Ending {
    Well,
    Not,
    /// It happened, and nobody can say so.
    LostAfter,
    /// It did not happen, and nobody can say so.
    LostBefore,
    /// It happened, and was reported as one that did not: a planted bug.
    Denied,
}

impl<const OUTLIVE: bool> Engine for Memory<OUTLIVE> {
    const NUMBERS_OUTLIVE_ROLLBACK: bool = OUTLIVE;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.forget();
        self.arrive("begin").await?;
        let mut state = self.database.lock();
        let id = state.begin();
        self.open = Some(Open { id, writes: Vec::new(), counts: Vec::new(), numbers: Vec::new() });
        let clock = if OUTLIVE { state.now } else { state.now + self.skew };
        self.last = clock.max(self.last + 1);
        Ok(Moment(self.last))
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        self.arrive("load").await?;
        let mut waited = 0;
        while patience == Patience::Wait && !self.all_free(wants) {
            waited += 1;
            if waited > WAIT_PAUSES {
                return Ok(Loaded { busy: (0..wants.len()).collect(), ..Loaded::default() });
            }
            Pause::default().await;
        }
        let mut loaded = Loaded::default();
        let mut by_table: Vec<(&'static Table, Vec<Asked<'_>>)> = Vec::new();
        for (place, want) in wants.iter().enumerate() {
            match want {
                Want::Row { table, key } => match by_table.iter_mut().find(|(known, _)| *known == *table) {
                    Some((_, keys)) => keys.push((place, key)),
                    None => by_table.push((table, vec![(place, key)])),
                },
                Want::Presence { table, key } => {
                    let row = self.database.lock().row(table, key).cloned();
                    loaded.seen.extend(row.map(|row| (*table, row)));
                }
                Want::Value { .. } => {}
                Want::Numbers { scope, sequence } => {
                    loaded.numbers.push((place, self.reserve(scope, sequence), NUMBERS));
                }
            }
        }
        for (table, keys) in by_table {
            self.rows(&mut self.database.lock(), table, &keys, &mut loaded);
            self.between().await;
        }
        for (place, want) in wants.iter().enumerate() {
            if matches!(want, Want::Value { .. }) {
                self.look_up(&mut self.database.lock(), place, want, &mut loaded);
                self.between().await;
            }
        }
        self.database.lock().note(self.node, "loaded", &format!("{} {:?}", loaded.rows.len(), loaded.busy));
        Ok(loaded)
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, limit: usize) -> Result<Vec<Row>, EngineError> {
        self.arrive("claim").await?;
        let Some(due) = table.due else { return Ok(Vec::new()) };
        let column = table.column(due);
        let mut state = self.database.lock();
        let rows = state.kept(table).rows.iter();
        let mut found: Vec<(i64, Arc<str>)> = rows
            .filter_map(|(key, row)| Some((int(&row[column])?, Arc::clone(key))))
            .filter(|(due, _)| *due <= now.0)
            .collect();
        found.sort();
        let locks = state.plant != Some(Plant::ClaimWithoutLock);
        let id = self.id();
        found.retain(|(_, key)| !locks || (!state.is_held(table, key) && state.hold(id, table, key)));
        found.truncate(limit);
        state.note(self.node, "claimed", &format!("{found:?}"));
        Ok(found.iter().filter_map(|(_, key)| state.row(table, key).cloned()).collect())
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.arrive("flush").await.map_err(FlushError::Engine)?;
        if changes.is_empty() {
            return Ok(());
        }
        let id = self.id();
        // Whoever wants to write what another is writing waits until that is done.
        while !self.database.lock().take_turn(id) {
            Pause::default().await;
            self.database.lock().keep_promises();
        }
        let mut state = self.database.lock();
        let strikes = state.faults.try_again;
        if OUTLIVE && state.strikes("lost races", strikes) {
            return Err(FlushError::Engine(EngineError::TryAgain("lost against another".into())));
        }
        let checked = rules::check(&mut state, changes);
        let said = checked.as_ref().map_or_else(ToString::to_string, |writes| writes.len().to_string());
        state.note(self.node, "flushed", &said);
        drop(state);
        let writes = checked?;
        if let Some(open) = &mut self.open {
            open.writes = writes;
            open.counts.clone_from(&changes.counts);
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        Pause::default().await;
        let ending = {
            let mut state = self.database.lock();
            let (not, lost, plant) = (state.faults.not_committed, state.faults.lost_answer, state.plant);
            let wrote = self.open.as_ref().is_some_and(|open| !open.writes.is_empty());
            if plant == Some(Plant::AnswerBeforeCommit) && wrote {
                drop(state);
                self.promise();
                return Ok(());
            }
            match () {
                () if state.strikes("commits that failed", not) => Ending::Not,
                () if wrote && plant == Some(Plant::CommitDenied) && state.strikes("commits that were denied", 40) => {
                    Ending::Denied
                }
                () if OUTLIVE && state.strikes("lost answers to a commit", lost) => {
                    if state.draw(2) == 0 {
                        Ending::LostAfter
                    } else {
                        Ending::LostBefore
                    }
                }
                () => Ending::Well,
            }
        };
        let unreachable = || EngineError::Unreachable("the connection broke".into());
        match ending {
            Ending::Well => self.apply(),
            Ending::Not => {
                self.forget();
                return Err(CommitError::NotCommitted(unreachable()));
            }
            Ending::Denied => {
                self.apply();
                return Err(CommitError::NotCommitted(unreachable()));
            }
            Ending::LostAfter | Ending::LostBefore => {
                if matches!(ending, Ending::LostAfter) {
                    self.apply();
                } else {
                    self.forget();
                }
                Pause::default().await;
                return Err(CommitError::Unknown("the connection broke during the commit".into()));
            }
        }
        // A node that dies here has committed, and nobody has been told.
        Pause::default().await;
        Ok(())
    }

    async fn roll_back(&mut self) {
        self.forget();
        Pause::default().await;
    }
}

impl<const OUTLIVE: bool> Memory<OUTLIVE> {
    /// Others may come between two statements of one load.
    async fn between(&self) {
        let pauses = self.database.lock().draw(2) == 0;
        if OUTLIVE && pauses {
            Pause::default().await;
        }
    }
}
