//! The thread that writes a batch while the writer computes the next one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use docket_kernel::Touched;

use super::log::CheckpointWindow;
use super::write_connection::WriteConnection;
use crate::engine::{CommitCallbacks, EngineError, NotWritten};
use crate::writer::end_of_a_panic;

/// A batch that is handed over.
struct Handed {
    touched: Touched,
    window: CheckpointWindow,
    callbacks: CommitCallbacks,
}

/// The result: whether the writer may read during the next commit, or why nothing was written.
pub(super) type Ended = Result<CheckpointWindow, NotWritten>;

/// The thread and its batch under way, at most one.
#[derive(Debug)]
pub(super) struct CommitThread {
    batches: Option<Sender<Handed>>,
    ends: Receiver<Ended>,
    is_under_way: bool,
    ended: Option<Ended>,
    thread: Option<JoinHandle<()>>,
}

impl CommitThread {
    pub fn start(write_connection: &Arc<Mutex<WriteConnection>>) -> Result<Self, EngineError> {
        let ((batches, received), (end, ends)) = (channel(), channel());
        let write_connection = Arc::clone(write_connection);
        let thread = std::thread::Builder::new()
            .name("commit".into())
            .spawn(move || {
                if catch_unwind(AssertUnwindSafe(|| work(&write_connection, &received, &end))).is_err() {
                    end_of_a_panic();
                }
            })
            .map_err(|error| EngineError::Failed(error.to_string()))?;
        Ok(Self { batches: Some(batches), ends, is_under_way: false, ended: None, thread: Some(thread) })
    }

    pub fn write(&mut self, touched: Touched, window: CheckpointWindow, callbacks: CommitCallbacks) {
        let batch = Handed { touched, window, callbacks };
        self.is_under_way = self.batches.as_ref().is_some_and(|batches| batches.send(batch).is_ok());
    }

    /// Waits until no batch is under way.
    pub fn wait(&mut self) {
        if self.is_under_way
            && let Ok(ended) = self.ends.recv()
        {
            self.is_under_way = false;
            self.ended = Some(ended);
        }
    }

    /// The result of the last batch, returned once.
    pub fn ended(&mut self) -> Option<Ended> {
        self.wait();
        self.ended.take()
    }
}

impl Drop for CommitThread {
    /// Completes the batch under way, including its callbacks.
    fn drop(&mut self) {
        self.batches = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn work(write_connection: &Mutex<WriteConnection>, batches: &Receiver<Handed>, end: &Sender<Ended>) {
    while let Ok(Handed { touched, window, callbacks }) = batches.recv() {
        let changes = touched.encode();
        let write_connection = write_connection.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = match write_connection.write(&changes) {
            Ok(()) => {
                (callbacks.on_committed)();
                Ok(write_connection.look_after_log(window))
            }
            Err(why) => Err(why),
        };
        (callbacks.on_finished)();
        // The receiver is gone when the engine was dropped.
        drop(end.send(ended));
    }
}
