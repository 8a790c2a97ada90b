//! Planted bugs: they show that these tests find bugs.

use std::sync::Arc;

use docket_kernel::{Moment, Progress, Refusal, Table, Task, UnitOfWork, Verb};
use docket_steps::Reactions;
use docket_storage::{Bounds, Node, Reactor};
use docket_testkit::{Fate, On, Opened, Plant, open, turn};
use serde_json::json;

use crate::breaks::send;
use crate::crashes::{ingest, parts, walk};
use crate::house::House;
use crate::node;
use crate::order::Order;
use crate::report::Report;
use crate::round::{Plan, play};
use crate::stored::Stored;
use crate::world::publish;

/// The maximum number of rounds of jobs until a planted bug shows.
const ROUNDS: usize = 5;

/// Records which test found a bug.
fn note(bug: &str, words: &str) {
    let thread = std::thread::current();
    let mut report = Report::begin(&format!("planted {bug}"), &format!("Planted and caught: {bug}"));
    report.line(&format!("By `{}`: {words}.", thread.name().unwrap_or("a test")));
    report.end();
}

/// The first finding with one of these prefixes.
fn finding<'w>(wrong: &'w [String], kinds: &[&str]) -> &'w str {
    let found = wrong.iter().find(|words| kinds.iter().any(|kind| words.starts_with(kind)));
    found.unwrap_or_else(|| panic!("nothing of {kinds:?} was found, only {wrong:#?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_before_the_commit_is_caught_across_a_kill() {
    let plan = Plan { engine: On::Sqlite, nodes: 1, flags: Vec::new(), seed: 1, kills: 4, answers_before_commit: true };

    let told = play(&plan).await;

    note("an answer before the commit, across a kill", finding(&told.wrong, &["lost: job"]));
}

#[tokio::test]
async fn an_answer_before_the_commit_is_caught_in_process() {
    let walk = walk(On::Sqlite, Bounds::default().inline_steps, Some(Plant::AnswerBeforeCommit)).await;

    note("an answer before the commit, in the engine", finding(&walk.wrong, &["lost: job"]));
}

#[tokio::test]
async fn a_flush_without_events_is_caught() {
    let walk = walk(On::Sqlite, Bounds::default().inline_steps, Some(Plant::FlushWithoutEvents)).await;

    note("a flush without events", finding(&walk.wrong, &["lost: job", "once: job"]));
}

/// Reacts as the product does; with the planted bug, `attempt` undoes nothing.
struct Keeping {
    reactions: Reactions,
    is_planted: bool,
}

impl Reactor for Keeping {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        work.plant(self.is_planted.then_some(docket_kernel::PlantedBug::AttemptKeeps));
        self.reactions.perform(work, task)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        self.reactions.defer(work, task, due)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        self.reactions.fail(work, task, refusal)
    }

    fn may_defer(&self, task: &Task) -> bool {
        self.reactions.may_defer(task)
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        self.reactions.due()
    }
}

/// Runs a job and a workflow with a single step that opens a case, then can't add the required object, and refuses.
async fn refusing_step(is_planted: bool) -> Vec<String> {
    let (house, world) = House::furnished(On::Sqlite).await;
    let node = node::Node::start(&house, &[], Order::new()).await;
    let with = json!({"template": world.onboarding, "objects": [{"ref": "trigger"}, "inq_nowhere"]});
    let refuses = json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [{"id": "refuses", "do": "case.create", "with": with, "on_error": "continue"}],
    });
    publish(&node, "Refuses", &refuses).await;
    node.stop().await;
    let reactions = Reactions::of(&Arc::new(docket_steps::engine()));
    let parts = parts(Arc::new(Keeping { reactions, is_planted }), Bounds::default().inline_steps);

    let Opened::File(engine) = open(&house.database, &parts) else { panic!("SQLite is a file") };
    turn(&house.database, Node::new(engine, &parts), &Fate::at(0), Some(ingest(&world, "kept"))).await;

    let stored = Stored::of(&house.database, On::Sqlite).await;
    let mut wrong: Vec<String> =
        docket_doctor::examine(&stored).expect("rows of ours").iter().map(|found| format!("doctor: {found}")).collect();
    let cases = stored.all::<docket_cases::Case>().len();
    if cases != 1 {
        wrong.push(format!("once: {cases} cases were opened, but one step of two succeeded"));
    }
    wrong
}

