//! The rounds: every subject on every engine, one after the other, several times.

use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::args::{On, Plan, Subject, Work};
use crate::base::{Base, Copy};
use crate::load::Outcome;
use crate::stopwatch::pause;
use crate::subject::{Server, binary, statements};
use crate::{Fallible, machine, report};

/// The environment variable with the PostgreSQL server for benchmarks.
pub const URL: &str = "DOCKET_TEST_POSTGRES_URL";

/// One measure of one subject on one engine with one number of connections.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// The engine.
    pub on: On,
    /// The subject.
    pub subject: Subject,
    /// The type of request.
    pub work: Work,
    /// The duration in seconds.
    pub seconds: f64,
    /// Connections.
    pub connections: usize,
    /// Jobs a second.
    pub jobs_per_second: f64,
    /// The median response time in milliseconds.
    pub p50: f64,
    /// The 99th percentile of the response times in milliseconds.
    pub p99: f64,
    /// Processor milliseconds per job, of the subject.
    pub processor_ms: f64,
    /// Processor milliseconds per job, of PostgreSQL.
    pub postgres_ms: f64,
    /// MiB of the subject after the load: resident, and the proportional share.
    pub memory: (f64, f64),
    /// The mean number of loads per batch, if the subject reports it.
    pub waves: Option<f64>,
}

/// The state of a server before the first request.
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

/// The memory of a server under load, and after some idle time.
#[derive(Clone, Debug, Serialize)]
pub struct Rest {
    /// The engine.
    pub on: On,
    /// The subject.
    pub subject: Subject,
    /// The peak of resident memory in MiB.
    pub most: f64,
    /// Seconds after the last request.
    pub seconds: f64,
    /// Resident memory in MiB at that time.
    pub after: f64,
}

/// All measures, and the conditions.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// Docket's own binary, or the server inside the benchmarks.
    pub server: String,
    /// The machine before and after.
    pub machine: [String; 2],
    /// Cases at the beginning.
    pub cases: u64,
    /// The number of rows that one job writes.
    pub rows: usize,
    /// Rounds.
    pub rounds: usize,
    /// Seconds at each number of connections.
    pub seconds: f64,
    /// The measured starts.
    pub starts: Vec<Start>,
    /// The measured memory.
    pub rests: Vec<Rest>,
    /// The measures of load.
    pub measures: Vec<Measure>,
}

/// The key of one measure.
#[derive(Clone, Copy)]
struct Asked {
    on: On,
    subject: Subject,
    work: Work,
    connections: usize,
}

struct Bench<'p> {
    plan: &'p Plan,
    binary: Option<PathBuf>,
    base: Base,
    connections: Vec<usize>,
    works: Vec<Work>,
    seconds: f64,
    minute: f64,
    rest: f64,
    results: Results,
}

