//! `DELETE /inquiries/{inquiry-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::redact_inquiry;
use serde_json::Value;

use super::shown::{RELATED, answer, inquiry};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::shapes::inquiry::InquiryView;

/// Redacts an inquiry.
pub struct RedactInquiry;

impl Operation for RedactInquiry {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "redact-an-inquiry",
        "DELETE",
        "/inquiries/{inquiry-id}",
        Permission::InquiryWrite,
        "Permanently deletes the personal information of an inquiry, and of its verifications, reports, documents and \
         selfies. This can't be undone.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        Ok(Some(inquiry(context, work)?.version))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(InquiryView::schema()).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let inquiry = redact_inquiry(work, &context.actor, context.part("inquiry-id"))?;
        answer(context, work, &inquiry, 200)
    }
}
