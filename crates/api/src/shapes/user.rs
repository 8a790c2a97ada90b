//! A user.

use crate::document::Resource;

/// Everything the API shows of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserView {
    /// The id.
    pub id: String,
    /// The address that the user signs in with.
    pub email_address: String,
    /// The given name.
    pub name_first: String,
    /// The family name.
    pub name_last: String,
}

impl UserView {
    /// Renders the user.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("user", self.id);
        resource.attributes.set("email-address", self.email_address);
        resource.attributes.set("name-first", self.name_first);
        resource.attributes.set("name-last", self.name_last);
        resource
    }
}
