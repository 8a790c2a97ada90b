//! Selection of due rows: environments take turns, so that a backlog of one does not block the others.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use docket_kernel::{Cell, Row, Table};

use crate::engine::{Claimed, Room};
use crate::measure::{Measure, bytes_of};

/// Besides the oldest due rows, one claim considers this many environments.
pub(crate) const PARTIES_MAX: i64 = 64;
/// How many rows of each of these environments it considers.
pub(crate) const ROWS_OF_PARTY: i64 = 4;

/// A due row: its key and its scope.
pub(crate) type Pointer = (Arc<str>, Arc<str>);

/// The rotation among the environments with due rows of one table.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// The scope of the row that was claimed last.
    last: Option<Arc<str>>,
    /// The last environment that was considered besides the oldest rows.
    pub looked_at: Arc<str>,
}

impl Turns {
    /// Up to `rows` of these rows, one environment after the other, each environment's in the given order. It begins
    /// with the environment that follows the one claimed last.
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

    /// Records which environments were considered; after the last environment the first is next.
    pub fn looked(&mut self, parties: &[Arc<str>]) {
        let is_over = i64::try_from(parties.len()).unwrap_or(i64::MAX) < PARTIES_MAX;
        self.looked_at = parties.last().filter(|_| !is_over).cloned().unwrap_or_default();
    }
}

/// The oldest due rows, with one row more than the claim may take if there are more.
#[derive(Debug)]
pub(crate) struct Oldest {
    pub rows: Vec<Row>,
    /// Whether rows were left out because of the limit of bytes.
    pub is_cut: bool,
}

impl Oldest {
    /// Whether more is due than one claim takes. Otherwise all rows are taken, and no turn is considered.
    pub fn is_backlog(&self, room: Room) -> bool {
        self.is_cut || self.rows.len() > room.rows
    }

    /// The keys of the rows and their scopes.
    pub fn pointers(&self, table: &Table) -> Vec<Pointer> {
        self.rows.iter().filter_map(|row| pointer(table, row)).collect()
    }

    /// The keys whose rows are not loaded yet.
    pub fn missing<'k>(&self, keys: &'k [Arc<str>]) -> Vec<&'k str> {
        let at_hand: HashSet<Arc<str>> = self.rows.iter().filter_map(key).collect();
        keys.iter().filter(|key| !at_hand.contains(*key)).map(AsRef::as_ref).collect()
    }

    /// The rows of these keys in this order, up to a limit of bytes: those loaded first, and those loaded afterwards.
    pub fn chosen(self, beside: Vec<Row>, keys: &[Arc<str>], room: Room) -> Claimed {
        let more = self.is_backlog(room);
        let at_hand = self.rows.into_iter().chain(beside).filter_map(|row| Some((key(&row)?, row)));
        let mut at_hand: HashMap<Arc<str>, Row> = at_hand.collect();
        let mut measure = Measure::within(room.bytes);
        let mut claimed = Claimed { rows: Vec::with_capacity(keys.len()), more };
        for row in keys.iter().filter_map(|key| at_hand.remove(key)) {
            if !measure.takes(bytes_of(&row)) {
                claimed.more = true;
                break;
            }
            claimed.rows.push(row);
        }
        claimed
    }
}

fn key(row: &Row) -> Option<Arc<str>> {
    match row.first() {
        Some(Cell::Text(key)) => Some(Arc::clone(key)),
        _ => None,
    }
}

/// The key and the scope of a due row.
fn pointer(table: &Table, row: &Row) -> Option<Pointer> {
    match row.get(table.column(table.scope)) {
        Some(Cell::Text(party)) => Some((key(row)?, Arc::clone(party))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(rows: &[(&str, &str)]) -> Vec<Pointer> {
        rows.iter().map(|(key, party)| (Arc::from(*key), Arc::from(*party))).collect()
    }

    #[test]
    fn environments_take_turns_and_the_next_claim_continues_after_the_last() {
        let mut turns = Turns::default();
        let rows = [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "c"), ("6", "c")];

        let first = turns.take(due(&rows), 4);
        let second = turns.take(due(&rows[1..]), 2);

        assert_eq!(first.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["1", "4", "5", "2"]);
        assert_eq!(second.iter().map(AsRef::as_ref).collect::<Vec<_>>(), ["4", "5"]);
    }

    #[test]
    fn a_row_found_twice_is_claimed_once() {
        let taken = Turns::default().take(due(&[("1", "a"), ("1", "a"), ("2", "a")]), 10);

        assert_eq!(taken.len(), 2);
        assert!(Turns::default().take(Vec::new(), 10).is_empty());
    }

    #[test]
    fn the_rotation_restarts_after_the_last_environment() {
        let mut turns = Turns::default();
        let parties: Vec<Arc<str>> = (0..PARTIES_MAX).map(|place| Arc::from(format!("{place:03}"))).collect();

        turns.looked(&parties);
        assert_eq!(turns.looked_at.as_ref(), "063");
        turns.looked(&parties[1..]);
        assert_eq!(turns.looked_at.as_ref(), "");
    }
}
