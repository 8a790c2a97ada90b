//! Seeds: many simulations, each one checked and repeatable.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use docket_kernel::Scope;

use crate::database::{Database, Plant, State};
use crate::journal::Answer;
use crate::simulation::{Outcome, START, Settings, Simulation, calmly};
use crate::world::{Tenant, furnish};

pub struct Beginning {
    pub state: State,
    pub places: Vec<Tenant>,
}

/// The initial state of every simulation, created once.
pub fn beginning() -> &'static Beginning {
    static MADE: OnceLock<Beginning> = OnceLock::new();
    MADE.get_or_init(|| {
        let database = Database::of(State::at(START - 60_000_000));
        let engine = Arc::new(docket_steps::engine());
        let mut places = Vec::new();
        for name in ["env_one", "env_two"] {
            let furnisher = Arc::clone(&engine);
            let scope = Scope::Of(Arc::from(name));
            let place = calmly(&database, &engine, scope, move |work| furnish(&furnisher, work, name));
            places.push(place.expect("a world"));
        }
        let mut state = database.lock().copy();
        state.now = START;
        Beginning { state, places }
    })
}

/// The outcome of a seed.
pub fn outcome(seed: u64, plant: Option<Plant>) -> Outcome {
    let beginning = beginning();
    Simulation::new(Settings::of(seed, plant), &beginning.state, &beginning.places).run(&beginning.state)
}

/// The environment variables of the command that replays a seed.
fn variables(seed: u64, plant: Option<Plant>) -> Vec<(&'static str, String)> {
    let plant = plant.map(|plant| ("DOCKET_PLANT", format!("{plant:?}")));
    plant.into_iter().chain([("DOCKET_SEED", seed.to_string())]).collect()
}

/// The violations of a seed, and the command that replays it.
pub fn replay(seed: u64, plant: Option<Plant>, wrong: &[String]) -> String {
    let list: Vec<_> = wrong.iter().take(12).map(|line| format!("  {line}\n")).collect();
    let set: Vec<_> = variables(seed, plant).into_iter().map(|(name, value)| format!("{name}={value} ")).collect();
    let (list, set) = (list.concat(), set.concat());
    format!(
        "seed {seed} broke {} invariants:\n{list}replay it with\n  {set}cargo test -p docket-simulation one_seed -- --nocapture",
        wrong.len()
    )
}

/// The results of many seeds.
#[derive(Default)]
pub struct Tally {
    pub seeds: u64,
    pub counts: BTreeMap<&'static str, u64>,
    /// The violations of the first failing seed.
    pub failed: Option<String>,
}

impl Tally {
    fn take_in(&mut self, seed: u64, outcome: &Outcome) {
        self.seeds += 1;
        let rows = |table: &str| outcome.state.tables.get(table).map_or(0, |kept| kept.rows.len() as u64);
        let mut count = |name, by| *self.counts.entry(name).or_default() += by;
        count("turns of nodes and clients", outcome.ticks);
        count("commits", outcome.state.commits);
        count("crashed nodes", outcome.crashes);
        count("cases at the end", rows("case_record"));
        count("events at the end", rows("event"));
        count("runs at the end", rows("workflow_run"));
        for entry in &outcome.journal.0 {
            count("commands", 1);
            let answer = match &entry.answer {
                Answer::Done(_) => "commands acknowledged",
                Answer::Refused(..) => "commands refused",
                Answer::NotDone(_) => "commands certainly not done",
                Answer::Unknown => "commands with an unknown outcome",
            };
            count(answer, 1);
        }
        for (fault, times) in &outcome.state.struck {
            count(fault, *times);
        }
        if !outcome.wrong.is_empty() && self.failed.is_none() {
            self.failed = Some(replay(seed, None, &outcome.wrong));
        }
    }

