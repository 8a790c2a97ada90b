//! Output of commands: results on standard output, everything else on standard error.

use std::fmt;
use std::io::{ErrorKind, IsTerminal, Write};

use serde_json::Value;
use tracing_subscriber::EnvFilter;

use crate::failure::Failure;

/// Prints to standard output: unchanged to a file or a pipe, as [`shown`] to a terminal. A closed pipe, for example by
/// `head`, is no failure.
pub fn say(words: impl fmt::Display) -> Result<(), Failure> {
    let words = words.to_string();
    let words = if std::io::stdout().is_terminal() { shown(&words) } else { words };
    match writeln!(std::io::stdout(), "{words}") {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format_args!("this was done, but its output could not be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints a result as JSON for programs, or in words for people.
pub fn answer(as_json: bool, answer: &Value, words: impl FnOnce() -> String) -> Result<(), Failure> {
    say(shown(&if as_json { answer.to_string() } else { words() }))
}

/// A text that is safe for a terminal. Names come from vendors and users: a control character, or one that changes the
/// direction of writing, is printed as its escape, which is also its form in JSON.
fn shown(words: &str) -> String {
    let is_safe = |c: char| {
        matches!(c, '\n' | '\t')
            || !(c.is_control()
                || matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
    };
    let mut shown = String::with_capacity(words.len());
    for c in words.chars() {
        if is_safe(c) {
            shown.push(c);
        } else {
            let code = u32::from(c);
            shown.push_str("\\u");
            shown.extend([12, 8, 4, 0].map(|shift| char::from_digit(code >> shift & 0xf, 16).unwrap_or('0')));
        }
    }
    shown
}

/// Prints on standard error why a command failed.
pub fn fail(failure: &Failure) {
    for line in failure.to_string().lines() {
        drop(writeln!(std::io::stderr(), "docket: {}", shown(line)));
    }
}

/// The crate that logs the contents of rows at `debug`. They are left out unless a filter names the crate.
const TALKATIVE: &str = "tokio_postgres";

/// Starts the log on standard error.
pub fn start_log(filter: &str, as_json: bool) -> Result<(), Failure> {
    let discreet = if filter.contains(TALKATIVE) { filter.to_owned() } else { format!("{filter},{TALKATIVE}=info") };
    let filter = EnvFilter::try_new(discreet).map_err(|error| {
        Failure::new(format_args!("the log filter '{filter}' is not valid ({error}); use one such as info"))
    })?;
    let is_terminal = std::io::stderr().is_terminal();
    let log = tracing_subscriber::fmt().with_writer(std::io::stderr).with_ansi(is_terminal).with_env_filter(filter);
    let begun = if as_json { log.json().try_init() } else { log.try_init() };
    begun.map_err(Failure::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_a_terminal() {
        for (words, safe) in [
            ("Ada\tLovelace\nline", "Ada\tLovelace\nline"),
            ("\u{1b}]0;title\u{7}", "\\u001b]0;title\\u0007"),
            ("a\rb\u{7f}\u{9b}31m", "a\\u000db\\u007f\\u009b31m"),
            ("gro\u{df} \u{202e}fdp.exe", "gro\u{df} \\u202efdp.exe"),
        ] {
            assert_eq!(shown(words), safe);
        }
    }
}
