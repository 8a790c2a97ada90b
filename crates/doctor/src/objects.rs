//! Invariants between an object and the rows that belong to it, and of unique texts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use docket_kernel::{Entity, Table};
use docket_objects::Receipt;

use crate::PLACE_BYTES;
use crate::findings::Findings;
use crate::id::{Id, Word, Words, hash};
use crate::row::Raw;
use crate::share::Share;

/// A row that names the object.
#[derive(Debug)]
struct Follower {
    table: &'static Table,
    id: Id,
    environment: Word,
    what: &'static str,
}

/// All rows that refer to the key of an object.
#[derive(Debug, Default)]
pub(crate) struct ObjectGroup {
    /// The environment of the object, if the object exists.
    environment: Option<Word>,
    followers: Vec<Follower>,
}

impl ObjectGroup {
    /// Its approximate size in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + 2 * self.followers.len() * size_of::<Follower>()
    }

    pub fn take_object(&mut self, environment: Word) {
        self.environment = Some(environment);
    }

    /// Adds a row that names the object; `what` is the object's role for the row.
    pub fn take_follower(&mut self, table: &'static Table, id: &str, environment: Word, what: &'static str) {
        self.followers.push(Follower { table, id: Id::of(id), environment, what });
    }

    pub fn judge(&self, words: &Words, findings: &mut Findings) {
        for follower in &self.followers {
            let (id, own) = (follower.id.to_string(), words.get(follower.environment));
            let environment = self.environment.map(|environment| words.get(environment));
            findings.parent((follower.table, &id), own, follower.what, environment);
        }
    }
}

/// The size of a number in a set that is about half full.
const NUMBER_BYTES: usize = 20;

/// The values of unique columns, as hashes, each with the row that has it, and the numbers of events, as hashes without
/// their rows: there is one for each event.
#[derive(Debug, Default)]
pub(crate) struct Unique {
    texts: HashMap<u64, Id>,
    numbers: HashSet<u64>,
}

impl Unique {
    /// Its approximate size, in bytes.
    pub fn weight(&self) -> usize {
        self.texts.len() * (size_of::<(u64, Id)>() + PLACE_BYTES) + self.numbers.len() * NUMBER_BYTES
    }

    pub fn keep(&mut self, share: Share) {
        self.texts.retain(|key, _| share.has(*key));
        self.texts.shrink_to_fit();
        self.numbers.retain(|key| share.has(*key));
        self.numbers.shrink_to_fit();
    }

    /// Checks that no two rows of one scope have the same text in a unique column.
    pub fn take(&mut self, row: Raw<'_>, key: &Arc<str>, scope: &Arc<str>, share: Share, findings: &mut Findings) {
        let table = row.table;
        for column in table.unique {
            let Some(value) = row.text(column) else { continue };
            let place = hash(&(table.name, column, scope, value));
            if !share.has(place) {
                continue;
            }
            if let Some(other) = self.texts.insert(place, Id::of(key)) {
                let words = format!("its {column} is {value}, and so is that of {other}");
                findings.add("unique-keys", table, key, &words);
                if *table == *Receipt::TABLE {
                    findings.add("vendor-event-once", table, key, words);
                }
            }
        }
    }

    /// Checks that no two events of an object have the same number; 0 means no number.
    pub fn take_number(
        &mut self,
        row: Raw<'_>,
        key: &Arc<str>,
        scope: &Arc<str>,
        share: Share,
        findings: &mut Findings,
    ) {
        let Some((by, column)) = row.table.ordered else { return };
        let (Some(object), Some(number)) = (row.text(by), row.int(column).filter(|number| *number > 0)) else { return };
        let place = hash(&(row.table.name, column, scope, object, number));
        if !share.has(place) {
            return;
        }
        if !self.numbers.insert(place) {
            let words = format!("its number among the events of {object} is {number}, and so is that of another event");
            findings.add("event-order", row.table, key, words);
        }
    }
}
