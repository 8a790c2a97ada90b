//! The numbers that a node has reserved: all its lanes draw from the same blocks, and unused numbers are returned to
//! the database, for the next node that needs numbers.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex as Lock, MutexGuard, PoisonError};

use docket_kernel::{Clock, Moment, Unused, Want};
use tokio::sync::Mutex;

use super::connect::{Call, Given, Link, Server, engine_error};
use crate::engine::EngineError;
use crate::sql;

/// Numbers that were not drawn for this long are returned.
const KEPT_SECONDS: i64 = 60;

type Sequence = (Arc<str>, Arc<str>);

/// Reserves numbers on a separate connection of the node, so that no batch locks the row of a sequence.
pub(crate) struct Numbers {
    server: Server,
    clock: Arc<dyn Clock>,
    link: Mutex<Option<Link>>,
    kept: Lock<HashMap<Sequence, Kept>>,
}

/// The node's numbers of a sequence, as half-open ranges: the first number, and the number after the last.
#[derive(Debug)]
struct Kept {
    ranges: BTreeMap<i64, i64>,
    used_at: Moment,
}

impl std::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Numbers").field("kept", &self.lock().len()).finish_non_exhaustive()
    }
}

impl Kept {
    /// Takes up to `count` numbers, the lowest first.
    fn take(&mut self, mut count: i64) -> Vec<(i64, i64)> {
        let mut taken = Vec::new();
        while count > 0 {
            let Some((first, after)) = self.ranges.pop_first() else { break };
            let until = after.min(first + count);
            if until < after {
                self.ranges.insert(until, after);
            }
            count -= until - first;
            taken.push((first, until));
        }
        taken
    }

    fn add(&mut self, ranges: impl IntoIterator<Item = (i64, i64)>) {
        for (mut first, mut after) in ranges {
            if let Some((before, _)) = self.ranges.range(..first).next_back().filter(|(_, end)| **end == first) {
                first = *before;
            }
            if let Some(end) = self.ranges.remove(&after) {
                after = end;
            }
            self.ranges.insert(first, after);
        }
    }
}

fn count_of(ranges: &[(i64, i64)]) -> i64 {
    ranges.iter().map(|(first, after)| after - first).sum()
}

impl Numbers {
    pub fn new(server: Server, clock: Arc<dyn Clock>) -> Self {
        Self { server, clock, link: Mutex::new(None), kept: Lock::default() }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Sequence, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, sequence: &Sequence, count: i64) -> Vec<(i64, i64)> {
        let now = self.clock.now();
        let mut kept = self.lock();
        let Some(kept) = kept.get_mut(sequence) else { return Vec::new() };
        kept.used_at = now;
        kept.take(count)
    }

    fn add(&self, sequence: Sequence, ranges: Vec<(i64, i64)>) {
        let now = self.clock.now();
        let mut kept = self.lock();
        let kept = kept.entry(sequence).or_insert_with(|| Kept { ranges: BTreeMap::new(), used_at: now });
        kept.add(ranges);
    }

    /// Reserves numbers for each want: the index of the want, the first number, and the count.
    pub async fn reserve(&self, wants: &[Want]) -> Result<Vec<(usize, i64, i64)>, EngineError> {
        let mut reserved = Vec::new();
        for (place, want) in wants.iter().enumerate() {
            if let Want::Numbers { scope, sequence, count } = want {
                let ranges = self.reserve_of((Arc::clone(scope), Arc::clone(sequence)), i64::from(*count)).await?;
                reserved.extend(ranges.into_iter().map(|(first, after)| (place, first, after - first)));
            }
        }
        Ok(reserved)
    }

    async fn reserve_of(&self, sequence: Sequence, count: i64) -> Result<Vec<(i64, i64)>, EngineError> {
        let mut ranges = self.take(&sequence, count);
        if count_of(&ranges) >= count {
            return Ok(ranges);
        }
        let mut link = self.link.lock().await;
        // Another lane may have reserved numbers while this one waited for the connection.
        ranges.extend(self.take(&sequence, count - count_of(&ranges)));
        let lacking = count - count_of(&ranges);
        if lacking > 0 {
            let (scope, name) = (sequence.0.as_ref(), sequence.1.as_ref());
            let given: Vec<Given<'_>> =
                vec![Box::new(scope), Box::new(name), Box::new(lacking), Box::new(sql::NUMBERS_BLOCK)];
            match self.ask(&mut link, Call::new(sql::RESERVE, given)).await {
                Ok(more) => {
                    self.add(sequence.clone(), more);
                    ranges.extend(self.take(&sequence, lacking));
                }
                Err(error) => {
                    self.add(sequence, ranges);
                    return Err(error);
                }
            }
        }
        Ok(ranges)
    }

    /// Keeps numbers for the next lane that needs some.
    pub fn take_back(&self, unused: Vec<Unused>) {
        for Unused { scope, sequence, ranges } in unused {
            self.add((scope, sequence), ranges);
        }
    }

    /// Returns numbers to the database that were not drawn for a minute.
    pub async fn give_back_idle(&self) {
        let before = self.clock.now().plus_seconds(-KEPT_SECONDS);
        self.give_back(|kept| kept.used_at <= before).await;
    }

    /// Returns all numbers.
    pub async fn give_back_all(&self) {
        self.give_back(|_| true).await;
    }

    async fn give_back(&self, is_over: impl Fn(&Kept) -> bool + Send) {
        let over: Vec<_> = self.lock().extract_if(|_, kept| is_over(kept)).collect();
        if over.is_empty() {
            return;
        }
        let mut link = self.link.lock().await;
        for ((scope, name), kept) in over {
            for (first, after) in kept.ranges {
                let given: Vec<Given<'_>> =
                    vec![Box::new(scope.as_ref()), Box::new(name.as_ref()), Box::new(first), Box::new(after)];
                // It is unknown whether they were returned, so they are not used again: a gap.
                if let Err(error) = self.ask(&mut link, Call::new(sql::GIVE_BACK, given)).await {
                    tracing::warn!(%error, "numbers could not be given back; they will be missing");
                }
            }
        }
    }

    async fn ask(&self, kept: &mut Option<Link>, call: Call<'_>) -> Result<Vec<(i64, i64)>, EngineError> {
        let mut link = match kept.take().filter(|link| !link.client.is_closed()) {
            Some(link) => link,
            None => self.server.connect().await?,
        };
        let answers = link.ask(&[call]).await.map_err(|error| engine_error(&error))?;
        *kept = Some(link);
        let range = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        let ranges: Result<_, tokio_postgres::Error> = answers.iter().flatten().map(range).collect();
        ranges.map_err(|error| engine_error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_numbers_are_taken_first_and_neighbors_become_one_range() {
        let mut kept = Kept { ranges: BTreeMap::new(), used_at: Moment(0) };
        kept.add([(9, 17), (3, 4)]);

        assert_eq!(kept.take(3), [(3, 4), (9, 11)]);
        kept.add([(9, 11), (3, 4)]);

        assert_eq!(kept.ranges.into_iter().collect::<Vec<_>>(), [(3, 4), (9, 17)]);
    }

    #[test]
    fn at_most_the_available_numbers_are_taken() {
        let mut kept = Kept { ranges: BTreeMap::new(), used_at: Moment(0) };
        kept.add([(1, 9)]);

        assert_eq!(kept.take(8), [(1, 9)]);
        assert_eq!(kept.take(1), []);
    }
}
