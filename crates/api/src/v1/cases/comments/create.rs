//! `POST /cases/{case-id}/comments`

use docket_cases::{Case, add_comment};
use docket_events::COMMENT_CHARACTERS_MAX;
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{resource, schema};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::{Body, short};

/// A comment never changes.
const COMMENT_VERSION: i64 = 1;

/// Adds a comment to a case.
pub struct CreateComment;

impl Operation for CreateComment {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "create-a-comment-on-a-case",
        "POST",
        "/cases/{case-id}/comments",
        Permission::CaseWrite,
        "Adds a comment to a case.",
    )
    .creating();
    type Input = String;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/attributes/body"])?;
        Ok(body.required_text("/data/attributes/body")?.to_owned())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema()).taking(Body::new().must("body", short(COMMENT_CHARACTERS_MAX)))
    }

    fn run(context: &Context, work: &mut UnitOfWork, body: &String) -> Verb<Answer> {
        let comment = add_comment(work, &context.actor, &CaseId::of(context.part("case-id")), body)?;
        Ok(Answer::created(Document::one(resource(&comment)), COMMENT_VERSION))
    }
}
