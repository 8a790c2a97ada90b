//! The installation: whether anything was set up in it yet.

use docket_kernel::{Moment, OrganizationId, UnitOfWork, Verb};
use std::sync::Arc;

/// The key of the one row.
const ONLY: &str = "installation";

docket_kernel::entity! {
    /// One row, there since the first organization was set up. Its key holds that there is one first run.
    pub struct Installation in "installation" {
        table: { rank: 8, lock: Config(version), scope: id, unique: [], asked: [] },
        /// Always the same.
        id: Arc<str>,
        /// How often it changed: never.
        version: i64,
        /// When the first organization was set up.
        created_at: Moment,
        /// That organization. Unlike anything else here it differs from one installation to the next.
        organization_id: Option<OrganizationId>,
    }
}

/// Whether nothing was set up yet.
pub fn is_new_installation(work: &mut UnitOfWork) -> Verb<bool> {
    Ok(work.get::<Installation>(ONLY)?.is_none())
}

/// The organization that was set up first, if one was: the same on every node, and another in another installation.
pub fn first_organization(work: &mut UnitOfWork) -> Verb<Option<OrganizationId>> {
    Ok(work.get::<Installation>(ONLY)?.and_then(|installation| installation.organization_id.clone()))
}

/// Notes that something is set up, and with which organization first.
pub(crate) fn note_installation(work: &mut UnitOfWork, organization: &OrganizationId) -> Verb<()> {
    if is_new_installation(work)? {
        let created_at = work.now();
        work.insert(Installation {
            id: Arc::from(ONLY),
            version: 0,
            created_at,
            organization_id: Some(organization.clone()),
        });
    }
    Ok(())
}
