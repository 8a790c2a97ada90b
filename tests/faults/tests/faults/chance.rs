//! All choices of a round are derived from one number.

use docket_kernel::{Rng, SeededRng};

/// A repeatable sequence of choices.
#[derive(Debug)]
pub struct Chance(SeededRng);

impl Chance {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    /// An independent sequence for one part of the round.
    pub fn fork(&self) -> Self {
        Self::new(self.next())
    }

    /// The next 64 bits.
    pub fn next(&self) -> u64 {
        let bytes = self.0.seed().0;
        u64::from_le_bytes(std::array::from_fn(|place| bytes[place]))
    }

    /// A number below `end`.
    pub fn below(&self, end: usize) -> usize {
        usize::try_from(self.next() % end.max(1) as u64).unwrap_or(0)
    }

    /// True once in `n` times.
    pub fn one_in(&self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of these.
    pub fn pick<'t, T>(&self, of: &'t [T]) -> &'t T {
        &of[self.below(of.len())]
    }
}
