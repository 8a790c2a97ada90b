//! `POST /sources`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::create_source;
use serde_json::Value;

use super::shown::{resource, schema_with_secret};
use crate::answer::Answer;
use crate::body::Members;
use crate::document::Document;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation};
use crate::schema::{Body, short};

/// Makes a source of vendors' webhooks.
pub struct CreateSource;

impl Operation for CreateSource {
    const ABOUT: About = About::ours(
        "create-a-source",
        "POST",
        "/sources",
        Permission::SourceWrite,
        "Creates a source of vendor webhooks; its secret is shown only in this response.",
    )
    .creating();
    const ANSWER_IS_SECRET: bool = true;
    type Input = String;

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        let body = Members::of(body);
        body.only(&["/data/type", "/data/attributes/name"])?;
        Ok(body.required_text("/data/attributes/name")?.to_owned())
    }

    fn told() -> Told {
        Told::one(schema_with_secret()).taking(Body::new().must("name", short(64)))
    }

    fn run(context: &Context, work: &mut UnitOfWork, name: &String) -> Verb<Answer> {
        let (source, secret) = create_source(work, &context.actor, name)?;
        let mut resource = resource(&source);
        resource.attributes.set("secret", secret);
        Ok(Answer::created(Document::one(resource), source.version))
    }
}
