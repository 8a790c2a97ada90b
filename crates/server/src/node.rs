//! A node: a database with its writer and its reader, the engine, and where time and chance come from.

use std::sync::Arc;

use docket_access::{SESSION_SECONDS_MAX, Session, TRIES_SECONDS, Tries};
use docket_api::store::{AnswerObject, REMEMBERED_SECONDS, Remembered};
use docket_api::{App, Settings, blank_answers};
use docket_erasure::Erasure;
use docket_kernel::{Clock, Entity, Rng, Scope, SystemClock, SystemRng};
use docket_steps::Reactions;
use docket_storage::{Bounds, Command, Database, EngineError, OpenError, Parts, Place, Reader, WriteError, Writer};
use docket_workflows::{Engine, name_anew};

/// One process's share in an installation.
pub struct Node {
    database: Database,
    /// The workflow engine with every step type.
    pub engine: Arc<Engine>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Node {
    /// Opens a database with the machine's clock and chance.
    pub async fn open(place: &Place, bounds: Bounds) -> Result<Self, OpenError> {
        Self::open_at(place, bounds, Arc::new(SystemClock)).await
    }

    /// Opens a database in which this clock says what time it is.
    pub async fn open_at(place: &Place, bounds: Bounds, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let engine = Arc::new(docket_steps::engine());
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let reactor = Reactions::of(&engine)
            .erasing(Erasure::default().with_answers(blank_answers))
            .keeping(Remembered::TABLE, "created_at", REMEMBERED_SECONDS)
            .keeping(AnswerObject::TABLE, "created_at", REMEMBERED_SECONDS)
            .keeping(Session::TABLE, "created_at", SESSION_SECONDS_MAX)
            .keeping(Tries::TABLE, "created_at", TRIES_SECONDS);
        let reactor = Arc::new(reactor);
        let parts = Parts { reactor, bounds, clock: Arc::clone(&clock), rng: Arc::clone(&rng) };
        let database = Database::open(place, parts).await?;
        let node = Self { database, engine, clock, rng };
        node.name_anew().await?;
        Ok(node)
    }

    /// Brings to the present rule what was written down of workflows by a rule of before, where a migration asked for it.
    async fn name_anew(&self) -> Result<(), OpenError> {
        loop {
            let engine = Arc::clone(&self.engine);
            let command = Command::new("name-anew", Scope::Installation, move |work| name_anew(&engine, work));
            match self.writer().submit(command).await {
                Ok(0) => return Ok(()),
                // Another node that starts does the same.
                Ok(_) | Err(WriteError::Busy) => {}
                Err(error) => return Err(EngineError::Failed(error.to_string()).into()),
            }
        }
    }

    /// Changes.
    pub fn writer(&self) -> &Writer {
        self.database.writer()
    }

    /// Reads.
    pub fn reader(&self) -> &Reader {
        self.database.reader()
    }

    /// The application behind the API.
    pub fn app(&self, settings: Settings) -> App {
        App::new(
            self.writer().clone(),
            self.reader().clone(),
            Arc::clone(&self.engine),
            Arc::clone(&self.clock),
            Arc::clone(&self.rng),
            settings,
        )
    }

    /// Takes no more changes, works off what waits, and lets go of the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
