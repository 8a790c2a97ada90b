//! Users as these operations show them.

use docket_access::User;
use serde_json::Value;

use crate::document::Resource;
use crate::schema::{self, text};
use crate::shapes::user::UserView;
use crate::time::iso;

/// A user: the contract's members, and since when.
pub fn resource(user: &User) -> Resource {
    let (first, last) = user.name.split_once(' ').unwrap_or((&user.name, ""));
    let view = UserView {
        id: user.id.to_string(),
        email_address: user.email.clone(),
        name_first: first.to_owned(),
        name_last: last.trim().to_owned(),
    };
    let mut resource = view.into_resource();
    resource.attributes.set("created-at", iso(user.created_at.0));
    resource
}

/// What a user shows.
pub fn schema() -> Value {
    let attributes =
        vec![("email-address", text()), ("name-first", text()), ("name-last", text()), ("created-at", schema::time())];
    schema::resource("user", attributes, Vec::new())
}
