//! `GET /step-types`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::query::Links;
use crate::schema::{self, anything, list, text, theirs};

/// Lists the step types of the catalogue.
pub struct ListStepTypes;

impl Operation for ListStepTypes {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-step-types",
        "GET",
        "/step-types",
        Permission::WorkflowRead,
        "Lists the step types of the catalogue: name, category, JSON schema, docs, availability by plan.",
    );
    type Input = ();

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let attributes = vec![
            ("name", text()),
            ("category", text()),
            ("label", text()),
            ("synonyms", list(text())),
            ("docs", text()),
            ("plans", theirs()),
            ("config", theirs()),
            ("output", theirs()),
            ("example", anything()),
        ];
        OperationDoc::whole(schema::resource("step-type", attributes, Vec::new()))
    }

    fn run(context: &Context, _: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let resources = context.engine.catalogue.entries().map(|entry| {
            let mut resource = Resource::new("step-type", entry.about.key);
            if let Value::Object(doc) = entry.to_json() {
                for (name, value) in doc {
                    resource.attributes.set_theirs(name, value);
                }
            }
            resource
        });
        Ok(Answer::plain(Document::many(resources.collect(), Links::default())))
    }
}
