//! Inquiries: verifications of a person, as far as Docket processes them.

use std::sync::Arc;

use docket_events::{NewEvent, checked_comment, record};
use docket_kernel::{Actor, Json, Permission, Refusal, RefusalKind, UnitOfWork, Verb, Who, checked_email};
use serde_json::{Map, Value, json};

use crate::account::{AccountRequest, by_reference, checked_type, make};
use crate::object::{Object, key, tree, typed_fields};
use crate::size::{checked_fields, checked_size};
use crate::tag::added_tags;

/// The properties of a new inquiry.
#[derive(Clone, Debug, Default)]
pub struct InquiryRequest {
    /// The template id, accepted as given and recorded when it first appears.
    pub inquiry_template_id: Option<String>,
    /// A template of the older kind, if the inquiry was created from one.
    pub template_id: Option<String>,
    /// The version of its template.
    pub inquiry_template_version_id: Option<String>,
    /// The e-mail address of its creator, if it is to be shown.
    pub creator_email: Option<String>,
    /// An account, by its API id.
    pub account_id: Option<String>,
    /// The organization's own id for the person; the account with this reference id is used, or created.
    pub reference_id: Option<String>,
    /// The type of an account that is created for it.
    pub account_type_id: Option<String>,
    /// Whether an account is created for it if neither of these names one.
    pub account: NoAccount,
    /// A note.
    pub note: Option<String>,
    /// Fields by key, plain or `{type, value}`.
    pub fields: Map<String, Value>,
    /// Tags by name.
    pub tags: Vec<String>,
}

/// What happens when a new inquiry names no account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoAccount {
    /// It has no account.
    #[default]
    Stays,
    /// An account is created for it.
    IsMade,
}

docket_kernel::text_enum! {
    /// The decisions about an inquiry.
    pub enum Decision {
        /// Approve it.
        Approve = "approved",
        /// Decline it.
        Decline = "declined",
        /// Mark it for review by a person.
        MarkForReview = "needs_review",
    }
}

/// The attributes that record a decision.
pub(crate) const DECISION: [&str; 4] = ["decisioned_at", "marked_for_review_at", "reviewer_comment", "reviewer_email"];

impl Decision {
    const fn event(self) -> &'static str {
        match self {
            Self::Approve => "inquiry.approved",
            Self::Decline => "inquiry.declined",
            Self::MarkForReview => "inquiry.marked-for-review",
        }
    }
}

