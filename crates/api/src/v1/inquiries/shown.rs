//! Inquiries as these operations show them.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::operation::Context;
use crate::shapes::inquiry_template::InquiryTemplateView;
use crate::views::resource_of;

/// What `include` can name.
pub const RELATED: &[&str] =
    &["account", "inquiry-template", "reports", "verifications", "documents", "selfies", "sessions", "transaction"];

/// An inquiry as the API shows it.
pub fn resource(inquiry: &Object) -> Resource {
    resource_of(&tree(inquiry))
}

/// The inquiry in the path.
pub fn inquiry(context: &Context, work: &mut UnitOfWork) -> Verb<Arc<Object>> {
    let id = context.part("inquiry-id");
    match Object::named(work, &context.actor.environment, id)? {
        Some(inquiry) if inquiry.kind == "inquiry" => Ok(inquiry),
        _ => Err(Refusal::unknown("inquiry", id).into()),
    }
}

/// An answer about one inquiry, with what it includes.
pub fn answer(context: &Context, work: &mut UnitOfWork, inquiry: &Object, status: u16) -> Verb<Answer> {
    let mut document = Document::one(resource(inquiry));
    if context.query.include.is_some() {
        let mut included = Vec::new();
        if context.includes("account", false)
            && let Some(account) = &inquiry.account_id
            && let Some(account) = work.get::<Object>(account)?
        {
            included.push(resource_of(&tree(&account)));
        }
        if let Some(template) = inquiry.template_id.as_ref().filter(|_| context.includes("inquiry-template", false)) {
            let view = InquiryTemplateView {
                id: template.clone(),
                status: "active".into(),
                name: template.clone(),
                latest_published_version_id: None,
            };
            included.push(view.into_resource());
        }
        included.extend(related(context, work, inquiry)?);
        document = document.including(context.readable(included));
    }
    if status == 201 {
        for name in ["session-token", "one-time-link", "one-time-link-short"] {
            document = document.with_meta(name, Value::Null);
        }
    }
    Ok(Answer { status, document, version: Some(inquiry.version) })
}

/// What else the inquiry points at, and the request asks for: reports, verifications, documents and the like.
fn related(context: &Context, work: &mut UnitOfWork, inquiry: &Object) -> Verb<Vec<Resource>> {
    let mut resources = Vec::new();
    for (name, to) in inquiry.relationships.iter() {
        if matches!(name.as_str(), "account" | "inquiry_template") || !context.includes(&name.replace('_', "-"), false)
        {
            continue;
        }
        for reference in to.as_array().map_or(std::slice::from_ref(to), Vec::as_slice) {
            let id = reference.get("id").and_then(Value::as_str).unwrap_or_default();
            let object = Object::named(work, &context.actor.environment, id)?;
            resources.extend(object.map(|object| resource_of(&tree(&object))));
        }
    }
    Ok(resources)
}
