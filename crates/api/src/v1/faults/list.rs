//! `GET /faults`

use std::sync::Arc;

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::Fault;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};

/// Lists work that failed.
pub struct ListFaults;

impl List for ListFaults {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-all-faults",
        "GET",
        "/faults",
        Permission::WorkflowRead,
        "Lists work that Docket could not do: runs that can neither continue nor be recorded as failed, and workflows \
         whose live version can't be evaluated.",
    );
    type Row = Fault;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let states = context.query.filter("state").iter().map(|state| Arc::from(state.as_str())).collect();
        Ok(Some(context.query.has_filter("state").then_some(Filter::Is("state", states)).into_iter().collect()))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema()).filtered(&[("state", "`retrying` or `parked`.")])
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<Fault>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|fault| resource(work, fault)).collect()
    }
}
