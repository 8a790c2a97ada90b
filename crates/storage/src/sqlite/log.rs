//! The write-ahead log. A separate thread copies it into the file, a few megabytes at a time, so that neither the disk
//! nor a commit has much to do at once. When the log is long, the small remainder is copied between two commits, and
//! the next commit restarts the log. A restarted log overwrites blocks that the file system allocated before: that
//! costs a fraction of growing.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rusqlite::Connection;

use super::{engine_error, open};
use crate::engine::EngineError;

/// How many pages (48 MiB) that are not in the file yet are worth copying. A commit that coincides with a copy waits
/// for its flush: few large copies delay fewer commits than many small ones, and a page that changed often is copied
/// once.
const PAGES_COPIED: i64 = 12_288;
/// A log of this many pages (128 MiB) should restart.
const PAGES: i64 = 32_768;
/// The maximum number of pages (2 MiB) that are copied between two commits.
const PAGES_BETWEEN: i64 = 512;
/// A log of this many pages (512 MiB) must restart, even if a commit waits for it.
const PAGES_MAX: i64 = 131_072;

/// The maximum number of copies in a row of a long log: each copies what was written during the one before.
const PASSES_MAX: usize = 4;

/// How often the log is copied without a request.
const EVERY: Duration = Duration::from_secs(30);

/// Whether the writer may read the file while a commit maintains the log. A reader prevents the log from restarting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckpointWindow {
    /// The next batch is being computed, or may be.
    ReadersOpen,
    /// The writer has no open read: requested by a commit that found the log long enough.
    ReadersClosed,
}

/// The log of the writer's connection, and the thread that copies it.
#[derive(Debug)]
pub(super) struct Log {
    orders: SyncSender<()>,
    /// The thread has copied all pages that there were.
    copied: Arc<AtomicBool>,
}

impl Log {
    /// Takes over the log of this connection: SQLite no longer copies automatically.
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

    /// Maintains the log after a commit; returns whether the writer may read the file during the next commit.
    pub fn look_after(&self, connection: &Connection, window: CheckpointWindow) -> CheckpointWindow {
        let Ok((pages, left)) = checkpoint(connection, "NOOP") else { return CheckpointWindow::ReadersOpen };
        // A log without remaining pages restarts by itself, as soon as no reader uses it.
        if left == 0 || (pages < PAGES && left < PAGES_COPIED) {
            return CheckpointWindow::ReadersOpen;
        }
        let is_little = pages >= PAGES && left <= PAGES_BETWEEN && self.copied.load(Ordering::Acquire);
        if !is_little && pages <= PAGES_MAX {
            // A checkpoint that is already running is enough.
            let _ = self.orders.try_send(());
            return CheckpointWindow::ReadersOpen;
        }
        if window == CheckpointWindow::ReadersOpen {
            return CheckpointWindow::ReadersClosed;
        }
        // At most once for each copy by the thread: a long read elsewhere may prevent the log from restarting.
        self.copied.store(false, Ordering::Release);
        let _ = checkpoint(connection, if is_little { "PASSIVE" } else { "RESTART" });
        CheckpointWindow::ReadersOpen
    }
}

/// The number of pages in the log, and how many of them are not in the file yet.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(i64, i64)> {
    let mut statement = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    statement.query_row([], |row| {
        let (pages, copied): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok((pages, pages - copied))
    })
}

struct Copier {
    connection: Connection,
    /// Kept open as long as the connection: closing it would release the locks that the process holds on the file.
    file: File,
    copied: Arc<AtomicBool>,
}

impl Copier {
    /// Copies on request, until the writer is gone.
    fn work(&self, orders: &Receiver<()>) {
        while !matches!(orders.recv_timeout(EVERY), Err(RecvTimeoutError::Disconnected)) {
            for _ in 0..PASSES_MAX {
                // Pages that can't be copied because of a reader are copied the next time.
                let _ = checkpoint(&self.connection, "PASSIVE");
                // The commit that copies the rest waits for the disk: this reduces what it has to wait for.
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
