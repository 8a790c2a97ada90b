//! The objects whose content the values of a run may hold, so that redacting one finds the run.
//!
//! A run is found by the object that started it, by the events of what it changed, and, of what it only read, by a row.

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_events::Event;
use docket_kernel::{UnitOfWork, Verb};

use crate::engine::Engine;
use crate::failure::objects_of;
use crate::run::{Run, RunRead, StepRun};

/// Objects by the ids the API shows.
pub(crate) type Subjects = BTreeSet<String>;

/// Types that are not redacted by themselves: they hold no content, or that of a case.
const NO_SUBJECTS: [&str; 4] = ["workflow", "workflow-run", "case-template", "case-comment"];

/// Notes what a step read or changed that its run had not before; answers it.
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
    // What a step changed is found by its events.
    read.retain(|id| !changed.contains(id));
    note_read(work, run, &mut read);
    changed.retain(|id| is_new(run, id));
    changed.append(&mut read);
    Ok(changed)
}

/// Keeps a row for each of these objects that the run did not read or change before.
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
