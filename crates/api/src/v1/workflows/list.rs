//! `GET /workflows`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb, fold};
use docket_storage::Filter;
use docket_workflows::trigger::On;
use docket_workflows::{Version, Workflow, definition};
use serde_json::{Value, json};

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::time::iso;

/// Lists workflows.
pub struct ListWorkflows;

impl List for ListWorkflows {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-workflows",
        "GET",
        "/workflows",
        Permission::WorkflowRead,
        "Lists workflows, each with what starts it and when it was last published.",
    );
    type Row = Workflow;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = Vec::new();
        if context.query.has_filter("state") {
            let states = context.query.filter("state").iter().map(|state| state.as_str().into()).collect();
            filters.push(Filter::Is("state", states));
        }
        if let Some(text) = context.query.filter("text").first() {
            filters.push(Filter::Contains("folded", fold(text).into()));
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema(false)).filtered(&[
            ("state", "draft, running, paused or archived."),
            ("text", "A part of the name, in any casing."),
        ])
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<Workflow>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|workflow| shown(work, workflow)).collect()
    }
}

fn shown(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Resource> {
    let live = match &workflow.live_version_id {
        Some(id) => work.get::<Version>(id.as_str())?,
        None => None,
    };
    let published_at = live.as_ref().map(|version| iso(version.published_at.0));
    let drawn = live.as_ref().map(|version| &*version.definition).or(workflow.draft.as_deref());
    let mut resource = resource(workflow);
    resource.attributes.set("trigger", drawn.and_then(trigger));
    resource.attributes.set("published-at", published_at);
    resource.attributes.set("published-count", workflow.published_count);
    Ok(resource)
}

/// The trigger of a definition, if it has one.
fn trigger(definition: &Value) -> Option<Value> {
    definition.get("trigger")?;
    Some(match &definition::parse(definition).program.trigger().on {
        On::Events(names) => json!({"type": "event", "events": names}),
        On::Api(_) => json!({"type": "api", "events": []}),
    })
}
