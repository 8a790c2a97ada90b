//! The command line: its commands and options.

mod bundle;
mod doctor;
mod ingest;
mod key;
mod migrate;
mod openapi;
mod print;
mod redactions;
mod serve;
mod setup;
mod source;
mod workflow;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::{Args, Parser, Subcommand};
use docket_storage::{Bounds, DatabaseAddress, OpenError};
use serde_json::Value;

use crate::failure::Failure;
use crate::node::Node;
use crate::order::{Act, OperatorCommand};

pub use print::fail;

const EXAMPLES: &str = "\
Examples:
  docket setup --organization 'Lumen Bank' --email ada@lumen.example --password '…' --sample-data
  docket serve
  docket ingest send docs/guide/inquiry-completed.json --url http://127.0.0.1:8080
  docket workflow apply review.yaml --publish

Every flag has an environment variable, shown next to it. Exit codes: 0 success, 1 refused or failed, 2 usage error;
`docket bundle plan` exits with 2 if something would change, and with 1 on a usage error.";

/// Docket manages cases and the workflows that update them.
///
/// One binary serves the API and sets up and maintains its database: a folder (SQLite, the default) or a PostgreSQL
/// server that several nodes share.
#[derive(Debug, Parser)]
#[command(name = "docket", version, after_help = EXAMPLES)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Command,
    /// The log level on standard error: error, warn, info or debug, for everything or for single modules
    #[arg(long, global = true, env = "DOCKET_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Write the log as JSON, one entry per line
    #[arg(long, global = true, env = "DOCKET_LOG_JSON", value_parser = FalseyValueParser::new())]
    log_json: bool,
    /// Print the result as JSON
    #[arg(long, global = true, env = "DOCKET_JSON", value_parser = FalseyValueParser::new())]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    Setup(setup::Setup),
    Serve(serve::Serve),
    Migrate(migrate::Migrate),
    Doctor(doctor::Doctor),
    #[command(subcommand)]
    Key(key::Key),
    #[command(subcommand)]
    Source(source::Source),
    #[command(subcommand)]
    Workflow(workflow::Workflow),
    #[command(subcommand)]
    Bundle(bundle::Bundle),
    #[command(subcommand)]
    Ingest(ingest::Ingest),
    #[command(subcommand)]
    Redactions(redactions::Redactions),
    Openapi(openapi::Openapi),
}

impl CommandLine {
    /// The exit code for a command line that is not understood. For a plan, the usual code has another meaning.
    pub fn misuse(error: &clap::Error, words: impl IntoIterator<Item = String>) -> ExitCode {
        let words: Vec<String> = words.into_iter().collect();
        let is_plan = words.windows(2).any(|pair| pair == ["bundle", "plan"]);
        match error.exit_code() {
            0 => ExitCode::SUCCESS,
            _ if is_plan => ExitCode::FAILURE,
            code => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        }
    }

    /// Starts the log, then runs the command.
    pub async fn run(self) -> Result<ExitCode, Failure> {
        let usual = if matches!(self.command, Command::Serve(_)) { "info" } else { "warn" };
        print::start_log(self.log.as_deref().filter(|filter| !filter.is_empty()).unwrap_or(usual), self.log_json)?;
        let done = match self.command {
            Command::Bundle(bundle) => return bundle.run(self.json).await,
            Command::Setup(setup) => setup.run(self.json).await,
            Command::Serve(serve) => serve.run().await,
            Command::Migrate(migrate) => migrate.run(self.json).await,
            Command::Doctor(doctor) => doctor.run(self.json).await,
            Command::Key(key) => key.run(self.json).await,
            Command::Source(source) => source.run(self.json).await,
            Command::Workflow(workflow) => workflow.run(self.json).await,
            Command::Ingest(ingest) => ingest.run(self.json).await,
            Command::Redactions(redactions) => redactions.run(self.json).await,
            Command::Openapi(_) => openapi::Openapi::run(),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

/// The database.
#[derive(Clone, Debug, Args)]
struct At {
    /// The data folder; it holds the database unless --database-url is given
    #[arg(long, env = "DOCKET_DATA", value_name = "DIR", default_value = "docket-data")]
    data: PathBuf,
    /// Use a PostgreSQL database: postgres://user:password@host:port/name
    #[arg(long, env = "DOCKET_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
}

impl At {
    /// The database, with this number of writer lanes if it has lanes.
    fn place(&self, lanes: usize) -> DatabaseAddress {
        match self.database_url.as_ref().filter(|url| !url.is_empty()) {
            Some(url) => DatabaseAddress::Postgres { url: url.clone(), lanes },
            None => DatabaseAddress::Folder(self.data.clone()),
        }
    }

    /// The database, which must exist.
    fn made(&self) -> Result<DatabaseAddress, Failure> {
        let place = self.place(1);
        if place.is_made() {
            return Ok(place);
        }
        let folder = self.data.display();
        Err(Failure::new(format_args!(
            "there is no Docket in {folder}; give its folder with --data, or create one with `docket setup`"
        )))
    }

    /// Executes an order in this process, or sends it to the server that holds the data folder.
    async fn order(&self, environment: &str, act: Act) -> Result<Value, Failure> {
        let there = self.there().await?;
        let answer = there.order(OperatorCommand::In { environment: environment.to_owned(), act }).await;
        there.close().await;
        answer
    }

    /// The database, opened here or held by a server.
    async fn there(&self) -> Result<ServerAccess, Failure> {
        match Node::open(&self.made()?, Bounds::default()).await {
            Ok(node) => Ok(ServerAccess::Here(Box::new(node))),
            Err(OpenError::InUse(folder)) => Ok(ServerAccess::Served(folder)),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where commands run.
enum ServerAccess {
    /// In this process.
    Here(Box<Node>),
    /// By the server that holds this data folder.
    Served(PathBuf),
}

impl ServerAccess {
    async fn order(&self, order: OperatorCommand) -> Result<Value, Failure> {
        match self {
            Self::Here(node) => order.execute(node).await,
            Self::Served(folder) => crate::serve::send(folder, &order).await,
        }
    }

    async fn close(self) {
        if let Self::Here(node) = self {
            node.close().await;
        }
    }
}

/// The environment.
#[derive(Clone, Debug, Args)]
struct In {
    /// The environment: its id, sandbox or production
    #[arg(long, env = "DOCKET_ENVIRONMENT", value_name = "ENVIRONMENT", default_value = "sandbox")]
    environment: String,
}

/// The text of a member of an answer, or an empty text.
fn text<'v>(answer: &'v Value, member: &str) -> &'v str {
    answer.get(member).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn each(command: &clap::Command, look: &mut impl FnMut(&clap::Command)) {
        look(command);
        for below in command.get_subcommands() {
            each(below, look);
        }
    }

    #[test]
    fn the_command_line_definition_is_valid() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_variable_and_help() {
        each(&CommandLine::command(), &mut |command| {
            for flag in command.get_arguments().filter(|flag| flag.get_long().is_some()) {
                let name = format!("{} --{}", command.get_name(), flag.get_id());
                let variable = flag.get_env().and_then(|env| env.to_str()).unwrap_or_default();
                assert!(variable.starts_with("DOCKET_"), "{name} has no environment variable");
                assert!(flag.get_help().is_some(), "{name} has no help");
            }
        });
    }

    #[test]
    fn every_command_shows_an_example() {
        each(&CommandLine::command(), &mut |command| {
            if !command.has_subcommands() {
                let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
                assert!(after.contains("docket "), "{} shows no example", command.get_name());
            }
        });
    }
}
