//! `PATCH /case-templates/{case-template-id}`

use std::collections::HashMap;

use docket_cases::{CaseTemplate, FieldChoice, LiveUses, TemplateChange, change_template};
use docket_kernel::{CaseTemplateId, Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::{workflows_naming, workflows_naming_field};
use serde_json::{Value, json};

use super::create::{fields, statuses, taken};
use super::shown::{our_answer, our_schema};
use crate::answer::Answer;
use crate::body::BodyMembers as Sent;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, Properties, said, short, some, text, word};

/// Finds the live workflows that use statuses and fields.
const USES: LiveUses<'static> = LiveUses { statuses: &workflows_naming, fields: &workflows_naming_field };
/// What can happen to a field in use.
const CHOICES: [&str; 4] = ["archive", "move", "convert", "keep"];

/// Changes a case template.
pub struct ChangeTemplate;

impl Operation for ChangeTemplate {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "change-a-case-template",
        "PATCH",
        "/case-templates/{case-template-id}",
        Permission::CaseTemplateWrite,
        "Updates a case template: its name, key, fields and statuses.",
    );
    type Input = TemplateChange;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<CaseTemplate>(work, "case template", context.part("case-template-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<TemplateChange, Refusal> {
        let body = Sent::of(body);
        body.only(&[
            "/data/type",
            "/data/id",
            "/data/attributes/name",
            "/data/attributes/key",
            "/data/attributes/fields",
            "/data/attributes/statuses",
            "/meta/successors",
            "/meta/field-choices",
        ])?;
        let successors = body.object("/meta/successors")?.into_iter().flatten();
        let text = |(name, value): (&String, &Value)| match value.as_str() {
            Some(successor) => Ok((name.clone(), successor.to_owned())),
            None => Err(malformed(&format!("/meta/successors/{name}"), "a successor is named by its name or id")),
        };
        Ok(TemplateChange {
            name: body.text("/data/attributes/name")?.map(str::to_owned),
            key: body.text("/data/attributes/key")?.map(str::to_owned),
            fields: fields(body)?,
            statuses: statuses(body)?,
            successors: successors.map(text).collect::<Result<_, _>>()?,
            field_choices: choices(body)?,
            remembered: Vec::new(),
        })
    }

    fn doc() -> OperationDoc {
        let successors = json!({"type": "object", "additionalProperties": {"type": "string"}});
        let closed = |members: Properties, required: &[&str]| {
            let mut schema = some(members);
            schema["required"] = json!(required);
            schema["additionalProperties"] = false.into();
            schema
        };
        let to = said(text(), "The key of the field that takes the values.");
        let options = json!({
            "type": ["object", "null"], "additionalProperties": {"type": "string"},
            "description": "Each removed option, with the option that replaces it.",
        });
        let none = || json!({"type": "null"});
        let choice = json!({"oneOf": [
            closed(vec![("do", word(&["archive", "keep"])), ("to", none()), ("options", none())], &["do"]),
            closed(vec![("do", word(&["move"])), ("to", to), ("options", none())], &["do", "to"]),
            closed(vec![("do", word(&["convert"])), ("to", none()), ("options", options)], &["do"]),
        ]});
        let choices = said(
            json!({"type": "object", "additionalProperties": choice}),
            "What happens to fields in use, by key. For a removed field: archive it, or move its values. For a field \
             with a new type or fewer options: convert its values, or keep them as they are.",
        );
        let body = taken(Body::of_object().may("name", short(64)))
            .may_meta("successors", successors)
            .may_meta("field-choices", choices);
        OperationDoc::one(our_schema()).taking(body)
    }

    fn run(context: &Context, work: &mut UnitOfWork, change: &TemplateChange) -> Verb<Answer> {
        let id = CaseTemplateId::of(context.part("case-template-id"));
        let template = change_template(work, &context.actor, &id, change, USES)?;
        our_answer(work, &template, 200)
    }
}

/// What happens to fields in use, by key. Keys belong to the organization and keep their casing.
fn choices(body: Sent<'_>) -> Result<HashMap<String, FieldChoice>, Refusal> {
    const AT: &str = "/meta/field-choices";
    let mut choices = HashMap::new();
    for (key, value) in body.object(AT)?.into_iter().flatten() {
        let at = format!("{AT}/{}", key.replace('~', "~0").replace('/', "~1"));
        choices.insert(key.clone(), choice(value, &at)?);
    }
    Ok(choices)
}

fn choice(value: &Value, at: &str) -> Result<FieldChoice, Refusal> {
    let member = |name: &str| value.get(name).filter(|member| !member.is_null());
    let known = ["do", "to", "options"];
    if let Some(odd) = value.as_object().and_then(|members| members.keys().find(|name| !known.contains(&name.as_str())))
    {
        let sentence = format!("'{odd}' is not a member here; use one of {}", known.join(", "));
        return Err(malformed(&format!("{at}/{odd}"), sentence));
    }
    let given = member("do").and_then(Value::as_str).unwrap_or_default();
    let is_odd = |name: &str, belongs: bool| member(name).is_some() && !belongs;
    if is_odd("to", given == "move") || is_odd("options", given == "convert") {
        return Err(malformed(at, "'to' requires move, and 'options' requires convert"));
    }
    match given {
        "archive" => Ok(FieldChoice::Archive),
        "keep" => Ok(FieldChoice::Keep),
        "move" => match member("to").and_then(Value::as_str) {
            Some(to) => Ok(FieldChoice::Move(to.to_owned())),
            None => Err(malformed(&format!("{at}/to"), "move requires the key of the field that takes the values")),
        },
        "convert" => Ok(FieldChoice::Convert(options(member("options"), at)?)),
        _ => Err(malformed(&format!("{at}/do"), format_args!("choose one of {}", CHOICES.join(", ")))),
    }
}

fn options(value: Option<&Value>, at: &str) -> Result<HashMap<String, String>, Refusal> {
    let Some(value) = value else { return Ok(HashMap::new()) };
    let pairs =
        value.as_object().map(|members| members.iter().map(|(old, new)| Some((old.clone(), new.as_str()?.to_owned()))));
    let pairs = pairs.and_then(|mut pairs| pairs.by_ref().collect::<Option<HashMap<_, _>>>());
    pairs.ok_or_else(|| {
        malformed(
            &format!("{at}/options"),
            "options maps the name of each option to the name of \
        another",
        )
    })
}
