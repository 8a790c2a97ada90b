//! `docket doctor`

use clap::Args;
use docket_storage::{Database, OpenError};
use serde_json::Value;

use super::print::answer;
use super::{At, text};
use crate::failure::Failure;
use crate::order::{OperatorCommand, examine};
use crate::serve::send;

const EXAMPLES: &str = "\
Examples:
  docket doctor --data ./docket-data
  docket doctor --database-url postgres://docket@db.example/docket --json

Each line names an invariant, the row that breaks it, and what was found and expected. It changes
nothing. Works with a running server: the server checks one snapshot while it keeps working. Exit code 0: no
problems; 1: problems, or rows that could not be checked.";

/// Check every row for inconsistencies: gaps in a case's history, runs that never end, rows without an owner.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    #[command(flatten)]
    at: At,
}

impl Doctor {
    /// Checks the database, and prints every problem found.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let found = match Database::look(&self.at.made()?).await {
            Ok(look) => examine(&look.reader).await?,
            Err(OpenError::InUse(folder)) => send(&folder, &OperatorCommand::Examine).await?,
            Err(error) => return Err(error.into()),
        };
        let violations = found["violations"].as_array().map_or(&[][..], Vec::as_slice);
        answer(as_json, &found, || in_words(&found["rows"], violations))?;
        match violations.len() {
            0 => Ok(()),
            1 => Err(Failure::new("1 problem was found; it is listed above")),
            count => Err(Failure::new(format_args!("{count} problems were found; each is listed above"))),
        }
    }
}

fn in_words(rows: &Value, violations: &[Value]) -> String {
    let named = violations.iter().map(|violation| {
        format!("{}: {}: {}", text(violation, "invariant"), text(violation, "at"), text(violation, "words"))
    });
    let looked_at = match (rows.as_u64(), violations.len()) {
        (Some(rows), 0) => format!("{rows} rows checked; no problems found."),
        (Some(rows), _) => format!("{rows} rows checked."),
        (None, _) => "Not all rows could be read.".to_owned(),
    };
    named.chain([looked_at]).collect::<Vec<_>>().join("\n")
}
