//! The writer's reactions to recorded work: events start workflows, and runs continue.
//!
//! It is part of this crate because the catalog is the only crate that combines the engine and the nouns; the server
//! and the tests use the same reactor.

use std::sync::Arc;

use docket_access::Environment;
use docket_cases::{FileContent, STAGED_FILE, remove_staged};
use docket_erasure::{Erasure, Retaining};
use docket_events::{EVENT, REDACTION, RETENTION, Redaction, Retention};
use docket_kernel::{Entity, Moment, Progress, Refusal, Scope, Table, Task, UnitOfWork, Verb};
use docket_storage::Reactor;
use docket_workflows::limits::FAULT_SECONDS;
use docket_workflows::{Engine, Fault, RUN, Run, advance, defer, fail, park, react};

/// The delay before a failed redaction or file removal is tried again, in seconds.
const AGAIN_SECONDS: i64 = 60;

/// The engine as the writer's reactor.
#[derive(Clone, Debug)]
pub struct Reactions {
    engine: Arc<Engine>,
    erasure: Erasure,
    retaining: Retaining,
    kept: Vec<(&'static Table, &'static str, i64)>,
}

impl Reactions {
    /// A reactor with this engine.
    pub fn of(engine: &Arc<Engine>) -> Self {
        let kept = vec![(Fault::TABLE, "tried_at", FAULT_SECONDS)];
        let (erasure, retaining) = (Erasure::default(), Retaining::default());
        Self { engine: Arc::clone(engine), erasure, retaining, kept }
    }

    /// Uses this erasure for redactions.
    #[must_use]
    pub fn erasing(self, erasure: Erasure) -> Self {
        Self { erasure, ..self }
    }

    /// Uses this for retention policies.
    #[must_use]
    pub fn retaining(self, retaining: Retaining) -> Self {
        Self { retaining, ..self }
    }

    /// Sets how long rows of a table are kept, in seconds from the time in a column.
    #[must_use]
    pub fn keeping(mut self, table: &'static Table, column: &'static str, seconds: i64) -> Self {
        self.kept.push((table, column, seconds));
        self
    }
}

impl Reactor for Reactions {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        match task.topic {
            EVENT => react(&self.engine, work, &task.key).map(|()| Progress::Done),
            RUN => advance(&self.engine, work, &task.key),
            STAGED_FILE => remove_staged(work, &task.key),
            REDACTION => self.erasure.work_off(work, &task.key).map(|()| Progress::Done),
            RETENTION => self.retaining.work_off_policy(work, &task.key).map(|()| Progress::Done),
            other => Err(Refusal::internal(format_args!("nothing reacts to the topic {other}")).into()),
        }
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        match task.topic {
            RUN => defer(work, &task.key, due),
            REDACTION => docket_erasure::put_off(work, &task.key, due),
            RETENTION => docket_erasure::put_policy_off(work, &task.key, due),
            _ => Ok(()),
        }
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        // The event stays recorded; only the runs it would have started are lost, and the writer has logged the error.
        match task.topic {
            RUN => fail(&self.engine, work, &task.key, refusal),
            REDACTION => docket_erasure::failed(work, &task.key),
            RETENTION => docket_erasure::policy_failed(work, &task.key),
            STAGED_FILE => {
                let again = work.now().plus_seconds(AGAIN_SECONDS);
                work.set_due(FileContent::TABLE, &task.key, Some(again));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn park(&self, work: &mut UnitOfWork, environment: &Arc<str>, task: &Task, reason: &str) -> Verb<Option<Moment>> {
        match task.topic {
            RUN => park(work, environment, &task.key, reason),
            // An erasure or a removal is retried until it succeeds.
            _ => Ok(Some(work.now().plus_seconds(AGAIN_SECONDS))),
        }
    }

    fn scope_of(&self, work: &mut UnitOfWork, environment: &Arc<str>) -> Verb<Scope> {
        Ok(match work.get::<Environment>(environment)? {
            Some(found) => {
                Scope::Within { environment: Arc::clone(environment), organization: found.organization_id.key() }
            }
            None => Scope::Of(Arc::clone(environment)),
        })
    }

    fn may_defer(&self, task: &Task) -> bool {
        matches!(task.topic, RUN | REDACTION | RETENTION)
    }

    fn kept(&self) -> Vec<(&'static Table, &'static str, i64)> {
        self.kept.clone()
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Run::TABLE, RUN))
    }

    fn due_beside(&self) -> &[(&'static Table, &'static str)] {
        static BESIDE: &[(&Table, &str)] =
            &[(FileContent::TABLE, STAGED_FILE), (Redaction::TABLE, REDACTION), (Retention::TABLE, RETENTION)];
        BESIDE
    }
}
