//! A writer lane's connection.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use docket_kernel::{Changes, Clock, Loaded, Lock, Moment, Rng, Table, Unused, Want};
use tokio_postgres::SimpleQueryMessage;

use super::claim::claim;
use super::connect::{Call, Link, Server, engine_error, flush_error, is_lost, words};
use super::flush::{Expected, writes};
use super::hint::Hints;
use super::load::bring;
use super::numbers::Numbers;
use crate::claim::Turns;
use crate::engine::{Claimed, CommitError, Engine, EngineError, FlushError, Patience, Room};
use crate::sql::{self, Dialect, Hold};
use crate::writer::Parts;

/// Begins a transaction and reads the time, in one round trip.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED; \
     SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
/// How long an item that runs alone waits for a row.
const WAIT: &str = "SAVEPOINT held; SET LOCAL lock_timeout = '2s'";
const STOP_WAITING: &str = "ROLLBACK TO SAVEPOINT held; RELEASE SAVEPOINT held";
const WAITED: &str = "RELEASE SAVEPOINT held";

/// The time limit for finding out whether a commit without an answer succeeded.
const SETTLE: Duration = Duration::from_secs(10);
const SETTLE_PAUSE: Duration = Duration::from_millis(100);

/// Proofs are kept for an hour, and deleted a few at a time: more than are added.
const MARKS_KEPT: i64 = 3_600;
const FORGET_EVERY: u32 = 64;
const FORGET_MAX: i64 = 256;
/// The time of a proof written by a settling connection: its batch was not committed.
const VOID: Moment = Moment(0);

/// A lane's connection, opened on demand and reopened when it is lost.
pub struct PostgresEngine {
    server: Server,
    link: Option<Link>,
    numbers: Arc<Numbers>,
    hints: Hints,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    last: Moment,
    /// The proof that the current batch writes with its changes.
    mark: Option<String>,
    /// Whether a transaction is open.
    open: bool,
    /// A statement in the transaction failed: the transaction may not be committed.
    spoiled: bool,
    marked: u32,
    /// The batch wrote rows that are followed and have to be numbered.
    feeds: bool,
    /// The environments whose due rows of a table are claimed next.
    turns: HashMap<&'static str, Turns>,
}

impl std::fmt::Debug for PostgresEngine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresEngine").field("open", &self.open).finish_non_exhaustive()
    }
}

impl PostgresEngine {
    /// The engine of one lane, for a node that is driven by hand.
    pub fn at(url: &str, parts: &Parts) -> Result<Self, EngineError> {
        let server = Server::at(url)?;
        let numbers = Numbers::new(server.clone(), Arc::clone(&parts.clock));
        Ok(Self::new(server, Arc::new(numbers), Hints::default(), parts))
    }

    pub(super) fn new(server: Server, numbers: Arc<Numbers>, hints: Hints, parts: &Parts) -> Self {
        Self {
            server,
            link: None,
            numbers,
            hints,
            clock: Arc::clone(&parts.clock),
            rng: Arc::clone(&parts.rng),
            last: Moment::default(),
            mark: None,
            open: false,
            spoiled: false,
            marked: 0,
            feeds: false,
            turns: HashMap::new(),
        }
    }

    /// The connection, opened if necessary.
    async fn connected(&mut self) -> Result<&mut Link, EngineError> {
        let link = match self.link.take().filter(|link| !link.client.is_closed()) {
            Some(link) => link,
            None => self.server.connect().await?,
        };
        Ok(self.link.insert(link))
    }

    /// The open connection. `begin` opened it.
    fn link(&mut self) -> Result<&mut Link, EngineError> {
        self.link.as_mut().ok_or_else(|| EngineError::Unreachable("there is no connection".into()))
    }

    /// Records a failure: the transaction may not continue, and a lost connection is dropped.
    fn spoil(&mut self, error: EngineError) -> EngineError {
        self.spoiled = true;
        if matches!(error, EngineError::Unreachable(_)) {
            self.link = None;
        }
        error
    }

