//! `GET /cases/{case-id}/statuses`

use docket_cases::{Case, NextStatus, next_statuses};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::query::Links;
use crate::schema::{self, maybe, said, text, truth, word};

/// Lists the statuses of a case's template, and which of them are allowed next.
pub struct CaseStatuses;

impl Operation for CaseStatuses {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-statuses-of-a-case",
        "GET",
        "/cases/{case-id}/statuses",
        Permission::CaseRead,
        "Lists the statuses of a case's template, with the ones the case can have next and why the others are not \
         allowed.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let attributes = vec![
            ("name", text()),
            ("type", word(&["initial", "intermediate", "end"])),
            ("color", maybe(text())),
            ("require-comment", truth()),
            ("current", said(truth(), "Whether this is the case's status.")),
            ("allowed", said(truth(), "Whether the case can change to it.")),
            ("reason", said(maybe(text()), "Why the case can't change to it.")),
        ];
        OperationDoc::whole(schema::resource("case-status", attributes, Vec::new())).kept()
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let case = work.existing::<Case>("case", context.part("case-id"))?;
        let resources = next_statuses(work, &case)?.iter().map(resource).collect();
        let document = Document::many(resources, Links::default());
        Ok(Answer { status: 200, document, version: Some(case.version) })
    }
}

fn resource(next: &NextStatus) -> Resource {
    let status = &next.status;
    let mut resource = Resource::new("case-status", status.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("name", status.name.as_str());
    attributes.set("type", status.r#type.as_str());
    attributes.set("color", status.color.clone());
    attributes.set("require-comment", status.require_comment);
    attributes.set("current", next.is_current);
    attributes.set("allowed", next.refusal.is_none() && !next.is_current);
    attributes.set("reason", next.refusal.as_ref().map(|refusal| refusal.sentence.clone()));
    resource
}
