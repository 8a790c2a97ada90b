//! What exists around a definition, for checking it in an environment.

use std::collections::BTreeSet;

use docket_events::{EVENTS, object_type_of};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb};
use serde_json::Value;

use crate::definition::{Parsed, Program};
use crate::engine::Engine;
use crate::kind::{Attribute, Known, StepShape};
use crate::limits::NAMED_MAX;
use crate::problem::{Problem, Problems};
use crate::step_type::CheckContext;
use crate::validate::{StatusOfCase, check, statuses_compared};

impl Known for Engine {
    fn step(&self, step_type: &str) -> Option<&StepShape> {
        self.catalogue.get(step_type).map(|entry| &entry.shape)
    }

    fn step_types(&self) -> Vec<&str> {
        self.catalogue.entries().map(|entry| entry.about.key).collect()
    }

    fn event(&self, name: &str) -> Option<&str> {
        object_type_of(name)
    }

    fn events(&self) -> Vec<&str> {
        EVENTS.iter().map(|(name, _)| *name).collect()
    }

    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        self.objects.attribute(object_type, path)
    }
}

/// Everything that is wrong with a definition: its form, what it refers to, and what its steps and conditions name that
/// is missing in this environment.
pub(crate) fn check_here(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    definition: &Value,
) -> Verb<Vec<Problem>> {
    let Parsed { program, mut problems } = check(definition, engine);
    for step in program.actions() {
        if let Some(entry) = engine.catalogue.get(step.step_type) {
            problems.extend(entry.check(&mut CheckContext { work, environment, program: &program, step })?);
        }
    }
    problems.extend(unknown_statuses(engine, work, environment, &program)?);
    Ok(problems)
}

/// What conditions compare the status of a case with and no such case can have. As many names are looked for as a live
/// version may have.
fn unknown_statuses(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    program: &Program,
) -> Verb<Vec<Problem>> {
    let mut compared = statuses_compared(program, engine);
    compared.retain(|compared| compared.is_sure);
    let named: BTreeSet<StatusOfCase> = compared.iter().map(|compared| compared.named.clone()).collect();
    let named: BTreeSet<StatusOfCase> = named.into_iter().take(NAMED_MAX as usize).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let unknown = engine.objects.unknown_statuses(work, environment, program, named)?;
    let mut problems = Problems::default();
    for compared in compared {
        if let Some(message) = unknown.get(&compared.named).filter(|_| !problems.is_full()) {
            problems.push(compared.problem("unknown_status", message));
        }
    }
    Ok(problems.into_list())
}
