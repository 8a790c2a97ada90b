//! `GET /cases/{case-id}`

use docket_cases::Case;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{ON_RETRIEVE, RELATED, answer};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::shapes::case::CaseView;

/// Shows a case.
pub struct RetrieveCase;

impl Operation for RetrieveCase {
    const ABOUT: OperationInfo =
        OperationInfo::contract("retrieve-case", "GET", "/cases/{case-id}", Permission::CaseRead, "Retrieves a case.");
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
        let case = work.existing::<Case>("case", context.part("case-id"))?;
        answer(context, work, &case, ON_RETRIEVE, 200)
    }
}
