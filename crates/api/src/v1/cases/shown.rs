//! Cases in the form of these operations.

use docket_access::CaseFields;
use docket_cases::store::{COMMENTS_OF_CASE, OBJECTS_OF_CASE};
use docket_cases::{Case, CaseComment, CaseObject, CaseTemplate, Statuses, comments_of, objects_of};
use docket_kernel::{Moment, Stored, UnitOfWork, Verb};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Linkage, Member, Ref, Resource};
use crate::operation::Context;
use crate::shapes::case::{Actor, Attachment, CaseView, attachment_url};
use crate::shapes::typed;
use crate::v1::included;

/// What a created case includes before 2025-10-27.
pub const ON_CREATE: &[&str] = &["accounts", "inquiries", "reports"];

/// What an updated case includes before 2025-10-27.
pub const ON_UPDATE: &[&str] = &["accounts", "inquiries", "reports", "case-comments"];

/// What a retrieved case includes before 2025-10-27.
pub const ON_RETRIEVE: &[&str] = &["accounts", "inquiries", "reports", "verifications", "case-comments"];

/// The relationships that `include` can name.
pub const RELATED: &[&str] =
    &["accounts", "inquiries", "reports", "verifications", "txns", "case-template", "case-comments"];

/// A case in the form of the API. [`crate::views`] renders the case stored in an event; both forms are the same.
pub fn resource(context: &Context, work: &mut UnitOfWork, case: &Case) -> Verb<Resource> {
    let id = case.id.as_str();
    work.hint_ask(&COMMENTS_OF_CASE, id);
    work.hint_ask(&OBJECTS_OF_CASE, id);
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, case)?;
    let comments = comments_of(work, case)?;
    let mut resource = view(&context.base, case, statuses.name(&case.status_id), &objects, &comments).into_resource();
    fit_fields(context, work, &mut resource)?;
    Ok(resource)
}

