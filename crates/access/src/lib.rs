//! Access: organizations, their sandbox and production environments, people, API keys, plans.

mod add_user;
mod api_key;
mod organization;
mod setup;
pub mod store;

pub use add_user::add_user;
pub use api_key::{ApiKey, KeyRequest, create_key, digest};
pub use organization::{Environment, EnvironmentKind, Organization, Plan, User};
pub use setup::{Made, MadeEnvironment, SetupRequest, hash_password, setup};
