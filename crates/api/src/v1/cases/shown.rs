//! Cases as these operations show them.

use docket_access::CaseFields;
use docket_cases::store::COMMENTS_OF_CASE;
use docket_cases::{Case, CaseTemplate, comments_of, tree_of};
use docket_kernel::{UnitOfWork, Verb};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Linkage, Member, Resource};
use crate::operation::Context;
use crate::shapes::typed;
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
pub fn resource(context: &Context, work: &mut UnitOfWork, case: &Case) -> Verb<Resource> {
    work.hint_ask(&COMMENTS_OF_CASE, case.id.as_str());
    let mut tree = tree_of(work, case)?;
    let comments = comments_of(work, case)?;
    tree["comments"] = comments.iter().map(|comment| json!({"type": "case-comment", "id": comment.id})).collect();
    let mut resource = resource_of(&tree);
    fit_fields(context, work, &mut resource)?;
    Ok(resource)
}

/// Shows each field of a case beside the type its template declares, where the caller's key asks for that.
pub fn fit_fields(context: &Context, work: &mut UnitOfWork, resource: &mut Resource) -> Verb<()> {
    if context.caller.case_fields == CaseFields::Plain || resource.kind != "case" {
        return Ok(());
    }
    let template = match resource.relationships.as_ref().and_then(|to| to.get("case-template")) {
        Some(Linkage::One(Some(template))) => work.get::<CaseTemplate>(&template.id)?,
        _ => None,
    };
    let declared = |key: &str| {
        let field = template.as_ref()?.fields.iter().find(|field| field.key == key)?;
        Some(field.r#type.as_str())
    };
    for (name, member) in &mut resource.attributes.0 {
        if let (Member::Fields(Value::Object(fields)), "fields") = (member, name.as_ref()) {
            let typed = |(key, value): (String, Value)| match declared(&key) {
                Some(kind) => (key, json!({"type": kind, "value": value})),
                None => (key, typed::field(value)),
            };
            *fields = std::mem::take(fields).into_iter().map(typed).collect();
        }
    }
    Ok(())
}

/// An answer about one case, with what it includes; `usually`, before 2025-10-27 when the request does not say.
pub fn answer(context: &Context, work: &mut UnitOfWork, case: &Case, usually: &[&str], status: u16) -> Verb<Answer> {
    let resource = resource(context, work, case)?;
    let document = included::document(context, work, resource, usually)?;
    Ok(Answer { status, document, version: Some(case.version) })
}
