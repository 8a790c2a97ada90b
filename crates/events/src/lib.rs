//! Events: the append-only record of what happened, to which object, by whom, because of what. Audit, timeline,
//! triggers and webhooks all read this one record; nothing changes without a row in it.

mod catalogue;
mod comment;
mod counter;
mod event;
mod origin;
pub mod store;

pub use catalogue::{EVENTS, RECORDED_ONLY, Recorder, is_event_name, is_offered, object_type_of, recorder_of};
pub use comment::{COMMENT_CHARACTERS_MAX, checked_comment};
pub use counter::Counter;
pub use event::{EVENT, Event, Happening, record, record_in_each};
pub use origin::Origin;
