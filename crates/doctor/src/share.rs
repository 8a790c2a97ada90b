//! How the doctor bounds its memory: it checks one share of the rows at a time.
//!
//! Rows that must agree are grouped under one key: a case and its events under the case's id, a run and its steps under
//! the run's id. The hash of a key determines its share. A pass over the tables stores the rows of one share; if they
//! exceed the limit, the share is halved, and the other half is left to another pass.

/// The keys whose hash has this remainder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// A power of two.
    modulus: u64,
    remainder: u64,
}

/// The maximum number of shares.
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

    /// The two halves of this share, unless it has the minimum size.
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
