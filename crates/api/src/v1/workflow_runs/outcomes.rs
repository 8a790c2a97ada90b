//! `GET /workflow-run-outcomes`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::{Run, RunState};
use serde_json::{Value, json};

use super::list::ListRuns;
use super::shown::{resource, starter, starter_schema};
use crate::document::Resource;
use crate::openapi::Told;
use crate::operation::{About, Context, List};
use crate::schema::word;
use crate::shapes::workflow_run::WorkflowRunView;

/// Lists runs with how they really ended: the contract's status says of a run that met errors what it says of one that
/// met none. Who started a run is told by name, as of its steps.
pub struct ListOutcomes;

impl List for ListOutcomes {
    const ABOUT: About = About::ours(
        "list-outcomes-of-workflow-runs",
        "GET",
        "/workflow-run-outcomes",
        Permission::WorkflowRead,
        "Lists runs as GET /workflow-runs does, each with its outcome, which tells whether it met errors, \
         and with who started it.",
    );
    type Row = Run;

    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        ListRuns::filters(context, work)
    }

    fn told() -> Told {
        let told = ListRuns::told();
        Told::pages(schema()).filtered(&told.filters)
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<Run>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|run| with_outcome(run)).collect())
    }
}

fn with_outcome(run: &Run) -> Resource {
    let mut resource = resource(run);
    resource.attributes.set("outcome", run.state.as_str());
    resource.attributes.set("started-by", starter(run));
    resource
}

fn schema() -> Value {
    let mut schema = WorkflowRunView::schema();
    let words: Vec<&str> = RunState::ALL.iter().map(|state| state.as_str()).collect();
    let attributes = &mut schema["properties"]["attributes"];
    attributes["properties"]["outcome"] = word(&words);
    attributes["properties"]["started-by"] = starter_schema();
    if let Some(required) = attributes["required"].as_array_mut() {
        required.extend([json!("outcome"), json!("started-by")]);
    }
    schema
}
