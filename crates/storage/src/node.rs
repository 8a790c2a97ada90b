//! One node over any engine, driven by hand: the same queue, loop and batches that threads and tasks drive, for callers
//! that decide on each step themselves.

use crate::batch::Batcher;
use crate::engine::Engine;
use crate::failure::Rest;
use crate::writer::{Lane, Pace, Parts, Writer};

/// What a node needs after a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Another turn at once: there is more work.
    More,
    /// A turn when a command arrives, the node is nudged, or a second has passed.
    Wait,
    /// A turn in a second: the database failed.
    Rest,
}

/// A node of one lane. Dropping it, even in the middle of a turn, acts like a crash: its uncommitted work is lost, and
/// the callers get no answer.
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
    /// A node without work.
    pub fn new(engine: E, parts: &Parts) -> Self {
        let (writer, lane) = Writer::with_lane(parts);
        Self { writer, lane, batcher: Batcher::new(engine, parts), pace: Pace::default() }
    }

    /// The writer to which its commands are submitted.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }

    /// Takes waiting items and due work, and runs them as one batch.
    pub async fn turn(&mut self) -> Wish {
        self.lane.turn(&mut self.batcher, &mut self.pace).await;
        match (self.pace.rest != Rest::No, self.pace.busy) {
            (true, _) => Wish::Rest,
            (false, true) => Wish::More,
            (false, false) => Wish::Wait,
        }
    }
}
