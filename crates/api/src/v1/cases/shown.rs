//! Cases as these operations show them.

use docket_cases::{Case, CaseTemplate, comments_of, objects_of, tree_of};
use docket_kernel::{UnitOfWork, Verb};
use docket_objects::{Object, tree};
use serde_json::json;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::operation::Context;
use crate::v1::case_templates::shown::resource as template_resource;
use crate::views::resource_of;

/// Which related objects an answer includes when the request does not say, before 2025-10-27.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// None: the action endpoints.
    Nothing,
    /// Accounts, inquiries, reports: on create and update.
    Some,
    /// Verifications too: on retrieve.
    All,
}

/// What `include` can name.
pub const RELATED: &[&str] = &["accounts", "inquiries", "reports", "verifications", "txns", "case-template"];

/// A case as the API shows it.
pub fn resource(work: &mut UnitOfWork, case: &Case) -> Verb<Resource> {
    let comments = comments_of(work, case)?;
    let mut tree = tree_of(work, case)?;
    tree["comments"] = comments.iter().map(|comment| json!({"type": "case-comment", "id": comment.id})).collect();
    Ok(resource_of(&tree))
}

/// An answer about one case, with what it includes.
pub fn answer(context: &Context, work: &mut UnitOfWork, case: &Case, usual: Usual, status: u16) -> Verb<Answer> {
    let mut document = Document::one(resource(work, case)?);
    let included = included(context, work, case, usual)?;
    if included.is_some() || context.style.version.includes_by_default() && usual != Usual::Nothing {
        document = document.including(context.readable(included.unwrap_or_default()));
    }
    Ok(Answer { status, document, version: Some(case.version) })
}

fn included(context: &Context, work: &mut UnitOfWork, case: &Case, usual: Usual) -> Verb<Option<Vec<Resource>>> {
    let older = context.style.version.includes_by_default();
    if context.query.include.is_none() && (!older || usual == Usual::Nothing) {
        return Ok(None);
    }
    let mut resources = Vec::new();
    if context.includes("case-template", false)
        && let Some(template) = work.get::<CaseTemplate>(case.template_id.as_str())?
    {
        resources.push(template_resource(work, &template)?);
    }
    for held in objects_of(work, case)? {
        let usually = older && usual != Usual::Nothing;
        let wanted = match held.kind.split('/').next().unwrap_or_default() {
            "account" => context.includes("accounts", usually),
            "inquiry" => context.includes("inquiries", usually),
            "report" => context.includes("reports", usually),
            "verification" => context.includes("verifications", usually && usual == Usual::All),
            "transaction" => context.includes("txns", false),
            _ => false,
        };
        if wanted && let Some(object) = work.get::<Object>(&held.object_id)? {
            resources.push(resource_of(&tree(&object)));
        }
    }
    Ok(Some(resources))
}
