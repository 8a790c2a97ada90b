//! `GET /events`

use std::sync::Arc;

use docket_events::Event;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::{INCLUDED, hint_shown, with_included};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::shapes::event::EventView;

/// Lists events.
pub struct ListEvents;

impl List for ListEvents {
    const ABOUT: OperationInfo =
        OperationInfo::contract("list-all-events", "GET", "/events", Permission::EventRead, "Lists events.");
    type Row = Event;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let query = &context.query;
        let mut filters = Vec::new();
        for (name, column) in [("name", "name"), ("object-id", "object_id"), ("id", "id")] {
            if query.has_filter(name) {
                let values = query.filter(name).iter().map(|text| Arc::from(text.as_str())).collect();
                filters.push(Filter::Is(column, values));
            }
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(EventView::schema())
            .filtered(&[("name", "Event names."), ("object-id", "Ids of the objects of the events."), ("id", "Ids.")])
            .including_inside(INCLUDED)
    }

    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Event>]) -> Verb<Vec<Resource>> {
        hint_shown(work, rows)?;
        rows.iter().map(|event| with_included(context, work, event)).collect()
    }
}
