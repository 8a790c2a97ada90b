//! Failures around a running node: its disk, its connection during a COMMIT, and the work it gets.

use std::sync::Arc;

use docket_kernel::{Progress, Refusal, Table, Task, UnitOfWork, Verb};
use docket_objects::sign;
use docket_steps::Reactions;
use docket_storage::{DatabaseAddress, Node as Turned, Reactor};
use docket_testkit::{AtCommit, Fate, On, Opened, Proxy, engines, open, turn};
use docket_workflows::{RUN, Run, RunState, Segment};
use serde_json::Value;

use crate::crashes::{ingest, parts};
use crate::house::House;
use crate::journal::{Journal, Wish};
use crate::judge::judge;
use crate::node::{Node, client};
use crate::order::Order;
use crate::stored::Stored;
use crate::wait::{now, until};
use crate::world::{World, completed};

/// Posts the event of a reference job; returns the response's status, if there is a response.
pub async fn send(node_url: &str, world: &World, mark: &str) -> Option<u16> {
    let body = completed(mark);
    let signature = sign(&world.secret, now(), body.as_bytes());
    let request = client().post(format!("{node_url}/ingest/{}", world.source));
    let response = request.header("persona-signature", signature).body(body).send().await.ok()?;
    Some(response.status().as_u16())
}

