//! Sessions: a person's stay in one environment. The browser holds the token; only its digest is kept.

use std::sync::Arc;

use docket_kernel::{EnvironmentId, Moment, OrganizationId, Refusal, SessionId, UnitOfWork, UserId, Verb, hex};

use crate::api_key::digest;
use crate::organization::{Environment, EnvironmentKind, User};
use crate::store::ENVIRONMENTS_OF_ORGANIZATION;

/// A session that nobody used for so long has ended: twelve hours.
pub const IDLE_SECONDS_MAX: i64 = 12 * 3_600;
/// No session lives longer than this: seven days.
pub const SESSION_SECONDS_MAX: i64 = 7 * 86_400;
/// That a session is in use is noted this often, so that reading stays reading.
const NOTED_EVERY_SECONDS: i64 = 300;

docket_kernel::entity! {
    /// A person's stay in one environment.
    pub struct Session in "user_session" {
        table: { rank: 6, lock: Config(version), scope: environment_id, unique: ["digest"], asked: [] },
        /// Its id.
        id: SessionId,
        /// The one environment it is in.
        environment_id: EnvironmentId,
        /// Whose environment that is.
        organization_id: OrganizationId,
        /// Who stays.
        user_id: UserId,
        /// How often it changed.
        version: i64,
        /// SHA-256 of the token, hexadecimal.
        digest: String,
        /// When it was last seen in use.
        seen_at: Moment,
        /// When the person signed in; a switch of environment does not renew it.
        created_at: Moment,
    }
}

impl Session {
    /// Whether it still is one: in use lately, and not older than any may be.
    pub fn is_live(&self, now: Moment) -> bool {
        self.seen_at.plus_seconds(IDLE_SECONDS_MAX) > now && self.ends_at() > now
    }

    /// Whether its person may still come in with it: they are active, and were not signed out since it began.
    pub fn is_of(&self, user: &User) -> bool {
        user.deactivated_at.is_none() && user.signed_out_at.is_none_or(|out| self.created_at >= out)
    }

    /// When it ends, however much it is used.
    pub fn ends_at(&self) -> Moment {
        self.created_at.plus_seconds(SESSION_SECONDS_MAX)
    }

    /// Whether it is time to note that it is in use.
    pub fn is_to_be_noted(&self, now: Moment) -> bool {
        self.seen_at.plus_seconds(NOTED_EVERY_SECONDS) <= now
    }
}

/// Begins a session of a person who has shown that they are who they say. The token is in the answer and nowhere else.
/// A session the browser came with ends: no token outlives a sign-in.
pub fn begin_session(
    work: &mut UnitOfWork,
    user: &UserId,
    kind: EnvironmentKind,
    before: Option<&str>,
) -> Verb<(Arc<Session>, String)> {
    let user = work.existing::<User>("user", user.as_str())?;
    if user.deactivated_at.is_some() {
        let sentence = format!("{} is deactivated; ask an administrator", user.email);
        return Err(Refusal::rule("user-deactivated", sentence).into());
    }
    if let Some(before) = before
        && let Some(before) = work.find::<Session>("digest", &digest(before))?
    {
        work.remove::<Session>(before.id.as_str())?;
    }
    let now = work.now();
    enter(work, &user, kind, now)
}

/// Whether somebody's password is still the one with this hash: judging takes a while, and it may have been changed.
pub fn has_password(work: &mut UnitOfWork, user: &UserId, hash: &str) -> Verb<bool> {
    Ok(work.existing::<User>("user", user.as_str())?.password_hash == hash)
}

/// Exchanges a session for one in the other environment; the old one ends. The one it is in already is one too: its
/// token is exchanged all the same.
pub fn switch_environment(
    work: &mut UnitOfWork,
    session: &SessionId,
    kind: EnvironmentKind,
) -> Verb<(Arc<Session>, String)> {
    let Some(session) = work.get::<Session>(session.as_str())? else { return Err(ended().into()) };
    let user = work.get::<User>(session.user_id.as_str())?.filter(|user| session.is_of(user));
    let Some(user) = user else { return Err(ended().into()) };
    work.remove::<Session>(session.id.as_str())?;
    enter(work, &user, kind, session.created_at)
}

/// Ends a session, at once and everywhere. One that has ended already stays ended.
pub fn end_session(work: &mut UnitOfWork, session: &SessionId) -> Verb<()> {
    work.remove::<Session>(session.as_str())
}

/// Notes that a session is in use. One that has ended stays ended.
pub fn note_use(work: &mut UnitOfWork, session: &SessionId) -> Verb<()> {
    let now = work.now();
    if work.get::<Session>(session.as_str())?.is_some() {
        work.change::<Session>(session.as_str(), |session| session.seen_at = now)?;
    }
    Ok(())
}

fn enter(
    work: &mut UnitOfWork,
    user: &User,
    kind: EnvironmentKind,
    created_at: Moment,
) -> Verb<(Arc<Session>, String)> {
    let all = work.ask::<Environment>(&ENVIRONMENTS_OF_ORGANIZATION, user.organization_id.as_str())?;
    let Some(environment) = all.iter().find(|environment| environment.kind == kind) else {
        return Err(Refusal::unknown("environment", kind).into());
    };
    let token = hex(&work.secret());
    let id = SessionId::of(work.new_id(SessionId::PREFIX));
    let seen_at = work.now();
    let session = work.insert(Session {
        id,
        environment_id: environment.id.clone(),
        organization_id: user.organization_id.clone(),
        user_id: user.id.clone(),
        version: 0,
        digest: digest(&token),
        seen_at,
        created_at,
    });
    Ok((session, token))
}

fn ended() -> Refusal {
    Refusal::unknown("session", "of this browser")
}

#[cfg(test)]
mod tests {
    use docket_kernel::Moment;

    use super::*;

    #[test]
    fn a_session_ends_when_it_is_idle_or_old() {
        let begun = Moment(1_000_000_000_000_000);
        let session = |seen: i64| Session {
            id: SessionId::of("ses_1"),
            environment_id: EnvironmentId::of("env_1"),
            organization_id: OrganizationId::of("org_1"),
            user_id: UserId::of("user_1"),
            version: 1,
            digest: String::new(),
            seen_at: begun.plus_seconds(seen),
            created_at: begun,
        };
        let (day, table) = (86_400, [(0, 43_199, true), (0, 43_200, false)]);
        for (seen, at, live) in
            table.into_iter().chain([(7 * day - 1, 7 * day - 1, true), (7 * day - 1, 7 * day, false)])
        {
            assert_eq!(session(seen).is_live(begun.plus_seconds(at)), live, "seen at {seen}, asked at {at}");
        }
        assert!(!session(0).is_to_be_noted(begun.plus_seconds(299)));
        assert!(session(0).is_to_be_noted(begun.plus_seconds(300)));
    }
}
