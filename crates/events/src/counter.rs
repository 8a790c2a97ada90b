//! Counts that no decision reads: increments of them need no lock.

use std::sync::Arc;

docket_kernel::entity! {
    /// A count that no decision reads.
    pub struct Counter in "counter" {
        table: { rank: 98, lock: Append, scope: scope, unique: [], asked: [] },
        /// What is counted; names a row wherever it is, since it holds an id.
        name: Arc<str>,
        /// Whose.
        scope: Arc<str>,
        /// How many.
        value: i64,
    }
}
