//! The tables of this crate.

use docket_kernel::{Aged, Entity, Question, Table};

use crate::ingest::Receipt;
use crate::object::Object;
use crate::source::Source;

/// Sources, objects, receipts.
pub static TABLES: &[&Table] = &[Source::TABLE, Object::TABLE, Receipt::TABLE];

/// The sources of an environment: creating a source reads the names of all.
pub static SOURCES_OF_ENVIRONMENT: Question =
    Question { table: Source::TABLE, column: "environment_id", bound: 1_000, parent: None };

/// Receipts by age.
pub static RECEIPTS_BY_AGE: Aged = Aged { table: Receipt::TABLE, column: "created_at", blank: None };

/// The maximum number of objects that one commit redacts with another object.
pub const REDACTED_AT_ONCE: u32 = 20;

/// Some of the objects that are redacted with another: each one leaves the result as it is redacted.
pub static REDACTED_WITH: Question =
    Question { table: Object::TABLE, column: "redacted_with", bound: REDACTED_AT_ONCE, parent: None };

/// The indexed prefix of a note. The list of inquiries finds a note by this prefix, and then compares the whole note.
pub const NOTE_BEGINNING: &str = "substr(attributes ->> 'note', 1, 64)";
/// The whole note.
pub const NOTE: &str = "(attributes ->> 'note')";
/// The length of the indexed prefix of a note, in characters.
pub const NOTE_BEGINNING_CHARACTERS: usize = 64;
