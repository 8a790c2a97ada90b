//! The job's statements on SQLite, with Docket's settings: write-ahead log, synchronous=FULL, checkpoints on a separate
//! thread.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ToSql, types::ToSqlOutput, types::ValueRef};

use super::tape::{Tape, Value, text, value};
use crate::Fallible;

/// A log of this many bytes is worth a checkpoint.
const LOG_BYTES: u64 = 4 << 20;

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}

/// A connection that performs jobs.
pub struct Jobs<'t> {
    connection: Connection,
    tape: &'t Tape,
    inserts: Vec<String>,
    reads: Vec<String>,
}

/// Opens a connection.
pub fn open(file: &Path) -> Fallible<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=60000; \
         PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=0",
    )?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

impl<'t> Jobs<'t> {
    /// Opens a separate connection.
    pub fn open(file: &Path, tape: &'t Tape) -> Fallible<Self> {
        let inserts = tape.written.iter().map(|written| {
            let marks = (1..=written.columns.len()).map(|place| format!("?{place}")).collect::<Vec<_>>().join(", ");
            format!("INSERT INTO {} ({}) VALUES ({marks})", written.table, written.columns.join(", "))
        });
        let reads = tape.reads.iter().map(|read| read.sql("$1"));
        Ok(Self { connection: open(file)?, tape, inserts: inserts.collect(), reads: reads.collect() })
    }

    /// The connection.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Begins a transaction.
    pub fn begin(&self) -> Fallible<()> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        Ok(())
    }

    /// Commits the transaction.
    pub fn commit(&self) -> Fallible<()> {
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(())
    }

    /// Runs the statements of one job, with or without those that read the organization's settings.
    pub fn run(&self, ids: &[String], now: i64, with_settings: bool) -> Fallible<()> {
        let reads = self.tape.reads.iter().zip(&self.reads);
        for (read, sql) in reads.filter(|(read, _)| with_settings || !read.is_of_settings()) {
            let mut statement = self.connection.prepare_cached(sql)?;
            let columns = statement.column_count();
            let given = std::iter::once(text(&read.value, ids)).chain(read.environment.clone());
            let mut rows = statement.query(rusqlite::params_from_iter(given))?;
            while let Some(row) = rows.next()? {
                for place in 0..columns {
                    std::hint::black_box(row.get_ref(place)?);
                }
            }
        }
        for (written, sql) in self.tape.written.iter().zip(&self.inserts) {
            let mut statement = self.connection.prepare_cached(sql)?;
            for row in &written.rows {
                statement.execute(rusqlite::params_from_iter(row.iter().map(|cell| value(cell, ids, now))))?;
            }
        }
        Ok(())
    }
}

/// Copies the log into the file on request; the sender gets a signal after each commit.
pub struct Checkpoints {
    log: std::path::PathBuf,
    sender: SyncSender<()>,
}

impl Checkpoints {
    /// Starts the thread.
    pub fn start(file: &Path) -> Fallible<Self> {
        let (sender, receiver): (_, Receiver<()>) = sync_channel(1);
        let connection = open(file)?;
        std::thread::spawn(move || {
            while receiver.recv().is_ok() {
                drop(connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())));
            }
        });
        let mut log = file.as_os_str().to_owned();
        log.push("-wal");
        Ok(Self { log: log.into(), sender })
    }

    /// Requests a checkpoint if the log is large enough.
    pub fn look(&self) {
        if std::fs::metadata(&self.log).is_ok_and(|log| log.len() > LOG_BYTES) {
            let _ = self.sender.try_send(());
        }
    }
}
