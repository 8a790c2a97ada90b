//! Events of the sample's vendor, in the published event format.

use docket_kernel::Moment;
use serde_json::{Value, json};

use super::chance::Chance;
use super::people::Person;

/// The creation of an account at the vendor.
pub fn account_created(chance: &mut Chance, at: Moment, id: &str, reference: &str, person: &Person) -> Value {
    let (city, postal, country) = person.place;
    let account = json!({
        "type": "account",
        "id": id,
        "attributes": {
            "reference-id": reference,
            "created-at": at.to_string(),
            "updated-at": at.to_string(),
            "tags": [],
            "fields": {
                "name-first": {"type": "string", "value": person.first},
                "name-last": {"type": "string", "value": person.last},
                "email-address": {"type": "string", "value": person.email},
                "birthdate": {"type": "date", "value": person.birthdate},
                "address-city": {"type": "string", "value": city},
                "address-postal-code": {"type": "string", "value": postal},
                "address-country-code": {"type": "string", "value": country},
            },
        },
    });
    event(chance, "account.created", at, &account)
}

/// A completed inquiry.
#[derive(Clone, Copy, Debug)]
pub struct Inquiry<'i> {
    /// Its id.
    pub id: &'i str,
    /// The account it is about.
    pub account: &'i str,
    /// The person.
    pub person: &'i Person,
    /// Whether the person resembles a person on a watchlist.
    pub is_match: bool,
}

/// The completion of an inquiry.
pub fn inquiry_completed(chance: &mut Chance, at: Moment, inquiry: Inquiry<'_>) -> Value {
    let Inquiry { id, account, person, is_match } = inquiry;
    let created_at = at.plus_seconds(-240 - chance.below(600));
    let resource = json!({
        "type": "inquiry",
        "id": id,
        "attributes": {
            "status": "completed",
            "reference-id": null,
            "tags": [],
            "created-at": created_at.to_string(),
            "started-at": created_at.plus_seconds(30).to_string(),
            "completed-at": at.to_string(),
            "fields": {
                "name-first": {"type": "string", "value": person.first},
                "name-last": {"type": "string", "value": person.last},
                "birthdate": {"type": "date", "value": person.birthdate},
                "match": {"type": "boolean", "value": is_match},
            },
        },
        "relationships": {
            "account": {"data": {"type": "account", "id": account}},
            "inquiry-template": {"data": {"type": "inquiry-template", "id": super::scenario::INQUIRY_TEMPLATE}},
        },
    });
    event(chance, "inquiry.completed", at, &resource)
}

/// The creation of a transaction that a rule flagged.
pub fn transaction_created(chance: &mut Chance, at: Moment, id: &str, account: &str) -> Value {
    let amount = 40 + chance.below(9_000);
    let resource = json!({
        "type": "transaction",
        "id": id,
        "attributes": {
            "status": "created",
            "created-at": at.to_string(),
            "fields": {
                "amount": {"type": "integer", "value": amount},
                "currency": {"type": "string", "value": "EUR"},
            },
        },
        "relationships": {"account": {"data": {"type": "account", "id": account}}},
    });
    event(chance, "transaction.created", at, &resource)
}

fn event(chance: &mut Chance, name: &str, at: Moment, resource: &Value) -> Value {
    json!({
        "data": {
            "type": "event",
            "id": chance.vendor_id("evt"),
            "attributes": {"name": name, "created-at": at.to_string(), "payload": {"data": resource}},
        },
    })
}
