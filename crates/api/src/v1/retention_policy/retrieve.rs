//! `GET /retention-policy`

use docket_events::retention_of;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{resource, schema};
use crate::answer::Answer;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};

/// Shows the retention policy of the environment.
pub struct RetrieveRetentionPolicy;

impl Operation for RetrieveRetentionPolicy {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "retrieve-the-retention-policy",
        "GET",
        "/retention-policy",
        Permission::RetentionWrite,
        "Shows how long this environment keeps the content of events, the history of runs, receipts of webhooks and \
         remembered responses.",
    );
    type Input = ();

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let policy = retention_of(work, &context.actor.environment)?;
        Ok(Answer::ok(Document::one(resource(&policy)), policy.revision))
    }
}
