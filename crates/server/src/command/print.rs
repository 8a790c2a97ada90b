//! Words to people and programs: answers on standard output, everything else on standard error.

use std::fmt;
use std::io::{ErrorKind, IsTerminal, Write};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// Says something on standard output. Who has stopped listening, as `head` does, has heard enough.
pub fn say(words: impl fmt::Display) -> Result<(), Failure> {
    match writeln!(std::io::stdout(), "{words}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format_args!("this was done, and its answer could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Answers as JSON for programs, or in words for people.
pub fn answer(as_json: bool, answer: &Value, words: impl FnOnce() -> String) -> Result<(), Failure> {
    if as_json { say(answer) } else { say(words()) }
}

/// Says on standard error why a command was not done.
pub fn fail(failure: &Failure) {
    for line in failure.to_string().lines() {
        drop(writeln!(std::io::stderr(), "docket: {line}"));
    }
}

/// Who at `debug` tells what stands in the rows it moves, which is not for a log unless it is asked for by name.
const TALKATIVE: &str = "tokio_postgres";

/// Begins the log on standard error.
pub fn start_log(filter: &str, as_json: bool) -> Result<(), Failure> {
    let discreet = if filter.contains(TALKATIVE) { filter.to_owned() } else { format!("{filter},{TALKATIVE}=info") };
    let filter = EnvFilter::try_new(discreet).map_err(|error| {
        Failure::new(format_args!("the log filter '{filter}' is not understood ({error}); write one such as info"))
    })?;
    let is_terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).with_env_filter(filter);
    let begun = if as_json { log.json().try_init() } else { log.try_init() };
    begun.map_err(Failure::new)
}
