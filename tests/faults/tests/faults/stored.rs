//! Every row of a database that no process writes to, read without the product.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_doctor::{RowSource, TABLES};
use docket_kernel::{Cell, ColumnKind, Entity, Row, RowError, Table};
use docket_testkit::{FreshDatabase, On};
use tokio_postgres::SimpleQueryMessage;

/// The rows, by table.
#[derive(Debug, Default)]
pub struct Stored(BTreeMap<&'static str, Vec<Row>>);

impl RowSource for Stored {
    fn each(&self, table: &'static Table, take: &mut dyn FnMut(Row) -> Result<(), RowError>) -> Result<(), RowError> {
        self.0.get(table.name).into_iter().flatten().cloned().try_for_each(take)
    }
}

impl Stored {
    /// Reads all rows that the doctor checks.
    pub async fn of(database: &FreshDatabase, engine: On) -> Self {
        let mut stored = Self::default();
        for table in TABLES {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let query = format!("SELECT {} FROM {} ORDER BY {}", columns.join(", "), table.name, table.key());
            let rows = match engine {
                On::Sqlite => from_file(database, &query),
                On::Postgres => from_server(database, &query).await,
            };
            let rows = rows.into_iter().map(|row| row_of(table, row)).collect();
            stored.0.insert(table.name, rows);
        }
        stored
    }

    /// Every row of a table, with its type.
    pub fn all<E: Entity>(&self) -> Vec<E> {
        let rows = self.0.get(E::TABLE.name).into_iter().flatten();
        rows.map(|row| E::decode(row.clone()).expect("a row of ours")).collect()
    }
}

/// The values of a row as text.
type Texts = Vec<Option<String>>;

fn from_file(database: &FreshDatabase, query: &str) -> Vec<Texts> {
    use rusqlite::types::ValueRef;

    let connection = rusqlite::Connection::open(database.file()).expect("the file opens");
    let mut statement = connection.prepare(query).expect("a query");
    let count = statement.column_count();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(docket_kernel::hex(bytes)),
        ValueRef::Real(number) => panic!("{number:?} is not a stored type"),
    };
    let rows = statement.query_map([], |row| (0..count).map(|place| Ok(text(row.get_ref(place)?))).collect());
    rows.expect("the query runs").map(|row| row.expect("a row is read")).collect()
}

async fn from_server(database: &FreshDatabase, query: &str) -> Vec<Texts> {
    let said = database.connect().await.simple_query(query).await.expect("the query runs");
    let rows = said.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    rows.map(|row| (0..row.len()).map(|place| row.get(place).map(str::to_owned)).collect()).collect()
}

fn row_of(table: &Table, texts: Texts) -> Row {
    let cell = |(kind, text): (ColumnKind, Option<String>)| match (kind, text) {
        (_, None) => Cell::Null,
        (ColumnKind::Text, Some(text)) => Cell::Text(Arc::from(text)),
        (ColumnKind::Json, Some(text)) => Cell::Json(Arc::from(text)),
        (ColumnKind::Int, Some(text)) => Cell::Int(text.parse().expect("a number")),
        (ColumnKind::Blob, Some(text)) => {
            let digits = text.strip_prefix("\\x").unwrap_or(&text);
            Cell::Blob(docket_kernel::unhex(digits).expect("hexadecimal").into())
        }
        (ColumnKind::Bool, Some(text)) => Cell::Bool(matches!(text.as_str(), "1" | "t")),
    };
    table.columns.iter().map(|column| column.kind).zip(texts).map(cell).collect()
}
