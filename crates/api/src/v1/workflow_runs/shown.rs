//! Runs in the form of these operations.

use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::Run;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::schema::{maybe_texts, object};
use crate::v1::included;
use crate::views::resource_of;

/// A run in the contract's form.
pub fn resource(run: &Run) -> Resource {
    resource_of(&run.tree())
}

/// The creator of a run: its kind, its id, and its name if it has one.
pub fn starter(run: &Run) -> Value {
    let (kind, id, shown) = (&run.creator_type, &run.creator_id, &run.creator_shown);
    json!({"type": kind, "id": id, "shown-as": shown})
}

/// The schema of a run's creator.
pub fn starter_schema() -> Value {
    object(maybe_texts(&["type", "id", "shown-as"]))
}

/// The relationships that `include` can name.
pub const RELATED: &[&str] = &["workflow", "workflow-version", "creator"];

/// A response with one run and its included objects.
pub fn answer(context: &Context, work: &mut UnitOfWork, run: &Run, status: u16) -> Verb<Answer> {
    let document = included::document(context, work, resource(run), &[])?;
    Ok(Answer { status, document, version: Some(run.version) })
}
