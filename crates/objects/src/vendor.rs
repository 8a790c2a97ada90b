//! Reads a vendor's event: the published event document, in any casing that the vendor's webhook may use.

use std::collections::HashSet;

use docket_events::is_event_name;
use docket_kernel::{Moment, Refusal, RefusalKind};
use serde_json::Value;

use crate::adjusted::Adjusted;
use crate::resource::{Resource, resource};
use crate::size::is_line;

/// How far a vendor's clock may be ahead of ours, in seconds; later times are rejected. Signatures have the same limit.
pub(crate) const CLOCK_AHEAD_SECONDS_MAX: i64 = 300;

/// A vendor's event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VendorEvent {
    pub id: String,
    pub name: String,
    /// When it happened; the time of receipt if its own time is not valid.
    pub created_at: Moment,
    /// The data of its objects is at least as new as this. If the event's own time is not valid, an event that arrives
    /// later but happened slightly earlier still counts.
    pub as_of: Moment,
    pub resource: Option<Resource>,
    pub included: Vec<Resource>,
    /// The parts that were not accepted as sent.
    pub adjusted: Vec<Adjusted>,
}

fn malformed(pointer: &str, sentence: impl std::fmt::Display) -> Refusal {
    Refusal::new(RefusalKind::Malformed, "event-shape", sentence).at(pointer)
}

/// A key in snake case: `created-at`, `createdAt` and `created_at` are equal.
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

pub(crate) fn member<'v>(object: &'v Value, snake_name: &str) -> Option<&'v Value> {
    entry(object, snake_name).map(|(_, value)| value)
}

pub(crate) fn entry<'v>(object: &'v Value, snake_name: &str) -> Option<(&'v String, &'v Value)> {
    object.as_object()?.iter().find(|(key, _)| snake(key) == snake_name)
}

/// Characters of an id, a type or a name of a vendor.
const TEXT_CHARACTERS_MAX: usize = 256;

pub(crate) fn text<'v>(object: &'v Value, name: &str) -> Option<&'v str> {
    member(object, name)?.as_str().filter(|text| !text.is_empty() && text.chars().count() <= TEXT_CHARACTERS_MAX)
}

/// Reads an event document. Its outer structure must be valid; its object may be anything.
pub(crate) fn read(body: &Value, received: Moment) -> Result<VendorEvent, Refusal> {
    let data = body.get("data").ok_or_else(|| malformed("/data", "data is missing: an event document has data"))?;
    let id = text(data, "id").filter(|id| is_line(id)).ok_or_else(|| {
        malformed(
            "/data/id",
            format_args!("data.id must be the event's id: one line of up to {TEXT_CHARACTERS_MAX} characters"),
        )
    })?;
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
    Ok(VendorEvent { id: id.to_owned(), name: name.to_owned(), created_at, as_of, resource: about, included, adjusted })
}

/// When an event happened, or why its time is not valid.
fn happened(attributes: &Value, received: Moment) -> Result<Moment, Adjusted> {
    match entry(attributes, "created_at").filter(|(_, told)| !told.is_null()) {
        Some((key, told)) => time(told, &format!("/data/attributes/{key}"), received),
        None => {
            Err(Adjusted::new("time-missing", "/data/attributes", "created-at is missing; the time of receipt counts"))
        }
    }
}

/// A vendor's time, no later than now, or why it is not valid.
pub(crate) fn time(told: &Value, pointer: &str, received: Moment) -> Result<Moment, Adjusted> {
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

impl VendorEvent {
    /// Whether its name and the reported names of its object are well formed, each on a single line.
    pub fn is_well_named(&self) -> bool {
        is_event_name(&self.name) && self.resource.as_ref().is_none_or(Resource::is_well_named)
    }

    /// The ids of the resources it contains in full.
    pub fn whole(&self) -> HashSet<&str> {
        self.resource.iter().chain(&self.included).map(|resource| resource.id.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_three_casings_are_equal() {
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
    fn a_time_over_five_minutes_ahead_is_replaced_by_the_time_of_receipt() {
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
