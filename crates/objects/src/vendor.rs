//! Reading a vendor's event: the published event document, in whatever casing the vendor's webhook is set to.

use std::collections::HashSet;

use docket_kernel::{
    CaseId, CaseTemplateId, CommentId, EventId, Kind, Moment, Refusal, RunId, StatusId, VersionId, WorkflowId,
};
use serde_json::{Map, Value, json};

/// A resource of a vendor's event, in snake case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource {
    pub kind: String,
    pub id: String,
    pub attributes: Map<String, Value>,
    pub fields: Option<Map<String, Value>>,
    pub relationships: Map<String, Value>,
    pub tags: Option<Vec<String>>,
}

/// A vendor's event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VendorEvent {
    pub id: String,
    pub name: String,
    pub created_at: Moment,
    pub resource: Option<Resource>,
    pub included: Vec<Resource>,
}

fn malformed(pointer: &str, sentence: &str) -> Refusal {
    Refusal::new(Kind::Malformed, "event-shape", sentence).at(pointer)
}

/// A key in snake case: `created-at`, `createdAt` and `created_at` are one.
pub(crate) fn snake(key: &str) -> String {
    let mut snake = String::with_capacity(key.len() + 4);
    for (place, character) in key.chars().enumerate() {
        match character {
            '-' => snake.push('_'),
            upper if upper.is_ascii_uppercase() => {
                if place > 0 && !snake.ends_with('_') {
                    snake.push('_');
                }
                snake.push(upper.to_ascii_lowercase());
            }
            other => snake.push(other),
        }
    }
    snake
}

fn member<'v>(object: &'v Value, snake_name: &str) -> Option<&'v Value> {
    object.as_object()?.iter().find(|(key, _)| snake(key) == snake_name).map(|(_, value)| value)
}

fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    member(object, name)?.as_str().filter(|text| !text.is_empty() && text.len() <= 256)
}

/// Reads an event document. Its outer shape must be right; what it is about may be anything.
pub(crate) fn read(body: &Value, received: Moment) -> Result<VendorEvent, Refusal> {
    let data = body.get("data").ok_or_else(|| malformed("/data", "data is missing: an event document has data"))?;
    let id = text(data, "id").ok_or_else(|| malformed("/data/id", "data.id must be the event's id"))?;
    let attributes = member(data, "attributes")
        .ok_or_else(|| malformed("/data/attributes", "data.attributes is missing: it holds name and payload"))?;
    let name = text(attributes, "name")
        .ok_or_else(|| malformed("/data/attributes/name", "data.attributes.name must be the event's name"))?;
    let created_at = text(attributes, "created_at").and_then(Moment::parse).unwrap_or(received);
    let payload = member(attributes, "payload").unwrap_or(&Value::Null);
    let included = member(payload, "included").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    Ok(VendorEvent {
        id: id.to_owned(),
        name: name.to_owned(),
        // An event from the future would block every later one.
        created_at: created_at.min(received),
        resource: member(payload, "data").and_then(resource),
        included: included.iter().filter_map(resource).filter(|resource| !is_dockets_own(&resource.id)).collect(),
    })
}

