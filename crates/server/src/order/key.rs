//! Orders that create API keys.

use std::sync::Arc;

use docket_access::{CaseFields, KeyRequest, User, create_key};
use docket_kernel::{Entity, Permission, email_key};
use docket_storage::{Command, ListQuery, PageDirection};
use serde_json::{Value, json};

use super::Home;
use crate::failure::Failure;
use crate::node::Node;

/// The properties of a new key.
pub struct Wanted {
    /// Its name, which states its purpose.
    pub name: String,
    /// Its permissions; if none are given, all.
    pub permissions: Vec<Permission>,
    /// Requests per minute, if other than the server's default.
    pub rate_limit: Option<i64>,
    /// How case fields are represented for it.
    pub case_fields: CaseFields,
}

/// Creates a key and returns it; it is not shown anywhere else.
pub async fn create(node: &Node, home: Home, wanted: Wanted, creator: Option<String>) -> Result<Value, Failure> {
    let creator_email = match creator {
        Some(email) => email_key(&email),
        None => first_person(node, &home).await?,
    };
    let operator = home.operator();
    let all = || Permission::of_keys(operator.permissions().iter().copied()).collect();
    let Wanted { name, permissions, rate_limit, case_fields } = wanted;
    let permissions = if permissions.is_empty() { all() } else { permissions };
    let kind = home.kind;
    let request = KeyRequest { rate_limit, case_fields, ..KeyRequest::new(&name, &creator_email, permissions, kind) };
    let environment = home.id.clone();
    let command = Command::new("create-key", home.scope(), move |work| {
        create_key(work, &operator, &home.organization_id, &request)
    });
    let (made, key) = node.writer().submit(command).await?;
    Ok(json!({"id": made.id, "environment_id": environment, "environment": kind, "api_key": key}))
}

/// The oldest active person: usually the person the organization was set up with.
async fn first_person(node: &Node, home: &Home) -> Result<String, Failure> {
    let query = ListQuery { table: User::TABLE, filters: Vec::new(), turn: PageDirection::First, limit: 1_000 };
    let people: Vec<Arc<User>> = node.reader().list(home.organization_id.key(), query).await?;
    // People are listed newest first; a key of a deactivated person would not work.
    let first = people.iter().rfind(|user| user.deactivated_at.is_none()).map(|user| user.email.clone());
    first.ok_or_else(|| {
        Failure::new(
            "the organization has no person for the key to act for; name a person with \
        --creator",
        )
    })
}
