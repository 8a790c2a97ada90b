//! Whether the calls that clients made on one register can be explained by an order in which each call happened at one
//! instant between its request and its response (Wing and Gong's search, with Lowe's memory of tried states).
//!
//! Three rules make it short. A read that finds the value it saw may be taken at once: it changes nothing, so no order
//! is lost. Only calls requested before the earliest open response can come next: a later request was made after that
//! response, so that call is done before it. And a write without a response need not have happened, so it is taken only
//! for a read that can come next and saw its value: a write that is not seen before the next write can be left out of
//! any order.

use std::collections::HashSet;

/// The maximum number of states tried: the history of a correct register needs a few thousand.
const TRIED_MAX: usize = 400_000;

/// The effect of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Did {
    /// It saw this value.
    Read(usize),
    /// It set this value.
    Write(usize),
}

/// A call from the view of its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Its effect.
    pub did: Did,
    /// The time of the request.
    pub asked: i64,
    /// The time of the response; a write without one may happen at any time after its request, or never.
    pub answered: Option<i64>,
}

/// A subset of the calls that are done, and the value after them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Explained {
    value: usize,
    /// One bit per call.
    done: Vec<u64>,
    /// All calls before this index are done.
    first: usize,
}

impl Explained {
    fn has(&self, place: usize) -> bool {
        self.done[place / 64] & (1 << (place % 64)) != 0
    }

    fn add(&mut self, place: usize, did: Did) {
        self.done[place / 64] |= 1 << (place % 64);
        while self.first < self.done.len() * 64 && self.has(self.first) {
            self.first += 1;
        }
        if let Did::Write(value) = did {
            self.value = value;
        }
    }

    /// The calls that can come next, in the order of their requests.
    fn next(&self, calls: &[Call]) -> Vec<usize> {
        let mut earliest = i64::MAX;
        let mut next = Vec::new();
        for (place, call) in calls.iter().enumerate().skip(self.first).filter(|(place, _)| !self.has(*place)) {
            if call.asked > earliest {
                break;
            }
            earliest = earliest.min(call.answered.unwrap_or(i64::MAX));
            next.push(place);
        }
        next.retain(|place| calls[*place].asked <= earliest);
        next
    }

    /// Takes every read that sees the current value.
    fn take_reads(&mut self, calls: &[Call]) {
        loop {
            let read = Did::Read(self.value);
            let seen = self.next(calls).into_iter().find(|place| calls[*place].did == read);
            let Some(place) = seen else { return };
            self.add(place, read);
        }
    }

    /// Whether a read that can come next needs a value that no write can set before its response.
    fn is_stuck(&self, calls: &[Call]) -> bool {
        let can_set = |value: usize, until: i64| {
            let mut open = calls.iter().enumerate().skip(self.first).take_while(|(_, call)| call.asked < until);
            open.any(|(place, call)| call.did == Did::Write(value) && !self.has(place))
        };
        self.next(calls).into_iter().any(|place| match calls[place] {
            Call { did: Did::Read(value), answered: Some(until), .. } => !can_set(value, until),
            _ => false,
        })
    }

    /// The writes to try next.
    fn writes(&self, calls: &[Call]) -> Vec<usize> {
        let next = self.next(calls);
        let is_seen = |value: usize| next.iter().any(|place| calls[*place].did == Did::Read(value));
        let mut unanswered = HashSet::new();
        let is_worth = |place: &usize| match calls[*place] {
            Call { did: Did::Read(_), .. } => false,
            Call { answered: Some(_), .. } => true,
            // Of several writes of the same value, one is as good as another.
            Call { did: Did::Write(value), .. } => is_seen(value) && unanswered.insert(value),
        };
        let mut writes: Vec<usize> = next.iter().copied().filter(is_worth).collect();
        // The call with the earliest response usually comes first: it is tried first, so it is pushed last.
        writes.sort_by_key(|place| std::cmp::Reverse(calls[*place].answered.unwrap_or(i64::MAX)));
        writes
    }

    /// The number of explained calls with a response.
    fn count(&self, calls: &[Call]) -> usize {
        calls.iter().enumerate().filter(|(place, call)| call.answered.is_some() && self.has(*place)).count()
    }
}

