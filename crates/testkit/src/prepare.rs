//! Prepares every statement that storage generates, so that none is run for the first time in production.

use docket_kernel::Table;
use docket_storage::{Dialect, every_text, shared_texts};

use crate::On;
use crate::{FreshDatabase, engines};

/// Prepares every statement for these tables, on every available engine, in migrated databases.
pub async fn prepare_all(tables: &[&'static Table]) {
    for engine in engines() {
        prepare_all_in(&FreshDatabase::on(engine).await, engine, tables).await;
    }
}

/// Prepares every statement for these tables in this database; panics with a statement that can't be prepared.
pub async fn prepare_all_in(fresh: &FreshDatabase, engine: On, tables: &[&'static Table]) {
    let dialect = match engine {
        On::Sqlite => Dialect::Sqlite,
        On::Postgres => Dialect::Postgres,
    };
    let texts = tables.iter().flat_map(|table| every_text(dialect, table)).chain(shared_texts(dialect));
    prepare(fresh, engine, texts.collect()).await;
}

async fn prepare(fresh: &FreshDatabase, engine: On, texts: Vec<String>) {
    match engine {
        On::Sqlite => {
            let connection = rusqlite::Connection::open(fresh.file()).expect("the file opens");
            for text in texts {
                let prepared = connection.prepare(&text).map(drop);
                prepared.unwrap_or_else(|error| panic!("SQLite can't prepare {text}: {error}"));
            }
        }
        On::Postgres => {
            let client = fresh.connect().await;
            for text in texts {
                let prepared = client.prepare(&text).await.map(drop);
                prepared.unwrap_or_else(|error| panic!("PostgreSQL can't prepare {text}: {error:?}"));
            }
        }
    }
}
