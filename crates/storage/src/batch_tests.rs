//! What a batch does, over a database in memory that fails as it is told to.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use docket_kernel::{
    CaseId, Cell, Changes, Entity, EnvironmentId, Loaded, ManualClock, Row, SeededRng, Table, TableChanges,
};
use tokio::sync::oneshot;

use super::*;
use crate::engine::{CommitError, FlushError, ready};
use crate::item::{Command, WriteError};
use crate::node::{Node, Wish};

docket_kernel::entity! {
    /// A walk of so many steps: due, or gone on with by a task.
    pub struct Walk in "walk" {
        table: { rank: 10, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at" },
        /// Id.
        id: CaseId,
        /// Whose.
        environment_id: EnvironmentId,
        /// Changes.
        version: i64,
        /// Steps to go.
        left: i64,
        /// When it goes on.
        due_at: Option<Moment>,
    }
}

/// A database in memory, and how it fails.
#[derive(Default)]
struct Shop {
    rows: BTreeMap<String, Row>,
    /// Keys of rows that somebody else holds, and for how many more loads.
    busy: BTreeMap<String, u32>,
    /// Keys of rows that are refused at the flush.
    refused: Vec<&'static str>,
    flushes: VecDeque<FlushError>,
    commits: VecDeque<CommitError>,
    is_full: bool,
    begun: u32,
    committed: u32,
    /// Loads that were ready to wait.
    patient: u32,
}

#[derive(Clone, Default)]
struct Script {
    shop: Arc<Mutex<Shop>>,
    writes: Vec<(String, Option<Row>)>,
}

impl Script {
    fn shop(&self) -> std::sync::MutexGuard<'_, Shop> {
        self.shop.lock().unwrap()
    }

    fn lay(&self, walks: &[(&str, i64, Option<i64>)]) {
        for (id, left, due) in walks {
            let walk = Walk { version: 1, due_at: due.map(Moment), ..walk(id, *left) };
            self.shop().rows.insert((*id).to_owned(), walk.encode());
        }
    }

    fn left(&self, id: &str) -> Option<(i64, bool)> {
        let row = self.shop().rows.get(id)?.clone();
        Walk::decode(row).ok().map(|walk| (walk.left, walk.due_at.is_some()))
    }

    fn begun_and_committed(&self) -> (u32, u32) {
        let shop = self.shop();
        (shop.begun, shop.committed)
    }

    fn keys(&self) -> Vec<String> {
        self.shop().rows.keys().cloned().collect()
    }
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.to_string(),
        _ => String::new(),
    }
}

fn refused(changes: &TableChanges, shop: &Shop) -> Option<FlushError> {
    let rows = changes.inserts.iter().chain(changes.updates.iter().map(|(_, row)| row));
    let mut keys = rows.map(|row| text(&row[0]));
    let guilty = keys.find(|key| shop.refused.contains(&key.as_str()))?;
    Some(FlushError::Item { table: changes.table.name, detail: format!("{guilty} is refused") })
}

