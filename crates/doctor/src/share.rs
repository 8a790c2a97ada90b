//! How a doctor keeps to a bound of memory: it judges one share of the rows at a time.
//!
//! Rows that must agree meet under one key: a case and its events under the case's id, a run and its steps under the
//! run's. Which share a key belongs to follows from its hash. A pass over the tables keeps what belongs to one share; when
//! that becomes too much, the share is halved, and the other half waits for a pass of its own.

/// The keys whose hash has this remainder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// A power of two.
    modulus: u64,
    remainder: u64,
}

/// There are never more shares.
const SHARES_MAX: u64 = 1 << 16;

impl Default for Share {
    fn default() -> Self {
        Self { modulus: 1, remainder: 0 }
    }
}

impl Share {
    pub const fn has(self, hash: u64) -> bool {
        hash & (self.modulus - 1) == self.remainder
    }

    /// This share in two halves, unless it is as small as shares become.
    pub fn halves(self) -> Option<(Self, Self)> {
        let Self { modulus, remainder } = self;
        let half = |remainder| Self { modulus: modulus * 2, remainder };
        (modulus < SHARES_MAX).then(|| (half(remainder), half(remainder + modulus)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_halves_have_each_key_of_a_share_once() {
        let mut shares = vec![Share::default()];
        for place in [0, 1, 0, 2, 4] {
            let (one, other) = shares.remove(place).halves().expect("halves");
            shares.extend([one, other]);
        }

        for hash in 0..1_000 {
            assert_eq!(shares.iter().filter(|share| share.has(hash)).count(), 1, "{hash}");
        }
    }
}
