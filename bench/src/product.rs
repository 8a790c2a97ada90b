//! Docket inside this program: the API and the reactor, wired as the server wires them.

use std::sync::Arc;

use axum::routing::get;
use docket_api::{App, Settings};
use docket_events::EVENT;
use docket_kernel::{Clock, Entity, Moment, Progress, Refusal, Rng, SystemClock, SystemRng, Table, Task, UnitOfWork, Verb};
use docket_storage::{Bounds, Database, Parts, Place, Reactor};
use docket_workflows::{Engine, RUN, Run, advance, defer, fail, react};

use crate::Fallible;

/// What the writer does about what verbs record.
pub struct Reactions(pub Arc<Engine>);

impl Reactor for Reactions {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        match task.topic {
            EVENT => react(&self.0, work, &task.key).map(|()| Progress::Done),
            _ => advance(&self.0, work, &task.key),
        }
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        if task.topic == RUN { defer(work, &task.key, due) } else { Ok(()) }
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        if task.topic == RUN { fail(&self.0, work, &task.key, refusal) } else { Ok(()) }
    }

    fn may_defer(&self, task: &Task) -> bool {
        task.topic == RUN
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Run::TABLE, RUN))
    }
}

/// Opens a database with this clock and this chance.
pub async fn open(place: &Place, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Fallible<(Database, Arc<Engine>)> {
    let engine = Arc::new(docket_steps::engine());
    let reactor = Arc::new(Reactions(Arc::clone(&engine)));
    let parts = Parts { reactor, bounds: Bounds::default(), clock, rng };
    Ok((Database::open(place, parts).await?, engine))
}

/// Serves a database until the process is ended.
pub async fn serve(place: &Place, listen: &str) -> Fallible<()> {
    let (clock, rng): (Arc<dyn Clock>, Arc<dyn Rng>) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let (database, engine) = open(place, Arc::clone(&clock), Arc::clone(&rng)).await?;
    let settings = Settings { rate_limit: 0 };
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
