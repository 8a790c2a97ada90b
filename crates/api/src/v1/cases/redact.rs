//! `DELETE /cases/{case-id}`

use docket_cases::{Case, redact_case};
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::shapes::case::CaseView;

/// Redacts a case.
pub struct RedactCase;

impl Operation for RedactCase {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "redact-a-case",
        "DELETE",
        "/cases/{case-id}",
        Permission::CaseWrite,
        "Permanently deletes the fields, tags, files and comments of a case. The objects in the case are not changed: \
         redact them individually. This can't be undone.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(CaseView::schema()).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let case = redact_case(work, &context.actor, &CaseId::of(context.part("case-id")))?;
        answer(context, work, &case, &[], 200)
    }
}
