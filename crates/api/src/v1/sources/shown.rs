//! Sources in the form of these operations: a secret only in the response that creates it.

use docket_kernel::{Moment, UnitOfWork, Verb};
use docket_objects::{ALLOW_LIST_MAX, Ignored, Source, ignored_count};
use serde_json::Value;

use crate::document::{Member, Members, Resource};
use crate::schema::{self, list_within, maybe, object, said, short, text, whole};
use crate::time::{iso, iso_or_null};

/// The pointer of a source's allow-list in a body.
pub const ALLOW_LIST: &str = "/data/attributes/allow-list";

/// A source.
pub fn resource(work: &mut UnitOfWork, source: &Source) -> Verb<Resource> {
    let mut resource = Resource::new("source", source.id.to_string());
    resource.attributes.set("name", source.name.as_str());
    resource.attributes.set("url", format!("/ingest/{}", source.id));
    resource.attributes.set("created-at", iso(source.created_at.0));
    resource.attributes.set("version", source.version);
    // When the previous secret expires or expired.
    let old: Option<Moment> = source.secrets.iter().filter_map(|secret| secret.expires_at).max();
    resource.attributes.set("former-secret-expires-at", iso_or_null(old.map(|end| end.0)));
    resource.attributes.set("allow-list", source.allow_list.iter().cloned().collect::<Value>());
    let mut ignored = Members::with_capacity(Ignored::ALL.len());
    // Requested together, so that one load fetches all of them.
    let counts: Vec<Verb<i64>> = Ignored::ALL.iter().map(|reason| ignored_count(work, &source.id, *reason)).collect();
    for (reason, count) in Ignored::ALL.iter().zip(counts) {
        ignored.set(reason.as_str(), count?);
    }
    resource.attributes.add("ignored", Member::Nested(ignored));
    Ok(resource)
}

/// The schema of an allow-list.
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

/// The schema of a source.
pub fn schema() -> Value {
    schema::resource("source", members(), Vec::new())
}

/// The same with the secret, which is shown once.
pub fn schema_with_secret() -> Value {
    let mut members = members();
    members.push(("secret", said(text(), "The secret that the vendor signs with; shown only in this response.")));
    schema::resource("source", members, Vec::new())
}

fn members() -> schema::Properties {
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
