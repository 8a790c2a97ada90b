//! Rows in the order in which they were committed, so that whoever follows them misses none.
//!
//! Ids and times are drawn before a commit, and commits of several writers overlap: a row can appear before one that is
//! there already. So rows get their numbers when they are committed. On SQLite the one writer numbers them as it writes
//! them. On PostgreSQL whichever node holds a lock numbers what was committed since, right after the commit; what is not
//! numbered yet is in a table of its own, filled by the same commit. The numbers are columns: they outlast VACUUM, dump
//! and restore.

use std::collections::HashMap;
use std::sync::Arc;

use docket_kernel::{Cell, Row, Stored, Table};

use crate::engine::EngineError;
use crate::reader::ReadError;

/// A row that is followed.
#[derive(Debug)]
pub struct Numbered<E> {
    /// Its place among the rows of all environments.
    pub place: i64,
    /// Its number among the rows of its environment: 1, 2, 3 …
    pub number: i64,
    /// The row.
    pub row: Stored<E>,
}

/// What came after a place.
#[derive(Debug)]
pub struct Followed<E> {
    /// The rows, in order.
    pub rows: Vec<Numbered<E>>,
    /// Up to here nothing was left out.
    pub until: i64,
}

/// The same, of any table.
#[derive(Debug)]
pub(crate) struct FollowedRows {
    pub rows: Vec<(i64, i64, Row)>,
    pub until: i64,
}

/// Which rows are followed.
#[derive(Clone, Debug)]
pub(crate) enum After {
    /// Those of all environments after a place.
    Place(i64),
    /// Those of one environment after a number.
    Number(Arc<str>, i64),
}

impl After {
    /// What was found after it.
    pub fn followed_by(&self, rows: Vec<(i64, i64, Row)>) -> FollowedRows {
        let until = match (self, rows.last()) {
            (Self::Place(_), Some((place, ..))) => *place,
            (Self::Number(..), Some((_, number, _))) => *number,
            (Self::Place(before) | Self::Number(_, before), None) => *before,
        };
        FollowedRows { rows, until }
    }
}

/// The answer to who follows a table whose rows are not numbered.
pub(crate) fn not_followed(table: &Table) -> ReadError {
    EngineError::Failed(format!("the rows of {} are not numbered", table.name)).into()
}

/// The rows of one flush in the order in which they are numbered: as they are written, except that the rows with the same
/// text in the column by which the table orders them stand in that order.
pub(crate) fn in_order<'r>(table: &Table, rows: &'r [Row]) -> Vec<&'r Row> {
    let mut ordered: Vec<&Row> = rows.iter().collect();
    let Some((column, number)) = table.ordered else { return ordered };
    let (column, number) = (table.column(column), table.column(number));
    let mut places: HashMap<Option<&str>, Vec<usize>> = HashMap::new();
    for (place, row) in rows.iter().enumerate() {
        places.entry(text(row, column)).or_default().push(place);
    }
    for places in places.values().filter(|places| places.len() > 1) {
        let mut alike: Vec<&Row> = places.iter().filter_map(|place| rows.get(*place)).collect();
        alike.sort_by_key(|row| match row.get(number) {
            Some(Cell::Int(number)) => *number,
            _ => 0,
        });
        for (place, row) in places.iter().zip(alike) {
            ordered[*place] = row;
        }
    }
    ordered
}

/// The statement for the place of the newest row that has one.
pub(crate) fn newest(feed: &str) -> String {
    format!("SELECT coalesce(max(place), 0) FROM {feed}")
}

/// The statement for the number of the newest row of an environment: `$1` whose.
pub(crate) fn newest_of(feed: &str) -> String {
    format!("SELECT coalesce(max(number), 0) FROM {feed} WHERE environment_id = $1")
}

/// The text of a column of a row.
pub(crate) fn text(row: &Row, column: usize) -> Option<&str> {
    match row.get(column) {
        Some(Cell::Text(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    docket_kernel::entity! {
        /// Something that happened.
        pub struct Deed in "deed" {
            table: {
                rank: 1, lock: Append, scope: environment_id, unique: [], asked: [], ordered: ["of", "number"],
                feed: "deed_sequence"
            },
            /// Id.
            id: docket_kernel::CaseId,
            /// Whose.
            environment_id: docket_kernel::EnvironmentId,
            /// Of what.
            of: String,
            /// Its number there.
            number: i64,
        }
    }

    #[test]
    fn rows_are_numbered_as_they_are_written_and_those_of_one_object_in_its_order() {
        use docket_kernel::Entity;
        let deed = |id: &str, of: &str, number| {
            let (id, environment_id) = (docket_kernel::CaseId::of(id), docket_kernel::EnvironmentId::of("env_a"));
            Deed { id, environment_id, of: of.to_owned(), number }.encode()
        };
        let rows = [deed("1", "a", 2), deed("2", "b", 7), deed("3", "a", 1), deed("4", "b", 8), deed("5", "c", 0)];

        let ordered = in_order(Deed::TABLE, &rows);

        let ids: Vec<_> = ordered.iter().filter_map(|row| text(row, 0)).collect();
        assert_eq!(ids, ["3", "2", "1", "4", "5"]);
    }
}
