//! The tables this room owns.

use docket_kernel::{Entity, Table};

use crate::counter::Counter;
use crate::event::Event;

/// The record of events, and counters.
pub static TABLES: &[&Table] = &[Event::TABLE, Counter::TABLE];
