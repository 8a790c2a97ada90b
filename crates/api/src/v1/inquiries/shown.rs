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
        document = document.including(included);
    }
    if status == 201 {
        for name in ["session-token", "one-time-link", "one-time-link-short"] {
            document = document.with_meta(name, Value::Null);
        }
    }
    Ok(Answer { status, document, version: Some(inquiry.version) })
}
