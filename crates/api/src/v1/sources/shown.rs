//! Sources as these operations show them: never their secrets, but once.

use docket_kernel::Moment;
use docket_objects::Source;
use serde_json::Value;

use crate::document::Resource;
use crate::schema::{self, Members, maybe, said, text, whole};
use crate::time::{iso, iso_or_null};

/// A source.
pub fn resource(source: &Source) -> Resource {
    let mut resource = Resource::new("source", source.id.to_string());
    resource.attributes.set("name", source.name.as_str());
    resource.attributes.set("url", format!("/ingest/{}", source.id));
    resource.attributes.set("created-at", iso(source.created_at.0));
    resource.attributes.set("version", source.version);
    // The instant at which the secret before the present one ends, or ended.
    let old: Option<Moment> = source.secrets.iter().filter_map(|secret| secret.expires_at).max();
    resource.attributes.set("former-secret-expires-at", iso_or_null(old.map(|end| end.0)));
    resource
}

/// What a source shows.
pub fn schema() -> Value {
    schema::resource("source", members(), Vec::new())
}

/// What it shows this once.
pub fn schema_with_secret() -> Value {
    let mut members = members();
    members.push(("secret", said(text(), "The secret that the vendor signs with; shown only in this response.")));
    schema::resource("source", members, Vec::new())
}

fn members() -> Members {
    let time = schema::time();
    let former = said(maybe(time.clone()), "When the previous secret expires or expired.");
    let version = said(whole(), "The number of changes; send it in quotes as If-Match.");
    vec![
        ("name", text()),
        ("url", text()),
        ("created-at", time),
        ("version", version),
        ("former-secret-expires-at", former),
    ]
}
