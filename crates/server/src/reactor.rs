//! What the writer does about what verbs record: events wake workflows, and runs go on.

use std::sync::Arc;

use docket_api::store::Remembered;
use docket_events::EVENT;
use docket_kernel::{Entity, Moment, Progress, Refusal, Table, Task, UnitOfWork, Verb};
use docket_storage::Reactor;
use docket_workflows::{Engine, RUN, Run, advance, defer, fail, react};

/// For how long the answer to a request with an idempotency key is remembered: a day.
const REMEMBERED_SECONDS: i64 = 86_400;

/// The engine, as the writer wants it.
#[derive(Clone, Debug)]
pub struct Reactions(Arc<Engine>);

impl Reactions {
    /// Reacts with this engine.
    pub fn of(engine: &Arc<Engine>) -> Self {
        Self(Arc::clone(engine))
    }
}

impl Reactor for Reactions {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        match task.topic {
            EVENT => react(&self.0, work, &task.key).map(|()| Progress::Done),
            RUN => advance(&self.0, work, &task.key),
            other => Err(Refusal::internal(format_args!("nothing reacts to the topic {other}")).into()),
        }
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        if task.topic == RUN { defer(work, &task.key, due) } else { Ok(()) }
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        if task.topic == RUN {
            return fail(&self.0, work, &task.key, refusal);
        }
        // The event stays recorded; only what it would have woken is lost.
        tracing::error!(event.id = %task.key, refusal.code = %refusal.code, "an event could not be reacted to");
        Ok(())
    }

    fn may_defer(&self, task: &Task) -> bool {
        task.topic == RUN
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        Some((Run::TABLE, RUN))
    }

    fn kept(&self) -> Vec<(&'static Table, &'static str, i64)> {
        vec![(Remembered::TABLE, "created_at", REMEMBERED_SECONDS)]
    }
}
