//! The in-memory database as a node's engine: read committed, rows locked at load without waiting, a pause at every
//! call so that other nodes run in between.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use docket_kernel::{AgePosition, AgedFound, CREATED_AT, Changes, Loaded, Moment, Row, Table, Touched, Want};
use docket_storage::{
    Claimed, CommitCallbacks, CommitError, Engine, EngineError, FlushError, NotWritten, Patience, Room,
};

use crate::database::{Database, Plant, State, Write, int, is_locked, text};
use crate::rules;

/// The number of sequence numbers that are reserved at a time.
const NUMBERS: i64 = 4;
/// The number of pauses for which an item that runs alone waits for a row.
const WAIT_PAUSES: usize = 60;

/// Lets other tasks run first, once.
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

/// One node's connection: to a server that many nodes share, like PostgreSQL, or to its own file, like SQLite. For a
/// file, a batch is written in the background while the next one is computed.
pub struct Memory<const SERVER: bool> {
    database: Arc<Database>,
    node: usize,
    /// The offset of this node's clock, for engines that use it.
    skew: i64,
    last: i64,
    open: Option<Open>,
    /// The transaction of the batch that is computed while the previous one is written.
    beside: Option<Open>,
    /// The batch that was handed over and is not written yet.
    under_way: Option<(Touched, CommitCallbacks)>,
    /// The result of writing it.
    ended: Option<Result<(), NotWritten>>,
}

/// The index of a want, and its key.
type Asked<'w> = (usize, &'w Arc<str>);

struct Open {
    id: u64,
    writes: Vec<Write>,
    counts: Vec<(Arc<str>, Arc<str>, i64)>,
}

impl<const SERVER: bool> Memory<SERVER> {
    pub fn new(database: &Arc<Database>, node: usize, skew: i64) -> Self {
        Self {
            database: Arc::clone(database),
            node,
            skew,
            last: 0,
            open: None,
            beside: None,
            under_way: None,
            ended: None,
        }
    }

    fn id(&self) -> u64 {
        self.open.as_ref().map_or(0, |open| open.id)
    }

