//! Runs as these operations show them.

use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::Run;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::Resource;
use crate::operation::Context;
use crate::schema::{maybe_texts, object};
use crate::v1::included;
use crate::views::resource_of;

/// A run as the contract shows it.
pub fn resource(run: &Run) -> Resource {
    resource_of(&run.tree())
}

/// Who started a run: a kind, an id, and what people call them where they have a name.
pub fn starter(run: &Run) -> Value {
    let (kind, id, shown) = (&run.creator_type, &run.creator_id, &run.creator_shown);
    json!({"type": kind, "id": id, "shown-as": shown})
}

/// The schema of who started a run.
pub fn starter_schema() -> Value {
    object(maybe_texts(&["type", "id", "shown-as"]))
}

/// What `include` can name.
pub const RELATED: &[&str] = &["workflow", "workflow-version", "creator"];

/// An answer about one run, with what it includes.
pub fn answer(context: &Context, work: &mut UnitOfWork, run: &Run, status: u16) -> Verb<Answer> {
    let document = included::document(context, work, resource(run), &[])?;
    Ok(Answer { status, document, version: Some(run.version) })
}
