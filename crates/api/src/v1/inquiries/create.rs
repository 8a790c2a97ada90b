//! `POST /inquiries`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{InquiryRequest, create_inquiry};
use serde_json::Value;

use super::shown::answer;
use crate::answer::Answer;
use crate::body::Members;
use crate::operation::{About, Context, Operation};

/// Makes an inquiry.
pub struct CreateInquiry;

impl Operation for CreateInquiry {
    const ABOUT: About =
        About::contract("create-an-inquiry", "POST", "/inquiries", Permission::InquiryWrite, "Makes an inquiry.")
            .creating();
    type Input = InquiryRequest;

    fn shape(_: &Context, body: &Value) -> Result<InquiryRequest, Refusal> {
        let body = Members::of(body);
        let text = |name: &str| body.text(&format!("/data/attributes/{name}")).map(|text| text.map(str::to_owned));
        Ok(InquiryRequest {
            inquiry_template_id: match text("inquiry-template-id")? {
                None => text("template-id")?,
                id => id,
            },
            account_id: text("account-id")?,
            reference_id: text("reference-id")?
                .or(body.text("/meta/auto-create-account-reference-id")?.map(str::to_owned)),
            note: text("note")?,
            fields: body.object("/data/attributes/fields")?.cloned().unwrap_or_default(),
            tags: body.texts("/data/attributes/tags")?.unwrap_or_default(),
        })
    }

    fn run(context: &Context, work: &mut UnitOfWork, request: &InquiryRequest) -> Verb<Answer> {
        let inquiry = create_inquiry(work, &context.actor, request)?;
        answer(context, work, &inquiry, 201)
    }
}