impl Engine for Script {
    const NUMBERS_OUTLIVE_ROLLBACK: bool = true;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.writes.clear();
        let mut shop = self.shop();
        shop.begun += 1;
        Ok(Moment(i64::from(shop.begun)))
    }

    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        let mut shop = self.shop();
        shop.patient += u32::from(patience == Patience::Wait);
        let mut loaded = Loaded::default();
        for (place, want) in wants.iter().enumerate() {
            let Want::Row { table, key } = want else { continue };
            if let Some(busy) = shop.busy.get_mut(key.as_ref()).filter(|busy| **busy > 0) {
                *busy -= 1;
                loaded.busy.push(place);
            } else if let Some(row) = shop.rows.get(key.as_ref()) {
                loaded.rows.push((table, row.clone()));
            }
        }
        Ok(loaded)
    }

    async fn claim(&mut self, table: &'static Table, now: Moment, limit: usize) -> Result<Vec<Row>, EngineError> {
        let due = table.column("due_at");
        let is_due = |row: &&Row| matches!(row[due], Cell::Int(at) if at <= now.0);
        Ok(self.shop().rows.values().filter(is_due).take(limit).cloned().collect())
    }

    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        let mut shop = self.shop.lock().unwrap();
        if let Some(error) = shop.flushes.pop_front() {
            return Err(error);
        }
        for table in &changes.tables {
            if let Some(error) = refused(table, &shop) {
                return Err(error);
            }
            let rows = table.inserts.iter().chain(table.updates.iter().map(|(_, row)| row));
            self.writes.extend(rows.map(|row| (text(&row[0]), Some(row.clone()))));
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), CommitError> {
        let writes = std::mem::take(&mut self.writes);
        let mut shop = self.shop();
        if let Some(error) = shop.commits.pop_front() {
            return Err(error);
        }
        if shop.is_full && !writes.is_empty() {
            return Err(CommitError::NotCommitted(EngineError::Full("full".into())));
        }
        shop.committed += 1;
        for (key, row) in writes {
            shop.rows.insert(key, row.expect("nothing is removed here"));
        }
        Ok(())
    }

    async fn roll_back(&mut self) {
        self.writes.clear();
    }

    async fn probe(&mut self) -> Result<(), EngineError> {
        if self.shop().is_full { Err(EngineError::Full("full".into())) } else { Ok(()) }
    }
}

/// Walks step by step, and remembers each task it did.
#[derive(Default)]
struct Walker(Mutex<Vec<String>>);

impl Walker {
    fn did(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(" ")
    }
}

impl Reactor for Walker {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        let progress = if task.topic == "walk" {
            let walk = work.change::<Walk>(&task.key, |walk| {
                walk.left -= 1;
                walk.due_at = None;
            })?;
            match walk.left {
                ..0 => return Err(Refusal::rule("over", "it is over").into()),
                0 => Progress::Done,
                left => {
                    // Each step tells of itself.
                    work.queue(Task { topic: "tale", key: Arc::from(format!("{}:{left}", task.key)) });
                    Progress::Again
                }
            }
        } else {
            Progress::Done
        };
        self.0.lock().unwrap().push(task.key.to_string());
        Ok(progress)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        work.change::<Walk>(&task.key, |walk| walk.due_at = Some(due)).map(drop)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, _: &Refusal) -> Verb<()> {
        // What is remembered of it is another row: its own may be the one that is refused.
        work.insert(walk(&format!("failed {}", task.key), 0));
        Ok(())
    }

    fn may_defer(&self, task: &Task) -> bool {
        task.topic == "walk"
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Walk::TABLE, "walk"))
    }
}

fn walk(id: &str, left: i64) -> Walk {
    Walk { id: CaseId::of(id), environment_id: EnvironmentId::of("env_a"), version: 0, left, due_at: None }
}

struct World {
    script: Script,
    walker: Arc<Walker>,
    clock: Arc<ManualClock>,
    parts: Parts,
}

fn world(bounds: Bounds) -> World {
    let (script, walker) = (Script::default(), Arc::<Walker>::default());
    let clock = Arc::new(ManualClock::at(Moment(1)));
    let reactor: Arc<dyn Reactor> = Arc::<Walker>::clone(&walker);
    let parts = Parts { reactor, bounds, clock: Arc::<ManualClock>::clone(&clock), rng: Arc::new(SeededRng::new(7)) };
    World { script, walker, clock, parts }
}

type Caller = oneshot::Receiver<crate::item::Reply>;

impl World {
    fn batcher(&self) -> Batcher<Script> {
        Batcher::new(self.script.clone(), &self.parts)
    }

    fn run(&self, items: Vec<Item>, claim: usize) -> Outcome {
        ready(self.batcher().run(items, claim)).expect("nothing waits here")
    }
}

fn item(verb: impl Fn(&mut UnitOfWork) -> Verb<()> + Send + Sync + 'static) -> (Item, Caller) {
    Command::new("test", Scope::Of(Arc::from("env_a")), verb).into_item(SeededRng::new(1).seed())
}

/// A command that makes a walk of so many steps and sets out.
fn set_out(id: &'static str, steps: i64) -> (Item, Caller) {
    item(move |work| {
        work.insert(walk(id, steps));
        work.queue(Task { topic: "walk", key: Arc::from(id) });
        Ok(())
    })
}

