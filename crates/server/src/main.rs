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
    let command = match CommandLine::try_parse() {
        Ok(command) => command,
        Err(error) => {
            // Where nobody listens any more, the code says it.
            drop(error.print());
            return CommandLine::misuse(&error, std::env::args());
        }
    };
    match command.run().await {
        Ok(code) => code,
        Err(failure) => {
            fail(&failure);
            ExitCode::FAILURE
        }
    }
}
