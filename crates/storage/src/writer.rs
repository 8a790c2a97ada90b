//! The writer's interface: submit a command, get its answer after the commit.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use docket_kernel::{Clock, Moment, Rng};
use tokio::sync::watch;

use crate::batch::{Batcher, Outcome, give_up};
use crate::engine::{Engine, EngineError, ready};
use crate::failure::Rest;
use crate::item::{Command, Item, Reactor, WriteError, value_of};
use crate::queue::{Closed, Queue};
use crate::settings::Bounds;
use crate::sql::FORGOTTEN;
use crate::sqlite::DataFiles;

/// How often old rows are deleted, regardless of the load.
const SWEEP_SECONDS: i64 = 60;
/// The exit code of a process whose writer met an internal error.
const EXIT_SOFTWARE: i32 = 70;
/// How often due work is checked for without a hint.
const POLL: Duration = Duration::from_secs(1);

/// Counters of the writers since the start, for `/metrics`.
#[derive(Debug, Default)]
pub struct Figures {
    /// Committed batches.
    pub batches: AtomicU64,
    /// Items completed.
    pub items: AtomicU64,
    /// For each batch, the number of loads for the item that needed the most.
    pub waves: AtomicU64,
    /// Items postponed because a row was busy.
    pub postponed: AtomicU64,
    /// Due runs claimed.
    pub claimed: AtomicU64,
    /// Reactions and flushes that failed: each is a bug.
    pub faults: AtomicU64,
}

/// Submits commands to the lanes of this node. Cheap to clone.
#[derive(Clone)]
pub struct Writer {
    lanes: Arc<[Arc<Queue>]>,
    rng: Arc<dyn Rng>,
    figures: Arc<Figures>,
    is_well: Arc<AtomicBool>,
    news: watch::Sender<u64>,
    /// The files of the database, if only this process uses them.
    files: Option<Arc<DataFiles>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("lanes", &self.lanes.len()).finish_non_exhaustive()
    }
}

/// The parts that every lane needs besides its engine.
#[derive(Clone)]
pub struct Parts {
    /// The reactor to what verbs record.
    pub reactor: Arc<dyn Reactor>,
    /// The limits.
    pub bounds: Bounds,
    /// The source of time.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub rng: Arc<dyn Rng>,
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl Writer {
    /// A writer of this many lanes, and the lanes.
    pub(crate) fn with_lanes(count: usize, parts: &Parts) -> (Self, Vec<Lane>) {
        let bounds = parts.bounds;
        let queues: Vec<_> =
            (0..count.max(1)).map(|_| Arc::new(Queue::new(bounds.queue_items, bounds.queue_bytes))).collect();
        let writer = Self {
            lanes: Arc::from(queues),
            rng: Arc::clone(&parts.rng),
            figures: Arc::default(),
            is_well: Arc::new(AtomicBool::new(true)),
            news: watch::Sender::new(0),
            files: None,
        };
        let lanes = (0..writer.lanes.len())
            .map(|place| Lane { place, writer: writer.clone(), bounds, clock: Arc::clone(&parts.clock) })
            .collect();
        (writer, lanes)
    }

    /// A writer of one lane, and the lane.
    pub(crate) fn with_lane(parts: &Parts) -> (Self, Lane) {
        let (writer, _) = Self::with_lanes(1, parts);
        let lane = Lane { place: 0, writer: writer.clone(), bounds: parts.bounds, clock: Arc::clone(&parts.clock) };
        (writer, lane)
    }

    /// Runs a command and returns its answer after its commit.
    pub async fn submit<T: Send + 'static>(&self, command: Command<T>) -> Result<T, WriteError> {
        let lane = command.lane.as_ref().map_or(0, |subject| {
            let mut hasher = DefaultHasher::new();
            subject.hash(&mut hasher);
            usize::try_from(hasher.finish() % self.lanes.len() as u64).unwrap_or(0)
        });
        let (item, answer) = command.into_item(self.rng.seed());
        match self.lanes[lane].push(item) {
            Ok(()) => {}
            Err(Closed::Full) => return Err(WriteError::Overloaded),
            Err(Closed::Stopping) => return Err(WriteError::Stopping),
        }
        match answer.await {
            Ok(reply) => reply.map(value_of::<T>),
            // The lane is gone with the item: it is unknown whether the item was done.
            Err(_) => Err(WriteError::OutcomeUnknown),
        }
    }

    /// Signals that something may be due: another node sent a hint, or a clock was moved.
    pub fn nudge(&self) {
        for lane in self.lanes.iter() {
            lane.nudge();
        }
    }

