//! The docket binary.

use std::process::ExitCode;

use clap::Parser;
use docket_server::command::{CommandLine, fail};

#[tokio::main]
async fn main() -> ExitCode {
    match CommandLine::parse().run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            fail(&failure);
            ExitCode::FAILURE
        }
    }
}
