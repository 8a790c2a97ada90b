//! The API form of each noun: from a plain view to a [`crate::document::Resource`].
//!
//! Views have every member that the contract defines for the noun; times are microseconds since the epoch. The contract
//! closes its objects, so a shape adds no members of its own.

pub mod account;
pub mod account_type;
pub mod case;
pub mod case_comment;
pub mod case_template;
pub mod event;
pub mod field_schema;
pub mod inquiry;
pub mod inquiry_template;
pub mod typed;
pub mod user;
pub mod workflow;
pub mod workflow_run;
pub mod workflow_version;

use serde_json::Value;

fn texts(texts: Vec<String>) -> Value {
    Value::Array(texts.into_iter().map(Value::String).collect())
}
