//! `POST /retention-policy/preview`

use docket_events::store::EVENTS_BY_AGE;
use docket_events::{RetainedKind, preview_retention, retention_of};
use docket_kernel::{Aged, Permission, Refusal, UnitOfWork, Verb};
use docket_objects::store::RECEIPTS_BY_AGE;
use docket_workflows::store::RUNS_BY_AGE;
use serde_json::Value;

use super::shown::{Asked, asked, body, changed, preview_of, preview_schema};
use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::store::ANSWERS_BY_AGE;

/// Previews a change of the retention policy.
pub struct PreviewRetention;

impl Operation for PreviewRetention {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "preview-a-retention-policy",
        "POST",
        "/retention-policy/preview",
        Permission::RetentionWrite,
        "Shows what a change of the retention policy would remove, and returns the confirmation that the change needs. \
         Nothing is written.",
    );
    type Input = Asked;

    fn shape(_: &Context, body: &Value) -> Result<Asked, Refusal> {
        asked(body, &[])
    }

    fn doc() -> OperationDoc {
        OperationDoc::fleeting(preview_schema()).taking(body())
    }

    fn run(context: &Context, work: &mut UnitOfWork, asked: &Asked) -> Verb<Answer> {
        let policy = retention_of(work, &context.actor.environment)?;
        let preview = preview_retention(work, &context.actor, &changed(&policy, asked), by_age)?;
        let mut resource = Resource::new("retention-preview", policy.id.to_string());
        resource.attributes.set("confirmation", preview.confirmation.as_str());
        resource.attributes.set("changes", preview.kinds.iter().map(preview_of).collect::<Value>());
        Ok(Answer::plain(Document::one(resource)))
    }
}

/// The question that finds the rows of a kind by age.
const fn by_age(kind: RetainedKind) -> &'static Aged {
    match kind {
        RetainedKind::EventContent => &EVENTS_BY_AGE,
        RetainedKind::RunHistory => &RUNS_BY_AGE,
        RetainedKind::Receipts => &RECEIPTS_BY_AGE,
        RetainedKind::Answers => &ANSWERS_BY_AGE,
    }
}
