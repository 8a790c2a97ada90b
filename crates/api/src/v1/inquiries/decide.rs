//! `POST /inquiries/{inquiry-id}/approve`, `/decline`, `/mark-for-review`

use docket_events::COMMENT_CHARACTERS_MAX;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{Decision, decide_inquiry};
use serde_json::Value;

use super::shown::{RELATED, answer, inquiry};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, at_most};
use crate::shapes::inquiry::InquiryView;

macro_rules! decisions {
    ($($(#[$meta:meta])* $name:ident, $id:literal, $path:literal, $decision:ident, $summary:literal);* $(;)?) => {$(
        $(#[$meta])*
        pub struct $name;

        impl Operation for $name {
            const ABOUT: OperationInfo = OperationInfo::contract($id, "POST", $path, Permission::InquiryWrite, $summary);
            type Input = Option<String>;

            fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
                Ok(Some(inquiry(context, work)?.version))
            }

            fn shape(_: &Context, body: &Value) -> Result<Option<String>, Refusal> {
                Ok(BodyMembers::of(body).text("/meta/comment")?.map(str::to_owned))
            }

            fn doc() -> OperationDoc {
                let body = Body::of_object().may_meta("comment", at_most(COMMENT_CHARACTERS_MAX));
                OperationDoc::one(InquiryView::schema()).taking(body).including(RELATED)
            }

            fn run(context: &Context, work: &mut UnitOfWork, comment: &Option<String>) -> Verb<Answer> {
                let id = context.part("inquiry-id");
                let inquiry = decide_inquiry(work, &context.actor, id, Decision::$decision, comment.as_deref())?;
                answer(context, work, &inquiry, 200)
            }
        }
    )*};
}

decisions! {
    /// Approves an inquiry.
    Approve, "approve-an-inquiry", "/inquiries/{inquiry-id}/approve", Approve, "Approves an inquiry.";
    /// Declines an inquiry.
    Decline, "decline-an-inquiry", "/inquiries/{inquiry-id}/decline", Decline, "Declines an inquiry.";
    /// Marks an inquiry for review.
    MarkForReview, "mark-an-inquiry-for-review", "/inquiries/{inquiry-id}/mark-for-review", MarkForReview,
        "Marks an inquiry for review.";
}
