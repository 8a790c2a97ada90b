//! The tables this room owns.

use docket_kernel::{Entity, Table};

use crate::event::Event;

/// The record of events.
pub static TABLES: &[&Table] = &[Event::TABLE];
