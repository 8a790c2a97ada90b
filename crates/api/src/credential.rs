//! Who calls: the bearer key of a request, or the session of its cookie.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::http::{HeaderMap, Method, header};
use docket_access::store::MAKERS_OF_KEYS;
use docket_access::{ApiKey, CaseFields, Environment, EnvironmentKind, Session, User, digest, note_use};
use docket_kernel::{
    Actor, EnvironmentId, Holding, Moment, OrganizationId, Permission, PlantedBug, Refusal, Scope, UnitOfWork, Verb,
    Who,
};
use docket_storage::{Command, ReadError};

use crate::app::App;
use crate::cookie;
use crate::error::ErrorDocument;
use crate::inflection::Inflection;
use crate::origin;
use crate::version::ApiVersion;

/// Reads cache a looked-up key for a second. A node that changes a key or a user clears its cache. Sessions are looked
/// up for each request. A write reads the key or the session, and the user, once more in its own batch
/// ([`Caller::anew`]).
const BELIEVED_SECONDS: i64 = 1;
const BELIEVED_MAX: usize = 10_000;

/// A caller with a valid credential.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub who: Who,
    pub environment: EnvironmentId,
    pub kind: EnvironmentKind,
    pub organization: OrganizationId,
    pub permissions: Arc<[Permission]>,
    /// The API version used unless a request names another.
    pub version: ApiVersion,
    /// The casing of responses unless a request names another.
    pub inflection: Inflection,
    /// How cases show their fields.
    pub case_fields: CaseFields,
    /// Requests a minute, if other than the operator's default.
    pub rate_limit: Option<u32>,
    /// When the credential expires.
    pub ends_at: Option<Moment>,
    /// The session, if the credential is one.
    pub session: Option<Arc<Session>>,
}

impl Caller {
    fn of_key(key: &ApiKey, kind: EnvironmentKind) -> Self {
        Self {
            who: Who::Key { id: key.id.clone(), email: key.creator_email.as_str().into() },
            environment: key.environment_id.clone(),
            kind,
            organization: key.organization_id.clone(),
            permissions: key.permissions.iter().copied().collect(),
            version: ApiVersion::parse(&key.api_version).unwrap_or(ApiVersion::NEWEST),
            inflection: Inflection::parse(&key.inflection).unwrap_or_default(),
            case_fields: key.case_fields,
            rate_limit: key.rate_limit.and_then(|limit| u32::try_from(limit).ok()),
            ends_at: key.expires_at,
            session: None,
        }
    }

    fn of_session(session: Arc<Session>, user: &User, kind: EnvironmentKind) -> Self {
        Self {
            who: Who::User { id: user.id.clone(), email: user.email.as_str().into() },
            environment: session.environment_id.clone(),
            kind,
            organization: session.organization_id.clone(),
            permissions: user.role.permissions().collect(),
            version: ApiVersion::NEWEST,
            inflection: Inflection::default(),
            case_fields: CaseFields::Plain,
            rate_limit: None,
            ends_at: Some(session.ends_at()),
            session: Some(session),
        }
    }

    /// The actor, with its permissions.
    pub fn actor(&self) -> Actor {
        Actor::new(self.who.clone(), self.environment.clone(), Arc::clone(&self.permissions))
    }

    /// The caller's environment and organization.
    pub fn scope(&self) -> Scope {
        Scope::Within { environment: self.environment.key(), organization: self.organization.key() }
    }

    /// The id under which requests are counted: of the key or of the user.
    pub fn id(&self) -> &str {
        match &self.who {
            Who::User { id, .. } => id.as_str(),
            Who::Key { id, .. } => id.as_str(),
            _ => self.environment.as_str(),
        }
    }

    /// Requests the rows that [`Self::anew`] reads.
    pub fn hint(&self, work: &mut UnitOfWork) {
        work.hint::<Environment>(self.environment.as_str());
        match (&self.session, &self.who) {
            (Some(session), _) => {
                work.hint::<Session>(session.id.as_str());
                work.hint::<User>(session.user_id.as_str());
            }
            (None, Who::Key { id, email }) => {
                work.hint::<ApiKey>(id.as_str());
                work.hint_ask(&MAKERS_OF_KEYS, email);
            }
            (None, _) => {}
        }
    }

