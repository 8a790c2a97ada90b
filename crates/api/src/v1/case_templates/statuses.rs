//! `GET /case-templates/{case-template-id}/statuses`

use docket_cases::{CaseStatus, CaseTemplate, StatusType, Statuses as Known};
use docket_kernel::{CaseTemplateId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::query::Links;
use crate::schema::{self, list, maybe, text, truth, word};

/// Shows the statuses of a case template, in their order.
pub struct Statuses;

impl Operation for Statuses {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-statuses-of-a-case-template",
        "GET",
        "/case-templates/{case-template-id}/statuses",
        Permission::CaseTemplateRead,
        "Lists the statuses of a case template, in order.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<CaseTemplate>(work, "case template", context.part("case-template-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let words: Vec<&str> = StatusType::ALL.iter().map(|kind| kind.as_str()).collect();
        let attributes = vec![
            ("slug", text()),
            ("name", text()),
            ("type", word(&words)),
            ("color", maybe(text())),
            ("require-comment", truth()),
            ("comment-binds-keys", truth()),
            ("comment-binds-workflows", truth()),
            ("allowed-next", maybe(list(text()))),
            ("former-names", list(text())),
        ];
        OperationDoc::whole(schema::resource("case-status", attributes, Vec::new()))
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
    attributes.set("slug", status.slug.as_str());
    attributes.set("name", status.name.as_str());
    attributes.set("type", status.r#type.as_str());
    attributes.set("color", status.color.clone());
    attributes.set("require-comment", status.require_comment);
    attributes.set("comment-binds-keys", status.comment_binds_keys);
    attributes.set("comment-binds-workflows", status.comment_binds_workflows);
    let next = status.allowed_next.as_ref().map(|next| next.iter().map(ToString::to_string).collect::<Vec<_>>());
    attributes.set("allowed-next", next);
    attributes.set("former-names", (*status.former_names).clone());
    resource
}
