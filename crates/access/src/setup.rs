//! Setting up an organization: its two environments, its first person, and an API key for each environment.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::{PasswordHash, Salt};
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use docket_kernel::{
    Actor, EnvironmentId, Moment, OrganizationId, Permission, Refusal, Role, UnitOfWork, UserId, Verb, checked_email,
    checked_name, email_key,
};

use crate::api_key::{KeyRequest, create_key};
use crate::installation::note_installation;
use crate::organization::{Environment, EnvironmentKind, Organization, Plan, User};

/// The organization to set up.
#[derive(Clone, Debug)]
pub struct SetupRequest {
    /// The organization's name.
    pub organization: String,
    /// The first person's e-mail address.
    pub email: String,
    /// Their password, already hashed with [`hash_password`].
    pub password_hash: String,
    /// The organization's plan.
    pub plan: Plan,
}

/// What was set up.
#[derive(Clone, Debug)]
pub struct Made {
    /// The organization.
    pub organization: OrganizationId,
    /// The first person.
    pub user: UserId,
    /// The environment for testing.
    pub sandbox: MadeEnvironment,
    /// The environment for live data.
    pub production: MadeEnvironment,
}

/// An environment that was set up, with its first key.
#[derive(Clone, Debug)]
pub struct MadeEnvironment {
    /// The environment.
    pub id: EnvironmentId,
    /// A key with all permissions in the environment. It is not shown again.
    pub api_key: String,
}

/// Hashes a password with argon2id. Slow on purpose: call it before the writer, never in a verb.
pub fn hash_password(password: &str, salt: [u8; 32]) -> Result<String, Refusal> {
    if password.chars().count() < 8 {
        return Err(Refusal::rule("password", "a password needs at least 8 characters"));
    }
    let salt = Salt::new(&salt[..16]).map_err(Refusal::internal)?;
    Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt.as_ref())
        .map(|hash| hash.to_string())
        .map_err(Refusal::internal)
}

/// Whether this password matches a hash. Slow on purpose, and equally slow when there is no hash to compare with, so
/// that the response time does not reveal whether the account exists.
pub fn is_password(password: &str, hash: &str) -> bool {
    static NOBODYS: LazyLock<String> =
        LazyLock::new(|| hash_password("nobody's password", [7; 32]).unwrap_or_default());
    let (hash, is_somebodys) = if hash.is_empty() { (NOBODYS.as_str(), false) } else { (hash, true) };
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.as_bytes(), &hash).is_ok() && is_somebodys
}

/// The maximum length of an organization's name, in characters.
const NAME_CHARACTERS_MAX: usize = 200;

/// Sets up an organization. The actor is the operator of the installation.
pub fn setup(work: &mut UnitOfWork, request: &SetupRequest) -> Verb<Made> {
    let created_at = work.now();
    let organization_name = checked_name("an organization's name", &request.organization, NAME_CHARACTERS_MAX)
        .map_err(|sentence| Refusal::rule("organization-name", sentence))?;
    checked_email(&request.email)?;
    let organization = OrganizationId::of(work.new_id(OrganizationId::PREFIX));
    note_installation(work, &organization)?;
    work.insert(Organization {
        id: organization.clone(),
        version: 0,
        name: organization_name,
        plan: request.plan,
        created_at,
    });
    let name = request.email.split('@').next().unwrap_or_default();
    let mut person = User::new(work, &organization, &request.email, name, Role::Admin);
    person.password_hash.clone_from(&request.password_hash);
    let user = work.insert(person).id.clone();
    let sandbox = make_environment(work, &organization, EnvironmentKind::Sandbox, request, created_at)?;
    let production = make_environment(work, &organization, EnvironmentKind::Production, request, created_at)?;
    Ok(Made { organization, user, sandbox, production })
}

fn make_environment(
    work: &mut UnitOfWork,
    organization: &OrganizationId,
    kind: EnvironmentKind,
    request: &SetupRequest,
    created_at: Moment,
) -> Verb<MadeEnvironment> {
    let id = EnvironmentId::of(work.new_id(EnvironmentId::PREFIX));
    work.insert(Environment { id: id.clone(), organization_id: organization.clone(), version: 0, kind, created_at });
    let everything = Permission::of_keys(Permission::of_organizations()).collect();
    let wanted = KeyRequest::new("first key", &email_key(&request.email), everything, kind);
    let (_, api_key) = create_key(work, &Actor::system(id.clone()), organization, &wanted)?;
    Ok(MadeEnvironment { id, api_key })
}