/// A command that sets out on a walk that is there.
fn go_on(id: &'static str) -> (Item, Caller) {
    item(move |work| {
        work.get::<Walk>(id)?;
        work.queue(Task { topic: "walk", key: Arc::from(id) });
        Ok(())
    })
}

fn told(mut caller: Caller) -> Result<(), WriteError> {
    caller.try_recv().expect("the caller is answered").map(drop)
}

fn unzip<const N: usize>(items: [(Item, Caller); N]) -> (Vec<Item>, Vec<Caller>) {
    items.into_iter().unzip()
}

#[test]
fn reactions_are_done_first_in_first_out_and_a_run_to_its_end_before_the_next() {
    let world = world(Bounds::default());
    let (item, caller) = item(|work| {
        for id in ["first", "second"] {
            work.insert(walk(id, 2));
            work.queue(Task { topic: "tale", key: Arc::from(format!("of {id}")) });
            work.queue(Task { topic: "walk", key: Arc::from(id) });
        }
        Ok(())
    });

    world.run(vec![item], 0);

    assert!(told(caller).is_ok());
    assert_eq!(world.walker.did(), "of first first first of second second second first:1 second:1");
}

#[test]
fn a_run_of_more_steps_than_the_inline_bound_is_queued_as_due_now_in_the_same_commit() {
    let world = world(Bounds::default());
    let (items, callers) = unzip([set_out("fifty", 50), set_out("more", 51)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()) && outcome.more_due);
    assert_eq!((world.script.left("fifty"), world.script.left("more")), (Some((0, false)), Some((1, true))));
    assert_eq!(world.script.shop().committed, 1);
}

#[test]
fn items_begun_in_a_later_wave_count_the_steps_of_earlier_ones() {
    let world = world(Bounds { batch_steps: 3, ..Bounds::default() });
    world.script.lay(&[("loaded", 1, None)]);
    let (items, _callers) = unzip([go_on("loaded"), set_out("three", 3), set_out("one", 1), set_out("two", 1)]);

    let outcome = world.run(items, 0);

    assert_eq!(outcome.left.len(), 2);
    assert_eq!(world.script.keys(), ["loaded", "three"]);
}

#[test]
fn a_batch_begins_no_more_items_once_its_rows_bytes_or_time_are_used_up() {
    let bounds = [
        Bounds { batch_rows: 1, ..Bounds::default() },
        Bounds { batch_bytes: 10, ..Bounds::default() },
        Bounds { batch_micros: 1, ..Bounds::default() },
        Bounds::default(),
    ];
    for (bounds, done) in bounds.into_iter().zip([1, 1, 1, 2]) {
        let world = world(bounds);
        world.script.lay(&[("due", 1, Some(1))]);
        let clock = Arc::clone(&world.clock);
        let (item, caller) = item(move |work| {
            clock.advance_micros(1);
            work.get::<Walk>("due").map(drop)
        });

        // The due row is loaded by its claim, before anything begins.
        let outcome = world.run(vec![item], 1);

        assert!(told(caller).is_ok());
        assert_eq!((outcome.done, outcome.more_due), (done, true), "{bounds:?}");
        assert_eq!(world.script.left("due"), Some((2 - i64::try_from(done).unwrap(), done == 1)), "{bounds:?}");
    }
}

#[test]
fn due_work_keeps_a_quarter_of_the_steps_however_many_requests_there_are() {
    let world = world(Bounds { batch_steps: 8, ..Bounds::default() });
    world.script.lay(&[("due 1", 1, Some(1)), ("due 2", 1, Some(1)), ("due 3", 1, Some(1))]);
    let ids = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let (items, _callers): (Vec<_>, Vec<_>) = ids.map(|id| set_out(id, 1)).into_iter().unzip();

    let outcome = world.run(items, 3);

    assert_eq!(outcome.left.len(), 2, "six of the requests are done");
    assert_eq!((world.script.left("due 1"), world.script.left("due 2")), (Some((0, false)), Some((0, false))));
    // The third is still due, and is claimed again.
    assert_eq!(world.script.left("due 3"), Some((1, true)));
    assert!(outcome.more_due);
}

