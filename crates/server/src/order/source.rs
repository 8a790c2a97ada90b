//! Orders for sources of vendors' webhooks, and their secrets.

use std::sync::Arc;

use docket_kernel::{Entity, same_name};
use docket_objects::{Source, create_source, rotate_secret};
use docket_storage::{Command, ListQuery, PageDirection};
use serde_json::{Value, json};

use super::Home;
use crate::failure::Failure;
use crate::node::Node;

/// Creates a source and returns its secret, which is not shown again.
pub async fn create(node: &Node, home: Home, name: String, allow_list: Option<Vec<String>>) -> Result<Value, Failure> {
    let operator = home.operator();
    let command = Command::new("create-source", home.scope(), move |work| {
        create_source(work, &operator, &name, allow_list.as_deref())
    });
    let (source, secret) = node.writer().submit(command).await?;
    Ok(shown(&source, &secret))
}

/// Rotates the secret of a source; the current secret stays valid for a day.
pub async fn rotate(node: &Node, home: Home, name: String) -> Result<Value, Failure> {
    let operator = home.operator();
    let command = Command::new("rotate-source", home.scope(), move |work| rotate_secret(work, &operator, &name));
    let (source, secret) = node.writer().submit(command).await?;
    Ok(shown(&source, &secret))
}

/// The id and the newest secret of a source.
pub async fn read(node: &Node, home: Home, name: Option<String>) -> Result<Value, Failure> {
    let query = ListQuery { table: Source::TABLE, filters: Vec::new(), turn: PageDirection::First, limit: 1_000 };
    let all: Vec<Arc<Source>> = node.reader().list(home.id.key(), query).await?;
    let names = || all.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", ");
    let source = match (&name, all.as_slice()) {
        (_, []) => {
            let words = format!("the {} has no sources; create one with `docket source create NAME`", home.kind);
            return Err(Failure::new(words));
        }
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::new(format_args!("there are several sources; choose one with --source: {}", names())));
        }
        (Some(name), _) => {
            all.iter().find(|source| source.name == *name).or_else(|| twin(&all, name)).ok_or_else(|| {
                Failure::new(format_args!("there is no source '{name}' in the {}; there is {}", home.kind, names()))
            })?
        }
    };
    let secret = source.live_secrets(node.clock.now()).last().copied().unwrap_or_default();
    Ok(shown(source, secret))
}

/// The only source with an equal name.
fn twin<'s>(all: &'s [Arc<Source>], name: &str) -> Option<&'s Arc<Source>> {
    let mut same = all.iter().filter(|source| same_name(&source.name, name));
    same.next().filter(|_| same.next().is_none())
}

fn shown(source: &Source, secret: &str) -> Value {
    json!({
        "id": source.id,
        "name": source.name,
        "environment_id": source.environment_id,
        "path": format!("/ingest/{}", source.id),
        "secret": secret,
    })
}