    fn read_clock(&self, said: &[SimpleQueryMessage]) -> Result<Moment, EngineError> {
        if !self.clock.is_machine() {
            return Ok(self.clock.now());
        }
        let row = said.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0),
            _ => None,
        });
        let micros = row.and_then(|text| text.parse().ok());
        micros.map(Moment).ok_or_else(|| EngineError::Failed("the database did not return the time".into()))
    }

    /// Loads for an item that runs alone: waits for rows. If one stays busy, none of them stays locked.
    async fn bring_waiting(&mut self, wants: &[Want]) -> Result<Loaded, EngineError> {
        let link = self.link()?;
        let failed = |error: tokio_postgres::Error| engine_error(&error);
        link.client.batch_execute(WAIT).await.map_err(failed)?;
        match bring(link, wants, Hold::Wait).await {
            Ok(loaded) => {
                link.client.batch_execute(WAITED).await.map_err(failed)?;
                Ok(loaded)
            }
            // The wait timed out, or it was a deadlock.
            Err(EngineError::TryAgain(_)) => {
                link.client.batch_execute(STOP_WAITING).await.map_err(failed)?;
                Ok(Loaded { busy: (0..wants.len()).collect(), ..Loaded::default() })
            }
            Err(error) => Err(error),
        }
    }

    async fn bring(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        let mut loaded = match patience {
            Patience::None => bring(self.link()?, wants, Hold::Skip).await?,
            Patience::Wait => self.bring_waiting(wants).await?,
        };
        loaded.numbers = self.numbers.reserve(wants).await?;
        Ok(loaded)
    }

    /// An id for the proof of this batch. Ids sort by time, so that old ones are found without a separate index.
    fn new_mark(&self) -> String {
        let mut mark = mark_of(self.last);
        for byte in &self.rng.seed().0[..16] {
            let _ = write!(mark, "{byte:02x}");
        }
        mark
    }

    /// Writes the changes and the proof of the batch.
    async fn write(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.feeds = changes.tables.iter().any(|table| table.table.feed.is_some() && !table.inserts.is_empty());
        let mark = self.new_mark();
        let (mut expected, mut calls) = writes(changes)?;
        calls.push(mark_call(&mark, self.last));
        expected.push(Expected { table: "batch_marker", rows: Some(1) });
        if self.marked.is_multiple_of(FORGET_EVERY) {
            let before = mark_of(self.last.plus_seconds(-MARKS_KEPT));
            calls.push(Call::new(sql::FORGET_MARKS, vec![Box::new(before), Box::new(FORGET_MAX)]));
            expected.push(Expected { table: "batch_marker", rows: None });
        }
        self.marked = self.marked.wrapping_add(1);
        let counts =
            self.link()?.tell(&calls).await.map_err(|(place, error)| {
                flush_error(expected.get(place).map_or("", |expected| expected.table), &error)
            })?;
        drop(calls);
        self.mark = Some(mark);
        expected.iter().zip(counts).try_for_each(|(expected, written)| expected.judge(written))
    }

    /// After a connection broke during COMMIT: claims the same proof as void. If the batch's own proof exists already,
    /// the batch was committed; otherwise it never will be. (An earlier void claim does not prove the batch.)
    async fn settle(&self, mark: &str) -> Result<(bool, Link), EngineError> {
        let mut link = self.server.connect().await?;
        let failed = |(_, error): (usize, tokio_postgres::Error)| engine_error(&error);
        // Waits for the old transaction if it is still in progress.
        link.tell(&[mark_call(mark, VOID)]).await.map_err(failed)?;
        let read = [Call::new(sql::MARKED, vec![Box::new(mark)])];
        let rows = link.ask(&read).await.map_err(|error| engine_error(&error))?;
        let row = rows.first().and_then(|rows| rows.first());
        let row = row.ok_or_else(|| EngineError::Failed("a proof that was just written is not there".into()))?;
        let at: i64 = row.try_get(0).map_err(|error| engine_error(&error))?;
        let committed = at != VOID.0;
        if committed {
            // What broke the connection may also have interrupted that commit's wait for a synchronous standby. The
            // commit of this additional proof waits for the standby, and comes later.
            link.tell(&[mark_call(&format!("{mark}-settled"), self.last)]).await.map_err(failed)?;
        }
        Ok((committed, link))
    }

    async fn settle_in_time(&mut self, mark: &str, lost: &str) -> Result<(), CommitError> {
        let trying = async {
            loop {
                match self.settle(mark).await {
                    Ok(settled) => return settled,
                    Err(error) => tracing::warn!(%error, "a commit without an answer is not settled yet"),
                }
                drop(tokio::time::timeout(SETTLE_PAUSE, std::future::pending::<()>()).await);
            }
        };
        match tokio::time::timeout(SETTLE, trying).await {
            Ok((committed, link)) => {
                self.link = Some(link);
                tracing::warn!(committed, lost, "a commit without an answer is settled");
                let unreachable = || CommitError::NotCommitted(EngineError::Unreachable(lost.to_owned()));
                committed.then_some(()).ok_or_else(unreachable)
            }
            Err(_) => Err(CommitError::Unknown(lost.to_owned())),
        }
    }
}

