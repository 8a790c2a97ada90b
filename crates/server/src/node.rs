//! A node: a database with its writer and reader, the engine, and the sources of time and randomness.

use std::sync::Arc;

use docket_access::{SESSION_SECONDS_MAX, Session, TRIES_SECONDS, Tries};
use docket_api::store::{ANSWERS_BY_AGE, AnswerObject, REMEMBERED_SECONDS, Remembered};
use docket_api::{App, Settings, blank_answers, forget_answers};
use docket_erasure::{Answers, Erasure, Retaining};
use docket_kernel::{Clock, Entity, Rng, Scope, SystemClock, SystemRng, UnitOfWork};
use docket_steps::Reactions;
use docket_storage::{
    Bounds, Command, Database, DatabaseAddress, EngineError, OpenError, Parts, ReadError, Reader, WriteError, Writer,
};
use docket_workflows::store::WORKFLOWS_TO_NAME;
use docket_workflows::{Engine, Naming, Workflow, name_anew};

/// One process of an installation.
pub struct Node {
    database: Database,
    /// The workflow engine with every step type.
    pub engine: Arc<Engine>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub rng: Arc<dyn Rng>,
}

impl std::fmt::Debug for Node {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("database", &self.database).finish_non_exhaustive()
    }
}

impl Node {
    /// Opens a database with the machine's clock and randomness.
    pub async fn open(place: &DatabaseAddress, bounds: Bounds) -> Result<Self, OpenError> {
        Self::open_at(place, bounds, Arc::new(SystemClock)).await
    }

    /// Opens a database with this clock.
    pub async fn open_at(place: &DatabaseAddress, bounds: Bounds, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let engine = Arc::new(docket_steps::engine());
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let answers = Answers { by_age: &ANSWERS_BY_AGE, forget: forget_answers };
        let reactor = Reactions::of(&engine)
            .erasing(Erasure::default().with_answers(blank_answers))
            .retaining(Retaining::default().with_answers(answers))
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

    /// Rewrites names recorded by an older rule for workflows, if a migration requested it.
    async fn name_anew(&self) -> Result<(), OpenError> {
        // The reader checks first, so that the writer gets no command if nothing is due.
        let due = |work: &mut UnitOfWork| work.some::<Workflow>(&WORKFLOWS_TO_NAME, Naming::Due.as_str());
        let is_due = move |work: &mut UnitOfWork| due(work).map(|(some, _)| !some.is_empty());
        let failed = |error: ReadError| OpenError::from(EngineError::Failed(error.to_string()));
        while self.reader().view(Scope::Installation, is_due).await.map_err(failed)? {
            let engine = Arc::clone(&self.engine);
            let command = Command::new("name-anew", Scope::Installation, move |work| name_anew(&engine, work));
            match self.writer().submit(command).await {
                Ok(0) => return Ok(()),
                // Another node that starts does the same work.
                Ok(_) | Err(WriteError::Busy) => {}
                Err(error) => return Err(EngineError::Failed(error.to_string()).into()),
            }
        }
        Ok(())
    }

    /// The writer.
    pub fn writer(&self) -> &Writer {
        self.database.writer()
    }

    /// The reader.
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

    /// Accepts no more changes, finishes the queued work, and closes the database.
    pub async fn close(&self) {
        self.database.close().await;
    }
}
