//! The tables this room owns.

use docket_kernel::{Entity, Table};

use crate::ingest::Receipt;
use crate::object::Object;
use crate::source::Source;

/// Sources, objects, receipts.
pub static TABLES: &[&Table] = &[Source::TABLE, Object::TABLE, Receipt::TABLE];