/// The prefix of the proofs of this instant.
fn mark_of(moment: Moment) -> String {
    format!("{:016x}-", moment.0.max(0))
}

fn mark_call(mark: &str, at: Moment) -> Call<'_> {
    Call::new(sql::MARK, vec![Box::new(mark), Box::new(at.0)])
}

impl Engine for PostgresEngine {
    const SHARES_NUMBERS: bool = true;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.mark = None;
        self.spoiled = false;
        let said = self.connected().await?.client.simple_query(BEGIN).await;
        self.open = true;
        let said = said.map_err(|error| engine_error(&error)).map_err(|error| self.spoil(error))?;
        let now = self.read_clock(&said)?;
        self.last = Moment(now.0.max(self.last.0 + 1));
        Ok(self.last)
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        let loaded = self.bring(wants, patience).await;
        loaded.map_err(|error| self.spoil(error))
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        debug_assert!(table.lock == Lock::Row, "rows of {} are claimed, but not locked", table.name);
        let Some(due) = table.due else { return Ok(Claimed::default()) };
        let Some(link) = self.link.as_mut() else {
            return Err(EngineError::Unreachable("there is no connection".into()));
        };
        let turns = self.turns.entry(table.name).or_default();
        let claimed = claim(link, turns, table, due, now, room).await;
        claimed.map_err(|error| self.spoil(error))
    }

    async fn probe(&mut self) -> Result<(), EngineError> {
        let mark = self.new_mark();
        let wrote = self.connected().await?.tell(&[mark_call(&mark, VOID)]).await;
        wrote.map(drop).map_err(|(_, error)| engine_error(&error)).map_err(|error| self.spoil(error))
    }

    async fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> Result<u64, EngineError> {
        let text = format!("{} RETURNING {}", sql::forget(Dialect::Postgres, table, column), table.key());
        let call = Call::new(text, vec![Box::new(before.0), Box::new(sql::FORGOTTEN)]);
        let answers = self.connected().await?.ask(&[call]).await.map_err(|error| engine_error(&error));
        let answers = answers.map_err(|error| self.spoil(error))?;
        Ok(answers.iter().flatten().count() as u64)
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.write(changes).await.map_err(|error| match error {
            FlushError::Engine(error) => FlushError::Engine(self.spoil(error)),
            FlushError::Item { .. } | FlushError::Overtaken { .. } => {
                self.spoiled = true;
                error
            }
        })
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        if self.spoiled {
            let error = EngineError::Failed("the transaction had failed before it was to be committed".into());
            return Err(CommitError::NotCommitted(error));
        }
        self.open = false;
        let link = self.link().map_err(CommitError::NotCommitted)?;
        let Err(error) = link.client.batch_execute("COMMIT").await else { return Ok(()) };
        if !is_lost(&error) {
            return Err(CommitError::NotCommitted(engine_error(&error)));
        }
        self.link = None;
        match self.mark.take() {
            Some(mark) => self.settle_in_time(&mark, &words(&error)).await,
            // There was nothing to write.
            None => Err(CommitError::NotCommitted(engine_error(&error))),
        }
    }

    async fn roll_back(&mut self) {
        let was_open = std::mem::take(&mut self.open);
        let Some(link) = self.link.as_mut().filter(|_| was_open) else { return };
        if link.client.batch_execute("ROLLBACK").await.is_err() {
            self.link = None;
        }
    }

    fn take_back(&mut self, unused: Vec<Unused>) {
        self.numbers.take_back(unused);
    }

    async fn idle(&mut self) {
        self.numbers.give_back_idle().await;
    }

    async fn stop(&mut self) {
        self.numbers.give_back_all().await;
    }

    async fn hint(&mut self) {
        self.hints.leave();
    }

    async fn tell_news(&mut self) {
        if std::mem::take(&mut self.feeds) {
            self.hints.leave_rows();
        }
        self.hints.leave_news();
    }
}
