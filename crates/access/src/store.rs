//! The tables of this crate, and the queries on them.

use docket_kernel::{Entity, Question, Table};

use crate::api_key::ApiKey;
use crate::installation::Installation;
use crate::organization::{Environment, Organization, User};
use crate::session::Session;
use crate::tries::Tries;

/// Organizations, environments, people, keys, sessions, sign-in attempts, and the installation.
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

/// Every environment of a kind: used by operator commands that name an environment without its id.
pub static ENVIRONMENTS_OF_KIND: Question =
    Question { table: Environment::TABLE, column: "kind", bound: 1_000, parent: None };

/// Every person in an organization. A transaction that removes an administrator also changes the organization's row.
pub static USERS_OF_ORGANIZATION: Question =
    Question { table: User::TABLE, column: "organization_id", bound: 10_000, parent: None };

/// The people with the e-mail address of a key's creator, in any organization.
pub static MAKERS_OF_KEYS: Question = Question { table: User::TABLE, column: "email", bound: 10_000, parent: None };

/// Everyone with this e-mail address: at most one person in each organization.
pub static USERS_OF_EMAIL: Question = Question { table: User::TABLE, column: "email", bound: 20, parent: None };
