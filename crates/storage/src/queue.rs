//! The items that wait for a writer: bounded, fair between environments, with postponed items kept apart.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_kernel::{Moment, Scope};
use tokio::sync::Notify;

use crate::item::Item;

/// Why the queue refuses an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closed {
    Full,
    Stopping,
}

#[derive(Default)]
struct Waiting {
    by_scope: HashMap<Scope, VecDeque<Item>>,
    /// The order of the environments.
    turns: VecDeque<Scope>,
    delayed: BTreeMap<(Moment, u64), Item>,
    sequence: u64,
    items: usize,
    bytes: usize,
    is_closed: bool,
    /// The lane was nudged: something may be due.
    nudged: bool,
    /// The lane's batch under way has ended, and the lane has not processed the result.
    through: bool,
}

/// The queue of one lane.
pub(crate) struct Queue {
    waiting: Mutex<Waiting>,
    woken: Condvar,
    woken_async: Notify,
    items_max: usize,
    bytes_max: usize,
}

impl Queue {
    pub fn new(items_max: usize, bytes_max: usize) -> Self {
        Self { waiting: Mutex::default(), woken: Condvar::new(), woken_async: Notify::new(), items_max, bytes_max }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wake(&self) {
        self.woken.notify_one();
        self.woken_async.notify_one();
    }

    /// Adds an item, unless the queue is full or closed.
    pub fn push(&self, item: Item) -> Result<(), Closed> {
        let mut waiting = self.lock();
        if waiting.is_closed {
            return Err(Closed::Stopping);
        }
        if waiting.items >= self.items_max || waiting.bytes + item.weight > self.bytes_max {
            return Err(Closed::Full);
        }
        waiting.add(item);
        drop(waiting);
        self.wake();
        Ok(())
    }

    /// Returns items that were taken: they come first, even if the queue is full.
    pub fn give_back(&self, items: Vec<Item>) {
        let mut waiting = self.lock();
        for item in items.into_iter().rev() {
            waiting.items += 1;
            waiting.bytes += item.weight;
            let scope = item.scope.party();
            waiting.by_scope.entry(scope.clone()).or_default().push_front(item);
            if !waiting.turns.contains(&scope) {
                waiting.turns.push_front(scope);
            }
        }
    }

    /// Holds an item back until an instant.
    pub fn delay(&self, item: Item, until: Moment) {
        let mut waiting = self.lock();
        waiting.items += 1;
        waiting.bytes += item.weight;
        waiting.sequence += 1;
        let at = (until, waiting.sequence);
        waiting.delayed.insert(at, item);
    }

    /// Takes up to `max` items, one environment after the other, and returns whether the lane was nudged.
    pub fn take(&self, max: usize, now: Moment) -> (Vec<Item>, bool) {
        let taken = self.more(max, now);
        (taken, std::mem::take(&mut self.lock().nudged))
    }

    /// Takes up to `max` items, one environment after the other.
    pub fn more(&self, max: usize, now: Moment) -> Vec<Item> {
        let mut waiting = self.lock();
        while let Some(entry) = waiting.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            let item = entry.remove();
            waiting.items -= 1;
            waiting.bytes -= item.weight;
            waiting.add(item);
        }
        let mut taken = Vec::new();
        while taken.len() < max {
            let Some(scope) = waiting.turns.pop_front() else { break };
            let Some(queue) = waiting.by_scope.get_mut(&scope) else { continue };
            let item = queue.pop_front();
            if queue.is_empty() {
                waiting.by_scope.remove(&scope);
            } else {
                waiting.turns.push_back(scope);
            }
            if let Some(item) = item {
                waiting.items -= 1;
                waiting.bytes -= item.weight;
                // The caller was gone before its item was taken: the item is certainly not done.
                if !item.is_abandoned() {
                    taken.push(item);
                }
            }
        }
        taken
    }

    /// Signals that the lane's batch under way has ended.
    pub fn signal_finished(&self) {
        self.lock().through = true;
        self.wake();
    }

    /// Whether it has ended, and the lane has not processed the result.
    pub fn is_finished(&self) -> bool {
        self.lock().through
    }

    /// Records that the lane has processed the result.
    pub fn clear_finished(&self) {
        self.lock().through = false;
    }

    /// Blocks the thread until there is an item, or the lane's batch under way has ended.
    pub fn wait_for_more(&self, at_most: Duration) {
        let waiting = self.lock();
        if waiting.turns.is_empty() && !waiting.through {
            drop(self.woken.wait_timeout(waiting, at_most));
        }
    }

    /// Signals that something may be due.
    pub fn nudge(&self) {
        self.lock().nudged = true;
        self.wake();
    }