#[test]
fn a_due_row_that_can_not_be_read_keeps_nobody_else_from_going_on() {
    let world = world(Bounds::default());
    world.script.lay(&[("due", 1, Some(1))]);
    let mut broken = walk("a broken one", 1).encode();
    (broken[3], broken[4]) = (Cell::Text(Arc::from("no number")), Cell::Int(1));
    world.script.shop().rows.insert("a broken one".into(), broken);
    let (item, caller) = set_out("request", 1);

    let outcome = world.run(vec![item], 10);

    assert!(told(caller).is_ok() && !outcome.rest);
    assert_eq!(world.script.left("due"), Some((0, false)));
    assert_eq!(outcome.faults, 1);
}

#[test]
fn an_item_that_wants_what_can_not_be_read_is_refused_alone() {
    let world = world(Bounds::default());
    world.script.shop().rows.insert("broken".into(), vec![Cell::Null]);
    let (items, callers) = unzip([go_on("broken"), set_out("good", 1)]);

    let outcome = world.run(items, 0);

    let answers: Vec<_> = callers.into_iter().map(told).collect();
    assert!(matches!(&answers[0], Err(WriteError::Refused(refusal)) if refusal.code == "internal"), "{answers:?}");
    assert!(answers[1].is_ok() && !outcome.rest);
}

#[test]
fn an_item_that_asks_for_rows_without_end_is_refused_alone() {
    let world = world(Bounds::default());
    let asked = std::sync::atomic::AtomicU32::new(0);
    let endless = item(move |work| {
        let next = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        work.get::<Walk>(&format!("row {next}")).map(drop)
    });
    let (items, callers) = unzip([endless, set_out("good", 1)]);

    let outcome = world.run(items, 0);

    let answers: Vec<_> = callers.into_iter().map(told).collect();
    assert!(matches!(&answers[0], Err(WriteError::Refused(refusal)) if refusal.code == "internal"), "{answers:?}");
    assert!(answers[1].is_ok() && !outcome.rest);
}

#[test]
fn an_item_that_the_database_refuses_alone_is_done_without_its_reactions_which_are_put_off() {
    let world = world(Bounds::default());
    world.script.shop().refused = vec!["poison"];
    let clicked = item(|work| {
        work.insert(walk("click", 0));
        work.insert(walk("run", 2));
        work.queue(Task { topic: "poison", key: Arc::from("poison") });
        work.queue(Task { topic: "walk", key: Arc::from("run") });
        Ok(())
    });
    struct Poisonous(Walker);
    impl Reactor for Poisonous {
        fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
            if task.topic == "walk" {
                work.insert(walk("poison", 0));
            }
            self.0.perform(work, task)
        }
        fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
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
    let parts = Parts { reactor: Arc::new(Poisonous(Walker::default())), ..world.parts.clone() };
    let mut batcher = Batcher::new(world.script.clone(), &parts);
    let (items, callers) = unzip([clicked, item(|work| Ok(drop(work.insert(walk("neighbour", 0)))))]);

    let outcome = ready(batcher.run(items, 0)).unwrap();

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!(world.script.keys(), ["click", "neighbour", "run"]);
    assert_eq!(world.script.left("run"), Some((2, true)), "its run is due");
    assert_eq!(outcome.faults, 1, "it failed alone once");
    // The run is claimed, fails alone as well, and is recorded as failed: a poison step is not tried for ever.
    ready(batcher.run(Vec::new(), 10)).unwrap();
    assert_eq!(world.script.keys(), ["click", "failed run", "neighbour", "run"]);
}

#[test]
fn a_verb_whose_rows_the_database_always_refuses_is_refused_alone_and_counted() {
    let world = world(Bounds::default());
    world.script.shop().refused = vec!["poison"];
    let (items, callers) = unzip([set_out("before", 1), set_out("poison", 1), set_out("after", 1)]);

    let outcome = world.run(items, 0);

    let answers: Vec<_> = callers.into_iter().map(told).collect();
    assert!(answers[0].is_ok() && answers[2].is_ok());
    assert!(matches!(&answers[1], Err(WriteError::Refused(refusal)) if refusal.code == "conflict"), "{answers:?}");
    assert_eq!(world.script.keys(), ["after", "before"]);
    assert_eq!(outcome.faults, 2, "with its reactions and without");
}

