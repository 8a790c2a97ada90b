//! A real engine that stops at its n-th call, as if the process had ended there.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use docket_kernel::{Changes, Loaded, Moment, Table, Touched, Unused, Want};
use docket_storage::{
    Claimed, CommitCallbacks, CommitError, Engine, EngineError, FlushError, NotWritten, Patience, Room,
};
use tokio::sync::Notify;

/// A bug planted in an engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plant {
    /// It reports a commit and only performs it when the next batch begins.
    AnswerBeforeCommit,
    /// It omits events from what it writes.
    FlushWithoutEvents,
    /// Cleanup stops after one batch of old rows.
    CleanupStopsAtOneBatch,
}

/// When an engine stops.
#[derive(Debug)]
pub struct Fate {
    /// How many calls remain; the last of them never returns.
    left: AtomicUsize,
    crashed: Notify,
}

impl Fate {
    /// Stops the engine at the `calls`-th call; never if 0.
    pub fn at(calls: usize) -> Arc<Self> {
        Arc::new(Self { left: AtomicUsize::new(calls), crashed: Notify::new() })
    }

    /// Returns when the engine has stopped.
    pub async fn crash(&self) {
        self.crashed.notified().await;
    }

    async fn arrive(&self) {
        let counted = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if counted == Ok(1) {
            self.crashed.notify_one();
            pending::<()>().await;
        }
    }
}

/// An engine with a [`Fate`].
#[derive(Debug)]
pub struct Fragile<E> {
    engine: E,
    fate: Arc<Fate>,
    plant: Option<Plant>,
    /// A transaction that was reported as committed is still open.
    owes_commit: bool,
    /// A batch to be written in the background. It is written only when `through` asks for its result.
    under_way: Option<(Touched, CommitCallbacks)>,
}

impl<E: Engine> Fragile<E> {
    /// An engine that stops when its fate says so.
    pub fn new(engine: E, fate: &Arc<Fate>, plant: Option<Plant>) -> Self {
        Self { engine, fate: Arc::clone(fate), plant, owes_commit: false, under_way: None }
    }
}

impl<E: Engine> Engine for Fragile<E> {
    const PIPELINED: bool = E::PIPELINED;
    const SHARES_NUMBERS: bool = E::SHARES_NUMBERS;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.fate.arrive().await;
        if std::mem::take(&mut self.owes_commit) {
            self.engine.commit().await.map_err(|error| EngineError::Failed(error.to_string()))?;
        }
        self.engine.begin().await
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        self.fate.arrive().await;
        self.engine.load(wants, patience).await
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        self.fate.arrive().await;
        self.engine.claim(table, now, room).await
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.fate.arrive().await;
        if self.plant == Some(Plant::FlushWithoutEvents) {
            return self.engine.flush(&without_events(changes)).await;
        }
        self.engine.flush(changes).await
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        self.fate.arrive().await;
        if self.plant == Some(Plant::AnswerBeforeCommit) {
            self.owes_commit = true;
            return Ok(());
        }
        self.engine.commit().await?;
        // Committed, and no caller has its answer yet.
        self.fate.arrive().await;
        Ok(())
    }

    fn commit_in_background(&mut self, touched: Touched, callbacks: CommitCallbacks) {
        self.under_way = Some((touched, callbacks));
    }

    async fn through(&mut self) -> Result<(), NotWritten> {
        let Some((touched, callbacks)) = self.under_way.take() else { return Ok(()) };
        let written = match self.flush(&touched.encode()).await {
            Ok(()) => self.commit().await.map_err(NotWritten::Commit),
            Err(error) => Err(NotWritten::Flush(error)),
        };
        match &written {
            Ok(()) => (callbacks.on_committed)(),
            Err(_) => self.engine.roll_back().await,
        }
        (callbacks.on_finished)();
        written
    }

    async fn roll_back(&mut self) {
        self.engine.roll_back().await;
    }

    async fn forget(
        &mut self,
        table: &'static Table,
        column: &'static str,
        before: Moment,
    ) -> Result<u64, EngineError> {
        let forgotten = self.engine.forget(table, column, before).await?;
        Ok(if self.plant == Some(Plant::CleanupStopsAtOneBatch) { 0 } else { forgotten })
    }

    fn take_back(&mut self, unused: Vec<Unused>) {
        self.engine.take_back(unused);
    }

    async fn idle(&mut self) {
        self.fate.arrive().await;
        self.engine.idle().await;
    }

    async fn stop(&mut self) {
        self.engine.stop().await;
    }
}

fn without_events(changes: &Changes) -> Changes {
    let kept = changes.tables.iter().filter(|table| table.table.name != "event");
    let tables = kept.map(|changes| docket_kernel::TableChanges {
        table: changes.table,
        inserts: changes.inserts.clone(),
        updates: changes.updates.clone(),
        deletes: changes.deletes.clone(),
    });
    Changes {
        tables: tables.collect(),
        counts: changes.counts.clone(),
        sequences: changes.sequences.clone(),
        dues: changes.dues.clone(),
    }
}
