//! Drives a node by hand: until its engine stops, or until the node is idle.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use docket_storage::{Command, DatabaseAddress, Engine, Node, Parts, PostgresEngine, SqliteEngine, Wish, WriteError};

use crate::fragile::{Fate, Fragile, Plant};
use crate::fresh::FreshDatabase;

/// A node that is still busy after this long never becomes idle.
const REST: Duration = Duration::from_secs(30);
/// How long other tasks may run in between.
const PAUSE: Duration = Duration::from_millis(2);

/// The result of driving a node.
#[derive(Debug, Default)]
pub struct Parting {
    /// The answer to the caller, if there was one.
    pub answer: Option<Result<(), WriteError>>,
    /// Whether the engine stopped.
    pub crashed: bool,
}

/// Submits a command to a node, and drives the node until the caller has its answer and no run is under way, or until
/// the engine stops.
pub async fn turn<E: Engine>(
    database: &FreshDatabase,
    mut node: Node<E>,
    fate: &Fate,
    command: Option<Command<()>>,
) -> Parting {
    let writer = node.writer().clone();
    let mut parting = Parting::default();
    let mut waits = command.is_some();
    let mut answer = pin!(async move {
        match command {
            Some(command) => writer.submit(command).await,
            None => Ok(()),
        }
    });
    loop {
        if waits {
            // The command is in the queue once its future was polled.
            tokio::select! {
                biased;
                answered = &mut answer => (parting.answer, waits) = (Some(answered), false),
                () = std::future::ready(()) => {}
            }
        }
        let wish = tokio::select! {
            biased;
            wish = node.turn() => wish,
            () = fate.crash() => {
                parting.crashed = true;
                break;
            }
        };
        if wish != Wish::More {
            if !waits && is_at_rest(database).await {
                break;
            }
            // The database may not have noticed yet that an earlier node is gone, and still hold its locks.
            pause().await;
            node.writer().nudge();
        }
    }
    if waits && parting.crashed {
        // Read the answer that the node sent just before it stopped, if any.
        drop(node);
        parting.answer = answer.await.ok().map(Ok);
    }
    parting
}

/// An opened engine.
pub enum Opened {
    /// SQLite.
    File(SqliteEngine),
    /// PostgreSQL.
    Server(PostgresEngine),
}

/// Opens an engine on a database.
pub fn open(database: &FreshDatabase, parts: &Parts) -> Opened {
    match database.place() {
        DatabaseAddress::Folder(_) => {
            let engine = SqliteEngine::open(&database.file(), Arc::clone(&parts.clock));
            Opened::File(engine.expect("the file opens"))
        }
        DatabaseAddress::Postgres { url, .. } => {
            Opened::Server(PostgresEngine::at(&url, parts).expect("the address can be parsed"))
        }
    }
}

/// Drives one node as [`turn`] does, with the engine that the database has.
pub async fn live(
    database: &FreshDatabase,
    parts: &Parts,
    calls: usize,
    plant: Option<Plant>,
    command: Option<Command<()>>,
) -> Parting {
    let fate = Fate::at(calls);
    let living = async {
        match open(database, parts) {
            Opened::File(engine) => {
                turn(database, Node::new(Fragile::new(engine, &fate, plant), parts), &fate, command).await
            }
            Opened::Server(engine) => {
                turn(database, Node::new(Fragile::new(engine, &fate, plant), parts), &fate, command).await
            }
        }
    };
    tokio::time::timeout(REST, living).await.expect("a node becomes idle")
}

/// Whether no run is under way.
async fn is_at_rest(database: &FreshDatabase) -> bool {
    database.count("SELECT count(*) FROM workflow_run WHERE state = 'running'").await == 0
}

/// Lets other tasks run for a moment.
async fn pause() {
    drop(tokio::time::timeout(PAUSE, std::future::pending::<()>()).await);
}