    /// Changes whenever something was written, on this node or, as far as its hints arrive, on another node. It is a
    /// hint: subscribers also poll once a second.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// Signals that something was written.
    pub(crate) fn tell_news(&self) {
        self.news.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Accepts no more commands; the waiting ones are completed.
    pub fn close(&self) {
        for lane in self.lanes.iter() {
            lane.close();
        }
    }

    /// How many commands wait.
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|lane| lane.len()).sum()
    }

    /// Counters since the start.
    pub fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Sets the files of the database.
    pub(crate) fn watch(&mut self, files: Arc<DataFiles>) {
        self.files = Some(files);
    }

    /// Whether the database accepts changes, in files that the next process would find.
    pub fn is_well(&self) -> bool {
        self.why_unwell().is_none()
    }

    /// Why the database accepts no changes; `None` if it does.
    pub fn why_unwell(&self) -> Option<String> {
        if let Some(Err(error)) = self.files.as_ref().map(|files| files.check_writable()) {
            return Some(error.to_string());
        }
        let is_well = self.is_well.load(Ordering::Relaxed);
        (!is_well).then(|| "the database takes no changes now; the log says why".to_owned())
    }
}

/// One lane: a queue, and the loop that processes it.
pub struct Lane {
    place: usize,
    writer: Writer,
    bounds: Bounds,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lane").field("place", &self.place).finish_non_exhaustive()
    }
}

impl Lane {
    fn queue(&self) -> &Arc<Queue> {
        &self.writer.lanes[self.place]
    }

    /// Processes the queue on this thread, with an engine that never waits. Returns when the writer is closed and the
    /// queue is empty.
    pub(crate) fn run_blocking<E: Engine>(&self, engine: E, parts: &Parts) {
        let mut batcher = Batcher::new(engine, parts);
        batcher.may_block = true;
        let mut pace = Pace::default();
        // The batch under way at the end may fail, and return items to the queue.
        while !self.queue().is_drained() || batcher.is_writing() {
            if self.queue().is_drained() {
                let _ = ready(self.finish(&mut batcher, &mut pace));
                continue;
            }
            if ready(self.turn(&mut batcher, &mut pace)).is_none() {
                tracing::error!("an engine that never waits has waited: this is a bug; its batch is lost");
                pace.rest = Rest::AWhile;
            }
            if pace.rest != Rest::No {
                std::thread::park_timeout(POLL);
            } else if !pace.busy {
                let now = self.clock.now();
                self.queue().wait_blocking(now, pace.patience(now));
            }
        }
    }

    /// Processes the queue as a task of the runtime.
    pub(crate) async fn run<E: Engine>(self, engine: E, parts: Parts) {
        let mut batcher = Batcher::new(engine, &parts);
        let mut pace = Pace::default();
        while !self.queue().is_drained() {
            self.turn(&mut batcher, &mut pace).await;
            if pace.rest != Rest::No {
                drop(tokio::time::timeout(POLL, std::future::pending::<()>()).await);
            } else if !pace.busy {
                let now = self.clock.now();
                self.queue().wait(now, pace.patience(now)).await;
            }
        }
        batcher.engine.stop().await;
    }

    /// Takes the waiting items and runs them as one batch.
    pub(crate) async fn turn<E: Engine>(&self, batcher: &mut Batcher<E>, pace: &mut Pace) {
        let now = self.clock.now();
        let (mut items, nudged) = self.queue().take(batcher.items_at_once(), now);
        // A manually driven node has no background thread, so finish the batch under way here.
        if batcher.is_finished() || (items.is_empty() && !batcher.may_block) {
            self.finish(batcher, pace).await;
        }
        if pace.rest == Rest::UntilThereIsRoom
            && let Err(error) = batcher.engine.probe().await
        {
            self.settle(still_full(items, &error), pace);
            return;
        }
        if pace.rest == Rest::UntilThereIsRoom {
            self.is_well_again(pace);
        }
        let polled = now.0 - pace.polled.0 >= i64::try_from(POLL.as_micros()).unwrap_or(0) || now < pace.polled;
        let is_due_again = pace.due_again.is_some_and(|again| again <= now);
        let look = pace.more_due || nudged || is_due_again || (polled && self.place == 0);
        if items.is_empty() && !look && pace.sweeping.is_none() {
            pace.busy = false;
            return;
        }
        if items.is_empty() && self.place == 0 {
            batcher.engine.idle().await;
        }
        if look {
            pace.polled = now;
            pace.due_again = None;
        }
        // Requests come first, but due work always keeps a quarter.
        if look {
            items.extend(self.queue().more(self.bounds.batch_items.saturating_sub(items.len()), now));
        }
        let room = (self.bounds.batch_items - items.len()).max(self.bounds.batch_items / 4);
        let claim = if look { room } else { 0 };
        let (patient, impatient): (Vec<_>, Vec<_>) = items.into_iter().partition(|item| !item.is_impatient());
        for item in impatient {
            let outcome = batcher.run_alone(item).await;
            let wrote = outcome.wrote;
            self.settle(outcome, pace);
            if wrote {
                batcher.engine.tell_news().await;
            }
        }
        let had_items = !patient.is_empty();
        if self.place == 0 {
            self.sweep(batcher, pace, now).await;
        }
        let outcome = batcher.run(patient, claim, Some(self.queue())).await;
        let (hint, wrote) = (outcome.more_due, outcome.wrote);
        pace.more_due = outcome.more_due;
        pace.busy = had_items || outcome.more_due || outcome.claimed > 0 || pace.sweeping.is_some();
        self.settle(outcome, pace);
        if hint {
            batcher.engine.hint().await;
        }
        if wrote {
            batcher.engine.tell_news().await;
        }
    }

