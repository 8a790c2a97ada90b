//! `GET /accounts`

use std::sync::Arc;

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_objects::{Object, key};
use docket_storage::Filter;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::shapes::account::AccountView;
use crate::v1::reported::with_source;

/// Lists accounts.
pub struct ListAccounts;

impl List for ListAccounts {
    const ABOUT: OperationInfo =
        OperationInfo::contract("list-all-accounts", "GET", "/accounts", Permission::AccountRead, "Lists accounts.");
    type Row = Object;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = vec![Filter::Is("kind", vec![Arc::from("account")])];
        if context.query.has_filter("reference-id") {
            let ids = context.query.filter_or_whole("reference-id").into_iter().map(Arc::from).collect();
            filters.push(Filter::Is("reference_id", ids));
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(with_source(AccountView::schema())).filtered(&[("reference-id", "Reference ids.")])
    }

    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Object>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|account| resource(context, work, account)).collect()
    }

    fn key(context: &Context, id: &str) -> String {
        key(&context.actor.environment, id).as_ref().to_owned()
    }
}
