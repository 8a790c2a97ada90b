//! The installation: whether an organization was set up in it.

use docket_kernel::{Moment, OrganizationId, UnitOfWork, Verb};
use std::sync::Arc;

/// The key of the one row.
const ONLY: &str = "installation";

docket_kernel::entity! {
    /// A single row, inserted when the first organization is set up. Its fixed key makes a second first run impossible.
    pub struct Installation in "installation" {
        table: { rank: 8, lock: Config(version), scope: id, unique: [], asked: [] },
        /// A constant.
        id: Arc<str>,
        /// The row version; the row never changes.
        version: i64,
        /// When the first organization was set up.
        created_at: Moment,
        /// The id of that organization. It is different in every installation.
        organization_id: Option<OrganizationId>,
    }
}

/// Whether no organization has been set up yet.
pub fn is_new_installation(work: &mut UnitOfWork) -> Verb<bool> {
    Ok(work.get::<Installation>(ONLY)?.is_none())
}

/// The organization that was set up first, if any: the same on every node, and different in another installation.
pub fn first_organization(work: &mut UnitOfWork) -> Verb<Option<OrganizationId>> {
    Ok(work.get::<Installation>(ONLY)?.and_then(|installation| installation.organization_id.clone()))
}

/// Records that the installation is set up, and its first organization.
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
