//! The reports of these tests: a section each, in one file in the folder `DOCKET_REPORTS`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use docket_kernel::Moment;

use crate::wait::now;

/// The completed sections by name.
static SECTIONS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Whether the tests run at full count.
pub fn is_long() -> bool {
    std::env::var_os("DOCKET_LONG").is_some()
}

/// A number in an environment variable.
pub fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The percentile of the values: the value that this share, in percent, does not exceed; 0 without values.
pub fn share(values: &mut [i64], percent: usize) -> i64 {
    values.sort_unstable();
    let place = (values.len() * percent).div_ceil(100).saturating_sub(1);
    values.get(place).copied().unwrap_or(0)
}

/// An unfinished section, in Markdown.
#[derive(Debug)]
pub struct Report {
    name: String,
    text: String,
    begun: Moment,
}

impl Report {
    /// Begins the section of this name; sections are sorted by name.
    pub fn begin(name: &str, title: &str) -> Self {
        Self { name: name.to_owned(), text: format!("## {title}\n\n"), begun: now() }
    }

    /// Adds a line.
    pub fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds the duration, prints the section, and writes it to the report.
    pub fn end(mut self) {
        let seconds = (now().0 - self.begun.0) / 1_000_000;
        if seconds > 0 {
            let _ = write!(self.text, "\nIt took {seconds} seconds.\n");
        }
        eprintln!("{}", self.text);
        let mut sections = SECTIONS.lock().unwrap_or_else(PoisonError::into_inner);
        sections.insert(self.name, self.text);
        if let Some(folder) = std::env::var_os("DOCKET_REPORTS") {
            let file = Path::new(&folder).join("faults.md");
            let texts: Vec<&str> = sections.values().map(String::as_str).collect();
            let text = format!("{}\n{}", head(), texts.join("\n"));
            std::fs::write(&file, text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        }
    }
}

fn head() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let commit = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    let build = if cfg!(debug_assertions) { "debug build" } else { "optimised build" };
    format!(
        "# Faults\n\nWritten by `tests/faults` on {}: {cores} cores, {build}, commit {commit}. Only proofs that held are \
         told of here.\n",
        &now().to_string()[..10]
    )
}
