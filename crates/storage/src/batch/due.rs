//! Due work in a batch: claimed, run with the same visible rows as in a request's commit, parked if it can't be done.

use std::sync::Arc;

use docket_kernel::{Cell, RowError, Scope, Table, Task, UnitOfWork};

use super::{Batcher, Outcome};
use crate::engine::{Engine, EngineError, Room};
use crate::entry::{BatchEntry, Stage, State, stage};
use crate::failure::Failure;
use crate::item::{Item, RetryMode};

/// For how many environments the scope of their reactions is cached.
const SCOPES_MAX: usize = 10_000;

impl<E: Engine> Batcher<E> {
    pub(super) async fn claim(
        &mut self,
        entries: &mut Vec<BatchEntry>,
        claim: usize,
        outcome: &mut Outcome,
    ) -> Result<(), Failure> {
        if claim == 0 {
            return Ok(());
        }
        let reactor = Arc::clone(&self.reactor);
        if let Some(due) = reactor.due() {
            self.claim_of(entries, due, claim, outcome).await?;
        }
        for due in reactor.due_beside() {
            let claimed = outcome.claimed;
            self.claim_of(entries, *due, 1, outcome).await?;
            // A pass that has more to do is due again at once.
            outcome.more_due |= outcome.claimed > claimed;
        }
        Ok(())
    }

    async fn claim_of(
        &mut self,
        entries: &mut Vec<BatchEntry>,
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
                retry_mode: if reason.is_some() { RetryMode::Parked } else { RetryMode::Normal },
                reason,
            };
            entries.push(BatchEntry::of(item, entries.len()));
        }
        Ok(())
    }

    /// Moves the due time of a task that can be neither done nor recorded as failed, so that it takes no turn from
    /// others; the reactor may end by making it not due at all. A task without a due row is dropped.
    pub(super) fn park(&mut self, entry: &mut BatchEntry, task: &Task) -> bool {
        let (Some(table), Some(reason)) = (self.due_table(task.topic), entry.parking.clone()) else {
            entry.parking = None;
            entry.tasks.pop_front();
            return true;
        };
        let environment = match entry.item.scope.party() {
            Scope::Of(environment) => environment,
            Scope::Installation | Scope::Within { .. } => Arc::from(""),
        };
        let reactor = Arc::clone(&self.reactor);
        let parked = self.react(entry, |work| {
            let due = reactor.park(work, &environment, task, &reason)?;
            work.set_due(table, &task.key, due);
            Ok(())
        });
        match parked {
            Stage::Halted(wants) => {
                entry.state = State::Halted(wants);
                return false;
            }
            Stage::Done((), tasks, counter) => entry.take_in(tasks, counter),
            Stage::Refused(refusal) => {
                tracing::error!(topic = task.topic, key = %task.key, reason = %refusal.sentence,
                    "due work could not even be parked");
            }
        }
        entry.parking = None;
        entry.tasks.pop_front();
        true
    }

    /// The table whose due rows are tasks of this topic.
    fn due_table(&self, topic: &str) -> Option<&'static Table> {
        let mut tables = self.reactor.due().into_iter().chain(self.reactor.due_beside().iter().copied());
        tables.find(|(_, of)| *of == topic).map(|(table, _)| table)
    }

    /// Determines which rows the reactions of an item see: those of the environment and its organization, regardless of
    /// the item's own scope. Returns false if this needs a row that is missing.
    pub(super) fn knows_scope(&mut self, entry: &mut BatchEntry) -> bool {
        let Scope::Of(environment) = &entry.item.scope else { return true };
        if entry.scope.is_some() {
            return true;
        }
        let environment = Arc::clone(environment);
        if let Some(scope) = self.scopes.get(&environment) {
            entry.scope = Some(scope.clone());
            return true;
        }
        let reactor = Arc::clone(&self.reactor);
        let find = |work: &mut UnitOfWork| reactor.scope_of(work, &environment);
        let found = stage(&mut self.work, &Scope::Installation, entry.item.seed, entry.place, entry.counter, &find);
        match found {
            Stage::Halted(wants) => {
                entry.state = State::Halted(wants);
                return false;
            }
            Stage::Done(scope, ..) => {
                if matches!(scope, Scope::Within { .. }) {
                    if self.scopes.len() >= SCOPES_MAX {
                        self.scopes.clear();
                    }
                    self.scopes.insert(environment, scope.clone());
                }
                entry.scope = Some(scope);
            }
            Stage::Refused(refusal) => {
                tracing::error!(reason = %refusal.sentence, "the organization of an environment can't be read");
                entry.scope = Some(entry.item.scope.clone());
            }
        }
        true
    }
}
