//! Rows by age: verbs find rows in the order of a time, a bounded number at once.

use std::sync::Arc;

use super::UnitOfWork;
use crate::moment::Moment;
use crate::refusal::{Refusal, Verb};
use crate::want::{AgePosition, Aged, AgedFound, Want};

impl UnitOfWork {
    /// The positions of rows of this item's environment in the order of a time: up to a limit of those after a position and
    /// before an instant, oldest first. The verb reads the rows by key; they may have changed in this batch.
    pub fn aged(
        &mut self,
        question: &'static Aged,
        after: &AgePosition,
        before: Moment,
        limit: u32,
    ) -> Verb<Arc<Vec<AgePosition>>> {
        match self.find_aged(question, after, before, limit, false)? {
            AgedFound::Rows(places) => Ok(places),
            AgedFound::Count(_) => Err(Refusal::internal("rows were asked for, and a count came").into()),
        }
    }

    /// The number of these rows that are not blank, and whether there are more: no more rows than the limit are counted.
    pub fn count_aged(
        &mut self,
        question: &'static Aged,
        after: &AgePosition,
        before: Moment,
        limit: u32,
    ) -> Verb<(i64, bool)> {
        match self.find_aged(question, after, before, limit.saturating_add(1), true)? {
            AgedFound::Count((all, blank)) => {
                let limit = i64::from(limit);
                Ok(((all.min(limit) - blank).max(0), all > limit))
            }
            AgedFound::Rows(_) => Err(Refusal::internal("a count was asked for, and rows came").into()),
        }
    }

    fn find_aged(
        &mut self,
        question: &'static Aged,
        after: &AgePosition,
        before: Moment,
        limit: u32,
        is_counted: bool,
    ) -> Verb<AgedFound> {
        let Some(scope) = self.scope.text_in(question.table) else {
            return Err(Refusal::internal("rows are found by age in one environment").into());
        };
        let want = Want::Aged { question, scope, after: after.clone(), before, limit, is_counted };
        match self.aged.get(&want) {
            Some(found) => Ok(found.clone()),
            None => self.missing(want),
        }
    }
}
