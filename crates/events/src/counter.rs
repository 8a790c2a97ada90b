//! Counters that no decision reads: incrementing them needs no lock.

use std::sync::Arc;

docket_kernel::entity! {
    /// A counter that no decision reads.
    pub struct Counter in "counter" {
        table: { rank: 98, lock: Append, scope: scope, unique: [], asked: [] },
        /// What is counted. The name is unique across scopes, since it contains an id.
        name: Arc<str>,
        /// The scope.
        scope: Arc<str>,
        /// The count.
        value: i64,
    }
}
