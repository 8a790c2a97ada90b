//! What a credential rests on is held by name. A change made with a session or a key holds it, and the people of
//! the organization, together with others until the change is written; the verbs here hold them alone. So once a credential
//! has ended or may less, nothing more is written with what it was before.

use docket_kernel::{ApiKeyId, Holding, OrganizationId, SessionId, UnitOfWork, Verb};

use crate::api_key::ApiKey;
use crate::organization::User;
use crate::session::Session;

/// Holds the people of an organization alone, to change what one of them may do.
pub(crate) fn hold_people(work: &mut UnitOfWork, organization: &OrganizationId) -> Verb<()> {
    work.hold::<User>(organization.as_str(), Holding::Alone)
}

/// Holds a session alone, to end it.
pub(crate) fn hold_session(work: &mut UnitOfWork, session: &SessionId) -> Verb<()> {
    work.hint::<Session>(session.as_str());
    work.hold::<Session>(session.as_str(), Holding::Alone)
}

/// Holds a key alone, to end it.
pub(crate) fn hold_key(work: &mut UnitOfWork, key: &ApiKeyId) -> Verb<()> {
    work.hint::<ApiKey>(key.as_str());
    work.hold::<ApiKey>(key.as_str(), Holding::Alone)
}
