//! Migrations: numbered, append-only, one folder per database with the same tables. They are applied under a lock; a
//! database newer than the binary is refused.

use std::cmp::Ordering;

use docket_kernel::{email_key, fold, sha256_hex};
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, Transaction};

/// A migration, in both dialects.
pub(crate) struct Migration {
    pub number: i64,
    pub name: &'static str,
    pub sqlite: &'static str,
    pub postgres: &'static str,
    /// What SQL can't compute: columns to recompute after the schema change, in the same transaction.
    pub rewrites: &'static [Rewrite],
}

/// A column to recompute from another column of its row.
pub(crate) struct Rewrite {
    pub table: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub compute: fn(&str) -> String,
    /// The column within whose values the new value must stay unique: on a conflict a row keeps its old value.
    pub unique_within: Option<&'static str>,
    /// A statement to run with each change, with the new value, the old value and the key.
    pub also: Option<&'static str>,
}

impl Rewrite {
    pub(crate) fn read(&self) -> String {
        format!("SELECT id, {}, {} FROM {}", self.from, self.to, self.table)
    }

    pub(crate) fn write(&self) -> String {
        let (table, to) = (self.table, self.to);
        let free = self.unique_within.map_or_else(String::new, |scope| {
            format!(
                " AND NOT EXISTS (SELECT 1 FROM {table} other WHERE other.{scope} = {table}.{scope} AND other.{to} = $1)"
            )
        });
        format!("UPDATE {table} SET {to} = $1 WHERE id = $2{free}")
    }

    /// The new value, if it differs.
    pub(crate) fn changed(&self, from: &str, to: &str) -> Option<String> {
        Some((self.compute)(from)).filter(|new| new != to)
    }
}

const fn refolded(table: &'static str, from: &'static str, to: &'static str) -> Rewrite {
    Rewrite { table, from, to, compute: fold, unique_within: None, also: None }
}

/// Names by the current rule for names, and people's addresses by the rule for addresses.
const NAMES: &[Rewrite] = &[
    refolded("case_status", "name", "folded"),
    refolded("named_status", "folded", "folded"),
    refolded("workflow", "name", "folded"),
    Rewrite {
        table: "user_account",
        from: "email",
        to: "email",
        compute: email_key,
        unique_within: Some("organization_id"),
        also: Some(
            "UPDATE case_record SET assignee_id = $1 WHERE assignee_id = $2 AND environment_id IN \
             (SELECT id FROM environment WHERE organization_id = \
             (SELECT organization_id FROM user_account WHERE id = $3))",
        ),
    },
];

macro_rules! migrations {
    ($($number:literal $file:literal $(then $rewrites:expr)?),* $(,)?) => {
        &[$(Migration {
            number: $number,
            name: $file,
            sqlite: include_str!(concat!("../../../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../../../migrations/postgres/", $file, ".sql")),
            rewrites: migrations!(@rewrites $($rewrites)?),
        }),*]
    };
    (@rewrites) => { &[] };
    (@rewrites $rewrites:expr) => { $rewrites };
}

pub(crate) const MIGRATIONS: &[Migration] = migrations![
    1 "0001_founding",
    2 "0002_dashboard",
    3 "0003_inquiry_notes",
    4 "0004_people",
    5 "0005_named_statuses",
    6 "0006_draft_since",
    7 "0007_same_names" then NAMES,
    8 "0008_slugs",
    9 "0009_people_and_templates",
    10 "0010_free_numbers",
    11 "0011_case_fields_of_keys",
    12 "0012_draft_saves",
    13 "0013_first_organization",
    14 "0014_names_of_workflows",
    15 "0015_answer_bytes",
    17 "0017_origins",
    22 "0022_file_chunks",
    24 "0024_redactions",
    25 "0025_faults",
    26 "0026_event_order",
    27 "0027_event_sequence",
    30 "0030_older_copies",
    31 "0031_retention",
];

/// Why the schema could not be brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database was written by a newer docket.
    #[error(
        "the database is at schema {found}, this docket supports schemas up to {known}: start the newer docket, or \
         restore a backup made with this one"
    )]
    Newer {
        /// The number in the database.
        found: i64,
        /// The newest number that this binary has.
        known: i64,
    },
    /// The database is not up to date, and is opened only for reading.
    #[error("the database is at schema {found}, this docket requires {known}: run `docket migrate` first")]
    Older {
        /// The number in the database.
        found: i64,
        /// The newest number that this binary has.
        known: i64,
    },
    /// A migration failed; nothing of it was kept.
    #[error("migration {name} failed and was undone: {detail}")]
    Failed {
        /// Its name.
        name: &'static str,
        /// The database's error message.
        detail: String,
    },
    /// The database can't be reached or read.
    #[error("the database can't be opened: {0}")]
    Unreachable(String),
}

