//! Events: the append-only record of what happened, to which object, by which actor and why. Audit, timeline, triggers
//! and webhooks all read this record; every change has a row in it.

mod catalogue;
mod comment;
mod content;
mod counter;
mod event;
mod origin;
mod redaction;
mod retention;
mod retention_preview;
pub mod store;

pub use catalogue::{EVENTS, RECORDED_ONLY, Recorder, is_event_name, is_offered, object_type_of, recorder_of};
pub use comment::{COMMENT_BYTES_MAX, COMMENT_CHARACTERS_MAX, checked_comment, checked_comment_bytes, comment_bytes};
pub use content::{blank_context_of, blank_tree, content_digest, is_time, linked};
pub use counter::Counter;
pub use event::{EVENT, Event, NewEvent, Subject, record, record_in_each, subject_of};
pub use origin::Origin;
pub use redaction::{
    Blanked, Counts, Left, REDACTION, Redaction, begin_redaction, hint_shown, redaction_key, redaction_of, shown,
};
pub use retention::{
    KindProgress, Periods, RETENTION, RETENTION_TYPE, RetainedKind, Retention, RetentionProgress, change_retention,
    judge_periods, retention_of,
};
pub use retention_preview::{KindPreview, PREVIEWED_MAX, RetentionPreview, preview_retention};
