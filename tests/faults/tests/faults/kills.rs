//! `kill -9` at any moment: nothing acknowledged is lost, and everything happens exactly once.
//!
//! Sixteen clients post signed webhooks, move cases and trigger runs, and repeat requests without a response. Nodes are
//! killed from outside at any moment, and from inside at a point of a batch: when it has begun, while it writes, before
//! its commit, and between its commit and the answers.

use docket_testkit::On;

use crate::chance::Chance;
use crate::order::Point;
use crate::report::{Report, is_long, number, share};
use crate::round::{Kill, Plan, RoundReport, When, play};
use crate::wait::now;

/// The number of kills in one round, all on the same database.
const KILLS_A_ROUND: usize = 10;
/// An interrupted run must end within this time, in 99 of 100 cases.
const RESUME_MICROS_MAX: i64 = 15_000_000;
/// The minimum share of kills, in percent, that must hit work in flight.
const IN_FLIGHT_PERCENT_MIN: usize = 30;
/// A point at which this many nodes should die must be reached: otherwise the orders may look for it wrongly.
const WANTED_MIN: usize = 3;

/// The requested number of kills.
fn kills() -> usize {
    let usual = if is_long() { 200 } else { 6 };
    number("DOCKET_FAULTS_KILLS").map_or(usual, |kills| usize::try_from(kills).unwrap_or(usual))
}