    /// The caller as the credential is in this batch; `None` if it has ended. A body may take time to arrive, so the
    /// check at the start of the request is not enough for a change. The credential stays as it is until the batch is
    /// written. A change of people holds them alone from the start, so that two such changes never wait for each other.
    pub fn anew(&self, work: &mut UnitOfWork, people: Holding) -> Verb<Option<Self>> {
        if work.is_planted(PlantedBug::CallerNotReadAgain) {
            return Ok(Some(self.clone()));
        }
        if !work.is_planted(PlantedBug::CallerNotHeld) {
            self.hold(work, people)?;
        }
        let now = work.now();
        let caller = match (&self.session, &self.who) {
            (Some(session), _) => match work.get::<Session>(session.id.as_str())? {
                Some(session) => with_session(work, session)?,
                None => None,
            },
            (None, Who::Key { id, .. }) => match work.get::<ApiKey>(id.as_str())? {
                Some(key) => with_key(work, &key)?,
                None => None,
            },
            (None, _) => Some(self.clone()),
        };
        Ok(caller.filter(|caller| caller.is_live(now)))
    }

    /// Holds by name what [`Self::anew`] reads.
    fn hold(&self, work: &mut UnitOfWork, people: Holding) -> Verb<()> {
        let own = match (&self.session, &self.who) {
            (Some(session), _) => work.hold::<Session>(session.id.as_str(), Holding::Shared),
            (None, Who::Key { id, .. }) => work.hold::<ApiKey>(id.as_str(), Holding::Shared),
            (None, _) => Ok(()),
        };
        own.and(work.hold::<User>(self.organization.as_str(), people))
    }

    fn is_live(&self, now: Moment) -> bool {
        self.ends_at.is_none_or(|end| end > now) && self.session.as_ref().is_none_or(|session| session.is_live(now))
    }
}

/// The keys looked up within the last second, by their digest.
#[derive(Default)]
pub(crate) struct Credentials(Mutex<HashMap<String, (Moment, Arc<Caller>)>>);

/// Why a request has no actor.
#[derive(Debug)]
pub(crate) enum NoActor {
    /// The request has no credential.
    Missing,
    /// The credential is unknown or no longer valid.
    Invalid,
    /// A change with a cookie that does not come from Docket's own pages.
    Foreign(ErrorDocument),
    /// The database failed.
    Failed(ReadError),
}

/// The caller of a request: by its bearer key if it has one, otherwise by its cookie.
pub(crate) async fn caller_of(app: &App, method: &Method, headers: &HeaderMap) -> Result<Arc<Caller>, NoActor> {
    let caller = recall(app, headers).await?;
    if caller.session.is_none() {
        return Ok(caller);
    }
    note(app, &caller).await;
    if *method != Method::GET && *method != Method::HEAD {
        origin::is_ours(headers, &app.settings).map_err(NoActor::Foreign)?;
    }
    Ok(caller)
}

/// The caller of an `Authorization` header.
async fn key_of(app: &App, header: &str) -> Result<Arc<Caller>, NoActor> {
    let (scheme, key) = header.split_once(' ').ok_or(NoActor::Invalid)?;
    if !scheme.eq_ignore_ascii_case("bearer") || key.len() > 512 {
        return Err(NoActor::Invalid);
    }
    let (digest, now) = (digest(key.trim()), app.now());
    let caller = match app.credentials.believed(&digest, now) {
        Some(caller) => caller,
        None => {
            let wanted = digest.clone();
            let found = app.reader.view(Scope::Installation, move |work| by_key(work, &wanted)).await;
            let caller = Arc::new(found.map_err(NoActor::Failed)?.ok_or(NoActor::Invalid)?);
            app.credentials.believe(digest, now, &caller);
            caller
        }
    };
    if caller.is_live(now) { Ok(caller) } else { Err(NoActor::Invalid) }
}