#[tokio::test]
async fn an_attempt_that_undoes_nothing_is_caught() {
    assert_eq!(refusing_step(false).await, Vec::<String>::new());

    let wrong = refusing_step(true).await;

    note("what `attempt` should undo, and keeps", finding(&wrong, &["once:", "doctor:"]));
}

/// Starts two nodes; their statements with this phrase have no lock.
async fn two_nodes(house: &House, flags: &[String], phrase: Option<&str>) -> [node::Node; 2] {
    let orders = [Order::new(), Order::new()];
    for order in &orders {
        if let Some(phrase) = phrase {
            order.unlock(phrase);
        }
    }
    let [first, second] = orders.map(|order| node::Node::start(house, flags, order));
    [first.await, second.await]
}

/// Sends jobs with steps that both nodes claim; returns the number of refused batches.
async fn claim_at_two_nodes(phrase: Option<&str>) -> usize {
    let (house, world) = House::furnished(On::Postgres).await;
    let nodes = two_nodes(&house, &["--inline-steps".into(), "0".into()], phrase).await;
    // Objects that every job refers to are created first, so that the two nodes do not both create them.
    send(&nodes[0].url, &world, "first").await;
    let mut refused = 0;
    for count in 0..ROUNDS {
        let jobs = (0..8).map(|number| format!("u{count}x{number}"));
        let sent = jobs.zip(nodes.iter().cycle()).map(|(mark, node)| {
            let (url, world) = (node.url.clone(), world.clone());
            tokio::spawn(async move { send(&url, &world, &mark).await })
        });
        for sent in sent.collect::<Vec<_>>() {
            sent.await.expect("the task did not panic");
        }
        refused = nodes.iter().map(node::Node::refused_batches).sum();
        if refused > 0 {
            break;
        }
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_claim_without_a_lock_is_caught() {
    if !On::Postgres.is_there() {
        return;
    }
    assert_eq!(claim_at_two_nodes(None).await, 0);

    let refused = claim_at_two_nodes(Some("FROM workflow_run WHERE due_at <=")).await;

    assert!(refused > 0, "two nodes continued the same runs, and no batch was refused");
    note("a claim without a lock", "batches were refused because another node had continued the same run");
}

/// Adds objects to one case on two nodes at once; returns the number of refused batches.
async fn fill_one_case(phrase: Option<&str>) -> usize {
    let (house, world) = House::furnished(On::Postgres).await;
    let nodes = two_nodes(&house, &[], phrase).await;
    let body = json!({"data": {"attributes": {"case-template-id": world.desk}}});
    let case = node::text(&nodes[0].make("/cases", &body).await, "/data/id");
    for count in 0..40 {
        let mut ids: Vec<String> = Vec::new();
        for (side, node) in nodes.iter().enumerate() {
            let body = json!({"data": {"attributes": {"reference-id": format!("customer-{count}-{side}")}}});
            ids.push(node::text(&node.make("/accounts", &body).await, "/data/id"));
        }
        let path = format!("/cases/{case}/add-objects");
        let put = |side: usize| {
            let (node, path, body) = (&nodes[side], &path, json!({"meta": {"object-ids": [ids[side]]}}));
            async move { node.make(path, &body).await }
        };
        tokio::join!(put(0), put(1));
    }
    let refused = nodes.iter().map(node::Node::refused_batches).sum();
    for node in nodes {
        node.stop().await;
    }
    let stored = Stored::of(&house.database, On::Postgres).await;
    let held = stored.all::<docket_cases::CaseObject>().len();
    let found = docket_doctor::examine(&stored);
    assert_eq!((held, found), (80, Ok(Vec::new())), "row versions guard what locks should guard");
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_without_its_parents_lock_is_caught() {
    if !On::Postgres.is_there() {
        return;
    }
    assert_eq!(fill_one_case(None).await, 0);

    let refused = fill_one_case(Some("FROM case_record WHERE id IN")).await;

    assert!(refused > 0, "two nodes asked the same question at once, and no batch was refused");
    let words = format!("{refused} of 80 batches were refused because another node had changed the case in between");
    note("a question without its parent's lock", &words);
}
