//! Case templates: each defines a kind of case, with its fields and statuses.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{
    Actor, CaseTemplateId, EnvironmentId, Holding, Json, Moment, Permission, Refusal, RefusalKind, SLUG_CHARACTERS_MAX,
    StatusId, UnitOfWork, Verb, checked_name, free_slug, is_slug, slug_of, tidied_name,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fields::{FieldSchema, checked_schemas};
use crate::retired::{RetiredInput, retire};
use crate::status::CaseStatus;
use crate::status_list::{StatusInput, checked_statuses, default_statuses, insert_statuses};
use crate::store::{STATUSES_OF_TEMPLATE, TEMPLATES_MAX, TEMPLATES_OF_ENVIRONMENT};

/// The maximum length of a template's name, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

docket_kernel::entity! {
    /// A kind of case.
    pub struct CaseTemplate in "case_template" {
        table: {
            rank: 50, lock: Config(version), scope: environment_id,
            unique: ["key", "slug"], asked: ["environment_id"], events: event_ordinal
        },
        /// Its id.
        id: CaseTemplateId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// The display name.
        name: String,
        /// The prefix of the numbers of its cases: `KYC`.
        key: String,
        /// The slug in setup bundles: unique in the environment; a rename does not change it.
        slug: String,
        /// The fields of its cases.
        fields: Json<Vec<FieldSchema>>,
        /// Removed statuses, and the statuses that replaced them.
        retired: Json<Vec<Retired>>,
        /// When it was archived.
        archived_at: Option<Moment>,
        /// When it was created.
        created_at: Moment,
        /// When it last changed.
        updated_at: Moment,
    }
}

/// A removed status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retired {
    /// Its id.
    pub id: StatusId,
    /// Its slug; `None` if it was removed before slugs existed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// Every name it had that no other status has taken since.
    pub names: Vec<String>,
    /// Names it had before another status took them.
    #[serde(default)]
    pub past_names: Vec<String>,
    /// The status that replaces it.
    pub successor_id: StatusId,
}

/// The properties of a new template.
#[derive(Clone, Debug, Default)]
pub struct TemplateRequest {
    /// The display name, 1 to 64 characters.
    pub name: String,
    /// 2 to 8 capital letters; derived from the name if absent.
    pub key: Option<String>,
    /// The slug in setup bundles; derived from the name if absent.
    pub slug: Option<String>,
    /// The fields of its cases.
    pub fields: Vec<FieldSchema>,
    /// Its statuses; Open, Pending, Approved, Declined if absent.
    pub statuses: Option<Vec<StatusInput>>,
    /// Statuses that were removed in another environment; their names resolve to one of these statuses.
    pub retired: Vec<RetiredInput>,
}

/// The template with this id in this environment.
pub fn template(work: &mut UnitOfWork, id: &CaseTemplateId) -> Verb<Arc<CaseTemplate>> {
    work.existing("case template", id.as_str())
}

/// Takes a shared lock on a template until the commit, because the values to be written must fit its fields.
pub(crate) fn hold_template(work: &mut UnitOfWork, id: &CaseTemplateId) -> Verb<()> {
    work.hint::<CaseTemplate>(id.as_str());
    work.hint_ask(&STATUSES_OF_TEMPLATE, id.as_str());
    work.hold::<CaseTemplate>(id.as_str(), Holding::Shared)
}

/// Takes shared locks on all templates of an environment, their statuses and fields, until the unit of work commits.
pub fn hold_templates(work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<()> {
    let templates = work.hold::<CaseTemplate>(environment.as_str(), Holding::Shared);
    templates.and(work.hold::<CaseStatus>(environment.as_str(), Holding::Shared))
}

/// Takes an exclusive lock on a template, to remove parts of it that cases have or workflows name.
pub(crate) fn hold_alone(work: &mut UnitOfWork, template: &CaseTemplate) -> Verb<()> {
    let environment = template.environment_id.as_str();
    let names = work.hold::<CaseTemplate>(environment, Holding::Alone);
    let names = names.and(work.hold::<CaseStatus>(environment, Holding::Alone));
    names.and(work.hold::<CaseTemplate>(template.id.as_str(), Holding::Alone))
}

/// Creates a template with its statuses.
pub fn create_template(work: &mut UnitOfWork, actor: &Actor, request: &TemplateRequest) -> Verb<Arc<CaseTemplate>> {
    actor.may(Permission::CaseTemplateWrite)?;
    let mut findings = checked_schemas(&request.fields, &[]);
    findings.extend(checked_template_name(&request.name).err());
    findings.extend(request.key.as_deref().and_then(|key| checked_key(key).err()));
    findings.extend(request.slug.as_deref().and_then(|slug| checked_slug(slug).err()));
    let statuses = request.statuses.clone().unwrap_or_else(default_statuses);
    findings.extend(checked_statuses(&statuses, &[]));
    if let Some(refusal) = Refusal::of_all(findings) {
        return Err(refusal.into());
    }
    let others = work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, actor.environment.as_str())?;
    if others.len() >= TEMPLATES_MAX as usize {
        let sentence = format!(
            "there are {} case templates in this environment; at most {TEMPLATES_MAX} are allowed: change an existing \
             one",
            others.len()
        );
        return Err(Refusal::rule("too-many-templates", sentence).into());
    }
    let key = match &request.key {
        Some(key) => {
            if work.find::<CaseTemplate>("key", key)?.is_some() {
                let sentence = format!("another case template has the key {key}");
                return Err(Refusal::new(RefusalKind::Conflict, "key-taken", sentence)
                    .at("/data/attributes/key")
                    .into());
            }
            key.clone()
        }
        None => free_key(work, &request.name)?,
    };
    let slug = slug_for(work, request)?;
    let id = CaseTemplateId::of(work.new_id(CaseTemplateId::PREFIX));
    let now = work.now();
    let template = work.insert(CaseTemplate {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        name: tidied_name(&request.name),
        key,
        slug,
        fields: Json::new(FieldSchema::dated(&request.fields, &[], now)),
        event_ordinal: 0,
        retired: Json::default(),
        archived_at: None,
        created_at: now,
        updated_at: now,
    });
    insert_statuses(work, &template, &statuses)?;
    let template = if request.retired.is_empty() { template } else { retire(work, &template.id, &request.retired)? };
    record(work, actor, NewEvent::about(&*template, "case-template.created", tree(&template)));
    Ok(template)
}

