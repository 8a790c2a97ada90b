//! `docket migrate`

use clap::Args;
use docket_storage::Database;
use serde_json::json;

use super::At;
use super::print::answer;
use crate::failure::Failure;
use crate::serve::refused;

const EXAMPLES: &str = "\
Examples:
  docket migrate --data ./docket-data
  docket migrate --database-url postgres://docket@db.example/docket";

/// Bring the database up to date.
///
/// `docket serve` does this at startup; use this command to do it at another time, or as another database user. A
/// database of a newer docket is refused and left unchanged.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Migrate {
    #[command(flatten)]
    at: At,
}

impl Migrate {
    /// Applies the missing migrations and prints them.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let applied = Database::migrate(&self.at.place(1)).await.map_err(refused)?;
        answer(as_json, &json!({"applied": applied}), || match applied.as_slice() {
            [] => "The database is up to date.".to_owned(),
            names => format!("Applied {}.", names.join(", ")),
        })
    }
}
