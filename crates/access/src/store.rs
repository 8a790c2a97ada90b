//! The tables this room owns, and the questions asked of them.

use docket_kernel::{Entity, Question, Table};

use crate::api_key::ApiKey;
use crate::organization::{Environment, Organization, User};

/// Organizations, environments, people, keys.
pub static TABLES: &[&Table] = &[Organization::TABLE, Environment::TABLE, User::TABLE, ApiKey::TABLE];

/// The environments of an organization: two.
pub static ENVIRONMENTS_OF_ORGANIZATION: Question =
    Question { table: Environment::TABLE, column: "organization_id", bound: 10, parent: None };

/// Every environment of a kind: how the operator names one without its id.
pub static ENVIRONMENTS_OF_KIND: Question =
    Question { table: Environment::TABLE, column: "kind", bound: 1_000, parent: None };