/// The same, without recording that the session is in use: an open page with a stream does not keep a session in use.
pub(crate) async fn recall(app: &App, headers: &HeaderMap) -> Result<Arc<Caller>, NoActor> {
    match headers.get(header::AUTHORIZATION) {
        Some(authorization) => key_of(app, authorization.to_str().unwrap_or_default()).await,
        None => {
            let token = cookie::token_in(app, headers).await.map_err(NoActor::Failed)?;
            session_of(app, &token.ok_or(NoActor::Missing)?).await
        }
    }
}

/// The caller of a session's token.
async fn session_of(app: &App, token: &str) -> Result<Arc<Caller>, NoActor> {
    let (wanted, now) = (digest(token), app.now());
    let found = app.reader.view(Scope::Installation, move |work| by_session(work, &wanted)).await;
    let caller = found.map_err(NoActor::Failed)?.filter(|caller| caller.is_live(now)).ok_or(NoActor::Invalid)?;
    Ok(Arc::new(caller))
}

/// Records at intervals that a session is in use.
async fn note(app: &App, caller: &Caller) {
    let Some(session) = caller.session.as_ref().filter(|session| session.is_to_be_noted(app.now())) else { return };
    let id = session.id.clone();
    let command = Command::new("note-session", Scope::Installation, move |work| note_use(work, &id));
    // If this fails, the next request records it.
    if let Err(error) = app.writer.submit(command).await {
        tracing::warn!(%error, "that a session is in use could not be noted");
    }
}

fn by_key(work: &mut UnitOfWork, digest: &str) -> Verb<Option<Caller>> {
    match work.find::<ApiKey>("digest", digest)? {
        Some(key) => with_key(work, &key),
        None => Ok(None),
    }
}

fn with_key(work: &mut UnitOfWork, key: &ApiKey) -> Verb<Option<Caller>> {
    work.hint::<Environment>(key.environment_id.as_str());
    // A key may do no more than its creator may do now, and stops working when the creator is deactivated.
    let makers = work.ask::<User>(&MAKERS_OF_KEYS, &key.creator_email)?;
    let maker = makers.iter().find(|user| user.organization_id == key.organization_id);
    if maker.is_some_and(|maker| maker.deactivated_at.is_some()) {
        return Ok(None);
    }
    let mut caller = Caller::of_key(key, kind_of(work, &key.environment_id)?);
    if let Some(maker) = maker {
        let may: Vec<_> = maker.role.permissions().collect();
        caller.permissions = caller.permissions.iter().copied().filter(|permission| may.contains(permission)).collect();
    }
    Ok(Some(caller))
}

fn by_session(work: &mut UnitOfWork, digest: &str) -> Verb<Option<Caller>> {
    match work.find::<Session>("digest", digest)? {
        Some(session) => with_session(work, session),
        None => Ok(None),
    }
}

fn with_session(work: &mut UnitOfWork, session: Arc<Session>) -> Verb<Option<Caller>> {
    work.hint::<Environment>(session.environment_id.as_str());
    let user = work.get::<User>(session.user_id.as_str())?.filter(|user| session.is_of(user));
    let Some(user) = user else { return Ok(None) };
    let kind = kind_of(work, &session.environment_id)?;
    Ok(Some(Caller::of_session(session, &user, kind)))
}

fn kind_of(work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<EnvironmentKind> {
    match work.get::<Environment>(environment.as_str())? {
        Some(environment) => Ok(environment.kind),
        None => Err(Refusal::internal(format_args!("environment {environment} of a credential is not there")).into()),
    }
}

impl Credentials {
    fn believed(&self, digest: &str, now: Moment) -> Option<Arc<Caller>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, caller) = known.get(digest)?;
        (*since <= now && since.plus_seconds(BELIEVED_SECONDS) > now).then(|| Arc::clone(caller))
    }

    /// Clears the cache.
    pub fn forget(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn believe(&self, digest: String, now: Moment, caller: &Arc<Caller>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= BELIEVED_MAX {
            known.clear();
        }
        known.insert(digest, (now, Arc::clone(caller)));
    }
}
