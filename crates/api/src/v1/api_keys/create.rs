//! `POST /api-keys`

use docket_access::{CaseFields, KeyRequest, NOTE_CHARACTERS_MAX, create_key};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{resource, schema_with_value};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::inflection::Inflection;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, at_most, list, said, short, word};
use crate::version::ApiVersion;

/// Creates an API key.
pub struct CreateKey;

/// The parsed body.
pub struct Input {
    name: String,
    note: Option<String>,
    permissions: Option<Vec<Permission>>,
    api_version: Option<String>,
    inflection: Option<String>,
    case_fields: CaseFields,
}

impl Operation for CreateKey {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "create-an-api-key",
        "POST",
        "/api-keys",
        Permission::ApiKeyWrite,
        "Creates an API key for the environment; the key is shown only in this response.",
    )
    .creating();
    const ANSWER_IS_SECRET: bool = true;
    type Input = Input;

    fn shape(_: &Context, body: &Value) -> Result<Input, Refusal> {
        let body = BodyMembers::of(body);
        let text = |name: &str| body.text(&format!("/data/attributes/{name}")).map(|text| text.map(str::to_owned));
        let input = Input {
            name: body.required_text("/data/attributes/name")?.to_owned(),
            note: text("note")?,
            permissions: body.texts("/data/attributes/permissions")?.map(permissions).transpose()?,
            api_version: text("api-version")?,
            inflection: text("api-key-inflection")?,
            case_fields: case_fields(body)?,
        };
        not_kept(body)?;
        known(&input)?;
        Ok(input)
    }

    fn doc() -> OperationDoc {
        let words: Vec<&str> = Permission::of_organizations().map(Permission::as_str).collect();
        let permissions = said(
            list(word(&words)),
            "What the key may do: at most what its creator may. The default is all of that except user.write.",
        );
        let body = Body::new()
            .must("name", short(64))
            .may("note", at_most(NOTE_CHARACTERS_MAX))
            .may("permissions", permissions);
        let versions: Vec<&str> = ApiVersion::all().map(ApiVersion::as_str).collect();
        let body =
            body.may("api-version", word(&versions)).may("api-key-inflection", word(&["kebab", "snake", "camel"]));
        let sentence = "`typed`: cases show each field as `{type, value}` to this key instead of a value.";
        let body = body.may("case-fields", said(word(&["plain", "typed"]), sentence));
        OperationDoc::one(schema_with_value()).taking(body)
    }

    fn run(context: &Context, work: &mut UnitOfWork, input: &Input) -> Verb<Answer> {
        let email = context.actor.shown().map(|(email, _)| email.as_ref().to_owned()).unwrap_or_default();
        let all = || Permission::of_keys(context.actor.permissions().iter().copied()).collect();
        let permissions = input.permissions.clone().unwrap_or_else(all);
        let request = KeyRequest {
            note: input.note.clone(),
            api_version: input.api_version.clone(),
            inflection: input.inflection.clone(),
            case_fields: input.case_fields,
            ..KeyRequest::new(&input.name, &email, permissions, context.caller.kind)
        };
        let (key, value) = create_key(work, &context.actor, &context.caller.organization, &request)?;
        let mut resource = resource(&key);
        resource.attributes.set("value", value);
        Ok(Answer::created(Document::one(resource), key.version))
    }
}

fn case_fields(body: BodyMembers<'_>) -> Result<CaseFields, Refusal> {
    const AT: &str = "/data/attributes/case-fields";
    let Some(word) = body.text(AT)? else { return Ok(CaseFields::Plain) };
    let sentence = || format!("'{word}' is not a format of case fields; use plain or typed");
    CaseFields::parse(word).ok_or_else(|| Refusal::rule("unknown-case-fields", sentence()).at(AT))
}

fn permissions(words: Vec<String>) -> Result<Vec<Permission>, Refusal> {
    let (mut known, mut findings) = (Vec::with_capacity(words.len()), Vec::new());
    for (place, word) in words.iter().enumerate() {
        match Permission::parse(word).filter(|permission| *permission != Permission::Operate) {
            Some(permission) => known.push(permission),
            None => {
                let all: Vec<&str> = Permission::of_organizations().map(Permission::as_str).collect();
                let sentence = format!("'{word}' is not a permission; use one of {}", all.join(", "));
                let refusal = Refusal::rule("unknown-permission", sentence);
                findings.push(refusal.at(format!("/data/attributes/permissions/{place}")));
            }
        }
    }
    Refusal::of_all(findings).map_or(Ok(known), Err)
}

/// Refuses restrictions that Docket does not enforce: a key must not only seem to be restricted.
fn not_kept(body: BodyMembers<'_>) -> Result<(), Refusal> {
    for name in ["api-attributes-blocklist", "ip-address-allowlist", "file-access-token-expires-in"] {
        let at = format!("/data/attributes/{name}");
        let is_set = body.get(&at).is_some_and(|value| value.as_array().is_none_or(|items| !items.is_empty()));
        if is_set {
            let sentence = format!(
                "Docket does not support {name} yet; leave it out, or restrict the key by \
                permissions"
            );
            return Err(Refusal::rule("not-kept", sentence).at(at));
        }
    }
    Ok(())
}

fn known(input: &Input) -> Result<(), Refusal> {
    if let Some(version) = input.api_version.as_deref().filter(|version| ApiVersion::named(version).is_none()) {
        let known: Vec<&str> = ApiVersion::all().map(ApiVersion::as_str).collect();
        let sentence = format!("'{version}' is not a version of the API; use one of {}", known.join(", "));
        return Err(Refusal::rule("unknown-version", sentence).at("/data/attributes/api-version"));
    }
    if let Some(word) = input.inflection.as_deref().filter(|word| Inflection::parse(word).is_none()) {
        let sentence = format!("'{word}' is not a casing; use camel, kebab or snake");
        return Err(Refusal::rule("unknown-inflection", sentence).at("/data/attributes/api-key-inflection"));
    }
    Ok(())
}
