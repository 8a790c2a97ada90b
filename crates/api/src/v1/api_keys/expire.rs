//! `POST /api-keys/{api-key-id}/expire`

use docket_access::{ApiKey, EXPIRY_SECONDS_MAX, expire_key};
use docket_kernel::{ApiKeyId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{resource, schema};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, whole_within};

/// Expires an API key.
pub struct ExpireKey;

impl Operation for ExpireKey {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "expire-an-api-key",
        "POST",
        "/api-keys/{api-key-id}/expire",
        Permission::ApiKeyWrite,
        "Expires an API key after a number of seconds. It changes nothing from then on; reads may succeed for one \
         more second.",
    );
    type Input = i64;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<ApiKey>(work, "API key", context.part("api-key-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<i64, Refusal> {
        let seconds = BodyMembers::of(body).integer("/meta/expires-in-seconds")?;
        seconds.ok_or_else(|| malformed("/meta/expires-in-seconds", "meta.expires_in_seconds is missing"))
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema())
            .taking(Body::of_object().must_meta("expires-in-seconds", whole_within(0, EXPIRY_SECONDS_MAX)))
    }

    fn run(context: &Context, work: &mut UnitOfWork, seconds: &i64) -> Verb<Answer> {
        let key = expire_key(work, &context.actor, &ApiKeyId::of(context.part("api-key-id")), *seconds)?;
        Ok(Answer::ok(Document::one(resource(&key)), key.version))
    }
}
