//! `POST /sources`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::create_source;
use serde_json::Value;

use crate::answer::Answer;
use crate::body::Members;
use crate::document::{Document, Resource};
use crate::openapi::Told;
use crate::operation::{About, Context, Operation};
use crate::schema::{self, Body, said, short, text, time};
use crate::time::iso;

/// Makes a source of vendors' webhooks.
pub struct CreateSource;

impl Operation for CreateSource {
    const ABOUT: About = About::ours(
        "create-a-source",
        "POST",
        "/sources",
        Permission::SourceWrite,
        "Makes a source of vendors' webhooks; its secret is shown here and never again.",
    )
    .creating();
    type Input = String;

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        let body = Members::of(body);
        body.only(&["/data/type", "/data/attributes/name"])?;
        Ok(body.required_text("/data/attributes/name")?.to_owned())
    }

    fn told() -> Told {
        let secret = said(text(), "What the vendor signs with; shown here and never again.");
        let attributes = vec![("name", text()), ("secret", secret), ("url", text()), ("created-at", time())];
        Told::one(schema::resource("source", attributes, Vec::new())).taking(Body::new().must("name", short(64)))
    }

    fn run(context: &Context, work: &mut UnitOfWork, name: &String) -> Verb<Answer> {
        let (source, secret) = create_source(work, &context.actor, name)?;
        let mut resource = Resource::new("source", source.id.to_string());
        resource.attributes.set("name", source.name.as_str());
        resource.attributes.set("secret", secret);
        resource.attributes.set("url", format!("/ingest/{}", source.id));
        resource.attributes.set("created-at", iso(source.created_at.0));
        Ok(Answer::created(Document::one(resource), source.version))
    }
}
