//! `docket setup`

use std::sync::Arc;

use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser, TypedValueParser};
use docket_access::{EnvironmentKind, Made, MadeEnvironment, Plan, SetupRequest, hash_password, is_new_installation};
use docket_kernel::{Clock, Refusal, RefusalKind, Rng, Scope, SystemClock, SystemRng};
use docket_storage::{Bounds, Command, DatabaseAddress, WriteError};
use serde_json::{Map, Value, json};

use super::At;
use super::print::answer;
use crate::failure::Failure;
use crate::node::Node;
use crate::sample::{self, Past};
use crate::serve::refused;

const EXAMPLES: &str = "\
Examples:
  docket setup --organization 'Lumen Bank' --email ada@lumen.example --password '…'
  DOCKET_PASSWORD='…' docket setup --data /var/lib/docket --organization 'Lumen Bank' --email ada@lumen.example
  docket setup --organization Try --email me@try.example --password '…' --sample-data --json
  docket setup --if-absent --organization 'Lumen Bank' --email ada@lumen.example --password '…'

An installation has one organization unless --another adds one more; --if-absent does nothing if one exists.
The keys are shown only once. Stop a server that uses the same data folder first; on PostgreSQL this is not needed.";

/// Set up an organization with its sandbox and production, its first person, and a key for each environment.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Setup {
    #[command(flatten)]
    at: At,
    /// The organization's name
    #[arg(long, env = "DOCKET_ORGANIZATION", value_name = "NAME")]
    organization: String,
    /// The first person's email address
    #[arg(long, env = "DOCKET_EMAIL")]
    email: String,
    /// Their password, 8 characters or more
    #[arg(long, env = "DOCKET_PASSWORD", hide_env_values = true)]
    password: String,
    /// The organization's plan
    #[arg(
        long,
        env = "DOCKET_PLAN",
        default_value = "growth",
        value_parser = PossibleValuesParser::new(Plan::ALL.iter().map(|plan| plan.as_str()))
            .try_map(|word| Plan::parse(&word).ok_or("no such plan")),
    )]
    plan: Plan,
    /// Fill the sandbox with invented people, cases with a history, and three workflows
    #[arg(long, env = "DOCKET_SAMPLE_DATA", value_parser = FalseyValueParser::new())]
    sample_data: bool,
    /// Add another organization to an installation that has one
    #[arg(long, env = "DOCKET_ANOTHER", value_parser = FalseyValueParser::new())]
    another: bool,
    /// Do nothing, and succeed, if an organization is already set up
    #[arg(long, env = "DOCKET_IF_ABSENT", value_parser = FalseyValueParser::new(), conflicts_with = "another")]
    if_absent: bool,
}

impl Setup {
    /// Sets up an organization, and prints the result.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        // Slow on purpose, so it is done before the writer is called.
        let password_hash = hash_password(&self.password, SystemRng.seed().0)?;
        let request =
            SetupRequest { organization: self.organization, email: self.email, password_hash, plan: self.plan };
        let place = self.at.place(1);
        let which = if self.another { Which::Another } else { Which::First };
        let made = if self.sample_data {
            let past = Arc::new(Past::before(SystemClock.now()));
            let node =
                Node::open_at(&place, Bounds::default(), Arc::clone(&past) as Arc<dyn Clock>).await.map_err(refused)?;
            let made = with_sample(&node, &past, request, which).await;
            node.close().await;
            made
        } else {
            let node = Node::open(&place, Bounds::default()).await.map_err(refused)?;
            let made = set_up(&node, request, which).await;
            node.close().await;
            made
        };
        let made = match made {
            Err(NotMade::SetUpAlready(_)) if self.if_absent => {
                let words = || "an organization is already set up here; nothing was done".to_owned();
                return answer(as_json, &json!({"organization_id": null, "environments": {}}), words);
            }
            Err(NotMade::SetUpAlready(failure) | NotMade::Failed(failure)) => return Err(failure),
            Ok(made) => made,
        };
        answer(as_json, &as_value(&made), || in_words(&made, &place))
    }
}

/// Whether to set up the installation's first organization, or another one.
#[derive(Clone, Copy, PartialEq)]
enum Which {
    First,
    Another,
}

/// Why no organization was set up.
enum NotMade {
    SetUpAlready(Failure),
    Failed(Failure),
}

impl From<Failure> for NotMade {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The code of the refusal to set up a second organization without `--another`.
const SET_UP_ALREADY: &str = "set-up-already";

async fn set_up(node: &Node, request: SetupRequest, which: Which) -> Result<Made, NotMade> {
    let command = Command::new("setup", Scope::Installation, move |work| {
        if which == Which::First && !is_new_installation(work)? {
            let sentence = "an organization is already set up here; start it with `docket serve`, or add one more \
                            with --another";
            return Err(Refusal::new(RefusalKind::Conflict, SET_UP_ALREADY, sentence).into());
        }
        docket_access::setup(work, &request)
    });
    node.writer().submit(command).await.map_err(|error| match &error {
        WriteError::Refused(refusal) if refusal.code == SET_UP_ALREADY => NotMade::SetUpAlready(error.into()),
        _ => NotMade::Failed(error.into()),
    })
}

async fn with_sample(node: &Node, past: &Past, request: SetupRequest, which: Which) -> Result<Made, NotMade> {
    let email = request.email.clone();
    let made = set_up(node, request, which).await?;
    sample::fill(node, past, &made, &email).await?;
    Ok(made)
}

fn as_value(made: &Made) -> Value {
    let environment = |environment: &MadeEnvironment| json!({"id": environment.id, "api_key": environment.api_key});
    let mut environments = Map::new();
    environments.insert(EnvironmentKind::Sandbox.as_str().to_owned(), environment(&made.sandbox));
    environments.insert(EnvironmentKind::Production.as_str().to_owned(), environment(&made.production));
    json!({"organization_id": made.organization, "environments": environments})
}

fn in_words(made: &Made, place: &DatabaseAddress) -> String {
    let serve = match place {
        DatabaseAddress::Folder(folder) => format!("docket serve --data {}", folder.display()),
        DatabaseAddress::Postgres { .. } => "docket serve --database-url …".to_owned(),
    };
    format!(
        "organization    {}\nsandbox         {}\n  key           {}\nproduction      {}\n  key           {}\n\nThe \
         keys are shown only once; save them now. Start the server with `{serve}`.",
        made.organization, made.sandbox.id, made.sandbox.api_key, made.production.id, made.production.api_key,
    )
}
