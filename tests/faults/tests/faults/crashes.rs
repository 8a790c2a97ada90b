//! Every point at which a process can end: the reference job runs on a real engine that stops at its first call, then
//! at its second, and so on, until the job completes. Each time another node continues afterwards.

use std::sync::Arc;

use docket_kernel::{Actor, Cause, EnvironmentId, Permission, RequestId, Scope, SourceId, SystemClock, SystemRng, Who};
use docket_objects::take_in;
use docket_steps::Reactions;
use docket_storage::{Bounds, Command, Parts, Reactor};
use docket_testkit::{On, Plant, engines, live};
use serde_json::Value;

use crate::house::House;
use crate::journal::{Journal, Wish as Wanted};
use crate::judge::judge;
use crate::report::{Report, is_long};
use crate::stored::Stored;
use crate::wait::now;
use crate::world::{World, completed};

/// A job that needs more calls than this does not end.
const CALLS_MAX: usize = 500;

/// The parts of the nodes in this process.
pub fn parts(reactor: Arc<dyn Reactor>, inline_steps: u32) -> Parts {
    let bounds = Bounds { inline_steps, ..Bounds::default() };
    Parts { reactor, bounds, clock: Arc::new(SystemClock), rng: Arc::new(SystemRng) }
}

/// A vendor's event, as the API submits it to the writer.
pub fn ingest(world: &World, mark: &str) -> Command<()> {
    let value: Value = serde_json::from_str(&completed(mark)).expect("JSON");
    let environment = EnvironmentId::of(world.environment.as_str());
    let cause = Cause { request: Some(RequestId::of(format!("req_{mark}"))), ..Cause::default() };
    let actor = Actor::new(Who::System, environment.clone(), Arc::from([Permission::SourceIngest])).because(cause);
    let source = SourceId::of(world.source.as_str());
    Command::new("ingest", Scope::Of(environment.key()), move |work| take_in(work, &actor, &source, &value).map(drop))
}

/// The result of a walk through all points.
pub struct Walk {
    /// The points.
    pub points: usize,
    /// The number of callers that had an answer when the engine stopped.
    pub acknowledged: usize,
    /// The violations.
    pub wrong: Vec<String>,
}

/// Stops the reference job at every point. If the caller got no answer, every second caller repeats the job; in the
/// long tier each point is run both ways.
pub async fn walk(engine: On, inline_steps: u32, plant: Option<Plant>) -> Walk {
    let (house, world) = House::furnished(engine).await;
    let reactor = Arc::new(Reactions::of(&Arc::new(docket_steps::engine())));
    let parts = parts(reactor, inline_steps);
    let (journal, mut acknowledged) = (Journal::default(), 0);
    let mut points = 0;
    'points: for calls in 1..CALLS_MAX {
        let tries: &[bool] = if is_long() { &[true, false] } else { &[calls % 2 == 0] };
        for repeats in tries {
            let mark = format!("c{calls}{repeats}");
            let place = journal.intend(&mark, Wanted::Job);
            let parting = live(&house.database, &parts, calls, plant, Some(ingest(&world, &mark))).await;
            let mut answer = parting.answer;
            acknowledged += usize::from(parting.crashed && answer.is_some());
            // The next node continues with due work, and receives the repeated job.
            let again = (*repeats && answer.is_none()).then(|| ingest(&world, &mark));
            let next = live(&house.database, &parts, 0, None, again).await;
            answer = answer.or(next.answer);
            match answer {
                Some(Ok(())) => journal.acknowledge(place, Value::Null, now()),
                Some(Err(error)) => journal.complain(format!("job {mark} was answered {error}")),
                None => {}
            }
            if !parting.crashed {
                break 'points;
            }
        }
        points = calls;
    }
    let stored = Stored::of(&house.database, engine).await;
    let mut wrong = journal.wrong();
    wrong.extend(judge(&stored, &journal.entries(), &world, 0));
    Walk { points, acknowledged, wrong }
}

#[tokio::test]
async fn a_process_may_end_at_every_point_of_the_reference_job() {
    let mut report = Report::begin("points", "Every point at which a process can end, in this process");
    report.line("| engine | inline steps | points | answered before the end | wrong |\n|---|---|---|---|---|");
    for engine in engines() {
        for inline_steps in [Bounds::default().inline_steps, 0] {
            let walk = walk(engine, inline_steps, None).await;

            assert!(walk.wrong.is_empty(), "{engine}, {inline_steps} inline steps: {:#?}", walk.wrong);
            assert!(walk.points > 5 && walk.points < CALLS_MAX - 1, "{} points", walk.points);
            let Walk { points, acknowledged, .. } = walk;
            report.line(&format!("| {engine} | {inline_steps} | {points} | {acknowledged} | 0 |"));
        }
    }
    report.end();
}
