//! `POST /sources/{source-id}/rotate`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{Source, rotate_secret};
use serde_json::Value;

use super::shown::{resource, schema_with_secret};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::Body;

/// Creates a new secret of a source.
pub struct RotateSource;

impl Operation for RotateSource {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "rotate-a-source",
        "POST",
        "/sources/{source-id}/rotate",
        Permission::SourceWrite,
        "Rotates the secret of a source: the new one is shown only in this response, and the current one works for \
         one more day.",
    );
    const ANSWER_IS_SECRET: bool = true;
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Source>(work, "source", context.part("source-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&["/data/type", "/data/id"])
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema_with_secret()).taking(Body::of_object())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let (source, secret) = rotate_secret(work, &context.actor, context.part("source-id"))?;
        let mut resource = resource(work, &source)?;
        resource.attributes.set("secret", secret);
        Ok(Answer::ok(Document::one(resource), source.version))
    }
}