/// Measures, prints, and writes the requested report.
pub fn run(plan: &Plan) -> Fallible<()> {
    let server = std::env::var(URL).ok().filter(|url| !url.is_empty());
    let known = || if server.is_some() { vec![On::Sqlite, On::Postgres] } else { vec![On::Sqlite] };
    let engines = plan.engines.clone().unwrap_or_else(known);
    let subjects = || vec![Subject::Docket, Subject::Statements, Subject::Server];
    let subjects = plan.subjects.clone().unwrap_or_else(subjects);
    let cases = plan.cases.unwrap_or(if plan.quick { 100_000 } else { 1_000_000 });
    let rounds = plan.rounds.unwrap_or(if plan.quick { 1 } else { 3 });
    let connections = || if plan.quick { vec![1, 64] } else { vec![1, 64, 256] };
    let connections = plan.connections.clone().unwrap_or_else(connections);
    let seconds = plan.seconds.unwrap_or(3.0);
    let works = plan.works.clone().unwrap_or_else(|| if plan.quick { vec![Work::Job] } else { Work::ALL.to_vec() });
    let minute = plan.minute.unwrap_or(if plan.quick { 0.0 } else { 60.0 });
    let rest = plan.rest.unwrap_or(if plan.quick { 0.0 } else { 60.0 });
    let folder =
        plan.folder.clone().map_or_else(|| Fallible::Ok(std::env::current_exe()?.with_file_name("bench-data")), Ok)?;
    let base = Base::prepare(&folder, &engines, cases, server)?;
    let binary = binary(plan.in_process)?;
    let results = Results {
        server: if binary.is_some() { "docket" } else { "inside the benchmarks" }.to_owned(),
        machine: [machine::state(), String::new()],
        cases,
        rows: base.rows,
        rounds,
        seconds,
        starts: Vec::new(),
        rests: Vec::new(),
        measures: Vec::new(),
    };
    let mut bench = Bench { plan, binary, base, connections, works, seconds, minute, rest, results };
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
    /// Measures one subject at every number of connections, over a fresh database.
    fn once(&mut self, on: On, subject: Subject) -> Fallible<()> {
        let copy = self.base.copy(on)?;
        let postgres = copy.postgres();
        let mut runs = 0;
        if subject == Subject::Statements {
            if !self.works.contains(&Work::Job) {
                return Ok(());
            }
            for (place, connections) in self.connections.clone().into_iter().enumerate() {
                let before = postgres.map(machine::postgres_ms);
                let (outcome, spent) = statements(&self.base, &copy, connections, self.seconds, first(place))?;
                let beside = postgres.map_or(0.0, machine::postgres_ms) - before.unwrap_or(0.0);
                let asked = Asked { on, subject, work: Work::Job, connections };
                self.keep(asked, &outcome, (spent, beside), ((0.0, 0.0), None));
                runs += outcome.done * Work::Job.runs();
            }
        } else {
            let server = Server::start(subject, self.binary.as_deref(), &self.base, &copy, self.plan.lanes)?;
            pause(Duration::from_millis(500));
            let start = Start { on, subject, ready_ms: server.start_ms, memory: machine::memory(server.pid()) };
            self.results.starts.push(start);
            let mut place = 0;
            let mut asked = Vec::new();
            for work in self.works.clone() {
                asked.extend(self.connections.iter().map(|connections| (work, *connections, self.seconds)));
            }
            if self.minute > 0.0 {
                asked.extend([1, 64].map(|connections| (Work::Set, connections, self.minute)));
            }
            let mut changed = 0;
            for (work, connections, seconds) in asked {
                let asked = Asked { on, subject, work, connections };
                // Each status change must set a different status, so its numbers continue from the last load.
                let from = if work == Work::Set { changed } else { first(place) };
                let done = self.at(asked, seconds, &server, from, postgres)?;
                changed += if work == Work::Set { done } else { 0 };
                runs += done * work.runs();
                place += 1;
            }
            self.rest(on, subject, &server);
        }
        judge(&copy, runs)
    }

    /// Measures the memory of a server after some idle time.
    fn rest(&mut self, on: On, subject: Subject, server: &Server) {
        let most = machine::memory_at_most(server.pid());
        if self.rest > 0.0 {
            pause(Duration::from_secs_f64(self.rest));
            let after = machine::memory(server.pid()).0;
            self.results.rests.push(Rest { on, subject, most, seconds: self.rest, after });
        }
    }

    fn at(&mut self, asked: Asked, seconds: f64, server: &Server, first: u64, postgres: Option<u32>) -> Fallible<u64> {
        let so_far = || (machine::processor_ms(server.pid()), postgres.map_or(0.0, machine::postgres_ms));
        let (before, loaded) = (so_far(), server.loads());
        let outcome = server.load(&self.base, asked.work, asked.connections, seconds, first)?;
        let after = so_far();
        if outcome.failed > 0 {
            let words = outcome.failure.unwrap_or_default();
            let all = outcome.failed + outcome.done;
            return Err(format!("{:?}: {} of {all} requests failed: {words}", asked.work, outcome.failed).into());
        }
        let spent = (after.0 - before.0, after.1 - before.1);
        let waves =
            loaded.zip(server.loads()).map(|(before, after)| (after.0 - before.0) / (after.1 - before.1).max(1.0));
        self.keep(asked, &outcome, spent, (machine::memory(server.pid()), waves));
        Ok(outcome.done)
    }

    fn keep(
        &mut self,
        Asked { on, subject, work, connections }: Asked,
        outcome: &Outcome,
        spent: (f64, f64),
        (memory, waves): ((f64, f64), Option<f64>),
    ) {
        #[expect(clippy::cast_precision_loss, reason = "the jobs of a round are far below 2^52")]
        let done = outcome.done.max(1) as f64;
        self.results.measures.push(Measure {
            on,
            subject,
            work,
            seconds: outcome.seconds,
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

/// The first job number of a load: loads on one database use different numbers.
fn first(place: usize) -> u64 {
    (place as u64 + 1) * 100_000_000
}

/// Checks that exactly the acknowledged runs exist.
fn judge(copy: &Copy, expected: u64) -> Fallible<()> {
    let runs = copy.completed_runs()?;
    if runs == expected {
        return Ok(());
    }
    Err(format!("{runs} runs exist, but {expected} were acknowledged").into())
}
