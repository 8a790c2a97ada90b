//! The statuses and fields that live workflows name: one row for each name, maintained when a version is published or
//! archived. Removing a status queries its names, and reads no workflow.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb, WorkflowId, fold};
use serde_json::Value;

use crate::definition::Program;
use crate::engine::Engine;
use crate::limits::{NAMED_MAX, STATUS_CHARS_MAX};
use crate::store::{FIELDS_NAMED_BY_WORKFLOW, STATUSES_NAMED_BY_WORKFLOW, WORKFLOWS_NAMING_STATUS, WORKFLOWS_TO_NAME};
use crate::validate::statuses_compared;
use crate::workflow::{NamedStatus, Naming, Version, Workflow};

mod fields;

pub(crate) use fields::FIELDS_WIDGET;
pub use fields::{fields_named, workflows_naming_field};

/// The widget of inputs that take a status of a case.
const STATUS_WIDGET: &str = "case-status";

/// The names of the workflows that name a status by one of these names, or by its id. If there are more than can be
/// listed, the last entry states this.
pub fn workflows_naming(work: &mut UnitOfWork, names: &[String]) -> Verb<Vec<String>> {
    let names: BTreeSet<String> = names.iter().map(|name| fold(name)).collect();
    for name in &names {
        work.hint_ask(&WORKFLOWS_NAMING_STATUS, name);
    }
    let (mut ids, mut are_more) = (BTreeSet::new(), false);
    for name in &names {
        let (rows, more) = work.some::<NamedStatus>(&WORKFLOWS_NAMING_STATUS, name)?;
        ids.extend(rows.iter().map(|row| row.workflow_id.clone()));
        are_more |= more;
    }
    names_of(work, &ids, are_more)
}

/// The names of workflows, sorted, with a last entry if there are more.
fn names_of(work: &mut UnitOfWork, ids: &BTreeSet<WorkflowId>, are_more: bool) -> Verb<Vec<String>> {
    for id in ids {
        work.hint::<Workflow>(id.as_str());
    }
    let mut workflows = Vec::new();
    for id in ids {
        workflows.extend(work.get::<Workflow>(id.as_str())?.map(|workflow| workflow.name.clone()));
    }
    workflows.sort();
    workflows.dedup();
    workflows.extend(are_more.then(|| "more than are listed here".to_owned()));
    Ok(workflows)
}

/// Rewrites the recorded names of live workflows that predate the current rule, a limited number at a time, in every
/// environment. Returns how many were processed; 0 if all are done.
pub fn name_anew(engine: &Engine, work: &mut UnitOfWork) -> Verb<usize> {
    let (due, _) = work.some::<Workflow>(&WORKFLOWS_TO_NAME, Naming::Due.as_str())?;
    for workflow in &due {
        workflow.live_version_id.iter().for_each(|live| work.hint::<Version>(live.as_str()));
        work.hint_ask(&STATUSES_NAMED_BY_WORKFLOW, workflow.id.as_str());
        work.hint_ask(&FIELDS_NAMED_BY_WORKFLOW, workflow.id.as_str());
    }
    for workflow in &due {
        let Some(live) = &workflow.live_version_id else { continue };
        // A version that can't be read, or names too much, keeps its rows: publishing it reports the problem.
        let _ = work.attempt(|work| {
            let (_, program) = engine.program(work, live)?;
            keep(engine, work, workflow, Some(&program))
        })?;
        work.change::<Workflow>(workflow.id.as_str(), |workflow| workflow.naming = None)?;
    }
    Ok(due.len())
}

/// Records what the live version of a workflow names, or removes its rows if there is none.
pub(crate) fn keep(engine: &Engine, work: &mut UnitOfWork, workflow: &Workflow, live: Option<&Program>) -> Verb<()> {
    fields::keep(engine, work, workflow, live)?;
    let mut wanted = live.map(|program| statuses_named(engine, program)).unwrap_or_default();
    if wanted.len() > NAMED_MAX as usize {
        let count = wanted.len();
        let sentence = format!(
            "this workflow names {count} statuses, in its steps and conditions; at most {NAMED_MAX} are allowed: \
             split it, or refer to a status instead of naming it"
        );
        return Err(Refusal::rule("too-many-statuses-named", sentence).at("/data/attributes/definition").into());
    }
    for old in work.ask::<NamedStatus>(&STATUSES_NAMED_BY_WORKFLOW, workflow.id.as_str())? {
        if !wanted.remove(&old.folded) {
            work.remove::<NamedStatus>(&old.id)?;
        }
    }
    for folded in wanted {
        work.insert(NamedStatus {
            id: Arc::from(format!("{}:{folded}", workflow.id)),
            environment_id: workflow.environment_id.clone(),
            version: 0,
            workflow_id: workflow.id.clone(),
            folded,
        });
    }
    Ok(())
}

/// The statuses that a program names literally: in inputs that take a status, and in conditions that compare the status
/// of a case.
pub fn statuses_named(engine: &Engine, program: &Program) -> BTreeSet<String> {
    let inputs = program.actions().filter_map(|step| Some((step, engine.catalogue.get(step.step_type)?)));
    let literals = inputs.flat_map(|(step, entry)| {
        entry.inputs_with(STATUS_WIDGET).filter_map(|name| step.with.get(name)?.constant()).collect::<Vec<_>>()
    });
    let texts = literals.filter_map(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    });
    let compared = statuses_compared(program, engine).into_iter().map(|compared| compared.named.status);
    let names = texts.chain(compared).map(|name| fold(&name));
    names.filter(|name| !name.is_empty() && name.chars().count() <= STATUS_CHARS_MAX).collect()
}
