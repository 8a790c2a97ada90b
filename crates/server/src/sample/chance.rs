//! Chance that repeats: the same sample every time it is made.

use docket_kernel::Seed;

/// A sequence of draws.
#[derive(Debug)]
pub struct Chance {
    seed: Seed,
    drawn: u32,
}

const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

impl Chance {
    /// The sequence of a number.
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

    /// One of several.
    pub fn pick<'t, T: ?Sized>(&mut self, among: &[&'t T]) -> &'t T {
        let place = usize::try_from(self.below(i64::try_from(among.len()).unwrap_or(1))).unwrap_or_default();
        among[place]
    }

    /// Yes, so many times in a hundred.
    pub fn percent(&mut self, yes: i64) -> bool {
        self.below(100) < yes
    }

    /// An id as a vendor makes them.
    pub fn vendor_id(&mut self, prefix: &str) -> String {
        let bytes = self.draw();
        let letters: String = bytes[..24].iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
        format!("{prefix}_{letters}")
    }
}
