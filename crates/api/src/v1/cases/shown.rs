//! Cases as these operations show them.

use docket_cases::store::COMMENTS_OF_CASE;
use docket_cases::{Case, comments_of, tree_of};
use docket_kernel::{UnitOfWork, Verb};
use serde_json::json;

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::v1::included;
use crate::views::resource_of;

/// What a new case includes before 2025-10-27.
pub const ON_CREATE: &[&str] = &["accounts", "inquiries", "reports"];

/// What a changed case includes before 2025-10-27.
pub const ON_UPDATE: &[&str] = &["accounts", "inquiries", "reports", "case-comments"];

/// What a case that is read includes before 2025-10-27.
pub const ON_RETRIEVE: &[&str] = &["accounts", "inquiries", "reports", "verifications", "case-comments"];

/// What `include` can name.
pub const RELATED: &[&str] =
    &["accounts", "inquiries", "reports", "verifications", "txns", "case-template", "case-comments"];

/// A case as the API shows it.
pub fn resource(work: &mut UnitOfWork, case: &Case) -> Verb<Resource> {
    work.hint_ask(&COMMENTS_OF_CASE, case.id.as_str());
    let mut tree = tree_of(work, case)?;
    let comments = comments_of(work, case)?;
    tree["comments"] = comments.iter().map(|comment| json!({"type": "case-comment", "id": comment.id})).collect();
    Ok(resource_of(&tree))
}

/// An answer about one case, with what it includes; `usually`, before 2025-10-27 when the request does not say.
pub fn answer(context: &Context, work: &mut UnitOfWork, case: &Case, usually: &[&str], status: u16) -> Verb<Answer> {
    let resource = resource(work, case)?;
    let document = included::document(context, work, resource, usually)?;
    Ok(Answer { status, document, version: Some(case.version) })
}
