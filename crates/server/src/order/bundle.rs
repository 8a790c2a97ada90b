//! Orders for setup bundles: export, plan and apply.

use std::sync::Arc;

use docket_bundle::{Bundle, Chosen, Fault, Item, Options, Plan, export};
use docket_storage::Command;
use docket_workflows::read::to_yaml;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Home;
use crate::failure::Failure;
use crate::node::Node;

/// How a bundle is applied.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct How {
    /// Whether its workflows are published.
    pub publish: bool,
    /// Whether statuses and fields that its case templates do not contain are removed.
    pub prune: bool,
}

impl From<How> for Options {
    fn from(how: How) -> Self {
        Self { publish: how.publish, prune: how.prune }
    }
}

/// Exports the definitions of an environment as a bundle, with warnings about what it can't contain.
pub async fn read(node: &Node, home: Home, chosen: Chosen) -> Result<Value, Failure> {
    let actor = home.operator();
    let exported = node.reader().view(home.scope(), move |work| export(work, &actor, &chosen)).await?;
    let document = exported.bundle.to_json();
    let warnings: Vec<Value> = exported
        .warnings
        .iter()
        .map(|warning| json!({"workflow": warning.workflow, "at": warning.at, "message": warning.message}))
        .collect();
    Ok(json!({"yaml": to_yaml(&document), "document": document, "warnings": warnings}))
}

/// Plans what a bundle would change.
pub async fn plan(node: &Node, home: Home, bundle: &Value, how: How) -> Result<Value, Failure> {
    let (engine, operator, bundle) = (Arc::clone(&node.engine), home.operator(), Bundle::from_json(bundle)?);
    let command = Command::new("plan-bundle", home.scope(), move |work| {
        docket_bundle::plan(&engine, work, &operator, &bundle, how.into())
    });
    Ok(shown(&node.writer().submit(command).await?))
}

/// Applies a bundle: all of it, or nothing.
pub async fn apply(
    node: &Node,
    home: Home,
    bundle: &Value,
    how: How,
    planned: Option<String>,
) -> Result<Value, Failure> {
    let (engine, operator, bundle) = (Arc::clone(&node.engine), home.operator(), Bundle::from_json(bundle)?);
    let command = Command::new("apply-bundle", home.scope(), move |work| {
        docket_bundle::apply(&engine, work, &operator, &bundle, how.into(), planned.as_deref())
    });
    Ok(shown(&node.writer().submit(command).await?))
}

fn shown(plan: &Plan) -> Value {
    json!({
        "digest": plan.digest,
        "changes": plan.changes_something(),
        "applicable": plan.is_applicable(),
        "complete": !plan.are_more,
        "items": plan.items.iter().map(Item::to_json).collect::<Vec<_>>(),
        "problems": plan.faults.iter().map(Fault::to_json).collect::<Vec<_>>(),
    })
}
