//! Sessions: a person signed in to one environment. The browser stores the token; Docket stores only its digest.

use std::sync::Arc;

use docket_kernel::{EnvironmentId, Moment, OrganizationId, Refusal, SessionId, UnitOfWork, UserId, Verb, hex};

use crate::api_key::digest;
use crate::hold::hold_session;
use crate::organization::{Environment, EnvironmentKind, User};
use crate::store::ENVIRONMENTS_OF_ORGANIZATION;

/// A session that is idle for this long ends: twelve hours.
pub const IDLE_SECONDS_MAX: i64 = 12 * 3_600;
/// The maximum lifetime of a session: seven days.
pub const SESSION_SECONDS_MAX: i64 = 7 * 86_400;
/// How often the use of a session is recorded, so that most requests that only read do not write.
const NOTED_EVERY_SECONDS: i64 = 300;

docket_kernel::entity! {
    /// A person signed in to one environment.
    pub struct Session in "user_session" {
        table: { rank: 6, lock: Config(version), scope: environment_id, unique: ["digest"], asked: [] },
        /// Its id.
        id: SessionId,
        /// Its one environment.
        environment_id: EnvironmentId,
        /// The organization of that environment.
        organization_id: OrganizationId,
        /// The person who is signed in.
        user_id: UserId,
        /// The row version, incremented by every change.
        version: i64,
        /// SHA-256 of the token, hexadecimal.
        digest: String,
        /// When its use was last recorded.
        seen_at: Moment,
        /// When the person signed in; a switch of environment does not renew it.
        created_at: Moment,
    }
}

impl Session {
    /// Whether the session is live: used recently, and within the maximum lifetime.
    pub fn is_live(&self, now: Moment) -> bool {
        self.seen_at.plus_seconds(IDLE_SECONDS_MAX) > now && self.ends_at() > now
    }

    /// Whether the person can still use the session: the person is active, and was not signed out after it began.
    pub fn is_of(&self, user: &User) -> bool {
        user.deactivated_at.is_none() && user.signed_out_at.is_none_or(|out| self.created_at >= out)
    }

    /// When it ends at the latest, even if it is in use.
    pub fn ends_at(&self) -> Moment {
        self.created_at.plus_seconds(SESSION_SECONDS_MAX)
    }

    /// Whether its use is due to be recorded.
    pub fn is_to_be_noted(&self, now: Moment) -> bool {
        self.seen_at.plus_seconds(NOTED_EVERY_SECONDS) <= now
    }
}

/// Begins a session for a person who has authenticated. Only this function's result contains the token. The session
/// that the browser sent with the request ends: no token outlives a sign-in.
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
        hold_session(work, &before.id)?;
        work.remove::<Session>(before.id.as_str())?;
    }
    let now = work.now();
    enter(work, &user, kind, now)
}

/// Whether the person's password still has this hash: it may have changed while the password was being verified.
pub fn has_password(work: &mut UnitOfWork, user: &UserId, hash: &str) -> Verb<bool> {
    Ok(work.existing::<User>("user", user.as_str())?.password_hash == hash)
}

/// Exchanges a session for one in the environment of this kind; the old session ends. If that is the environment of the
/// session, its token is exchanged too.
pub fn switch_environment(
    work: &mut UnitOfWork,
    session: &SessionId,
    kind: EnvironmentKind,
) -> Verb<(Arc<Session>, String)> {
    hold_session(work, session)?;
    let Some(session) = work.get::<Session>(session.as_str())? else { return Err(ended().into()) };
    let user = work.get::<User>(session.user_id.as_str())?.filter(|user| session.is_of(user));
    let Some(user) = user else { return Err(ended().into()) };
    work.remove::<Session>(session.id.as_str())?;
    enter(work, &user, kind, session.created_at)
}

/// Ends a session immediately, on every node. If it has already ended, nothing changes. A change that was begun with it is
/// written before this, or not at all.
pub fn end_session(work: &mut UnitOfWork, session: &SessionId) -> Verb<()> {
    hold_session(work, session)?;
    work.remove::<Session>(session.as_str())
}

/// Records that a session is in use. A session that has ended stays ended.
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
