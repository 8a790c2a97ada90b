//! What older versions show and newer ones do not: before 2025-10-27 a person's details as plain attributes, before
//! 2025-12-08 a report's `run-history`.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::document::{Member, Resource};
use crate::version::{ApiVersion, is_date};

const OF_INQUIRY: [&str; 15] = [
    "name-first",
    "name-middle",
    "name-last",
    "birthdate",
    "address-street-1",
    "address-street-2",
    "address-city",
    "address-subdivision",
    "address-subdivision-abbr",
    "address-postal-code",
    "address-postal-code-abbr",
    "social-security-number",
    "identification-number",
    "email-address",
    "phone-number",
];

/// Versions before 2021-05-14 also show these.
const OF_OLDEST_INQUIRY: [&str; 2] = ["driver-license-number", "passport-number"];

/// The place of each plain attribute of an account inside its `fields`.
pub(crate) const OF_ACCOUNT: [(&str, &[&str]); 13] = [
    ("name-first", &["name", "first"]),
    ("name-middle", &["name", "middle"]),
    ("name-last", &["name", "last"]),
    ("phone-number", &["phone_number"]),
    ("email-address", &["email_address"]),
    ("address-street-1", &["address", "street_1"]),
    ("address-street-2", &["address", "street_2"]),
    ("address-city", &["address", "city"]),
    ("address-subdivision", &["address", "subdivision"]),
    ("address-postal-code", &["address", "postal_code"]),
    ("country-code", &["address", "country_code"]),
    ("birthdate", &["birthdate"]),
    ("social-security-number", &["social_security_number"]),
];

/// Converts an object, and the objects inside it, to the form of a version.
pub(crate) fn fit(resource: &mut Resource, version: ApiVersion) {
    if !version.shows_run_history() && resource.kind.starts_with("report/") {
        resource.attributes.0.retain(|(name, _)| name != "run-history");
    }
    if version.repeats_personal_details() {
        add_details(resource, version);
    }
    if resource.kind == "inquiry" {
        fit_reviewer(resource, version);
    }
    for (_, member) in &mut resource.attributes.0 {
        fit_inside(member, version);
    }
}

/// Keeps one of the two forms of the reviewer: attributes before 2021-07-05, a relationship since then.
fn fit_reviewer(resource: &mut Resource, version: ApiVersion) {
    if version.reviewer_is_an_attribute() {
        if let Some(to) = &mut resource.relationships {
            to.0.retain(|(name, _)| name != "reviewer");
        }
    } else {
        resource.attributes.0.retain(|(name, _)| !matches!(name.as_ref(), "reviewer" | "reviewer-type"));
    }
}

fn add_details(resource: &mut Resource, version: ApiVersion) {
    let added = match resource.kind.as_ref() {
        "inquiry" => fields(resource).map(|fields| of_inquiry(fields, version)),
        "account" => fields(resource).map(|fields| of_account(fields, &resource_time(resource))),
        _ => None,
    };
    for (name, value) in added.into_iter().flatten() {
        resource.attributes.set(Cow::Borrowed(name), value);
    }
}

fn fit_inside(member: &mut Member, version: ApiVersion) {
    match member {
        Member::Object(resource) => fit(resource, version),
        Member::Objects(resources) => resources.iter_mut().for_each(|resource| fit(resource, version)),
        Member::Nested(members) => members.0.iter_mut().for_each(|(_, member)| fit_inside(member, version)),
        Member::Ours(_) | Member::Theirs(_) | Member::Fields(_) => {}
    }
}

fn fields(resource: &Resource) -> Option<&Map<String, Value>> {
    match resource.attributes.get("fields") {
        Some(Member::Ours(value) | Member::Theirs(value) | Member::Fields(value)) => value.as_object(),
        _ => None,
    }
}

fn of_inquiry(fields: &Map<String, Value>, version: ApiVersion) -> Vec<(&'static str, Value)> {
    let documents: &[&str] = if version.tells_license_from_passport() { &OF_OLDEST_INQUIRY } else { &[] };
    OF_INQUIRY.iter().chain(documents).map(|name| (*name, detail(name, fields, &[name]))).collect()
}

fn of_account(fields: &Map<String, Value>, at: &Times) -> Vec<(&'static str, Value)> {
    let mut out: Vec<_> = OF_ACCOUNT.iter().map(|(name, path)| (*name, detail(name, fields, path))).collect();
    out.push(("identification-numbers", identification_numbers(fields, at)));
    out
}

/// Finds one detail; a birth date that is not a date becomes null, because older versions promise a date.
fn detail(name: &str, fields: &Map<String, Value>, path: &[&str]) -> Value {
    match text_at(fields, path) {
        Value::String(text) if name == "birthdate" && !is_date(&text) => Value::Null,
        found => found,
    }
}

/// Finds the text at the end of a path through `{type, value}` pairs; null when there is none.
fn text_at(fields: &Map<String, Value>, path: &[&str]) -> Value {
    let Some((name, rest)) = path.split_first() else {
        return Value::Null;
    };
    match (fields.get(*name).and_then(|field| field.get("value")), rest) {
        (Some(Value::String(text)), []) => Value::String(text.clone()),
        (Some(Value::Object(inside)), [_, ..]) => text_at(inside, rest),
        _ => Value::Null,
    }
}

struct Times {
    created_at: Value,
    updated_at: Value,
}

fn resource_time(resource: &Resource) -> Times {
    let time = |name| match resource.attributes.get(name) {
        Some(Member::Ours(time @ Value::String(_))) => time.clone(),
        _ => Value::Null,
    };
    Times { created_at: time("created-at"), updated_at: time("updated-at") }
}

/// Groups an account's identification numbers by class, as older versions list them.
///
/// The numbers have no times of their own, so they get the account's.
fn identification_numbers(fields: &Map<String, Value>, at: &Times) -> Value {
    let numbers = fields.get("identification_numbers").and_then(|field| field.get("value")).and_then(Value::as_array);
    let mut by_class = Map::new();
    for number in numbers.into_iter().flatten() {
        let Some(inside) = number.get("value").and_then(Value::as_object) else {
            continue;
        };
        let Value::String(class) = text_at(inside, &["identification_class"]) else {
            continue;
        };
        let mut entry = Map::new();
        for (name, key) in [
            ("issuing-country", "issuing_country"),
            ("identification-class", "identification_class"),
            ("identification-number", "identification_number"),
        ] {
            if let text @ Value::String(_) = text_at(inside, &[key]) {
                entry.insert(name.to_owned(), text);
            }
        }
        for (name, time) in [("created-at", &at.created_at), ("updated-at", &at.updated_at)] {
            if time.is_string() {
                entry.insert(name.to_owned(), time.clone());
            }
        }
        if let Value::Array(list) = by_class.entry(class).or_insert_with(|| Value::Array(Vec::new())) {
            list.push(Value::Object(entry));
        }
    }
    Value::Object(by_class)
}
