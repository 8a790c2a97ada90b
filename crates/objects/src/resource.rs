//! Reads one resource of a vendor's event, within the limits that also apply to objects created through the API.

use std::collections::HashSet;

use docket_kernel::{Moment, fold};
use serde_json::{Map, Value, json};

use crate::account::REFERENCE_CHARACTERS_MAX;
use crate::adjusted::Adjusted;
use crate::allow_list::{is_own_id, is_own_type, is_type};
use crate::size::{FIELD_KEY_CHARACTERS_MAX, FIELDS_MAX, is_key, is_line};
use crate::tag::{TAGS_MAX, checked_tag};
use crate::vendor::{entry, member, snake, text, time};

/// The maximum number of attributes of a resource.
const ATTRIBUTES_MAX: usize = 250;
/// The maximum length of the name of an attribute or a relation, in characters.
const NAME_CHARACTERS_MAX: usize = 128;
/// The maximum number of relations of a resource.
const RELATIONS_MAX: usize = 100;
/// The maximum number of objects in one relation.
const RELATED_MAX: usize = 250;

/// Names that a vendor's attributes and relations can't have: in references they mean the object's type and id, and the
/// cases that hold it.
const READ_BY_REFERENCES: [&str; 3] = ["type", "id", "cases"];

/// A resource of a vendor's event, in snake case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource {
    pub kind: String,
    pub id: String,
    pub attributes: Map<String, Value>,
    pub fields: Option<Map<String, Value>>,
    pub relationships: Map<String, Value>,
    pub tags: Option<Vec<String>>,
    /// When it was created, if that is reported and valid.
    pub created_at: Option<Moment>,
    /// Its JSON pointer in the body.
    pub pointer: String,
}

/// Reads a resource, and reports the parts that are left out.
pub(crate) fn resource(
    value: &Value,
    pointer: String,
    received: Moment,
    adjusted: &mut Vec<Adjusted>,
) -> Option<Resource> {
    let (kind, id) = (text(value, "type")?.to_owned(), text(value, "id")?.to_owned());
    let resource = Resource { kind, id, pointer, ..Resource::default() };
    let mut reading = Reading { resource, adjusted };
    if let Some(attributes) = member(value, "attributes") {
        reading.created_at(attributes, received);
        reading.attributes(attributes);
    }
    if let Some(relationships) = member(value, "relationships").and_then(Value::as_object) {
        reading.relationships(relationships);
    }
    Some(reading.resource)
}

struct Reading<'a> {
    resource: Resource,
    adjusted: &'a mut Vec<Adjusted>,
}

