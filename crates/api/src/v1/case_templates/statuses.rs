//! `GET /case-templates/{case-template-id}/statuses`

use docket_cases::{CaseStatus, CaseTemplate, Statuses as Known};
use docket_kernel::{CaseTemplateId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::operation::{About, Context, Operation, target_of};
use crate::query::Links;

/// Shows the statuses of a case template, in their order.
pub struct Statuses;

impl Operation for Statuses {
    const ABOUT: About = About::ours(
        "list-statuses-of-a-case-template",
        "GET",
        "/case-templates/{case-template-id}/statuses",
        Permission::CaseTemplateRead,
        "Shows the statuses of a case template, in their order.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<CaseTemplate>(work, "case template", context.part("case-template-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let statuses = Known::of(work, &CaseTemplateId::of(context.part("case-template-id")))?;
        let resources = statuses.list().iter().map(|status| resource(status)).collect();
        Ok(Answer::plain(Document::many(resources, Links::default())))
    }
}

fn resource(status: &CaseStatus) -> Resource {
    let mut resource = Resource::new("case-status", status.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("name", status.name.as_str());
    attributes.set("type", status.r#type.as_str());
    attributes.set("color", status.color.clone());
    attributes.set("require-comment", status.require_comment);
    let next = status.allowed_next.as_ref().map(|next| next.iter().map(ToString::to_string).collect::<Vec<_>>());
    attributes.set("allowed-next", next);
    attributes.set("former-names", (*status.former_names).clone());
    resource
}