/// Searches an order; if there is none, returns the calls at which the longest explanation ended.
pub fn explain(initial: usize, calls: &[Call]) -> Result<(), Vec<Call>> {
    let mut calls: Vec<Call> =
        calls.iter().filter(|call| call.answered.is_some() || matches!(call.did, Did::Write(_))).copied().collect();
    calls.sort_by_key(|call| call.asked);
    let answered = calls.iter().filter(|call| call.answered.is_some()).count();
    let mut tried = HashSet::new();
    let mut longest = (0, Vec::new());
    let mut open = vec![Explained { value: initial, done: vec![0; calls.len().div_ceil(64)], first: 0 }];
    while let Some(mut explained) = open.pop() {
        explained.take_reads(&calls);
        let count = explained.count(&calls);
        if count == answered {
            return Ok(());
        }
        if tried.len() == TRIED_MAX {
            break;
        }
        if !tried.insert(explained.clone()) {
            continue;
        }
        if count >= longest.0 {
            longest = (count, explained.next(&calls).iter().map(|place| calls[*place]).collect());
        }
        if explained.is_stuck(&calls) {
            continue;
        }
        for place in explained.writes(&calls) {
            let mut longer = explained.clone();
            longer.add(place, calls[place].did);
            open.push(longer);
        }
    }
    Err(longest.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    fn call(did: Did, asked: i64, answered: i64) -> Call {
        Call { did, asked, answered: Some(answered) }
    }

    #[test]
    fn calls_one_after_the_other_are_explained_by_their_order() {
        let calls = [call(Did::Read(0), 0, 1), call(Did::Write(1), 2, 3), call(Did::Read(1), 4, 5)];

        assert_eq!(explain(0, &calls), Ok(()));
    }

    #[test]
    fn a_read_that_sees_an_old_value_after_a_write_was_answered_can_not_be_explained() {
        let stale = call(Did::Read(0), 4, 5);
        let calls = [call(Did::Write(1), 2, 3), stale];

        assert_eq!(explain(0, &calls), Err(vec![stale]));
    }

    #[test]
    fn a_read_during_a_write_may_see_either_value() {
        for seen in [0, 1] {
            let calls = [call(Did::Write(1), 0, 10), call(Did::Read(seen), 2, 3)];

            assert_eq!(explain(0, &calls), Ok(()), "{seen}");
        }
    }

    #[test]
    fn a_value_that_was_seen_does_not_disappear() {
        let calls = [call(Did::Write(1), 0, 10), call(Did::Read(1), 2, 3), call(Did::Read(0), 4, 5)];

        assert!(explain(0, &calls).is_err());
    }

    #[test]
    fn a_lost_write_is_noticed() {
        let calls = [call(Did::Write(1), 0, 1), call(Did::Write(2), 2, 3), call(Did::Read(1), 4, 5)];

        assert!(explain(0, &calls).is_err());
    }

    #[test]
    fn two_readers_agree_on_the_order_of_two_writes() {
        let writes = [call(Did::Write(1), 0, 100), call(Did::Write(2), 0, 100)];
        let agreeing = [call(Did::Read(1), 1, 2), call(Did::Read(2), 3, 4), call(Did::Read(2), 3, 5)];
        let contradicting = [call(Did::Read(1), 1, 2), call(Did::Read(2), 3, 4), call(Did::Read(1), 5, 6)];

        assert_eq!(explain(0, &[&writes[..], &agreeing].concat()), Ok(()));
        assert!(explain(0, &[&writes[..], &contradicting].concat()).is_err());
    }

    #[test]
    fn a_write_without_an_answer_may_happen_late_or_never() {
        let lost = Call { did: Did::Write(1), asked: 0, answered: None };
        for seen in [0, 1] {
            assert_eq!(explain(0, &[lost, call(Did::Read(seen), 50, 51)]), Ok(()), "{seen}");
        }
        let flickering = [lost, call(Did::Read(1), 50, 51), call(Did::Read(0), 60, 61)];

        assert!(explain(0, &flickering).is_err());
    }

    #[test]
    fn a_value_that_was_never_written_can_not_be_explained() {
        assert!(explain(0, &[call(Did::Read(7), 0, 1)]).is_err());
    }

    /// The history of a correct register: each call happens at one instant.
    fn history(seed: u64, clients: usize, each: usize) -> Vec<Call> {
        let chance = Chance::new(seed);
        let tick = |end: usize| i64::try_from(chance.below(end)).unwrap_or(0);
        let mut instants = Vec::new();
        for client in 0..clients {
            let mut now = tick(50);
            for _ in 0..each {
                let (asked, happened) = (now, now + 1 + tick(40));
                let answered = happened + 1 + tick(40);
                now = answered + 1 + tick(20);
                instants.push((happened, client, asked, answered, chance.one_in(2), chance.below(20)));
            }
        }
        instants.sort_unstable();
        let mut value = 0;
        let done = instants.into_iter().map(|(_, _, asked, answered, writes, wanted)| {
            value = if writes { wanted } else { value };
            call(if writes { Did::Write(wanted) } else { Did::Read(value) }, asked, answered)
        });
        done.collect()
    }

    #[test]
    fn many_clients_of_a_correct_register_are_explained() {
        for seed in 0..20 {
            assert_eq!(explain(0, &history(seed, 16, 50)), Ok(()), "seed {seed}");
        }
    }

    /// Makes one of `every` calls a write without a response.
    fn losing(mut calls: Vec<Call>, every: usize) -> Vec<Call> {
        for call in calls.iter_mut().step_by(every).filter(|call| matches!(call.did, Did::Write(_))) {
            call.answered = None;
        }
        calls
    }

    #[test]
    fn many_writes_without_an_answer_are_explained() {
        for seed in 0..20 {
            assert_eq!(explain(0, &losing(history(seed, 8, 100), 20)), Ok(()), "seed {seed}");
        }
    }

    #[test]
    fn one_wrong_read_among_many_calls_is_found() {
        for seed in 0..20 {
            let mut calls = history(seed, 8, 30);
            let last = calls.iter().map(|call| call.answered.unwrap_or(0)).max().unwrap_or(0);
            let value = calls.iter().rev().find_map(|call| match call.did {
                Did::Write(value) => Some(value),
                Did::Read(_) => None,
            });
            let other = (value.unwrap_or(0) + 1) % 20;
            // Long after the last call, an outdated value, unless a write without a response set it.
            calls.push(call(Did::Read(value.unwrap_or(0)), last + 1, last + 2));
            calls.push(call(Did::Read(other), last + 3, last + 4));

            assert!(explain(0, &calls).is_err(), "seed {seed}");
        }
    }
}
