//! Events: the append-only record of what happened, to which object, by whom, because of what. Audit, timeline,
//! triggers and webhooks all read this one record; nothing changes without a row in it.

mod catalogue;
mod comment;
mod event;
pub mod store;

pub use catalogue::{EVENTS, Origin, RECORDED_ONLY, is_offered, object_type_of, origin_of};
pub use comment::{COMMENT_CHARACTERS_MAX, checked_comment};
pub use event::{EVENT, Event, Happening, record, record_in_each};
