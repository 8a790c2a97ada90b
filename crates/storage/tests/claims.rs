//! Claims of due rows: environments take turns, within a limit of bytes.

mod toys;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use docket_kernel::{Clock, ManualClock};
use docket_storage::{Bounds, DatabaseAddress, Engine, Node, Parts, PostgresEngine, SqliteEngine};
use docket_testkit::{FreshDatabase, engines, parts};
use toys::{Household, clock, fresh};

/// Drives a node over this database for this many turns; returns how many rows it claimed in all.
async fn turned(fresh: &FreshDatabase, clock: &Arc<ManualClock>, bounds: Bounds, turns: usize) -> u64 {
    async fn turn<E: Engine>(mut node: Node<E>, turns: usize) -> u64 {
        for _ in 0..turns {
            node.turn().await;
        }
        node.writer().figures().claimed.load(Ordering::Relaxed)
    }
    let parts = Parts { bounds, ..parts(clock, 1, Arc::new(Household::default())) };
    match fresh.place() {
        DatabaseAddress::Folder(_) => {
            let time: Arc<dyn Clock> = Arc::<ManualClock>::clone(clock);
            turn(Node::new(SqliteEngine::open(&fresh.file(), time).expect("the file opens"), &parts), turns).await
        }
        DatabaseAddress::Postgres { url, .. } => {
            turn(Node::new(PostgresEngine::at(&url, &parts).expect("the address is good"), &parts), turns).await
        }
    }
}

/// Inserts this many chores of an environment, due since an instant.
async fn chores(fresh: &FreshDatabase, environment: &str, count: usize, due: i64, wide: usize) {
    let rows: Vec<String> = (0..count)
        .map(|place| format!("('{environment}_{place}{}', '{environment}', 1, {due}, 0, NULL)", "x".repeat(wide)))
        .collect();
    fresh.run(&format!("INSERT INTO chore VALUES {}", rows.join(", "))).await;
}

async fn done(fresh: &FreshDatabase, environment: &str) -> i64 {
    fresh.count(&format!("SELECT count(*) FROM chore WHERE environment_id = '{environment}' AND done = 1")).await
}

#[tokio::test]
async fn a_backlog_of_one_environment_does_not_block_the_others() {
    for engine in engines() {
        let (fresh, clock) = (fresh(engine).await, clock());
        chores(&fresh, "env_a", 200, 1, 0).await;
        for environment in ["env_b", "env_c"] {
            chores(&fresh, environment, 1, 2, 0).await;
        }

        turned(&fresh, &clock, Bounds { batch_items: 8, ..Bounds::default() }, 1).await;

        assert_eq!((done(&fresh, "env_b").await, done(&fresh, "env_c").await), (1, 1), "{engine}");
        assert_eq!(done(&fresh, "env_a").await, 6, "{engine}");
    }
}

#[tokio::test]
async fn a_claim_takes_rows_up_to_a_limit_of_bytes_and_at_least_one() {
    for engine in engines() {
        for (claim_bytes, claimed) in [(1, 1), (100_000, 1), (100_500, 2)] {
            let (fresh, clock) = (fresh(engine).await, clock());
            // Each row is a little larger than 50,000 bytes.
            chores(&fresh, "env_a", 4, 1, 50_000).await;

            let all = turned(&fresh, &clock, Bounds { claim_bytes, ..Bounds::default() }, 1).await;

            assert_eq!(all, claimed, "{engine}: within {claim_bytes} bytes");
            turned(&fresh, &clock, Bounds { claim_bytes, ..Bounds::default() }, 4).await;
            assert_eq!(done(&fresh, "env_a").await, 4, "{engine}: the others are claimed later");
        }
    }
}
