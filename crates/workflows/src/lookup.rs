//! Resolves the references of a run: its trigger, the outputs of its steps, and live objects.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use docket_events::subject_of;
use docket_kernel::{EnvironmentId, Halt, UnitOfWork};
use serde_json::Value;

use crate::engine::Engine;
use crate::reference::{CaseListed, Lookup, Root, TRIGGER};
use crate::run::{Run, StepResult};

/// The references of one run at one of its steps. Nothing changes while the step reads.
pub(crate) struct RunLookup<'r> {
    engine: &'r Engine,
    work: &'r mut UnitOfWork,
    run: &'r Run,
    trees: HashMap<(String, String), Option<Value>>,
    cases: HashMap<(String, String), Option<Vec<CaseListed>>>,
    read: BTreeSet<String>,
}

/// The maximum number of cached objects: a step that refers to more reads them again.
const TREES_MAX: usize = 64;

impl<'r> RunLookup<'r> {
    pub(crate) fn of(engine: &'r Engine, work: &'r mut UnitOfWork, run: &'r Run) -> Self {
        Self { engine, work, run, trees: HashMap::new(), cases: HashMap::new(), read: BTreeSet::new() }
    }

    /// The current time.
    pub(crate) fn now(&self) -> docket_kernel::Moment {
        self.work.now()
    }

    /// The objects it read whose content can be redacted.
    pub(crate) fn into_read(self) -> BTreeSet<String> {
        self.read
    }
}

impl Lookup for RunLookup<'_> {
    type Error = Halt;

    fn root(&mut self, name: &str) -> Result<Root<'_>, Halt> {
        if name == TRIGGER {
            return Ok(Root::Value(Cow::Borrowed(&self.run.trigger)));
        }
        Ok(match self.run.progress.outputs.get(name).map(AsRef::as_ref) {
            Some(StepResult::Output(value)) => Root::Value(Cow::Borrowed(value)),
            Some(StepResult::Error(error)) => Root::Failed { error: Cow::Borrowed(error) },
            None => Root::NotReached,
        })
    }

    fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, Halt> {
        let key = (kind.to_owned(), id.to_owned());
        if !self.trees.contains_key(&key) {
            let tree = self.engine.objects.tree(self.work, &self.run.environment_id, kind, id)?;
            self.read.extend(tree.as_ref().and_then(subject_of).map(str::to_owned));
            if self.trees.len() >= TREES_MAX {
                self.trees.clear();
            }
            self.trees.insert(key.clone(), tree);
        }
        Ok(self.trees.get(&key).and_then(Option::as_ref).map(Cow::Borrowed))
    }

    fn cases(&mut self, kind: &str, id: &str) -> Result<Option<Vec<CaseListed>>, Halt> {
        let key = (kind.to_owned(), id.to_owned());
        if let Some(known) = self.cases.get(&key) {
            return Ok(known.clone());
        }
        let cases = self.engine.objects.cases(self.work, &self.run.environment_id, kind, id)?;
        if self.cases.len() >= TREES_MAX {
            self.cases.clear();
        }
        self.cases.insert(key, cases.clone());
        Ok(cases)
    }

    fn is_same_status(&mut self, template: &str, one: &str, other: &str) -> Result<bool, Halt> {
        self.engine.objects.is_same_status(self.work, template, one, other)
    }
}

/// Live objects only: what a trigger's condition reads besides its event.
pub(crate) struct LiveLookup<'r> {
    pub engine: &'r Engine,
    pub work: &'r mut UnitOfWork,
    pub environment: &'r EnvironmentId,
}

impl Lookup for LiveLookup<'_> {
    type Error = Halt;

    fn root(&mut self, _: &str) -> Result<Root<'_>, Halt> {
        Ok(Root::Unknown)
    }

    fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, Halt> {
        Ok(self.engine.objects.tree(self.work, self.environment, kind, id)?.map(Cow::Owned))
    }

    fn cases(&mut self, kind: &str, id: &str) -> Result<Option<Vec<CaseListed>>, Halt> {
        self.engine.objects.cases(self.work, self.environment, kind, id)
    }

    fn is_same_status(&mut self, template: &str, one: &str, other: &str) -> Result<bool, Halt> {
        self.engine.objects.is_same_status(self.work, template, one, other)
    }
}
