//! Rows that are kept for a limited time are deleted afterwards, under any load.

mod toys;

use std::sync::Arc;

use docket_kernel::{Clock, ManualClock, Moment, Progress, Refusal, Table, Task, UnitOfWork, Verb};
use docket_storage::{DatabaseAddress, Engine, Node, PostgresEngine, Reactor, SqliteEngine, ready};
use docket_testkit::{Fate, Fragile, FreshDatabase, On, Plant, engines, parts};
use toys::{Coin, clock, coin, command, fresh};

/// Rows are kept for a minute.
const KEPT_SECONDS: i64 = 60;
/// More a second than one batch of cleanup a minute deletes.
const EACH_SECOND: usize = 20;
const SECONDS: usize = 400;
/// Cleanup begins once a minute, and needs a few turns.
const ROWS_MAX: i64 = (KEPT_SECONDS + 60 + 10) * 20;

/// Keeps coins for a minute.
struct Keeping;

impl Reactor for Keeping {
    fn perform(&self, _: &mut UnitOfWork, _: &Task) -> Verb<Progress> {
        Ok(Progress::Done)
    }
    fn defer(&self, _: &mut UnitOfWork, _: &Task, _: Moment) -> Verb<()> {
        Ok(())
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, _: &Refusal) -> Verb<()> {
        Ok(())
    }
    fn may_defer(&self, _: &Task) -> bool {
        false
    }
    fn kept(&self) -> Vec<(&'static Table, &'static str, i64)> {
        vec![(<Coin as docket_kernel::Entity>::TABLE, "created_at", KEPT_SECONDS)]
    }
    fn due(&self) -> Option<(&'static Table, &'static str)> {
        None
    }
}

/// The maximum number of rows, checked every ten seconds, while requests kept coming.
async fn most<E: Engine>(fresh: &FreshDatabase, clock: &Arc<ManualClock>, mut node: Node<E>) -> i64 {
    let (writer, mut most) = (node.writer().clone(), 0);
    for second in 0..SECONDS {
        let put = || {
            Box::pin(writer.submit(command(|work| {
                let coin = coin(work, "jar");
                work.insert(coin);
                Ok(())
            })))
        };
        let mut asked: Vec<_> = (0..EACH_SECOND).map(|_| put()).collect();
        for asking in &mut asked {
            assert!(ready(asking.as_mut()).is_none());
        }
        while writer.waiting() > 0 {
            node.turn().await;
        }
        clock.advance_seconds(1);
        if second % 10 == 9 {
            most = most.max(fresh.count("SELECT count(*) FROM coin").await);
        }
    }
    most
}

async fn most_rows(engine: On, plant: Option<Plant>) -> i64 {
    let (fresh, clock) = (fresh(engine).await, clock());
    fresh.run("CREATE INDEX coin_age ON coin (created_at)").await;
    let parts = parts(&clock, 1, Arc::new(Keeping));
    let fate = Fate::at(0);
    match fresh.place() {
        DatabaseAddress::Folder(_) => {
            let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(&clock);
            let engine = SqliteEngine::open(&fresh.file(), time).expect("the file opens");
            most(&fresh, &clock, Node::new(Fragile::new(engine, &fate, plant), &parts)).await
        }
        DatabaseAddress::Postgres { url, .. } => {
            let engine = PostgresEngine::at(&url, &parts).expect("the address is good");
            most(&fresh, &clock, Node::new(Fragile::new(engine, &fate, plant), &parts)).await
        }
    }
}

#[tokio::test]
async fn cleanup_keeps_up_with_twenty_rows_a_second_and_no_quiet_moment() {
    for engine in engines() {
        let most = most_rows(engine, None).await;

        assert!(most <= ROWS_MAX, "{engine}: {most} rows of a minute, at most {ROWS_MAX}");
    }
}

#[tokio::test]
async fn cleanup_that_stops_at_one_batch_is_found() {
    let most = most_rows(On::Sqlite, Some(Plant::CleanupStopsAtOneBatch)).await;

    assert!(most > ROWS_MAX, "{most} rows");
}
