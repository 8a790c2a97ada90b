//! Lists: read outside the writer, newest first, paged by key and never by offset.

use std::fmt::Write;
use std::sync::Arc;

use docket_kernel::{Cell, Moment, Table};

use crate::sql::{Dialect, columns};

/// What rows a list shows.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Rows with one of these texts in a column.
    Is(&'static str, Vec<Arc<str>>),
    /// Rows that another table ties to one of these texts.
    Through {
        /// The table between.
        table: &'static Table,
        /// Its column with the key of the listed row.
        key: &'static str,
        /// Its column compared.
        column: &'static str,
        /// The texts.
        values: Vec<Arc<str>>,
    },
    /// Rows whose time in a column is at or after this instant.
    Since(&'static str, Moment),
    /// Rows whose time in a column is before this instant.
    Until(&'static str, Moment),
}

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// The newest rows.
    First,
    /// The rows older than the one with this key.
    After(Arc<str>),
    /// The rows newer than the one with this key.
    Before(Arc<str>),
}

/// A page of a list. The table has a column `created_at`; the order is that and the key.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The table.
    pub table: &'static Table,
    /// All of these hold.
    pub filters: Vec<Filter>,
    /// Which page.
    pub turn: Turn,
    /// How many rows at the most.
    pub limit: u32,
}

/// When the row of a cursor was created: `$1` its key, `$2` whose.
pub(crate) fn cursor(table: &Table) -> String {
    format!("SELECT created_at FROM {} WHERE {} = $1 AND {} = $2", table.name, table.key(), table.scope)
}

/// The text and the parameters of a page.
pub(crate) fn page(dialect: Dialect, query: &ListQuery, scope: &Arc<str>, cursor: Option<i64>) -> (String, Vec<Cell>) {
    let table = query.table;
    let mut text = format!("SELECT {} FROM {} WHERE {} = $1", columns(dialect, table), table.name, table.scope);
    let mut given = vec![Cell::Text(Arc::clone(scope))];
    for filter in &query.filters {
        text.push_str(" AND ");
        narrow(dialect, table, filter, &mut text, &mut given);
    }
    let (order, compare, key) = match &query.turn {
        Turn::First => ("DESC", "", None),
        Turn::After(key) => ("DESC", "<", Some(key)),
        Turn::Before(key) => ("ASC", ">", Some(key)),
    };
    if let (Some(key), Some(created_at)) = (key, cursor) {
        given.push(Cell::Int(created_at));
        given.push(Cell::Text(Arc::clone(key)));
        let (first, second) = (given.len() - 1, given.len());
        let _ = write!(text, " AND (created_at, {}) {compare} (${first}, ${second})", table.key());
    }
    given.push(Cell::Int(i64::from(query.limit)));
    let _ = write!(text, " ORDER BY created_at {order}, {} {order} LIMIT ${}", table.key(), given.len());
    (text, given)
}

fn narrow(dialect: Dialect, table: &Table, filter: &Filter, text: &mut String, given: &mut Vec<Cell>) {
    match filter {
        Filter::Is(column, values) => {
            given.push(among(values));
            let _ = write!(text, "{column} {}", compared(dialect, values, given.len()));
        }
        Filter::Through { table: between, key, column, values } => {
            given.push(among(values));
            let compared = compared(dialect, values, given.len());
            let _ = write!(
                text,
                "{} IN (SELECT {key} FROM {} WHERE {} = $1 AND {column} {compared})",
                table.key(),
                between.name,
                between.scope
            );
        }
        Filter::Since(column, moment) => {
            given.push(Cell::Int(moment.0));
            let _ = write!(text, "{column} >= ${}", given.len());
        }
        Filter::Until(column, moment) => {
            given.push(Cell::Int(moment.0));
            let _ = write!(text, "{column} < ${}", given.len());
        }
    }
}

/// A single text as itself, several as the list the dialect unfolds.
fn among(values: &[Arc<str>]) -> Cell {
    match values {
        [value] => Cell::Text(Arc::clone(value)),
        values => Cell::Json(Arc::from(serde_json::to_string(values).expect("texts are JSON"))),
    }
}

fn compared(dialect: Dialect, values: &[Arc<str>], parameter: usize) -> String {
    match (values.len(), dialect) {
        (1, _) => format!("= ${parameter}"),
        (_, Dialect::Sqlite) => format!("IN {}", dialect.members(parameter)),
        (_, Dialect::Postgres) => format!("IN (SELECT jsonb_array_elements_text(${parameter}::text::jsonb))"),
    }
}
