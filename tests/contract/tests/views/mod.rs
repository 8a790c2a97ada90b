//! A full and a sparse view of every noun.

use docket_api::document::{Ref, Resource};
use docket_api::shapes::account::AccountView;
use docket_api::shapes::account_type::AccountTypeView;
use docket_api::shapes::case::{Actor, Attachment, CaseView};
use docket_api::shapes::case_comment::CaseCommentView;
use docket_api::shapes::case_template::CaseTemplateView;
use docket_api::shapes::event::EventView;
use docket_api::shapes::field_schema::FieldSchemaView;
use docket_api::shapes::inquiry::InquiryView;
use docket_api::shapes::inquiry_template::InquiryTemplateView;
use docket_api::shapes::user::UserView;
use docket_api::shapes::workflow::WorkflowView;
use docket_api::shapes::workflow_run::WorkflowRunView;
use docket_api::shapes::workflow_version::{InputView, WorkflowVersionView};
use serde_json::{Map, Value, json};

const AT: i64 = 1_767_323_045_678_000;

/// Every noun, the full view before the sparse one.
pub fn all() -> Vec<Resource> {
    vec![
        full_case().into_resource(),
        CaseView { id: id("case_2"), case_template_id: id("ctmpl_1"), ..CaseView::default() }.into_resource(),
        full_case_comment().into_resource(),
        CaseCommentView { id: id("cscm_2"), ..CaseCommentView::default() }.into_resource(),
        full_case_template().into_resource(),
        CaseTemplateView { id: id("ctmpl_2"), ..CaseTemplateView::default() }.into_resource(),
        full_account().into_resource(),
        AccountView { id: id("act_2"), account_type_id: id("acttp_1"), ..AccountView::default() }.into_resource(),
        full_account_type().into_resource(),
        AccountTypeView { id: id("acttp_2"), ..AccountTypeView::default() }.into_resource(),
        full_inquiry().into_resource(),
        InquiryView { id: id("inq_2"), ..InquiryView::default() }.into_resource(),
        full_inquiry_template().into_resource(),
        InquiryTemplateView { id: id("itmpl_2"), ..InquiryTemplateView::default() }.into_resource(),
        full_workflow().into_resource(),
        WorkflowView { id: id("wfl_2"), ..WorkflowView::default() }.into_resource(),
        full_version().into_resource(),
        WorkflowVersionView { id: id("wfv_2"), ..WorkflowVersionView::default() }.into_resource(),
        full_run().into_resource(),
        WorkflowRunView { id: id("wfr_2"), ..WorkflowRunView::default() }.into_resource(),
        run_by_an_api_key().into_resource(),
        event("evt_1", full_case().into_resource()).into_resource(),
        event("evt_2", full_run().into_resource()).into_resource(),
        event("evt_3", full_account().into_resource()).into_resource(),
        sparse_event().into_resource(),
        user("user_1", "jo@docket.example").into_resource(),
        user("user_2", "").into_resource(),
    ]
}

fn id(text: &str) -> String {
    text.to_owned()
}

fn map(mut value: Value) -> Map<String, Value> {
    value.as_object_mut().map(std::mem::take).expect("an object")
}

fn actor(id: &str, kind: &str) -> Actor {
    Actor { id: id.to_owned(), kind: kind.to_owned() }
}

fn full_case() -> CaseView {
    CaseView {
        id: id("case_1"),
        status: id("Escalated to legal"),
        name: id("KYC-11"),
        resolution: Some(id("Approved")),
        created_at: AT,
        updated_at: Some(AT),
        assigned_at: Some(AT),
        resolved_at: Some(AT),
        redacted_at: Some(AT),
        sla_expires_at: Some(AT),
        creator: Some(actor("wfr_1", "workflow-run")),
        assignee_id: Some(id("jo@docket.example")),
        assigner: Some(actor("cap_1", "case-assignment-policy")),
        resolver: Some(actor("jo@docket.example", "user")),
        updater: Some(actor("jo@docket.example", "user")),
        tags: vec![id("vip")],
        fields: map(json!({"amount": 12.5, "riskScore": 3, "pep_hit": false, "since": null})),
        attachments: vec![Attachment { filename: id("id.png"), url: id("https://docket.example/f"), byte_size: 7 }],
        case_template_id: id("ctmpl_1"),
        case_queue_id: Some(id("cqueue_1")),
        case_comment_ids: vec![id("cscm_1")],
        account_ids: vec![id("act_1")],
        inquiry_ids: vec![id("inq_1"), id("inq_2")],
        reports: vec![Ref::new("report/watchlist", "rep_1")],
        verifications: vec![Ref::new("verification/selfie", "ver_1")],
        transaction_ids: vec![id("txn_1")],
    }
}

fn field_schemas() -> Vec<FieldSchemaView> {
    ["string", "integer", "number", "boolean", "date", "datetime", "choices"]
        .into_iter()
        .map(|kind| FieldSchemaView {
            key: format!("a_{kind}"),
            kind: kind.to_owned(),
            label: Some(id("A field")),
            is_required: kind == "string",
            options: vec![id("low"), id("high")],
            archived_at: (kind == "number").then_some(AT),
            ..FieldSchemaView::default()
        })
        .collect()
}

fn full_case_comment() -> CaseCommentView {
    CaseCommentView {
        id: id("cscm_1"),
        message: id("Looked at."),
        created_at: AT,
        updated_at: AT,
        commenter: Some(actor("jo@docket.example", "user")),
    }
}

fn full_case_template() -> CaseTemplateView {
    CaseTemplateView {
        id: id("ctmpl_1"),
        status: id("active"),
        name: id("Onboarding"),
        resolutions: vec![id("Approved")],
        created_at: AT,
        updated_at: Some(AT),
        archived_at: Some(AT),
        field_schemas: field_schemas(),
    }
}

