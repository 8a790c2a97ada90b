//! `GET /inquiries`

use std::sync::Arc;

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_objects::store::{NOTE, NOTE_BEGINNING, NOTE_BEGINNING_CHARACTERS};
use docket_objects::{Object, key};
use docket_storage::Filter;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::shapes::inquiry::InquiryView;
use crate::v1::reported::with_source;

/// Lists inquiries.
pub struct ListInquiries;

impl List for ListInquiries {
    const ABOUT: OperationInfo =
        OperationInfo::contract("list-all-inquiries", "GET", "/inquiries", Permission::InquiryRead, "Lists inquiries.");
    type Row = Object;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let query = &context.query;
        let mut filters = vec![Filter::Is("kind", vec![Arc::from("inquiry")])];
        if let Some(note) = query.whole_filters("note").next() {
            filters.extend(noted(note));
        }
        let texts = |name: &str| query.filter_or_whole(name).into_iter().map(Arc::from).collect::<Vec<Arc<str>>>();
        let keys = |name: &str| query.filter(name).iter().map(|id| key(&context.actor.environment, id)).collect();
        for (name, column) in [
            ("reference-id", "reference_id"),
            ("status", "status"),
            ("inquiry-template-id", "template_id"),
            ("template-id", "template_id"),
        ] {
            if query.has_filter(name) {
                filters.push(Filter::Is(column, texts(name)));
            }
        }
        for (name, column) in [("account-id", "account_id"), ("inquiry-id", "id")] {
            if query.has_filter(name) {
                filters.push(Filter::Is(column, keys(name)));
            }
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(with_source(InquiryView::schema())).filtered(&[
            ("inquiry-id", "Ids."),
            ("account-id", "Account ids."),
            ("reference-id", "Reference ids."),
            ("inquiry-template-id", "Inquiry template ids."),
            ("template-id", "Ids of legacy templates."),
            ("status", "Statuses."),
            ("note", "The complete note."),
        ])
    }

    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Object>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|inquiry| resource(context, work, inquiry)).collect()
    }

    fn key(context: &Context, id: &str) -> String {
        key(&context.actor.environment, id).as_ref().to_owned()
    }
}

/// Inquiries with exactly this note.
fn noted(note: &str) -> [Filter; 2] {
    let beginning: String = note.chars().take(NOTE_BEGINNING_CHARACTERS).collect();
    [Filter::Is(NOTE_BEGINNING, vec![Arc::from(beginning)]), Filter::Is(NOTE, vec![Arc::from(note)])]
}