#[test]
fn a_batch_that_was_overtaken_is_no_fault_when_its_items_go_through_alone() {
    let world = world(Bounds::default());
    let moved_on = FlushError::Item { table: "walk", detail: "it has moved on".into() };
    world.script.shop().flushes.push_back(moved_on);
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!((outcome.faults, world.script.shop().committed), (0, 2));
}

#[test]
fn a_database_that_fails_never_splits_a_batch() {
    let world = world(Bounds::default());
    world.script.shop().flushes.push_back(EngineError::TryAgain("lost".into()).into());
    let not_committed = CommitError::NotCommitted(EngineError::Unreachable("gone".into()));
    world.script.shop().commits.push_back(not_committed);
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!(world.script.begun_and_committed(), (3, 1));
}

#[test]
fn a_disk_that_is_full_at_the_commit_is_said_at_once_and_to_everybody() {
    let world = world(Bounds::default());
    world.script.shop().is_full = true;
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    let outcome = world.run(items, 0);

    for answer in callers.into_iter().map(told) {
        assert!(matches!(&answer, Err(WriteError::Unavailable(why)) if why.contains("no room")), "{answer:?}");
    }
    assert_eq!(world.script.shop().begun, 1, "it is rolled back once");
    assert!(outcome.rest && outcome.no_room);
}

#[test]
fn a_node_without_room_is_unwell_until_something_can_be_written_again() {
    let world = world(Bounds::default());
    let mut node = Node::new(world.script.clone(), &world.parts);
    let writer = node.writer().clone();
    let mut turn = || ready(node.turn()).expect("nothing waits here");
    let ask = |id: &'static str| {
        let command =
            Command::new("test", Scope::Of(Arc::from("env_a")), move |work| Ok(drop(work.insert(walk(id, 0)))));
        let writer = writer.clone();
        let mut asking = Box::pin(async move { writer.submit(command).await });
        assert!(ready_yet(&mut asking).is_none());
        asking
    };
    world.script.shop().is_full = true;

    let mut first = ask("first");
    assert_eq!(turn(), Wish::Rest);
    assert!(matches!(ready_yet(&mut first), Some(Err(WriteError::Unavailable(_)))));
    // The next second nobody asks, and the one after somebody does: nothing but a write that works helps.
    for _ in 0..3 {
        world.clock.advance_seconds(1);
        assert_eq!(turn(), Wish::Rest);
        assert!(!writer.is_well());
    }
    let mut second = ask("second");
    world.clock.advance_seconds(1);
    turn();
    assert!(matches!(ready_yet(&mut second), Some(Err(WriteError::Unavailable(why))) if why.contains("no room")));

    world.script.shop().is_full = false;
    world.clock.advance_seconds(1);
    turn();
    assert!(writer.is_well());
    assert!(world.script.keys().is_empty());
}

/// What a future says when it is asked once.
fn ready_yet<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    ready(future)
}

#[test]
fn an_item_is_postponed_five_times_by_up_to_twenty_milliseconds_and_then_waits_alone() {
    let world = world(Bounds::default());
    world.script.lay(&[("busy", 3, None), ("free", 3, None)]);
    world.script.shop().busy.insert("busy".into(), 5);
    let mut node = Node::new(world.script.clone(), &world.parts);
    let writer = node.writer().clone();
    let ask = |id: &'static str| {
        let writer = writer.clone();
        let change = move |work: &mut UnitOfWork| work.change::<Walk>(id, |walk| walk.left = 9).map(drop);
        let mut asking =
            Box::pin(async move { writer.submit(Command::new("test", Scope::Of(Arc::from("env_a")), change)).await });
        assert!(ready_yet(&mut asking).is_none());
        asking
    };
    let mut turn = || ready(node.turn()).expect("nothing waits here");
    let mut asked = ask("busy");

    for times in 1..=5 {
        let mut neighbour = ask("free");
        turn();
        assert!(matches!(ready_yet(&mut neighbour), Some(Ok(()))), "its batch is not held up");
        assert!(ready_yet(&mut asked).is_none(), "postponed {times} times");
        assert_eq!(world.script.shop().patient, 0);
        world.clock.advance_micros(20_400);
    }
    turn();

    assert!(matches!(ready_yet(&mut asked), Some(Ok(()))));
    assert_eq!(world.script.shop().patient, 1);
    assert_eq!(world.script.left("busy"), Some((9, false)));
    assert_eq!(writer.figures().postponed.load(std::sync::atomic::Ordering::Relaxed), 5);
}

