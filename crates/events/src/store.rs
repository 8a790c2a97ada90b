//! The tables of this crate.

use docket_kernel::{Aged, Entity, Question, Table};

use crate::counter::Counter;
use crate::event::Event;
use crate::redaction::Redaction;
use crate::retention::Retention;

/// The record of events, counters, redactions and retention policies.
pub static TABLES: &[&Table] = &[Event::TABLE, Counter::TABLE, Redaction::TABLE, Retention::TABLE];

/// The maximum number of events with content of an object that one commit blanks.
pub const EVENTS_AT_ONCE: u32 = 100;

/// Some of the events with content of an object: an event no longer matches once it is blanked.
pub static EVENTS_WITH_CONTENT: Question =
    Question { table: Event::TABLE, column: "content_of", bound: EVENTS_AT_ONCE, parent: None };

/// Events by age.
pub static EVENTS_BY_AGE: Aged = Aged { table: Event::TABLE, column: "created_at", blank: Some("redaction_id") };
