//! Access: organizations, their sandbox and production environments, people, their sessions, API keys, plans.

mod add_user;
mod api_key;
mod assignable;
mod change_user;
mod first_steps;
mod hold;
mod installation;
mod invitation;
mod organization;
mod record;
mod session;
mod setup;
pub mod store;
mod tries;

pub use add_user::{NewPerson, add_user, add_user_with_invitation};
pub use api_key::{
    ApiKey, CaseFields, EXPIRY_SECONDS_MAX, KeyRequest, NOTE_CHARACTERS_MAX, create_key, digest, expire_key,
};
pub use assignable::assignable;
pub use change_user::{Standing, UserChange, change_user};
pub use docket_kernel::Role;
pub use first_steps::{FirstStep, first_step, note_first_steps};
pub use installation::{Installation, first_organization, is_new_installation};
pub use invitation::{INVITATION_SECONDS, accept_invitation, invite, invited};
pub use organization::{Environment, EnvironmentKind, Organization, Plan, User};
pub use session::{
    IDLE_SECONDS_MAX, SESSION_SECONDS_MAX, Session, begin_session, end_session, has_password, note_use,
    switch_environment,
};
pub use setup::{Made, MadeEnvironment, SetupRequest, hash_password, is_password, setup};
pub use tries::{TRIES_SECONDS, Tried, Tries, count_try, forgive_try};
