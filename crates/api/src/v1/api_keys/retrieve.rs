//! `GET /api-keys/{api-key-id}`

use docket_access::ApiKey;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{resource, schema};
use crate::answer::Answer;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};

/// Shows an API key, without the key itself.
pub struct RetrieveKey;

impl Operation for RetrieveKey {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-an-api-key",
        "GET",
        "/api-keys/{api-key-id}",
        Permission::ApiKeyRead,
        "Retrieves an API key, without the key itself.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<ApiKey>(work, "API key", context.part("api-key-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let key = work.existing::<ApiKey>("API key", context.part("api-key-id"))?;
        Ok(Answer::ok(Document::one(resource(&key)), key.version))
    }
}
