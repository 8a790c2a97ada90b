//! `GET /inquiries/{inquiry-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{RELATED, answer, inquiry};
use crate::answer::Answer;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation};
use crate::shapes::inquiry::InquiryView;
use crate::v1::reported::with_source;

/// Shows an inquiry.
pub struct RetrieveInquiry;

impl Operation for RetrieveInquiry {
    const ABOUT: About = About::contract(
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

    fn told() -> Told {
        Told::one(with_source(InquiryView::schema())).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let inquiry = inquiry(context, work)?;
        answer(context, work, &inquiry, 200)
    }
}
