//! One node over any engine, turned by hand: the same queue, loop and batches that threads and tasks drive, for
//! whoever wants to decide himself what happens next.

use crate::batch::Batcher;
use crate::engine::Engine;
use crate::failure::Rest;
use crate::writer::{Lane, Pace, Parts, Writer};

/// What a node wants after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Another turn at once: there is more to do.
    More,
    /// A turn when a command comes, somebody nudges, or a second has gone by.
    Wait,
    /// A turn in a second: the database failed.
    Rest,
}

/// A node of one lane. Dropping it, even in the middle of a turn, is what a crash does: what it had not committed is
/// lost, and its callers never hear of it.
pub struct Node<E> {
    writer: Writer,
    lane: Lane,
    batcher: Batcher<E>,
    pace: Pace,
}

impl<E> std::fmt::Debug for Node<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("waiting", &self.writer.waiting()).finish_non_exhaustive()
    }
}

impl<E: Engine> Node<E> {
    /// A node with nothing to do yet.
    pub fn new(engine: E, parts: &Parts) -> Self {
        let (writer, lane) = Writer::with_lane(parts);
        Self { writer, lane, batcher: Batcher::new(engine, parts), pace: Pace::default() }
    }

    /// Where its commands are handed over.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Takes what waits and is due, and runs it as one batch.
    pub async fn turn(&mut self) -> Wish {
        self.lane.turn(&mut self.batcher, &mut self.pace).await;
        match (self.pace.rest != Rest::No, self.pace.busy) {
            (true, _) => Wish::Rest,
            (false, true) => Wish::More,
            (false, false) => Wish::Wait,
        }
    }
}
