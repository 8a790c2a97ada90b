//! Batches, one fact per test.

use std::sync::Mutex;

use docket_kernel::{Cell, Entity, Table};

use super::*;
use crate::engine::{CommitError, EngineError, FlushError, ready};
use crate::item::{Command, WriteError};
use crate::node::{Node, Wish};

#[path = "batch_script.rs"]
pub(super) mod script;

use script::{Walk, Walker, go_on, item, set_out, told, unzip, walk, world};

#[test]
fn reactions_run_first_in_first_out_and_a_run_ends_before_the_next_begins() {
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
fn a_run_with_more_steps_than_the_inline_bound_is_stored_as_due_in_the_same_commit() {
    let world = world(Bounds::default());
    let (items, callers) = unzip([set_out("fifty", 50), set_out("more", 51)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()) && outcome.more_due);
    assert_eq!((world.script.left("fifty"), world.script.left("more")), (Some((0, false)), Some((1, true))));
    assert_eq!(world.script.shop().committed, 1);
}

#[test]
fn items_that_begin_in_a_later_wave_count_the_steps_of_earlier_waves() {
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

        // The claim loads the due row before any item begins.
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

    assert_eq!(outcome.left.len(), 2, "six requests are done");
    assert_eq!((world.script.left("due 1"), world.script.left("due 2")), (Some((0, false)), Some((0, false))));
    // The third one is still due, and is claimed again.
    assert_eq!(world.script.left("due 3"), Some((1, true)));
    assert!(outcome.more_due);
}

#[test]
fn a_due_row_that_can_not_be_read_does_not_stop_others() {
    let world = world(Bounds::default());
    world.script.lay(&[("due", 1, Some(1))]);
    let mut broken = walk("a broken one", 1).encode();
    (broken[3], broken[4]) = (Cell::Text(Arc::from("no number")), Cell::Int(1));
    world.script.shop().rows.insert("a broken one".into(), broken);
    let (item, caller) = set_out("request", 1);

    let outcome = world.run(vec![item], 10);

    assert!(told(caller).is_ok() && outcome.rest == Rest::No);
    assert_eq!(world.script.left("due"), Some((0, false)));
    assert_eq!(outcome.faults, 1);
    // Its due time has moved, and the rest of the row is unchanged.
    let broken = world.script.shop().rows["a broken one"].clone();
    assert!(matches!(broken[4], Cell::Int(due) if due > 59_000_000), "{broken:?}");
    assert_eq!(broken[3], Cell::Text(Arc::from("no number")));
    assert_eq!(world.run(Vec::new(), 10).claimed, 0);
}

/// A reactor that walks, but can neither do some walks nor record that they failed.
#[derive(Default)]
struct Helpless {
    walker: Walker,
    parked: Mutex<Vec<String>>,
}

impl Reactor for Helpless {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        match task.key.as_ref() {
            "hopeless" => Err(Refusal::internal("its version can't be read").into()),
            "panics" => panic!("a panic of this test"),
            _ => self.walker.perform(work, task),
        }
    }
    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        self.walker.defer(work, task, due)
    }
    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        match task.key.as_ref() {
            "hopeless" => Err(refusal.clone().into()),
            "panics" => panic!("another panic of this test"),
            _ => self.walker.fail(work, task, refusal),
        }
    }
    fn park(&self, _: &mut UnitOfWork, environment: &Arc<str>, task: &Task, reason: &str) -> Verb<Option<Moment>> {
        let mut parked = self.parked.lock().unwrap();
        parked.push(format!("{environment} {}: {reason}", task.key));
        // The second time it is parked until a person decides.
        Ok((parked.len() < 3).then_some(Moment(50)))
    }
    fn may_defer(&self, task: &Task) -> bool {
        self.walker.may_defer(task)
    }
    fn due(&self) -> Option<(&'static Table, &'static str)> {
        self.walker.due()
    }
}

