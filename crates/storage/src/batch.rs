//! One batch: begin, run every item's verb and its reactions, load missing rows, flush, commit, answer.

mod due;
mod pipelined;
mod tries;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use docket_kernel::{Clock, Moment, Progress, Refusal, Rng, Scope, Task, UnitOfWork, Verb, Want, Wants};

use self::pipelined::UnderWay;
pub(crate) use self::tries::give_up;
use crate::engine::{CommitError, Engine, Patience};
use crate::entry::{BatchEntry, Stage, State, stage};
use crate::failure::{Failure, Rest};
use crate::item::{Item, Reactor, RetryMode, WriteError};
use crate::measure::LOAD_BYTES_MAX;
use crate::queue::Queue;
use crate::settings::Bounds;
use crate::writer::Parts;

/// A stage that halts more often asks for rows without end: a step reads at most a thousand objects, one by one.
const HALTS_MAX: u32 = 5_000;

/// The result of a batch.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Items to retry later.
    pub postponed: Vec<Item>,
    /// Items that did not fit in the batch.
    pub left: Vec<Item>,
    /// Whether deferred work is due now, or more work was due than was claimed.
    pub more_due: bool,
    /// Microseconds until the first of the work that met a busy row is due again.
    pub again_in: Option<i64>,
    /// How many items were answered or completed.
    pub done: usize,
    /// The number of loads for the item that needed the most.
    pub waves: u32,
    /// How many due items were claimed.
    pub claimed: usize,
    /// Whether the writer pauses because the database failed, and for how long.
    pub rest: Rest,
    /// The number of reactions that refused or panicked, and of items that failed when run alone.
    pub faults: u64,
    /// Whether anything was written.
    pub wrote: bool,
    /// The number of committed batches.
    pub batches: u64,
}

/// A writer: an engine, the unit of work and the reactor.
pub(crate) struct Batcher<E> {
    pub engine: E,
    pub work: UnitOfWork,
    pub reactor: Arc<dyn Reactor>,
    pub bounds: Bounds,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    /// Whether it may block its thread.
    pub may_block: bool,
    under_way: Option<UnderWay>,
    /// A batch that was handed over for writing and was not written: its items, and the reason.
    failed_batch: Option<(Vec<Item>, Failure)>,
    /// Which rows the reactions in an environment see: this never changes.
    scopes: HashMap<Arc<str>, Scope>,
}

impl<E: Engine> Batcher<E> {
    pub fn new(engine: E, parts: &Parts) -> Self {
        let mut work = UnitOfWork::default();
        work.plant(parts.reactor.planted());
        Self {
            engine,
            work,
            reactor: Arc::clone(&parts.reactor),
            bounds: parts.bounds,
            clock: Arc::clone(&parts.clock),
            rng: Arc::clone(&parts.rng),
            may_block: false,
            under_way: None,
            failed_batch: None,
            scopes: HashMap::new(),
        }
    }

    /// Runs one transaction. On success `items` is empty; on failure it holds the items that were not done. With a
    /// queue to take more items from, it may return before the batch is written.
    async fn attempt(
        &mut self,
        items: &mut Vec<Item>,
        claim: usize,
        patience: Patience,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let now = self.engine.begin().await.map_err(Failure::Engine)?;
        let started = self.clock.now();
        if self.under_way.is_some() {
            self.work.begin_on_top(now);
        } else {
            self.work.begin_batch(now);
        }
        let mut entries = Vec::with_capacity(items.len() + claim);
        for item in items.drain(..) {
            entries.push(BatchEntry::of(item, entries.len()));
        }
        let mut done = self.run_rounds(&mut entries, claim, patience, started, from, outcome).await;
        if done.is_ok() {
            done = self.write(&mut entries, patience, from, outcome).await;
        }
        if let Err(failure) = done {
            self.engine.roll_back().await;
            if !matches!(failure, Failure::Commit(CommitError::Unknown(_))) {
                self.work.take_back_numbers();
            }
            self.return_numbers();
            // A due row stays due and is claimed again. An item that ran alone is kept: its fate decides what is next.
            let keep = patience == Patience::Wait || failure.is_of_an_item();
            let is_busy = matches!(failure, Failure::Busy);
            for entry in entries {
                match entry.state {
                    State::Postponed if is_busy => set_aside(entry, patience, items, outcome),
                    _ => items.extend(entry.kept(keep)),
                }
            }
            return Err(failure);
        }
        self.return_numbers();
        for entry in part(entries, patience, outcome) {
            outcome.done += 1;
            entry.reply();
        }
        Ok(())
    }

