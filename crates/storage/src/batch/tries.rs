//! Retries of a failed batch: it is retried as a whole, or its items run one by one to find the one that fails.

use std::sync::Arc;

use docket_kernel::RefusalKind;

use super::{Batcher, Outcome};
use crate::engine::{Engine, Patience};
use crate::failure::{Failure, Rest, failed_often};
use crate::item::{Item, RetryMode, WriteError};
use crate::queue::Queue;

/// The maximum number of tries of a batch while the database asks for a retry.
const TRIES_MAX: u8 = 5;
/// The maximum number of tries of an item that runs alone: each try may be overtaken.
const ALONE_MAX: u8 = 10;
/// The maximum number of retries after a refusal in isolation: a concurrent removal by another writer can cause one.
const AGAIN_MAX: u8 = 3;

/// The reason for parking work whose failure the database refuses to record.
const REFUSED: &str = "the database refuses what it writes, and the record that it failed too; the log says why";

impl<E: Engine> Batcher<E> {
    /// Runs these items, and up to `claim` due ones, to their end. With a queue to take more items from, the batch may
    /// be written in the background: then the next run, or [`Self::finish`], returns its result.
    pub async fn run(&mut self, items: Vec<Item>, claim: usize, from: Option<&Arc<Queue>>) -> Outcome {
        let mut outcome = Outcome::default();
        if claim > 0 || from.is_none() {
            // Due rows are read from the database, which does not have the batch under way yet.
            self.finish(&mut outcome).await;
        }
        let mut again = Some((items, claim));
        while let Some((items, claim)) = again {
            again = self.run_with_retries(items, claim, None, from, &mut outcome).await.err();
            self.retry_failed(&mut outcome).await;
        }
        outcome
    }

    /// Waits for the batch that is being written; if it was not written, its items run again.
    pub async fn finish(&mut self, outcome: &mut Outcome) {
        // The stored failure is handled next.
        let _ = self.settle(outcome).await;
        self.retry_failed(outcome).await;
    }

    /// Runs the items of a batch again that was handed over and not written.
    async fn retry_failed(&mut self, outcome: &mut Outcome) {
        if let Some((items, failure)) = self.failed_batch.take() {
            // No batch is under way now, so no earlier batch can fail.
            drop(self.run_with_retries(items, 0, Some(failure), None, outcome).await);
        }
    }

    /// Retries until the items are done, refused or given up; returns them if the previous batch has to run first.
    async fn run_with_retries(
        &mut self,
        mut items: Vec<Item>,
        mut claim: usize,
        failed: Option<Failure>,
        from: Option<&Arc<Queue>>,
        outcome: &mut Outcome,
    ) -> Result<(), (Vec<Item>, usize)> {
        let (mut failed, mut tries) = (failed, 0);
        while tries < TRIES_MAX {
            tries += 1;
            let tried = match failed.take() {
                Some(failure) => Err(failure),
                None => self.attempt(&mut items, claim, Patience::None, from, outcome).await,
            };
            // After any failure: no batch may build on one that was not written.
            if tried.is_err() && (self.failed_batch.is_some() || self.settle(outcome).await.is_err()) {
                return Err((items, claim));
            }
            match tried {
                Ok(()) | Err(Failure::Before) => return Ok(()),
                // The busy items are removed, so the loop ends; due work is claimed again at the next turn.
                Err(Failure::Busy) => {
                    tries -= 1;
                    claim = 0;
                    outcome.more_due |= outcome.claimed > 0;
                }
                Err(Failure::Guilty(detail, _) | Failure::Overtaken(detail)) => {
                    tracing::info!(detail, items = items.len(), "a batch was refused; its items run one by one");
                    self.one_by_one(items, outcome).await;
                    return Ok(());
                }
                Err(failure) => {
                    if !failure.is_logged() {
                        tracing::warn!(reason = %failure, tries, "the database failed a batch");
                    }
                    if let Some(error) = failure.last_word() {
                        give_up(items, &error, failure.rest(), outcome);
                        return Ok(());
                    }
                }
            }
        }
        give_up(items, &failed_often(), Rest::AWhile, outcome);
        Ok(())
    }

    /// Runs each item in its own transaction: the failing item is refused, the others are not.
    async fn one_by_one(&mut self, items: Vec<Item>, outcome: &mut Outcome) {
        for item in items {
            self.run_isolated(item, outcome).await;
        }
    }

    /// Runs one item in its own transaction; if that fails, runs it again without its reactions.
    async fn run_isolated(&mut self, item: Item, outcome: &mut Outcome) {
        let (mut single, mut was_overtaken, mut again) = (vec![item], false, AGAIN_MAX);
        for _ in 0..ALONE_MAX {
            match self.attempt(&mut single, 0, Patience::Wait, None, outcome).await {
                Ok(()) => return,
                Err(Failure::Busy) if single.is_empty() => return,
                Err(Failure::Guilty(detail, refusal)) if again > 0 && refusal.kind == RefusalKind::Conflict => {
                    tracing::info!(detail, "an item was refused alone; it is retried");
                    again -= 1;
                }
                Err(Failure::Guilty(detail, refusal)) => {
                    let Some(item) = single.first_mut() else { return };
                    if refusal.kind == RefusalKind::Rule {
                        tracing::info!(detail, command = item.name, retry_mode = ?item.retry_mode, "an item asks for too much");
                    } else {
                        outcome.faults += 1;
                        tracing::error!(detail, command = item.name, retry_mode = ?item.retry_mode, "refused alone: a check is missing");
                    }
                    match item.retry_mode {
                        RetryMode::Normal if item.verb.is_some() => item.retry_mode = RetryMode::WithoutReactions,
                        RetryMode::Normal | RetryMode::Later => item.retry_mode = RetryMode::OneStep,
                        RetryMode::OneStep => item.retry_mode = RetryMode::Failed,
                        RetryMode::Failed => {
                            item.retry_mode = RetryMode::Parked;
                            item.reason = Some(Arc::from(REFUSED));
                        }
                        RetryMode::WithoutReactions | RetryMode::Parked => {
                            item.answer(Err(WriteError::Refused(refusal)));
                            return;
                        }
                    }
                }
                // An item that others overtake is retried, until the limit of tries.
                Err(Failure::Overtaken(detail)) => {
                    tracing::info!(detail, "an item was overtaken alone; it is retried");
                    was_overtaken = true;
                }
                Err(failure) => {
                    if !failure.is_logged() {
                        tracing::warn!(reason = %failure, "the database failed an item that ran alone");
                    }
                    if let Some(error) = failure.last_word() {
                        give_up(single, &error, failure.rest(), outcome);
                        return;
                    }
                }
            }
        }
        if was_overtaken {
            for item in &mut single {
                item.answer(Err(WriteError::Busy));
            }
        } else {
            give_up(single, &failed_often(), Rest::AWhile, outcome);
        }
    }

    /// Runs an item that was postponed too often in its own transaction, waiting for its rows.
    pub async fn run_alone(&mut self, item: Item) -> Outcome {
        let mut outcome = Outcome::default();
        self.finish(&mut outcome).await;
        self.run_isolated(item, &mut outcome).await;
        outcome
    }
}

/// Answers every item with the database's failure.
pub(crate) fn give_up(items: Vec<Item>, error: &WriteError, rest: Rest, outcome: &mut Outcome) {
    for mut item in items {
        item.answer(Err(error.clone()));
    }
    outcome.rest = rest;
}
