//! `PATCH /workflows/{workflow-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Description, WORKFLOW_NAME_CHARACTERS_MAX, Workflow, describe, problems_of_draft};
use serde_json::Value;

use super::shown::{answer, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::{Body, short, text};

/// Changes the name or the description of a workflow.
pub struct Describe;

impl Operation for Describe {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "describe-a-workflow",
        "PATCH",
        "/workflows/{workflow-id}",
        Permission::WorkflowWrite,
        "Changes the name or description of a workflow; its definition is unchanged.",
    );
    type Input = Description;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Description, Refusal> {
        const NAME: &str = "/data/attributes/name";
        const DESCRIPTION: &str = "/data/attributes/description";
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/id", NAME, DESCRIPTION])?;
        let name = body.text(NAME)?.map(str::to_owned);
        let description = body.text(DESCRIPTION)?.map(str::to_owned);
        Ok(Description { name, description: body.has(DESCRIPTION).then_some(description) })
    }

    fn doc() -> OperationDoc {
        doc().taking(Body::of_object().may("name", short(WORKFLOW_NAME_CHARACTERS_MAX)).may("description", text()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, wanted: &Description) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let workflow = describe(work, &context.actor, &id, wanted)?;
        let problems = problems_of_draft(&context.engine, work, &context.actor, &workflow)?;
        answer(work, &workflow, &problems, 200)
    }
}
