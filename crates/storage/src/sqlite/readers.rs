//! The read connections: each belongs to a thread, and a bounded queue feeds them. Callers wait without blocking a
//! thread. An idle thread ends, and the memory of its connection is freed.

use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use docket_kernel::{Clock, Moment, SystemClock};
use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{DataFiles, Snapshot, engine_error, free_memory, open_for_reading};
use crate::engine::EngineError;
use crate::reader::{READ_SECONDS, ReadError, WAITING_MAX};

/// The maximum number of read connections.
const CONNECTIONS_MAX: usize = 8;
/// A thread that is idle for this long ends; the last one stays and frees the memory of its connection.
const IDLE: Duration = Duration::from_secs(10);

/// A read's elapsed time is checked after this many operations of SQLite's machine: a fraction of a millisecond.
const OPERATIONS: i32 = 10_000;

thread_local! {
    /// When this thread's read is stopped.
    static STOPPED_AT: Cell<Option<Moment>> = const { Cell::new(None) };
}

/// A read with all its arguments. It answers its caller itself.
type Job = Box<dyn FnOnce(Result<&Connection, EngineError>) + Send>;

/// A bounded pool of read-only connections.
#[derive(Debug)]
pub(crate) struct SqliteReader {
    pool: Arc<Pool>,
}

struct Pool {
    file: PathBuf,
    /// The files of the writer in this process, if there is one.
    files: Option<Arc<DataFiles>>,
    state: Mutex<State>,
    woken: Condvar,
    idle_after: Duration,
    /// The time limit of a read.
    read_within: Duration,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    is_closed: bool,
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.lock();
        let (threads, waiting) = (state.threads, state.waiting.len());
        f.debug_struct("Pool").field("threads", &threads).field("waiting", &waiting).finish_non_exhaustive()
    }
}

impl SqliteReader {
    pub fn new(file: &Path, files: Option<Arc<DataFiles>>) -> Self {
        Self::within(file, files, IDLE, Duration::from_secs(READ_SECONDS))
    }

    fn within(file: &Path, files: Option<Arc<DataFiles>>, idle_after: Duration, read_within: Duration) -> Self {
        let (file, state, woken) = (file.to_owned(), Mutex::default(), Condvar::new());
        Self { pool: Arc::new(Pool { file, files, state, woken, idle_after, read_within }) }
    }

    /// Runs a closure on a connection in one snapshot, with the time limit.
    pub async fn with<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.run(Some(self.pool.read_within), read).await
    }

    /// Runs a closure on a connection in one snapshot, without a time limit.
    pub async fn with_all_the_time<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        self.run(None, read).await
    }

    async fn run<T: Send + 'static>(
        &self,
        within: Option<Duration>,
        read: impl FnOnce(&Snapshot<'_>) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let (reply, answer) = oneshot::channel();
        self.push(Box::new(move |connection| {
            // A caller that is gone needs no answer.
            if !reply.is_closed() {
                STOPPED_AT.set(within.map(|within| Moment(SystemClock.now().0.saturating_add(micros(within)))));
                let read = |connection| in_snapshot(connection, read);
                drop(reply.send(connection.map_err(ReadError::from).and_then(read)));
            }
        }))?;
        answer.await.unwrap_or_else(|_| Err(EngineError::Failed("a view could not be finished".into()).into()))
    }

    fn push(&self, job: Job) -> Result<(), ReadError> {
        let mut state = self.pool.lock();
        if state.waiting.len() >= WAITING_MAX {
            return Err(ReadError::Overloaded);
        }
        state.waiting.push_back(job);
        if state.idle >= state.waiting.len() {
            drop(state);
            self.pool.woken.notify_one();
        } else if state.threads < CONNECTIONS_MAX {
            let pool = Arc::clone(&self.pool);
            let started = std::thread::Builder::new().name("reader".into()).spawn(move || pool.work());
            match started {
                Ok(_) => state.threads += 1,
                // The running threads take it.
                Err(error) if state.threads > 0 => tracing::warn!(%error, "a thread that reads could not be started"),
                Err(error) => {
                    state.waiting.pop_back();
                    return Err(EngineError::Failed(error.to_string()).into());
                }
            }
        }
        Ok(())
    }
}

impl Drop for SqliteReader {
    fn drop(&mut self) {
        self.pool.lock().is_closed = true;
        self.pool.woken.notify_all();
    }
}

impl Pool {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs reads until the pool is closed or idle for long.
    fn work(&self) {
        let mut connection = None;
        while let Some(job) = self.next(connection.as_ref()) {
            if connection.is_none() {
                match self.open() {
                    Ok(opened) => connection = Some(opened),
                    Err(error) => {
                        job(Err(error));
                        continue;
                    }
                }
            }
            let Some(open) = &connection else { continue };
            let finished = catch_unwind(AssertUnwindSafe(|| job(Ok(open)))).is_ok();
            // A transaction that a panic or an error left open ends with its connection.
            if !finished || !open.is_autocommit() {
                connection = None;
            }
        }
    }

    /// Opens a connection to the file that the writer has open, and not to one that replaced it.
    fn open(&self) -> Result<Connection, EngineError> {
        let failed = |error: rusqlite::Error| engine_error(&error);
        let mut opened = open_for_reading(&self.file).map_err(failed)?;
        let is_over = || STOPPED_AT.get().is_some_and(|at| SystemClock.now() > at);
        opened.progress_handler(OPERATIONS, Some(is_over)).map_err(failed)?;
        self.files.as_ref().map_or(Ok(()), |files| files.check())?;
        Ok(opened)
    }

    /// The next read; `None` if the thread should end: it is then no longer counted.
    fn next(&self, connection: Option<&Connection>) -> Option<Job> {
        let mut state = self.lock();
        let mut is_lean = connection.is_none();
        loop {
            if let Some(job) = state.waiting.pop_front() {
                return Some(job);
            }
            if state.is_closed {
                state.threads -= 1;
                return None;
            }
            state.idle += 1;
            let is_over;
            (state, is_over) = if is_lean {
                (self.woken.wait(state).unwrap_or_else(PoisonError::into_inner), false)
            } else {
                let waited = self.woken.wait_timeout(state, self.idle_after);
                let (state, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
                (state, timeout.timed_out())
            };
            state.idle -= 1;
            if !is_over || !state.waiting.is_empty() {
                continue;
            }
            if state.threads > 1 {
                state.threads -= 1;
                return None;
            }
            is_lean = true;
            if let Some(connection) = connection {
                drop(state);
                free_memory(connection);
                state = self.lock();
            }
        }
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn in_snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Snapshot<'_>) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let run = |text: &str| -> rusqlite::Result<usize> { connection.prepare_cached(text)?.execute([]) };
    run("BEGIN").map_err(|error| ReadError::from(engine_error(&error)))?;
    let result = read(&Snapshot(connection));
    drop(run("COMMIT"));
    result
}

#[cfg(test)]
#[path = "readers_tests.rs"]
mod tests;
