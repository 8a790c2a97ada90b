//! What the operator may ask for at the command line. An order is done in this process where it may open the database,
//! and otherwise by the server that holds it; it is the same order either way.

mod bundle;
mod environment;
mod examine;
mod key;
mod source;
mod workflow;

use docket_access::CaseFields;
use docket_kernel::Permission;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::node::Node;

pub use bundle::How;
pub use environment::Home;
pub use examine::examine;

/// One thing to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// Look at every row for what must not be.
    Examine,
    /// Do something in one environment.
    In {
        /// The environment: its id, `sandbox` or `production`.
        environment: String,
        /// What to do there.
        act: Act,
    },
}

/// How cases show their fields to a key that does not say.
fn plain() -> CaseFields {
    CaseFields::Plain
}

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Make an API key.
    CreateKey {
        /// What it is for.
        name: String,
        /// What it may do; everything but operating the installation when there is nothing here.
        permissions: Vec<Permission>,
        /// Requests a minute.
        rate_limit: Option<i64>,
        /// How cases show their fields to it.
        #[serde(default = "plain")]
        case_fields: CaseFields,
        /// The e-mail address it acts for; the organization's first person's when there is none.
        creator: Option<String>,
    },
    /// Make a source.
    CreateSource {
        /// What it is called.
        name: String,
        /// What it may report; the default list when there is none.
        #[serde(default)]
        allow_list: Option<Vec<String>>,
    },
    /// Give a source a new secret.
    RotateSource {
        /// What it is called.
        name: String,
    },
    /// Read the id and the present secret of a source, to sign with.
    ReadSource {
        /// What it is called; the environment's only one when there is none.
        name: Option<String>,
    },
    /// Make a workflow of this name, or save its draft.
    ApplyWorkflow {
        /// What people read.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// What it does.
        definition: Value,
        /// Whether to publish it too.
        publish: bool,
    },
    /// Read what an environment defines, as a setup bundle.
    ExportBundle {
        /// Slugs of case templates.
        case_templates: Vec<String>,
        /// Slugs of workflows; with none of either, everything.
        workflows: Vec<String>,
        /// Whether drafts go before what is live.
        drafts: bool,
    },
    /// See what a setup bundle would change.
    PlanBundle {
        /// The bundle.
        bundle: Value,
        /// How it would be applied.
        options: bundle::How,
    },
    /// Apply a setup bundle.
    ApplyBundle {
        /// The bundle.
        bundle: Value,
        /// How.
        options: bundle::How,
        /// The digest of the plan that is to be applied.
        plan: Option<String>,
    },
    /// Read a workflow's draft, or what is live where there is none.
    ReadWorkflow {
        /// Its id or its name.
        workflow: String,
    },
}

impl Order {
    /// Does it, and answers what came of it as JSON.
    pub async fn obey(self, node: &Node) -> Result<Value, Failure> {
        let (environment, act) = match self {
            Self::Examine => return examine(node.reader()).await,
            Self::In { environment, act } => (environment, act),
        };
        let home = Home::find(node, &environment).await?;
        match act {
            Act::CreateKey { name, permissions, rate_limit, case_fields, creator } => {
                let wanted = key::Wanted { name, permissions, rate_limit, case_fields };
                key::create(node, home, wanted, creator).await
            }
            Act::CreateSource { name, allow_list } => source::create(node, home, name, allow_list).await,
            Act::RotateSource { name } => source::rotate(node, home, name).await,
            Act::ReadSource { name } => source::read(node, home, name).await,
            Act::ApplyWorkflow { name, description, definition, publish } => {
                workflow::apply(node, home, workflow::Wanted { name, description, definition, publish }).await
            }
            Act::ExportBundle { case_templates, workflows, drafts } => {
                bundle::read(node, home, docket_bundle::Chosen { case_templates, workflows, drafts }).await
            }
            Act::PlanBundle { bundle, options } => bundle::plan(node, home, &bundle, options).await,
            Act::ApplyBundle { bundle, options, plan } => bundle::apply(node, home, &bundle, options, plan).await,
            Act::ReadWorkflow { workflow } => workflow::read(node, home, workflow).await,
        }
    }
}
