//! Rows in the order of their commits, so that a subscriber misses none.
//!
//! Ids and times are drawn before a commit, and commits of several writers overlap: a row can appear with an earlier id
//! than rows that are already visible. So rows get their numbers when they are committed. On SQLite the single writer
//! numbers them as it writes them. On PostgreSQL the node that holds a lock numbers the rows committed since, right
//! after the commit; rows not numbered yet are listed in a separate table, filled by the same commit. The numbers are
//! columns: they survive VACUUM, dump and restore.

use std::collections::HashMap;
use std::sync::Arc;

use docket_kernel::{Cell, Row, Stored, Table};

use crate::engine::EngineError;
use crate::reader::ReadError;

/// A numbered row.
#[derive(Debug)]
pub struct Numbered<E> {
    /// Its position among the rows of all environments.
    pub place: i64,
    /// Its number among the rows of its environment: 1, 2, 3 …
    pub number: i64,
    /// The row.
    pub row: Stored<E>,
}

/// The rows after a position.
#[derive(Debug)]
pub struct Followed<E> {
    /// The rows, in order.
    pub rows: Vec<Numbered<E>>,
    /// The position up to which no row is missing.
    pub until: i64,
}

/// The same, for any table.
#[derive(Debug)]
pub(crate) struct FollowedRows {
    pub rows: Vec<(i64, i64, Row)>,
    pub until: i64,
}

/// Which rows to follow.
#[derive(Clone, Debug)]
pub(crate) enum After {
    /// Rows of all environments after a position.
    DatabaseAddress(i64),
    /// Rows of one environment after a number.
    Number(Arc<str>, i64),
}

impl After {
    /// The result for these rows.
    pub fn followed_by(&self, rows: Vec<(i64, i64, Row)>) -> FollowedRows {
        let until = match (self, rows.last()) {
            (Self::DatabaseAddress(_), Some((place, ..))) => *place,
            (Self::Number(..), Some((_, number, _))) => *number,
            (Self::DatabaseAddress(before) | Self::Number(_, before), None) => *before,
        };
        FollowedRows { rows, until }
    }
}

/// The error for following a table whose rows are not numbered.
pub(crate) fn not_followed(table: &Table) -> ReadError {
    EngineError::Failed(format!("the rows of {} are not numbered", table.name)).into()
}

/// The rows of one flush in the order in which they are numbered: the order of writing, except that rows with the same
/// text in the table's ordering column are sorted by its order.
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

/// The statement for the position of the newest numbered row.
pub(crate) fn newest(feed: &str) -> String {
    format!("SELECT coalesce(max(place), 0) FROM {feed}")
}

/// The statement for the number of the newest row of an environment: `$1` its id.
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
        /// A test row.
        pub struct Deed in "deed" {
            table: {
                rank: 1, lock: Append, scope: environment_id, unique: [], asked: [], ordered: ["of", "number"],
                feed: "deed_sequence"
            },
            /// Id.
            id: docket_kernel::CaseId,
            /// Its environment.
            environment_id: docket_kernel::EnvironmentId,
            /// Its object.
            of: String,
            /// Its number among the rows of the object.
            number: i64,
        }
    }

    #[test]
    fn rows_are_numbered_in_the_order_of_writing_and_those_of_one_object_in_its_order() {
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
