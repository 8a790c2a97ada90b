//! The report of a long run: the number of commands and faults, and the planted bugs that were found.

use std::fmt::Write;

use docket_kernel::{Clock, Moment, SystemClock};

use crate::planted::{FOUND, find};
use crate::seeds::Tally;

/// The environment variable with the folder for reports.
const REPORTS: &str = "DOCKET_REPORTS";

/// The current instant, to measure the duration.
pub fn now() -> Moment {
    SystemClock.now()
}

fn commit() -> String {
    let said = std::process::Command::new("git").args(["describe", "--always", "--dirty"]).output();
    said.map_or_else(|_| "unknown".into(), |said| String::from_utf8_lossy(&said.stdout).trim().to_owned())
}

/// Writes the report if there is a folder for it.
pub fn write(tally: &Tally, begun: Moment) {
    let Some(folder) = std::env::var_os(REPORTS) else { return };
    let ended = now();
    let seconds = ended.seconds() - begun.seconds();
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let mut text = format!(
        "# Simulation\n\n\
         {} seeds, none of which broke an invariant; {seconds} seconds on {processors} processors, {build} build of {}, {}.\n\
         Made by `DOCKET_LONG=1 DOCKET_REPORTS=docs/reports cargo test -p docket-simulation`.\n\n\
         Each seed is a world of its own: one to three nodes of the real kernel, verbs, workflow engine and writer over\n\
         one database in memory, four clients, every choice taken from the seed. At its end the doctor and the clients'\n\
         own journals judge it.\n\n\
         | what there was | how often |\n|---|---:|\n",
        tally.seeds,
        commit(),
        &ended.to_string()[..10],
    );
    for (name, count) in &tally.counts {
        let _ = writeln!(text, "| {name} | {count} |");
    }
    text.push_str(
        "\n## Planted bugs\n\nPlanted bugs show that the simulator finds bugs. Each one was planted and found:\n\n",
    );
    text.push_str("| bug | at seed | by the invariant | test |\n|---|---:|---|---|\n");
    for (plant, seeds, test) in FOUND {
        let found = find(plant, seeds);
        let _ = writeln!(text, "| {plant:?} | {} | {} | `{test}` |", found.seed, found.invariant);
    }
    let file = std::path::Path::new(&folder).join("simulation.md");
    std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(file, text)).expect("the report can be written");
}
