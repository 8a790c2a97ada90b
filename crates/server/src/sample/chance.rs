//! Repeatable randomness: the sample is the same every time it is generated.

use docket_kernel::Seed;

/// A sequence of random draws.
#[derive(Debug)]
pub struct Chance {
    seed: Seed,
    drawn: u32,
}

const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Chance {
    /// The sequence for a seed number.
    pub fn of(number: u8) -> Self {
        Self { seed: Seed([number; 32]), drawn: 0 }
    }

    fn draw(&mut self) -> [u8; 32] {
        self.drawn += 1;
        self.seed.draw(self.drawn)
    }

    /// A number from 0 to one less than `end`.
    pub fn below(&mut self, end: i64) -> i64 {
        let bytes = self.draw();
        let number = i64::from_le_bytes(std::array::from_fn(|place| bytes[place]));
        number.rem_euclid(end.max(1))
    }

    /// One of several values.
    pub fn pick<'t, T: ?Sized>(&mut self, among: &[&'t T]) -> &'t T {
        let place = usize::try_from(self.below(i64::try_from(among.len()).unwrap_or(1))).unwrap_or_default();
        among[place]
    }

    /// True in this percentage of draws.
    pub fn percent(&mut self, yes: i64) -> bool {
        self.below(100) < yes
    }

    /// An id in the format of the vendor.
    pub fn vendor_id(&mut self, prefix: &str) -> String {
        let bytes = self.draw();
        let letters: String = bytes[..24].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        format!("{prefix}_{letters}")
    }
}
