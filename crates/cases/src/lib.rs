//! Cases: files that need a decision, their templates and their statuses.
//!
//! [`update_status`](fn@update_status) is the only function in the product that sets a case's status, for every kind of
//! actor; `status.rs` defines the rule.

mod add_objects;
mod assign;
mod attach;
mod case;
mod change_fields;
mod change_template;
mod comment;
mod convert;
mod create;
mod fields;
mod file;
mod holding;
mod next_statuses;
mod redact;
mod retired;
mod size;
mod status;
mod status_list;
pub mod store;
mod tag;
mod template;
mod update;
mod update_status;

pub use add_objects::{OBJECTS_MAX, add_objects, can_hold};
pub use assign::{Assignee, OpenCases, assign, open_cases_of, reassign_open_cases};
pub use attach::{FILE_NAME_CHARACTERS_MAX, FILES_MAX, NewContent, NewFile, attach};
pub use case::{Attachment, Case, CaseObject, objects_of, tree, tree_of};
pub use change_fields::{FieldChoice, FieldNamedBy};
pub use change_template::{LiveUses, NamedBy, TemplateChange, change_template};
pub use comment::{COMMENTS_BYTES_MAX, COMMENTS_MAX, CaseComment, add_comment, comments_of};
pub use create::{CreateRequest, create_case};
pub use fields::{FIELDS_MAX, FieldSchema, FieldType, checked_fields};
pub use file::{
    CHUNK_BYTES, CHUNKS_REMOVED_MAX, FILE_BYTES_MAX, FileChunk, FileContent, STAGED_FILE, STAGED_SECONDS, abandon_file,
    chunk_key, chunk_of, chunks_of, file_of, remove_chunks, remove_staged, stage_chunk, stage_file, takes_file,
};
pub use holding::{CASES_OF_OBJECT_MAX, cases_holding};
pub use next_statuses::{NextStatus, next_statuses};
pub use redact::{blank_comments, comment_shown, redact_case, remove_file};
pub use retired::{RetiredInput, retired_of};
pub use size::CASE_BYTES_MAX;
pub use status::{CaseStatus, StatusType, Statuses, statuses_of};
pub use status_list::{STATUSES_MAX, StatusInput, checked_statuses, default_statuses};
pub use tag::tag_case;
pub use template::{CaseTemplate, TemplateRequest, create_template, hold_templates, template};
pub use update::{SLA_SECONDS_MAX, UpdateRequest, update_case};
pub use update_status::{StatusChange, update_status};