#[test]
fn due_work_that_can_be_neither_done_nor_recorded_as_failed_is_parked_and_starves_no_other() {
    let world = world(Bounds::default());
    let helpless = Arc::new(Helpless::default());
    let reactor: Arc<dyn Reactor> = Arc::<Helpless>::clone(&helpless);
    let parts = Parts { reactor, ..world.parts.clone() };
    world.script.lay(&[("hopeless", 1, Some(1)), ("panics", 1, Some(1)), ("sound", 1, Some(1))]);
    let mut batcher = Batcher::new(world.script.clone(), &parts);

    // The claim is as large as the number of walks that can't be done.
    ready(batcher.run(Vec::new(), 2, None)).unwrap();
    ready(batcher.run(Vec::new(), 2, None)).unwrap();

    assert_eq!(world.script.left("sound"), Some((0, false)));
    assert_eq!(world.script.left("hopeless"), Some((1, true)), "it is retried later");
    let parked = helpless.parked.lock().unwrap().clone();
    assert_eq!(parked.first().map(String::as_str), Some("env_a hopeless: its version can't be read"));
    assert!(parked[1].starts_with("env_a panics: this request failed unexpectedly"), "{parked:?}");
    for _ in 0..50 {
        ready(batcher.run(Vec::new(), 2, None)).unwrap();
    }
    assert_eq!(world.script.left("hopeless"), Some((1, false)), "then it is parked");
    assert_eq!(helpless.parked.lock().unwrap().len(), 4);
}

#[test]
fn a_due_row_whose_failure_the_database_refuses_as_well_is_parked() {
    let world = world(Bounds::default());
    world.script.lay(&[("poisoned", 1, Some(1))]);
    world.script.shop().refused = vec!["poison", "failed poisoned"];
    let parts = Parts { reactor: Arc::new(Poisonous(Walker::default())), ..world.parts.clone() };
    let mut batcher = Batcher::new(world.script.clone(), &parts);

    ready(batcher.run(Vec::new(), 10, None)).unwrap();

    let row = world.script.shop().rows["poisoned"].clone();
    assert!(matches!(row[4], Cell::Int(due) if due > 59_000_000), "{row:?}");
    assert_eq!(ready(batcher.run(Vec::new(), 10, None)).unwrap().claimed, 0);
}

docket_kernel::entity! {
    /// A row that belongs to an organization.
    pub struct House in "house" {
        table: { rank: 1, lock: Config(version), scope: organization_id, unique: [], asked: [] },
        /// Id.
        id: docket_kernel::CaseId,
        /// Its organization.
        organization_id: docket_kernel::OrganizationId,
        /// Version.
        version: i64,
    }
}

/// Records what each task sees of the organization.
#[derive(Default)]
struct Looking(Mutex<Vec<(String, bool)>>);

impl Reactor for Looking {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        let sees = work.get::<House>("house")?.is_some();
        if work.get::<Walk>(&task.key)?.is_some() {
            work.change::<Walk>(&task.key, |walk| walk.due_at = None)?;
            self.0.lock().unwrap().push((task.key.to_string(), sees));
        }
        Ok(Progress::Done)
    }
    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        work.change::<Walk>(&task.key, |walk| walk.due_at = Some(due)).map(drop)
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, _: &Refusal) -> Verb<()> {
        Ok(())
    }
    fn scope_of(&self, _: &mut UnitOfWork, environment: &Arc<str>) -> Verb<Scope> {
        Ok(Scope::Within { environment: Arc::clone(environment), organization: Arc::from("org_a") })
    }
    fn may_defer(&self, _: &Task) -> bool {
        true
    }
    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Walk::TABLE, "walk"))
    }
}

#[test]
fn a_reaction_sees_the_rows_of_its_environment_and_organization_inline_and_later() {
    for inline_steps in [0, 50] {
        let world = world(Bounds { inline_steps, ..Bounds::default() });
        let house = House {
            id: docket_kernel::CaseId::of("house"),
            organization_id: docket_kernel::OrganizationId::of("org_a"),
            version: 1,
        };
        world.script.shop().rows.insert("house".into(), house.encode());
        let looking = Arc::new(Looking::default());
        let reactor: Arc<dyn Reactor> = Arc::<Looking>::clone(&looking);
        let mut batcher = Batcher::new(world.script.clone(), &Parts { reactor, ..world.parts.clone() });
        let within = Scope::Within { environment: Arc::from("env_a"), organization: Arc::from("org_a") };
        let (items, _callers): (Vec<_>, Vec<_>) = [("of the API", within), ("a vendor's", Scope::Of("env_a".into()))]
            .map(|(id, scope)| {
                let command = Command::new("test", scope, move |work| {
                    work.insert(walk(id, 1));
                    work.queue(Task { topic: "walk", key: Arc::from(id) });
                    Ok(())
                });
                let (item, caller) = command.into_item(docket_kernel::SeededRng::new(1).seed());
                (item, caller)
            })
            .into_iter()
            .unzip();

        ready(batcher.run(items, 0, None)).unwrap();
        ready(batcher.run(Vec::new(), 10, None)).unwrap();

        let saw = looking.0.lock().unwrap().clone();
        assert_eq!(saw.len(), 2, "{saw:?}");
        assert!(saw.iter().all(|(_, sees)| *sees), "with {inline_steps} steps in the commit: {saw:?}");
    }
}

