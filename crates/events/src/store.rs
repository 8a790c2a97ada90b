//! The tables of this crate.

use docket_kernel::{Entity, Question, Table};

use crate::counter::Counter;
use crate::event::Event;
use crate::redaction::Redaction;

/// The record of events, counters, and redactions.
pub static TABLES: &[&Table] = &[Event::TABLE, Counter::TABLE, Redaction::TABLE];

/// The maximum number of events with content of an object that one commit blanks.
pub const EVENTS_AT_ONCE: u32 = 100;

/// Some of the events with content of an object: an event no longer matches once it is blanked.
pub static EVENTS_WITH_CONTENT: Question =
    Question { table: Event::TABLE, column: "content_of", bound: EVENTS_AT_ONCE, parent: None };
