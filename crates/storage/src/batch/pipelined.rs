//! Writing a batch while the next one is computed. The next batch builds on the one under way: the earlier writes count
//! as committed. If they are not committed after all, the next batch is computed again. Each caller gets its answer
//! once its own batch is committed, so no answer depends on a batch that may still fail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_kernel::Touched;

use super::{Batcher, Outcome};
use crate::engine::{CommitCallbacks, Engine};
use crate::entry::BatchEntry;
use crate::failure::Failure;
use crate::queue::Queue;

/// How many items are computed at a time, so that a batch is handed over soon after the previous one is written. The
/// longer that takes, the more items the batch gathers.
const ITEMS_AT_ONCE: usize = 4;
/// The timeout is only a safeguard: the queue wakes the waiting thread.
const WAIT: Duration = Duration::from_secs(1);

/// The batch that is being written.
pub(super) struct UnderWay {
    /// Its items, until their callers are answered.
    entries: Flights,
    /// The queue that is signaled when writing ends.
    queue: Arc<Queue>,
    count: usize,
    wrote: bool,
}

#[derive(Clone)]
struct Flights(Arc<Mutex<Vec<BatchEntry>>>);

impl Flights {
    fn lock(&self) -> MutexGuard<'_, Vec<BatchEntry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Vec<BatchEntry> {
        std::mem::take(&mut *self.lock())
    }
}

impl<E: Engine> Batcher<E> {
    /// Whether a batch is being written, or its result was not processed yet.
    pub fn is_writing(&self) -> bool {
        self.under_way.is_some()
    }

    /// Whether no batch is being written, or the one that was has ended.
    pub fn is_finished(&self) -> bool {
        self.under_way.as_ref().is_none_or(|under_way| under_way.queue.is_finished())
    }

    /// How many items a batch begins with.
    pub fn items_at_once(&self) -> usize {
        if E::PIPELINED { self.bounds.batch_items.min(ITEMS_AT_ONCE) } else { self.bounds.batch_items }
    }

    /// Adds items from the queue while the previous batch is being written, since this one can't be written yet.
    /// Returns false if it can be, or if no more items fit.
    pub(super) fn gather(&mut self, entries: &mut Vec<BatchEntry>, queue: &Queue) -> bool {
        while !self.is_finished() {
            let room = self.bounds.batch_items.saturating_sub(entries.len());
            let items = queue.more(room.min(ITEMS_AT_ONCE), self.clock.now());
            if !items.is_empty() {
                for item in items {
                    entries.push(BatchEntry::of(item, entries.len()));
                }
                return true;
            }
            if room == 0 || !self.may_block {
                return false;
            }
            queue.wait_for_more(WAIT);
        }
        false
    }

    /// Hands over the changes of this batch, to be written while the next one is computed.
    pub(super) fn commit_in_background(&mut self, touched: Touched, done: Vec<BatchEntry>, queue: &Arc<Queue>) {
        let (count, wrote) = (done.len(), !touched.is_empty());
        let entries = Flights(Arc::new(Mutex::new(done)));
        let (told, end) = (entries.clone(), Arc::clone(queue));
        let callbacks = CommitCallbacks {
            on_committed: Box::new(move || told.take().into_iter().for_each(BatchEntry::reply)),
            on_finished: Box::new(move || end.signal_finished()),
        };
        self.under_way = Some(UnderWay { entries, queue: Arc::clone(queue), count, wrote });
        self.engine.commit_in_background(touched, callbacks);
    }

    /// Waits for the batch that is being written. If it was not written, its items are kept to be run again.
    pub(super) async fn settle(&mut self, outcome: &mut Outcome) -> Result<(), Failure> {
        let Some(UnderWay { entries, queue, count, wrote }) = self.under_way.take() else { return Ok(()) };
        let ended = self.engine.through().await;
        queue.clear_finished();
        match ended {
            Ok(()) => {
                outcome.done += count;
                outcome.batches += 1;
                outcome.wrote |= wrote;
                Ok(())
            }
            Err(why) => {
                let failure = Failure::from(why);
                let keep = failure.is_of_an_item();
                let items: Vec<_> = entries.take().into_iter().filter_map(|entry| entry.kept(keep)).collect();
                // Claimed rows are still due.
                outcome.more_due |= items.len() < count;
                self.failed_batch = Some((items, failure));
                Err(Failure::Before)
            }
        }
    }
}

#[cfg(test)]
#[path = "pipelined_tests.rs"]
mod tests;
