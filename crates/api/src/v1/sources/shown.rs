//! Sources as these operations show them: never their secrets, but once.

use docket_kernel::{Moment, UnitOfWork, Verb};
use docket_objects::{ALLOW_LIST_MAX, Ignored, Source, ignored_count};
use serde_json::Value;

use crate::document::{Member, Members, Resource};
use crate::schema::{self, list_within, maybe, object, said, short, text, whole};
use crate::time::{iso, iso_or_null};

/// Where the allow-list of a source stands in a body.
pub const ALLOW_LIST: &str = "/data/attributes/allow-list";

/// A source.
pub fn resource(work: &mut UnitOfWork, source: &Source) -> Verb<Resource> {
    let mut resource = Resource::new("source", source.id.to_string());
    resource.attributes.set("name", source.name.as_str());
    resource.attributes.set("url", format!("/ingest/{}", source.id));
    resource.attributes.set("created-at", iso(source.created_at.0));
    resource.attributes.set("version", source.version);
    // The instant at which the secret before the present one ends, or ended.
    let old: Option<Moment> = source.secrets.iter().filter_map(|secret| secret.expires_at).max();
    resource.attributes.set("former-secret-expires-at", iso_or_null(old.map(|end| end.0)));
    resource.attributes.set("allow-list", source.allow_list.iter().cloned().collect::<Value>());
    let mut ignored = Members::with_capacity(Ignored::ALL.len());
    // Asked for together, so that they come with one load.
    let counts: Vec<Verb<i64>> = Ignored::ALL.iter().map(|reason| ignored_count(work, &source.id, *reason)).collect();
    for (reason, count) in Ignored::ALL.iter().zip(counts) {
        ignored.set(reason.as_str(), count?);
    }
    resource.attributes.add("ignored", Member::Nested(ignored));
    Ok(resource)
}

/// An allow-list.
pub fn allow_list_schema() -> Value {
    const WORD: &str = "[a-z][a-z0-9_-]*";
    let mut entry = short(128);
    entry["pattern"] = format!("^{WORD}(/{WORD})*(\\.{WORD})?$").into();
    let entry = said(entry, "A type, such as `inquiry`, or the name of an event, such as `inquiry.completed`.");
    said(
        list_within(entry, ALLOW_LIST_MAX),
        "What the source may report; anything else it sends is ignored and counted.",
    )
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

fn members() -> schema::Members {
    let time = schema::time();
    let former = said(maybe(time.clone()), "When the previous secret expires or expired.");
    let ignored = Ignored::ALL.iter().map(|reason| (reason.as_str(), whole()));
    let version = said(whole(), "The number of changes; send it in quotes as If-Match.");
    vec![
        ("name", text()),
        ("url", text()),
        ("created-at", time),
        ("version", version),
        ("former-secret-expires-at", former),
        ("allow-list", allow_list_schema()),
        ("ignored", said(object(ignored.collect()), "How much of what the source sent was ignored, by reason.")),
    ]
}