    /// Lets other tasks run first; then accesses the database.
    async fn arrive(&self, what: &'static str) -> Result<(), EngineError> {
        Pause::default().await;
        let mut state = self.database.lock();
        state.keep_promises();
        let strikes = state.faults.unreachable;
        let gone = SERVER && state.strikes("lost connections", strikes);
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
        let Want::Value { table, column, scope, value, until, bound } = want else { return };
        let scope_at = table.column(table.scope);
        let in_scope = |row: &Row| scope.is_none() || text(&row[scope_at]) == *scope;
        let in_time = |row: &Row| {
            until.is_none_or(|until| int(&row[table.column(CREATED_AT)]).is_some_and(|made| made <= until.0))
        };
        let kept = state.kept(table);
        let found: Vec<(Arc<str>, Row)> = kept
            .having(*column, value)
            .filter_map(|key| Some((Arc::clone(key), kept.rows.get(key)?.clone())))
            .filter(|(_, row)| in_scope(row) && in_time(row))
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

    fn reserve(&self, scope: &Arc<str>, sequence: &Arc<str>) -> i64 {
        let name = (Arc::clone(scope), Arc::clone(sequence));
        let mut state = self.database.lock();
        let first = state.sequences.get(&name).copied().unwrap_or(1);
        state.sequences.insert(name, first + NUMBERS);
        first
    }

    /// Whether all wanted rows are free or absent.
    fn all_free(&self, wants: &[Want]) -> bool {
        let mut state = self.database.lock();
        let id = self.id();
        wants.iter().all(|want| match want {
            Want::Row { table, key } if is_locked(table) && state.row(table, key).is_some() => {
                state.hold(id, table, key)
            }
            Want::Hold { table, key, holding } => state.hold_name(id, table, key, *holding),
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

impl<const SERVER: bool> Drop for Memory<SERVER> {
    fn drop(&mut self) {
        self.forget();
        self.open = self.beside.take();
        self.forget();
    }
}

/// The positions of rows in the order of a time, or their number.
fn by_age(state: &mut State, want: &Want) -> AgedFound {
    let Want::Aged { question, scope, after, before, limit, is_counted } = want else {
        return AgedFound::Count((0, 0));
    };
    let table = question.table;
    let (whose, when) = (table.column(table.scope), table.column(question.column));
    let rows = state.kept(table).rows.iter().filter(|(_, row)| text(&row[whose]).as_ref() == Some(scope));
    let is_blank =
        |row: &Row| question.blank.is_some_and(|blank| row[table.column(blank)] != docket_kernel::Cell::Null);
    let places = rows.filter_map(|(key, row)| {
        let place = AgePosition { at: Moment(int(&row[when])?), key: Arc::clone(key) };
        (place > *after && place.at < *before).then(|| (place, is_blank(row)))
    });
    let mut places: Vec<(AgePosition, bool)> = places.collect();
    places.sort();
    places.truncate(*limit as usize);
    if *is_counted {
        let blank = places.iter().filter(|(_, is_blank)| *is_blank).count();
        let whole = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        return AgedFound::Count((whole(places.len()), whole(blank)));
    }
    AgedFound::Rows(Arc::new(places.into_iter().map(|(place, _)| place).collect()))
}

/// The outcome of a commit.
enum Ending {
    Well,
    Not,
    /// It succeeded, but the answer was lost.
    LostAfter,
    /// It failed, and the answer was lost.
    LostBefore,
    /// It succeeded, but was reported as failed: a planted bug.
    Denied,
}

impl<const SERVER: bool> Engine for Memory<SERVER> {
    const PIPELINED: bool = !SERVER;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.forget();
        self.arrive("begin").await?;
        let mut state = self.database.lock();
        let id = state.begin();
        self.open = Some(Open { id, writes: Vec::new(), counts: Vec::new() });
        let clock = if SERVER { state.now } else { state.now + self.skew };
        self.last = clock.max(self.last + 1);
        Ok(Moment(self.last))
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        self.arrive("load").await?;
        self.perhaps_write().await;
        if self.under_way.is_some() {
            *self.database.lock().struck.entry("loads beside a write").or_default() += 1;
        }
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
                Want::Hold { table, key, holding } => {
                    let held = !SERVER || self.database.lock().hold_name(self.id(), table, key, *holding);
                    if !held {
                        loaded.busy.push(place);
                    } else if SERVER {
                        loaded.held.push(place);
                    }
                }
                Want::Aged { .. } => loaded.aged.push((place, by_age(&mut self.database.lock(), want))),
                Want::Value { .. } => {}
                Want::Numbers { scope, sequence, .. } => {
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

    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        self.arrive("claim").await?;
        let Some(due) = table.due else { return Ok(Claimed::default()) };
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
        found.truncate(room.rows);
        state.note(self.node, "claimed", &format!("{found:?}"));
        let rows = found.iter().filter_map(|(_, key)| state.row(table, key).cloned()).collect();
        Ok(Claimed { rows, more: found.len() == room.rows })
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.arrive("flush").await.map_err(FlushError::Engine)?;
        if changes.is_empty() {
            return Ok(());
        }
        let id = self.id();
        // A transaction that writes rows of a writing transaction waits until that one has ended.
        while !self.database.lock().take_turn(id) {
            Pause::default().await;
            self.database.lock().keep_promises();
        }
        let mut state = self.database.lock();
        let strikes = state.faults.try_again;
        if SERVER && state.strikes("lost races", strikes) {
            return Err(FlushError::Engine(EngineError::TryAgain("lost a conflict".into())));
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
                () if SERVER && state.strikes("lost answers to a commit", lost) => {
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
        // A node that crashes here has committed, and no caller was answered.
        Pause::default().await;
        Ok(())
    }

    fn commit_in_background(&mut self, touched: Touched, callbacks: CommitCallbacks) {
        self.forget();
        self.under_way = Some((touched, callbacks));
    }

    async fn through(&mut self) -> Result<(), NotWritten> {
        self.write_now().await;
        self.ended.take().unwrap_or(Ok(()))
    }

    async fn roll_back(&mut self) {
        self.forget();
        Pause::default().await;
    }
}

impl<const SERVER: bool> Memory<SERVER> {
    /// Writes the batch under way sooner or later.
    async fn perhaps_write(&mut self) {
        if self.under_way.is_some() && self.database.lock().draw(3) == 0 {
            self.write_now().await;
        }
    }

    /// Writes the batch under way, in its own transaction besides the open one.
    async fn write_now(&mut self) {
        let Some((touched, callbacks)) = self.under_way.take() else { return };
        let id = self.database.lock().begin();
        self.beside = self.open.replace(Open { id, writes: Vec::new(), counts: Vec::new() });
        let written = match self.flush(&touched.encode()).await {
            Ok(()) => self.commit().await.map_err(NotWritten::Commit),
            Err(error) => Err(NotWritten::Flush(error)),
        };
        self.forget();
        self.open = self.beside.take();
        if written.is_ok() {
            (callbacks.on_committed)();
        }
        (callbacks.on_finished)();
        self.ended = Some(written);
    }

    /// Other nodes may run between two statements of one load.
    async fn between(&self) {
        let pauses = self.database.lock().draw(2) == 0;
        if SERVER && pauses {
            Pause::default().await;
        }
    }
}
