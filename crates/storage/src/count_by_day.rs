//! Counting rows outside the writer: by two columns and the day of creation, and the total weight of a group of rows.

use std::fmt::Write;
use std::sync::Arc;

use docket_kernel::{Cell, Moment, Table};

use crate::sql::Dialect;

/// What to count. The table has a column `created_at`, and an index that begins with the scope and `by`.
#[derive(Clone, Debug)]
pub struct CountQuery {
    /// The table.
    pub table: &'static Table,
    /// The first column to group by.
    pub by: &'static str,
    /// The values of the first column that are counted.
    pub among: Vec<Arc<str>>,
    /// The second column to group by.
    pub and: &'static str,
    /// Rows created before this instant are not counted.
    pub since: Moment,
}

/// One count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCount {
    /// The value of the first column.
    pub by: String,
    /// The value of the second.
    pub and: String,
    /// The day, counted from 1 January 1970.
    pub day: i64,
    /// How many.
    pub count: i64,
}

/// The statement and the parameters of a count.
pub(crate) fn count_by_day(dialect: Dialect, query: &CountQuery, scope: &Arc<str>) -> (String, Vec<Cell>) {
    let CountQuery { table, by, among, and, since } = query;
    let mut given = vec![Cell::Text(Arc::clone(scope)), Cell::Int(since.0)];
    let mut places = String::new();
    for value in among {
        given.push(Cell::Text(Arc::clone(value)));
        let _ = write!(places, "{}${}", if places.is_empty() { "" } else { ", " }, given.len());
    }
    let count = match dialect {
        Dialect::Sqlite => "count(*)",
        Dialect::Postgres => "count(*)::bigint",
    };
    let text = format!(
        "SELECT {by}, {and}, created_at / {day}, {count} FROM {} WHERE {} = $1 AND created_at >= $2 AND {by} IN ({places}) \
         GROUP BY 1, 2, 3",
        table.name,
        table.scope,
        day = Moment::DAY
    );
    (text, given)
}

/// What to sum. The table has a column `created_at`, and an index that begins with `by` and that column.
#[derive(Clone, Copy, Debug)]
pub struct WeightQuery {
    /// The table.
    pub table: &'static Table,
    /// The column that defines a group.
    pub by: &'static str,
    /// The column with the weight of a row, an integer.
    pub weight: &'static str,
}

/// The statement for a total weight: `$1` the scope, `$2` the value.
pub(crate) fn weight(dialect: Dialect, query: WeightQuery) -> String {
    let WeightQuery { table, by, weight } = query;
    let whole = if dialect == Dialect::Postgres { "::bigint" } else { "" };
    format!("SELECT COALESCE(SUM({weight}), 0){whole} FROM {} WHERE {} = $1 AND {by} = $2", table.name, table.scope)
}

/// The statement for the keys and weights of the oldest rows: `$1` the scope, `$2` the value, `$3` the limit.
pub(crate) fn oldest(query: WeightQuery) -> String {
    let WeightQuery { table, by, weight } = query;
    let key = table.key();
    format!(
        "SELECT {key}, {weight} FROM {} WHERE {} = $1 AND {by} = $2 ORDER BY created_at, {key} LIMIT $3",
        table.name, table.scope
    )
}
