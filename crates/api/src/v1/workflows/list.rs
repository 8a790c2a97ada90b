//! `GET /workflows`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::Workflow;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::Told;
use crate::operation::{About, Context, List};

/// Lists workflows.
pub struct ListWorkflows;

impl List for ListWorkflows {
    const ABOUT: About =
        About::ours("list-workflows", "GET", "/workflows", Permission::WorkflowRead, "Lists workflows.");
    type Row = Workflow;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = Vec::new();
        if context.query.has_filter("state") {
            let states = context.query.filter("state").iter().map(|state| state.as_str().into()).collect();
            filters.push(Filter::Is("state", states));
        }
        Ok(Some(filters))
    }

    fn told() -> Told {
        Told::pages(schema(false)).filtered(&[("state", "draft, running, paused or archived.")])
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<Workflow>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|workflow| resource(workflow)).collect())
    }
}
