//! Words to people and programs: answers on standard output, everything else on standard error.

use std::fmt;

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// Says something on standard output.
#[expect(clippy::print_stdout, reason = "the one place where the command line answers")]
pub fn say(words: impl fmt::Display) {
    println!("{words}");
}

/// Answers as JSON for programs, or in words for people.
pub fn answer(as_json: bool, answer: &Value, words: impl FnOnce() -> String) {
    if as_json { say(answer) } else { say(words()) }
}

/// Says on standard error why a command was not done.
pub fn fail(failure: &Failure) {
    for line in failure.to_string().lines() {
        eprintln!("docket: {line}");
    }
}

/// Begins the log on standard error.
pub fn start_log(filter: &str, as_json: bool) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Failure::new(format_args!("the log filter '{filter}' is not understood ({error}); write one such as info"))
    })?;
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    let begun = if as_json { log.json().try_init() } else { log.try_init() };
    begun.map_err(Failure::new)
}