/// Walks that fall due together with other work, and can't be recorded as failed.
#[derive(Default)]
struct Beside(Walker);

impl Reactor for Beside {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        self.0.perform(work, task)
    }
    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        self.0.defer(work, task, due)
    }
    fn fail(&self, _: &mut UnitOfWork, _: &Task, refusal: &Refusal) -> Verb<()> {
        Err(refusal.clone().into())
    }
    fn may_defer(&self, task: &Task) -> bool {
        self.0.may_defer(task)
    }
    fn due(&self) -> Option<(&'static Table, &'static str)> {
        None
    }
    fn due_beside(&self) -> &[(&'static Table, &'static str)] {
        static BESIDE: &[(&Table, &str)] = &[(Walk::TABLE, "walk")];
        BESIDE
    }
}

#[test]
fn work_of_a_further_table_that_can_not_be_done_takes_no_turn_from_others() {
    let world = world(Bounds::default());
    world.script.lay(&[("broken", 0, Some(1)), ("sound", 1, Some(1))]);
    let parts = Parts { reactor: Arc::new(Beside::default()), ..world.parts.clone() };
    let mut batcher = Batcher::new(world.script.clone(), &parts);

    for _ in 0..2 {
        ready(batcher.run(Vec::new(), 10, None)).unwrap();
    }

    assert_eq!(world.script.left("broken"), Some((0, true)), "it is due again later");
    assert_eq!(world.script.left("sound"), Some((0, false)));
}

#[test]
fn an_item_that_wants_an_unreadable_row_is_refused_alone() {
    let world = world(Bounds::default());
    world.script.shop().rows.insert("broken".into(), vec![Cell::Null]);
    let (items, callers) = unzip([go_on("broken"), set_out("good", 1)]);

    let outcome = world.run(items, 0);

    let answers: Vec<_> = callers.into_iter().map(told).collect();
    assert!(matches!(&answers[0], Err(WriteError::Refused(refusal)) if refusal.code == "internal"), "{answers:?}");
    assert!(answers[1].is_ok() && outcome.rest == Rest::No);
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
    assert!(answers[1].is_ok() && outcome.rest == Rest::No);
}

/// A reactor that walks, and also writes a row that the database refuses.
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

#[test]
fn an_item_that_the_database_refuses_alone_is_done_and_its_reactions_are_deferred() {
    let world = world(Bounds::default());
    world.script.shop().refused = vec!["poison"];
    let clicked = item(|work| {
        work.insert(walk("click", 0));
        work.insert(walk("run", 2));
        work.queue(Task { topic: "poison", key: Arc::from("poison") });
        work.queue(Task { topic: "walk", key: Arc::from("run") });
        Ok(())
    });
    let parts = Parts { reactor: Arc::new(Poisonous(Walker::default())), ..world.parts.clone() };
    let mut batcher = Batcher::new(world.script.clone(), &parts);
    let (items, callers) = unzip([
        clicked,
        item(|work| {
            work.insert(walk("neighbour", 0));
            Ok(())
        }),
    ]);

    let outcome = ready(batcher.run(items, 0, None)).unwrap();

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!(world.script.keys(), ["click", "neighbour", "run"]);
    assert_eq!(world.script.left("run"), Some((2, true)), "its run is due");
    assert_eq!(outcome.faults, 1, "it failed alone once");
    // The run is claimed, fails alone too, and is recorded as failed: a failing step is not retried forever.
    ready(batcher.run(Vec::new(), 10, None)).unwrap();
    assert_eq!(world.script.keys(), ["click", "failed run", "neighbour", "run"]);
}

