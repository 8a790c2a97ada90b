//! `POST /inquiries`

use docket_kernel::{EMAIL_CHARACTERS_MAX, Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{
    InquiryRequest, NoAccount, REFERENCE_CHARACTERS_MAX, TAG_CHARACTERS_MAX, TAGS_MAX, create_inquiry,
};
use serde_json::{Value, json};

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::body::{BodyMembers, dotted};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, not_together};
use crate::schema::{Body, at_most, list_within, maybe_texts, short, text, theirs, truth};
use crate::shapes::inquiry::InquiryView;

/// The attributes that can name an inquiry's template; one of them is required.
const TEMPLATES: [&str; 3] = ["inquiry-template-id", "template-id", "inquiry-template-version-id"];

/// Creates an inquiry.
pub struct CreateInquiry;

impl Operation for CreateInquiry {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "create-an-inquiry",
        "POST",
        "/inquiries",
        Permission::InquiryWrite,
        "Creates an inquiry.",
    )
    .creating();
    type Input = InquiryRequest;

    fn shape(_: &Context, body: &Value) -> Result<InquiryRequest, Refusal> {
        let body = BodyMembers::of(body);
        let text = |name: &str| body.text(&format!("/data/attributes/{name}")).map(|text| text.map(str::to_owned));
        let reference = body.text("/meta/auto-create-account-reference-id")?.map(str::to_owned);
        let makes_account = body.boolean("/meta/auto-create-account")?.unwrap_or(true);
        let account_type = body.text("/meta/auto-create-account-type-id")?.map(str::to_owned);
        for (name, text) in [("reference-id", &reference), ("type-id", &account_type)] {
            if !makes_account && text.is_some() {
                let at = format!("/meta/auto-create-account-{name}");
                let sentence = format!(
                    "{} is for a new account, but meta.auto_create_account is false; leave one of them out",
                    dotted(&at)
                );
                return Err(not_together(&at, sentence));
            }
        }
        if TEMPLATES.iter().all(|name| body.get(&format!("/data/attributes/{name}")).is_none_or(|id| id == "")) {
            let sentence = "data.attributes.inquiry_template_id is missing; send it, template_id or \
                inquiry_template_version_id";
            return Err(malformed("/data/attributes/inquiry-template-id", sentence));
        }
        Ok(InquiryRequest {
            inquiry_template_id: text("inquiry-template-id")?,
            template_id: text("template-id")?,
            inquiry_template_version_id: text("inquiry-template-version-id")?,
            creator_email: text("creator-email-address")?,
            account_id: text("account-id")?,
            reference_id: text("reference-id")?.or(reference),
            account_type_id: account_type,
            account: if makes_account { NoAccount::IsMade } else { NoAccount::Stays },
            note: text("note")?,
            fields: body.object("/data/attributes/fields")?.cloned().unwrap_or_default(),
            tags: body.texts("/data/attributes/tags")?.unwrap_or_default(),
        })
    }

    fn doc() -> OperationDoc {
        let mut body = Body::new();
        for name in TEMPLATES.iter().chain(&["account-id", "note"]) {
            body = body.may(name, text());
        }
        let body = body
            .may("reference-id", short(REFERENCE_CHARACTERS_MAX))
            .may("creator-email-address", at_most(EMAIL_CHARACTERS_MAX))
            .may("fields", theirs())
            .may("tags", list_within(short(TAG_CHARACTERS_MAX), TAGS_MAX))
            .may_meta("auto-create-account", truth())
            .may_meta("auto-create-account-reference-id", short(REFERENCE_CHARACTERS_MAX))
            .may_meta("auto-create-account-type-id", text())
            .must_one_of(&TEMPLATES, json!({"type": "string", "minLength": 1}));
        let meta = maybe_texts(&["session-token", "one-time-link", "one-time-link-short"]);
        OperationDoc::one(InquiryView::schema()).taking(body).including(RELATED).with_meta(meta)
    }

    fn run(context: &Context, work: &mut UnitOfWork, request: &InquiryRequest) -> Verb<Answer> {
        let inquiry = create_inquiry(work, &context.actor, request)?;
        answer(context, work, &inquiry, 201)
    }
}
