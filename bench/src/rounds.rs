//! The rounds: every subject on every engine, one after the other, several times.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::args::{On, Plan, Subject};
use crate::base::{Base, Copy};
use crate::load::Outcome;
use crate::stopwatch::pause;
use crate::subject::{Server, binary, statements};
use crate::{Fallible, job, machine, report};

/// Names a PostgreSQL for benchmarks.
const URL: &str = "DOCKET_TEST_POSTGRES_URL";

/// One subject on one engine at one number of connections, once.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// The engine.
    pub on: On,
    /// The subject.
    pub subject: Subject,
    /// Connections.
    pub connections: usize,
    /// Jobs a second.
    pub jobs_per_second: f64,
    /// Milliseconds.
    pub p50: f64,
    /// Milliseconds.
    pub p99: f64,
    /// Processor milliseconds a job, of the subject.
    pub processor_ms: f64,
    /// Processor milliseconds a job, of PostgreSQL.
    pub postgres_ms: f64,
    /// MiB of the subject after the load: resident, and the proportional share.
    pub memory: (f64, f64),
    /// How often rows were loaded in a batch, where the subject tells.
    pub waves: Option<f64>,
}

/// What a server is before anybody asks.
#[derive(Clone, Debug, Serialize)]
pub struct Start {
    /// The engine.
    pub on: On,
    /// The subject.
    pub subject: Subject,
    /// Milliseconds until it was ready.
    pub ready_ms: f64,
    /// MiB: resident, and the proportional share.
    pub memory: (f64, f64),
}

/// Everything that was measured, and on what.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Docket's own binary, or the server inside the benchmarks.
    pub server: String,
    /// The machine before and after.
    pub machine: [String; 2],
    /// Cases at the beginning.
    pub cases: u64,
    /// Rows of one job.
    pub rows: usize,
    /// Rounds.
    pub rounds: usize,
    /// Seconds at each number of connections.
    pub seconds: f64,
    /// Starts.
    pub starts: Vec<Start>,
    /// Measures.
    pub measures: Vec<Measure>,
}

struct Bench<'p> {
    plan: &'p Plan,
    binary: Option<PathBuf>,
    base: Base,
    connections: Vec<usize>,
    seconds: f64,
    results: Results,
}

/// Measures, prints, and writes the report that was asked for.
pub fn run(plan: &Plan) -> Fallible<()> {
    let server = std::env::var(URL).ok().filter(|url| !url.is_empty());
    let known = || if server.is_some() { vec![On::Sqlite, On::Postgres] } else { vec![On::Sqlite] };
    let engines = plan.engines.clone().unwrap_or_else(known);
    let subjects = || vec![Subject::Docket, Subject::Statements, Subject::Server];
    let subjects = plan.subjects.clone().unwrap_or_else(subjects);
    let cases = plan.cases.unwrap_or(if plan.quick { 100_000 } else { 1_000_000 });
    let rounds = plan.rounds.unwrap_or(if plan.quick { 1 } else { 5 });
    let connections = || if plan.quick { vec![1, 64] } else { vec![1, 16, 64, 256] };
    let connections = plan.connections.clone().unwrap_or_else(connections);
    let seconds = plan.seconds.unwrap_or(if plan.quick { 3.0 } else { 5.0 });
    let folder =
        plan.folder.clone().map_or_else(|| Fallible::Ok(std::env::current_exe()?.with_file_name("bench-data")), Ok)?;
    let base = Base::prepare(&folder, &engines, cases, server)?;
    let binary = binary(plan)?;
    let results = Results {
        server: if binary.is_some() { "docket" } else { "inside the benchmarks" }.to_owned(),
        machine: [machine::state(), String::new()],
        cases,
        rows: base.rows,
        rounds,
        seconds,
        starts: Vec::new(),
        measures: Vec::new(),
    };
    let mut bench = Bench { plan, binary, base, connections, seconds, results };
    for round in 1..=rounds {
        for on in &engines {
            for subject in &subjects {
                report::say(&format!("round {round} of {rounds}: {subject:?} on {on:?}"));
                bench.once(*on, *subject)?;
            }
        }
    }
    bench.results.machine[1] = machine::state();
    report::print(&bench.results);
    if let Some(file) = &plan.report {
        report::keep(file, &bench.results)?;
    }
    Ok(())
}