fn resource(value: &Value) -> Option<Resource> {
    let mut resource =
        Resource { kind: text(value, "type")?.to_owned(), id: text(value, "id")?.to_owned(), ..Resource::default() };
    for (key, value) in member(value, "attributes").and_then(Value::as_object).into_iter().flatten() {
        match (snake(key).as_str(), value) {
            ("fields", Value::Object(fields)) => resource.fields = Some(fields.clone()),
            ("tags", Value::Array(tags)) => {
                resource.tags = Some(tags.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            }
            (key, value) => drop(resource.attributes.insert(key.to_owned(), value.clone())),
        }
    }
    for (name, relation) in member(value, "relationships").and_then(Value::as_object).into_iter().flatten() {
        let Some(data) = relation.get("data") else { continue };
        // A relation to nothing, which it may have had before.
        let linked = linked(data).filter(|linked| linked.as_array().is_none_or(|all| !all.is_empty()));
        resource.relationships.insert(snake(name), linked.unwrap_or_default());
    }
    Some(resource)
}

fn linked(data: &Value) -> Option<Value> {
    match data {
        Value::Object(_) => Some(json!({"type": text(data, "type")?, "id": text(data, "id")?})),
        Value::Array(many) => Some(many.iter().filter_map(linked).collect()),
        _ => None,
    }
}

/// Whether an id is of a case, a workflow or what belongs to them, and made by a Docket.
fn is_dockets_own(id: &str) -> bool {
    [
        CaseId::is_made_by_docket,
        CaseTemplateId::is_made_by_docket,
        StatusId::is_made_by_docket,
        CommentId::is_made_by_docket,
        WorkflowId::is_made_by_docket,
        VersionId::is_made_by_docket,
        RunId::is_made_by_docket,
        EventId::is_made_by_docket,
    ]
    .iter()
    .any(|is_one| is_one(id))
}

impl VendorEvent {
    /// Whether it tells of something that only a Docket makes, and that no source can know better.
    pub fn is_of_dockets_own(&self) -> bool {
        self.resource.iter().any(|resource| is_dockets_own(&resource.id))
    }

    /// The ids of the resources it holds whole.
    pub fn whole(&self) -> HashSet<&str> {
        self.resource.iter().chain(&self.included).map(|resource| resource.id.as_str()).collect()
    }
}

impl Resource {
    /// Everything this resource refers to: kind and id.
    pub fn referred(&self) -> impl Iterator<Item = (&str, &str)> {
        let one = |value: &Value| value.as_object().is_some();
        self.relationships
            .values()
            .flat_map(move |value| {
                if one(value) { std::slice::from_ref(value) } else { value.as_array().map_or(&[][..], Vec::as_slice) }
            })
            .filter_map(|value| Some((value.get("type")?.as_str()?, value.get("id")?.as_str()?)))
    }

    /// The id of the related object of this name.
    pub fn related(&self, name: &str) -> Option<&str> {
        self.relationships.get(name)?.get("id")?.as_str()
    }

    /// Whether it speaks of an attribute at all.
    pub fn tells(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// An attribute that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.as_str()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_casings_are_one() {
        for key in ["created-at", "created_at", "createdAt"] {
            assert_eq!(snake(key), "created_at");
        }
    }

    #[test]
    fn an_event_is_read_with_what_it_refers_to() {
        let body = json!({"data": {"type": "event", "id": "evt_1", "attributes": {
            "name": "inquiry.completed", "createdAt": "2026-01-01T00:00:00.000Z",
            "payload": {"data": {"type": "inquiry", "id": "inq_1",
                "attributes": {"status": "completed", "reference-id": "r1", "fields": {"match": {"type": "boolean", "value": true}}},
                "relationships": {"account": {"data": {"type": "account", "id": "act_1"}}, "reports": {"data": []}}},
                "included": [{"type": "account", "id": "act_1", "attributes": {"reference-id": "r1"}}]}}}});

        let event = read(&body, Moment(i64::MAX)).unwrap();

        let inquiry = event.resource.unwrap();
        assert_eq!(inquiry.text("status"), Some("completed"));
        assert_eq!(inquiry.text("reference_id"), Some("r1"));
        assert_eq!(inquiry.referred().collect::<Vec<_>>(), [("account", "act_1")]);
        assert_eq!(event.included[0].id, "act_1");
    }

    #[test]
    fn a_document_that_is_no_event_is_refused_with_its_pointer() {
        for (body, pointer) in [
            (json!({}), "/data"),
            (json!({"data": {"id": 5}}), "/data/id"),
            (json!({"data": {"id": "e"}}), "/data/attributes"),
            (json!({"data": {"id": "e", "attributes": {}}}), "/data/attributes/name"),
        ] {
            assert_eq!(read(&body, Moment(0)).unwrap_err().pointer.as_deref(), Some(pointer));
        }
    }
}
