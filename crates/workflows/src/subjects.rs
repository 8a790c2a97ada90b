//! The objects whose content the values of a run may contain, so that redacting one of them finds the run.
//!
//! A run is found by the object that started it, by the events of objects it changed, and by rows for objects it read.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_events::Event;
use docket_kernel::{UnitOfWork, Verb};

use crate::engine::Engine;
use crate::failure::objects_of;
use crate::run::{Run, RunRead, StepRun};

/// Objects by their API ids.
pub(crate) type Subjects = BTreeSet<String>;

/// Types that are not redacted separately: they have no content, or their content belongs to a case.
const NO_SUBJECTS: [&str; 4] = ["workflow", "workflow-run", "case-template", "case-comment"];

/// Records the objects that a step read or changed and its run had not before; returns them.
pub(crate) fn note_subjects(
    engine: &Engine,
    work: &mut UnitOfWork,
    run: &Run,
    step: &StepRun,
    mut read: Subjects,
) -> Verb<Subjects> {
    let named = objects_of(engine, run, step).into_iter();
    read.extend(named.filter(|(kind, _)| !NO_SUBJECTS.contains(&kind.as_str())).map(|(_, id)| id));
    let mut changed = Subjects::new();
    for event in &step.events {
        changed.extend(work.get::<Event>(event.as_str())?.and_then(|event| event.content_of.clone()));
    }
    // The objects that a step changed are found by their events.
    read.retain(|id| !changed.contains(id));
    note_read(work, run, &mut read);
    changed.retain(|id| is_new(run, id));
    changed.append(&mut read);
    Ok(changed)
}

/// Inserts a row for each of these objects that the run had not read or changed before.
pub(crate) fn note_read(work: &mut UnitOfWork, run: &Run, read: &mut Subjects) {
    read.retain(|id| is_new(run, id));
    let created_at = work.now();
    for object_id in read.iter() {
        work.insert(RunRead {
            id: Arc::from(format!("{}:{object_id}", run.id)),
            environment_id: run.environment_id.clone(),
            run_id: run.id.clone(),
            object_id: object_id.clone(),
            created_at,
        });
    }
}

fn is_new(run: &Run, id: &str) -> bool {
    run.subject_id.as_deref() != Some(id) && !run.progress.subjects.contains(id)
}
