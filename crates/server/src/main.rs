//! The docket binary.

use std::process::ExitCode;

use clap::Parser;
use docket_server::command::{CommandLine, fail};

/// A batch makes thousands of small values and drops them together, which the C library's allocator is slow at.
/// SQLite allocates with it too, so that what it frees goes back to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
