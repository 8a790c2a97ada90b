//! What each noun looks like in the API: a plain view in, a [`crate::document::Resource`] out.
//!
//! Views hold every member the contract knows for the noun; times are microseconds since the epoch. The contract
//! closes its objects, so a shape adds nothing of its own.

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
