//! Commands that need a private PostgreSQL and are no part of the gate.

use std::process::{Command, ExitCode};

use crate::Fallible;
use crate::commands::{cargo, code};
use crate::needs::{self, Purpose};
use crate::postgres::{self, Cluster};

/// Builds Docket and the benchmarks optimised and runs them with the arguments given.
pub fn measure(arguments: &[String]) -> Fallible<ExitCode> {
    let of_both = ["--release", "--locked", "--package", "docket-server", "--package", "docket-bench", "--bins"];
    let built = cargo().arg("build").args(of_both).status()?;
    if !built.success() {
        return Ok(code(built));
    }
    let mut command = cargo();
    command.args(["run", "--release", "--locked", "--package", "docket-bench", "--"]).args(arguments);
    beside_a_cluster(&mut command)
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
