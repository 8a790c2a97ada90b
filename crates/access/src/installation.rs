//! The installation: whether anything was set up in it yet.

use docket_kernel::{Moment, UnitOfWork, Verb};
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
    }
}

/// Whether nothing was set up yet.
pub fn is_new_installation(work: &mut UnitOfWork) -> Verb<bool> {
    Ok(work.get::<Installation>(ONLY)?.is_none())
}

/// Notes that something is set up.
pub(crate) fn note_installation(work: &mut UnitOfWork) -> Verb<()> {
    if is_new_installation(work)? {
        let created_at = work.now();
        work.insert(Installation { id: Arc::from(ONLY), version: 0, created_at });
    }
    Ok(())
}
