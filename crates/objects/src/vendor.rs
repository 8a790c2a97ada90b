//! Reading a vendor's event: the published event document, in whatever casing the vendor's webhook is set to.

use std::collections::HashSet;

use docket_kernel::{
    CaseId, CaseTemplateId, CommentId, EventId, Kind, Moment, Refusal, RunId, StatusId, VersionId, WorkflowId,
};
use serde_json::{Map, Value, json};

use crate::adjusted::Adjusted;

/// How far ahead of ours a vendor's clock may be, in seconds; a time further ahead is not taken. A signature may be as old.
pub(crate) const CLOCK_AHEAD_SECONDS_MAX: i64 = 300;

/// A resource of a vendor's event, in snake case.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource {
    pub kind: String,
    pub id: String,
    pub attributes: Map<String, Value>,
    pub fields: Option<Map<String, Value>>,
    pub relationships: Map<String, Value>,
    pub tags: Option<Vec<String>>,
    /// When it was made, where that is told and can be.
    pub created_at: Option<Moment>,
    /// Where it stands in the body.
    pub pointer: String,
}

/// A vendor's event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VendorEvent {
    pub id: String,
    pub name: String,
    /// When it happened; when it was received, where its own time can't be taken.
    pub created_at: Moment,
    /// What it knows of its objects is at least as new as this. Where its own time can't be taken, an event that comes later
    /// and happened a little earlier still counts.
    pub as_of: Moment,
    pub resource: Option<Resource>,
    pub included: Vec<Resource>,
    /// What was not taken as it was sent.
    pub adjusted: Vec<Adjusted>,
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
    entry(object, snake_name).map(|(_, value)| value)
}

fn entry<'v>(object: &'v Value, snake_name: &str) -> Option<(&'v String, &'v Value)> {
    object.as_object()?.iter().find(|(key, _)| snake(key) == snake_name)
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
    let mut adjusted = Vec::new();
    let (created_at, as_of) = match happened(attributes, received) {
        Ok(told) => (told, told),
        Err(why) => {
            adjusted.push(why);
            (received, received.plus_seconds(-CLOCK_AHEAD_SECONDS_MAX))
        }
    };
    let payload = member(attributes, "payload").unwrap_or(&Value::Null);
    let at = |what: &str| format!("/data/attributes/payload/{what}");
    let mut read = |value: &Value, pointer: String| resource(value, pointer, received, &mut adjusted);
    let about = member(payload, "data").and_then(|value| read(value, at("data")));
    let mut included = Vec::new();
    for (place, value) in member(payload, "included").and_then(Value::as_array).into_iter().flatten().enumerate() {
        included.extend(read(value, at(&format!("included/{place}"))));
    }
    let (ours, included): (Vec<_>, Vec<_>) = included.into_iter().partition(|resource| is_dockets_own(&resource.id));
    adjusted.extend(ours.into_iter().map(|resource| {
        let detail = format!("{} was created by Docket, and a source can't change it; it is left out", resource.id);
        Adjusted::new("included-ignored", &resource.pointer, detail)
    }));
    Ok(VendorEvent { id: id.to_owned(), name: name.to_owned(), created_at, as_of, resource: about, included, adjusted })
}

/// When an event happened, or why that can't be taken.
fn happened(attributes: &Value, received: Moment) -> Result<Moment, Adjusted> {
    match entry(attributes, "created_at").filter(|(_, told)| !told.is_null()) {
        Some((key, told)) => time(told, &format!("/data/attributes/{key}"), received),
        None => {
            Err(Adjusted::new("time-missing", "/data/attributes", "created-at is missing; the time of receipt counts"))
        }
    }
}

/// A vendor's time, no later than now, or why it can't be taken.
fn time(told: &Value, pointer: &str, received: Moment) -> Result<Moment, Adjusted> {
    const SHOWN_CHARACTERS: usize = 64;
    let shown: String = told.to_string().chars().take(SHOWN_CHARACTERS).collect();
    match told.as_str().and_then(Moment::parse) {
        Some(told) if told <= received.plus_seconds(CLOCK_AHEAD_SECONDS_MAX) => Ok(told.min(received)),
        Some(_) => {
            let detail = format!(
                "{shown} is more than {CLOCK_AHEAD_SECONDS_MAX} seconds ahead of this server's clock; the time of receipt \
                 counts"
            );
            Err(Adjusted::new("time-ahead", pointer, detail))
        }
        None => {
            let detail = format!("{shown} is not a time such as 2026-01-31T09:30:00Z; the time of receipt counts");
            Err(Adjusted::new("time-unreadable", pointer, detail))
        }
    }
}

fn resource(value: &Value, pointer: String, received: Moment, adjusted: &mut Vec<Adjusted>) -> Option<Resource> {
    let (kind, id) = (text(value, "type")?.to_owned(), text(value, "id")?.to_owned());
    let mut resource = Resource { kind, id, pointer, ..Resource::default() };
    let attributes = member(value, "attributes");
    if let Some((key, told)) = attributes.and_then(|all| entry(all, "created_at")).filter(|(_, told)| !told.is_null()) {
        match time(told, &format!("{}/attributes/{key}", resource.pointer), received) {
            Ok(created_at) => resource.created_at = Some(created_at),
            Err(why) => adjusted.push(why),
        }
    }
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
        assert!(event.adjusted.is_empty());
    }

    #[test]
    fn a_time_counts_up_to_five_minutes_ahead_and_else_that_of_receipt() {
        let received = Moment::parse("2026-01-01T12:00:00Z").unwrap();
        let before = received.plus_seconds(-CLOCK_AHEAD_SECONDS_MAX);
        for (told, created_at, as_of, code) in [
            (json!("2026-01-01T11:00:00Z"), received.plus_seconds(-3_600), received.plus_seconds(-3_600), None),
            (json!("2026-01-01T12:05:00Z"), received, received, None),
            (json!("2026-01-01T12:05:01Z"), received, before, Some("time-ahead")),
            (json!("9999-12-30T00:00:00Z"), received, before, Some("time-ahead")),
            (json!("yesterday"), received, before, Some("time-unreadable")),
            (json!(1_767_268_800), received, before, Some("time-unreadable")),
            (json!(null), received, before, Some("time-missing")),
        ] {
            let body =
                json!({"data": {"type": "event", "id": "evt_1", "attributes": {"name": "a.b", "createdAt": told}}});

            let event = read(&body, received).unwrap();

            assert_eq!((event.created_at, event.as_of), (created_at, as_of), "{told}");
            assert_eq!(event.adjusted.first().map(|one| one.code), code, "{told}");
        }
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
