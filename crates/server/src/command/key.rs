//! `docket key`

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use docket_access::CaseFields;
use docket_kernel::Permission;

use super::print::answer;
use super::{At, In, text};
use crate::failure::Failure;
use crate::order::Act;

const EXAMPLES: &str = "\
Examples:
  docket key create --environment production --name 'Core banking'
  docket key create --name Reporting --permission case.read --permission event.read --rate-limit 600

Works with a running server: the server creates the key.";

/// Manage API keys.
#[derive(Debug, Subcommand)]
pub enum Key {
    Create(Create),
}

/// Create a key and show it once.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Create {
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
    /// What it is for
    #[arg(long, env = "DOCKET_NAME")]
    name: String,
    /// A permission of the key; repeat for several. Default: everything in its environment
    #[arg(
        long = "permission",
        env = "DOCKET_PERMISSION",
        value_name = "PERMISSION",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(Permission::ALL.iter().map(|permission| permission.as_str()))
            .try_map(|word| Permission::parse(&word).ok_or("no such permission")),
    )]
    permissions: Vec<Permission>,
    /// Requests per minute; 0 for no limit. Default: the server's limit
    #[arg(long, env = "DOCKET_KEY_RATE_LIMIT", value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    rate_limit: Option<i64>,
    /// How cases show their fields to this key: as values, or each as {type, value}
    #[arg(
        long,
        env = "DOCKET_CASE_FIELDS",
        value_name = "FORM",
        default_value = "plain",
        value_parser = PossibleValuesParser::new(CaseFields::ALL.iter().map(|form| form.as_str()))
            .try_map(|word| CaseFields::parse(&word).ok_or("no such form")),
    )]
    case_fields: CaseFields,
    /// The email address of the person it acts for. Default: the organization's first person
    #[arg(long, env = "DOCKET_CREATOR", value_name = "EMAIL")]
    creator: Option<String>,
}

impl Key {
    /// Runs the command.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let Self::Create(Create { at, home, name, permissions, rate_limit, case_fields, creator }) = self;
        let act = Act::CreateKey { name, permissions, rate_limit, case_fields, creator };
        let made = at.order(&home.environment, act).await?;
        answer(as_json, &made, || {
            format!(
                "{}\n\nKey {} of the {} ({}). It is shown only once; save it now.",
                text(&made, "api_key"),
                text(&made, "id"),
                text(&made, "environment"),
                text(&made, "environment_id"),
            )
        })
    }
}