/// Creates an inquiry.
pub fn create_inquiry(work: &mut UnitOfWork, actor: &Actor, request: &InquiryRequest) -> Verb<Arc<Object>> {
    actor.may(Permission::InquiryWrite)?;
    if let Some(email) = &request.creator_email {
        checked_email(email).map_err(|refusal| refusal.at("/data/attributes/creator-email-address"))?;
    }
    let account = match (&request.account_id, &request.reference_id) {
        (Some(id), _) => Some(existing_account(work, actor, id)?),
        (None, Some(reference)) => Some(match by_reference(work, reference)? {
            Some(account) => account,
            None => made_account(work, actor, request)?,
        }),
        (None, None) if request.account == NoAccount::IsMade => Some(made_account(work, actor, request)?),
        (None, None) => None,
    };
    if let Some(template) = &request.inquiry_template_id {
        recorded_template(work, actor, template)?;
    }
    let mut relationships = Map::new();
    for (name, kind, id) in [
        ("template", "template", &request.template_id),
        ("inquiry_template_version", "inquiry-template-version", &request.inquiry_template_version_id),
    ] {
        if let Some(id) = id {
            checked_template(id, kind)?;
            relationships.insert(name.to_owned(), json!({"type": kind, "id": id}));
        }
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
    inquiry.keep_redacted_with();
    inquiry.template_id = request.inquiry_template_id.clone().or_else(|| request.template_id.clone());
    inquiry.relationships = Json::new(relationships);
    inquiry.fields = Json::new(typed_fields(&request.fields));
    for (name, text) in [("note", &request.note), ("creator", &request.creator_email)] {
        if let Some(text) = text {
            inquiry.attributes.edit().insert(name.into(), text.as_str().into());
        }
    }
    inquiry.tags = Json::new(added_tags(&[], &request.tags).map_err(|refusal| refusal.at("/data/attributes/tags"))?);
    checked_fields(&inquiry.fields)?;
    checked_size(&inquiry)?;
    let inquiry = work.insert(inquiry);
    record(work, actor, NewEvent::about(&*inquiry, "inquiry.created", tree(&inquiry)));
    Ok(inquiry)
}

/// Creates the account of an inquiry that names no existing account.
fn made_account(work: &mut UnitOfWork, actor: &Actor, request: &InquiryRequest) -> Verb<Arc<Object>> {
    if let Some(id) = &request.account_type_id {
        checked_type(work, actor, id, "/meta/auto-create-account-type-id")?;
    }
    let wanted = AccountRequest {
        reference_id: request.reference_id.clone(),
        account_type_id: request.account_type_id.clone(),
        ..AccountRequest::default()
    };
    make(work, actor, &wanted)
}

fn existing_account(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<Arc<Object>> {
    match Object::named(work, &actor.environment, id)? {
        Some(account) if account.kind == "account" => Ok(account),
        _ => Err(Refusal::rule("unknown-account", format_args!("account {id} is not found"))
            .at("/data/attributes/account-id")
            .into()),
    }
}

/// Records an inquiry template when its id first appears.
pub(crate) fn recorded_template(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<()> {
    checked_template(id, "inquiry-template")?;
    Object::mention(work, &actor.environment, id, "inquiry-template")
}

fn checked_template(id: &str, kind: &str) -> Result<(), Refusal> {
    if id.is_empty() || id.len() > 128 {
        let sentence = format!("an {kind} id has 1 to 128 characters");
        return Err(Refusal::rule("template-id", sentence).at(format!("/data/attributes/{kind}-id")));
    }
    Ok(())
}

/// Decides an inquiry. Repeating the current decision succeeds and writes nothing. An approved or declined inquiry can
/// get another decision, but cannot return to review.
pub fn decide_inquiry(
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &str,
    decision: Decision,
    comment: Option<&str>,
) -> Verb<Arc<Object>> {
    actor.may(Permission::InquiryWrite)?;
    checked_comment(comment)?;
    let key = key(&actor.environment, id);
    let Some(inquiry) = work.get::<Object>(&key)?.filter(|object| object.kind == "inquiry") else {
        return Err(Refusal::unknown("inquiry", id).into());
    };
    let from = inquiry.status.clone().unwrap_or_default();
    if from == decision.as_str() {
        return Ok(inquiry);
    }
    let is_review = decision == Decision::MarkForReview;
    if is_review && [Decision::Approve, Decision::Decline].iter().any(|decided| decided.as_str() == from) {
        let sentence = format!("inquiry {id} is {from} and can no longer be marked for review");
        return Err(Refusal::new(RefusalKind::Conflict, "inquiry-decided", sentence).into());
    }
    let now = work.now();
    let inquiry = work.change::<Object>(&key, |inquiry| {
        inquiry.status = Some(decision.as_str().to_owned());
        inquiry.updated_at = now;
        let attributes = inquiry.attributes.edit();
        attributes
            .insert(if is_review { "marked_for_review_at" } else { "decisioned_at" }.into(), now.to_string().into());
        if is_review {
            return;
        }
        attributes.insert("reviewer_comment".into(), comment.into());
        attributes.shift_remove("reviewer_email");
        if let Who::User { email, .. } = &actor.who {
            attributes.insert("reviewer_email".into(), email.as_ref().into());
        }
        let relationships = inquiry.relationships.edit();
        relationships.shift_remove("reviewer");
        relationships.extend(reviewer(actor).map(|reviewer| ("reviewer".to_owned(), reviewer)));
    })?;
    let mut new_event = NewEvent::about(&*inquiry, decision.event(), tree(&inquiry)).from_to(&from, decision.as_str());
    if let Some(comment) = comment {
        new_event = new_event.with("comment", comment);
    }
    record(work, actor, new_event);
    Ok(inquiry)
}

/// The reviewer, if the published contract has a type for the actor: it has none for an API key.
fn reviewer(actor: &Actor) -> Option<Value> {
    match &actor.who {
        Who::User { id, .. } => Some(json!({"type": "user", "id": id})),
        Who::Run(id) => Some(json!({"type": "workflow-run", "id": id})),
        _ => None,
    }
}
