//! Orders that the operator gives at the command line. This process executes an order if it can open the database;
//! otherwise the server that holds the database executes it. The order is the same either way.

mod bundle;
mod environment;
mod examine;
mod key;
mod redactions;
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
pub use redactions::{LINES_AT_ONCE, line, made};

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperatorCommand {
    /// Check every row for violations.
    Examine,
    /// Read which installation this is, and which environments it has.
    Identify,
    /// Read some redactions of an environment, the newest first.
    ReadRedactions {
        /// The environment's id.
        environment: String,
        /// After the one with this key.
        after: Option<String>,
    },
    /// Make redactions again that were made in a newer copy of this database.
    RedactAgain {
        /// The redactions, as lines of a file.
        redactions: Vec<Value>,
    },
    /// Blank copies of what was redacted, in some passes.
    BlankCopies,
    /// Do something in one environment.
    In {
        /// The environment: its id, `sandbox` or `production`.
        environment: String,
        /// The action.
        act: Act,
    },
}

/// The representation of case fields for a key that does not set one.
fn plain() -> CaseFields {
    CaseFields::Plain
}

/// An action in an environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Create an API key.
    CreateKey {
        /// Its name, which states its purpose.
        name: String,
        /// Its permissions; if none are given, all except operating the installation.
        permissions: Vec<Permission>,
        /// Requests per minute.
        rate_limit: Option<i64>,
        /// How case fields are represented for it.
        #[serde(default = "plain")]
        case_fields: CaseFields,
        /// The e-mail address it acts for; if absent, that of the organization's first person.
        creator: Option<String>,
    },
    /// Create a source.
    CreateSource {
        /// Its name.
        name: String,
        /// What it may report; if absent, the default list.
        #[serde(default)]
        allow_list: Option<Vec<String>>,
    },
    /// Rotate the secret of a source.
    RotateSource {
        /// Its name.
        name: String,
    },
    /// Read the id and the current secret of a source, to sign with.
    ReadSource {
        /// Its name; if absent, the environment's only source.
        name: Option<String>,
    },
    /// Create a workflow with this name, or save its draft.
    ApplyWorkflow {
        /// The display name.
        name: String,
        /// Its description.
        description: Option<String>,
        /// Its definition.
        definition: Value,
        /// Whether to publish it too.
        publish: bool,
    },
    /// Export the definitions of an environment as a setup bundle.
    ExportBundle {
        /// Slugs of case templates.
        case_templates: Vec<String>,
        /// Slugs of workflows; if there are no slugs of either kind, everything is exported.
        workflows: Vec<String>,
        /// Whether drafts are exported instead of live versions.
        drafts: bool,
    },
    /// Plan a setup bundle: what it would change.
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
        /// How it is applied.
        options: bundle::How,
        /// The digest of the plan to apply.
        plan: Option<String>,
    },
    /// Read a workflow's draft, or its live version if there is no draft.
    ReadWorkflow {
        /// Its id or its name.
        workflow: String,
    },
}

impl OperatorCommand {
    /// Executes the order, and returns the result as JSON.
    pub async fn execute(self, node: &Node) -> Result<Value, Failure> {
        let (environment, act) = match self {
            Self::Examine => return examine(node.reader()).await,
            Self::Identify => return redactions::identify(node).await,
            Self::ReadRedactions { environment, after } => return redactions::read(node, environment, after).await,
            Self::RedactAgain { redactions } => return redactions::again(node, &redactions).await,
            Self::BlankCopies => return redactions::blank_copies(node).await,
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
