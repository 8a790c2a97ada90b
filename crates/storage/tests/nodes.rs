//! Guarantees when several nodes, each with several lanes, work on one PostgreSQL database.

mod toys;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, mpsc};

use docket_kernel::{Clock, Moment, Refusal, Task, UnitOfWork, Verb};
use docket_storage::{Command, Database, WriteError};
use docket_testkit::{FreshDatabase, On, parts, parts_in_real_time};
use tokio::sync::mpsc::UnboundedReceiver;
use toys::{
    COINS_OF_JAR, Coin, Household, Jar, Price, clock, coin, command, fresh, jar, node, node_with, put_coin, run, slip,
};

/// Stops a verb once, at a point that a test chooses.
struct Gate {
    first: AtomicBool,
    reached: tokio::sync::mpsc::UnboundedSender<()>,
    opened: Mutex<Receiver<()>>,
}

fn gate() -> (Gate, UnboundedReceiver<()>, Sender<()>) {
    let (reached, is_reached) = tokio::sync::mpsc::unbounded_channel();
    let (open, opened) = mpsc::channel();
    (Gate { first: AtomicBool::new(true), reached, opened: Mutex::new(opened) }, is_reached, open)
}

impl Gate {
    /// The first caller waits here until the gate is opened.
    fn pass(&self) {
        if self.first.swap(false, Ordering::SeqCst) {
            self.reached.send(()).expect("the test waits");
            let wait = || self.opened.lock().expect("the lock is not poisoned").recv();
            // A gate that is dropped instead of opened keeps its waiting callers blocked.
            tokio::task::block_in_place(wait).expect("the test continues");
        }
    }
}

fn submit<T: Send + 'static>(
    database: &Database,
    command: Command<T>,
) -> tokio::task::JoinHandle<Result<T, WriteError>> {
    let writer = database.writer().clone();
    tokio::spawn(async move { writer.submit(command).await })
}

async fn coins(fresh: &FreshDatabase, jar: &str) -> i64 {
    fresh.count(&format!("SELECT coins FROM jar WHERE id = '{jar}'")).await
}

/// The time limit for something that a test waits for.
struct Deadline(Moment);

fn deadline() -> Deadline {
    Deadline(docket_kernel::SystemClock.now().plus_seconds(60))
}

