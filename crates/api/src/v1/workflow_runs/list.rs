//! `GET /workflow-runs`

use std::sync::Arc;

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::Run;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::shapes::workflow_run::WorkflowRunView;

/// Lists runs.
pub struct ListRuns;

impl List for ListRuns {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "list-all-workflow-runs",
        "GET",
        "/workflow-runs",
        Permission::WorkflowRead,
        "Lists runs.",
    );
    type Row = Run;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let query = &context.query;
        let mut filters = Vec::new();
        if query.has_filter("status") {
            let states: Vec<Arc<str>> = query.filter("status").iter().flat_map(|status| states(status)).collect();
            if states.is_empty() {
                return Ok(None);
            }
            filters.push(Filter::Is("state", states));
        }
        for (name, column) in [("workflow-id", "workflow_id"), ("workflow-version-id", "version_id")] {
            if query.has_filter(name) {
                let ids = query.filter(name).iter().map(|id| Arc::from(id.as_str())).collect();
                filters.push(Filter::Is(column, ids));
            }
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(WorkflowRunView::schema()).filtered(&[
            ("status", "in_progress, completed or errored."),
            ("workflow-id", "Workflow ids."),
            ("workflow-version-id", "Workflow version ids."),
        ])
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<Run>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|run| resource(run)).collect())
    }
}

/// Docket's run states for a status of the contract.
fn states(status: &str) -> Vec<Arc<str>> {
    let states: &[&str] = match status.replace('-', "_").to_lowercase().as_str() {
        "in_progress" | "running" => &["running"],
        "completed" => &["completed", "completed_with_errors"],
        "completed_with_errors" => &["completed_with_errors"],
        "errored" => &["errored"],
        _ => &[],
    };
    states.iter().map(|state| Arc::from(*state)).collect()
}