    /// Returns the numbers that this batch reserved and did not use, if other writers can use them.
    fn return_numbers(&mut self) {
        if E::SHARES_NUMBERS {
            let unused = self.work.unused_numbers();
            self.engine.take_back(unused);
        }
    }

    /// Flushes and commits the batch, or hands it over to be written in the background.
    async fn write(
        &mut self,
        entries: &mut Vec<BatchEntry>,
        patience: Patience,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let touched = self.work.touched();
        self.settle(outcome).await?;
        if let Some(queue) = from.filter(|_| E::PIPELINED) {
            let done = part(std::mem::take(entries), patience, outcome);
            self.commit_in_background(touched, done, queue);
            return Ok(());
        }
        outcome.wrote |= !touched.is_empty();
        self.engine.flush(&touched.encode()).await?;
        self.engine.commit().await.map_err(Failure::Commit)?;
        outcome.batches += 1;
        Ok(())
    }

    async fn run_rounds(
        &mut self,
        entries: &mut Vec<BatchEntry>,
        claim: usize,
        patience: Patience,
        started: Moment,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        self.claim(entries, claim, outcome).await?;
        let has_due = entries.iter().any(|entry| entry.item.verb.is_none());
        let mut steps = 0;
        loop {
            let mut wants = Wants::default();
            for entry in entries.iter_mut() {
                if matches!(entry.state, State::Halted(_)) {
                    entry.state = State::Runnable;
                }
                let keeps_room = has_due && entry.item.verb.is_some();
                let goes = entry.begun || entry.place == 0 || !self.is_full(steps, started, keeps_room);
                if matches!(entry.state, State::Runnable) && goes {
                    entry.begun = true;
                    let before = entry.steps;
                    self.progress(entry, outcome);
                    steps += entry.steps - before;
                }
                if let State::Halted(wanted) = &entry.state {
                    entry.halts += 1;
                    entry.loads += 1;
                    for want in wanted {
                        wants.add(want);
                    }
                }
            }
            let wants = wants.into_list();
            if wants.is_empty() {
                let may_take = !self.is_full(steps, started, has_due);
                if may_take && from.is_some_and(|queue| self.gather(entries, queue)) {
                    continue;
                }
                break;
            }
            if entries.iter().any(|entry| entry.halts > HALTS_MAX) {
                return Err(Failure::endless());
            }
            let loaded = self.engine.load(&wants, patience).await.map_err(Failure::of_load)?;
            let busy: HashSet<Want> = loaded.busy.iter().filter_map(|place| wants.get(*place).cloned()).collect();
            self.work.absorb(&wants, loaded).map_err(Failure::unreadable)?;
            // Several items may load more together than one alone. If they exceed that too, each item runs alone.
            if self.work.weight().1 > LOAD_BYTES_MAX.saturating_mul(entries.len().min(2)) {
                return Err(Failure::too_large());
            }
            for entry in entries.iter_mut() {
                if matches!(&entry.state, State::Halted(wanted) if wanted.iter().any(|want| busy.contains(want))) {
                    self.yield_to_others(entry, outcome);
                }
            }
            if entries.iter().any(|entry| matches!(entry.state, State::Postponed) && entry.dirty) {
                return Err(Failure::Busy);
            }
        }
        let loads = entries.iter().map(|entry| entry.loads).max();
        outcome.waves = outcome.waves.max(loads.unwrap_or(0));
        Ok(())
    }

    /// Whether no further item may begin. Requests leave a quarter of the steps and of the time to due work.
    fn is_full(&self, steps: u32, started: Moment, keeps_room: bool) -> bool {
        let (rows, bytes) = self.work.weight();
        let part = i64::from(keeps_room);
        let steps_max = i64::from(self.bounds.batch_steps);
        i64::from(steps) >= steps_max - part * steps_max / 4
            || rows >= self.bounds.batch_rows
            || bytes >= self.bounds.batch_bytes
            || self.clock.now().0 - started.0 >= self.bounds.batch_micros - part * self.bounds.batch_micros / 4
    }

