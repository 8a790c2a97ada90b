//! One view: the unit of work of a closure that only reads.

use std::sync::Arc;

use docket_kernel::{Halt, Loaded, Moment, PlantedBug, Row, Scope, Seed, UnitOfWork, Verb, Want};

use crate::engine::EngineError;
use crate::list::{ListQuery, PageDirection};
use crate::measure::LOAD_BYTES_MAX;
use crate::reader::{ReadError, RowQuery};

/// A closure that only reads, and what was loaded for it so far.
pub(crate) struct View {
    work: UnitOfWork,
    scope: Scope,
    keys: Vec<Arc<str>>,
}

/// What a closure came to.
pub(crate) enum Round<T> {
    /// It is done.
    Done(T),
    /// It needs these rows.
    Wants(Vec<Want>),
}

impl View {
    /// A view of this scope with nothing loaded.
    pub(crate) fn begin(scope: &Scope, planted: Option<PlantedBug>) -> Self {
        let mut work = UnitOfWork::default();
        work.plant(planted);
        work.begin_batch(Moment::default());
        Self { work, scope: scope.clone(), keys: Vec::new() }
    }

    /// Adds loaded rows; all rows of a view together have a limit.
    pub(crate) fn take_in(&mut self, wants: &[Want], loaded: Loaded) -> Result<(), ReadError> {
        self.work.absorb(wants, loaded)?;
        if self.work.weight().1 > LOAD_BYTES_MAX { Err(ReadError::too_large()) } else { Ok(()) }
    }

    /// Takes in the rows that a query found.
    pub(crate) fn take_rows(&mut self, of: &RowQuery, mut rows: Vec<Row>) -> Result<(), ReadError> {
        if matches!(of, RowQuery::Page(ListQuery { turn: PageDirection::Before(_), .. })) {
            rows.reverse();
        }
        for row in rows {
            let key = self.work.absorb_row(of.table(), row)?;
            self.keys.push(key);
        }
        Ok(())
    }

    /// Runs the closure as far as it goes.
    pub(crate) fn round<T>(
        &mut self,
        read: &impl Fn(&mut UnitOfWork, &[Arc<str>]) -> Verb<T>,
    ) -> Result<Round<T>, ReadError> {
        self.work.begin_stage(&self.scope, Seed([0; 32]), 0, 0);
        let result = read(&mut self.work, &self.keys);
        if self.work.is_halted() {
            return Ok(Round::Wants(self.work.take_wants()));
        }
        match result {
            Ok(value) => Ok(Round::Done(value)),
            Err(Halt::Refused(refusal)) => Err(refusal.into()),
            Err(Halt::Missing(_)) => Err(EngineError::Failed("a view halted without a want".into()).into()),
        }
    }
}
