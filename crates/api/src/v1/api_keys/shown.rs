//! API keys in the form of these operations: the key itself only in the response that creates it.

use docket_access::{ApiKey, CaseFields};
use serde_json::Value;

use crate::document::Resource;
use crate::schema::{self, Properties, list, maybe, said, text, word};
use crate::time::{iso, iso_or_null};

/// An API key in the contract's form.
pub fn resource(key: &ApiKey) -> Resource {
    let mut resource = Resource::new("api-key", key.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("name", key.name.as_str());
    attributes.set("note", key.note.clone());
    attributes.set("api-version", key.api_version.as_str());
    attributes.set("api-key-inflection", key.inflection.as_str());
    // The published API has no such attribute, so it is left out unless the key has the other format.
    if key.case_fields != CaseFields::Plain {
        attributes.set("case-fields", key.case_fields.as_str());
    }
    let permissions: Vec<&str> = key.permissions.iter().map(|permission| permission.as_str()).collect();
    attributes.set("permissions", permissions);
    attributes.set("expires-at", iso_or_null(key.expires_at.map(|end| end.0)));
    attributes.set("created-at", iso(key.created_at.0));
    resource
}

/// The schema of an API key.
pub fn schema() -> Value {
    with_case_fields(schema::resource("api-key", members(), Vec::new()))
}

/// The same with the key itself, which is shown once.
pub fn schema_with_value() -> Value {
    let mut members = members();
    members.push(("value", said(text(), "The key itself; shown only in this response.")));
    with_case_fields(schema::resource("api-key", members, Vec::new()))
}

fn with_case_fields(mut schema: Value) -> Value {
    let sentence = "`typed` where cases show each field as `{type, value}`; left out where they show values.";
    schema["properties"]["attributes"]["properties"]["case-fields"] = said(word(&["typed"]), sentence);
    schema
}

fn members() -> Properties {
    vec![
        ("name", text()),
        ("note", maybe(text())),
        ("api-version", text()),
        ("api-key-inflection", text()),
        ("permissions", list(text())),
        ("expires-at", maybe(schema::time())),
        ("created-at", schema::time()),
    ]
}
