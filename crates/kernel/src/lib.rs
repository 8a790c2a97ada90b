//! The shared basics: ids, time, randomness, actors, refusals, and the unit of work through which every rule reads and
//! writes. This crate contains no noun of the product and does no input or output.

#[macro_use]
mod field;
mod actor;
mod calendar;
mod email;
mod entity;
mod fold;
mod hex;
mod id;
mod moment;
mod permission;
mod refusal;
mod rows;
mod scope;
mod seed;
mod slug;
mod table;
mod task;
mod want;
mod whole;
mod work;

pub use actor::{Actor, Cause, Who};
pub use calendar::{Impossible, Point, calendar_date};
pub use email::{EMAIL_CHARACTERS_MAX, checked_email, email_key};
pub use entity::{Entity, Stored};
pub use field::{Field, Json};
pub use fold::{checked_name, fold, fold_key, is_blank, same_key, same_name, tidied_name};
pub use hex::{hex, sha256_hex, unhex};
pub use id::*;
pub use moment::{Clock, ManualClock, Moment, SystemClock};
pub use permission::{Permission, Role};
pub use refusal::{Detail, Halt, Missing, Refusal, RefusalKind, Verb};
pub use rows::{Changes, NewDue, TableChanges, Touched};
pub use scope::Scope;
pub use seed::{Rng, Seed, SeededRng, SystemRng};
pub use slug::{SLUG_CHARACTERS_MAX, free_slug, is_slug, numbered_slug, slug_of};
pub use table::{Blob, Cell, Column, ColumnKind, Lock, QUESTION_BYTES_MAX, Question, Row, RowError, Stamp, Table};
pub use task::{Progress, Task};
pub use want::{AgePosition, Aged, AgedFound, CREATED_AT, Holding, Loaded, Unused, Want, Wants};
pub use whole::is_whole;
pub use work::{Mark, PlantedBug, UnitOfWork};

/// What the `entity!` and `text_enum!` macros need from this crate.
#[doc(hidden)]
pub mod macros {
    pub use crate::entity::{decode, encode, events_of, key_of, plain, scope_of, text_of, version_of, with_event};
    pub use serde;
}