    /// Runs an item until it is done or needs a missing row.
    fn progress(&mut self, entry: &mut BatchEntry, outcome: &mut Outcome) {
        if entry.result.is_none()
            && let Some(verb) = &entry.item.verb
        {
            match stage(&mut self.work, &entry.item.scope, entry.item.seed, entry.place, entry.counter, verb) {
                Stage::Halted(wants) => {
                    entry.state = State::Halted(wants);
                    return;
                }
                Stage::Refused(refusal) => entry.result = Some(Err(WriteError::Refused(refusal))),
                Stage::Done(done, tasks, counter) => {
                    entry.take_in(tasks, counter);
                    entry.result = Some(Ok(done));
                }
            }
        }
        while let Some(task) = entry.tasks.front().cloned() {
            if !self.knows_scope(entry) {
                return;
            }
            let bound = match entry.item.retry_mode {
                RetryMode::OneStep => 1,
                _ if entry.item.verb.is_some() => self.bounds.inline_steps,
                _ => self.bounds.inline_steps.max(1),
            };
            let exhausted = entry.item.retry_mode == RetryMode::WithoutReactions || entry.steps >= bound;
            let put_off = entry
                .put_off
                .or_else(|| (entry.item.retry_mode == RetryMode::Later).then(|| self.a_little_later(outcome)));
            let done = match (entry.item.retry_mode, put_off) {
                _ if entry.parking.is_some() => self.park(entry, &task),
                (RetryMode::Failed, _) => self.record_failure(entry, &task, &flush_refused(), outcome),
                (_, Some(due)) if self.reactor.may_defer(&task) => self.defer(entry, &task, due, outcome),
                _ if exhausted && self.reactor.may_defer(&task) => {
                    outcome.more_due = true;
                    let now = self.work.now();
                    self.defer(entry, &task, now, outcome)
                }
                _ => self.perform(entry, &task, outcome),
            };
            if !done {
                return;
            }
        }
        entry.state = State::Done;
        self.conclude(entry);
    }

    /// Lets a command replace its answer after all its reactions are done.
    fn conclude(&mut self, entry: &mut BatchEntry) {
        let (Some(finale), Some(Ok(first))) = (&entry.item.finale, &entry.result) else { return };
        if entry.concluded {
            return;
        }
        let act = |work: &mut UnitOfWork| finale(work, first);
        match stage(&mut self.work, &entry.item.scope, entry.item.seed, entry.place, entry.counter, &act) {
            Stage::Halted(wants) => entry.state = State::Halted(wants),
            Stage::Done(Some(anew), _, counter) => {
                entry.counter = counter;
                entry.result = Some(Ok(anew));
                entry.concluded = true;
            }
            Stage::Done(None, ..) => entry.concluded = true,
            Stage::Refused(refusal) => {
                entry.concluded = true;
                tracing::error!(command = entry.item.name, reason = %refusal.sentence, "an answer could not be renewed");
            }
        }
    }

    /// Performs one step of a task; returns false if it halted.
    fn perform(&mut self, entry: &mut BatchEntry, task: &Task, outcome: &mut Outcome) -> bool {
        let reactor = Arc::clone(&self.reactor);
        match self.react(entry, |work| reactor.perform(work, task)) {
            Stage::Halted(wants) => {
                entry.state = State::Halted(wants);
                false
            }
            Stage::Done(progress, tasks, counter) => {
                entry.steps += u32::from(reactor.may_defer(task));
                if progress == Progress::Done {
                    entry.tasks.pop_front();
                }
                entry.take_in(tasks, counter);
                true
            }
            Stage::Refused(refusal) => self.record_failure(entry, task, &refusal, outcome),
        }
    }