/// A set of kills.
struct Mode {
    /// The name of its test.
    name: &'static str,
    engine: On,
    nodes: usize,
    flags: &'static [&'static str],
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged() {
    prove(&Mode { name: "sqlite_keeps_what_it_acknowledged", engine: On::Sqlite, nodes: 1, flags: &[] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_it_when_every_step_is_its_own_commit() {
    let name = "sqlite_keeps_it_when_every_step_is_its_own_commit";
    prove(&Mode { name, engine: On::Sqlite, nodes: 1, flags: &["--inline-steps", "0"] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_keep_what_they_acknowledged() {
    prove(&Mode { name: "two_nodes_keep_what_they_acknowledged", engine: On::Postgres, nodes: 2, flags: &[] }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_keep_it_when_every_step_is_its_own_commit() {
    let name = "two_nodes_keep_it_when_every_step_is_its_own_commit";
    prove(&Mode { name, engine: On::Postgres, nodes: 2, flags: &["--inline-steps", "0"] }).await;
}

/// Plays rounds until there were enough kills, and checks the guarantees.
async fn prove(mode: &Mode) {
    if !mode.engine.is_there() {
        return;
    }
    let seed = number("DOCKET_SEED").unwrap_or_else(|| now().0.unsigned_abs());
    let seeds = Chance::new(seed);
    let mut report = begin(mode);
    let (mut all, mut left, mut rounds) = (RoundReport::default(), kills(), 0);
    while left > 0 {
        let plan = Plan {
            engine: mode.engine,
            nodes: mode.nodes,
            flags: mode.flags.iter().map(|flag| (*flag).to_owned()).collect(),
            // The first round of a seed uses the seed itself, so that one command repeats any round.
            seed: if rounds == 0 { seed } else { seeds.next() },
            kills: left.min(KILLS_A_ROUND),
            answers_before_commit: false,
        };
        let told = play(&plan).await;
        assert!(told.wrong.is_empty(), "{}", replay(mode, &plan, &told));
        let RoundReport { acknowledged, unknown, faults, .. } = told;
        report.line(&format!("| {} | {} | {acknowledged} | {unknown} | {faults} |", plan.seed, plan.kills));
        rounds += 1;
        left -= plan.kills;
        all.acknowledged += acknowledged;
        all.unknown += unknown;
        all.faults += faults;
        all.unheard += told.unheard;
        all.kills.extend(told.kills);
        all.resumed.extend(told.resumed);
        all.repeated.extend(told.repeated);
    }
    judge_kills(&mut all);
    finish(report, rounds, all);
}

/// Checks that the kills of all rounds are sufficient as a proof.
fn judge_kills(all: &mut RoundReport) {
    let (hit, kills) = (in_flight(&all.kills), all.kills.len());
    assert!(
        hit * 100 >= kills * IN_FLIGHT_PERCENT_MIN,
        "void: {hit} of {kills} kills hit work in flight, {IN_FLIGHT_PERCENT_MIN}% are needed"
    );
    for point in Point::ALL.map(When::At) {
        let wanted = all.kills.iter().filter(|kill| kill.wanted == point).count();
        let met = all.kills.iter().filter(|kill| kill.when == point).count();
        assert!(met > 0 || wanted < WANTED_MIN, "void: no node died {}, requested {wanted} times", words(point));
    }
    assert_eq!(all.faults, 0, "reactions or flushes failed; see the log of the nodes");
    let slowest = share(&mut all.resumed, 99).max(share(&mut all.repeated, 99));
    assert!(slowest <= RESUME_MICROS_MAX, "interrupted work continued after {slowest} microseconds");
}

/// The number of kills that broke a request or interrupted a run.
fn in_flight(kills: &[Kill]) -> usize {
    kills.iter().filter(|kill| kill.broken > 0 || kill.interrupted > 0).count()
}

fn begin(mode: &Mode) -> Report {
    let flags = if mode.flags.is_empty() { "default bounds".to_owned() } else { format!("`{}`", mode.flags.join(" ")) };
    let nodes = if mode.nodes == 1 { "one node".to_owned() } else { format!("{} nodes", mode.nodes) };
    let title = format!("kill -9 on {}, {nodes}, {flags}", mode.engine);
    let mut report = Report::begin(&format!("kills {}", mode.name), &title);
    report.line("| seed | kills | acknowledged | outcome unknown | faults |\n|---|---|---|---|---|");
    report
}

fn finish(mut report: Report, rounds: usize, mut all: RoundReport) {
    let (hit, kills) = (in_flight(&all.kills), all.kills.len());
    let percent = hit * 100 / kills.max(1);
    let (acknowledged, unknown) = (all.acknowledged, all.unknown);
    report.line(&format!(
        "\n{rounds} rounds, {kills} kills, of which {hit} ({percent} %) hit work in flight. {acknowledged} requests were \
         acknowledged and 0 of them lost; {unknown} got no answer and were given up: each was done wholly or not at \
         all. {} jobs had been committed when their node was killed before it answered, as their repetition showed. \
         Every round ended at rest, and the doctor found nothing.\n",
        all.unheard
    ));
    report.line("| killed | kills | requests broken | runs interrupted |\n|---|---|---|---|");
    for when in [When::Whenever].into_iter().chain(Point::ALL.map(When::At)) {
        let met: Vec<&Kill> = all.kills.iter().filter(|kill| kill.when == when).collect();
        let broken: usize = met.iter().map(|kill| kill.broken).sum();
        let interrupted: usize = met.iter().map(|kill| kill.interrupted).sum();
        report.line(&format!("| {} | {} | {broken} | {interrupted} |", words(when), met.len()));
    }
    report.line("\n| milliseconds | count | p50 | p99 | longest |\n|---|---|---|---|---|");
    let mut row = |what: &str, micros: &mut Vec<i64>| {
        let [p50, p99, longest] = [50, 99, 100].map(|percent| share(micros, percent) / 1_000);
        report.line(&format!("| {what} | {} | {p50} | {p99} | {longest} |", micros.len()));
    };
    row("from a kill to the end of a run it interrupted", &mut all.resumed);
    row("from a lost answer to the answer of its repetition", &mut all.repeated);
    report.end();
}

fn words(when: When) -> &'static str {
    match when {
        When::Whenever => "at any moment",
        When::At(Point::Begun) => "when a batch had begun",
        When::At(Point::Writing) => "within a batch",
        When::At(Point::Committing) => "before a commit",
        When::At(Point::Committed) => "between a commit and its answers",
    }
}

fn replay(mode: &Mode, plan: &Plan, told: &RoundReport) -> String {
    let list: Vec<&str> = told.wrong.iter().take(20).map(String::as_str).collect();
    let kills: Vec<String> = told.kills.iter().map(|kill| format!("{kill:?}")).collect();
    let (list, kills) = (list.join("\n  "), kills.join("\n  "));
    format!(
        "seed {} broke {} promises:\n  {list}\nits kills:\n  {kills}\nplay it again with\n  DOCKET_SEED={} \
         DOCKET_FAULTS_KILLS={} cargo xtask with-postgres cargo test -p docket-faults {}",
        plan.seed,
        told.wrong.len(),
        plan.seed,
        plan.kills,
        mode.name
    )
}
