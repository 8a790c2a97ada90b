//! An item in a batch, and its stages: each stage happens completely or not at all.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use docket_kernel::{Halt, Moment, Refusal, Scope, Seed, Task, UnitOfWork, Verb, Want};

use crate::item::{Item, Reply, RetryMode};

/// The progress of an item.
pub(crate) enum State {
    Runnable,
    Halted(Vec<Want>),
    Postponed,
    Done,
}

/// An item in a batch.
pub(crate) struct BatchEntry {
    pub item: Item,
    pub place: u16,
    pub counter: u32,
    pub result: Option<Reply>,
    pub tasks: VecDeque<Task>,
    pub steps: u32,
    /// How often its current stage halted.
    pub halts: u32,
    /// How often rows were loaded for it.
    pub loads: u32,
    pub begun: bool,
    /// A stage is done: its writes are in the unit of work.
    pub dirty: bool,
    /// Its first task met a busy row, and is deferred until this time.
    pub put_off: Option<Moment>,
    /// Its first task can be neither done nor recorded as failed, for this reason.
    pub parking: Option<Arc<str>>,
    /// Which rows its reactions see, once determined.
    pub scope: Option<Scope>,
    /// The answer is final: the item's finale has run.
    pub concluded: bool,
    pub state: State,
}

impl BatchEntry {
    pub fn of(item: Item, place: usize) -> Self {
        let tasks = item.tasks.iter().cloned().collect();
        let parking = item.reason.clone().filter(|_| item.retry_mode == RetryMode::Parked);
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        Self {
            item,
            place,
            counter: 0,
            result: None,
            tasks,
            steps: 0,
            halts: 0,
            loads: 0,
            begun: false,
            dirty: false,
            put_off: None,
            parking,
            scope: None,
            concluded: false,
            state: State::Runnable,
        }
    }

    /// Answers the caller: the item is committed.
    pub fn reply(mut self) {
        if let Some(result) = self.result.take() {
            self.item.answer(result);
        }
    }

    /// The item, to be run again. Due work is dropped since it stays due, unless `keep` is set.
    pub fn kept(self, keep: bool) -> Option<Item> {
        (self.item.verb.is_some() || self.item.retry_mode == RetryMode::Later || keep).then_some(self.item)
    }

    /// Adds the queued tasks of a completed stage, and stores its counter.
    pub fn take_in(&mut self, tasks: Vec<Task>, counter: u32) {
        self.dirty = true;
        self.halts = 0;
        self.counter = counter;
        self.tasks.extend(tasks);
    }
}

/// The result of a stage.
pub(crate) enum Stage<T> {
    Done(T, Vec<Task>, u32),
    Halted(Vec<Want>),
    Refused(Refusal),
}

/// Runs one stage of an item: completely or not at all.
pub(crate) fn stage<T>(
    work: &mut UnitOfWork,
    scope: &Scope,
    seed: Seed,
    place: u16,
    counter: u32,
    act: &dyn Fn(&mut UnitOfWork) -> Verb<T>,
) -> Stage<T> {
    work.begin_stage(scope, seed, place, counter);
    let mark = work.mark();
    let result = catch_unwind(AssertUnwindSafe(|| act(work)));
    if work.is_halted() {
        work.undo_to(mark);
        return Stage::Halted(work.take_wants());
    }
    match result {
        Ok(Ok(value)) => {
            let (tasks, counter) = work.end_stage();
            Stage::Done(value, tasks, counter)
        }
        Ok(Err(halt)) => {
            work.undo_to(mark);
            match halt {
                Halt::Refused(refusal) => Stage::Refused(refusal),
                Halt::Missing(_) => Stage::Refused(Refusal::internal("a verb halted without saying what it misses")),
            }
        }
        Err(_) => {
            work.undo_to(mark);
            Stage::Refused(Refusal::internal("this request failed unexpectedly; nothing was changed"))
        }
    }
}