/// The number of the newest migration of this binary.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.number)
}

pub(crate) const LEDGER: &str =
    "CREATE TABLE IF NOT EXISTS schema_migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL)";
pub(crate) const APPLIED: &str = "SELECT coalesce(max(number), 0) FROM schema_migration";
pub(crate) const APPLY: &str = "INSERT INTO schema_migration (number, name) VALUES ($1, $2)";

/// Whether the table of applied migrations exists, on SQLite and on PostgreSQL.
pub(crate) const HAS_LEDGER: [&str; 2] = [
    "SELECT count(*) FROM sqlite_schema WHERE name = 'schema_migration'",
    "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_migration')",
];

/// Refuses a schema that does not match this binary.
pub(crate) fn check(found: i64) -> Result<(), MigrateError> {
    let known = newest();
    match found.cmp(&known) {
        Ordering::Less => Err(MigrateError::Older { found, known }),
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(MigrateError::Newer { found, known }),
    }
}

/// The number of the schema of a SQLite file; 0 if it has none.
pub(crate) fn sqlite_schema(connection: &Connection) -> Result<i64, MigrateError> {
    let number = |text: &str| {
        let found = connection.query_row(text, [], |row| row.get::<_, i64>(0));
        found.map_err(|error| MigrateError::Unreachable(error.to_string()))
    };
    if number(HAS_LEDGER[0])? == 0 { Ok(0) } else { number(APPLIED) }
}

/// The migrations after the number `found`, up to the number `until`.
pub(crate) fn pending(found: i64, until: i64) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS.iter().filter(move |migration| migration.number > found && migration.number <= until)
}

/// Applies the missing migrations up to this number to a SQLite file; returns their names.
pub(crate) fn sqlite(connection: &mut Connection, until: i64) -> Result<Vec<&'static str>, MigrateError> {
    let unreachable = |error: rusqlite::Error| MigrateError::Unreachable(error.to_string());
    connection.execute_batch(LEDGER).map_err(unreachable)?;
    add_functions(connection).map_err(unreachable)?;
    let found: i64 = connection.query_row(APPLIED, [], |row| row.get(0)).map_err(unreachable)?;
    if found > newest() {
        return Err(MigrateError::Newer { found, known: newest() });
    }
    // A table that others refer to is rebuilt by copying its rows into a new table, dropping the old one and renaming
    // the new one. With foreign keys on, the drop deletes the rows first, and is refused. They can't be switched inside
    // a transaction, so they are off for all migrations, and each migration is checked as a whole before it is
    // committed.
    connection.execute_batch("PRAGMA foreign_keys=OFF").map_err(unreachable)?;
    let applied = sqlite_each(connection, pending(found, until));
    connection.execute_batch("PRAGMA foreign_keys=ON").map_err(unreachable)?;
    applied
}

fn sqlite_each<'m>(
    connection: &mut Connection,
    pending: impl Iterator<Item = &'m Migration>,
) -> Result<Vec<&'static str>, MigrateError> {
    let mut applied = Vec::new();
    for migration in pending {
        let failed = |error: rusqlite::Error| MigrateError::Failed { name: migration.name, detail: error.to_string() };
        let transaction =
            connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(migration.sqlite).map_err(failed)?;
        for rewrite in migration.rewrites {
            sqlite_rewrite(&transaction, rewrite).map_err(failed)?;
        }
        if let Some(detail) = sqlite_broken_reference(&transaction).map_err(failed)? {
            return Err(MigrateError::Failed { name: migration.name, detail });
        }
        transaction.execute(APPLY, (migration.number, migration.name)).map_err(failed)?;
        transaction.commit().map_err(failed)?;
        applied.push(migration.name);
    }
    Ok(applied)
}

/// Functions that migrations need and SQLite lacks.
fn add_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("sha256_hex", 1, flags, |given| Ok(sha256_hex(given.get_raw(0).as_blob()?)))
}

