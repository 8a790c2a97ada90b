//! `docket source`

use clap::{Args, Subcommand};
use serde_json::Value;

use super::print::answer;
use super::{At, In, text};
use crate::failure::Failure;
use crate::order::Act;

const CREATE_EXAMPLES: &str = "\
Examples:
  docket source create my-vendor --environment production
  docket source create fraud-scores --allow transaction --allow report/watchlist

Then ask the vendor to post to https://YOUR-ADDRESS/ingest/SOURCE-ID and to sign with the secret.
Works with a running server: the server creates the source.";

const ROTATE_EXAMPLES: &str = "\
Example:
  docket source rotate my-vendor --environment production

Works with a running server: the server rotates the secret.";

/// Manage sources: vendors that send signed webhooks.
#[derive(Debug, Subcommand)]
pub enum Source {
    /// Create a source and show its secret once.
    #[command(after_help = CREATE_EXAMPLES)]
    Create(Create),
    /// Rotate a source's secret; the current one works for one more day.
    #[command(after_help = ROTATE_EXAMPLES)]
    Rotate(Named),
}

/// A new source.
#[derive(Debug, Args)]
pub struct Create {
    #[command(flatten)]
    named: Named,
    /// A type or an event name that the source may report; repeat for several. Default: inquiry, account, verification,
    /// report, transaction, document, selfie, device
    #[arg(long = "allow", env = "DOCKET_SOURCE_ALLOW", value_name = "TYPE", value_delimiter = ',')]
    allow_list: Option<Vec<String>>,
}

/// A source, by its name.
#[derive(Debug, Args)]
pub struct Named {
    /// The source's name
    #[arg(value_name = "NAME")]
    source: String,
    #[command(flatten)]
    at: At,
    #[command(flatten)]
    home: In,
}

impl Source {
    /// Runs the command.
    pub async fn run(self, as_json: bool) -> Result<(), Failure> {
        let (Named { at, home, .. }, act) = match self {
            Self::Create(Create { named, allow_list }) => {
                let act = Act::CreateSource { name: named.source.clone(), allow_list };
                (named, act)
            }
            Self::Rotate(named) => {
                let act = Act::RotateSource { name: named.source.clone() };
                (named, act)
            }
        };
        let made = at.order(&home.environment, act).await?;
        answer(as_json, &made, || in_words(&made))
    }
}

fn in_words(made: &Value) -> String {
    format!(
        "source  {} ({})\npath    {}\nsecret  {}\n\nThe secret is shown only once; give it to the vendor now.",
        text(made, "name"),
        text(made, "id"),
        text(made, "path"),
        text(made, "secret"),
    )
}
