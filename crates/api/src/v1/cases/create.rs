//! `POST /cases`

use docket_cases::{CaseTemplate, CreateRequest, FieldType, OBJECTS_MAX, SLA_SECONDS_MAX, create_case};
use docket_kernel::{EMAIL_CHARACTERS_MAX, Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value};

use super::shown::{ON_CREATE, RELATED, answer};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::inflection::is_same_name;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, at_most, list_within, number_within, text, theirs};
use crate::shapes::case::CaseView;
use crate::shapes::typed;

/// Creates a case.
pub struct CreateCase;

impl Operation for CreateCase {
    const ABOUT: OperationInfo =
        OperationInfo::contract("create-a-case", "POST", "/cases", Permission::CaseWrite, "Creates a case.").creating();
    type Input = (CreateRequest, Map<String, Value>);

    fn shape(context: &Context, body: &Value) -> Result<Self::Input, Refusal> {
        let body = BodyMembers::of(body);
        known_queue(body)?;
        let request = CreateRequest {
            template_id: body.required_text("/data/attributes/case-template-id")?.to_owned(),
            fields: body.object("/data/attributes/fields")?.cloned().unwrap_or_default(),
            object_ids: body.texts("/meta/object-ids")?.unwrap_or_default(),
            creator_email: body.text("/data/attributes/creator-email-address")?.map(str::to_owned),
            sla_seconds: body.seconds("/meta/sla-expires-in-seconds")?,
        };
        Ok((request, loose_fields(context, body)?))
    }

    fn doc() -> OperationDoc {
        let body = Body::new()
            .must("case-template-id", text())
            .may("creator-email-address", at_most(EMAIL_CHARACTERS_MAX))
            .may("case-queue-id", text())
            .may("fields", theirs())
            .may_meta("object-ids", list_within(text(), OBJECTS_MAX))
            .may_meta("sla-expires-in-seconds", number_within(0, SLA_SECONDS_MAX));
        OperationDoc::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (request, loose): &Self::Input) -> Verb<Answer> {
        let mut request = request.clone();
        request.fields = with_loose(context, work, &request.template_id, request.fields, loose)?;
        let case = create_case(work, &context.actor, &request)?;
        answer(context, work, &case, ON_CREATE, 201)
    }
}

/// Refuses an unknown queue. Queues can't be created yet, so an environment has none.
pub(super) fn known_queue(body: BodyMembers<'_>) -> Result<(), Refusal> {
    const AT: &str = "/data/attributes/case-queue-id";
    match body.text(AT)? {
        Some(queue) => Err(Refusal::rule("unknown-queue", format_args!("case queue {queue} is not found")).at(AT)),
        None => Ok(()),
    }
}

/// Attributes that the contract does not name: before 2025-10-27, these are custom fields.
pub(super) fn loose_fields(context: &Context, body: BodyMembers<'_>) -> Result<Map<String, Value>, Refusal> {
    const NAMED: &[&str] = &["case-template-id", "creator-email-address", "case-queue-id", "fields", "attachments"];
    if !context.style.version.fields_at_top_level() {
        return Ok(Map::new());
    }
    let attributes = body.object("/data/attributes")?.cloned().unwrap_or_default();
    Ok(attributes.into_iter().filter(|(name, _)| !NAMED.contains(&name.as_str())).collect())
}

/// Before 2025-10-27: renames fields in any casing to the template's keys (responses show them in the caller's casing,
/// and a response can be sent back), and adds the fields sent as loose attributes. Loose attributes that are not fields
/// are ignored like any unknown member.
pub(super) fn with_loose(
    context: &Context,
    work: &mut UnitOfWork,
    template: &str,
    fields: Map<String, Value>,
    loose: &Map<String, Value>,
) -> Verb<Map<String, Value>> {
    let is_older = context.style.version.fields_at_top_level();
    if !is_older && !fields.values().any(typed::is_typed) {
        return Ok(fields);
    }
    let Some(template) = work.get::<CaseTemplate>(template)? else { return Ok(fields) };
    if !is_older {
        return Ok(fields.into_iter().map(|(key, value)| untyped(&template, key, value)).collect());
    }
    let known = |name: &str| {
        let mut keys = template.fields.iter().map(|field| &field.key);
        keys.clone().find(|key| *key == name).or_else(|| keys.find(|key| is_same_name(key, name))).cloned()
    };
    let mut fields: Map<String, Value> =
        fields.into_iter().map(|(name, value)| (known(&name).unwrap_or(name), value)).collect();
    for (name, value) in loose {
        if let Some(key) = known(name) {
            fields.entry(key).or_insert_with(|| value.clone());
        }
    }
    Ok(fields.into_iter().map(|(key, value)| untyped(&template, key, value)).collect())
}

/// Unwraps a field sent as `{type, value}` with the type that its template declares, or as text if the declared type is
/// written as text. Any other form is unchanged, and is refused by the field's type.
fn untyped(template: &CaseTemplate, key: String, mut value: Value) -> (String, Value) {
    let declared = template.fields.iter().find(|field| field.key == key).map(|field| field.r#type);
    if let (Some(declared), true) = (declared, typed::is_typed(&value)) {
        let is_text = matches!(declared, FieldType::Date | FieldType::Datetime | FieldType::Choices);
        if value["type"] == declared.as_str() || is_text && value["type"] == FieldType::String.as_str() {
            value = value["value"].take();
        }
    }
    (key, value)
}
