//! The origin of an event: Docket recorded a change of its own, or a source reported the event.

use serde_json::Value;

use crate::event::Event;

/// The origin of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'e> {
    /// Docket recorded it.
    Docket {
        /// The type of the actor: `user`, `api-key`, `workflow-run`, `case-assignment-policy`, `system`.
        actor: &'e str,
    },
    /// A source reported it.
    Source {
        /// The source's id.
        id: &'e str,
        /// The source's name, which never changes.
        name: Option<&'e str>,
    },
}

impl Event {
    /// The event's origin.
    pub fn origin(&self) -> Origin<'_> {
        let in_context = |name: &str| self.context.get(name).and_then(Value::as_str);
        // Events older than the column have the source only in their context.
        match self.origin.as_deref().or_else(|| in_context("source-id")) {
            Some(id) => Origin::Source { id, name: in_context("source-name") },
            None => Origin::Docket { actor: &self.actor_type },
        }
    }
}