/// A description of a row that refers to a missing row.
fn sqlite_broken_reference(transaction: &Transaction<'_>) -> rusqlite::Result<Option<String>> {
    let mut check = transaction.prepare("PRAGMA foreign_key_check")?;
    let mut broken = check.query([])?;
    Ok(match broken.next()? {
        Some(row) => {
            let (child, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Some(format!("a row of {child} refers to a row of {parent} that is not there"))
        }
        None => None,
    })
}

fn sqlite_rewrite(transaction: &Transaction<'_>, rewrite: &Rewrite) -> rusqlite::Result<()> {
    let mut read = transaction.prepare(&rewrite.read())?;
    let rows = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(String, String, String)> = rows.collect::<Result<_, _>>()?;
    let mut write = transaction.prepare(&rewrite.write())?;
    for (id, from, to) in rows {
        let Some(new) = rewrite.changed(&from, &to) else { continue };
        if write.execute((&new, &id))? > 0
            && let Some(also) = rewrite.also
        {
            transaction.execute(also, (&new, &to, &id))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &str = "
        CREATE TABLE shop (id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('small')));
        CREATE TABLE sale (id TEXT PRIMARY KEY, shop_id TEXT NOT NULL REFERENCES shop (id));
        INSERT INTO shop VALUES ('shop_1', 'small'), ('shop_2', 'small');
        INSERT INTO sale VALUES ('sale_1', 'shop_1'), ('sale_2', 'shop_1'), ('sale_3', 'shop_2');";

    /// A database with rows that refer to others, opened as the writer opens it.
    fn shops() -> Connection {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("PRAGMA foreign_keys=OFF").unwrap();
        connection.execute_batch(LEDGER).unwrap();
        connection.execute_batch(ORDERS).unwrap();
        connection
    }

    fn migration(sqlite: &'static str) -> Migration {
        Migration { number: 1, name: "0001_test", sqlite, postgres: "", rewrites: &[] }
    }

    #[test]
    fn a_table_that_others_refer_to_is_rebuilt_and_keeps_its_rows() {
        let mut connection = shops();
        let wider = migration(
            "CREATE TABLE shop_new (id TEXT PRIMARY KEY, kind TEXT NOT NULL CHECK (kind IN ('small', 'large')));
             INSERT INTO shop_new SELECT id, kind FROM shop;
             DROP TABLE shop;
             ALTER TABLE shop_new RENAME TO shop;
             UPDATE shop SET kind = 'large' WHERE id = 'shop_2';",
        );

        let applied = sqlite_each(&mut connection, std::iter::once(&wider)).unwrap();

        assert_eq!(applied, ["0001_test"]);
        connection.execute_batch("PRAGMA foreign_keys=ON").unwrap();
        let sold = "SELECT count(*) FROM sale JOIN shop ON shop.id = shop_id WHERE kind IN ('small', 'large')";
        assert_eq!(connection.query_row(sold, [], |row| row.get::<_, i64>(0)), Ok(3));
        assert!(
            connection.execute("INSERT INTO sale VALUES ('sale_4', 'nowhere')", []).is_err(),
            "the constraint still holds"
        );
        assert!(connection.execute("DELETE FROM shop WHERE id = 'shop_1'", []).is_err());
    }

    #[test]
    fn a_migration_that_leaves_a_reference_to_nothing_is_undone() {
        let mut connection = shops();
        let lossy = migration(
            "CREATE TABLE shop_new (id TEXT PRIMARY KEY, kind TEXT NOT NULL);
             INSERT INTO shop_new SELECT id, kind FROM shop WHERE id <> 'shop_2';
             DROP TABLE shop;
             ALTER TABLE shop_new RENAME TO shop;",
        );

        let failed = sqlite_each(&mut connection, std::iter::once(&lossy)).unwrap_err().to_string();

        assert!(failed.contains("0001_test") && failed.contains("a row of sale refers to a row of shop"), "{failed}");
        assert_eq!(connection.query_row("SELECT count(*) FROM shop", [], |row| row.get::<_, i64>(0)), Ok(2));
    }

    #[test]
    fn foreign_keys_hold_after_every_migration() {
        let mut connection = Connection::open_in_memory().unwrap();

        sqlite(&mut connection, newest()).unwrap();

        assert_eq!(connection.query_row("PRAGMA foreign_keys", [], |row| row.get::<_, i64>(0)), Ok(1));
    }
}
