//! Inquiries in the form of these operations.

use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::v1::included;
use crate::v1::reported::add_source;
use crate::views::resource_of;

/// The relationships that `include` can name.
pub const RELATED: &[&str] =
    &["account", "inquiry-template", "reports", "verifications", "documents", "selfies", "sessions", "transaction"];

/// An inquiry in the form of the API.
pub fn resource(context: &Context, work: &mut UnitOfWork, inquiry: &Object) -> Verb<Resource> {
    let mut resource = resource_of(&tree(inquiry));
    add_source(context, work, inquiry, &mut resource)?;
    Ok(resource)
}

/// The inquiry in the path.
pub fn inquiry(context: &Context, work: &mut UnitOfWork) -> Verb<Arc<Object>> {
    let id = context.part("inquiry-id");
    match Object::named(work, &context.actor.environment, id)? {
        Some(inquiry) if inquiry.kind == "inquiry" => Ok(inquiry),
        _ => Err(Refusal::unknown("inquiry", id).into()),
    }
}

/// A response with one inquiry and its included objects.
pub fn answer(context: &Context, work: &mut UnitOfWork, inquiry: &Object, status: u16) -> Verb<Answer> {
    let resource = resource(context, work, inquiry)?;
    let mut document = included::document(context, work, resource, &[])?;
    if status == 201 {
        for name in ["session-token", "one-time-link", "one-time-link-short"] {
            document = document.with_meta(name, Value::Null);
        }
    }
    Ok(Answer { status, document, version: Some(inquiry.version) })
}
