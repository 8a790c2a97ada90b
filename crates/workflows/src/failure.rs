//! Records a failed step on the objects it was about, so that their own pages show the failure too.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, UnitOfWork, Verb};
use serde_json::Value;

use crate::engine::Engine;
use crate::kind::ValueKind;
use crate::reference::object_of;
use crate::run::{Run, StepRun};

/// The end of the names of events that record a failed step.
pub const STEP_FAILED: &str = ".step-failed";

/// Records a failed step on every object in its inputs and on the object that started the run. No trigger can listen to
/// this event, so a failure never starts a run.
pub(crate) fn record_failure(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    actor: &Actor,
    step: &mut StepRun,
) -> Verb<()> {
    let Some(error) = step.error.clone() else { return Ok(()) };
    let mut cause = actor.cause.clone();
    cause.step = Some(Arc::from(step.id.as_str()));
    let actor = actor.clone().because(cause);
    for (kind, id) in objects_of(engine, run, step) {
        let Some((tree, subject)) = engine.objects.followed(work, &run.environment_id, &kind, &id)? else { continue };
        let noun = kind.split('/').next().unwrap_or_default();
        let new_event = NewEvent::to(subject, format!("{noun}{STEP_FAILED}"), tree)
            .with("step-name", step.name.as_str())
            .with("error", error.details.as_str());
        step.events.push(record(work, &actor, new_event));
    }
    Ok(())
}

/// The objects of a step, without duplicates.
pub(crate) fn objects_of(engine: &Engine, run: &Run, step: &StepRun) -> BTreeSet<(String, String)> {
    let owned = |(kind, id): (&str, &str)| (kind.to_owned(), id.to_owned());
    let mut objects: BTreeSet<_> = object_of(&run.trigger).map(owned).into_iter().collect();
    let Some(entry) = engine.catalogue.get(&step.r#do) else { return objects };
    for shape in &entry.shape.inputs {
        match (&shape.kind, step.input.get(&shape.name)) {
            (ValueKind::Object(kind), Some(Value::String(id))) => {
                objects.insert((kind.clone(), id.clone()));
            }
            (ValueKind::Object(_) | ValueKind::AnyObject, Some(tree)) => objects.extend(object_of(tree).map(owned)),
            _ => {}
        }
    }
    objects
}
