//! The arguments of the benchmarks.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

/// Measures Docket's main job and two handwritten floors.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub struct Args {
    /// Another measurement, or a part of one, which the measurement itself starts.
    #[command(subcommand)]
    pub role: Option<Role>,
    #[command(flatten)]
    pub plan: Plan,
}

/// What to measure.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// Cases in the database before the first event; 1,000,000 by default.
    #[arg(long)]
    pub cases: Option<u64>,
    /// Rounds; the median is reported.
    #[arg(long)]
    pub rounds: Option<usize>,
    /// Seconds of load at each number of connections.
    #[arg(long)]
    pub seconds: Option<f64>,
    /// Numbers of connections.
    #[arg(long, value_delimiter = ',')]
    pub connections: Option<Vec<usize>>,
    /// Engines.
    #[arg(long, value_delimiter = ',')]
    pub engines: Option<Vec<On>>,
    /// Subjects.
    #[arg(long, value_delimiter = ',')]
    pub subjects: Option<Vec<Subject>>,
    /// The works that servers are measured with.
    #[arg(long, value_delimiter = ',')]
    pub works: Option<Vec<Work>>,
    /// Seconds of the writes whose slowest responses are reported; 60 by default, 0 for none.
    #[arg(long)]
    pub minute: Option<f64>,
    /// Seconds after the load until memory is measured again; 60 by default.
    #[arg(long)]
    pub rest: Option<f64>,
    /// A short measurement of less than two minutes: 100,000 cases, 1 and 64 connections, one round of three seconds.
    #[arg(long)]
    pub quick: bool,
    /// Measures the server inside this program even if the real one is built.
    #[arg(long)]
    pub in_process: bool,
    /// Writer lanes on PostgreSQL; Docket's default if absent.
    #[arg(long)]
    pub lanes: Option<usize>,
    /// Writes all results as JSON to this file, such as docs/reports/bench.json.
    #[arg(long)]
    pub report: Option<PathBuf>,
    /// The folder for databases.
    #[arg(long)]
    pub folder: Option<PathBuf>,
}

/// An engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum On {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

/// A type of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Work {
    /// A signed webhook that opens a case and moves it, in two runs.
    Job,
    /// A status set by hand that triggers a run: trigger, condition, Update Case Status.
    Run,
    /// A status set by hand.
    Set,
    /// A case.
    Read,
    /// The newest 25 cases.
    FirstPage,
    /// 25 cases by the name of a status.
    ByStatus,
    /// 25 cases by template.
    ByTemplate,
    /// 25 cases by assignee.
    ByAssignee,
    /// 25 cases by an account that they contain.
    ByAccount,
    /// 25 cases created before an instant.
    ByTime,
    /// A case by its key.
    ByKey,
    /// The events of a case.
    Events,
}

impl Work {
    /// All types.
    pub const ALL: [Self; 12] = [
        Self::Read,
        Self::FirstPage,
        Self::ByStatus,
        Self::ByTemplate,
        Self::ByAssignee,
        Self::ByAccount,
        Self::ByTime,
        Self::ByKey,
        Self::Events,
        Self::Set,
        Self::Run,
        Self::Job,
    ];
}

/// The subject of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// Docket.
    Docket,
    /// The statements of one job, one transaction per run, without HTTP.
    Statements,
    /// A minimal HTTP server with group commit and a hard-wired workflow.
    Server,
}

/// Another measurement, or a part of one.
#[derive(Debug, Subcommand)]
pub enum Role {
    /// Docket inside this program.
    Serve {
        /// The database and the address.
        #[command(flatten)]
        target: Target,
    },
    /// Resident memory under loads that are made to exhaust it.
    Attacks(Attacks),
    /// The load generator.
    Load(Load),
    /// The floor server.
    Floor {
        /// The database.
        #[command(flatten)]
        target: Target,
    },
    /// The floor of statements.
    Statements {
        /// The database.
        #[command(flatten)]
        target: Target,
        /// The number of connections.
        #[arg(long)]
        connections: usize,
        /// The duration in seconds.
        #[arg(long)]
        seconds: f64,
        /// The first job's number.
        #[arg(long)]
        first: u64,
    },
}

/// Which attacks run.
#[derive(Clone, Debug, clap::Args)]
pub struct Attacks {
    /// Engines.
    #[arg(long, value_delimiter = ',')]
    pub engines: Option<Vec<On>>,
    /// Seconds after each when memory is looked at again.
    #[arg(long, default_value_t = 60.0)]
    pub rest: f64,
}

/// A database and a listening address.
#[derive(Clone, Debug, clap::Args)]
pub struct Target {
    /// A folder with an SQLite file.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// A PostgreSQL address.
    #[arg(long)]
    pub database_url: Option<String>,
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:0")]
    pub listen: String,
    /// The recorded writes of one job, for floors.
    #[arg(long)]
    pub tape: Option<PathBuf>,
    /// The organization, as a file, for floors.
    #[arg(long)]
    pub world: Option<PathBuf>,
    /// Writer lanes on PostgreSQL.
    #[arg(long, default_value_t = 4)]
    pub lanes: usize,
}

/// The work of the load generator.
#[derive(Clone, Debug, clap::Args)]
pub struct Load {
    /// The address to call.
    #[arg(long)]
    pub address: String,
    /// Connections; each one waits for its response before the next request.
    #[arg(long = "at")]
    pub at: usize,
    /// The duration in seconds.
    #[arg(long = "for")]
    pub time: f64,
    /// The maximum number of requests.
    #[arg(long, default_value_t = 10_000_000)]
    pub count: u64,
    /// The first job's number.
    #[arg(long, default_value_t = 0)]
    pub first: u64,
    /// The type of request.
    #[arg(long, default_value = "job")]
    pub work: Work,
    /// The organization, as a file.
    #[arg(long)]
    pub world: PathBuf,
    /// The number of cases in the database.
    #[arg(long, default_value_t = 1)]
    pub cases: u64,
}
