//! PostgreSQL: any number of equal nodes on one database. Each writer lane has its own connection, readers share a
//! small pool, and one connection per node carries hints between nodes.

mod by_age;
mod claim;
mod connect;
mod engine;
mod flush;
mod hint;
mod load;
mod migrate;
mod numbers;
mod reader;
mod sequencer;
mod tls;

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::database::OpenError;
use crate::writer::{Lane, Parts, Writer, end_of_a_panic};

pub use engine::PostgresEngine;
pub(crate) use migrate::{check, migrate};
pub(crate) use reader::{PostgresReader, Snapshot};

use connect::Server;
use hint::Hints;
use numbers::Numbers;

/// A reader without a writer.
pub(crate) fn reader(url: &str) -> Result<PostgresReader, OpenError> {
    Ok(PostgresReader::new(Server::at(url)?))
}

/// Starts a task for each lane and one for hints; returns the task that ends when all have ended, and the reader.
pub(crate) async fn start(
    url: &str,
    writer: &Writer,
    lanes: Vec<Lane>,
    parts: &Parts,
) -> Result<(Vec<JoinHandle<()>>, PostgresReader), OpenError> {
    let server = Server::at(url)?;
    connect::check(&server.connect().await?).await?;
    let hints = Hints::default();
    let numbers = Arc::new(Numbers::new(server.clone(), Arc::clone(&parts.clock)));
    let hinting = tokio::spawn(hint::run(server.clone(), hints.clone(), writer.clone()));
    let numbering = tokio::spawn(sequencer::run(server.clone(), hints.clone(), writer.clone()));
    let mut running = Vec::with_capacity(lanes.len());
    for lane in lanes {
        let engine = PostgresEngine::new(server.clone(), Arc::clone(&numbers), hints.clone(), parts);
        let lane = tokio::spawn(lane.run(engine, parts.clone()));
        running.push(tokio::spawn(async move {
            if lane.await.is_err_and(|error| error.is_panic()) {
                end_of_a_panic();
            }
        }));
    }
    let all = tokio::spawn(async move {
        for lane in running {
            drop(lane.await);
        }
        hinting.abort();
        numbering.abort();
    });
    Ok((vec![all], PostgresReader::new(server)))
}
