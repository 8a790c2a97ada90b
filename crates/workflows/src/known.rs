//! What exists around a definition, for checking it in an environment.

use docket_events::{EVENTS, object_type_of};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb};
use serde_json::Value;

use crate::engine::Engine;
use crate::kind::{Attribute, Known, StepShape};
use crate::problem::Problem;
use crate::step_type::CheckContext;
use crate::validate::check;

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

/// Everything that is wrong with a definition: its form, what it refers to, and what its steps know to be missing in
/// this environment.
pub(crate) fn check_here(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    definition: &Value,
) -> Verb<Vec<Problem>> {
    let parsed = check(definition, engine);
    let mut problems = parsed.problems;
    for step in parsed.program.actions() {
        if let Some(entry) = engine.catalogue.get(step.step_type) {
            problems.extend(entry.check(&mut CheckContext { work, environment, program: &parsed.program, step })?);
        }
    }
    Ok(problems)
}
