//! Lists: read outside the writer, newest first, paged by key and never by offset.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::sync::Arc;

use docket_kernel::{Cell, Moment, Table};

use crate::sql::{Dialect, columns};

/// A filter of the rows in a list.
#[derive(Clone, Debug)]
pub enum Filter {
    /// Rows with one of these texts in a column.
    Is(&'static str, Vec<Arc<str>>),
    /// Rows whose column is null.
    Absent(&'static str),
    /// Rows whose text in a column begins with this text.
    Begins(&'static str, Arc<str>),
    /// Rows whose text in a column contains this text, in any case.
    Contains(&'static str, Arc<str>),
    /// Rows that match one of these filters.
    Any(Vec<Filter>),
    /// Rows that a join table relates to one of these texts.
    Join {
        /// The join table.
        table: &'static Table,
        /// Its column with the key of the listed row.
        key: &'static str,
        /// Its column to compare.
        column: &'static str,
        /// The texts.
        values: Vec<Arc<str>>,
    },
    /// Rows whose time in a column is at or after this instant.
    Since(&'static str, Moment),
    /// Rows whose time in a column is before this instant.
    Until(&'static str, Moment),
}

/// Sorts after every text with the same beginning, in any collation.
const LAST: char = '\u{10FFFF}';
/// The maximum number of values of one column that get a separate query each.
const BRANCHES_MAX: usize = 64;

/// The page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageDirection {
    /// The newest rows.
    First,
    /// The rows older than the one with this key.
    After(Arc<str>),
    /// The rows newer than the one with this key.
    Before(Arc<str>),
}

/// A page of a list. The table has a column `created_at`; rows are ordered by it and the key. If the table declares an
/// order of the rows with the same text in a column, and the list is limited to one such text, that order applies.
#[derive(Clone, Debug)]
pub struct ListQuery {
    /// The table.
    pub table: &'static Table,
    /// Filters that must all match.
    pub filters: Vec<Filter>,
    /// The page.
    pub turn: PageDirection,
    /// The maximum number of rows.
    pub limit: u32,
}

/// The first rows, ordered by a column, whose text in it begins with a prefix: for suggestions while typing.
#[derive(Clone, Debug)]
pub struct PrefixQuery {
    /// The table.
    pub table: &'static Table,
    /// The column; it has an index within the scope.
    pub column: &'static str,
    /// The prefix.
    pub text: Arc<str>,
    /// Filters that must all match too.
    pub filters: Vec<Filter>,
    /// The maximum number of rows.
    pub limit: u32,
}

/// The column that a list is ordered by, before the key: the creation time, or the number among the rows with the same
/// text in a column, if all listed rows have the same text.
fn order_of(query: &ListQuery) -> &'static str {
    let is_of_one = |column: &str| {
        let filters = query.filters.iter();
        filters
            .into_iter()
            .any(|filter| matches!(filter, Filter::Is(name, values) if *name == column && values.len() == 1))
    };
    match query.table.ordered {
        Some((column, number)) if is_of_one(column) => number,
        _ => "created_at",
    }
}

/// The sort value of a cursor's row in its list: `$1` its key, `$2` its scope.
pub(crate) fn cursor(query: &ListQuery) -> String {
    let table = query.table;
    format!("SELECT {} FROM {} WHERE {} = $1 AND {} = $2", order_of(query), table.name, table.key(), table.scope)
}

/// The statement and the parameters of a page.
///
/// Rows with one of several values in a column are queried value by value, each in the order of the page and at most as
/// many as the page: an index on the column serves each query, and only rows that may be shown are sorted.
pub(crate) fn page(dialect: Dialect, query: &ListQuery, scope: &Arc<str>, cursor: Option<i64>) -> (String, Vec<Cell>) {
    let table = query.table;
    let mut common = format!("SELECT {} FROM {} WHERE {} = $1", columns(dialect, table), table.name, table.scope);
    let mut given = vec![Cell::Text(Arc::clone(scope))];
    let several = query
        .filters
        .iter()
        .position(|filter| matches!(filter, Filter::Is(_, values) if (2..=BRANCHES_MAX).contains(&values.len())));
    for (_, filter) in query.filters.iter().enumerate().filter(|(place, _)| Some(*place) != several) {
        common.push_str(" AND ");
        narrow(dialect, table, filter, &mut common, &mut given);
    }
    let (order, compare, key) = match &query.turn {
        PageDirection::First => ("DESC", "", None),
        PageDirection::After(key) => ("DESC", "<", Some(key)),
        PageDirection::Before(key) => ("ASC", ">", Some(key)),
    };
    let by = order_of(query);
    if let (Some(key), Some(place)) = (key, cursor) {
        given.push(Cell::Int(place));
        given.push(Cell::Text(Arc::clone(key)));
        let (first, second) = (given.len() - 1, given.len());
        let _ = write!(common, " AND ({by}, {}) {compare} (${first}, ${second})", table.key());
    }
    let limit = Cell::Int(i64::from(query.limit));
    let order = |place: usize| format!(" ORDER BY {by} {order}, {} {order} LIMIT ${place}", table.key());
    let Some(Filter::Is(column, values)) = several.and_then(|place| query.filters.get(place)) else {
        given.push(limit);
        return (common + &order(given.len()), given);
    };
    // SQLite numbers its parameters in the order in which they first appear in the statement.
    let order = order(given.len() + 2);
    let mut text = String::from("SELECT * FROM (");
    let values: BTreeSet<&Arc<str>> = values.iter().collect();
    for (place, value) in values.into_iter().enumerate() {
        let union = if place == 0 { "" } else { " UNION ALL " };
        given.push(Cell::Text(Arc::clone(value)));
        let _ = write!(text, "{union}SELECT * FROM ({common} AND {column} = ${}{order}) AS one_{place}", given.len());
        if place == 0 {
            given.push(limit.clone());
        }
    }
    let _ = write!(text, ") AS every{order}");
    (text, given)
}

/// The statement and parameters for the first rows, ordered by a column, whose text in it begins with a prefix.
pub(crate) fn beginning(dialect: Dialect, query: &PrefixQuery, scope: &Arc<str>) -> (String, Vec<Cell>) {
    let PrefixQuery { table, column, filters, text: begins, limit } = query;
    let mut text = format!("SELECT {} FROM {} WHERE {} = $1 AND ", columns(dialect, table), table.name, table.scope);
    let mut given = vec![Cell::Text(Arc::clone(scope))];
    narrow(dialect, table, &Filter::Begins(column, Arc::clone(begins)), &mut text, &mut given);
    for filter in filters {
        text.push_str(" AND ");
        narrow(dialect, table, filter, &mut text, &mut given);
    }
    given.push(Cell::Int(i64::from(*limit)));
    let _ = write!(text, " ORDER BY {column} LIMIT ${}", given.len());
    (text, given)
}

fn narrow(dialect: Dialect, table: &Table, filter: &Filter, text: &mut String, given: &mut Vec<Cell>) {
    match filter {
        Filter::Is(column, values) => {
            given.push(among(values));
            let _ = write!(text, "{column} {}", compared(dialect, values, given.len()));
        }
        Filter::Absent(column) => {
            let _ = write!(text, "{column} IS NULL");
        }
        Filter::Begins(column, begins) => {
            // An index serves the range; the comparison is exact in any collation.
            given.push(Cell::Text(Arc::clone(begins)));
            given.push(Cell::Text(Arc::from(format!("{begins}{LAST}"))));
            let (first, last) = (given.len() - 1, given.len());
            let _ = write!(
                text,
                "({column} >= ${first} AND {column} <= ${last} AND substr({column}, 1, length(${first})) = ${first})"
            );
        }
        Filter::Contains(column, part) => {
            given.push(Cell::Text(Arc::from(format!("%{}%", escaped(&part.to_lowercase())))));
            let _ = write!(text, "lower({column}) LIKE ${} ESCAPE '!'", given.len());
        }
        Filter::Any(filters) => {
            text.push('(');
            for (place, filter) in filters.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { " OR " });
                narrow(dialect, table, filter, text, given);
            }
            text.push_str(if filters.is_empty() { "1 = 0)" } else { ")" });
        }
        Filter::Join { table: between, key, column, values } => {
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

/// A text with all pattern characters escaped.
fn escaped(text: &str) -> String {
    text.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}

/// One text as itself, several as the list that the dialect expands.
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
