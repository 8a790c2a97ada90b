//! Numbers of sequences: drawn by verbs, and returned if the batch is not written.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::{Undo, UnitOfWork};
use crate::refusal::Verb;
use crate::rows::Sequence;
use crate::want::{Unused, Want};

impl UnitOfWork {
    /// The next number of a sequence: unique, rising on each node, gaps allowed. A refused stage's are drawn again.
    pub fn number(&mut self, scope: &str, sequence: &str) -> Verb<i64> {
        let sequence: Sequence = (Arc::from(scope), Arc::from(sequence));
        let Some(ranges) = self.numbers.get_mut(&sequence).filter(|ranges| !ranges.is_empty()) else {
            // A stage that has drawn many numbers will draw more: it asks for as many again.
            let so_far =
                self.undo.iter().filter(|undo| matches!(undo, Undo::Number { sequence: of, .. } if *of == sequence));
            let count = u32::try_from(so_far.count()).unwrap_or(u32::MAX).saturating_add(1);
            return self.missing(Want::Numbers { scope: sequence.0, sequence: sequence.1, count });
        };
        let number = ranges[0].0;
        ranges[0].0 += 1;
        if ranges[0].0 >= ranges[0].1 {
            ranges.pop_front();
        }
        self.drawn.push((sequence.clone(), number));
        self.undo.push(Undo::Number { sequence, number });
        Ok(number)
    }

    pub(super) fn put_back(&mut self, sequence: Sequence, number: i64) {
        let ranges = self.numbers.entry(sequence).or_default();
        match ranges.front_mut() {
            Some(range) if range.0 == number + 1 => range.0 = number,
            _ => ranges.push_front((number, number + 1)),
        }
    }

    /// Returns the numbers that this batch drew to their sequences: nothing of the batch was written or will be.
    pub fn take_back_numbers(&mut self) {
        while let Some((sequence, number)) = self.drawn.pop() {
            self.put_back(sequence, number);
        }
    }

    /// Removes and returns the numbers that were reserved and not drawn.
    pub fn unused_numbers(&mut self) -> Vec<Unused> {
        let sequences = self.numbers.drain().filter(|(_, ranges)| !ranges.is_empty());
        sequences.map(|((scope, sequence), ranges)| Unused { scope, sequence, ranges: ranges.into() }).collect()
    }

    /// The sequences from which this batch drew, each with the lowest number that was not drawn.
    pub(super) fn sequences(&self) -> Vec<(Arc<str>, Arc<str>, i64)> {
        let mut sequences: HashMap<&Sequence, i64> = HashMap::new();
        for (sequence, number) in &self.drawn {
            let next = sequences.entry(sequence).or_default();
            *next = (*next).max(number + 1);
        }
        for (sequence, next) in &mut sequences {
            if let Some((first, _)) = self.numbers.get(*sequence).and_then(VecDeque::front) {
                *next = *first;
            }
        }
        sequences.into_iter().map(|((scope, name), next)| (Arc::clone(scope), Arc::clone(name), next)).collect()
    }
}
