//! Limits of what is loaded, in bytes.

use docket_kernel::{Cell, Refusal, Row};

/// The limit of one load, and of everything that one item or one view has loaded, in bytes. The items of a batch may load
/// twice as much together.
pub(crate) const LOAD_BYTES_MAX: usize = 64 << 20;

/// Counts bytes up to a limit. The first row is always within it, whatever its size.
#[derive(Debug)]
pub(crate) struct Measure {
    bytes_max: usize,
    bytes: usize,
    is_empty: bool,
}

impl Measure {
    pub const fn within(bytes_max: usize) -> Self {
        Self { bytes_max, bytes: 0, is_empty: true }
    }

    /// Whether a further row of this size is within the limit.
    pub const fn takes(&mut self, bytes: usize) -> bool {
        let sum = self.bytes.saturating_add(bytes);
        if sum > self.bytes_max && !self.is_empty {
            return false;
        }
        self.bytes = sum;
        self.is_empty = false;
        true
    }
}

/// The approximate size of a row, in bytes.
pub(crate) fn bytes_of(row: &Row) -> usize {
    let bytes = row.iter().map(|cell| match cell {
        Cell::Text(text) | Cell::Json(text) => text.len(),
        Cell::Blob(bytes) => bytes.bytes().len(),
        _ => 8,
    });
    bytes.sum()
}

/// The refusal of an item or a view that would load too much.
pub(crate) fn too_large() -> Refusal {
    let mebibytes = LOAD_BYTES_MAX >> 20;
    let sentence = format!(
        "this request would load more than {mebibytes} MiB at once; nothing was changed: narrow it, or split it into \
         several requests"
    );
    Refusal::rule("too-large", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_taken_up_to_the_limit_and_the_first_always() {
        let taken = |bytes_max: usize, rows: &[usize]| {
            let mut measure = Measure::within(bytes_max);
            rows.iter().take_while(|bytes| measure.takes(**bytes)).count()
        };

        assert_eq!(taken(10, &[4, 6, 1]), 2);
        assert_eq!(taken(9, &[4, 6, 1]), 1);
        assert_eq!(taken(1, &[50, 1]), 1);
        assert_eq!(taken(usize::MAX, &[usize::MAX, 1]), 2);
        assert_eq!(taken(0, &[0, 0, 1]), 2);
    }
}
