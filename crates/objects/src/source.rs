//! Sources: vendors whose signed webhooks are ingested.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{
    Actor, EnvironmentId, Holding, Json, Moment, Permission, Refusal, RefusalKind, SourceId, UnitOfWork, Verb,
    checked_name, hex, same_name,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::allow_list::{DEFAULT_ALLOW_LIST, checked_allow_list};
use crate::store::SOURCES_OF_ENVIRONMENT;

/// How long the old secret stays valid after a rotation, in seconds: a day.
const OVERLAP_SECONDS: i64 = 86_400;
/// The maximum length of a source's name, in characters.
const NAME_CHARACTERS_MAX: usize = 64;

/// A secret that a vendor signs with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceSecret {
    /// The secret.
    pub value: String,
    /// When it expires; `None` for the current one.
    pub expires_at: Option<Moment>,
}

docket_kernel::entity! {
    /// A vendor whose webhooks are ingested.
    pub struct Source in "source" {
        table: { rank: 5, lock: Config(version), scope: environment_id, unique: ["name"], asked: ["environment_id"] },
        /// Its id: the last segment of the URL that the vendor posts to.
        id: SourceId,
        /// The environment that receives its events.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// Its name.
        name: String,
        /// The secrets the vendor signs with: one, or two during a rotation.
        secrets: Json<Vec<SourceSecret>>,
        /// When it was created.
        created_at: Moment,
        /// What it may report: object types and event names.
        allow_list: Json<Vec<String>>,
    }
}

impl Source {
    /// The secrets that are valid now.
    pub fn live_secrets(&self, now: Moment) -> Vec<&str> {
        let live = |secret: &&SourceSecret| secret.expires_at.is_none_or(|end| end > now);
        self.secrets.iter().filter(live).map(|secret| secret.value.as_str()).collect()
    }
}

/// Something of this name happened to a source. Its secrets are in no event.
fn happened(work: &mut UnitOfWork, actor: &Actor, source: &Source, name: &str, facts: Vec<(&str, Value)>) {
    let tree = json!({
        "type": "source",
        "id": source.id,
        "name": source.name,
        "allow_list": *source.allow_list,
        "created_at": source.created_at.to_string(),
    });
    let new_event = NewEvent::of_no_row(name, tree).at_version(source.version).with_content_of(None);
    let new_event = facts.into_iter().fold(new_event, |new_event, (fact, value)| new_event.with(fact, value));
    record(work, actor, new_event);
}

/// Holds a source as it is until what it reports is written.
pub(crate) fn hold_source(work: &mut UnitOfWork, id: &SourceId) -> Verb<()> {
    work.hint::<Source>(id.as_str());
    work.hold::<Source>(id.as_str(), Holding::Shared)
}

fn new_secret(work: &mut UnitOfWork) -> String {
    format!("wbhsec_{}", hex(&work.secret()))
}

/// Creates a source with an allow-list, [`DEFAULT_ALLOW_LIST`] if none is given. The result contains its secret, which
/// is not shown again.
pub fn create_source(
    work: &mut UnitOfWork,
    actor: &Actor,
    name: &str,
    allow_list: Option<&[String]>,
) -> Verb<(Arc<Source>, String)> {
    actor.may(Permission::SourceWrite)?;
    let allow_list = match allow_list {
        Some(entries) => checked_allow_list(entries)?,
        None => DEFAULT_ALLOW_LIST.map(str::to_owned).to_vec(),
    };
    let name = checked_name("a source's name", name, NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("source-name", sentence).at("/data/attributes/name"))?;
    let others = work.ask::<Source>(&SOURCES_OF_ENVIRONMENT, actor.environment.as_str())?;
    if let Some(other) = others.iter().find(|other| same_name(&other.name, &name)) {
        let sentence = format!("a source named '{}' already exists; choose another name", other.name);
        return Err(Refusal::new(RefusalKind::Conflict, "source-taken", sentence).at("/data/attributes/name").into());
    }
    let secret = new_secret(work);
    let id = SourceId::of(work.new_id(SourceId::PREFIX));
    let created_at = work.now();
    let source = work.insert(Source {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        name,
        secrets: Json::new(vec![SourceSecret { value: secret.clone(), expires_at: None }]),
        created_at,
        allow_list: Json::new(allow_list),
    });
    happened(work, actor, &source, "source.created", Vec::new());
    Ok((source, secret))
}

/// Sets the allow-list of a source, found by its id or its name; every node judges the source's later reports by it. An
/// unchanged list writes nothing.
pub fn change_allow_list(work: &mut UnitOfWork, actor: &Actor, named: &str, entries: &[String]) -> Verb<Arc<Source>> {
    actor.may(Permission::SourceWrite)?;
    let Some(source) = source(work, actor, named)? else { return Err(Refusal::unknown("source", named).into()) };
    let allow_list = checked_allow_list(entries)?;
    if *source.allow_list == allow_list {
        return Ok(source);
    }
    work.hold::<Source>(source.id.as_str(), Holding::Alone)?;
    let before = json!(*source.allow_list);
    let source = work.change::<Source>(source.id.as_str(), |source| source.allow_list = Json::new(allow_list))?;
    happened(work, actor, &source, "source.allow-list-updated", vec![("allow-list-before", before)]);
    Ok(source)
}

/// The source with an id or a name; `None` if the name is ambiguous.
fn source(work: &mut UnitOfWork, actor: &Actor, named: &str) -> Verb<Option<Arc<Source>>> {
    if let Some(source) = work.get::<Source>(named)? {
        return Ok(Some(source));
    }
    let all = work.ask::<Source>(&SOURCES_OF_ENVIRONMENT, actor.environment.as_str())?;
    let exact = all.iter().find(|source| source.name == named);
    let mut same = all.iter().filter(|source| same_name(&source.name, named));
    Ok(exact.or_else(|| same.next().filter(|_| same.next().is_none())).cloned())
}

/// Rotates the secret of a source, found by its id or its name. The current secret stays valid for a day; older secrets
/// expire at once.
pub fn rotate_secret(work: &mut UnitOfWork, actor: &Actor, named: &str) -> Verb<(Arc<Source>, String)> {
    actor.may(Permission::SourceWrite)?;
    let Some(source) = source(work, actor, named)? else { return Err(Refusal::unknown("source", named).into()) };
    let secret = new_secret(work);
    let end = work.now().plus_seconds(OVERLAP_SECONDS);
    let source = work.change::<Source>(source.id.as_str(), |source| {
        let secrets = source.secrets.edit();
        secrets.retain(|old| old.expires_at.is_none());
        for old in secrets.iter_mut() {
            old.expires_at = Some(end);
        }
        secrets.push(SourceSecret { value: secret.clone(), expires_at: None });
    })?;
    happened(work, actor, &source, "source.secret-rotated", vec![("former-secret-expires-at", json!(end.to_string()))]);
    Ok((source, secret))
}
