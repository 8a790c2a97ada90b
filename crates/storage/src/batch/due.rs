//! Due work in a batch: claimed, run with the same visible rows as in a request's commit, parked if it can't be done.

use std::sync::Arc;

use docket_kernel::{Cell, RowError, Scope, Table, Task, UnitOfWork};

use super::{Batcher, Outcome};
use crate::engine::{Engine, EngineError, Room};
use crate::failure::Failure;
use crate::flight::{Flight, Stage, State, stage};
use crate::item::{Fate, Item};

/// For how many environments the scope of their reactions is cached.
const SCOPES_MAX: usize = 10_000;

impl<E: Engine> Batcher<E> {
    pub(super) async fn claim(
        &mut self,
        flights: &mut Vec<Flight>,
        claim: usize,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        if claim == 0 {
            return Ok(());
        }
        let reactor = Arc::clone(&self.reactor);
        if let Some(due) = reactor.due() {
            self.claim_of(flights, due, claim, outcome).await?;
        }
        for due in reactor.due_beside() {
            self.claim_of(flights, *due, 1, outcome).await?;
        }
        Ok(())
    }

    async fn claim_of(
        &mut self,
        flights: &mut Vec<Flight>,
        (table, topic): (&'static Table, &'static str),
        claim: usize,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        let room = Room { rows: claim, bytes: self.bounds.claim_bytes };
        let claimed = self.engine.claim(table, self.work.now(), room).await.map_err(Failure::Engine)?;
        outcome.claimed += claimed.rows.len();
        outcome.more_due |= claimed.more;
        for row in claimed.rows {
            let text = |place: usize| match row.get(place) {
                Some(Cell::Text(text)) => Some(Arc::clone(text)),
                _ => None,
            };
            let (Some(key), Some(environment)) = (text(0), text(table.column(table.scope))) else {
                return Err(Failure::Engine(EngineError::Failed(format!("{} has a row of nobody", table.name))));
            };
            // One row that can't be read does not stop other items.
            let reason = self.work.absorb_row(table, row).err().map(|RowError(reason)| {
                outcome.faults += 1;
                tracing::error!(table = table.name, %key, reason, "a due row can't be read");
                Arc::from(format!("its row can't be read: {reason}"))
            });
            let item = Item {
                name: "due",
                scope: Scope::Of(environment),
                weight: 0,
                verb: None,
                finale: None,
                tasks: vec![Task { topic, key }],
                reply: None,
                seed: self.rng.seed(),
                postponed: 0,
                fate: if reason.is_some() { Fate::Parked } else { Fate::Normal },
                reason,
            };
            flights.push(Flight::of(item, flights.len()));
        }
        Ok(())
    }

    /// Moves the due time of a task that can be neither done nor recorded as failed, so that it takes no turn from
    /// others; the reactor may end by making it not due at all. A task without a due row is dropped.
    pub(super) fn park(&mut self, flight: &mut Flight, task: &Task) -> bool {
        let (Some(table), Some(reason)) = (self.due_table(task.topic), flight.parking.clone()) else {
            flight.parking = None;
            flight.tasks.pop_front();
            return true;
        };
        let environment = match flight.item.scope.party() {
            Scope::Of(environment) => environment,
            Scope::Installation | Scope::Within { .. } => Arc::from(""),
        };
        let reactor = Arc::clone(&self.reactor);
        let parked = self.react(flight, |work| {
            let due = reactor.park(work, &environment, task, &reason)?;
            work.set_due(table, &task.key, due);
            Ok(())
        });
        match parked {
            Stage::Halted(wants) => {
                flight.state = State::Halted(wants);
                return false;
            }
            Stage::Done((), tasks, counter) => flight.take_in(tasks, counter),
            Stage::Refused(refusal) => {
                tracing::error!(topic = task.topic, key = %task.key, reason = %refusal.sentence,
                    "due work could not even be parked");
            }
        }
        flight.parking = None;
        flight.tasks.pop_front();
        true
    }

    /// The table whose due rows are tasks of this topic.
    fn due_table(&self, topic: &str) -> Option<&'static Table> {
        let mut tables = self.reactor.due().into_iter().chain(self.reactor.due_beside().iter().copied());
        tables.find(|(_, of)| *of == topic).map(|(table, _)| table)
    }

    /// Determines which rows the reactions of an item see: those of the environment and its organization, regardless of
    /// the item's own scope. Returns false if this needs a row that is missing.
    pub(super) fn knows_scope(&mut self, flight: &mut Flight) -> bool {
        let Scope::Of(environment) = &flight.item.scope else { return true };
        if flight.scope.is_some() {
            return true;
        }
        let environment = Arc::clone(environment);
        if let Some(scope) = self.scopes.get(&environment) {
            flight.scope = Some(scope.clone());
            return true;
        }
        let reactor = Arc::clone(&self.reactor);
        let find = |work: &mut UnitOfWork| reactor.scope_of(work, &environment);
        let found = stage(&mut self.work, &Scope::Installation, flight.item.seed, flight.place, flight.counter, &find);
        match found {
            Stage::Halted(wants) => {
                flight.state = State::Halted(wants);
                return false;
            }
            Stage::Done(scope, ..) => {
                if matches!(scope, Scope::Within { .. }) {
                    if self.scopes.len() >= SCOPES_MAX {
                        self.scopes.clear();
                    }
                    self.scopes.insert(environment, scope.clone());
                }
                flight.scope = Some(scope);
            }
            Stage::Refused(refusal) => {
                tracing::error!(reason = %refusal.sentence, "the organization of an environment can't be read");
                flight.scope = Some(flight.item.scope.clone());
            }
        }
        true
    }
}
