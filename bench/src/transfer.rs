//! Copies an SQLite file into a PostgreSQL database with the same tables, so that an organization is the same on both.

use std::path::Path;

use rusqlite::Connection;
use tokio_postgres::Client;

use crate::Fallible;
use crate::floor::postgres::{borrowed, insert, kinds, one_cell};
use crate::floor::tape::{read, tables};

/// Copies every row, table by table, into empty tables. Tables that are not empty are skipped.
pub async fn transfer(file: &Path, client: &Client) -> Fallible<()> {
    let connection = Connection::open(file)?;
    for table in tables(&connection)? {
        let there: i64 = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await?.get(0);
        let (columns, rows) = read(&connection, &table, 0)?;
        if there > 0 || rows.is_empty() {
            continue;
        }
        let kinds = kinds(client, &table, &columns).await?;
        let statement = client.prepare(&insert(&table, &columns, &kinds, false)).await?;
        for row in rows {
            let cells: Vec<_> = row.into_iter().zip(&kinds).map(|(cell, kind)| one_cell(cell, kind)).collect();
            client.execute(&statement, &borrowed(&cells)).await?;
        }
    }
    Ok(())
}
