//! Rows by the text in one of their columns.

use std::fmt::Write;

use docket_kernel::{CREATED_AT, Table};

use super::{Dialect, Hold, columns};

/// The conditions of a lookup beside its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Narrowed {
    /// Only rows of one scope.
    pub scoped: bool,
    /// Only rows created at or before a time.
    pub until: bool,
}

/// Rows by value. A column that is asked about: `$1` the value, then the scope and the time (if narrowed), then the limit. A
/// unique column on PostgreSQL: `$1` the values, then the same, and no limit.
///
/// Only a statement that waits for locks has an order: an order could make a planner that estimates the table as small
/// scan the keys instead of an index on the column.
pub(crate) fn look_up(dialect: Dialect, table: &Table, column: usize, narrowed: Narrowed, hold: Hold) -> String {
    let lock = dialect.lock(table, hold);
    let order = match hold {
        Hold::Wait if !lock.is_empty() => format!(" ORDER BY {}", table.key()),
        _ => String::new(),
    };
    let (which, limit) = having(dialect, table, column, narrowed);
    format!("SELECT {} FROM {} WHERE {which}{order}{limit}{lock}", columns(dialect, table), table.name)
}

/// Rows by any of several values of a column, on SQLite: `$1` the values, `$2` the scope (when scoped), then the limit
/// for all of them together.
pub(crate) fn look_up_many(table: &Table, column: usize, scoped: bool) -> String {
    let (name, members) = (table.columns[column].name, Dialect::Sqlite.members(1));
    let (scope, limit) = if scoped { (format!(" AND {} = $2", table.scope), 3) } else { (String::new(), 2) };
    format!(
        "SELECT {} FROM {} WHERE {name} IN {members}{scope} LIMIT ${limit}",
        columns(Dialect::Sqlite, table),
        table.name
    )
}

/// The keys of rows by value, and the value, without a lock, on PostgreSQL: a comparison shows which of them are busy.
pub(crate) fn look_up_keys(table: &Table, column: usize, narrowed: Narrowed) -> String {
    let (which, limit) = having(Dialect::Postgres, table, column, narrowed);
    format!("SELECT {}, {} FROM {} WHERE {which}{limit}", table.key(), table.columns[column].name, table.name)
}

/// Whether one statement looks up many values of this column: then no limit per value is needed.
pub(crate) fn takes_many(dialect: Dialect, table: &Table, column: usize) -> bool {
    dialect == Dialect::Postgres && table.unique.contains(&table.columns[column].name)
}

/// The condition of a lookup, and its limit.
fn having(dialect: Dialect, table: &Table, column: usize, narrowed: Narrowed) -> (String, String) {
    let (name, mut given, mut narrow) = (table.columns[column].name, 1, String::new());
    for (is_asked, comparison) in
        [(narrowed.scoped, format!("{} =", table.scope)), (narrowed.until, format!("{CREATED_AT} <="))]
    {
        if is_asked {
            given += 1;
            let _ = write!(narrow, " AND {comparison} ${given}");
        }
    }
    if takes_many(dialect, table, column) {
        (format!("{name} = ANY($1::text[]){narrow}"), String::new())
    } else {
        (format!("{name} = $1{narrow}"), format!(" LIMIT ${}", given + 1))
    }
}