/// Adds the type that the template declares to each field of a case, if the caller's key requests that.
pub fn fit_fields(context: &Context, work: &mut UnitOfWork, resource: &mut Resource) -> Verb<()> {
    if context.caller.case_fields == CaseFields::Plain || resource.kind != "case" {
        return Ok(());
    }
    let template = match resource.relationships.as_ref().and_then(|to| to.get("case-template")) {
        Some(Linkage::One(Some(template))) => work.get::<CaseTemplate>(&template.id)?,
        _ => None,
    };
    let declared = |key: &str| {
        let field = template.as_ref()?.fields.iter().find(|field| field.key == key)?;
        Some(field.r#type.as_str())
    };
    for (name, member) in &mut resource.attributes.0 {
        if let (Member::Fields(Value::Object(fields)), "fields") = (member, name.as_ref()) {
            let typed = |(key, value): (String, Value)| match declared(&key) {
                Some(kind) => (key, json!({"type": kind, "value": value})),
                None => (key, typed::field(value)),
            };
            *fields = std::mem::take(fields).into_iter().map(typed).collect();
        }
    }
    Ok(())
}

fn view(
    base: &str,
    case: &Case,
    status: &str,
    objects: &[Stored<CaseObject>],
    comments: &[Stored<CaseComment>],
) -> CaseView {
    let is_of = |object: &CaseObject, noun: &str| object.kind.split('/').next() == Some(noun);
    let ids = |noun: &str| {
        objects.iter().filter(|object| is_of(object, noun)).map(|object| object.shown_id().to_owned()).collect()
    };
    let refs = |noun: &str| {
        let of_noun = objects.iter().filter(|object| is_of(object, noun));
        of_noun.map(|object| Ref::new(object.kind.clone(), object.shown_id())).collect()
    };
    let actor = |id: &Option<String>, kind: &Option<String>| Some(Actor { id: id.clone()?, kind: kind.clone()? });
    let micros = |at: Option<Moment>| at.map(|at| at.0);
    let id = case.id.as_str();
    let attachment = |file: &docket_cases::Attachment| Attachment {
        filename: file.filename.clone(),
        url: attachment_url(base, id, &file.id),
        byte_size: file.byte_size,
    };
    CaseView {
        id: id.to_owned(),
        status: status.to_owned(),
        name: case.name.clone(),
        resolution: case.resolution.clone(),
        created_at: case.created_at.0,
        // The same as in the tree of a case: a new case was last updated when it was created.
        updated_at: Some(case.updated_at.unwrap_or(case.created_at).0),
        assigned_at: micros(case.assigned_at),
        resolved_at: micros(case.resolved_at),
        redacted_at: micros(case.redacted_at),
        sla_expires_at: micros(case.sla_expires_at),
        creator: actor(&case.creator_id, &case.creator_type),
        assignee_id: case.assignee_id.clone(),
        assigner: actor(&case.assigner_id, &case.assigner_type),
        resolver: actor(&case.resolver_id, &case.resolver_type),
        updater: actor(&case.updater_id, &case.updater_type),
        tags: case.tags.to_vec(),
        fields: (*case.fields).clone(),
        attachments: case.attachments.iter().map(attachment).collect(),
        case_template_id: case.template_id.to_string(),
        case_queue_id: case.queue_id.clone(),
        case_comment_ids: comments.iter().map(|comment| comment.id.to_string()).collect(),
        account_ids: ids("account"),
        inquiry_ids: ids("inquiry"),
        reports: refs("report"),
        verifications: refs("verification"),
        transaction_ids: ids("transaction"),
    }
}

/// A response with one case and its included objects; `usually` are those included by default before 2025-10-27.
pub fn answer(context: &Context, work: &mut UnitOfWork, case: &Case, usually: &[&str], status: u16) -> Verb<Answer> {
    let resource = resource(context, work, case)?;
    let document = included::document(context, work, resource, usually)?;
    Ok(Answer { status, document, version: Some(case.version) })
}

#[cfg(test)]
mod tests {
    use docket_cases::tree;
    use docket_kernel::{CaseId, CaseObjectId, CaseTemplateId, CommentId, EnvironmentId, Json, StatusId};
    use serde_json::json;

    use super::*;
    use crate::views::resource_under;

    fn case() -> Case {
        let text = |text: &str| Some(text.to_owned());
        let at = |seconds: i64| Some(Moment(1_767_225_600_000_000).plus_seconds(seconds));
        let file = docket_cases::Attachment { id: "file_1".into(), filename: "passport.pdf".into(), byte_size: 12 };
        Case {
            id: CaseId::of("case_1"),
            environment_id: EnvironmentId::of("env_a"),
            version: 3,
            event_ordinal: 0,
            template_id: CaseTemplateId::of("ctmpl_1"),
            status_id: StatusId::of("status_1"),
            name: "KYC-11".into(),
            resolution: text("Approved"),
            fields: Json::from(json!({"risk": 7, "notes": ["a"]}).as_object().expect("an object").clone()),
            tags: Json::from(vec!["vip".to_owned()]),
            attachments: Json::from(vec![file]),
            queue_id: text("queue_1"),
            creator_id: text("ada@docket.example"),
            creator_type: text("user"),
            assignee_id: text("bo@docket.example"),
            open_assignee_id: None,
            assigner_id: text("run_1"),
            assigner_type: text("workflow-run"),
            resolver_id: None,
            resolver_type: text("user"),
            updater_id: text("run_2"),
            updater_type: text("workflow-run"),
            created_at: Moment(1_767_225_600_123_456),
            updated_at: at(1),
            assigned_at: at(2),
            resolved_at: at(3),
            redacted_at: None,
            sla_expires_at: at(-5),
        }
    }

    #[test]
    fn a_current_case_and_one_stored_in_an_event_have_the_same_form() {
        let held = |kind: &str, number: u8| {
            Stored::new(CaseObject {
                id: CaseObjectId::of(format!("cobj_{number}")),
                environment_id: EnvironmentId::of("env_a"),
                case_id: CaseId::of("case_1"),
                object_id: format!("env_a/{number}").into(),
                kind: kind.to_owned(),
                pair: number.to_string(),
                created_at: Moment(0),
            })
        };
        let kinds =
            ["account", "inquiry", "report/watchlist", "report", "verification/selfie", "transaction", "document"];
        let objects: Vec<_> = kinds.into_iter().zip(1..).map(|(kind, number)| held(kind, number)).collect();
        let comment = Stored::new(CaseComment {
            event_ordinal: 0,
            id: CommentId::of("ccomment_1"),
            environment_id: EnvironmentId::of("env_a"),
            version: 1,
            case_id: CaseId::of("case_1"),
            body: "seen".into(),
            creator_id: None,
            creator_type: None,
            redaction_id: None,
            created_at: Moment(0),
        });
        for updated_at in [case().updated_at, None] {
            let case = Case { updated_at, ..case() };
            let mut kept = tree(&case, "Approved", &objects);
            kept["comments"] = json!([{"type": "case-comment", "id": comment.id}]);

            let shown = view("/docket", &case, "Approved", &objects, std::slice::from_ref(&comment)).into_resource();

            assert_eq!(shown, resource_under("/docket", &kept));
        }
    }
}
