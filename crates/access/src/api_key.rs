//! API keys: each belongs to one environment and carries its permissions. Only a digest is kept.

use std::sync::Arc;

use docket_kernel::{
    Actor, ApiKeyId, EnvironmentId, Json, Moment, OrganizationId, Permission, Refusal, UnitOfWork, Verb, hex,
    sha256_hex,
};

use crate::hold::hold_key;
use crate::organization::EnvironmentKind;

docket_kernel::text_enum! {
    /// How case fields are represented for a key.
    pub enum CaseFields {
        /// As values by key, as in the published API.
        Plain = "plain",
        /// As `{type, value}` by key, as for accounts and inquiries.
        Typed = "typed",
    }
}

docket_kernel::entity! {
    /// A key with which a program authenticates to the API.
    pub struct ApiKey in "api_key" {
        table: { rank: 4, lock: Config(version), scope: environment_id, unique: ["digest"], asked: [] },
        /// Its id.
        id: ApiKeyId,
        /// The environment it gives access to.
        environment_id: EnvironmentId,
        /// The organization of that environment.
        organization_id: OrganizationId,
        /// The row version, incremented by every change.
        version: i64,
        /// Its name, which states its purpose.
        name: String,
        /// A free-text note.
        note: Option<String>,
        /// SHA-256 of the key, hexadecimal.
        digest: String,
        /// The e-mail address of the user who created it.
        creator_email: String,
        /// Its permissions.
        permissions: Json<Vec<Permission>>,
        /// The API version it uses unless a request sets another one.
        api_version: String,
        /// The casing of keys in its responses unless a request sets another one.
        inflection: String,
        /// How case fields are represented for it.
        case_fields: CaseFields,
        /// Requests per minute; `None` for the operator's default, 0 for no limit.
        rate_limit: Option<i64>,
        /// When it expires.
        expires_at: Option<Moment>,
        /// When it was created.
        created_at: Moment,
    }
}

/// The digest by which a key is looked up.
pub fn digest(key: impl AsRef<[u8]>) -> String {
    sha256_hex(key.as_ref())
}

/// The properties of a new key.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// Its name, which states its purpose.
    pub name: String,
    /// The e-mail address of the user who creates it.
    pub creator_email: String,
    /// Its permissions.
    pub permissions: Vec<Permission>,
    /// The kind of environment it gives access to; part of the key's prefix.
    pub kind: EnvironmentKind,
    /// Requests per minute, if other than the default.
    pub rate_limit: Option<i64>,
    /// A free-text note.
    pub note: Option<String>,
    /// The API version it uses unless a request sets another one; `None` for the newest.
    pub api_version: Option<String>,
    /// The casing of its responses unless a request sets another one; `None` for kebab.
    pub inflection: Option<String>,
    /// How case fields are represented for it.
    pub case_fields: CaseFields,
}

impl KeyRequest {
    /// A key with the usual settings.
    pub fn new(name: &str, creator_email: &str, permissions: Vec<Permission>, kind: EnvironmentKind) -> Self {
        Self {
            name: name.to_owned(),
            creator_email: creator_email.to_owned(),
            permissions,
            kind,
            rate_limit: None,
            note: None,
            api_version: None,
            inflection: None,
            case_fields: CaseFields::Plain,
        }
    }
}

/// The maximum length of a note, in characters.
pub const NOTE_CHARACTERS_MAX: usize = 1_000;
/// The furthest expiry that can be set: one year ahead. Expiry ends a key now or after a handover period.
pub const EXPIRY_SECONDS_MAX: i64 = 365 * 86_400;

/// Creates a key for the actor's environment. Its permissions must be a subset of the actor's permissions. Only this
/// function's result contains the key itself.
pub fn create_key(
    work: &mut UnitOfWork,
    actor: &Actor,
    organization: &OrganizationId,
    request: &KeyRequest,
) -> Verb<(Arc<ApiKey>, String)> {
    actor.may(Permission::ApiKeyWrite)?;
    checked(actor, request)?;
    let key = format!("docket_{}_{}", request.kind, hex(&work.secret()[..24]));
    let id = ApiKeyId::of(work.new_id(ApiKeyId::PREFIX));
    let created_at = work.now();
    let made = work.insert(ApiKey {
        id,
        environment_id: actor.environment.clone(),
        organization_id: organization.clone(),
        version: 0,
        name: request.name.clone(),
        note: request.note.clone(),
        digest: digest(&key),
        creator_email: request.creator_email.clone(),
        permissions: Json::new(request.permissions.clone()),
        api_version: request.api_version.clone().unwrap_or_else(|| "2025-12-08".into()),
        inflection: request.inflection.clone().unwrap_or_else(|| "kebab".into()),
        case_fields: request.case_fields,
        rate_limit: request.rate_limit,
        expires_at: None,
        created_at,
    });
    Ok((made, key))
}

fn checked(actor: &Actor, request: &KeyRequest) -> Result<(), Refusal> {
    let mut findings = Vec::new();
    if request.name.is_empty() || request.name.chars().count() > 64 {
        let refusal = Refusal::rule("key-name", "an API key needs a name of 1 to 64 characters");
        findings.push(refusal.at("/data/attributes/name"));
    }
    if request.note.as_ref().is_some_and(|note| note.chars().count() > NOTE_CHARACTERS_MAX) {
        let refusal = Refusal::rule("key-note", format_args!("a note has at most {NOTE_CHARACTERS_MAX} characters"));
        findings.push(refusal.at("/data/attributes/note"));
    }
    let beyond = request.permissions.iter().enumerate().filter(|(_, permission)| actor.may(**permission).is_err());
    for (place, permission) in beyond {
        let sentence = format!("you can't give a key the permission {permission}, which you do not have");
        let refusal = Refusal::rule("permission-not-yours", sentence);
        findings.push(refusal.at(format!("/data/attributes/permissions/{place}")));
    }
    Refusal::of_all(findings).map_or(Ok(()), Err)
}

/// Expires a key after a number of seconds. A key that already expires earlier keeps its earlier expiry.
pub fn expire_key(work: &mut UnitOfWork, actor: &Actor, id: &ApiKeyId, in_seconds: i64) -> Verb<Arc<ApiKey>> {
    actor.may(Permission::ApiKeyWrite)?;
    hold_key(work, id)?;
    let key = work.existing::<ApiKey>("API key", id.as_str())?;
    if !(0..=EXPIRY_SECONDS_MAX).contains(&in_seconds) {
        let sentence = format!("a key expires in 0 to {EXPIRY_SECONDS_MAX} seconds (a year), not in {in_seconds}");
        return Err(Refusal::rule("key-expiry", sentence).at("/meta/expires-in-seconds").into());
    }
    let end = work.now().plus_seconds(in_seconds);
    if key.expires_at.is_some_and(|known| known <= end) {
        return Ok(key);
    }
    work.change::<ApiKey>(id.as_str(), |key| key.expires_at = Some(end))
}