    /// The value of a counter.
    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

/// Runs this many seeds, from the first, on all processors; stops at the first one with a violation.
pub fn tally(seeds: u64) -> Tally {
    beginning();
    let (next, is_over) = (AtomicU64::new(0), AtomicBool::new(false));
    let tally = Mutex::new(Tally::default());
    let work = || {
        while !is_over.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                break;
            }
            let outcome = outcome(seed, None);
            is_over.fetch_or(!outcome.wrong.is_empty(), Ordering::Relaxed);
            tally.lock().unwrap_or_else(PoisonError::into_inner).take_in(seed, &outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(work);
        }
    });
    tally.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn the_invariants_hold_for_every_seed() {
    let is_long = std::env::var_os("DOCKET_LONG").is_some();
    let begun = crate::report::now();
    let tally = tally(if is_long { 20_000 } else { 500 });
    if let Some(failed) = &tally.failed {
        panic!("{failed}");
    }
    let (seeds, counts) = (tally.seeds, &tally.counts);
    assert!(tally.of("crashed nodes") > seeds / 4 && tally.of("commits") > seeds * 10, "{seeds} seeds, {counts:?}");
    let faults = ["busy rows", "lost connections", "lost races", "commits that failed", "lost answers to a commit"];
    for met in faults.into_iter().chain(["loads beside a write"]) {
        assert!(tally.of(met) > seeds / 10, "{met} happened too rarely: {counts:?}");
    }
    if is_long {
        crate::report::write(&tally, begun);
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "the output shows what happened")]
fn one_seed() {
    let seed = std::env::var("DOCKET_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let plant = std::env::var("DOCKET_PLANT").ok().map(|name| Plant::named(&name).expect("a bug that can be planted"));
    let outcome = outcome(seed, plant);
    for entry in &outcome.journal.0 {
        println!(
            "{:>6}..{:<6} {} {:<15} {:?}",
            entry.asked_at, entry.answered_at, entry.request, entry.name, entry.answer
        );
    }
    println!("{} ticks, {} commits, {} crashes", outcome.ticks, outcome.state.commits, outcome.crashes);
    assert!(outcome.wrong.is_empty(), "{}", replay(seed, plant, &outcome.wrong));
}

#[test]
fn a_seed_gives_the_same_trace_and_the_same_answers_every_time() {
    let seen = |seed| {
        let outcome = outcome(seed, None);
        (outcome.state.trace, outcome.state.traced, format!("{:?}", outcome.journal))
    };
    let mut traces = std::collections::BTreeSet::new();
    for seed in 0..50 {
        let first = seen(seed);

        assert!(first == seen(seed), "seed {seed}");
        traces.insert(first.0);
    }
    assert_eq!(traces.len(), 50, "each seed has a different trace");
}

#[test]
fn a_failing_seed_is_replayed_by_the_command_that_it_prints() {
    let plant = Some(Plant::AttemptKeeps);
    let (seed, wrong) = (0..50).map(|seed| (seed, outcome(seed, plant).wrong)).find(|(_, w)| !w.is_empty()).unwrap();

    let printed = replay(seed, plant, &wrong);
    let mut again = std::process::Command::new(std::env::current_exe().unwrap());
    let again = again.args(["one_seed", "--nocapture"]).envs(variables(seed, plant)).output().unwrap();

    let said = format!("{}{}", String::from_utf8_lossy(&again.stdout), String::from_utf8_lossy(&again.stderr));
    let command =
        format!("DOCKET_PLANT=AttemptKeeps DOCKET_SEED={seed} cargo test -p docket-simulation one_seed -- --nocapture");
    assert!(printed.contains(&command) && !again.status.success(), "{printed}\n{said}");
    assert!(said.contains(&printed), "{printed}\n{said}");
}

#[test]
#[ignore = "lists which invariants break over DOCKET_SEEDS seeds from DOCKET_SEED on"]
#[expect(clippy::print_stdout, reason = "the output is the list")]
fn survey() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let mut found: BTreeMap<String, Vec<(u64, String)>> = BTreeMap::new();
    let from = number("DOCKET_SEED");
    for seed in from..from + number("DOCKET_SEEDS") {
        for line in outcome(seed, None).wrong {
            let name = line.split(':').next().unwrap_or_default().to_owned();
            found.entry(name).or_default().push((seed, line));
        }
    }
    for (name, lines) in found {
        println!("{name}: {} times", lines.len());
        lines.iter().take(6).for_each(|(seed, line)| println!("    {seed}: {line}"));
    }
}
