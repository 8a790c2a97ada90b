//! The write-ahead log. A thread of its own copies it into the file, a few megabytes at a time, so that neither the disk
//! nor a commit ever has much to do at once. When the log is long, the little that is left is copied between two commits,
//! and the next commit begins the log anew. A log that begins anew writes over blocks which the file system gave it
//! before: that costs a fraction of growing.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::Connection;

use super::{engine_error, open};
use crate::engine::EngineError;

/// So many pages (48 MiB) that are not in the file yet are worth copying. A commit that meets a copy waits for its flush:
/// few large copies delay fewer commits than many small ones, and a page that changed often is copied once.
const PAGES_COPIED: i64 = 12_288;
/// A log of this many pages (128 MiB) is to begin anew.
const PAGES: i64 = 32_768;
/// At the most so many pages (2 MiB) are copied between two commits.
const PAGES_BETWEEN: i64 = 512;
/// A log of this many pages (512 MiB) has to begin anew, even if a commit waits for it.
const PAGES_MAX: i64 = 131_072;

/// How often the thread goes after what was written while it copied a log that is to begin anew, each time less.
const PASSES_MAX: usize = 4;

/// A log that nobody asked to copy is copied this often all the same.
const EVERY: Duration = Duration::from_secs(30);

/// Who looks at the file while a commit looks after the log. Whoever reads keeps the log from beginning anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Looks {
    /// The next batch is being thought out, or may be.
    TheWriterMay,
    /// The writer does not: asked for by a commit that found the log worth it.
    NobodyOfOurs,
}

/// The log of the writer's connection, and the thread that copies it.
#[derive(Debug)]
pub(super) struct Log {
    orders: SyncSender<()>,
    /// The thread has copied what there was.
    copied: Arc<AtomicBool>,
}

impl Log {
    /// Takes the log of this connection over: SQLite copies nothing by itself any more.
    pub fn of(connection: &Connection, file: &Path) -> Result<Self, EngineError> {
        connection.execute_batch("PRAGMA wal_autocheckpoint=0").map_err(|error| engine_error(&error))?;
        let failed = |error: std::io::Error| EngineError::Failed(error.to_string());
        let (orders, received) = sync_channel(1);
        let copied = Arc::new(AtomicBool::new(false));
        let copier = Copier {
            connection: open(file).map_err(|error| engine_error(&error))?,
            file: File::open(file).map_err(failed)?,
            copied: Arc::clone(&copied),
        };
        let thread = std::thread::Builder::new().name("checkpoint".into());
        thread.spawn(move || copier.work(&received)).map_err(failed)?;
        Ok(Self { orders, copied })
    }

    /// Looks after the log when a commit is done; answers who may look at the file during the next one.
    pub fn look_after(&self, connection: &Connection, looks: Looks) -> Looks {
        let Ok((pages, left)) = checkpoint(connection, "NOOP") else { return Looks::TheWriterMay };
        // A log of which nothing is left begins anew by itself, as soon as nobody reads from it.
        if left == 0 || (pages < PAGES && left < PAGES_COPIED) {
            return Looks::TheWriterMay;
        }
        let is_little = pages >= PAGES && left <= PAGES_BETWEEN && self.copied.load(Ordering::Acquire);
        if !is_little && pages <= PAGES_MAX {
            // A checkpoint that is under way already is enough.
            let _ = self.orders.try_send(());
            return Looks::TheWriterMay;
        }
        if looks == Looks::TheWriterMay {
            return Looks::NobodyOfOurs;
        }
        // Once each time the thread is through: somebody else who reads long may keep the log from beginning anew.
        self.copied.store(false, Ordering::Release);
        let _ = checkpoint(connection, if is_little { "PASSIVE" } else { "RESTART" });
        Looks::TheWriterMay
    }
}

/// Pages in the log, and those of them that are not in the file yet.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(i64, i64)> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    statement.query_row([], |row| {
        let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok((pages, pages - copied))
    })
}

struct Copier {
    connection: Connection,
    /// Kept open as long as the connection: closing it would let go of the locks that the process holds on the file.
    file: File,
    copied: Arc<AtomicBool>,
}

impl Copier {
    /// Copies whenever it is told to, until the writer is gone.
    fn work(&self, orders: &Receiver<()>) {
        while !matches!(orders.recv_timeout(EVERY), Err(RecvTimeoutError::Disconnected)) {
            for _ in 0..PASSES_MAX {
                // What could not be copied, for somebody reads it, is copied the next time.
                let _ = checkpoint(&self.connection, "PASSIVE");
                // The commit that copies the rest has to wait for the disk: let it find little to wait for.
                let _ = self.file.sync_data();
                let is_enough = |(pages, left)| pages < PAGES || left <= PAGES_BETWEEN / 4;
                if checkpoint(&self.connection, "NOOP").is_ok_and(is_enough) {
                    break;
                }
            }
            self.copied.store(true, Ordering::Release);
        }
    }
}
