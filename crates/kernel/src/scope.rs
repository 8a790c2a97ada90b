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
}

impl Scope {
    pub(crate) fn sees(&self, table: &Table, row: &Erased) -> bool {
        match self {
            Self::Installation => true,
            Self::Of(scope) => (table.scope_of)(row.as_ref()) == *scope,
        }
    }

    pub(crate) fn text(&self) -> Option<Arc<str>> {
        match self {
            Self::Installation => None,
            Self::Of(scope) => Some(Arc::clone(scope)),
        }
    }
}
