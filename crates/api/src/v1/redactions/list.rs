//! `GET /redactions`

use std::sync::Arc;

use docket_events::Redaction;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use serde_json::{Value, json};

use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::schema::{self, maybe, maybe_texts, object, said, text, time, whole, word};
use crate::time::{iso, iso_or_null};

/// Lists redactions.
pub struct ListRedactions;

impl List for ListRedactions {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-redactions",
        "GET",
        "/redactions",
        Permission::EventRead,
        "Lists redactions: the object, the time, the actor, and the number of copies deleted.",
    );
    type Row = Redaction;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = Vec::new();
        if context.query.has_filter("object-id") {
            let ids = context.query.filter("object-id").iter().map(|id| Arc::from(id.as_str())).collect();
            filters.push(Filter::Is("object_id", ids));
        }
        Ok(Some(filters))
    }

    fn key(context: &Context, id: &str) -> String {
        docket_events::redaction_key(&context.actor.environment, id).to_string()
    }

    fn doc() -> OperationDoc {
        let who = object(maybe_texts(&["type", "id", "shown-as"]));
        let counts = COUNTED.iter().map(|name| (*name, whole())).collect();
        let attributes = vec![
            ("object-type", text()),
            ("object-id", text()),
            ("redacted-at", said(time(), "Content up to this time is deleted.")),
            ("state", said(word(&["pending", "done"]), "Whether copies of the content are left to delete.")),
            ("done-at", maybe(time())),
            ("redacted-with", said(maybe(text()), "The object whose redaction included this one.")),
            ("event-id", maybe(text())),
            ("actor", who),
            ("counts", said(object(counts), "How many copies were deleted so far.")),
        ];
        OperationDoc::pages(schema::resource("redaction", attributes, Vec::new()))
            .filtered(&[("object-id", "Ids of the redacted objects.")])
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<Redaction>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|redaction| resource(redaction)).collect())
    }
}

const COUNTED: [&str; 7] = ["objects", "events", "runs", "segments", "comments", "files", "answers"];

fn resource(redaction: &Redaction) -> Resource {
    let mut resource = Resource::new("redaction", redaction.object_id.as_str());
    let attributes = &mut resource.attributes;
    attributes.set("object-type", redaction.object_type.as_str());
    attributes.set("object-id", redaction.object_id.as_str());
    attributes.set("redacted-at", iso(redaction.redacted_at.0));
    attributes.set("state", if redaction.done_at.is_some() { "done" } else { "pending" });
    attributes.set("done-at", iso_or_null(redaction.done_at.map(|at| at.0)));
    let with = redaction.cause_id.as_deref().and_then(|cause| cause.split_once('/'));
    attributes.set("redacted-with", with.map(|(_, id)| id));
    attributes.set("event-id", redaction.event_id.as_ref().map(ToString::to_string));
    let (kind, id, shown) = (&redaction.actor_type, &redaction.actor_id, &redaction.actor_shown);
    attributes.set("actor", json!({"type": kind, "id": id, "shown-as": shown}));
    attributes.set("counts", serde_json::to_value(*redaction.counts).unwrap_or(Value::Null));
    resource
}
