//! One batch: begin, run every item's verb and its reactions, load missing rows, flush, commit, answer.

mod aside;
mod due;
mod tries;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use docket_kernel::{Clock, Moment, Progress, Refusal, Rng, Scope, Task, UnitOfWork, Verb, Want, Wants};

use self::aside::UnderWay;
pub(crate) use self::tries::give_up;
use crate::engine::{CommitError, Engine, Patience};
use crate::failure::{Failure, Rest};
use crate::flight::{Flight, Stage, State, stage};
use crate::item::{Fate, Item, Reactor, WriteError};
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
    fallen: Option<(Vec<Item>, Failure)>,
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
            fallen: None,
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
        let mut flights = Vec::with_capacity(items.len() + claim);
        for item in items.drain(..) {
            flights.push(Flight::of(item, flights.len()));
        }
        let mut done = self.fly(&mut flights, claim, patience, started, from, outcome).await;
        if done.is_ok() {
            done = self.write(&mut flights, patience, from, outcome).await;
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
            for flight in flights {
                match flight.state {
                    State::Postponed if is_busy => set_aside(flight, patience, items, outcome),
                    _ => items.extend(flight.kept(keep)),
                }
            }
            return Err(failure);
        }
        self.return_numbers();
        for flight in part(flights, patience, outcome) {
            outcome.done += 1;
            flight.tell();
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
        flights: &mut Vec<Flight>,
        patience: Patience,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let touched = self.work.touched();
        self.settle(outcome).await?;
        if let Some(queue) = from.filter(|_| E::WRITES_ASIDE) {
            let done = part(std::mem::take(flights), patience, outcome);
            self.write_aside(touched, done, queue);
            return Ok(());
        }
        outcome.wrote |= !touched.is_empty();
        self.engine.flush(&touched.encode()).await?;
        self.engine.commit().await.map_err(Failure::Commit)?;
        outcome.batches += 1;
        Ok(())
    }

    async fn fly(
        &mut self,
        flights: &mut Vec<Flight>,
        claim: usize,
        patience: Patience,
        started: Moment,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        self.claim(flights, claim, outcome).await?;
        let has_due = flights.iter().any(|flight| flight.item.verb.is_none());
        let mut steps = 0;
        loop {
            let mut wants = Wants::default();
            for flight in flights.iter_mut() {
                if matches!(flight.state, State::Halted(_)) {
                    flight.state = State::Runnable;
                }
                let keeps_room = has_due && flight.item.verb.is_some();
                let goes = flight.begun || flight.place == 0 || !self.is_full(steps, started, keeps_room);
                if matches!(flight.state, State::Runnable) && goes {
                    flight.begun = true;
                    let before = flight.steps;
                    self.progress(flight, outcome);
                    steps += flight.steps - before;
                }
                if let State::Halted(wanted) = &flight.state {
                    flight.halts += 1;
                    flight.loads += 1;
                    for want in wanted {
                        wants.add(want);
                    }
                }
            }
            let wants = wants.into_list();
            if wants.is_empty() {
                let may_take = !self.is_full(steps, started, has_due);
                if may_take && from.is_some_and(|queue| self.gather(flights, queue)) {
                    continue;
                }
                break;
            }
            if flights.iter().any(|flight| flight.halts > HALTS_MAX) {
                return Err(Failure::endless());
            }
            let loaded = self.engine.load(&wants, patience).await.map_err(Failure::of_load)?;
            let busy: HashSet<Want> = loaded.busy.iter().filter_map(|place| wants.get(*place).cloned()).collect();
            self.work.absorb(&wants, loaded).map_err(Failure::unreadable)?;
            // Several items may load more together than one alone. If they exceed that too, each item runs alone.
            if self.work.weight().1 > LOAD_BYTES_MAX.saturating_mul(flights.len().min(2)) {
                return Err(Failure::too_large());
            }
            for flight in flights.iter_mut() {
                if matches!(&flight.state, State::Halted(wanted) if wanted.iter().any(|want| busy.contains(want))) {
                    self.yield_to_others(flight, outcome);
                }
            }
            if flights.iter().any(|flight| matches!(flight.state, State::Postponed) && flight.dirty) {
                return Err(Failure::Busy);
            }
        }
        let loads = flights.iter().map(|flight| flight.loads).max();
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
    fn progress(&mut self, flight: &mut Flight, outcome: &mut Outcome) {
        if flight.result.is_none()
            && let Some(verb) = &flight.item.verb
        {
            match stage(&mut self.work, &flight.item.scope, flight.item.seed, flight.place, flight.counter, verb) {
                Stage::Halted(wants) => {
                    flight.state = State::Halted(wants);
                    return;
                }
                Stage::Refused(refusal) => flight.result = Some(Err(WriteError::Refused(refusal))),
                Stage::Done(done, tasks, counter) => {
                    flight.take_in(tasks, counter);
                    flight.result = Some(Ok(done));
                }
            }
        }
        while let Some(task) = flight.tasks.front().cloned() {
            if !self.knows_scope(flight) {
                return;
            }
            let bound = match flight.item.fate {
                Fate::OneStep => 1,
                _ if flight.item.verb.is_some() => self.bounds.inline_steps,
                _ => self.bounds.inline_steps.max(1),
            };
            let exhausted = flight.item.fate == Fate::WithoutReactions || flight.steps >= bound;
            let put_off =
                flight.put_off.or_else(|| (flight.item.fate == Fate::Later).then(|| self.a_little_later(outcome)));
            let done = match (flight.item.fate, put_off) {
                _ if flight.parking.is_some() => self.park(flight, &task),
                (Fate::Failed, _) => self.record_failure(flight, &task, &flush_refused(), outcome),
                (_, Some(due)) if self.reactor.may_defer(&task) => self.defer(flight, &task, due, outcome),
                _ if exhausted && self.reactor.may_defer(&task) => {
                    outcome.more_due = true;
                    let now = self.work.now();
                    self.defer(flight, &task, now, outcome)
                }
                _ => self.perform(flight, &task, outcome),
            };
            if !done {
                return;
            }
        }
        flight.state = State::Done;
        self.conclude(flight);
    }

    /// Lets a command replace its answer after all its reactions are done.
    fn conclude(&mut self, flight: &mut Flight) {
        let (Some(finale), Some(Ok(first))) = (&flight.item.finale, &flight.result) else { return };
        if flight.concluded {
            return;
        }
        let act = |work: &mut UnitOfWork| finale(work, first);
        match stage(&mut self.work, &flight.item.scope, flight.item.seed, flight.place, flight.counter, &act) {
            Stage::Halted(wants) => flight.state = State::Halted(wants),
            Stage::Done(Some(anew), _, counter) => {
                flight.counter = counter;
                flight.result = Some(Ok(anew));
                flight.concluded = true;
            }
            Stage::Done(None, ..) => flight.concluded = true,
            Stage::Refused(refusal) => {
                flight.concluded = true;
                tracing::error!(command = flight.item.name, reason = %refusal.sentence, "an answer could not be renewed");
            }
        }
    }

    /// Performs one step of a task; returns false if it halted.
    fn perform(&mut self, flight: &mut Flight, task: &Task, outcome: &mut Outcome) -> bool {
        let reactor = Arc::clone(&self.reactor);
        match self.react(flight, |work| reactor.perform(work, task)) {
            Stage::Halted(wants) => {
                flight.state = State::Halted(wants);
                false
            }
            Stage::Done(progress, tasks, counter) => {
                flight.steps += u32::from(reactor.may_defer(task));
                if progress == Progress::Done {
                    flight.tasks.pop_front();
                }
                flight.take_in(tasks, counter);
                true
            }
            Stage::Refused(refusal) => self.record_failure(flight, task, &refusal, outcome),
        }
    }

    fn record_failure(&mut self, flight: &mut Flight, task: &Task, refusal: &Refusal, outcome: &mut Outcome) -> bool {
        outcome.faults += 1;
        tracing::error!(topic = task.topic, key = %task.key, code = %refusal.code, reason = %refusal.sentence,
            "a reaction could not be done");
        let reactor = Arc::clone(&self.reactor);
        self.replace(flight, |work| reactor.fail(work, task, refusal))
    }

    fn defer(&mut self, flight: &mut Flight, task: &Task, due: Moment, outcome: &mut Outcome) -> bool {
        let reactor = Arc::clone(&self.reactor);
        let done = self.replace(flight, |work| reactor.defer(work, task, due));
        outcome.faults += u64::from(!done && !matches!(flight.state, State::Halted(_)));
        done
    }

    /// Runs another action in place of the first task, and removes the task.
    fn replace(&mut self, flight: &mut Flight, act: impl Fn(&mut UnitOfWork) -> Verb<()>) -> bool {
        match self.react(flight, act) {
            Stage::Halted(wants) => {
                flight.state = State::Halted(wants);
                false
            }
            Stage::Done((), tasks, counter) => {
                flight.put_off = None;
                flight.tasks.pop_front();
                flight.take_in(tasks, counter);
                true
            }
            Stage::Refused(refusal) => {
                tracing::error!(reason = %refusal.sentence, "a reaction could be neither done nor put off");
                flight.put_off = None;
                flight.parking = Some(Arc::from(refusal.sentence.as_str()));
                true
            }
        }
    }

    fn react<T>(&mut self, flight: &Flight, act: impl Fn(&mut UnitOfWork) -> Verb<T>) -> Stage<T> {
        let scope = flight.scope.as_ref().unwrap_or(&flight.item.scope);
        stage(&mut self.work, scope, flight.item.seed, flight.place, flight.counter, &act)
    }

    /// Called when another writer holds a row that this item wants: a run is deferred for a moment, any other item is
    /// postponed. A run that can't be deferred is postponed too, since its own row is the busy one.
    fn yield_to_others(&self, flight: &mut Flight, outcome: &mut Outcome) {
        match flight.tasks.front() {
            Some(task) if flight.put_off.is_none() && self.reactor.may_defer(task) => {
                flight.put_off = Some(self.a_little_later(outcome));
                flight.state = State::Runnable;
            }
            _ => flight.state = State::Postponed,
        }
    }

    fn a_little_later(&self, outcome: &mut Outcome) -> Moment {
        let micros = i64::from(self.rng.seed().0[0]) * 80;
        outcome.again_in = Some(outcome.again_in.map_or(micros, |known| known.min(micros)));
        Moment(self.work.now().0 + micros)
    }
}

/// Separates completed items from items that must wait for another batch.
fn part(flights: Vec<Flight>, patience: Patience, outcome: &mut Outcome) -> Vec<Flight> {
    let mut done = Vec::with_capacity(flights.len());
    for flight in flights {
        match flight.state {
            State::Postponed => postpone(flight.item, patience, outcome),
            // A due row that was not begun is still due; its lock ends with this transaction.
            _ if !flight.begun && flight.item.verb.is_none() => outcome.more_due = true,
            _ if !flight.begun => outcome.left.push(flight.item),
            _ => done.push(flight),
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
fn set_aside(flight: Flight, patience: Patience, items: &mut Vec<Item>, outcome: &mut Outcome) {
    let mut item = flight.item;
    if item.verb.is_some() || !flight.dirty {
        postpone(item, patience, outcome);
    } else if item.fate != Fate::Later {
        // Otherwise its row would stay due and be claimed again at once.
        item.fate = Fate::Later;
        items.push(item);
    }
}

fn flush_refused() -> Refusal {
    Refusal::internal("what this step wrote was refused by the database")
}

#[cfg(test)]
#[path = "batch_tests.rs"]
mod tests;
