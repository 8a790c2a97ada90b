//! An account.

use serde_json::{Map, Value};

use super::{texts, typed};
use crate::document::{Relationships, Resource};
use crate::older::OF_ACCOUNT;
use crate::schema::{list, maybe, resource, text, theirs, time, to_one};
use crate::time::{iso, iso_or_null};

/// Everything the API shows of an account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountView {
    /// The id.
    pub id: String,
    /// The organization's own id for it.
    pub reference_id: Option<String>,
    /// The name of its type.
    pub account_type_name: String,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When its personal details were erased.
    pub redacted_at: Option<i64>,
    /// Its fields, as plain values or with their types.
    pub fields: Map<String, Value>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// Its status.
    pub account_status: String,
    /// The id of its type.
    pub account_type_id: String,
}

impl AccountView {
    /// What the API shows of every account.
    pub(crate) fn schema() -> Value {
        let attributes = vec![
            ("reference-id", maybe(text())),
            ("account-type-name", text()),
            ("created-at", time()),
            ("updated-at", time()),
            ("redacted-at", maybe(time())),
            ("fields", theirs()),
            ("tags", list(text())),
            ("account-status", text()),
        ];
        resource("account", attributes, vec![("account-type", to_one("account-type"))])
    }

    /// Renders the account; names inside `fields` belong to the organization in every version.
    pub fn into_resource(self) -> Resource {
        let mut resource = Resource::new("account", self.id);
        let attributes = &mut resource.attributes;
        attributes.set("reference-id", self.reference_id);
        attributes.set("account-type-name", self.account_type_name);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso(self.updated_at));
        attributes.set("redacted-at", iso_or_null(self.redacted_at));
        attributes.set_theirs("fields", typed::fields(self.fields));
        attributes.set("tags", texts(self.tags));
        attributes.set("account-status", self.account_status);
        let mut to = Relationships::default();
        to.one("account-type", "account-type", Some(self.account_type_id));
        resource.relationships = Some(to);
        resource
    }
}

/// Takes `fields` out of a request's attributes, and puts the person's details that a caller sent as plain attributes
/// (`name-first`, `address-city` …) in their places inside them.
///
/// A value already in `fields` is not overwritten. A `fields` that is not an object is left in place, for the caller of
/// this function to refuse.
pub fn take_fields(attributes: &mut Map<String, Value>) -> Map<String, Value> {
    let mut fields = match attributes.shift_remove("fields") {
        Some(Value::Object(fields)) => fields,
        Some(odd) => {
            attributes.insert("fields".to_owned(), odd);
            Map::new()
        }
        None => Map::new(),
    };
    for (name, path) in OF_ACCOUNT {
        if let Some(value) = attributes.shift_remove(name) {
            put(&mut fields, path, value);
        }
    }
    fields
}

fn put(fields: &mut Map<String, Value>, path: &[&str], value: Value) {
    match path {
        [name] => drop(fields.entry(*name).or_insert(value)),
        [name, rest @ ..] => {
            let mut field = fields.entry(*name).or_insert_with(|| Value::Object(Map::new()));
            if typed::is_typed(field) {
                field = &mut field["value"];
            }
            if let Value::Object(inside) = field {
                put(inside, rest, value);
            }
        }
        [] => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn taken(mut attributes: Value) -> (Value, Value) {
        let fields = take_fields(attributes.as_object_mut().unwrap());
        (fields.into(), attributes)
    }

    #[test]
    fn plain_details_are_put_where_they_belong_inside_the_fields() {
        let (fields, left) = taken(json!({
            "reference-id": "r", "name-first": "Jo", "address-city": "Oldtown", "birthdate": "1994-04-12",
            "fields": {"name": {"last": "Day"}, "plan": "gold"},
        }));
        assert_eq!(
            fields,
            json!({
                "name": {"last": "Day", "first": "Jo"}, "plan": "gold",
                "address": {"city": "Oldtown"}, "birthdate": "1994-04-12",
            })
        );
        assert_eq!(left, json!({"reference-id": "r"}));
    }

    #[test]
    fn what_stands_in_the_fields_is_not_overwritten() {
        let name = json!({"type": "hash", "value": {"first": {"type": "string", "value": "Jo"}}});
        let (fields, _) = taken(json!({"name-first": "Al", "name-last": "Day", "fields": {"name": name}}));
        assert_eq!(fields["name"]["value"]["first"]["value"], "Jo");
        assert_eq!(fields["name"]["value"]["last"], "Day");
    }

    #[test]
    fn a_name_inside_a_typed_field_is_shown_beside_its_type() {
        let name = json!({"type": "hash", "value": {"first": {"type": "string", "value": "Jo"}, "last": "Day"}});
        assert_eq!(typed::field(name)["value"]["last"], json!({"type": "string", "value": "Day"}));
    }

    #[test]
    fn fields_that_are_no_object_are_left_to_be_refused() {
        let (fields, left) = taken(json!({"fields": "no"}));
        assert_eq!((fields, left), (json!({}), json!({"fields": "no"})));
    }
}
