//! Which rows an item sees.

use std::sync::Arc;

use crate::table::{Erased, Table};

/// Which rows an item sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// All rows: for the operator of the installation.
    Installation,
    /// The rows of one environment (or, for people and environments, of one organization).
    Of(Arc<str>),
    /// The rows of one environment, and its organization with the organization's people and environments.
    Within {
        /// The environment.
        environment: Arc<str>,
        /// The organization.
        organization: Arc<str>,
    },
}

impl Scope {
    pub(crate) fn sees(&self, table: &Table, row: &Erased) -> bool {
        match self {
            Self::Installation => true,
            Self::Of(scope) => (table.scope_of)(row.as_ref()) == *scope,
            Self::Within { .. } => Some((table.scope_of)(row.as_ref())) == self.text_in(table),
        }
    }

    /// The scope that visible rows of this table have; `None` for all rows.
    pub fn text_in(&self, table: &Table) -> Option<Arc<str>> {
        match self {
            Self::Installation => None,
            Self::Of(scope) => Some(Arc::clone(scope)),
            Self::Within { organization, .. } if table.is_of_organizations() => Some(Arc::clone(organization)),
            Self::Within { environment, .. } => Some(Arc::clone(environment)),
        }
    }

    /// The scope whose queue an item waits in: all items of an environment share one queue, regardless of the actor.
    #[must_use]
    pub fn party(&self) -> Self {
        match self {
            Self::Within { environment, .. } => Self::Of(Arc::clone(environment)),
            other => other.clone(),
        }
    }
}