impl Deadline {
    fn check(&self) {
        assert!(docket_kernel::SystemClock.now() < self.0, "it has not happened within a minute");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_counts_when_two_nodes_of_four_lanes_change_one_row() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let nodes = [node(&fresh, 4).await, node(&fresh, 4).await];

    let mut commands = Vec::new();
    for place in 0..64 {
        // Each command uses a random lane: lanes and nodes find the row busy all the time.
        let busy = command(|work| put_coin(work, "jar")).about(&place.to_string());
        commands.push(submit(&nodes[place % 2], busy));
    }
    let mut done = 0;
    for command in commands {
        let mut answer = command.await.unwrap();
        while matches!(answer, Err(WriteError::Busy)) {
            answer = run(&nodes[0], |work| put_coin(work, "jar")).await;
        }
        answer.unwrap();
        done += 1;
    }

    assert_eq!(done, 64);
    assert_eq!(coins(&fresh, "jar").await, 64);
    assert_eq!(fresh.count("SELECT version FROM jar WHERE id = 'jar'").await, 65);
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_on_configuration_that_changed_is_made_again() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = node(&fresh, 1).await;
    let (gate, mut reached, open) = gate();

    let overtaken = submit(
        &node,
        command(move |work| {
            let price = work.get::<Price>("price")?.expect("there is a price");
            gate.pass();
            work.change::<Price>("price", |new| new.amount = price.amount * 2).map(|price| price.amount)
        }),
    );
    reached.recv().await;
    fresh.run("UPDATE price SET amount = 50, version = version + 1 WHERE id = 'price'").await;
    open.send(()).unwrap();

    assert_eq!(overtaken.await.unwrap().unwrap(), 100);
    assert_eq!(fresh.count("SELECT amount FROM price WHERE id = 'price'").await, 100);
    node.close().await;
}

/// Finds or creates the jar with this label, and adds a coin to it.
fn find_or_make(work: &mut UnitOfWork, label: &str) -> Verb<bool> {
    if let Some(jar) = work.find::<Jar>("label", label)? {
        return put_coin(work, jar.id.as_str()).map(|_| false);
    }
    let id = work.new_id("jar");
    work.insert(jar(&id, label, 1));
    Ok(true)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_unique_value_looked_up_on_two_nodes_at_once_becomes_one_row() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let nodes = [node(&fresh, 4).await, node(&fresh, 4).await];

    for round in 0..10 {
        let label = format!("round {round}");
        let racers: Vec<_> = (0..8)
            .map(|place: usize| {
                let label = label.clone();
                let racer = command(move |work| find_or_make(work, &label)).about(&place.to_string());
                submit(&nodes[place % 2], racer)
            })
            .collect();
        let mut made = 0;
        for racer in racers {
            made += i32::from(racer.await.unwrap().unwrap());
        }

        assert_eq!(made, 1, "{label}");
        let rows = format!("SELECT count(*) FROM jar WHERE label = '{label}'");
        assert_eq!(fresh.count(&rows).await, 1, "{label}");
        assert_eq!(fresh.count(&format!("SELECT coins FROM jar WHERE label = '{label}'")).await, 8, "{label}");
    }
    for node in nodes {
        node.close().await;
    }
}

/// Adds a coin to a jar that may contain only one.
fn add_the_only(work: &mut UnitOfWork, jar: &str) -> Verb<()> {
    if !work.ask::<Coin>(&COINS_OF_JAR, jar)?.is_empty() {
        return Err(Refusal::rule("full", "the jar holds one coin").into());
    }
    let coin = coin(work, jar);
    work.insert(coin);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_can_not_both_add_the_last_row_a_parent_allows() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let nodes = [node(&fresh, 2).await, node(&fresh, 2).await];

    for round in 0..10 {
        let key = format!("round_{round}");
        fresh.run(&format!("INSERT INTO jar VALUES ('{key}', 'env_a', 1, '{key}', 0, '[]', FALSE)")).await;
        let racers: Vec<_> = (0..6)
            .map(|place: usize| {
                let key = key.clone();
                submit(&nodes[place % 2], command(move |work| add_the_only(work, &key)).about(&place.to_string()))
            })
            .collect();
        let mut added = 0;
        for racer in racers {
            match racer.await.unwrap() {
                Ok(()) => added += 1,
                Err(WriteError::Refused(refusal)) => assert_eq!(refusal.code, "full"),
                Err(other) => panic!("{other}"),
            }
        }

        assert_eq!(added, 1, "{key}");
        assert_eq!(fresh.count(&format!("SELECT count(*) FROM coin WHERE jar_id = '{key}'")).await, 1, "{key}");
    }
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_row_postpones_its_item_and_not_the_batch() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = node(&fresh, 1).await;
    let holder = fresh.connect().await;
    holder.batch_execute("BEGIN; SELECT 1 FROM jar WHERE id = 'jar' FOR UPDATE").await.unwrap();

    let by_key = submit(&node, command(|work| put_coin(work, "jar")));
    let by_label = submit(&node, command(|work| Ok(work.find::<Jar>("label", "shelf")?.map(|jar| jar.coins))));
    for coins in 1..=3 {
        assert_eq!(run(&node, |work| put_coin(work, "other")).await.unwrap(), coins);
    }
    assert!(!by_key.is_finished() && !by_label.is_finished());
    holder.batch_execute("COMMIT").await.unwrap();

    assert_eq!(by_key.await.unwrap().unwrap(), 1);
    assert!(by_label.await.unwrap().unwrap().is_some());
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_stays_busy_is_answered_as_busy_and_the_writer_continues() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = node(&fresh, 1).await;
    let holder = fresh.connect().await;
    holder.batch_execute("BEGIN; SELECT 1 FROM jar WHERE id = 'jar' FOR UPDATE").await.unwrap();

    let stuck = run(&node, |work| put_coin(work, "jar")).await;

    assert!(matches!(stuck, Err(WriteError::Busy)), "{stuck:?}");
    assert_eq!(run(&node, |work| put_coin(work, "other")).await.unwrap(), 1);
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), 1);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_item_whose_reaction_meets_a_busy_row_is_done_once_and_not_twice() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let household = Arc::new(Household::default());
    let node = node_with(&fresh, 1, parts_in_real_time(household)).await;
    let holder = fresh.connect().await;
    holder.batch_execute("BEGIN; SELECT 1 FROM jar WHERE id = 'jar' FOR UPDATE").await.unwrap();
    let ran = Arc::new(AtomicI64::new(0));

    let runs = Arc::clone(&ran);
    let reacting = submit(
        &node,
        command(move |work| {
            runs.fetch_add(1, Ordering::SeqCst);
            let coins = put_coin(work, "other")?;
            work.queue(Task { topic: "coin", key: Arc::from("jar") });
            Ok(coins)
        }),
    );
    while ran.load(Ordering::SeqCst) < 4 {
        run(&node, |work| work.get::<Jar>("theirs").map(drop)).await.unwrap();
    }
    assert_eq!(coins(&fresh, "other").await, 0, "half of the item was written");
    holder.batch_execute("COMMIT").await.unwrap();

    assert_eq!(reacting.await.unwrap().unwrap(), 1);
    assert_eq!((coins(&fresh, "jar").await, coins(&fresh, "other").await), (1, 1));
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_can_be_deferred_only_by_changing_a_busy_row_postpones_its_item() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    fresh.run("INSERT INTO chore VALUES ('sweep', 'env_a', 1, 1, 0, 'jar')").await;
    let holder = fresh.connect().await;
    holder.batch_execute("BEGIN; SELECT 1 FROM chore FOR UPDATE").await.unwrap();
    let node = node_with(&fresh, 1, parts_in_real_time(Arc::new(Household::default()))).await;
    let ran = Arc::new(AtomicI64::new(0));

    let runs = Arc::clone(&ran);
    let waking = submit(
        &node,
        command(move |work| {
            runs.fetch_add(1, Ordering::SeqCst);
            work.queue(Task { topic: "chore", key: Arc::from("sweep") });
            put_coin(work, "other")
        }),
    );
    let deadline = deadline();
    while ran.load(Ordering::SeqCst) < 2 {
        deadline.check();
        run(&node, |work| work.get::<Jar>("theirs").map(drop)).await.unwrap();
    }
    holder.batch_execute("COMMIT").await.unwrap();

    assert_eq!(waking.await.unwrap().unwrap(), 1);
    // The node's own poll for due work may have met the row first and deferred the chore for a moment.
    while fresh.count("SELECT count(*) FROM chore WHERE due_at IS NOT NULL").await > 0 {
        deadline.check();
        run(&node, |work| work.get::<Jar>("theirs").map(drop)).await.unwrap();
    }
    assert_eq!((coins(&fresh, "jar").await, coins(&fresh, "other").await), (1, 1));
    assert_eq!(fresh.count("SELECT done FROM chore").await, 1);
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn due_rows_are_claimed_by_one_of_two_nodes() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let households = [Arc::new(Household::default()), Arc::new(Household::default())];
    let clock = clock();
    let mut nodes = Vec::new();
    for (number, household) in (1..).zip(&households) {
        let household: Arc<Household> = Arc::clone(household);
        nodes.push(node_with(&fresh, 2, parts(&clock, number, household)).await);
    }
    let due = docket_testkit::start_of_time().plus_seconds(60).0;
    let chores =
        format!("INSERT INTO chore SELECT 'chore_' || n, 'env_a', 1, {due}, 0, NULL FROM generate_series(1, 500) AS n");
    fresh.run(&chores).await;

    clock.advance_seconds(61);
    for node in &nodes {
        node.writer().nudge();
    }
    let deadline = deadline();
    while fresh.count("SELECT count(*) FROM chore WHERE due_at IS NOT NULL").await > 0 {
        deadline.check();
        tokio::task::yield_now().await;
    }

    assert_eq!(fresh.count("SELECT count(*) FROM chore WHERE done = 1").await, 500);
    for node in nodes {
        node.close().await;
    }
}

