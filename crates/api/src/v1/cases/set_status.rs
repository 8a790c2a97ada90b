//! `POST /cases/{case-id}/set-status`

use docket_cases::{Case, update_status};
use docket_events::COMMENT_CHARACTERS_MAX;
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb, is_blank};
use serde_json::{Value, json};

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, at_most, said};
use crate::shapes::case::CaseView;

/// Sets the status of a case.
pub struct SetStatus;

/// The status, and the comment.
pub struct Input {
    status: String,
    comment: Option<String>,
}

impl Operation for SetStatus {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "set-status-for-a-case",
        "POST",
        "/cases/{case-id}/set-status",
        Permission::CaseWrite,
        "Sets the status of a case.",
    );
    type Input = Input;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(context: &Context, body: &Value) -> Result<Input, Refusal> {
        let body = BodyMembers::of(body);
        let older = context.style.version.accepts_status_in_attributes();
        let status = match body.text("/meta/status")? {
            None if older => body.text("/data/attributes/status")?,
            status => status,
        };
        match status {
            Some(status) if !is_blank(status) => {
                Ok(Input { status: status.to_owned(), comment: body.text("/meta/comment")?.map(str::to_owned) })
            }
            _ => Err(malformed("/meta/status", "meta.status is missing")),
        }
    }

    fn doc() -> OperationDoc {
        let body = Body::of_object()
            .must_meta(
                "status",
                said(
                    json!({"type": "string", "pattern": "\\S"}),
                    "The name of a status of the case's template; upper and lower case are the same.",
                ),
            )
            .may_meta("comment", at_most(COMMENT_CHARACTERS_MAX));
        OperationDoc::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, input: &Input) -> Verb<Answer> {
        let id = CaseId::of(context.part("case-id"));
        let change = update_status(work, &context.actor, &id, &input.status, input.comment.as_deref())?;
        answer(context, work, &change.case, &[], 200)
    }
}
