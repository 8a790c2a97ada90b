//! Writing a batch while the next one is computed, one fact per test.

use std::future::Future;

use docket_kernel::{Changes, Loaded, Moment, Table, UnitOfWork, Want};

use super::super::tests::script::{Caller, Script, Walk, World, go_on, item, set_out, told, walk, world};
use super::*;
use crate::engine::{Claimed, CommitError, EngineError, FlushError, NotWritten, Patience, Room, ready};
use crate::failure::Rest;
use crate::item::{Command, Item, WriteError};
use crate::node::Node;
use crate::settings::Bounds;

/// An in-memory database that writes a batch only when it is asked for the result.
struct Slow {
    script: Script,
    under_way: Option<(Touched, CommitCallbacks)>,
}

impl Engine for Slow {
    const PIPELINED: bool = true;

    async fn begin(&mut self) -> Result<Moment, EngineError> {
        self.script.begin().await
    }
    async fn load(&mut self, wants: &[Want], patience: Patience) -> Result<Loaded, EngineError> {
        self.script.load(wants, patience).await
    }
    async fn claim(&mut self, table: &'static Table, now: Moment, room: Room) -> Result<Claimed, EngineError> {
        self.script.claim(table, now, room).await
    }
    async fn flush(&mut self, changes: &Changes) -> Result<(), FlushError> {
        self.script.flush(changes).await
    }
    async fn commit(&mut self) -> Result<(), CommitError> {
        self.script.commit().await
    }
    async fn roll_back(&mut self) {
        self.script.roll_back().await;
    }
    fn commit_in_background(&mut self, touched: Touched, callbacks: CommitCallbacks) {
        assert!(self.under_way.is_none(), "one at a time");
        self.under_way = Some((touched, callbacks));
    }
    async fn through(&mut self) -> Result<(), NotWritten> {
        let Some((touched, callbacks)) = self.under_way.take() else { return Ok(()) };
        self.script.writes.clear();
        self.script.flush(&touched.encode()).await?;
        self.script.commit().await?;
        (callbacks.on_committed)();
        (callbacks.on_finished)();
        Ok(())
    }
}

struct Desk {
    world: World,
    batcher: Batcher<Slow>,
    queue: Arc<Queue>,
}

impl Desk {
    fn new() -> Self {
        let world = world(Bounds::default());
        let batcher = Batcher::new(Slow { script: world.script.clone(), under_way: None }, &world.parts);
        Self { world, batcher, queue: Arc::new(Queue::new(100, 1 << 20)) }
    }

    /// Runs these items, and leaves their batch under way.
    fn run<const N: usize>(&mut self, items: [(Item, Caller); N]) -> (Vec<Caller>, Outcome) {
        let (items, callers): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        let outcome = ready(self.batcher.run(items, 0, Some(&self.queue))).expect("the engine never waits");
        (callers, outcome)
    }

    fn finish(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        ready(self.batcher.finish(&mut outcome)).expect("the engine never waits");
        outcome
    }
}

/// Checks a walk: the answer shows whether it exists.
fn look(id: &'static str) -> (Item, Caller) {
    item(move |work| match work.get::<Walk>(id)? {
        Some(_) => Ok(()),
        None => Err(docket_kernel::Refusal::rule("absent", "it is not there").into()),
    })
}

fn is_told(caller: &mut Caller) -> Option<Result<(), WriteError>> {
    caller.try_recv().ok().map(|reply| reply.map(drop))
}

#[test]
fn the_next_batch_sees_the_one_under_way_and_is_answered_after_its_commit() {
    let mut desk = Desk::new();
    let (mut first, outcome) = desk.run([set_out("a", 1)]);
    assert!(is_told(&mut first[0]).is_none() && outcome.done == 0 && !outcome.wrote);
    assert_eq!(desk.world.script.keys(), [""; 0]);

    let (mut second, outcome) = desk.run([look("a"), look("b")]);

    assert!(told(first.remove(0)).is_ok());
    assert!(second.iter_mut().all(|caller| is_told(caller).is_none()));
    assert_eq!((outcome.done, outcome.wrote, outcome.batches), (1, true, 1));
    let outcome = desk.finish();
    assert!(told(second.remove(0)).is_ok() && told(second.remove(0)).is_err());
    assert_eq!((outcome.done, outcome.wrote), (2, false));
    assert_eq!(desk.world.script.begun_and_committed(), (2, 2));
}

#[test]
fn items_that_arrive_while_a_batch_is_under_way_join_the_one_that_waits_for_it() {
    let mut desk = Desk::new();
    let (_first, _) = desk.run([set_out("a", 1)]);
    let (late, late_caller) = set_out("c", 1);
    assert!(desk.queue.push(late).is_ok());

    let (second, outcome) = desk.run([set_out("b", 1)]);

    assert!(desk.queue.more(10, Moment(0)).is_empty() && outcome.left.is_empty());
    desk.finish();
    assert!(second.into_iter().chain([late_caller]).map(told).all(|answer| answer.is_ok()));
    assert_eq!(desk.world.script.begun_and_committed(), (2, 2));
    assert_eq!(desk.world.script.keys(), ["a", "b", "c"]);
}

