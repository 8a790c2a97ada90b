//! A comment on a case, as an included object.

use super::case::Actor;
use crate::document::Resource;
use crate::time::iso;

/// Everything the contract shows of a comment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseCommentView {
    /// The id.
    pub id: String,
    /// Its text.
    pub message: String,
    /// When it was written.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// Who wrote it.
    pub commenter: Option<Actor>,
}

impl CaseCommentView {
    /// Renders the comment. The contract allows no null for its author, so an unknown author is left out.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("case-comment", self.id);
        let attributes = &mut resource.attributes;
        attributes.set("message", self.message);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso(self.updated_at));
        if let Some(commenter) = self.commenter {
            attributes.set("commenter-id", commenter.id);
            attributes.set("commenter-type", commenter.kind);
        }
        resource
    }
}
