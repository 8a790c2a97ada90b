//! The tables this room owns, and the questions asked of them.

use docket_kernel::{Entity, Question, Table};

use crate::api_key::ApiKey;
use crate::installation::Installation;
use crate::organization::{Environment, Organization, User};
use crate::session::Session;
use crate::tries::Tries;

/// Organizations, environments, people, keys, sessions, tries at signing in, and whether anything is set up.
pub static TABLES: &[&Table] = &[
    Organization::TABLE,
    Environment::TABLE,
    User::TABLE,
    ApiKey::TABLE,
    Session::TABLE,
    Tries::TABLE,
    Installation::TABLE,
];

/// The environments of an organization: two.
pub static ENVIRONMENTS_OF_ORGANIZATION: Question =
    Question { table: Environment::TABLE, column: "organization_id", bound: 10, parent: None };

/// Every environment of a kind: how the operator names one without its id.
pub static ENVIRONMENTS_OF_KIND: Question =
    Question { table: Environment::TABLE, column: "kind", bound: 1_000, parent: None };

/// Everybody in an organization. Whoever lets the last administrator go changes the organization's row too.
pub static USERS_OF_ORGANIZATION: Question =
    Question { table: User::TABLE, column: "organization_id", bound: 10_000, parent: None };

/// Whoever has the e-mail address that a key was made under, in any organization.
pub static MAKERS_OF_KEYS: Question = Question { table: User::TABLE, column: "email", bound: 10_000, parent: None };

/// Everybody with an e-mail address: one in each organization.
pub static USERS_OF_EMAIL: Question = Question { table: User::TABLE, column: "email", bound: 20, parent: None };
