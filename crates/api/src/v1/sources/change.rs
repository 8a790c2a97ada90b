//! `PATCH /sources/{source-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{Source, change_allow_list};
use serde_json::Value;

use super::shown::{ALLOW_LIST, allow_list_schema, resource, schema};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::Body;

/// Changes what a source may report.
pub struct ChangeSource;

impl Operation for ChangeSource {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "update-a-source",
        "PATCH",
        "/sources/{source-id}",
        Permission::SourceWrite,
        "Updates the allow-list of a source: the types of objects and names of events that it may report.",
    );
    type Input = Vec<String>;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Source>(work, "source", context.part("source-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Vec<String>, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/id", ALLOW_LIST])?;
        body.texts(ALLOW_LIST)?.ok_or_else(|| malformed(ALLOW_LIST, "data.attributes.allow-list is missing"))
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema()).taking(Body::new().must("allow-list", allow_list_schema()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, allow_list: &Vec<String>) -> Verb<Answer> {
        let source = change_allow_list(work, &context.actor, context.part("source-id"), allow_list)?;
        Ok(Answer::ok(Document::one(resource(work, &source)?), source.version))
    }
}
