//! Whose rows an item sees.

use std::sync::Arc;

use crate::table::{Erased, Table};

/// Whose rows an item sees.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Everybody's: the operator of the installation.
    Installation,
    /// One environment's (or, for people and environments, one organization's).
    Of(Arc<str>),
    /// One environment's, and those of the organization it belongs to: its people, its environments, itself.
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

    /// Whose rows of this table are seen; `None` for everybody's.
    pub fn text_in(&self, table: &Table) -> Option<Arc<str>> {
        match self {
            Self::Installation => None,
            Self::Of(scope) => Some(Arc::clone(scope)),
            Self::Within { organization, .. } if table.is_of_organizations() => Some(Arc::clone(organization)),
            Self::Within { environment, .. } => Some(Arc::clone(environment)),
        }
    }

    /// Whose turn an item takes: what an environment is asked to do waits in one line, whoever asks.
    #[must_use]
    pub fn party(&self) -> Self {
        match self {
            Self::Within { environment, .. } => Self::Of(Arc::clone(environment)),
            other => other.clone(),
        }
    }
}
