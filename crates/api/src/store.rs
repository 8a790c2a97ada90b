//! The tables of this crate: stored responses to requests with an idempotency key, and the objects they contain.

use std::sync::Arc;

use docket_kernel::{Aged, AnswerId, Entity, EnvironmentId, Json, Moment, Question, Table};

docket_kernel::entity! {
    /// A stored response, written in the same commit as the changes of its request.
    pub struct Remembered in "answer" {
        table: { rank: 99, lock: Config(version), scope: environment_id, unique: ["key"], asked: ["subject_id"] },
        /// Its id.
        id: AnswerId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Its number of changes.
        version: i64,
        /// The API key and the request's idempotency key, joined.
        key: String,
        /// The digest of the request: method, path, body.
        request_digest: String,
        /// The HTTP status.
        status: i64,
        /// The body.
        body: String,
        /// The ETag.
        etag: Option<String>,
        /// Responses that are evicted together: refusals or others, of one caller.
        eviction_group: String,
        /// The approximate size of the row.
        size_bytes: i64,
        /// The primary object, by its id in the API; null once the response is blanked.
        subject_id: Option<String>,
        /// Every object whose content the response contains, by their ids in the API.
        subjects: Json<Vec<String>>,
        /// When it was stored.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// Records that a stored response includes an object beside the primary one.
    pub struct AnswerObject in "answer_object" {
        table: { rank: 100, lock: Append, scope: environment_id, unique: [], asked: ["object_id"] },
        /// Its id: the answer's and the object's, joined.
        id: Arc<str>,
        /// Its environment.
        environment_id: EnvironmentId,
        /// The answer.
        answer_id: AnswerId,
        /// The object, by its id in the API.
        object_id: String,
        /// When the response was stored.
        created_at: Moment,
    }
}

/// Some of the stored responses about an object: blanking a response removes it from the result.
pub(crate) static ANSWERS_ABOUT: Question =
    Question { table: Remembered::TABLE, column: "subject_id", bound: 100, parent: None };

/// Stored responses by age.
pub static ANSWERS_BY_AGE: Aged = Aged { table: Remembered::TABLE, column: "created_at", blank: None };

/// Some of the stored responses that include an object.
pub(crate) static ANSWERS_INCLUDING: Question =
    Question { table: AnswerObject::TABLE, column: "object_id", bound: 100, parent: None };

/// How long a response is stored, in seconds: a day.
pub const REMEMBERED_SECONDS: i64 = 86_400;

/// Stored responses, and what they include.
pub static TABLES: &[&Table] = &[Remembered::TABLE, AnswerObject::TABLE];
