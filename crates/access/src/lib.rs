//! Access: organizations, their sandbox and production environments, people, their sessions, API keys, plans.

mod add_user;
mod api_key;
mod installation;
mod organization;
mod session;
mod setup;
pub mod store;
mod tries;

pub use add_user::add_user;
pub use api_key::{ApiKey, KeyRequest, create_key, digest, expire_key};
pub use installation::{Installation, is_new_installation};
pub use organization::{Environment, EnvironmentKind, Organization, Plan, User};
pub use session::{
    IDLE_SECONDS_MAX, SESSION_SECONDS_MAX, Session, begin_session, end_session, note_use, switch_environment,
};
pub use setup::{Made, MadeEnvironment, SetupRequest, hash_password, is_password, setup};
pub use tries::{TRIES_SECONDS, Tried, Tries, count_try, forgive_try};
