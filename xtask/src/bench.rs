//! Commands that need a private PostgreSQL and are not part of the gate.

use std::path::Path;
use std::process::{Command, ExitCode};

use crate::Fallible;
use crate::commands::{cargo, code};
use crate::needs::{self, Purpose};
use crate::postgres::{self, Cluster};

/// Builds Docket and the benchmarks with optimization, and runs the benchmarks with the given arguments. `cargo run`
/// would build most of it again: Cargo selects different features for one package than for both.
pub fn measure(arguments: &[String]) -> Fallible<ExitCode> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("this program is not in a build folder")?;
    let of_both = ["--release", "--locked", "--package", "docket-server", "--package", "docket-bench", "--bins"];
    let built = cargo().arg("build").args(of_both).env("CARGO_TARGET_DIR", target).status()?;
    if !built.success() {
        return Ok(code(built));
    }
    beside_a_cluster(Command::new(target.join("release/docket-bench")).args(arguments))
}

/// Runs any command with the address of a private PostgreSQL in its environment.
pub fn with_postgres(arguments: &[String]) -> Fallible<ExitCode> {
    let Some((program, rest)) = arguments.split_first() else {
        return Err("name the command to run beside PostgreSQL: cargo xtask with-postgres psql".into());
    };
    beside_a_cluster(Command::new(program).args(rest))
}

fn beside_a_cluster(command: &mut Command) -> Fallible<ExitCode> {
    needs::meet(Purpose::Test)?;
    let cluster = Cluster::start()?;
    let status = command.env(postgres::URL_VARIABLE, cluster.url()).status();
    Ok(code(status.map_err(|why| format!("start {}: {why}", command.get_program().display()))?))
}
