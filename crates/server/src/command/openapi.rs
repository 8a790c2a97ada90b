//! `docket openapi`

use clap::Args;

use super::print::say;
use crate::failure::Failure;

const EXAMPLES: &str = "\
Example:
  docket openapi > openapi.json";

/// Print the OpenAPI description of the API.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Openapi {}

impl Openapi {
    /// Prints the description.
    pub fn run() -> Result<(), Failure> {
        let document = docket_api::openapi::document(&docket_steps::engine());
        say(format_args!("{document:#}"))
    }
}
