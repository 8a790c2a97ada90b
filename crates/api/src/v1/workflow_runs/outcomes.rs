//! `GET /workflow-run-outcomes`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::{Run, RunState, StepResult, Version, blanked_run, hint_hidden, is_hidden};
use serde_json::{Value, json};

use super::list::ListRuns;
use super::shown::{resource, starter, starter_schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::schema::{maybe, object, text, word};
use crate::shapes::workflow_run::WorkflowRunView;

/// Lists runs with their outcomes: the contract's status is the same for a run with failed steps as for one without.
/// The creator of a run is shown by name, as in the list of its steps.
pub struct ListOutcomes;

impl List for ListOutcomes {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-outcomes-of-workflow-runs",
        "GET",
        "/workflow-run-outcomes",
        Permission::WorkflowRead,
        "Lists runs like GET /workflow-runs, each with its outcome (which shows whether a step failed), who started \
         it, its object, and the first step that failed and why.",
    );
    type Row = Run;

    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        ListRuns::filters(context, work)
    }

    fn doc() -> OperationDoc {
        let doc = ListRuns::doc();
        OperationDoc::pages(schema()).filtered(&doc.filters)
    }

    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Run>]) -> Verb<Vec<Resource>> {
        hint_hidden(work, rows);
        for run in rows.iter().filter(|run| has_failed(run)) {
            work.hint::<Version>(run.version_id.as_str());
        }
        rows.iter().map(|run| with_outcome(context, work, run)).collect()
    }
}

fn has_failed(run: &Run) -> bool {
    matches!(run.state, RunState::Errored | RunState::CompletedWithErrors)
}

fn with_outcome(context: &Context, work: &mut UnitOfWork, run: &Run) -> Verb<Resource> {
    let is_hidden = run.redaction_id.is_none() && is_hidden(work, run)?;
    let blanked = is_hidden.then(|| blanked_run(run));
    let run = blanked.as_ref().unwrap_or(run);
    let failure = if has_failed(run) { failure_of(context, work, run)? } else { Value::Null };
    let mut resource = resource(run);
    resource.attributes.set("subject", subject_of(context, run));
    resource.attributes.set("failure", failure);
    resource.attributes.set("outcome", run.state.as_str());
    resource.attributes.set("started-by", starter(run));
    Ok(resource)
}

/// The object that started a run, with its name if it has one and the caller may see such objects.
fn subject_of(context: &Context, run: &Run) -> Value {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(kind), Some(id)) = (text(&run.trigger, "type"), text(&run.trigger, "id")) else { return Value::Null };
    let fields = run.trigger.get("fields").unwrap_or(&Value::Null);
    let full_name = || {
        let parts = [["name-first", "name_first"], ["name-last", "name_last"]];
        let part = |names: [&str; 2]| names.into_iter().find_map(|name| text(fields, name));
        let full: Vec<String> = parts.into_iter().filter_map(part).filter(|part| !part.is_empty()).collect();
        (!full.is_empty()).then(|| full.join(" "))
    };
    let name = text(&run.trigger, "name").or_else(full_name).or_else(|| text(&run.trigger, "reference_id"));
    let name = name.filter(|_| context.may_read(&kind));
    json!({"type": kind, "id": id, "name": name})
}

/// The first failed step of a run and its error. The run row stores these, so the history is not read.
fn failure_of(context: &Context, work: &mut UnitOfWork, run: &Run) -> Verb<Value> {
    let (_, program) = context.engine.program(work, &run.version_id)?;
    let failed = program.steps().iter().find_map(|node| match run.progress.outputs.get(&node.id)?.as_ref() {
        StepResult::Error(error) => Some((node, error)),
        StepResult::Output(_) => None,
    });
    Ok(failed.map_or(
        Value::Null,
        |(node, error)| json!({"step-id": node.id, "step-name": node.title(), "details": error["details"]}),
    ))
}

fn schema() -> Value {
    let mut schema = WorkflowRunView::schema();
    let words: Vec<&str> = RunState::ALL.iter().map(|state| state.as_str()).collect();
    let attributes = &mut schema["properties"]["attributes"];
    attributes["properties"]["outcome"] = word(&words);
    attributes["properties"]["started-by"] = starter_schema();
    attributes["properties"]["subject"] =
        maybe(object(vec![("type", text()), ("id", text()), ("name", maybe(text()))]));
    attributes["properties"]["failure"] =
        maybe(object(vec![("step-id", text()), ("step-name", text()), ("details", maybe(text()))]));
    if let Some(required) = attributes["required"].as_array_mut() {
        required.extend([json!("outcome"), json!("started-by"), json!("subject"), json!("failure")]);
    }
    schema
}
