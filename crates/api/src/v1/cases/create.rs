//! `POST /cases`

use docket_cases::{CreateRequest, create_case};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value};

use super::shown::{Usual, answer};
use crate::answer::Answer;
use crate::body::Members;
use crate::operation::{About, Context, Operation, malformed};

/// Opens a case.
pub struct CreateCase;

impl Operation for CreateCase {
    const ABOUT: About =
        About::contract("create-a-case", "POST", "/cases", Permission::CaseWrite, "Opens a case.").creating();
    type Input = (CreateRequest, Map<String, Value>);

    fn shape(context: &Context, body: &Value) -> Result<Self::Input, Refusal> {
        let body = Members::of(body);
        known_queue(body)?;
        let request = CreateRequest {
            template_id: body.required_text("/data/attributes/case-template-id")?.to_owned(),
            fields: body.object("/data/attributes/fields")?.cloned().unwrap_or_default(),
            object_ids: body.texts("/meta/object-ids")?.unwrap_or_default(),
            creator_email: body.text("/data/attributes/creator-email-address")?.map(str::to_owned),
            sla_seconds: body.integer("/meta/sla-expires-in-seconds")?,
        };
        Ok((request, loose_fields(context, body)?))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (request, loose): &Self::Input) -> Verb<Answer> {
        let mut request = request.clone();
        request.fields = with_loose(work, &request.template_id, request.fields, loose)?;
        let case = create_case(work, &context.actor, &request)?;
        answer(context, work, &case, Usual::Some, 201)
    }
}

/// Refuses a queue that is not there: an environment has none until queues can be made.
pub(super) fn known_queue(body: Members<'_>) -> Result<(), Refusal> {
    const AT: &str = "/data/attributes/case-queue-id";
    match body.text(AT)? {
        Some(queue) => Err(Refusal::rule("unknown-queue", format_args!("case queue {queue} is not found")).at(AT)),
        None => Ok(()),
    }
}

/// Members of the attributes that the contract does not name: custom fields, before 2025-10-27.
pub(super) fn loose_fields(context: &Context, body: Members<'_>) -> Result<Map<String, Value>, Refusal> {
    const NAMED: &[&str] = &["case-template-id", "creator-email-address", "case-queue-id", "fields", "attachments"];
    if !context.style.version.fields_at_top_level() {
        return Ok(Map::new());
    }
    let attributes = body.object("/data/attributes")?.cloned().unwrap_or_default();
    if body.has("/data") && !body.has("/data/attributes") {
        return Err(malformed("/data/attributes", "data.attributes is missing"));
    }
    Ok(attributes.into_iter().filter(|(name, _)| !NAMED.contains(&name.as_str())).collect())
}

/// Fields with those sent as loose attributes: matched to the template's fields in any casing, others are ignored as
/// any unknown member is.
pub(super) fn with_loose(
    work: &mut UnitOfWork,
    template: &str,
    mut fields: Map<String, Value>,
    loose: &Map<String, Value>,
) -> Verb<Map<String, Value>> {
    if loose.is_empty() {
        return Ok(fields);
    }
    if let Some(template) = work.get::<docket_cases::CaseTemplate>(template)? {
        for (name, value) in loose {
            let known = template.fields.iter().find(|field| crate::inflection::is_same_name(&field.key, name));
            if let Some(field) = known {
                fields.entry(field.key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    Ok(fields)
}
