//! `POST /workflows`

use docket_kernel::{Permission, Refusal, SLUG_CHARACTERS_MAX, UnitOfWork, Verb};
use docket_workflows::{WORKFLOW_NAME_CHARACTERS_MAX, WorkflowRequest, create_workflow};
use serde_json::Value;

use super::shown::{answer, definition, definition_schema, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{Body, at_most, short, text};

/// Creates a workflow with a draft.
pub struct CreateWorkflow;

impl Operation for CreateWorkflow {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "create-a-workflow",
        "POST",
        "/workflows",
        Permission::WorkflowWrite,
        "Creates a workflow with a draft; problems of the draft are listed in `meta.problems`.",
    )
    .creating();
    type Input = WorkflowRequest;

    fn shape(_: &Context, body: &Value) -> Result<WorkflowRequest, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&[
            "/data/type",
            "/data/attributes/name",
            "/data/attributes/slug",
            "/data/attributes/description",
            "/data/attributes/definition",
        ])?;
        Ok(WorkflowRequest {
            name: body.required_text("/data/attributes/name")?.to_owned(),
            slug: body.text("/data/attributes/slug")?.map(str::to_owned),
            description: body.text("/data/attributes/description")?.map(str::to_owned),
            definition: body.get("/data/attributes/definition").map(definition).transpose()?,
        })
    }

    fn doc() -> OperationDoc {
        let body =
            Body::new().must("name", short(WORKFLOW_NAME_CHARACTERS_MAX)).may("slug", at_most(SLUG_CHARACTERS_MAX));
        let body = body.may("description", text());
        doc().taking(body.may("definition", definition_schema()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, request: &WorkflowRequest) -> Verb<Answer> {
        let (workflow, problems) = create_workflow(&context.engine, work, &context.actor, request)?;
        answer(work, &workflow, &problems, 201)
    }
}
