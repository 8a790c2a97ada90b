//! One stage of an item: a verb or a reaction on the unit of work, all of it or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use docket_kernel::{Halt, Refusal, Scope, Seed, Task, UnitOfWork, Verb, Want};

/// How a stage ended.
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
            Stage::Refused(Refusal::internal(
                "the rule for this failed in a way we did not foresee; nothing was changed",
            ))
        }
    }
}