#[test]
fn an_item_whose_row_stays_busy_while_it_waits_alone_is_said_to_be_busy() {
    let world = world(Bounds::default());
    world.script.lay(&[("busy", 3, None)]);
    world.script.shop().busy.insert("busy".into(), 100);
    let (item, caller) = go_on("busy");

    let outcome = ready(world.batcher().run_alone(item)).unwrap();

    assert!(matches!(told(caller), Err(WriteError::Busy)));
    assert!(!outcome.rest, "the database is well");
}

#[test]
fn a_run_that_meets_a_busy_row_is_put_off_and_its_item_is_done() {
    let world = world(Bounds::default());
    world.script.lay(&[("busy", 3, None)]);
    world.script.shop().busy.insert("busy".into(), 1);
    let (item, caller) = item(|work| {
        work.insert(walk("done", 0));
        work.queue(Task { topic: "walk", key: Arc::from("busy") });
        Ok(())
    });

    let outcome = world.run(vec![item], 0);

    assert!(told(caller).is_ok() && outcome.postponed.is_empty());
    assert_eq!(world.script.left("busy"), Some((3, true)), "it is due a little later");
    assert!(outcome.again_in.is_some_and(|micros| (0..=20_400).contains(&micros)));
}

#[test]
fn an_item_that_lacks_a_row_halts_whatever_it_says_and_draws_the_same_ids_when_it_runs_again() {
    let world = world(Bounds::default());
    world.script.lay(&[("there", 3, None)]);
    let ways: [fn(&mut UnitOfWork) -> Verb<()>; 3] = [
        |work| {
            // It takes "not loaded" for "not there", and says that all is well.
            if work.get::<Walk>("there").is_err() {
                work.insert(walk("wrong", 0));
            }
            Ok(())
        },
        |work| match work.get::<Walk>("there") {
            Ok(_) => Ok(()),
            Err(_) => Err(Refusal::rule("wrong", "it is not there").into()),
        },
        |work| {
            assert!(work.get::<Walk>("there").is_ok(), "a panic of this test");
            Ok(())
        },
    ];
    for way in ways {
        let drawn = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&drawn);
        let (item, caller) = item(move |work| {
            let id = (work.new_id("case"), work.secret(), work.now());
            seen.lock().unwrap().push(id);
            way(work)
        });

        world.run(vec![item], 0);

        assert!(told(caller).is_ok());
        assert_eq!(world.script.keys(), ["there"]);
        let drawn = drawn.lock().unwrap();
        assert!(drawn.len() == 2 && drawn[0] == drawn[1], "{drawn:?}");
    }
}

#[test]
fn every_item_of_a_batch_sees_one_and_the_same_instant() {
    let world = world(Bounds::default());
    let clock = Arc::clone(&world.clock);
    let seen = Arc::new(Mutex::new(Vec::new()));
    let look = || {
        let (seen, clock) = (Arc::clone(&seen), Arc::clone(&clock));
        item(move |work| {
            clock.advance_micros(100);
            seen.lock().unwrap().push(work.now());
            Ok(())
        })
    };
    let (items, _callers) = unzip([look(), look(), look()]);

    world.run(items, 0);

    assert_eq!(*seen.lock().unwrap(), [Moment(1); 3]);
}

#[test]
fn a_reaction_that_refuses_is_undone_recorded_as_failed_and_harms_nobody() {
    let world = world(Bounds::default());
    world.script.lay(&[("over", 0, None)]);
    let (items, callers) = unzip([go_on("over"), set_out("good", 1)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!(world.script.keys(), ["failed over", "good", "over"]);
    assert_eq!((world.script.left("over"), outcome.faults), (Some((0, false)), 1));
}
