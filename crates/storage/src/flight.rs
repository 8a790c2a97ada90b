//! An item in a batch, and the stages it runs in: all of a stage happens, or nothing of it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use docket_kernel::{Halt, Moment, Refusal, Scope, Seed, Task, UnitOfWork, Verb, Want};

use crate::item::{Fate, Item, Reply};

/// How far an item has come.
pub(crate) enum State {
    Runnable,
    Halted(Vec<Want>),
    Postponed,
    Done,
}

/// An item in a batch.
pub(crate) struct Flight {
    pub item: Item,
    pub place: u16,
    pub counter: u32,
    pub result: Option<Reply>,
    pub tasks: VecDeque<Task>,
    pub steps: u32,
    /// How often its present stage halted.
    pub halts: u32,
    /// How often rows were loaded for it.
    pub loads: u32,
    pub begun: bool,
    /// A stage of it is done: what it wrote is in the unit of work.
    pub dirty: bool,
    /// Its first task met a busy row, and is put off until then instead of done.
    pub put_off: Option<Moment>,
    /// Its first task can be neither done nor recorded as failed, and why.
    pub parking: Option<Arc<str>>,
    /// Whose rows its reactions see, once that is known.
    pub scope: Option<Scope>,
    /// The answer is final: what concludes the item has run.
    pub concluded: bool,
    pub state: State,
}

impl Flight {
    pub fn of(item: Item, place: usize) -> Self {
        let tasks = item.tasks.iter().cloned().collect();
        let parking = item.reason.clone().filter(|_| item.fate == Fate::Parked);
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

    /// Tells the caller: what it did is committed.
    pub fn tell(mut self) {
        if let Some(result) = self.result.take() {
            self.item.answer(result);
        }
    }

    /// The item, to be run again. What is due is not kept unless it is to be judged: it stays due.
    pub fn kept(self, keep: bool) -> Option<Item> {
        (self.item.verb.is_some() || self.item.fate == Fate::Later || keep).then_some(self.item)
    }

    /// Takes in what a stage that is done has queued and drawn.
    pub fn take_in(&mut self, tasks: Vec<Task>, counter: u32) {
        self.dirty = true;
        self.halts = 0;
        self.counter = counter;
        self.tasks.extend(tasks);
    }
}

/// What a stage came to.
pub(crate) enum Stage<T> {
    Done(T, Vec<Task>, u32),
    Halted(Vec<Want>),
    Refused(Refusal),
}

/// Runs one stage of an item: all of it happens, or nothing of it.
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