    /// Accepts no more items.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.wake();
    }

    /// Whether the queue is empty and closed.
    pub fn is_drained(&self) -> bool {
        let waiting = self.lock();
        waiting.is_closed && waiting.items == 0
    }

    /// How many items wait.
    pub fn len(&self) -> usize {
        self.lock().items
    }

    fn is_idle(waiting: &Waiting) -> bool {
        let has_work = !waiting.turns.is_empty() || waiting.nudged || waiting.through;
        let is_over = waiting.is_closed && waiting.items == 0;
        !has_work && !is_over
    }

    /// The maximum pause: until a delayed item is ready, or the poll interval.
    fn rest(waiting: &Waiting, now: Moment, poll: Duration) -> Duration {
        let ready = waiting.delayed.keys().next().map(|(until, _)| until.0.saturating_sub(now.0).max(0));
        ready.map_or(poll, |micros| poll.min(Duration::from_micros(micros.unsigned_abs())))
    }

    /// Blocks the thread until there is work or the poll interval is over.
    pub fn wait_blocking(&self, now: Moment, poll: Duration) {
        let waiting = self.lock();
        if Self::is_idle(&waiting) {
            let rest = Self::rest(&waiting, now, poll);
            drop(self.woken.wait_timeout(waiting, rest));
        }
    }

    /// Waits until there is work or the poll interval is over.
    pub async fn wait(&self, now: Moment, poll: Duration) {
        let woken = self.woken_async.notified();
        let rest = {
            let waiting = self.lock();
            if !Self::is_idle(&waiting) {
                return;
            }
            Self::rest(&waiting, now, poll)
        };
        drop(tokio::time::timeout(rest, woken).await);
    }
}

impl Waiting {
    fn add(&mut self, item: Item) {
        self.items += 1;
        self.bytes += item.weight;
        let scope = item.scope.party();
        if !self.by_scope.contains_key(&scope) {
            self.turns.push_back(scope.clone());
        }
        self.by_scope.entry(scope).or_default().push_back(item);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use docket_kernel::{Rng, SeededRng};

    use super::*;
    use crate::Command;

    /// An item with a waiting caller, and the caller.
    fn item(scope: &str) -> (Item, Box<dyn std::any::Any>) {
        let command = Command::new("test", Scope::Of(Arc::from(scope)), |_| Ok(()));
        let (item, answer) = command.into_item(SeededRng::new(1).seed());
        (item, Box::new(answer))
    }

    #[test]
    fn environments_take_turns() {
        let queue = Queue::new(10, 100_000);
        let mut callers = Vec::new();
        for scope in ["a", "a", "a", "b"] {
            let (item, caller) = item(scope);
            callers.push(caller);
            assert!(queue.push(item).is_ok());
        }

        let (taken, _) = queue.take(2, Moment(0));

        let scopes: Vec<_> = taken.iter().map(|item| item.scope.clone()).collect();
        assert_eq!(scopes, [Scope::Of(Arc::from("a")), Scope::Of(Arc::from("b"))]);
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn a_full_queue_and_a_closed_one_refuse_with_different_errors() {
        let queue = Queue::new(1, 100_000);
        let (first, _caller) = item("a");
        assert!(queue.push(first).is_ok());

        assert_eq!(queue.push(item("a").0).unwrap_err(), Closed::Full);
        queue.close();
        assert_eq!(queue.push(item("a").0).unwrap_err(), Closed::Stopping);
        assert!(!queue.is_drained());
    }

    #[test]
    fn an_item_whose_caller_is_gone_is_never_taken() {
        let queue = Queue::new(10, 100_000);
        assert!(queue.push(item("a").0).is_ok());

        assert!(queue.take(10, Moment(0)).0.is_empty());
        assert_eq!(queue.len(), 0);
    }

    #[test]
    fn a_delayed_item_is_taken_when_its_time_has_come() {
        let queue = Queue::new(10, 100_000);
        let (delayed, _caller) = item("a");
        queue.delay(delayed, Moment(50));

        assert!(queue.take(10, Moment(49)).0.is_empty());
        assert_eq!(queue.take(10, Moment(50)).0.len(), 1);
    }

    #[test]
    fn a_queue_is_limited_by_bytes_as_well_as_by_items() {
        let weigh = |bytes| {
            let command = Command::new("test", Scope::Of(Arc::from("a")), |_| Ok(())).weighing(bytes);
            let (item, answer) = command.into_item(SeededRng::new(1).seed());
            (item, Box::new(answer))
        };
        let queue = Queue::new(10, 1_000);
        let (first, _first) = weigh(700 - 256);
        let (second, _second) = weigh(301 - 256);
        let (third, _third) = weigh(300 - 256);

        assert!(queue.push(first).is_ok());
        assert_eq!(queue.push(second).unwrap_err(), Closed::Full);
        assert!(queue.push(third).is_ok());
        queue.take(1, Moment(0));
        let (again, _again) = weigh(700 - 256);
        assert!(queue.push(again).is_ok(), "taken items free space");
    }

    #[test]
    fn returned_items_come_first_and_in_their_order() {
        let queue = Queue::new(10, 100_000);
        let (mut callers, mut weights) = (Vec::new(), Vec::new());
        for bytes in 1..=3 {
            let command = Command::new("test", Scope::Of(Arc::from("a")), |_| Ok(())).weighing(bytes);
            let (item, answer) = command.into_item(SeededRng::new(1).seed());
            callers.push(answer);
            assert!(queue.push(item).is_ok());
        }
        let (taken, _) = queue.take(2, Moment(0));

        queue.give_back(taken);

        weights.extend(queue.take(3, Moment(0)).0.iter().map(|item| item.weight - 256));
        assert_eq!(weights, [1, 2, 3]);
    }
}
