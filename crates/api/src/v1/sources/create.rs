//! `POST /sources`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::create_source;
use serde_json::Value;

use super::shown::{ALLOW_LIST, allow_list_schema, resource, schema_with_secret};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::Document;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, short};

/// Creates a source of vendor webhooks.
pub struct CreateSource;

impl Operation for CreateSource {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "create-a-source",
        "POST",
        "/sources",
        Permission::SourceWrite,
        "Creates a source of vendor webhooks; its secret is shown only in this response.",
    )
    .creating();
    const ANSWER_IS_SECRET: bool = true;
    type Input = (String, Option<Vec<String>>);

    fn shape(_: &Context, body: &Value) -> Result<Self::Input, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/attributes/name", ALLOW_LIST])?;
        Ok((body.required_text("/data/attributes/name")?.to_owned(), body.texts(ALLOW_LIST)?))
    }

    fn doc() -> OperationDoc {
        let body = Body::new().must("name", short(64)).may("allow-list", allow_list_schema());
        OperationDoc::one(schema_with_secret()).taking(body)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (name, allow_list): &Self::Input) -> Verb<Answer> {
        let (source, secret) = create_source(work, &context.actor, name, allow_list.as_deref())?;
        let mut resource = resource(work, &source)?;
        resource.attributes.set("secret", secret);
        Ok(Answer::created(Document::one(resource), source.version))
    }
}
