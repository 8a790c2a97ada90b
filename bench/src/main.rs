//! `make bench`: the main job over HTTP, on both engines, with two floors run in the same minutes.

mod args;
mod attacks;
mod base;
mod fill;
mod job;
mod load;
mod machine;
mod product;
mod report;
mod rounds;
mod stopwatch;
mod subject;
mod transfer;
mod works;
mod world;

#[path = "../floor/mod.rs"]
mod floor;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use docket_storage::DatabaseAddress;

use args::{Args, Role, Target};

/// The result of a benchmark's functions: an error is printed and ends the benchmark.
pub type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The name of Docket's database file in its data folder.
pub const FILE: &str = "docket.sqlite";

fn main() -> ExitCode {
    let args = Args::parse();
    let done = match args.role {
        None => rounds::run(&args.plan),
        Some(role) => play(role),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn play(role: Role) -> Fallible<()> {
    match role {
        Role::Attacks(plan) => attacks::run(&plan),
        Role::Serve { target } => {
            let place = place(&target)?;
            tokio::runtime::Runtime::new()?.block_on(product::serve(&place, &target.listen))
        }
        Role::Floor { target } => tokio::runtime::Runtime::new()?.block_on(floor::server::serve(&target)),
        Role::Load(load) => told(&load::run(load)?),
        Role::Statements { target, connections, seconds, first } => {
            told(&floor::statements::run(&target, connections, seconds, first)?)
        }
    }
}

fn told(outcome: &load::Outcome) -> Fallible<()> {
    Ok(writeln!(std::io::stdout(), "{}", serde_json::to_string(outcome)?)?)
}

fn place(target: &Target) -> Fallible<DatabaseAddress> {
    match (&target.data, &target.database_url) {
        (Some(folder), _) => Ok(DatabaseAddress::Folder(folder.clone())),
        (None, Some(url)) => Ok(DatabaseAddress::Postgres { url: url.clone(), lanes: target.lanes }),
        (None, None) => Err("--data or --database-url is missing".into()),
    }
}
