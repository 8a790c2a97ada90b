//! The fields of cases that live workflows name: fields that steps set and fields that references read.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{Refusal, UnitOfWork, Verb, fold_key};
use serde_json::Value;

use super::names_of;
use crate::definition::{ActionAt, Program};
use crate::engine::Engine;
use crate::kind::{OutputShape, ValueKind};
use crate::limits::{FIELD_CHARS_MAX, NAMED_MAX};
use crate::names::same;
use crate::reference::Reference;
use crate::store::{FIELDS_NAMED_BY_WORKFLOW, WORKFLOWS_NAMING_FIELD};
use crate::validate::is_of_case;
use crate::value::Input;
use crate::workflow::{NamedField, Workflow};

/// The widget of inputs that take the fields of a case.
pub(crate) const FIELDS_WIDGET: &str = "case-fields";
/// The widget of inputs that take a case template.
const TEMPLATE_WIDGET: &str = "case-template";
/// The placeholder for the template if a definition does not determine the template of a case.
const ANY_TEMPLATE: &str = "*";
/// The member of a case that holds its fields.
const FIELDS: &str = "fields";

/// The names of the workflows that name a field of a template's cases, or of cases whose template their definition does
/// not determine. If there are more than can be listed, the last entry states this.
pub fn workflows_naming_field(work: &mut UnitOfWork, template: &str, key: &str) -> Verb<Vec<String>> {
    let wanted = [named(template, key), named(ANY_TEMPLATE, key)];
    for text in &wanted {
        work.hint_ask(&WORKFLOWS_NAMING_FIELD, text);
    }
    let (mut ids, mut are_more) = (BTreeSet::new(), false);
    for text in &wanted {
        let (rows, more) = work.some::<NamedField>(&WORKFLOWS_NAMING_FIELD, text)?;
        ids.extend(rows.iter().map(|row| row.workflow_id.clone()));
        are_more |= more;
    }
    names_of(work, &ids, are_more)
}

/// The recorded form of a field: its template, and its key as references compare it.
fn named(template: &str, key: &str) -> String {
    format!("{template}/{}", fold_key(key))
}

/// Records which fields the live version of a workflow names, or removes its rows if there is none.
pub(super) fn keep(engine: &Engine, work: &mut UnitOfWork, workflow: &Workflow, live: Option<&Program>) -> Verb<()> {
    let mut wanted = live.map(|program| fields_named(engine, program)).unwrap_or_default();
    if wanted.len() > NAMED_MAX as usize {
        let count = wanted.len();
        let sentence =
            format!("this workflow names {count} fields of cases; at most {NAMED_MAX} are allowed: split the workflow");
        return Err(Refusal::rule("too-many-fields-named", sentence).at("/data/attributes/definition").into());
    }
    for old in work.ask::<NamedField>(&FIELDS_NAMED_BY_WORKFLOW, workflow.id.as_str())? {
        if !wanted.remove(&old.named) {
            work.remove::<NamedField>(&old.id)?;
        }
    }
    for named in wanted {
        work.insert(NamedField {
            id: Arc::from(format!("{}:{named}", workflow.id)),
            environment_id: workflow.environment_id.clone(),
            version: 0,
            workflow_id: workflow.id.clone(),
            named,
        });
    }
    Ok(())
}

/// The fields of cases that a program names: keys that steps set, and keys that references read in a case's fields.
pub fn fields_named(engine: &Engine, program: &Program) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for step in program.actions() {
        let Some(entry) = engine.catalogue.get(step.step_type) else { continue };
        for input in entry.inputs_with(FIELDS_WIDGET) {
            let template = template_of(engine, &step).unwrap_or_else(|| ANY_TEMPLATE.to_owned());
            found.extend(step.with.get(input).into_iter().flat_map(keys).map(|key| named(&template, &key)));
        }
    }
    program.visit_references(&mut |reference| found.extend(read_by(engine, program, reference)));
    found.retain(|text| text.split_once('/').is_some_and(|(_, key)| key.chars().count() <= FIELD_CHARS_MAX));
    found
}

/// The keys of an input that is written as an object.
fn keys(input: &Input) -> Vec<String> {
    match input {
        Input::Object(members) => members.keys().cloned().collect(),
        Input::Literal(Value::Object(members)) => members.keys().cloned().collect(),
        _ => Vec::new(),
    }
}

/// The template from which a step creates cases, if it is a literal.
fn template_of(engine: &Engine, step: &ActionAt<'_>) -> Option<String> {
    let input = engine.catalogue.get(step.step_type)?.inputs_with(TEMPLATE_WIDGET).next()?;
    step.with.get(input)?.constant()?.as_str().map(str::to_owned)
}

/// The field that a reference reads, if it reads a field of a case.
fn read_by(engine: &Engine, program: &Program, reference: &Reference) -> Option<String> {
    let segments = reference.segments();
    let place = segments.windows(2).position(|pair| same(&pair[0], FIELDS))?;
    let case = reference.up_to(place);
    if !is_of_case(program, engine, &case) {
        return None;
    }
    let maker = program.actions().find(|step| place == 0 && step.id == case.root() && gives_a_case(engine, step));
    let template = maker.and_then(|step| template_of(engine, &step)).unwrap_or_else(|| ANY_TEMPLATE.to_owned());
    Some(named(&template, &segments[place + 1]))
}

/// Whether the output of a step is a case itself.
fn gives_a_case(engine: &Engine, step: &ActionAt<'_>) -> bool {
    let shape = engine.catalogue.get(step.step_type).map(|entry| &entry.shape.output);
    matches!(shape, Some(OutputShape::Value(ValueKind::Object(name))) if name == "case")
}
