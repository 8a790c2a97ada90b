//! Events in the form of these operations.

use std::sync::Arc;

use docket_events::{Event, Origin};
use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::{Run, STEP_FAILED, hint_hidden, is_hidden};
use serde_json::{Map, Value, json};

use crate::document::Resource;
use crate::operation::Context;
use crate::shapes::event::EventView;
use crate::time::iso;
use crate::v1::cases::shown::fit_fields;
use crate::v1::included;
use crate::views::resource_under;

/// The description of `include`: relationships of the event's object.
pub const INCLUDED: &str = "Related objects to add to `payload.included`, separated by commas: relationships of the \
    event's object, such as accounts or inquiries of a case. They are shown in their current state.";

/// An event, with the objects related to its object that the request asks to include.
pub fn with_included(context: &Context, work: &mut UnitOfWork, event: &Arc<Event>) -> Verb<Resource> {
    let event = visible(work, event)?;
    let mut object = resource_under(&context.base, &event.payload);
    let included = included::inside(context, work, &object)?;
    fit_fields(context, work, &mut object)?;
    Ok(shown(&event, object, included))
}

/// An event in the form of the API. Its actor and its cause are in its context.
pub fn resource(context: &Context, work: &mut UnitOfWork, event: &Arc<Event>) -> Verb<Resource> {
    let event = visible(work, event)?;
    Ok(shown(&event, resource_under(&context.base, &event.payload), None))
}

/// Says that events will be shown, so that what was redacted comes with few loads.
pub fn hint_shown(work: &mut UnitOfWork, events: &[Arc<Event>]) -> Verb<()> {
    docket_events::hint_shown(work, events);
    let failed: Vec<&str> = events.iter().filter_map(|event| failed_run(event)).collect();
    for run in &failed {
        work.hint::<Run>(run);
    }
    let mut runs = Vec::with_capacity(failed.len());
    for run in failed {
        runs.extend(work.get::<Run>(run)?);
    }
    hint_hidden(work, &runs);
    Ok(())
}

/// The run whose step failed, where an event says that and has not been blanked.
fn failed_run(event: &Event) -> Option<&str> {
    event.cause_run_id.as_deref().filter(|_| event.redaction_id.is_none() && event.name.ends_with(STEP_FAILED))
}

/// An event as it may be shown: without its content, where its object was redacted since, or where its run held content of
/// an object that was, which the error of a step may repeat.
fn visible(work: &mut UnitOfWork, event: &Arc<Event>) -> Verb<Arc<Event>> {
    if let Some(run) = failed_run(event)
        && let Some(run) = work.get::<Run>(run)?
        && (run.redaction_id.is_some() || is_hidden(work, &run)?)
    {
        return Ok(Arc::new(event.hidden()));
    }
    docket_events::shown(work, event)
}

fn shown(event: &Event, object: Resource, included: Option<Vec<Resource>>) -> Resource {
    EventView {
        id: event.id.to_string(),
        name: event.name.clone(),
        object,
        included,
        created_at: event.created_at.0,
        context: context(event),
    }
    .into_resource()
}

fn context(event: &Event) -> Map<String, Value> {
    let mut context = Map::new();
    let mut set = |name: &str, value: Value| {
        if !value.is_null() {
            context.insert(name.to_owned(), value);
        }
    };
    set("actor", json!({"type": event.actor_type, "id": event.actor_id, "shown-as": event.actor_shown}));
    set("cause-event-id", json!(event.cause_event_id));
    set("workflow-run-id", json!(event.cause_run_id));
    set("step-id", json!(event.cause_step));
    set("request-id", json!(event.request_id));
    set("depth", json!(event.depth));
    set("object-id", json!(event.object_id));
    set("object-version", json!(event.object_version));
    set("from", json!(event.from_value));
    set("to", json!(event.to_value));
    for (name, value) in event.context.iter() {
        set(name, value.clone());
    }
    set("content-removed-at", json!(event.retained_at.map(|at| iso(at.0))));
    let (kind, id, name) = match event.origin() {
        Origin::Docket { .. } => ("docket", None, None),
        Origin::Source { id, name } => ("source", Some(id), name),
    };
    set("origin", json!({"type": kind, "id": id, "name": name}));
    context
}
