//! The tables this room owns: remembered answers to requests with an idempotency key, and what they show.

use std::sync::Arc;

use docket_kernel::{AnswerId, Entity, EnvironmentId, Json, Moment, Question, Table};

docket_kernel::entity! {
    /// A remembered answer, written in the same commit as what it answers for.
    pub struct Remembered in "answer" {
        table: { rank: 99, lock: Config(version), scope: environment_id, unique: ["key"], asked: ["subject_id"] },
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
        /// The object it is about, by the id the API shows; nothing once it is blank.
        subject_id: Option<String>,
        /// Every object whose content it shows, by the ids the API shows.
        subjects: Json<Vec<String>>,
        /// When.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// That a remembered answer includes an object beside the one it is about.
    pub struct AnswerObject in "answer_object" {
        table: { rank: 100, lock: Append, scope: environment_id, unique: [], asked: ["object_id"] },
        /// Its id: the answer's and the object's, joined.
        id: Arc<str>,
        /// Whose.
        environment_id: EnvironmentId,
        /// The answer.
        answer_id: AnswerId,
        /// The object, by the id the API shows.
        object_id: String,
        /// When the answer was remembered.
        created_at: Moment,
    }
}

/// Some of the remembered answers about an object: each leaves the answer as it is blanked.
pub(crate) static ANSWERS_ABOUT: Question =
    Question { table: Remembered::TABLE, column: "subject_id", bound: 100, parent: None };

/// Some of the remembered answers that include an object.
pub(crate) static ANSWERS_INCLUDING: Question =
    Question { table: AnswerObject::TABLE, column: "object_id", bound: 100, parent: None };

/// How long an answer is remembered, in seconds: a day.
pub const REMEMBERED_SECONDS: i64 = 86_400;

/// Remembered answers, and what they include.
pub static TABLES: &[&Table] = &[Remembered::TABLE, AnswerObject::TABLE];
