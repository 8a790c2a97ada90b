//! Migrations: numbered, append-only, one folder for each database with the same tables. Applied under a lock; a
//! database newer than the binary is refused.

use std::cmp::Ordering;

use rusqlite::Connection;

/// A step of the schema, in both dialects.
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
}

macro_rules! migrations {
    ($($number:literal $file:literal),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $file, ".sql")),
        }),*]
    };
}

pub(crate) const MIGRATIONS: &[Migration] = migrations![
    1 "0001_founding",
    2 "0002_dashboard",
    3 "0003_inquiry_notes",
    4 "0004_people",
    5 "0005_named_statuses",
    6 "0006_draft_since",
];

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was written by a newer docket.
    #[error(
        "the database is at schema {found}, this docket knows schemas up to {known}: \
         start the newer docket, or restore a backup made with this one"
    )]
    Newer {
        /// The number the database says.
        found: i64,
        /// The newest number we know.
        known: i64,
    },
    /// The database is not up to date, and is only to be looked at.
    #[error("the database is at schema {found}, this docket works with {known}: run `docket migrate` first")]
    Older {
        /// The number the database says.
        found: i64,
        /// The newest number we know.
        known: i64,
    },
    /// A migration failed; nothing of it was kept.
    #[error("migration {name} failed and was undone: {detail}")]
    Failed {
        /// Which.
        name: &'static str,
        /// What the database said.
        detail: String,
    },
    /// The database can't be reached or read.
    #[error("the database can't be opened: {0}")]
    Unreachable(String),
}

/// The number of the newest schema this binary knows.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

pub(crate) const LEDGER: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL)";
pub(crate) const APPLIED: &str = "SELECT coalesce(max(number), 0) FROM schema_migration";
pub(crate) const APPLY: &str = "INSERT INTO schema_migration (number, name) VALUES ($1, $2)";

/// Whether there is a ledger on SQLite, and on PostgreSQL.
pub(crate) const HAS_LEDGER: [&str; 2] = [
    "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migration'",
    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migration')",
];

/// Refuses a schema that is not the one this binary works with.
pub(crate) fn check(found: i64) -> Result<(), MigrateError> {
    let known = newest();
    match found.cmp(&known) {
        Ordering::Less => Err(MigrateError::Older { found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(MigrateError::Newer { found, known }),
    }
}

/// The number of the schema of a SQLite file; 0 where there is none.
pub(crate) fn sqlite_schema(connection: &Connection) -> Result<i64, MigrateError> {
    let number = |text: &str| {
        let found = connection.query_row(text, [], |row| row.get::<_, i64>(0));
        found.map_err(|error| MigrateError::Unreachable(error.to_string()))
    };
    if number(HAS_LEDGER[0])? == 0 { Ok(0) } else { number(APPLIED) }
}

/// Brings a SQLite file up to date; answers the names of what was applied.
pub(crate) fn sqlite(connection: &mut Connection) -> Result<Vec<&'static str>, MigrateError> {
    let unreachable = |error: rusqlite::Error| MigrateError::Unreachable(error.to_string());
    connection.execute_batch(LEDGER).map_err(unreachable)?;
    let found: i64 = connection.query_row(APPLIED, [], |row| row.get(0)).map_err(unreachable)?;
    if found > newest() {
        return Err(MigrateError::Newer { found, known: newest() });
    }
    let mut applied = Vec::new();
    for migration in MIGRATIONS.iter().filter(|migration| migration.number > found) {
        let failed = |error: rusqlite::Error| MigrateError::Failed { name: migration.name, detail: error.to_string() };
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(migration.sqlite).map_err(failed)?;
        transaction.execute(APPLY, (migration.number, migration.name)).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        applied.push(migration.name);
    }
    Ok(applied)
}
