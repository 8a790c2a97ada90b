//! An inquiry template.

use crate::document::{Relationships, Resource};

/// What the API shows of an included inquiry template.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InquiryTemplateView {
    /// The id, as the caller or vendor sent it.
    pub id: String,
    /// `active` unless another status was reported.
    pub status: String,
    /// Its name.
    pub name: String,
    /// The id of its newest published version.
    pub latest_published_version_id: Option<String>,
}

impl InquiryTemplateView {
    /// Renders the inquiry template.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("inquiry-template", self.id);
        resource.attributes.set("status", self.status);
        resource.attributes.set("name", self.name);
        let mut to = Relationships::default();
        to.one("latest-published-version", "inquiry-template-version", self.latest_published_version_id);
        resource.relationships = Some(to);
        resource
    }
}
