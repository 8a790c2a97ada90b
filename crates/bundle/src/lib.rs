//! Setup bundles: the case templates, statuses and workflows of an environment as one document, which refers to
//! everything by slug. A bundle is exported from one environment, compared with another, and applied there in one
//! commit through the verbs of the nouns.

mod apply;
mod diff;
/// The bundle document.
pub mod document;
mod entry;
mod export;
mod here;
mod merge;
mod order;
mod plan;
mod reference;

pub use apply::apply;
pub use diff::Change;
pub use document::{Bundle, StatusEntry, TemplateEntry, WorkflowEntry};
pub use export::{Chosen, Exported, Warning, export};
pub use plan::{Action, Fault, Item, Noun, Options, Plan, plan};
