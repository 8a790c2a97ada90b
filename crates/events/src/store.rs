//! The tables this room owns.

use docket_kernel::{Entity, Question, Table};

use crate::counter::Counter;
use crate::event::Event;
use crate::redaction::Redaction;

/// The record of events, counters, and redactions.
pub static TABLES: &[&Table] = &[Event::TABLE, Counter::TABLE, Redaction::TABLE];

/// How many events that hold content of an object are blanked in one commit.
pub const EVENTS_AT_ONCE: u32 = 100;

/// Some of the events that hold content of an object: each leaves the answer as it is blanked.
pub static EVENTS_WITH_CONTENT: Question =
    Question { table: Event::TABLE, column: "content_of", bound: EVENTS_AT_ONCE, parent: None };
