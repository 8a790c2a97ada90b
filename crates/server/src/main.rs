//! The docket binary.

use std::process::ExitCode;

use clap::Parser;
use docket_server::command::{CommandLine, fail};

/// A batch allocates thousands of small values and frees them together, which is slow with the C library's allocator.
/// SQLite uses this allocator too, so that memory it frees returns to the system.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match CommandLine::try_parse() {
        Ok(command) => command,
        Err(error) => {
            // If standard error is closed, the exit code still reports the error.
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
