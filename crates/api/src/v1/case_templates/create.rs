//! `POST /case-templates`

use docket_cases::{
    FIELDS_MAX, FieldSchema, FieldType, STATUSES_MAX, StatusInput, StatusType, TemplateRequest, create_template,
};
use docket_kernel::{Permission, Refusal, SLUG_CHARACTERS_MAX, UnitOfWork, Verb};
use serde_json::{Value, json};

use super::shown::{our_answer, our_schema};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed};
use crate::schema::{Body, list, list_within, maybe, object, said, short, text, truth, word};

/// Creates a case template.
pub struct CreateTemplate;

impl Operation for CreateTemplate {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "create-a-case-template",
        "POST",
        "/case-templates",
        Permission::CaseTemplateWrite,
        "Creates a case template.",
    )
    .creating();
    type Input = TemplateRequest;

    fn shape(_: &Context, body: &Value) -> Result<TemplateRequest, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&[
            "/data/type",
            "/data/attributes/name",
            "/data/attributes/key",
            "/data/attributes/slug",
            "/data/attributes/fields",
            "/data/attributes/statuses",
        ])?;
        Ok(TemplateRequest {
            name: body.required_text("/data/attributes/name")?.to_owned(),
            key: body.text("/data/attributes/key")?.map(str::to_owned),
            fields: fields(body)?.unwrap_or_default(),
            statuses: statuses(body)?,
            slug: body.text("/data/attributes/slug")?.map(str::to_owned),
            retired: Vec::new(),
        })
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(our_schema()).taking(taken(Body::new().must("name", short(64)).may("slug", slug())))
    }

    fn run(context: &Context, work: &mut UnitOfWork, request: &TemplateRequest) -> Verb<Answer> {
        let template = create_template(work, &context.actor, request)?;
        our_answer(work, &template, 201)
    }
}

/// The list of fields in a body. An item of the wrong shape is refused with its pointer.
pub(super) fn fields(body: BodyMembers<'_>) -> Result<Option<Vec<FieldSchema>>, Refusal> {
    let words: Vec<&str> = FieldType::ALL.iter().map(|kind| kind.as_str()).collect();
    listed(body, "/data/attributes/fields", &["key", "type", "label", "required", "options", "archived"], &words)
}

/// The list of statuses in a body.
pub(super) fn statuses(body: BodyMembers<'_>) -> Result<Option<Vec<StatusInput>>, Refusal> {
    let known = [
        "id",
        "slug",
        "name",
        "type",
        "color",
        "require-comment",
        "comment-binds-keys",
        "comment-binds-workflows",
        "allowed-next",
    ];
    let words: Vec<&str> = StatusType::ALL.iter().map(|kind| kind.as_str()).collect();
    listed(body, "/data/attributes/statuses", &known, &words)
}

fn listed<T: serde::de::DeserializeOwned>(
    body: BodyMembers<'_>,
    at: &str,
    known: &[&str],
    types: &[&str],
) -> Result<Option<Vec<T>>, Refusal> {
    let Some(value) = body.get(at) else { return Ok(None) };
    let Some(items) = value.as_array() else { return Err(malformed(at, "a list is expected here")) };
    let mut read = Vec::with_capacity(items.len());
    for (place, item) in items.iter().enumerate() {
        let pointer = format!("{at}/{place}");
        // The contents of `fields` keep their casing in the parsed body, so their own members are read in any casing.
        let item = match item {
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, value)| (crate::inflection::kebab(name).into_owned(), value.clone()))
                    .collect(),
            ),
            _ => return Err(malformed(&pointer, "an object is expected here")),
        };
        if let Some(name) =
            item.as_object().into_iter().flatten().map(|(name, _)| name).find(|name| !known.contains(&name.as_str()))
        {
            let place = format!("{pointer}/{name}");
            return Err(malformed(
                &place,
                format_args!("'{name}' is not a member here; use one of {}", known.join(", ")),
            ));
        }
        let name = if known.contains(&"name") { "name" } else { "key" };
        for name in [name, "type"] {
            if !item.get(name).is_some_and(Value::is_string) {
                return Err(malformed(
                    &format!("{pointer}/{name}"),
                    format_args!("each item here requires a {name}, a text"),
                ));
            }
        }
        if let Some(odd) = item["type"].as_str().filter(|word| !types.contains(word)) {
            let sentence = format!("'{odd}' is not a type here; choose one of {}", types.join(", "));
            return Err(Refusal::rule("unknown-type", sentence).at(format!("{pointer}/type")));
        }
        if let Some((name, kind)) = mistyped(&item) {
            return Err(malformed(&format!("{pointer}/{name}"), format_args!("{name} is {kind}")));
        }
        read.push(serde_json::from_value(item).map_err(|error| malformed(&pointer, error))?);
    }
    Ok(Some(read))
}

/// The first member of an item that has the wrong type, and the expected type.
fn mistyped(item: &Value) -> Option<(&'static str, &'static str)> {
    type Kind = (&'static [&'static str], &'static str, fn(&Value) -> bool);
    let kinds: [Kind; 3] = [
        (
            &["required", "archived", "require-comment", "comment-binds-keys", "comment-binds-workflows"],
            "true or false",
            Value::is_boolean,
        ),
        (&["id", "slug", "color", "label"], "a text", |value| value.is_null() || value.is_string()),
        (&["options", "allowed-next"], "a list of texts", |value| {
            value.is_null() || value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
        }),
    ];
    kinds.into_iter().find_map(|(names, kind, holds)| {
        let is_odd = |name: &&&str| item.get(**name).is_some_and(|value| !holds(value));
        names.iter().find(is_odd).map(|name| (*name, kind))
    })
}

/// The schema of a slug.
pub(super) fn slug() -> Value {
    json!({"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", "maxLength": SLUG_CHARACTERS_MAX})
}

/// The schema of the rest of a template's body.
pub(super) fn taken(body: Body) -> Body {
    let words: Vec<&str> = FieldType::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut field = object(vec![("key", short(64)), ("type", word(&words))]);
    let words: Vec<&str> = StatusType::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut status = object(vec![("name", short(64)), ("type", word(&words))]);
    for (name, schema) in
        [("label", maybe(text())), ("required", truth()), ("options", list(text())), ("archived", truth())]
    {
        field["properties"][name] = schema;
    }
    for (name, schema) in [
        ("id", maybe(text())),
        ("slug", maybe(slug())),
        ("color", maybe(json!({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}))),
        ("require-comment", said(truth(), "Whether people must add a comment.")),
        ("comment-binds-keys", said(truth(), "Whether API keys must add a comment too, where people must.")),
        ("comment-binds-workflows", said(truth(), "Whether workflows must add a comment too, where people must.")),
        ("allowed-next", maybe(list(text()))),
    ] {
        status["properties"][name] = schema;
    }
    for item in [&mut field, &mut status] {
        item["additionalProperties"] = false.into();
    }
    let key = json!({"type": "string", "pattern": "^[A-Z]{2,8}$"});
    let statuses = list_within(status, STATUSES_MAX);
    body.may("key", key).may("fields", list_within(field, FIELDS_MAX)).may("statuses", statuses)
}