    /// Deletes some rows whose time is over. Each turn deletes a bounded number of rows until none is left, so that
    /// cleanup does not wait for a quiet minute and requests do not wait for cleanup.
    async fn sweep<E: Engine>(&self, batcher: &mut Batcher<E>, pace: &mut Pace, now: Moment) {
        if pace.sweeping.is_none() && (pace.swept.plus_seconds(SWEEP_SECONDS) <= now || now < pace.swept) {
            pace.swept = now;
            pace.sweeping = Some(0);
        }
        let Some(mut place) = pace.sweeping else { return };
        self.finish(batcher, pace).await;
        let kept = batcher.reactor.kept();
        while let Some((table, column, seconds)) = kept.get(place) {
            let forgotten = batcher.engine.forget(table, column, now.plus_seconds(-seconds)).await;
            if matches!(forgotten, Ok(count) if count >= FORGOTTEN.unsigned_abs()) {
                break;
            }
            place += 1;
            match forgotten {
                Ok(0) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, table = table.name, "old rows could not be deleted; retrying");
                }
            }
        }
        pace.sweeping = (place < kept.len()).then_some(place);
    }

    /// Waits for the batch under way, and processes its result.
    async fn finish<E: Engine>(&self, batcher: &mut Batcher<E>, pace: &mut Pace) {
        if !batcher.is_writing() {
            return;
        }
        let mut outcome = Outcome::default();
        batcher.finish(&mut outcome).await;
        let wrote = outcome.wrote;
        pace.more_due |= outcome.more_due;
        self.settle(outcome, pace);
        if wrote {
            batcher.engine.tell_news().await;
        }
    }

    /// Something was written; a batch that is only handed over proves nothing yet.
    fn is_well_again(&self, pace: &mut Pace) {
        self.writer.is_well.store(true, Ordering::Relaxed);
        pace.rest = Rest::No;
    }

    fn settle(&self, outcome: Outcome, pace: &mut Pace) {
        let figures = self.writer.figures();
        figures.batches.fetch_add(outcome.batches, Ordering::Relaxed);
        figures.items.fetch_add(outcome.done as u64, Ordering::Relaxed);
        figures.waves.fetch_add(u64::from(outcome.waves), Ordering::Relaxed);
        figures.postponed.fetch_add(outcome.postponed.len() as u64, Ordering::Relaxed);
        figures.claimed.fetch_add(outcome.claimed as u64, Ordering::Relaxed);
        figures.faults.fetch_add(outcome.faults, Ordering::Relaxed);
        if outcome.rest != Rest::No {
            self.writer.is_well.store(false, Ordering::Relaxed);
            pace.rest = outcome.rest;
        } else if outcome.batches > 0 {
            self.is_well_again(pace);
        }
        if outcome.wrote {
            self.writer.tell_news();
        }
        if let Some(micros) = outcome.again_in {
            // One millisecond more: the database's clock differs from the node's.
            let again = Moment(self.clock.now().0 + micros + 1_000);
            pace.due_again = Some(pace.due_again.map_or(again, |known| known.min(again)));
        }
        self.queue().give_back(outcome.left);
        for item in outcome.postponed {
            let micros = i64::from(self.writer.rng.seed().0[0]) * 80;
            self.queue().delay(item, Moment(self.clock.now().0 + micros));
        }
    }
}

/// A panic in a verb refuses its item; after one elsewhere the writer's state is unknown. Uncommitted work is lost.
pub(crate) fn end_of_a_panic() -> ! {
    tracing::error!("the writer panicked outside of a verb; docket ends, and nothing is half done");
    std::process::exit(EXIT_SOFTWARE)
}

/// The disk is still full: no item is tried, and each caller gets the error.
fn still_full(items: Vec<Item>, error: &EngineError) -> Outcome {
    let mut outcome = Outcome::default();
    give_up(items, &WriteError::Unavailable(error.to_string()), Rest::UntilThereIsRoom, &mut outcome);
    outcome
}

/// The state of a lane between its turns.
#[derive(Default)]
pub(crate) struct Pace {
    /// When the last cleanup began.
    swept: Moment,
    /// The index of the table that is being cleaned up.
    sweeping: Option<usize>,
    polled: Moment,
    /// When work that met a busy row is due again.
    due_again: Option<Moment>,
    more_due: bool,
    pub busy: bool,
    pub rest: Rest,
}

impl Pace {
    /// The maximum pause.
    fn patience(&self, now: Moment) -> Duration {
        let due = self.due_again.map(|again| again.0.saturating_sub(now.0).max(0).unsigned_abs());
        due.map_or(POLL, |micros| POLL.min(Duration::from_micros(micros)))
    }
}
