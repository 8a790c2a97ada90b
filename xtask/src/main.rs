//! The gate, the repository rules and the developer commands: everything that `make` does beyond calling cargo.
//!
//! Uses only the standard library, so that a newcomer's first command is built in seconds.
#![expect(clippy::print_stdout, reason = "a command-line tool of the workspace: its output is for people")]

mod bench;
mod clock;
mod commands;
mod gate;
mod json;
mod needs;
mod postgres;
mod run;
mod schemathesis;
mod tidy;
mod web;

use std::env;
use std::error::Error;
use std::process::ExitCode;

/// The result of a command: done, or the reason why not.
type Fallible<T> = Result<T, Box<dyn Error>>;

const USAGE: &str = "\
usage: cargo xtask <command>

  run                       start Docket on ./docket-data, set up with sample data the first time
  fresh                     remove ./docket-data, then run
  test                      the gate: format, tidy, lints, every test
  test-long                 the gate at full count; leaves its reports in docs/reports
  bench [arguments]         the benchmarks, built optimised, on a private PostgreSQL
  fmt                       format every crate, and the dashboard
  web                       build the dashboard, if it changed
  client                    write the dashboard's types of the API again
  stories [words]           the stories in a browser, or some of them
  screenshots               a picture of every screen, in screenshots/
  pictures                  the pictures of the guide and the README, in docs/guide/pictures
  weigh                     measure the dashboard with 250 steps and 100,000 cases
  schemathesis [expression] requests made from the API's description, against a running server;
                            of the paths that match the expression
  tidy                      the rules that no compiler checks
  with-postgres <command>   run a command with a private PostgreSQL in DOCKET_TEST_POSTGRES_URL";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match obey(&arguments) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("xtask: {why}");
            ExitCode::FAILURE
        }
    }
}

fn obey(arguments: &[String]) -> Fallible<ExitCode> {
    let Some((command, rest)) = arguments.split_first() else {
        return Err(USAGE.into());
    };
    match command.as_str() {
        "run" => run::start(),
        "fresh" => run::start_fresh(),
        run::ANNOUNCE => run::announce(rest),
        "test" => gate::judge(gate::Tier::Short),
        "test-long" => gate::judge(gate::Tier::Long),
        "bench" => bench::measure(rest),
        "fmt" => commands::format(),
        "web" => web::build(),
        "client" => web::client(),
        "stories" => web::tell_stories(rest),
        "screenshots" => web::screenshots(),
        "pictures" => web::pictures(),
        "weigh" => web::weigh(),
        "schemathesis" => schemathesis::by_hand(rest),
        "tidy" => tidy::inspect(&commands::root()),
        "with-postgres" => bench::with_postgres(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        unknown => Err(format!("there is no command '{unknown}'\n{USAGE}").into()),
    }
}
