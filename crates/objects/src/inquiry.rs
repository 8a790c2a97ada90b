//! Inquiries: a person's way through a verification, as far as Docket must know it.

use std::sync::Arc;

use docket_events::{Happening, record};
use docket_kernel::{Actor, Json, Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value, json};

use crate::account::find_or_create_account;
use crate::object::{Object, key, tree, typed_fields};
use crate::tag::added_tags;

/// What a new inquiry shall be.
#[derive(Clone, Debug, Default)]
pub struct InquiryRequest {
    /// The template, taken as given and recorded on first sight.
    pub inquiry_template_id: Option<String>,
    /// An account by the id the API shows.
    pub account_id: Option<String>,
    /// The organization's own id for the person; finds or makes the account.
    pub reference_id: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Fields by key, plain or `{type, value}`.
    pub fields: Map<String, Value>,
    /// Tags by name.
    pub tags: Vec<String>,
}

docket_kernel::text_enum! {
    /// What can be decided about an inquiry.
    pub enum Decision {
        /// Approve it.
        Approve = "approved",
        /// Decline it.
        Decline = "declined",
        /// Have somebody look at it.
        MarkForReview = "needs_review",
    }
}

impl Decision {
    const fn event(self) -> &'static str {
        match self {
            Self::Approve => "inquiry.approved",
            Self::Decline => "inquiry.declined",
            Self::MarkForReview => "inquiry.marked-for-review",
        }
    }
}

/// Makes an inquiry.
pub fn create_inquiry(work: &mut UnitOfWork, actor: &Actor, request: &InquiryRequest) -> Verb<Arc<Object>> {
    actor.may(Permission::InquiryWrite)?;
    let account = match (&request.account_id, &request.reference_id) {
        (Some(id), _) => Some(existing_account(work, actor, id)?),
        (None, Some(reference)) => Some(find_or_create_account(work, actor, reference)?),
        (None, None) => None,
    };
    if let Some(template) = &request.inquiry_template_id {
        recorded_template(work, actor, template)?;
    }
    let id = work.new_id("inq");
    let mut inquiry = Object::new(&actor.environment, &id, "inquiry", work.now());
    inquiry.status = Some("created".into());
    inquiry.reference_id = match (&request.reference_id, &account) {
        (Some(reference), _) => Some(reference.clone()),
        (None, Some(account)) => account.reference_id.clone(),
        (None, None) => None,
    };
    inquiry.account_id = account.map(|account| Arc::clone(&account.id));
    inquiry.template_id.clone_from(&request.inquiry_template_id);
    inquiry.fields = Json::new(typed_fields(&request.fields));
    if let Some(note) = &request.note {
        inquiry.attributes.edit().insert("note".into(), note.as_str().into());
    }
    inquiry.tags = Json::new(added_tags(&[], &request.tags).map_err(|refusal| refusal.at("/data/attributes/tags"))?);
    let inquiry = work.insert(inquiry);
    record(work, actor, Happening::new("inquiry.created", tree(&inquiry), inquiry.version));
    Ok(inquiry)
}

fn existing_account(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<Arc<Object>> {
    match Object::named(work, &actor.environment, id)? {
        Some(account) if account.kind == "account" => Ok(account),
        _ => Err(Refusal::rule("unknown-account", format_args!("account {id} is not found"))
            .at("/data/attributes/account-id")
            .into()),
    }
}

/// Remembers an inquiry template the first time its id is seen.
pub(crate) fn recorded_template(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<()> {
    if id.is_empty() || id.len() > 128 {
        return Err(Refusal::rule("template-id", "an inquiry template id has 1 to 128 characters")
            .at("/data/attributes/inquiry-template-id")
            .into());
    }
    if Object::named(work, &actor.environment, id)?.is_none() {
        let mut template = Object::new(&actor.environment, id, "inquiry-template", work.now());
        template.is_stub = true;
        work.insert(template);
    }
    Ok(())
}

/// Decides about an inquiry. Deciding what is decided already is a success that writes nothing.
pub fn decide_inquiry(work: &mut UnitOfWork, actor: &Actor, id: &str, decision: Decision) -> Verb<Arc<Object>> {
    actor.may(Permission::InquiryWrite)?;
    let key = key(&actor.environment, id);
    let Some(inquiry) = work.get::<Object>(&key)?.filter(|object| object.kind == "inquiry") else {
        return Err(Refusal::unknown("inquiry", id).into());
    };
    let from = inquiry.status.clone().unwrap_or_default();
    if from == decision.as_str() {
        return Ok(inquiry);
    }
    let now = work.now();
    let inquiry = work.change::<Object>(&key, |inquiry| {
        inquiry.status = Some(decision.as_str().to_owned());
        inquiry.updated_at = now;
        let decided = if decision == Decision::MarkForReview { "marked_for_review_at" } else { "decisioned_at" };
        inquiry.attributes.edit().insert(decided.into(), json!(now.to_string()));
    })?;
    let happening = Happening::new(decision.event(), tree(&inquiry), inquiry.version);
    record(work, actor, happening.from_to(&from, decision.as_str()));
    Ok(inquiry)
}
