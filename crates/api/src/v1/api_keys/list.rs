//! `GET /api-keys`

use std::sync::Arc;

use docket_access::ApiKey;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};

/// Lists API keys, including those that have expired.
pub struct ListKeys;

impl List for ListKeys {
    const ABOUT: OperationInfo =
        OperationInfo::contract("list-all-api-keys", "GET", "/api-keys", Permission::ApiKeyRead, "Lists API keys.");
    type Row = ApiKey;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let names = context.query.filter_or_whole("name").into_iter().map(Arc::from).collect();
        let wanted = context.query.has_filter("name").then_some(Filter::Is("name", names));
        Ok(Some(wanted.into_iter().collect()))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema()).filtered(&[("name", "Key names.")])
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<ApiKey>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|key| resource(key)).collect())
    }
}