impl Reading<'_> {
    fn report(&mut self, code: &'static str, within: &str, detail: String) {
        let pointer = format!("{}/{within}", self.resource.pointer);
        self.adjusted.push(Adjusted::new(code, &pointer, detail));
    }

    fn created_at(&mut self, attributes: &Value, received: Moment) {
        let Some((key, told)) = entry(attributes, "created_at").filter(|(_, told)| !told.is_null()) else { return };
        match time(told, &format!("{}/attributes/{key}", self.resource.pointer), received) {
            Ok(created_at) => self.resource.created_at = Some(created_at),
            Err(why) => self.adjusted.push(why),
        }
    }

    fn attributes(&mut self, attributes: &Value) {
        let (mut left_out, mut own) = (0, 0);
        for (key, value) in attributes.as_object().into_iter().flatten() {
            let name = snake(key);
            match (name.as_str(), value) {
                ("fields", Value::Object(fields)) => self.fields(fields),
                ("tags", Value::Array(tags)) => self.tags(tags),
                _ if !is_name(&name) || self.resource.attributes.len() >= ATTRIBUTES_MAX => left_out += 1,
                ("reference_id", Value::String(text)) if text.chars().count() > REFERENCE_CHARACTERS_MAX => {
                    let detail = format!(
                        "a reference id has at most {REFERENCE_CHARACTERS_MAX} characters; this one is longer and is left \
                         out"
                    );
                    self.report("reference-id-too-long", "attributes/reference-id", detail);
                }
                _ => {
                    let mut value = value.clone();
                    own += without_own(&mut value);
                    self.resource.attributes.insert(name, value);
                }
            }
        }
        if left_out > 0 {
            let detail = format!(
                "{left_out} attributes are left out: a resource has at most {ATTRIBUTES_MAX}, and a name is one line of up \
                 to {NAME_CHARACTERS_MAX} characters other than {}",
                READ_BY_REFERENCES.join(", ")
            );
            self.report("attributes-left-out", "attributes", detail);
        }
        self.report_own(own, "attributes");
    }

    fn fields(&mut self, fields: &Map<String, Value>) {
        let mut kept = Map::new();
        let (mut left_out, mut own) = (0, 0);
        for (key, value) in fields {
            if kept.len() >= FIELDS_MAX || !is_key(key) {
                left_out += 1;
                continue;
            }
            let mut value = value.clone();
            own += without_own(&mut value);
            kept.insert(key.clone(), value);
        }
        // The fields themselves must not be readable as a reference to an object either.
        let plain = |name: &str| kept.get(name).map(|field| field.get("value").unwrap_or(field))?.as_str();
        if let (Some(kind), Some(id)) = (plain("type"), plain("id"))
            && is_own(kind, id)
        {
            kept.shift_remove("id");
            own += 1;
        }
        if left_out > 0 {
            let detail = format!(
                "{left_out} fields are left out: an object has at most {FIELDS_MAX}, and a key is one line of up to \
                 {FIELD_KEY_CHARACTERS_MAX} characters"
            );
            self.report("fields-left-out", "attributes/fields", detail);
        }
        self.report_own(own, "attributes/fields");
        self.resource.fields = Some(kept);
    }

    fn tags(&mut self, tags: &[Value]) {
        let (mut kept, mut known) = (Vec::new(), HashSet::new());
        let mut left_out = 0;
        for tag in tags {
            let checked = if kept.len() < TAGS_MAX { tag.as_str().and_then(|tag| checked_tag(tag).ok()) } else { None };
            match checked {
                Some(tag) if known.insert(fold(&tag)) => kept.push(tag),
                Some(_) => {}
                None => left_out += 1,
            }
        }
        if left_out > 0 {
            let detail = format!(
                "{left_out} tags are left out: an object has at most {TAGS_MAX} tags, and a tag is one line of 1 to 64 \
                 characters"
            );
            self.report("tags-left-out", "attributes/tags", detail);
        }
        self.resource.tags = Some(kept);
    }

    fn relationships(&mut self, relationships: &Map<String, Value>) {
        let (mut left_out, mut own) = (0, 0);
        for (key, relation) in relationships {
            let Some(data) = relation.get("data") else { continue };
            let name = snake(key);
            if !is_name(&name) || self.resource.relationships.len() >= RELATIONS_MAX {
                left_out += 1;
                continue;
            }
            let was = own;
            let linked = match data {
                Value::Array(many) => {
                    let all = many.iter().filter_map(linked);
                    let theirs: Vec<Value> = all.filter(|to| !counted_own(to, &mut own)).collect();
                    left_out += theirs.len().saturating_sub(RELATED_MAX);
                    let theirs: Value = theirs.into_iter().take(RELATED_MAX).collect();
                    Some(theirs).filter(|theirs| theirs.as_array().is_some_and(|all| !all.is_empty()))
                }
                one => linked(one).filter(|to| !counted_own(to, &mut own)),
            };
            // A relation to nothing clears a previous one. A relation that led only to Docket's own objects is dropped.
            if linked.is_some() || own == was {
                self.resource.relationships.insert(name, linked.unwrap_or_default());
            }
        }
        if left_out > 0 {
            let detail = format!(
                "{left_out} relations are left out: a resource has at most {RELATIONS_MAX} with {RELATED_MAX} objects each, \
                 and a name is one line of up to {NAME_CHARACTERS_MAX} characters other than {}",
                READ_BY_REFERENCES.join(", ")
            );
            self.report("relations-left-out", "relationships", detail);
        }
        self.report_own(own, "relationships");
    }

    fn report_own(&mut self, own: usize, within: &str) {
        if own > 0 {
            let detail = format!(
                "{own} references to cases, workflows, runs, people or keys are left out: a source can't relate its objects \
                 to what is Docket's own"
            );
            self.report("relation-left-out", within, detail);
        }
    }
}

/// Whether a reference leads to one of Docket's own objects, whether or not that object exists.
fn is_own(kind: &str, id: &str) -> bool {
    is_own_type(kind) || is_own_id(id)
}

fn counted_own(to: &Value, own: &mut usize) -> bool {
    let part = |name: &str| to.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_own = is_own(part("type"), part("id"));
    *own += usize::from(is_own);
    is_own
}

/// Replaces every reference to one of Docket's own objects with null, at any depth, and counts them: a value with a
/// type and an id is read as a reference to that object.
fn without_own(value: &mut Value) -> usize {
    match value {
        Value::Object(members) => {
            let part = |name: &str| members.get(name).and_then(Value::as_str);
            if let (Some(kind), Some(id)) = (part("type"), part("id"))
                && is_own(kind, id)
            {
                *value = Value::Null;
                return 1;
            }
            members.values_mut().map(without_own).sum()
        }
        Value::Array(items) => items.iter_mut().map(without_own).sum(),
        _ => 0,
    }
}

/// Whether a name in snake case is valid for an attribute or a relation.
fn is_name(name: &str) -> bool {
    is_line(name) && name.chars().count() <= NAME_CHARACTERS_MAX && !READ_BY_REFERENCES.contains(&name)
}

/// The object that a relation refers to.
fn linked(data: &Value) -> Option<Value> {
    let (kind, id) = (text(data, "type")?, text(data, "id")?);
    (is_line(kind) && is_line(id)).then(|| json!({"type": kind, "id": id}))
}

