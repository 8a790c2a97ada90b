//! `docket doctor`

use clap::Args;
use docket_storage::{Database, OpenError};
use serde_json::Value;

use super::print::answer;
use super::{At, text};
use crate::failure::Failure;
use crate::order::{Order, examine};
use crate::serve::send;

const EXAMPLES: &str = "\
Examples:
  docket doctor --data ./docket-data
  docket doctor --database-url postgres://docket@db.example/docket --json

Each line names an invariant, the row it does not hold of, and what is there instead of what should be. Nothing is
changed. Works beside a running server: the server looks, in one snapshot, while it goes on working. Exit code 0: all
is as it must be; 1: something is not, or could not be looked at.";

/// Look at every row for what must not be: gaps in a case's history, runs in limbo, rows of nobody.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Doctor {
    #[command(flatten)]
    at: At,
}

impl Doctor {
    /// Looks, and names everything found.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let found = match Database::look(&self.at.made()?).await {
            Ok(look) => examine(&look.reader).await?,
            Err(OpenError::InUse(folder)) => send(&folder, &Order::Examine).await?,
            Err(error) => return Err(error.into()),
        };
        let violations = found["violations"].as_array().map_or(&[][..], Vec::as_slice);
        answer(as_json, &found, || in_words(&found["rows"], violations))?;
        match violations.len() {
            0 => Ok(()),
            1 => Err(Failure::new("1 thing is not as it must be; it is named above")),
            count => Err(Failure::new(format_args!("{count} things are not as they must be; each is named above"))),
        }
    }
}

fn in_words(rows: &Value, violations: &[Value]) -> String {
    let named = violations.iter().map(|violation| {
        format!("{}: {}: {}", text(violation, "invariant"), text(violation, "at"), text(violation, "words"))
    });
    let looked_at = match (rows.as_u64(), violations.len()) {
        (Some(rows), 0) => format!("{rows} rows looked at; all is as it must be."),
        (Some(rows), _) => format!("{rows} rows looked at."),
        (None, _) => "The rows could not all be read.".to_owned(),
    };
    named.chain([looked_at]).collect::<Vec<_>>().join("\n")
}
