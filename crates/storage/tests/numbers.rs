//! The visible numbers: consecutive on SQLite, from small shared blocks on PostgreSQL.

mod toys;

use std::sync::Arc;

use docket_kernel::{UnitOfWork, Verb};
use docket_storage::{Database, NoReactor, Node, PostgresEngine, Wish, WriteError};
use docket_testkit::{FreshDatabase, On, engines, parts};
use toys::{clock, command, fresh, node, node_with, run, still};

fn number(work: &mut UnitOfWork) -> Verb<i64> {
    work.number("env_a", "KYC")
}

async fn draw(database: &Database) -> i64 {
    run(database, number).await.expect("the numbers are drawn")
}

/// Numbers that a node returned, in order.
async fn free(fresh: &FreshDatabase) -> Vec<String> {
    fresh.read("SELECT number FROM free_number ORDER BY number").await
}

/// The first number that no node has reserved.
async fn next(fresh: &FreshDatabase) -> i64 {
    fresh.count("SELECT next FROM sequence WHERE scope = 'env_a' AND name = 'KYC'").await
}

fn texts(numbers: std::ops::Range<i64>) -> Vec<String> {
    numbers.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn a_file_has_the_next_number_after_every_commit() {
    let fresh = fresh(On::Sqlite).await;
    let database = still(&fresh).await;

    for last in 1..=3 {
        assert_eq!(draw(&database).await, last);
        assert_eq!(next(&fresh).await, last + 1);
    }

    database.close().await;
}

#[tokio::test]
async fn a_verb_draws_more_numbers_than_a_block_holds() {
    for engine in engines() {
        let fresh = fresh(engine).await;
        let database = still(&fresh).await;

        let drawn = run(&database, |work| (0..100).map(|_| number(work)).collect::<Verb<Vec<_>>>()).await.unwrap();

        assert_eq!(drawn, (1..=100).collect::<Vec<_>>(), "{engine}");
        assert_eq!(draw(&database).await, 101, "{engine}");
        database.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lanes_of_a_node_share_a_block_of_eight() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = node(&fresh, 4).await;
    let mut drawn = Vec::new();

    for place in 0..8 {
        drawn.push(node.writer().submit(command(number).about(&place.to_string())).await.unwrap());
    }

    assert_eq!((drawn, next(&fresh).await), ((1..=8).collect(), 9));
    assert_eq!((draw(&node).await, next(&fresh).await), (9, 17));
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_that_a_node_did_not_use_are_used_before_others_are_reserved() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let (first, second) = (node(&fresh, 2).await, node(&fresh, 2).await);
    assert_eq!((draw(&first).await, draw(&second).await), (1, 9));

    first.close().await;
    let mut drawn = Vec::new();
    for _ in 0..15 {
        drawn.push(draw(&second).await);
    }

    let expected: Vec<_> = (10..=16).chain(2..=8).chain([17]).collect();
    assert_eq!(drawn, expected);
    second.close().await;
    assert_eq!((free(&fresh).await, next(&fresh).await), (texts(18..25), 25));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_returns_numbers_that_it_did_not_use_for_a_minute() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let clock = clock();
    let node = node_with(&fresh, 2, parts(&clock, 1, Arc::new(NoReactor))).await;
    assert_eq!(draw(&node).await, 1);

    clock.advance_seconds(61);
    node.writer().nudge();
    while free(&fresh).await.len() < 7 {
        tokio::task::yield_now().await;
    }

    assert_eq!(free(&fresh).await, texts(2..9));
    assert_eq!(draw(&node).await, 2, "any node can draw them, and they come first");
    node.close().await;
    assert_eq!(next(&fresh).await, 9);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_loses_its_block_and_no_number_is_drawn_twice() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let parts = parts(&clock(), 1, Arc::new(NoReactor));
    let docket_storage::DatabaseAddress::Postgres { url, .. } = fresh.place() else { unreachable!("it is PostgreSQL") };
    let mut dying = Node::new(PostgresEngine::at(&url, &parts).unwrap(), &parts);
    let writer = dying.writer().clone();
    let answer = tokio::spawn(async move { writer.submit(command(number)).await });
    while !answer.is_finished() {
        let wish: Wish = dying.turn().await;
        assert_ne!(wish, Wish::Rest);
        tokio::task::yield_now().await;
    }
    let drawn: Result<i64, WriteError> = answer.await.unwrap();
    assert_eq!(drawn.unwrap(), 1);

    drop(dying);
    let later = node(&fresh, 2).await;

    assert_eq!(draw(&later).await, 9);
    assert!(free(&fresh).await.is_empty());
    later.close().await;
}
