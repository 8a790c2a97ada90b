//! Comments in the form of these operations.

use docket_cases::CaseComment;
use serde_json::Value;

use crate::document::Resource;
use crate::schema::{self, maybe, text, to_one};
use crate::views::resource_of;

/// A comment in the form of the API, by itself and in events.
pub fn resource(comment: &CaseComment) -> Resource {
    resource_of(&comment.tree())
}

/// The schema of a comment.
pub fn schema() -> Value {
    let attributes = vec![
        ("body", text()),
        ("created-at", schema::time()),
        ("creator-id", maybe(text())),
        ("creator-type", maybe(text())),
    ];
    schema::resource("case-comment", attributes, vec![("case", to_one("case"))])
}
