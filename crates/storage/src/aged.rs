//! Rows by age: their positions in the order of a time, and their number. The statements read an index, and no row.

use docket_kernel::Aged;

use crate::sql::Dialect;

/// The statements that find rows by age. Their parameters: `$1` is the scope, `$2` and `$3` are the time and the key after
/// which rows count, `$4` is the instant before which they count.
pub(crate) struct Texts {
    /// The times and keys of the oldest rows; `$5` is the limit.
    pub rows: String,
    /// The number of rows; `$5` is the limit.
    pub count: String,
    /// The number of blank rows; `None` for tables whose rows are removed instead.
    pub blank: Option<String>,
}

/// The statements of a question.
pub(crate) fn texts(dialect: Dialect, question: &Aged) -> Texts {
    let Aged { table, column, blank } = question;
    let (name, key, scope) = (table.name, table.key(), table.scope);
    let which = format!("FROM {name} WHERE {scope} = $1 AND ({column}, {key}) > ($2, $3) AND {column} < $4");
    let count = if dialect == Dialect::Postgres { "count(*)::bigint" } else { "count(*)" };
    Texts {
        rows: format!("SELECT {column}, {key} {which} ORDER BY {column}, {key} LIMIT $5"),
        count: format!("SELECT {count} FROM (SELECT 1 {which} LIMIT $5) AS counted"),
        blank: blank.map(|blank| format!("SELECT {count} {which} AND {blank} IS NOT NULL")),
    }
}
