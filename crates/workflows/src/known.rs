//! What exists around a definition, for checking it in an environment.

use docket_events::{EVENTS, object_type_of};
use docket_kernel::{EnvironmentId, UnitOfWork, Verb};
use serde_json::Value;

use crate::engine::Engine;
use crate::kind::{Attribute, Known, StepShape};
use crate::problem::Problem;
use crate::step_type::CheckContext;
use crate::store::WORKFLOWS_OF_ENVIRONMENT;
use crate::validate::{check, statuses_compared};
use crate::workflow::{Workflow, WorkflowState};

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

/// The widget of inputs that take a status of a case.
const STATUS_WIDGET: &str = "case-status";

/// The literal values that live workflows of an environment give to inputs drawn with a widget, each with the
/// workflow's name: which statuses published workflows name, for one. Of those, what their conditions compare with the
/// status of a case is named too.
pub fn named_by_live(
    engine: &Engine,
    work: &mut UnitOfWork,
    environment: &str,
    widget: &str,
) -> Verb<Vec<(String, String)>> {
    let mut versions = Vec::new();
    for workflow in work.ask::<Workflow>(&WORKFLOWS_OF_ENVIRONMENT, environment)? {
        if workflow.state != WorkflowState::Archived {
            versions.extend(workflow.live_version_id.clone().map(|live| (live, workflow.name.clone())));
        }
    }
    let mut named = Vec::new();
    for (version, workflow) in versions {
        let (_, program) = engine.program(work, &version)?;
        for step in program.actions() {
            let Some(entry) = engine.catalogue.get(step.step_type) else { continue };
            let literals = entry.inputs_with(widget).filter_map(|name| step.with.get(name)?.constant());
            named.extend(literals.filter_map(|v| v.as_str().map(|text| (workflow.clone(), text.to_owned()))));
        }
        let compared = (widget == STATUS_WIDGET).then(|| statuses_compared(&program, engine));
        named.extend(
            compared.into_iter().flatten().filter_map(|v| v.as_str().map(|text| (workflow.clone(), text.to_owned()))),
        );
    }
    named.sort();
    named.dedup();
    Ok(named)
}