pub(crate) fn checked_template_name(name: &str) -> Result<String, Refusal> {
    checked_name("a case template's name", name, NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("template-name", sentence).at("/data/attributes/name"))
}

pub(crate) fn checked_key(key: &str) -> Result<(), Refusal> {
    if (2..=8).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(());
    }
    let sentence = format!("'{key}' can't be the key of a case template: a key has 2 to 8 capital letters");
    Err(Refusal::rule("template-key", sentence).at("/data/attributes/key"))
}

/// Checks that a slug is valid.
pub(crate) fn checked_slug(slug: &str) -> Result<(), Refusal> {
    if is_slug(slug) {
        return Ok(());
    }
    let sentence = format!(
        "'{slug}' can't be a slug: a slug is 1 to {SLUG_CHARACTERS_MAX} lower-case letters, digits and hyphens, with no \
         hyphen at its ends"
    );
    Err(Refusal::rule("slug", sentence).at("/data/attributes/slug"))
}

/// The requested slug, which must be free, or one derived from the name.
fn slug_for(work: &mut UnitOfWork, request: &TemplateRequest) -> Verb<String> {
    if let Some(slug) = &request.slug {
        if let Some(other) = work.find::<CaseTemplate>("slug", slug)? {
            let sentence = format!("the case template '{}' has the slug {slug}", other.name);
            return Err(Refusal::new(RefusalKind::Conflict, "slug-taken", sentence).at("/data/attributes/slug").into());
        }
        return Ok(slug.clone());
    }
    free_slug::<CaseTemplate>(work, &slug_of(&request.name, "case-template"))
}

/// The initials of the name's words, or the first letters of a single word; letters are added until the key is free.
fn free_key(work: &mut UnitOfWork, name: &str) -> Verb<String> {
    let words: Vec<String> = name
        .split(|character: char| !character.is_ascii_alphabetic())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_uppercase)
        .collect();
    let first: String = match words.as_slice() {
        [] => "CASE".into(),
        [word] => word.chars().take(4).collect(),
        words => words.iter().take(4).filter_map(|word| word.chars().next()).collect(),
    };
    let first = if first.len() < 2 { format!("{first}X") } else { first };
    if work.find::<CaseTemplate>("key", &first)?.is_none() {
        return Ok(first);
    }
    for second in b'A'..=b'Z' {
        for third in [None, Some(b'X'), Some(b'Z')] {
            let tail: String = std::iter::once(second).chain(third).map(char::from).collect();
            let key = format!("{}{tail}", first.chars().take(6).collect::<String>());
            if work.find::<CaseTemplate>("key", &key)?.is_none() {
                return Ok(key);
            }
        }
    }
    Err(Refusal::rule("key-needed", "no unused key can be derived from this name; send a key")
        .at("/data/attributes/key")
        .into())
}

/// The template as a reference tree.
pub(crate) fn tree(template: &CaseTemplate) -> Value {
    json!({
        "type": "case-template",
        "id": template.id,
        "name": template.name,
        "key": template.key,
        "status": if template.archived_at.is_some() { "archived" } else { "active" },
        "created_at": template.created_at.to_string(),
        "updated_at": template.updated_at.to_string(),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An empty template.
    pub(crate) fn any() -> CaseTemplate {
        CaseTemplate {
            id: CaseTemplateId::of("ctmpl_1"),
            environment_id: EnvironmentId::of("env_1"),
            version: 1,
            name: "KYC".into(),
            key: "KYC".into(),
            slug: "kyc".into(),
            fields: Json::default(),
            event_ordinal: 0,
            retired: Json::default(),
            archived_at: None,
            created_at: Moment(0),
            updated_at: Moment(0),
        }
    }
}
