//! The product's reactions with something around them: a bug planted in every unit of work, or a gate before each reaction to
//! an event.

use std::sync::Arc;

use docket_events::EVENT;
use docket_kernel::{Moment, PlantedBug, Progress, Refusal, Scope, Table, Task, UnitOfWork, Verb};
use docket_steps::Reactions;
use docket_storage::Reactor;

/// What comes before a reaction to an event: the verb is done, and nothing is written yet.
type Gate = Box<dyn Fn() + Send + Sync>;

pub struct Around {
    real: Reactions,
    planted: Option<PlantedBug>,
    gate: Option<Gate>,
}

impl Around {
    /// The product's, as they are.
    pub fn of(real: Reactions) -> Self {
        Self { real, planted: None, gate: None }
    }

    /// With a bug in every unit of work.
    pub fn planting(self, planted: Option<PlantedBug>) -> Self {
        Self { planted, ..self }
    }

    /// With a gate that every batch that records an event passes before it is written.
    pub fn behind(self, gate: impl Fn() + Send + Sync + 'static) -> Self {
        Self { gate: Some(Box::new(gate)), ..self }
    }
}

impl Reactor for Around {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        if let Some(gate) = self.gate.as_ref().filter(|_| task.topic == EVENT) {
            gate();
        }
        self.real.perform(work, task)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: Moment) -> Verb<()> {
        self.real.defer(work, task, due)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        self.real.fail(work, task, refusal)
    }

    fn park(&self, work: &mut UnitOfWork, environment: &Arc<str>, task: &Task, reason: &str) -> Verb<Option<Moment>> {
        self.real.park(work, environment, task, reason)
    }

    fn scope_of(&self, work: &mut UnitOfWork, environment: &Arc<str>) -> Verb<Scope> {
        self.real.scope_of(work, environment)
    }

    fn may_defer(&self, task: &Task) -> bool {
        self.real.may_defer(task)
    }

    fn kept(&self) -> Vec<(&'static Table, &'static str, i64)> {
        self.real.kept()
    }

    fn due(&self) -> Option<(&'static Table, &'static str)> {
        self.real.due()
    }

    fn due_beside(&self) -> &[(&'static Table, &'static str)] {
        self.real.due_beside()
    }

    fn planted(&self) -> Option<PlantedBug> {
        self.planted
    }
}
