//! The table this room owns: remembered answers to requests with an idempotency key.

use docket_kernel::{AnswerId, Entity, EnvironmentId, Moment, Table};

docket_kernel::entity! {
    /// A remembered answer, written in the same commit as what it answers for.
    pub struct Remembered in "answer" {
        table: { rank: 99, lock: Config(version), scope: environment_id, unique: ["key"], asked: [] },
        /// Its id.
        id: AnswerId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// The API key and the request's idempotency key, joined.
        key: String,
        /// What was asked: method, path, body.
        request_digest: String,
        /// The HTTP status.
        status: i64,
        /// The body.
        body: String,
        /// The ETag.
        etag: Option<String>,
        /// Which answers go together when there are too many: refusals or others, of one caller.
        eviction_group: String,
        /// What the row takes, about.
        size_bytes: i64,
        /// When.
        created_at: Moment,
    }
}

/// How long an answer is remembered, in seconds: a day.
pub const REMEMBERED_SECONDS: i64 = 86_400;

/// Remembered answers.
pub static TABLES: &[&Table] = &[Remembered::TABLE];