impl Resource {
    /// Whether its type and id are valid for an object.
    pub fn is_well_named(&self) -> bool {
        is_type(&self.kind) && is_line(&self.id)
    }

    /// Everything this resource refers to: type and id.
    pub fn referred(&self) -> impl Iterator<Item = (&str, &str)> {
        let one = |value: &Value| value.as_object().is_some();
        self.relationships
            .values()
            .flat_map(move |value| {
                if one(value) { std::slice::from_ref(value) } else { value.as_array().map_or(&[][..], Vec::as_slice) }
            })
            .filter_map(|value| Some((value.get("type")?.as_str()?, value.get("id")?.as_str()?)))
    }

    /// The id of the related object with this relation name.
    pub fn related(&self, name: &str) -> Option<&str> {
        self.relationships.get(name)?.get("id")?.as_str()
    }

    /// Whether the resource reports this attribute.
    pub fn tells(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// The text of an attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = "case_01h00000000000000000000000";

    fn read(attributes: &Value, relationships: &Value) -> (Resource, Vec<&'static str>) {
        let mut adjusted = Vec::new();
        let value = json!({"type": "inquiry", "id": "inq_1", "attributes": attributes, "relationships": relationships});
        let resource = resource(&value, "/r".into(), Moment(0), &mut adjusted).unwrap();
        (resource, adjusted.iter().map(|one| one.code).collect())
    }

    #[test]
    fn relations_to_dockets_own_objects_are_left_out_in_any_form() {
        let own = |kind: &str, id: &str| json!({"type": kind, "id": id});
        let relations = json!({
            "case": {"data": own("case", "case_of_a_vendor")},
            "comment": {"data": own("case_comment", "any")},
            "other": {"data": own("account", CASE)},
            "reviewer": {"data": own("user", "user_1")},
            "reports": {"data": [own("report", "rep_1"), own("workflow-run", "wfr_1")]},
            "account": {"data": own("account", "act_1")},
        });
        let attributes = json!({
            "type": "case", "Id": CASE, "cases": {"open": {"first": CASE}},
            "hidden": {"deep": [own("Case", CASE)]},
            "fields": {"a": {"type": "hash", "value": own("case", CASE)}, "type": "case", "id": CASE},
        });

        let (read, codes) = read(&attributes, &relations);

        assert_eq!(
            json!(read.relationships),
            json!({"reports": [{"type": "report", "id": "rep_1"}], "account": own("account", "act_1")})
        );
        assert_eq!(json!(read.attributes), json!({"hidden": {"deep": [null]}}));
        assert_eq!(json!(read.fields), json!({"a": {"type": "hash", "value": null}, "type": "case"}));
        assert_eq!(codes, ["relation-left-out", "attributes-left-out", "relation-left-out", "relation-left-out"]);
    }

    #[test]
    fn parts_over_a_limit_are_left_out_and_reported() {
        let names = |count: usize| -> Vec<String> { (0..count).map(|n| format!("n{n}")).collect() };
        let members = |count: usize| -> Value { names(count).into_iter().map(|name| (name, json!(1))).collect() };
        let account = json!({"type": "account", "id": "act_1"});
        let relations =
            |count: usize| -> Value { names(count).into_iter().map(|name| (name, json!({"data": account}))).collect() };
        let none = json!({});
        for (attributes, relationships, code) in [
            (members(250), relations(100), None),
            (members(251), none.clone(), Some("attributes-left-out")),
            (none.clone(), relations(101), Some("relations-left-out")),
            (none.clone(), json!({"reports": {"data": vec![&account; 250]}}), None),
            (none.clone(), json!({"reports": {"data": vec![&account; 251]}}), Some("relations-left-out")),
            (json!({"fields": members(250)}), none.clone(), None),
            (json!({"fields": members(251)}), none.clone(), Some("fields-left-out")),
            (json!({"fields": {"a\nb": 1}}), none.clone(), Some("fields-left-out")),
            (json!({"a\nb": 1}), none.clone(), Some("attributes-left-out")),
            (json!({"tags": names(100)}), none.clone(), None),
            (json!({"tags": names(101)}), none.clone(), Some("tags-left-out")),
            (json!({"tags": ["x".repeat(65)]}), none.clone(), Some("tags-left-out")),
            (json!({"tags": ["a", "A"]}), none.clone(), None),
            (json!({"reference-id": "x".repeat(256)}), none.clone(), None),
            (json!({"reference-id": "x".repeat(257)}), none.clone(), Some("reference-id-too-long")),
        ] {
            assert_eq!(read(&attributes, &relationships).1, code.into_iter().collect::<Vec<_>>(), "{code:?}");
        }
        assert_eq!(read(&json!({"tags": ["a", "A", "b"]}), &none).0.tags, Some(vec!["a".to_owned(), "b".to_owned()]));
    }
}