/// Waits until no run is under way, stops the node, and checks: these jobs were acknowledged, and no others were sent.
async fn acknowledged(house: &House, engine: On, node: Node, world: &World, marks: &[&str]) {
    rest(house).await;
    node.stop().await;
    let journal = Journal::default();
    for mark in marks {
        let place = journal.intend(mark, Wish::Job);
        journal.acknowledge(place, Value::Null, now());
    }
    let wrong = judge(&Stored::of(&house.database, engine).await, &journal.entries(), world, 0);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

async fn rest(house: &House) {
    let rest = until(30, async || house.is_at_rest().await.then_some(())).await;
    assert!(rest.is_some(), "runs are under way forever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_with_a_full_disk_refuses_and_reports_it_and_recovers_when_there_is_space() {
    let (house, world) = House::furnished(On::Sqlite).await;
    let node = Node::start(&house, &[], Order::new()).await;
    assert_eq!(send(&node.url, &world, "before").await, Some(200));

    node.order.set_full(true);
    let refused = [send(&node.url, &world, "during").await, send(&node.url, &world, "during").await];
    let unready = until(10, async || (node.status("/readyz").await == Some(503)).then_some(())).await;
    node.order.set_full(false);
    let ready = until(10, async || (node.status("/readyz").await == Some(200)).then_some(())).await;

    assert_eq!(refused, [Some(503), Some(503)]);
    assert!(unready.is_some(), "a node whose disk is full is not ready");
    assert!(ready.is_some(), "a node whose disk has space again is ready: {}", node.log());
    let before_repetition = house.database.count("SELECT count(*) FROM receipt").await;
    assert_eq!(before_repetition, 1);
    assert_eq!(send(&node.url, &world, "during").await, Some(200));
    acknowledged(&house, On::Sqlite, node, &world, &["before", "during"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_disk_ends_the_process_and_the_next_one_starts_from_the_stored_state() {
    let (house, world) = House::furnished(On::Sqlite).await;
    let mut node = Node::start(&house, &[], Order::new()).await;
    assert_eq!(send(&node.url, &world, "before").await, Some(200));

    node.order.fail_to_sync();
    let lost = send(&node.url, &world, "during").await;
    let ended = node.ended(10).await;

    assert_eq!(lost, None);
    assert_eq!(ended.and_then(|status| status.code()), Some(74), "{}", node.log());
    drop(node);
    let next = Node::start(&house, &[], Order::new()).await;
    assert_eq!(send(&next.url, &world, "during").await, Some(200));
    acknowledged(&house, On::Sqlite, next, &world, &["before", "during"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_with_a_commit_without_an_answer_is_done_once_by_two_nodes() {
    if !On::Postgres.is_there() {
        return;
    }
    for flags in [vec![], vec!["--inline-steps".to_owned(), "0".to_owned()]] {
        let (house, world) = House::furnished(On::Postgres).await;
        let DatabaseAddress::Postgres { url, .. } = house.database.place() else {
            panic!("only PostgreSQL is behind a proxy")
        };
        let proxy = Proxy::to(&url).await;
        let behind = DatabaseAddress::Postgres { url: proxy.url(&url), lanes: 4 };
        let node = Node::start_at(&house, &behind, &flags, Order::new()).await;
        let other = Node::start(&house, &flags, Order::new()).await;
        let mut marks = Vec::new();

        for fate in [AtCommit::LoseAnswer, AtCommit::LoseRequest, AtCommit::LoseRequestAndClaim, AtCommit::LoseAnswer] {
            for again in 0..3 {
                let mark = format!("{fate:?}{again}{}", marks.len());
                proxy.next_commit(fate);
                assert_eq!(send(&node.url, &world, &mark).await, Some(200), "{mark}: {}", node.log());
                assert_eq!(send(&other.url, &world, &mark).await, Some(200), "{mark} again");
                marks.push(mark);
            }
        }

        assert!(proxy.broken() >= 12, "the proxy broke {} connections", proxy.broken());
        other.stop().await;
        let marks: Vec<&str> = marks.iter().map(String::as_str).collect();
        acknowledged(&house, On::Postgres, node, &world, &marks).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_commit_that_can_not_be_settled_is_unknown_until_it_is_repeated_elsewhere() {
    if !On::Postgres.is_there() {
        return;
    }
    let (house, world) = House::furnished(On::Postgres).await;
    let DatabaseAddress::Postgres { url, .. } = house.database.place() else {
        panic!("only PostgreSQL is behind a proxy")
    };
    let proxy = Proxy::to(&url).await;
    let behind = DatabaseAddress::Postgres { url: proxy.url(&url), lanes: 1 };
    let node = Node::start_at(&house, &behind, &[], Order::new()).await;
    let other = Node::start(&house, &[], Order::new()).await;

    proxy.next_commit(AtCommit::LoseServer);
    let unknown = send(&node.url, &world, "unknown").await;

    assert_eq!(unknown, Some(503));
    let unready = until(10, async || (node.status("/readyz").await == Some(503)).then_some(())).await;
    assert!(unready.is_some(), "a node without a database is not ready");
    assert_eq!(send(&other.url, &world, "unknown").await, Some(200));
    drop(node);
    acknowledged(&house, On::Postgres, other, &world, &["unknown"]).await;
}

/// Makes the database refuse every tag of one inquiry, like a constraint of the schema that no verb checks.
fn poison(engine: On) -> String {
    let holds = "NEW.name = 'inquiry.updated-tags' AND NEW.object_id = 'inq_poison'";
    match engine {
        On::Sqlite => format!(
            "CREATE TRIGGER poison BEFORE INSERT ON event WHEN {holds} BEGIN SELECT RAISE(ABORT, 'poison'); END"
        ),
        On::Postgres => format!(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {holds} THEN \
             RAISE EXCEPTION 'poison' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$; \
             CREATE TRIGGER poison BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION poison()"
        ),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_the_database_always_refuses_fails_its_run_once_and_affects_no_other() {
    for engine in engines() {
        for flags in [vec![], vec!["--inline-steps".to_owned(), "0".to_owned()]] {
            let (house, world) = House::furnished(engine).await;
            house.database.run(&poison(engine)).await;
            let node = Node::start(&house, &flags, Order::new()).await;

            let send = |mark| send(&node.url, &world, mark);
            let answers = tokio::join!(send("one"), send("poison"), send("two"), send("three"));

            let taken = Some(200);
            assert_eq!(answers, (taken, taken, taken, taken), "{engine} {flags:?}: {}", node.log());
            rest(&house).await;
            node.stop().await;
            let stored = Stored::of(&house.database, engine).await;
            let told = format!("{engine} {flags:?}");
            let last = poisoned_alone(&stored, &world, 1, &told);
            assert_eq!(last, "tag_inquiry", "{told}");
        }
    }
}

/// Checks that the poisoned inquiry's run ended with an error and all other runs completed; returns the id of the step
/// that failed. `opened` is the number of cases that the failed run had opened before.
fn poisoned_alone(stored: &Stored, world: &World, opened: usize, told: &str) -> String {
    let journal = Journal::default();
    for mark in ["one", "two", "three"] {
        let place = journal.intend(mark, Wish::Job);
        journal.acknowledge(place, Value::Null, now());
    }
    let wrong = judge(stored, &journal.entries(), world, opened);
    assert!(wrong.is_empty(), "{told}: {wrong:#?}");
    let runs: Vec<Run> = stored.all();
    let failed: Vec<&Run> = runs.iter().filter(|run| run.state != RunState::Completed).collect();
    let [run] = failed.as_slice() else { panic!("{told}: {failed:?}") };
    assert_eq!(run.state, RunState::Errored, "{told}");
    let mut segments: Vec<Segment> = stored.all();
    segments.retain(|segment| segment.run_id == run.id);
    segments.sort_by_key(|segment| segment.ordinal);
    let last = segments.iter().flat_map(|segment| segment.steps.iter()).next_back().expect("the run has steps");
    assert!(last.error.is_some(), "{told}: {last:?}");
    last.id.clone()
}

/// Reacts as the product does, and panics at the tag of one inquiry.
struct Panicking(Reactions);

impl Reactor for Panicking {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        let progress = self.0.perform(work, task)?;
        if task.topic == RUN
            && let Some(run) = work.get::<Run>(&task.key)?
            && run.trigger["id"] == "inq_poison"
        {
            assert!(!run.progress.outputs.contains_key("tag_inquiry"), "a panic of this test");
        }
        Ok(progress)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: docket_kernel::Moment) -> Verb<()> {
        self.0.defer(work, task, due)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        self.0.fail(work, task, refusal)
    }

    fn may_defer(&self, task: &Task) -> bool {
        self.0.may_defer(task)
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        self.0.due()
    }
}

#[tokio::test]
async fn a_step_that_panics_fails_its_run_once_and_the_writer_continues() {
    for engine in engines() {
        for inline_steps in [50, 0] {
            let (house, world) = House::furnished(engine).await;
            let reactions = Reactions::of(&Arc::new(docket_steps::engine()));
            let parts = parts(Arc::new(Panicking(reactions)), inline_steps);

            for mark in ["one", "poison", "two", "three"] {
                let (fate, command) = (Fate::at(0), Some(ingest(&world, mark)));
                let parting = match open(&house.database, &parts) {
                    Opened::File(engine) => turn(&house.database, Turned::new(engine, &parts), &fate, command).await,
                    Opened::Server(engine) => turn(&house.database, Turned::new(engine, &parts), &fate, command).await,
                };
                assert!(matches!(parting.answer, Some(Ok(()))), "{mark}: {parting:?}");
            }

            let told = format!("{engine}, {inline_steps} inline steps");
            let last = poisoned_alone(&Stored::of(&house.database, engine).await, &world, 1, &told);
            assert_eq!(last, "tag_inquiry", "{told}");
        }
    }
}
