//! API keys: each belongs to one environment and carries its permissions. Only a digest is kept.

use docket_kernel::{
    Actor, ApiKeyId, EnvironmentId, Json, Moment, OrganizationId, Permission, Refusal, UnitOfWork, Verb, Who, hex,
};
use sha2::{Digest, Sha256};

use crate::organization::EnvironmentKind;

docket_kernel::entity! {
    /// A key with which a program calls the API.
    pub struct ApiKey in "api_key" {
        table: { rank: 4, lock: Config(version), scope: environment_id, unique: ["digest"], asked: [] },
        /// Its id.
        id: ApiKeyId,
        /// The environment it opens.
        environment_id: EnvironmentId,
        /// Whose environment that is.
        organization_id: OrganizationId,
        /// How often it changed.
        version: i64,
        /// What it is for.
        name: String,
        /// SHA-256 of the key, hexadecimal.
        digest: String,
        /// The e-mail address of whoever made it.
        creator_email: String,
        /// What it may do.
        permissions: Json<Vec<Permission>>,
        /// The API version it speaks unless a request says otherwise.
        api_version: String,
        /// The casing of keys it is answered in unless a request says otherwise.
        inflection: String,
        /// Requests a minute; `None` for the operator's default, 0 for no limit.
        rate_limit: Option<i64>,
        /// When it ends.
        expires_at: Option<Moment>,
        /// When it was made.
        created_at: Moment,
    }
}

impl ApiKey {
    /// The actor this key lets in, unless it has expired.
    pub fn actor(&self, now: Moment) -> Option<Actor> {
        if self.expires_at.is_some_and(|end| end <= now) {
            return None;
        }
        let who = Who::Key { id: self.id.clone(), email: self.creator_email.as_str().into() };
        Some(Actor::new(who, self.environment_id.clone(), self.permissions.iter().copied().collect()))
    }
}

/// The digest under which a key is found.
pub fn digest(key: impl AsRef<[u8]>) -> String {
    hex(&Sha256::digest(key))
}

/// What a new key shall be.
#[derive(Clone, Debug)]
pub struct KeyRequest {
    /// What it is for.
    pub name: String,
    /// The e-mail address of whoever makes it.
    pub creator_email: String,
    /// What it may do.
    pub permissions: Vec<Permission>,
    /// Which world it opens; shown at the beginning of the key.
    pub kind: EnvironmentKind,
    /// Requests a minute, if other than the default.
    pub rate_limit: Option<i64>,
}

/// Makes a key for the actor's environment. The key itself is in the answer and nowhere else.
pub fn create_key(
    work: &mut UnitOfWork,
    actor: &Actor,
    organization: &OrganizationId,
    request: &KeyRequest,
) -> Verb<(ApiKeyId, String)> {
    actor.may(Permission::ApiKeyWrite)?;
    if request.name.is_empty() || request.name.chars().count() > 64 {
        return Err(Refusal::rule("key-name", "an API key needs a name of 1 to 64 characters").into());
    }
    let key = format!("docket_{}_{}", request.kind, hex(&work.secret()[..24]));
    let id = ApiKeyId::of(work.new_id(ApiKeyId::PREFIX));
    let created_at = work.now();
    work.insert(ApiKey {
        id: id.clone(),
        environment_id: actor.environment.clone(),
        organization_id: organization.clone(),
        version: 0,
        name: request.name.clone(),
        digest: digest(&key),
        creator_email: request.creator_email.clone(),
        permissions: Json::new(request.permissions.clone()),
        api_version: "2025-12-08".into(),
        inflection: "kebab".into(),
        rate_limit: request.rate_limit,
        expires_at: None,
        created_at,
    });
    Ok((id, key))
}