#[test]
fn a_verb_with_rows_that_the_database_always_refuses_is_refused_alone_and_counted() {
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
fn an_item_whose_rows_others_refuse_looks_again_and_that_is_no_fault() {
    let world = world(Bounds::default());
    // The whole batch once, and its first item three more times.
    for _ in 0..4 {
        let still_held = FlushError::Item { table: "walk", detail: "another row still refers to it".into() };
        world.script.shop().flushes.push_back(still_held);
    }
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!((outcome.faults, world.script.shop().committed), (0, 2));
}

#[test]
fn an_overtaken_item_is_retried_and_that_is_no_fault() {
    let world = world(Bounds::default());
    // The whole batch once, and its first item three more times.
    for _ in 0..4 {
        let moved_on = FlushError::Overtaken { table: "walk", detail: "it was changed".into() };
        world.script.shop().flushes.push_back(moved_on);
    }
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!((outcome.faults, world.script.shop().committed), (0, 2));
}

#[test]
fn a_failing_database_never_splits_a_batch() {
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
fn a_full_disk_at_the_commit_is_reported_at_once_to_every_caller() {
    let world = world(Bounds::default());
    world.script.shop().is_full = true;
    let (items, callers) = unzip([set_out("a", 1), set_out("b", 1)]);

    let outcome = world.run(items, 0);

    for answer in callers.into_iter().map(told) {
        assert!(matches!(&answer, Err(WriteError::Unavailable(why)) if why.contains("out of space")), "{answer:?}");
    }
    assert_eq!(world.script.shop().begun, 1, "it is rolled back once");
    assert_eq!(outcome.rest, Rest::UntilThereIsRoom);
}

#[test]
fn a_node_with_a_full_disk_is_unwell_until_a_write_succeeds() {
    let world = world(Bounds::default());
    let mut node = Node::new(world.script.clone(), &world.parts);
    let writer = node.writer().clone();
    let mut turn = || ready(node.turn()).expect("the engine never waits");
    let ask = |id: &'static str| {
        let command = Command::new("test", Scope::Of(Arc::from("env_a")), move |work| {
            work.insert(walk(id, 0));
            Ok(())
        });
        let writer = writer.clone();
        let mut asking = Box::pin(async move { writer.submit(command).await });
        assert!(ready_yet(&mut asking).is_none());
        asking
    };
    world.script.shop().is_full = true;

    let mut first = ask("first");
    assert_eq!(turn(), Wish::Rest);
    assert!(matches!(ready_yet(&mut first), Some(Err(WriteError::Unavailable(_)))));
    // In some of the next seconds there are no requests, in others there are: only a successful write ends the state.
    for _ in 0..3 {
        world.clock.advance_seconds(1);
        assert_eq!(turn(), Wish::Rest);
        assert!(!writer.is_well());
    }
    let mut second = ask("second");
    world.clock.advance_seconds(1);
    turn();
    assert!(matches!(ready_yet(&mut second), Some(Err(WriteError::Unavailable(why))) if why.contains("out of space")));

    world.script.shop().is_full = false;
    world.clock.advance_seconds(1);
    turn();
    assert!(writer.is_well());
    assert!(world.script.keys().is_empty());
}

/// The result of one poll of a future.
fn ready_yet<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    ready(future)
}

#[test]
fn an_item_is_postponed_five_times_for_up_to_twenty_milliseconds_and_then_waits_alone() {
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
    let mut turn = || ready(node.turn()).expect("the engine never waits");
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
fn an_item_whose_row_stays_busy_while_it_waits_alone_is_answered_as_busy() {
    let world = world(Bounds::default());
    world.script.lay(&[("busy", 3, None)]);
    world.script.shop().busy.insert("busy".into(), 100);
    let (item, caller) = go_on("busy");

    let outcome = ready(world.batcher().run_alone(item)).unwrap();

    assert!(matches!(told(caller), Err(WriteError::Busy)));
    assert!(outcome.rest == Rest::No, "the database did not fail");
}

#[test]
fn a_run_that_meets_a_busy_row_is_deferred_and_its_item_is_done() {
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
fn an_item_that_lacks_a_row_halts_whatever_it_returns_and_draws_the_same_ids_again() {
    let world = world(Bounds::default());
    world.script.lay(&[("there", 3, None)]);
    let ways: [fn(&mut UnitOfWork) -> Verb<()>; 3] = [
        |work| {
            // It mistakes "not loaded" for "not found", and returns success.
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
fn every_item_of_a_batch_sees_the_same_instant() {
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
fn a_reaction_that_refuses_is_undone_and_recorded_as_failed_and_affects_no_other() {
    let world = world(Bounds::default());
    world.script.lay(&[("over", 0, None)]);
    let (items, callers) = unzip([go_on("over"), set_out("good", 1)]);

    let outcome = world.run(items, 0);

    assert!(callers.into_iter().map(told).all(|answer| answer.is_ok()));
    assert_eq!(world.script.keys(), ["failed over", "good", "over"]);
    assert_eq!((world.script.left("over"), outcome.faults), (Some((0, false)), 1));
}
