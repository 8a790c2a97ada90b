//! Accounts: the people or companies under review. A reference id, the organization's own id, identifies one account.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, Json, Permission, Refusal, RefusalKind, UnitOfWork, Verb};
use serde_json::{Map, Value, json};

use crate::object::{Object, tree, typed_fields};
use crate::size::{checked_fields, checked_size};
use crate::tag::added_tags;

/// The properties of a new account.
#[derive(Clone, Debug, Default)]
pub struct AccountRequest {
    /// The organization's own id for them.
    pub reference_id: Option<String>,
    /// The account type, by its API id.
    pub account_type_id: Option<String>,
    /// Fields by key, plain or `{type, value}`.
    pub fields: Map<String, Value>,
    /// Its status; `Default` if absent.
    pub status: Option<String>,
    /// Tags by name.
    pub tags: Vec<String>,
}

/// The initial status of accounts.
const DEFAULT_STATUS: &str = "Default";

/// The maximum length of a reference id, in characters.
pub const REFERENCE_CHARACTERS_MAX: usize = 256;

/// Creates an account. A second account with the same reference id is a conflict.
pub fn create_account(work: &mut UnitOfWork, actor: &Actor, request: &AccountRequest) -> Verb<Arc<Object>> {
    actor.may(Permission::AccountWrite)?;
    if let Some(reference) = &request.reference_id
        && let Some(there) = by_reference(work, reference)?
    {
        let sentence = format!("account {} already has the reference id '{reference}'", there.shown_id());
        return Err(Refusal::new(RefusalKind::Conflict, "reference-taken", sentence)
            .at("/data/attributes/reference-id")
            .with(json!({"account-id": there.shown_id()}))
            .into());
    }
    if let Some(id) = &request.account_type_id {
        checked_type(work, actor, id, "/data/attributes/account-type-id")?;
    }
    make(work, actor, request)
}

/// Creates an account or, if an account has this reference id, updates it: fields in the request are set, others stay.
/// Returns the account, and whether it is new.
pub fn upsert_account(work: &mut UnitOfWork, actor: &Actor, request: &AccountRequest) -> Verb<(Arc<Object>, bool)> {
    actor.may(Permission::AccountWrite)?;
    let there = match &request.reference_id {
        Some(reference) => by_reference(work, reference)?,
        None => None,
    };
    let Some(account) = there else { return Ok((create_account(work, actor, request)?, true)) };
    let fields = typed_fields(&request.fields);
    let changed: Vec<String> = fields
        .iter()
        .filter(|(key, value)| account.fields.get(*key) != Some(value))
        .map(|(key, _)| key.clone())
        .collect();
    let added = added_tags(&account.tags, &request.tags).map_err(|refusal| refusal.at("/data/attributes/tags"))?;
    let status = request.status.clone().or_else(|| account.status.clone());
    if changed.is_empty() && added.is_empty() && status == account.status {
        return Ok((account, false));
    }
    let now = work.now();
    let has_moved = status != account.status;
    let from = account.status.clone().unwrap_or_default();
    let mut changed_to = (*account).clone();
    changed_to.fields.edit().extend(fields);
    changed_to.tags.edit().extend(added.iter().cloned());
    changed_to.status.clone_from(&status);
    changed_to.updated_at = now;
    checked_fields(&changed_to.fields)?;
    checked_size(&changed_to)?;
    let account = work.change::<Object>(&account.id, |account| *account = changed_to)?;
    let tree = tree(&account);
    let told = |name: &str| NewEvent::about(&*account, name, tree.clone());
    if !changed.is_empty() {
        record(work, actor, told("account.updated-fields").with("updated-fields", changed));
    }
    if !added.is_empty() {
        let new_event = told("account.updated-tags").with("added-tags", added);
        record(work, actor, new_event.with("removed-tags", Vec::<String>::new()));
    }
    if has_moved {
        record(work, actor, told("account.status-updated").from_to(&from, status.as_deref().unwrap_or_default()));
    }
    Ok((account, false))
}

/// The account with a reference id, created if there is none.
pub fn find_or_create_account(work: &mut UnitOfWork, actor: &Actor, reference: &str) -> Verb<Arc<Object>> {
    match by_reference(work, reference)? {
        Some(account) => Ok(account),
        None => {
            make(work, actor, &AccountRequest { reference_id: Some(reference.to_owned()), ..AccountRequest::default() })
        }
    }
}

pub(crate) fn by_reference(work: &mut UnitOfWork, reference: &str) -> Verb<Option<Arc<Object>>> {
    work.find::<Object>("reference_key", reference)
}

/// The type of accounts that are created without one.
pub const DEFAULT_ACCOUNT_TYPE: &str = "acttp_default";

/// Refuses an account type that is neither the default one nor known from a vendor's event.
pub(crate) fn checked_type(work: &mut UnitOfWork, actor: &Actor, id: &str, at: &str) -> Verb<()> {
    let known = id == DEFAULT_ACCOUNT_TYPE
        || Object::named(work, &actor.environment, id)?.is_some_and(|object| object.kind == "account-type");
    if known {
        return Ok(());
    }
    let sentence = format!(
        "account type '{id}' is not found; leave it out for {DEFAULT_ACCOUNT_TYPE}, or use one from a vendor's event"
    );
    Err(Refusal::rule("unknown-account-type", sentence).at(at).into())
}

pub(crate) fn make(work: &mut UnitOfWork, actor: &Actor, request: &AccountRequest) -> Verb<Arc<Object>> {
    if let Some(reference) = &request.reference_id
        && (reference.is_empty() || reference.chars().count() > REFERENCE_CHARACTERS_MAX)
    {
        return Err(Refusal::rule(
            "reference-id",
            format_args!("a reference id has 1 to {REFERENCE_CHARACTERS_MAX} characters"),
        )
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
    account.tags = Json::new(added_tags(&[], &request.tags).map_err(|refusal| refusal.at("/data/attributes/tags"))?);
    checked_fields(&account.fields)?;
    checked_size(&account)?;
    let account = work.insert(account);
    record(work, actor, NewEvent::about(&*account, "account.created", tree(&account)));
    Ok(account)
}