#[test]
fn work_that_a_killed_node_had_claimed_is_done_by_another() {
    if !On::Postgres.is_there() {
        return;
    }
    let survivors = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let doomed = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (fresh, clock) = (survivors.block_on(fresh(On::Postgres)), clock());
    survivors.block_on(fresh.run("INSERT INTO chore VALUES ('sweep', 'env_a', 1, 1, 0, 'jar')"));
    let (gate, mut reached, open) = gate();
    let (gate, first) = (Arc::new(gate), Arc::new(Household::default()));

    // The first node claims the chore, and is killed before it commits.
    let node_of_the_dead =
        doomed.block_on(node_with(&fresh, 1, parts(&clock, 1, Arc::new(Stopping(first, Arc::clone(&gate))))));
    node_of_the_dead.writer().nudge();
    survivors.block_on(reached.recv());
    let holders =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";
    assert_eq!(survivors.block_on(fresh.count(holders)), 1);
    doomed.shutdown_background();
    drop(open);

    let second = survivors.block_on(node_with(&fresh, 1, parts(&clock, 2, Arc::new(Household::default()))));
    survivors.block_on(async {
        let deadline = deadline();
        while fresh.count("SELECT done FROM chore").await == 0 {
            deadline.check();
            second.writer().nudge();
            tokio::task::yield_now().await;
        }
        assert_eq!(coins(&fresh, "jar").await, 1);
        second.close().await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn due_work_that_met_a_busy_row_is_checked_at_its_new_due_time_and_not_at_the_next_poll() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let clock = clock();
    let node = node_with(&fresh, 1, parts(&clock, 1, Arc::new(Household::default()))).await;
    run(&node, |work| put_coin(work, "other")).await.unwrap();
    let holder = fresh.connect().await;
    holder.batch_execute("BEGIN; SELECT 1 FROM jar WHERE id = 'jar' FOR UPDATE").await.unwrap();
    fresh.run("INSERT INTO chore VALUES ('sweep', 'env_a', 1, 1, 0, 'jar')").await;
    node.writer().nudge();
    let deadline = deadline();
    while fresh.count("SELECT count(*) FROM chore WHERE due_at > 1").await == 0 {
        deadline.check();
        tokio::task::yield_now().await;
    }

    holder.batch_execute("COMMIT").await.unwrap();
    let done = async {
        while coins(&fresh, "jar").await == 0 {
            clock.advance_micros(1_000);
        }
    };
    let before = docket_kernel::Clock::now(&*clock);
    tokio::time::timeout(std::time::Duration::from_secs(20), done).await.expect("it is done");

    let passed = docket_kernel::Clock::now(&*clock).0 - before.0;
    assert!(passed < 500_000, "it was done {passed} microseconds later");
    node.close().await;
}

/// A household that stops at a gate before it has done its first chore, and never continues.
struct Stopping(Arc<Household>, Arc<Gate>);

impl docket_storage::Reactor for Stopping {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<docket_kernel::Progress> {
        let done = self.0.perform(work, task)?;
        self.1.pass();
        Ok(done)
    }
    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: docket_kernel::Moment) -> Verb<()> {
        self.0.defer(work, task, due)
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, _: &Refusal) -> Verb<()> {
        Ok(())
    }
    fn may_defer(&self, task: &Task) -> bool {
        self.0.may_defer(task)
    }
    fn due(&self) -> Option<(&'static docket_kernel::Table, &'static str)> {
        self.0.due()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_two_nodes_never_collide_and_rise_in_each_lane() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let nodes = [node(&fresh, 4).await, node(&fresh, 4).await];
    let mut all = Vec::new();

    for node in &nodes {
        for lane in ["a", "b", "c"] {
            let mut numbers = Vec::new();
            for _ in 0..30 {
                let number = command(|work| work.number("env_a", "KYC")).about(lane);
                numbers.push(node.writer().submit(number).await.unwrap());
            }
            assert!(numbers.is_sorted());
            all.extend(numbers);
        }
    }

    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count);
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_makes_another_node_claim_due_work_at_once() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let clock = clock();
    let node = node_with(&fresh, 1, parts(&clock, 1, Arc::new(Household::default()))).await;
    run(&node, |work| put_coin(work, "other")).await.unwrap();
    fresh.run("INSERT INTO chore VALUES ('sweep', 'env_a', 1, 1, 0, 'jar')").await;
    let listening = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
         AND (query LIKE '%LISTEN docket%' OR query LIKE 'NOTIFY docket%')";
    while fresh.count(listening).await == 0 {
        tokio::task::yield_now().await;
    }

    fresh.run("NOTIFY docket").await;
    while coins(&fresh, "jar").await == 0 {
        tokio::task::yield_now().await;
    }

    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_lost_its_connections_reconnects() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let node = node(&fresh, 2).await;
    run(&node, |work| work.number("env_a", "KYC")).await.unwrap();
    let seen = async || node.reader().counted("env_a".into(), "x").await;
    seen().await.unwrap();

    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()";
    fresh.connect().await.batch_execute(others).await.unwrap();

    assert_eq!(run(&node, |work| put_coin(work, "jar")).await.unwrap(), 1);
    let used = run(&node, |work| {
        let mut last = 0;
        for _ in 0..64 {
            last = work.number("env_a", "KYC")?;
        }
        let slip = slip(work, "after");
        work.insert(slip);
        Ok(last)
    });
    assert_eq!(used.await.unwrap(), 65);
    assert_eq!(seen().await.unwrap(), 0);
    assert_eq!(fresh.count("SELECT count(*) FROM slip").await, 1);
    node.close().await;
}

/// The machine's clock, one hour behind.
struct Late;

impl docket_kernel::Clock for Late {
    fn now(&self) -> Moment {
        docket_kernel::SystemClock.now().plus_seconds(-3_600)
    }
    fn is_machine(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_batch_uses_the_time_of_the_database_and_not_of_the_node() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let parts =
        docket_storage::Parts { clock: Arc::new(Late), ..parts_in_real_time(Arc::new(docket_storage::NoReactor)) };
    let node = node_with(&fresh, 1, parts).await;
    let time = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint";

    let before = fresh.count(time).await;
    let now = run(&node, |work| Ok(work.now())).await.unwrap();
    let after = fresh.count(time).await;

    assert!((before..=after).contains(&now.0), "{before} {now:?} {after}");
    node.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_configuration_is_seen_by_every_later_command_on_any_node() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let nodes = [node(&fresh, 2).await, node(&fresh, 2).await];
    let price = |work: &mut UnitOfWork| Ok(work.get::<Price>("price")?.map(|price| price.amount));

    for amount in 1..=20 {
        run(&nodes[0], move |work| work.change::<Price>("price", |price| price.amount = amount).map(drop))
            .await
            .unwrap();

        for node in &nodes {
            for lane in ["a", "b", "c"] {
                let seen = node.writer().submit(command(price).about(lane)).await.unwrap();
                assert_eq!(seen, Some(amount));
            }
        }
    }
    for node in nodes {
        node.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_sends_hints_of_due_work_after_its_commit_and_at_most_twenty_a_second() {
    if !On::Postgres.is_there() {
        return;
    }
    let fresh = fresh(On::Postgres).await;
    let docket_storage::DatabaseAddress::Postgres { url, .. } = fresh.place() else { unreachable!("it is PostgreSQL") };
    let (client, mut connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    let heard = Arc::new(AtomicI64::new(0));
    let hearing = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Some(Ok(message)) = std::future::poll_fn(|context| connection.poll_message(context)).await {
            if let tokio_postgres::AsyncMessage::Notification(_) = message {
                hearing.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    client.batch_execute("LISTEN docket").await.unwrap();
    // No step runs inline, so each command leaves due work, and no node ever does it.
    let mut parts = parts_in_real_time(Arc::new(Household::default()));
    parts.bounds.inline_steps = 0;
    let node = node_with(&fresh, 1, parts).await;
    fresh.run("INSERT INTO chore VALUES ('sweep', 'env_a', 1, NULL, 0, NULL)").await;

    let leaves_work = || {
        run(&node, |work| {
            work.queue(Task { topic: "chore", key: Arc::from("sweep") });
            put_coin(work, "other")
        })
    };
    let mut batches = 0;
    let leaving = async {
        loop {
            batches = leaves_work().await.unwrap();
        }
    };
    drop(tokio::time::timeout(std::time::Duration::from_millis(500), leaving).await);
    node.close().await;

    let heard = heard.load(Ordering::SeqCst);
    assert!(batches > 20 && (2..=12).contains(&heard), "{heard} hints for {batches} batches");
}