    fn record_failure(
        &mut self,
        entry: &mut BatchEntry,
        task: &Task,
        refusal: &Refusal,
        outcome: &mut Outcome,
    ) -> bool {
        outcome.faults += 1;
        tracing::error!(topic = task.topic, key = %task.key, code = %refusal.code, reason = %refusal.sentence,
            "a reaction could not be done");
        let reactor = Arc::clone(&self.reactor);
        self.replace(entry, |work| reactor.fail(work, task, refusal))
    }

    fn defer(&mut self, entry: &mut BatchEntry, task: &Task, due: Moment, outcome: &mut Outcome) -> bool {
        let reactor = Arc::clone(&self.reactor);
        let done = self.replace(entry, |work| reactor.defer(work, task, due));
        outcome.faults += u64::from(!done && !matches!(entry.state, State::Halted(_)));
        done
    }

    /// Runs another action in place of the first task, and removes the task.
    fn replace(&mut self, entry: &mut BatchEntry, act: impl Fn(&mut UnitOfWork) -> Verb<()>) -> bool {
        match self.react(entry, act) {
            Stage::Halted(wants) => {
                entry.state = State::Halted(wants);
                false
            }
            Stage::Done((), tasks, counter) => {
                entry.put_off = None;
                entry.tasks.pop_front();
                entry.take_in(tasks, counter);
                true
            }
            Stage::Refused(refusal) => {
                tracing::error!(reason = %refusal.sentence, "a reaction could be neither done nor put off");
                entry.put_off = None;
                entry.parking = Some(Arc::from(refusal.sentence.as_str()));
                true
            }
        }
    }

    fn react<T>(&mut self, entry: &BatchEntry, act: impl Fn(&mut UnitOfWork) -> Verb<T>) -> Stage<T> {
        let scope = entry.scope.as_ref().unwrap_or(&entry.item.scope);
        stage(&mut self.work, scope, entry.item.seed, entry.place, entry.counter, &act)
    }

    /// Called when another writer holds a row that this item wants: a run is deferred for a moment, any other item is
    /// postponed. A run that can't be deferred is postponed too, since its own row is the busy one.
    fn yield_to_others(&self, entry: &mut BatchEntry, outcome: &mut Outcome) {
        match entry.tasks.front() {
            Some(task) if entry.put_off.is_none() && self.reactor.may_defer(task) => {
                entry.put_off = Some(self.a_little_later(outcome));
                entry.state = State::Runnable;
            }
            _ => entry.state = State::Postponed,
        }
    }

    fn a_little_later(&self, outcome: &mut Outcome) -> Moment {
        let micros = i64::from(self.rng.seed().0[0]) * 80;
        outcome.again_in = Some(outcome.again_in.map_or(micros, |known| known.min(micros)));
        Moment(self.work.now().0 + micros)
    }
}

/// Separates completed items from items that must wait for another batch.
fn part(entries: Vec<BatchEntry>, patience: Patience, outcome: &mut Outcome) -> Vec<BatchEntry> {
    let mut done = Vec::with_capacity(entries.len());
    for entry in entries {
        match entry.state {
            State::Postponed => postpone(entry.item, patience, outcome),
            // A due row that was not begun is still due; its lock ends with this transaction.
            _ if !entry.begun && entry.item.verb.is_none() => outcome.more_due = true,
            _ if !entry.begun => outcome.left.push(entry.item),
            _ => done.push(entry),
        }
    }
    done
}

fn postpone(mut item: Item, patience: Patience, outcome: &mut Outcome) {
    item.postponed += 1;
    if patience == Patience::Wait || item.is_abandoned() {
        item.answer(Err(WriteError::Busy));
    } else {
        outcome.postponed.push(item);
    }
}

/// Removes an item from a batch that is restarted without the item's writes.
fn set_aside(entry: BatchEntry, patience: Patience, items: &mut Vec<Item>, outcome: &mut Outcome) {
    let mut item = entry.item;
    if item.verb.is_some() || !entry.dirty {
        postpone(item, patience, outcome);
    } else if item.retry_mode != RetryMode::Later {
        // Otherwise its row would stay due and be claimed again at once.
        item.retry_mode = RetryMode::Later;
        items.push(item);
    }
}

fn flush_refused() -> Refusal {
    Refusal::internal("what this step wrote was refused by the database")
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
