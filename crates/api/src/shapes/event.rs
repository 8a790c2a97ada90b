//! An event.

use serde_json::{Map, Value, json};

use crate::document::{Member, Members, Resource};
use crate::schema::{list, maybe, object, resource, said, some, text, time, whole, word};
use crate::time::iso;

/// Everything the API shows of an event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventView {
    /// The id.
    pub id: String,
    /// Its name, such as `case.status-updated`.
    pub name: String,
    /// The whole object in its state after the event.
    pub object: Resource,
    /// The related objects in their current state, if the request asks for them.
    pub included: Option<Vec<Resource>>,
    /// When it occurred.
    pub created_at: i64,
    /// Its actor and its cause, in kebab casing; left out when empty.
    pub context: Map<String, Value>,
}

impl EventView {
    /// What the API shows of every event.
    pub(crate) fn schema() -> Value {
        let object_of = json!({"$ref": "#/components/schemas/Resource"});
        let actor = object(vec![("type", text()), ("id", maybe(text())), ("shown-as", maybe(text()))]);
        let origin =
            object(vec![("type", word(&["docket", "source"])), ("id", maybe(text())), ("name", maybe(text()))]);
        let context = some(vec![
            ("actor", actor),
            ("cause-event-id", text()),
            ("workflow-run-id", text()),
            ("step-id", text()),
            ("request-id", text()),
            ("depth", whole()),
            ("object-id", text()),
            ("object-version", whole()),
            ("from", text()),
            ("to", text()),
            ("content-removed-at", said(time(), "When the retention policy removed the content of the event.")),
            ("origin", said(origin, "Where the event comes from: Docket recorded it, or a source reported it.")),
        ]);
        let mut payload = object(vec![("data", object_of.clone())]);
        payload["properties"]["included"] =
            said(list(object_of), "Related objects in their current state, if `include` requests them.");
        let attributes = vec![("name", text()), ("payload", payload), ("created-at", time()), ("context", context)];
        resource("event", attributes, Vec::new())
    }

    /// Renders the event.
    ///
    /// The payload contains the object without its `meta`, because the contract's payload has no such member. The
    /// values of `from` and `to` in the context may have names of the organization and keep their casing.
    pub fn into_resource(mut self) -> Resource {
        self.object.meta = Members::default();
        let mut payload = Members::with_capacity(2);
        payload.add("data", Member::Object(Box::new(self.object)));
        if let Some(included) = self.included {
            payload.add("included", Member::Objects(included));
        }
        let mut resource = Resource::new("event", self.id);
        resource.attributes.set("name", self.name);
        resource.attributes.add("payload", Member::Nested(payload));
        resource.attributes.set("created-at", iso(self.created_at));
        if !self.context.is_empty() {
            resource.attributes.add("context", Member::Nested(context(self.context)));
        }
        resource
    }
}

fn context(context: Map<String, Value>) -> Members {
    let mut out = Members::with_capacity(context.len());
    for (name, value) in context {
        match name.as_str() {
            "from" | "to" => out.set_theirs(name, value),
            _ => out.set(name, value),
        }
    }
    out
}
