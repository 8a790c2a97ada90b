//! `GET /inquiries/{inquiry-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{RELATED, answer, inquiry};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::shapes::inquiry::InquiryView;
use crate::v1::reported::with_source;

/// Shows an inquiry.
pub struct RetrieveInquiry;

impl Operation for RetrieveInquiry {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-an-inquiry",
        "GET",
        "/inquiries/{inquiry-id}",
        Permission::InquiryRead,
        "Retrieves an inquiry.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        Ok(Some(inquiry(context, work)?.version))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(with_source(InquiryView::schema())).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let inquiry = inquiry(context, work)?;
        answer(context, work, &inquiry, 200)
    }
}