#[test]
fn a_batch_that_builds_on_a_failed_one_is_computed_again() {
    let mut desk = Desk::new();
    desk.world.script.shop().refused.push("bad");
    let (first, _) = desk.run([set_out("bad", 1), set_out("good", 1)]);

    let (second, _) = desk.run([look("bad"), look("good"), set_out("next", 1)]);

    let first: Vec<_> = first.into_iter().map(told).collect();
    assert!(first[0].is_err() && first[1].is_ok(), "only the failing item is refused: {first:?}");
    desk.finish();
    let second: Vec<_> = second.into_iter().map(told).collect();
    assert!(second[0].is_err() && second[1].is_ok() && second[2].is_ok(), "{second:?}");
    assert_eq!(desk.world.script.keys(), ["good", "next"]);
}

#[test]
fn a_failed_commit_is_retried_before_the_batch_that_builds_on_it() {
    let mut desk = Desk::new();
    let gone = || CommitError::NotCommitted(EngineError::Unreachable("gone".into()));
    desk.world.script.shop().commits.extend([gone(), gone()]);
    let (first, _) = desk.run([set_out("a", 2)]);

    let (second, _) = desk.run([go_on("a"), look("a")]);
    desk.finish();

    assert!(first.into_iter().chain(second).map(told).all(|answer| answer.is_ok()));
    assert_eq!(desk.world.script.keys(), ["a", "failed a"], "the first run ended before the second began");
}

#[test]
fn a_full_disk_fails_the_batch_under_way_and_the_one_that_builds_on_it() {
    let mut desk = Desk::new();
    desk.world.script.shop().is_full = true;
    let (first, _) = desk.run([set_out("a", 1)]);

    let (second, outcome) = desk.run([set_out("b", 1)]);
    let (mut second, rest) = (second, outcome.rest);
    let later = desk.finish();

    assert!(matches!(told(first.into_iter().next().unwrap()), Err(WriteError::Unavailable(_))));
    assert!(matches!(told(second.remove(0)), Err(WriteError::Unavailable(_))));
    assert_eq!((rest, later.rest), (Rest::UntilThereIsRoom, Rest::UntilThereIsRoom));
    assert_eq!(desk.world.script.keys(), [""; 0]);
}

#[test]
fn an_item_that_can_not_be_loaded_is_refused_alone_after_the_batch_under_way() {
    let mut desk = Desk::new();
    desk.world.script.shop().rows.insert("broken".into(), vec![docket_kernel::Cell::Null]);
    let (first, _) = desk.run([set_out("a", 1)]);

    let (second, _) = desk.run([go_on("broken"), look("a")]);

    desk.finish();
    assert!(told(first.into_iter().next().unwrap()).is_ok());
    let second: Vec<_> = second.into_iter().map(told).collect();
    assert!(second[0].is_err() && second[1].is_ok(), "{second:?}");
}

#[test]
fn a_node_is_unwell_until_a_batch_was_written_and_not_only_handed_over() {
    let world = world(Bounds::default());
    let mut node = Node::new(Slow { script: world.script.clone(), under_way: None }, &world.parts);
    let writer = node.writer().clone();
    let mut turn = || {
        world.clock.advance_seconds(2);
        ready(node.turn()).expect("the engine never waits")
    };
    let broken = || CommitError::NotCommitted(EngineError::Failed("broken".into()));
    world.script.shop().commits.extend([broken(), broken()]);

    // The writer checks for due work every second, and that check is a batch.
    for is_well in [true, false, false, true] {
        turn();
        assert_eq!(writer.is_well(), is_well, "{:?}", world.script.begun_and_committed());
    }
}

#[test]
fn due_work_is_claimed_when_no_batch_is_under_way() {
    let mut desk = Desk::new();
    let (first, _) = desk.run([item(|work: &mut UnitOfWork| {
        work.insert(Walk { due_at: Some(Moment(1)), ..walk("due", 1) });
        Ok(())
    })]);

    let outcome = ready(desk.batcher.run(Vec::new(), 10, Some(&desk.queue))).unwrap();
    assert!(told(first.into_iter().next().unwrap()).is_ok());
    assert_eq!(outcome.claimed, 1);
    desk.finish();

    assert_eq!(desk.world.script.left("due"), Some((0, false)));
}

#[test]
fn a_batch_that_checks_for_due_work_takes_waiting_requests_too() {
    let mut world = world(Bounds::default());
    world.parts.reactor = Arc::new(crate::NoReactor);
    let mut node = Node::new(Slow { script: world.script.clone(), under_way: None }, &world.parts);
    let writer = node.writer().clone();
    let mut asked = Vec::new();
    for id in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        let command = Command::new("test", docket_kernel::Scope::Of(Arc::from("env_a")), move |work| {
            work.insert(walk(id, 0));
            Ok(())
        });
        let writer = writer.clone();
        let mut asking = Box::pin(async move { writer.submit(command).await });
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(asking.as_mut().poll(&mut context).is_pending());
        asked.push(asking);
    }
    writer.nudge();

    for _ in 0..2 {
        ready(node.turn()).expect("the engine never waits");
    }

    assert_eq!(world.script.keys().len(), asked.len());
    assert_eq!(world.script.begun_and_committed(), (1, 1));
}
