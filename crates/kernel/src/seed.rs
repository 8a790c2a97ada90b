//! Randomness is an argument. Each item of a batch owns a [`Seed`]; what it draws is the same each time the item runs
//! again, so that running a verb twice changes nothing.

use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::id::base32;
use crate::moment::Moment;

/// A source of seeds.
pub trait Rng: Send + Sync {
    /// Thirty-two bytes: unpredictable in production, repeatable in tests.
    fn seed(&self) -> Seed;
}

/// The operating system's randomness. No other code reads it.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    #[expect(clippy::disallowed_methods, reason = "this is the room chance lives in")]
    fn seed(&self) -> Seed {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).expect("the operating system returns random bytes");
        Seed(bytes)
    }
}

/// Repeatable randomness: the same number gives the same seeds in the same order.
#[derive(Debug)]
pub struct SeededRng(Mutex<(u64, u64)>);

impl SeededRng {
    /// Starts the sequence for `number`.
    pub fn new(number: u64) -> Self {
        Self(Mutex::new((number, 0)))
    }
}

impl Rng for SeededRng {
    fn seed(&self) -> Seed {
        let mut state = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        state.1 += 1;
        let mut hash = Sha256::new();
        hash.update(state.0.to_le_bytes());
        hash.update(state.1.to_le_bytes());
        Seed(hash.finalize().into())
    }
}

/// The seed from which one item draws its ids and secrets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seed(…)")
    }
}

impl Seed {
    /// The `counter`-th thirty-two bytes of this seed.
    pub fn draw(&self, counter: u32) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(counter.to_le_bytes());
        hash.finalize().into()
    }

    /// A new id for something that is not a row, such as a request.
    pub fn fresh_id(&self, now: Moment, prefix: &str) -> String {
        format!("{prefix}_{}", self.id(now, 0, 0))
    }

    /// A UUIDv7 in TypeID's letters: milliseconds, then the item's index in its batch, then the item's own counter,
    /// then 46 random bits; so the ids of one batch sort in the order in which they were made.
    pub(crate) fn id(&self, now: Moment, place: u16, counter: u32) -> String {
        let random = self.draw(counter);
        let mut tail = [0; 8];
        tail.copy_from_slice(&random[..8]);
        let random = u128::from(u64::from_le_bytes(tail)) & ((1 << 46) - 1);
        let time = u128::from(now.milliseconds().unsigned_abs()) & ((1 << 48) - 1);
        let place = u128::from(place & 0xfff);
        let counter = u128::from(counter & 0xffff);
        base32((time << 80) | (7 << 76) | (place << 64) | (2 << 62) | (counter << 46) | random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_counter_give_the_same_id() {
        let seed = SeededRng::new(7).seed();

        assert_eq!(seed.id(Moment(1), 0, 1), seed.id(Moment(1), 0, 1));
        assert_ne!(seed.id(Moment(1), 0, 1), seed.id(Moment(1), 0, 2));
    }

    #[test]
    fn ids_of_one_batch_sort_in_the_order_they_were_made() {
        let (first, second) = (SeededRng::new(1).seed(), SeededRng::new(2).seed());
        let now = Moment(1_700_000_000_000_000);

        let ids = [first.id(now, 0, 0), first.id(now, 0, 1), second.id(now, 1, 0), second.id(now, 1, 300)];

        assert!(ids.is_sorted());
    }

    #[test]
    fn an_id_is_a_uuid_of_version_seven() {
        let id = SystemRng.seed().id(Moment(1_700_000_000_000_000), 3, 4);
        let bits = id.bytes().fold(0_u128, |bits, c| {
            (bits << 5) | b"0123456789abcdefghjkmnpqrstvwxyz".iter().position(|x| *x == c).unwrap() as u128
        });

        assert_eq!((bits >> 76) & 15, 7);
        assert_eq!((bits >> 62) & 3, 2);
    }
}
