//! What references of a run reach: its trigger, the outputs of its steps, and live objects.

use std::borrow::Cow;

use docket_kernel::{EnvironmentId, Halt, UnitOfWork};
use serde_json::Value;

use crate::engine::Engine;
use crate::reference::{Lookup, Root, TRIGGER};
use crate::run::{Given, Run};

/// The references of one run.
pub(crate) struct RunLookup<'r> {
    pub engine: &'r Engine,
    pub work: &'r mut UnitOfWork,
    pub run: &'r Run,
}

impl Lookup for RunLookup<'_> {
    type Error = Halt;

    fn root(&mut self, name: &str) -> Result<Root<'_>, Halt> {
        if name == TRIGGER {
            return Ok(Root::Value(Cow::Borrowed(&self.run.trigger)));
        }
        Ok(match self.run.progress.outputs.get(name).map(AsRef::as_ref) {
            Some(Given::Output(value)) => Root::Value(Cow::Borrowed(value)),
            Some(Given::Error(error)) => Root::Failed { error: Cow::Borrowed(error) },
            None => Root::NotReached,
        })
    }

    fn object(&mut self, kind: &str, id: &str) -> Result<Option<Cow<'_, Value>>, Halt> {
        let tree = self.engine.objects.tree(self.work, &self.run.environment_id, kind, id)?;
        Ok(tree.map(Cow::Owned))
    }
}

/// Live objects alone: what a trigger's condition reads besides its event.
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
}
