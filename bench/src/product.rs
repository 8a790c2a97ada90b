//! Docket inside this program: the API over a database, wired as the server wires it.

use std::sync::Arc;

use axum::routing::get;
use docket_api::{App, Settings};
use docket_kernel::{Clock, Rng, SystemClock, SystemRng};
use docket_steps::Reactions;
use docket_storage::{Bounds, Database, DatabaseAddress, Parts};
use docket_workflows::Engine;

use crate::Fallible;

/// Opens a database with this clock and this randomness.
pub async fn open(
    place: &DatabaseAddress,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
) -> Fallible<(Database, Arc<Engine>)> {
    let engine = Arc::new(docket_steps::engine());
    let reactor = Arc::new(Reactions::of(&engine));
    let parts = Parts { reactor, bounds: Bounds::default(), clock, rng };
    Ok((Database::open(place, parts).await?, engine))
}

/// Serves a database until the process is ended.
pub async fn serve(place: &DatabaseAddress, listen: &str) -> Fallible<()> {
    let (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let (database, engine) = open(place, Arc::clone(&clock), Arc::clone(&rng)).await?;
    let settings = Settings { rate_limit: 0, ..Settings::default() };
    let app = App::new(database.writer().clone(), database.reader().clone(), engine, clock, rng, settings);
    let router = docket_api::router(app).route("/readyz", get(|| async { "ready" }));
    let listener = tokio::net::TcpListener::bind(listen).await?;
    let ended = async {
        let signal = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        if let Ok(mut signal) = signal {
            signal.recv().await;
        }
    };
    tokio::select! {
        served = axum::serve(listener, router).into_future() => served?,
        () = ended => {}
    }
    database.close().await;
    Ok(())
}
