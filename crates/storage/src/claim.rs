//! Which due rows are claimed: one environment after the other, so that a backlog of one keeps no other from going on.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use docket_kernel::{Cell, Row};

/// Beside the oldest due rows, those of so many environments are looked at in one claim.
pub(crate) const PARTIES_MAX: i64 = 64;
/// So many rows of each.
pub(crate) const ROWS_OF_PARTY: i64 = 4;

/// A due row: its key, and whose it is.
pub(crate) type Pointer = (Arc<str>, Arc<str>);

/// Whose turn it is among those who have due rows of one table.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Whose row was claimed last.
    last: Option<Arc<str>>,
    /// The last environment that was looked at beside the oldest rows.
    pub looked_at: Arc<str>,
}

impl Turns {
    /// Up to so many of these rows, each environment's in the order given, one environment after the other, beginning
    /// with the one after whose row was claimed last.
    pub fn take(&mut self, due: Vec<Pointer>, rows: usize) -> Vec<Arc<str>> {
        let mut by_party: BTreeMap<Arc<str>, VecDeque<Arc<str>>> = BTreeMap::new();
        for (key, party) in due {
            let keys = by_party.entry(party).or_default();
            if !keys.contains(&key) {
                keys.push_back(key);
            }
        }
        let mut parties: VecDeque<_> = by_party.into_iter().collect();
        let before = self.last.as_ref().map_or(0, |last| parties.iter().take_while(|(party, _)| party <= last).count());
        parties.rotate_left(before.checked_rem(parties.len()).unwrap_or(0));
        let mut taken = Vec::new();
        while taken.len() < rows
            && let Some((party, mut keys)) = parties.pop_front()
        {
            if let Some(key) = keys.pop_front() {
                taken.push(key);
                self.last = Some(Arc::clone(&party));
            }
            if !keys.is_empty() {
                parties.push_back((party, keys));
            }
        }
        taken
    }

    /// Notes which environments were looked at; after the last one it begins again with the first.
    pub fn looked(&mut self, parties: &[Arc<str>]) {
        let is_over = i64::try_from(parties.len()).unwrap_or(i64::MAX) < PARTIES_MAX;
        self.looked_at = parties.last().filter(|_| !is_over).cloned().unwrap_or_default();
    }
}

/// About how many bytes a row holds.
pub(crate) fn bytes_of(row: &Row) -> usize {
    let bytes = row.iter().map(|cell| match cell {
        Cell::Text(text) | Cell::Json(text) => text.len(),
        Cell::Blob(bytes) => bytes.bytes().len(),
        _ => 8,
    });
    bytes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(rows: &[(&str, &str)]) -> Vec<Pointer> {
        rows.iter().map(|(key, party)| (Arc::from(*key), Arc::from(*party))).collect()
    }

    #[test]
    fn environments_take_turns_and_the_next_claim_goes_on_after_the_last() {
        let mut turns = Turns::default();
        let rows = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "c"), ("6", "c")];

        let first = turns.take(due(&rows), 4);
        let second = turns.take(due(&rows[1..]), 2);

        assert_eq!(first.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["1", "4", "5", "2"]);
        assert_eq!(second.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["4", "5"]);
    }

    #[test]
    fn a_row_that_is_found_twice_is_claimed_once() {
        let taken = Turns::default().take(due(&[("1", "a"), ("1", "a"), ("2", "a")]), 10);

        assert_eq!(taken.len(), 2);
        assert!(Turns::default().take(Vec::new(), 10).is_empty());
    }

    #[test]
    fn looking_begins_again_after_the_last_environment() {
        let mut turns = Turns::default();
        let parties: Vec<Arc<str>> = (0..PARTIES_MAX).map(|place| Arc::from(format!("{place:03}"))).collect();

        turns.looked(&parties);
        assert_eq!(turns.looked_at.as_ref(), "063");
        turns.looked(&parties[1..]);
        assert_eq!(turns.looked_at.as_ref(), "");
    }
}
