//! The tables this room owns.

use docket_kernel::{Entity, Question, Table};

use crate::ingest::Receipt;
use crate::object::Object;
use crate::source::Source;

/// Sources, objects, receipts.
pub static TABLES: &[&Table] = &[Source::TABLE, Object::TABLE, Receipt::TABLE];

/// The sources of an environment: whoever makes one looks at the names of all.
pub static SOURCES_OF_ENVIRONMENT: Question =
    Question { table: Source::TABLE, column: "environment_id", bound: 1_000, parent: None };

/// How many objects are redacted with another in one commit.
pub const REDACTED_AT_ONCE: u32 = 20;

/// Some of the objects that are redacted with another: each leaves the answer as it is redacted.
pub static REDACTED_WITH: Question =
    Question { table: Object::TABLE, column: "redacted_with", bound: REDACTED_AT_ONCE, parent: None };

/// How the list of inquiries finds a note: by its beginning, which an index holds, and by all of it.
pub const NOTE_BEGINNING: &str = "substr(attributes ->> 'note', 1, 64)";
/// The whole note.
pub const NOTE: &str = "(attributes ->> 'note')";
/// So many characters of a note are in the index.
pub const NOTE_BEGINNING_CHARACTERS: usize = 64;
