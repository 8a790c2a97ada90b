//! Accounts: whoever is investigated. A reference id, the organization's own id for them, names one account.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, Json, Kind, Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value, json};

use crate::object::{Object, tree, typed_fields};
use crate::tag::checked_tag;

/// What a new account shall be.
#[derive(Clone, Debug, Default)]
pub struct AccountRequest {
    /// The organization's own id for them.
    pub reference_id: Option<String>,
    /// The kind of account, by the id the API shows.
    pub account_type_id: Option<String>,
    /// Fields by key, plain or `{type, value}`.
    pub fields: Map<String, Value>,
    /// Where they stand; `Default` when it is not said.
    pub status: Option<String>,
    /// Tags by name.
    pub tags: Vec<String>,
}

/// The status accounts begin with.
const DEFAULT_STATUS: &str = "Default";

/// Makes an account. A second one with the same reference id is a conflict.
pub fn create_account(work: &mut UnitOfWork, actor: &Actor, request: &AccountRequest) -> Verb<Arc<Object>> {
    actor.may(Permission::AccountWrite)?;
    if let Some(reference) = &request.reference_id
        && let Some(there) = by_reference(work, reference)?
    {
        let sentence = format!("account {} already has the reference id '{reference}'", there.shown_id());
        return Err(Refusal::new(Kind::Conflict, "reference-taken", sentence)
            .at("/data/attributes/reference-id")
            .with(json!({"account-id": there.shown_id()}))
            .into());
    }
    make(work, actor, request)
}

/// The account of a reference id, made when there is none.
pub fn find_or_create_account(work: &mut UnitOfWork, actor: &Actor, reference: &str) -> Verb<Arc<Object>> {
    match by_reference(work, reference)? {
        Some(account) => Ok(account),
        None => {
            make(work, actor, &AccountRequest { reference_id: Some(reference.to_owned()), ..AccountRequest::default() })
        }
    }
}

fn by_reference(work: &mut UnitOfWork, reference: &str) -> Verb<Option<Arc<Object>>> {
    work.find::<Object>("reference_key", reference)
}

fn make(work: &mut UnitOfWork, actor: &Actor, request: &AccountRequest) -> Verb<Arc<Object>> {
    if let Some(reference) = &request.reference_id
        && (reference.is_empty() || reference.chars().count() > 256)
    {
        return Err(Refusal::rule("reference-id", "a reference id has 1 to 256 characters")
            .at("/data/attributes/reference-id")
            .into());
    }
    let id = work.new_id("act");
    let mut account = Object::new(&actor.environment, &id, "account", work.now());
    account.status = Some(request.status.clone().unwrap_or_else(|| DEFAULT_STATUS.into()));
    account.reference_id.clone_from(&request.reference_id);
    account.reference_key.clone_from(&request.reference_id);
    account.template_id.clone_from(&request.account_type_id);
    account.fields = Json::new(typed_fields(&request.fields));
    for tag in &request.tags {
        let tag = checked_tag(tag)?;
        if !account.tags.contains(&tag) {
            account.tags.edit().push(tag);
        }
    }
    let account = work.insert(account);
    record(work, actor, Happening::new("account.created", tree(&account), account.version));
    Ok(account)
}
