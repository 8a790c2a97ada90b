//! `GET /events/{event-id}`

use docket_events::Event;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{INCLUDED, with_included};
use crate::answer::Answer;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::shapes::event::EventView;

/// Shows an event.
pub struct RetrieveEvent;

impl Operation for RetrieveEvent {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-an-event",
        "GET",
        "/events/{event-id}",
        Permission::EventRead,
        "Retrieves an event.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Event>(work, "event", context.part("event-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(EventView::schema()).including_inside(INCLUDED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let event = work.existing::<Event>("event", context.part("event-id"))?;
        Ok(Answer::ok(Document::one(with_included(context, work, &event)?), event.object_version))
    }
}
