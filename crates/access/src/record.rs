//! Events about people: recorded in each environment of their organization, because a person belongs to all of it.

use docket_events::{NewEvent, record_in_each};
use docket_kernel::{Actor, EnvironmentId, UnitOfWork, Verb};
use serde_json::{Value, json};

use crate::organization::{Environment, User};
use crate::store::ENVIRONMENTS_OF_ORGANIZATION;

/// Records an event about a person.
pub(crate) fn record_of(work: &mut UnitOfWork, actor: &Actor, user: &User, new_event: &NewEvent) -> Verb<()> {
    let mut environments = work.ask::<Environment>(&ENVIRONMENTS_OF_ORGANIZATION, user.organization_id.as_str())?;
    environments.sort_by(|one, other| one.id.cmp(&other.id));
    let ids: Vec<EnvironmentId> = environments.iter().map(|environment| environment.id.clone()).collect();
    record_in_each(work, actor, &ids, new_event);
    Ok(())
}

/// An event with this name about this person.
pub(crate) fn new_event(name: &str, user: &User) -> NewEvent {
    NewEvent::about(user, name, tree(user)).at_version(user.settings_version())
}

/// The person as a reference tree.
fn tree(user: &User) -> Value {
    json!({
        "type": "user",
        "id": user.id,
        "email_address": user.email,
        "name": user.name,
        "role": user.role,
        "active": user.deactivated_at.is_none(),
        "created_at": user.created_at.to_string(),
    })
}