impl Bench<'_> {
    /// One subject at every number of connections, over a fresh database.
    fn once(&mut self, on: On, subject: Subject) -> Fallible<()> {
        let copy = self.base.copy(on)?;
        let postgres = copy.postgres();
        let mut done = 0;
        if subject == Subject::Statements {
            for (place, connections) in self.connections.clone().into_iter().enumerate() {
                let before = postgres.map(machine::postgres_ms);
                let (outcome, spent) = statements(&self.base, &copy, connections, self.seconds, first(place))?;
                let beside = postgres.map_or(0.0, machine::postgres_ms) - before.unwrap_or(0.0);
                self.keep(on, subject, connections, &outcome, (spent, beside), ((0.0, 0.0), None));
                done += outcome.done;
            }
        } else {
            let server = Server::start(subject, self.binary.as_deref(), &self.base, &copy, self.plan.lanes)?;
            pause(Duration::from_millis(500));
            let start = Start { on, subject, ready_ms: server.start_ms, memory: machine::memory(server.pid()) };
            self.results.starts.push(start);
            for (place, connections) in self.connections.clone().into_iter().enumerate() {
                done += self.at(on, subject, connections, &server, first(place), postgres)?;
            }
        }
        judge(&copy, done)
    }

    fn at(
        &mut self,
        on: On,
        subject: Subject,
        connections: usize,
        server: &Server,
        first: u64,
        postgres: Option<u32>,
    ) -> Fallible<u64> {
        let so_far = || (machine::processor_ms(server.pid()), postgres.map_or(0.0, machine::postgres_ms));
        let (before, loaded) = (so_far(), server.loads());
        let outcome = server.load(&self.base, connections, self.seconds, first)?;
        let after = so_far();
        if outcome.failed > 0 {
            let words = outcome.failure.unwrap_or_default();
            return Err(format!("{} of {} jobs failed: {words}", outcome.failed, outcome.failed + outcome.done).into());
        }
        let spent = (after.0 - before.0, after.1 - before.1);
        let waves =
            loaded.zip(server.loads()).map(|(before, after)| (after.0 - before.0) / (after.1 - before.1).max(1.0));
        self.keep(on, subject, connections, &outcome, spent, (machine::memory(server.pid()), waves));
        Ok(outcome.done)
    }

    fn keep(
        &mut self,
        on: On,
        subject: Subject,
        connections: usize,
        outcome: &Outcome,
        spent: (f64, f64),
        (memory, waves): ((f64, f64), Option<f64>),
    ) {
        #[expect(clippy::cast_precision_loss, reason = "the jobs of a round are far below 2^52")]
        let done = outcome.done.max(1) as f64;
        self.results.measures.push(Measure {
            on,
            subject,
            connections,
            jobs_per_second: done / outcome.seconds,
            p50: outcome.p50,
            p99: outcome.p99,
            processor_ms: spent.0 / done,
            postgres_ms: spent.1 / done,
            memory,
            waves,
        });
    }
}

/// Jobs of different loads on one database have different numbers.
fn first(place: usize) -> u64 {
    (place as u64 + 1) * 100_000_000
}

/// What was acknowledged is there, and nothing else.
fn judge(copy: &Copy, done: u64) -> Fallible<()> {
    let runs = copy.completed_runs()?;
    if runs == done * job::RUNS as u64 {
        return Ok(());
    }
    Err(format!("{done} jobs were acknowledged, and {runs} runs are there instead of {}", done * job::RUNS as u64)
        .into())
}