fn full_account() -> AccountView {
    AccountView {
        id: id("act_1"),
        reference_id: Some(id("customer-7")),
        account_type_name: id("User"),
        created_at: AT,
        updated_at: AT,
        redacted_at: Some(AT),
        fields: map(json!({
            "name": {"first": "Jo", "middle": null, "last": "Day"},
            "address": {"street_1": "1 High Street", "city": "Oldtown", "country_code": "NZ"},
            "birthdate": {"type": "date", "value": "1994-04-12"},
            "phone_number": "+64 1 234",
            "email_address": "jo@customer.example",
            "identification_numbers": [
                {"identification_class": "pp", "identification_number": "X1", "issuing_country": "NZ"},
            ],
            "selfie_photo": {"type": "file", "value": {
                "filename": "jo.png", "url": "https://docket.example/f", "byte-size": 7,
            }},
            "favouriteColour": "blue",
        })),
        tags: vec![id("vip")],
        account_status: id("Default"),
        account_type_id: id("acttp_1"),
    }
}

fn full_account_type() -> AccountTypeView {
    AccountTypeView {
        id: id("acttp_1"),
        name: id("User"),
        created_at: AT,
        updated_at: Some(AT),
        field_schemas: field_schemas(),
    }
}

fn full_inquiry() -> InquiryView {
    InquiryView {
        reviewer_shown: Some("ada@lantern.example".into()),
        id: id("inq_1"),
        status: id("needs_review"),
        reference_id: Some(id("customer-7")),
        note: Some(id("met in person")),
        behaviors: Some(map(json!({"request-spoof-attempts": 0}))),
        tags: vec![id("vip")],
        creator: id("API"),
        reviewer_comment: Some(id("fine")),
        created_at: AT,
        updated_at: AT,
        started_at: Some(AT),
        expires_at: Some(AT),
        completed_at: Some(AT),
        failed_at: Some(AT),
        marked_for_review_at: Some(AT),
        decisioned_at: Some(AT),
        expired_at: Some(AT),
        redacted_at: Some(AT),
        previous_step_name: Some(id("start")),
        next_step_name: Some(id("success")),
        fields: map(json!({"name-first": "Jo", "birthdate": {"type": "date", "value": "1994-04-12"}, "plan": "gold"})),
        account_id: Some(id("act_1")),
        template_id: Some(id("tmpl_1")),
        inquiry_template_id: Some(id("itmpl_1")),
        inquiry_template_version_id: Some(id("itmplv_1")),
        transaction_id: Some(id("txn_1")),
        reviewer: Some(Ref::new("user", "user_1")),
        reports: vec![Ref::new("report/watchlist", "rep_1")],
        verifications: vec![Ref::new("verification/selfie", "ver_1")],
        session_ids: vec![id("iqse_1")],
        documents: vec![Ref::new("document/government-id", "doc_1")],
        selfies: vec![Ref::new("selfie/profile", "self_1")],
    }
}

fn full_inquiry_template() -> InquiryTemplateView {
    InquiryTemplateView {
        id: id("itmpl_1"),
        status: id("active"),
        name: id("Know your customer"),
        latest_published_version_id: Some(id("itmplv_1")),
    }
}

fn full_workflow() -> WorkflowView {
    WorkflowView {
        id: id("wfl_1"),
        status: id("running"),
        name: id("Onboarding"),
        created_at: AT,
        latest_published_version_id: Some(id("wfv_1")),
        active_deployment_id: Some(id("wfd_1")),
    }
}

fn full_version() -> WorkflowVersionView {
    WorkflowVersionView {
        id: id("wfv_1"),
        workflow_name: Some(id("Onboarding")),
        description: Some(id("asks legal")),
        status: id("published"),
        trigger_type: Some(id("trigger-api")),
        is_live: true,
        rollout_label: Some(id("treatment")),
        rollout_percentage: Some(100),
        last_updater: Some(id("jo@docket.example")),
        inputs: vec![InputView { name: id("account_id"), kind: Some(id("string")), is_required: true }],
        outputs: vec![id("risk_score")],
        created_at: AT,
        updated_at: AT,
        published_at: Some(AT),
        workflow_id: id("wfl_1"),
    }
}

fn full_run() -> WorkflowRunView {
    WorkflowRunView {
        id: id("wfr_1"),
        status: id("completed"),
        created_at: AT,
        completed_at: Some(AT),
        creator: Some(Ref::new("event", "evt_1")),
        workflow_id: id("wfl_1"),
        workflow_version_id: id("wfv_1"),
        processing_time_seconds: Some(0.25),
    }
}

fn run_by_an_api_key() -> WorkflowRunView {
    WorkflowRunView { id: id("wfr_3"), creator: Some(Ref::new("api-key", "key_1")), ..full_run() }
}

fn event(id: &str, object: Resource) -> EventView {
    let context = json!({
        "actor": {"type": "workflow-run", "id": "wfr_1"}, "cause-event-id": "evt_0",
        "from": {"status": "Open"}, "to": {"status": "Escalated to legal"},
    });
    EventView {
        included: None,
        id: id.to_owned(),
        name: "case.status-updated".to_owned(),
        object,
        created_at: AT,
        context: map(context),
    }
}

fn sparse_event() -> EventView {
    EventView {
        included: None,
        id: id("evt_4"),
        name: id("inquiry.started"),
        object: Resource::new("inquiry", "inq_3"),
        created_at: 0,
        context: Map::new(),
    }
}

fn user(id: &str, email_address: &str) -> UserView {
    UserView { id: id.to_owned(), email_address: email_address.to_owned(), ..UserView::default() }
}
