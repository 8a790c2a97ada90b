//! `GET /sources`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_objects::Source;
use docket_storage::Filter;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};

/// Lists sources of vendor webhooks.
pub struct ListSources;

impl List for ListSources {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-sources",
        "GET",
        "/sources",
        Permission::SourceRead,
        "Lists sources of vendor webhooks, without their secrets.",
    );
    type Row = Source;

    fn filters(_: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(Vec::new()))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema())
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<Source>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|source| resource(work, source)).collect()
    }
}
