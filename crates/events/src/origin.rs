//! Where an event comes from: Docket recorded a change of its own, or a source reported the event.

use serde_json::Value;

use crate::event::Event;

/// Where one event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'e> {
    /// Docket recorded it, whoever the actor was.
    Docket,
    /// A source reported it.
    Source {
        /// The source's id.
        id: &'e str,
        /// The source's name, which never changes.
        name: Option<&'e str>,
    },
}

impl Event {
    /// Where the event comes from.
    pub fn origin(&self) -> Origin<'_> {
        let in_context = |name: &str| self.context.get(name).and_then(Value::as_str);
        // Events from before the column keep the source in their context alone.
        match self.origin.as_deref().or_else(|| in_context("source-id")) {
            Some(id) => Origin::Source { id, name: in_context("source-name") },
            None => Origin::Docket,
        }
    }
}
