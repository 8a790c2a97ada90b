//! `POST /workflows/validate`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::problems_of;
use serde_json::Value;

use super::shown::{definition, definition_schema, problem_schema, shown_problems};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed};
use crate::schema::{self, Body, list, truth};

/// Checks a definition without saving it.
pub struct Validate;

impl Operation for Validate {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "validate-a-definition",
        "POST",
        "/workflows/validate",
        Permission::WorkflowRead,
        "Lists the problems of a definition in `meta.problems`, each with its location; saves nothing.",
    );
    type Input = Value;

    fn shape(_: &Context, body: &Value) -> Result<Value, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/attributes/definition"])?;
        match body.get("/data/attributes/definition") {
            Some(tree) => definition(tree),
            None => Err(malformed("/data/attributes/definition", "data.attributes.definition is missing")),
        }
    }

    fn doc() -> OperationDoc {
        let schema = schema::resource("workflow-validation", vec![("valid", truth())], Vec::new());
        let doc = OperationDoc::fleeting(schema).with_meta(vec![("problems", list(problem_schema()))]);
        doc.taking(Body::new().must("definition", definition_schema()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, tree: &Value) -> Verb<Answer> {
        let problems = problems_of(&context.engine, work, &context.actor, tree)?;
        let mut resource = Resource::new("workflow-validation", "validation");
        resource.attributes.set("valid", problems.is_empty());
        Ok(Answer::plain(Document::one(resource).with_meta("problems", shown_problems(&problems))))
    }
}
