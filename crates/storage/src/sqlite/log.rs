//! The write-ahead log. Most of it is copied into the file by a thread of its own; what came meanwhile is little, and is
//! copied between two commits, so that the next commit begins the log anew. A log that begins anew writes over blocks
//! which the file system gave it before: that costs a fraction of growing.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::Connection;

use super::{engine_error, open};
use crate::engine::EngineError;

/// A log of this many pages (64 MiB) is worth a checkpoint.
const PAGES: i64 = 16_384;
/// At the most so many pages (8 MiB) are copied between two commits: about what one full batch writes.
const PAGES_BETWEEN: i64 = 2_048;
/// A log of this many pages (512 MiB) has to begin anew, even if a commit waits for it.
const PAGES_MAX: i64 = 131_072;

/// How often the thread goes after what was written while it copied, each time less.
const PASSES_MAX: usize = 4;

/// A log that nobody asked to copy is copied this often all the same.
const EVERY: Duration = Duration::from_secs(30);

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

    /// Looks after the log when a commit is done.
    pub fn look_after(&self, connection: &Connection) {
        let Ok((pages, left)) = checkpoint(connection, "NOOP") else { return };
        if pages < PAGES || left == 0 {
            return;
        }
        // Once each time the thread is through: somebody who reads long may keep the log from beginning anew.
        if left <= PAGES_BETWEEN && self.copied.swap(false, Ordering::AcqRel) {
            let _ = checkpoint(connection, "PASSIVE");
        } else if pages > PAGES_MAX {
            let _ = checkpoint(connection, "RESTART");
        } else {
            // A checkpoint that is under way already is enough.
            let _ = self.orders.try_send(());
        }
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
                if checkpoint(&self.connection, "NOOP").is_ok_and(|(_, left)| left <= PAGES_BETWEEN / 2) {
                    break;
                }
            }
            self.copied.store(true, Ordering::Release);
        }
    }
}
