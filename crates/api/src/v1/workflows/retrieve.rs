//! `GET /workflows/{workflow-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::{Workflow, problems_of_draft};
use serde_json::Value;

use super::shown::{answer, doc};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};

/// Shows a workflow with its draft and its live definition.
pub struct RetrieveWorkflow;

impl Operation for RetrieveWorkflow {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "retrieve-a-workflow",
        "GET",
        "/workflows/{workflow-id}",
        Permission::WorkflowRead,
        "Retrieves a workflow with its draft, the draft's problems, and its live definition.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        doc()
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let workflow = work.existing::<Workflow>("workflow", context.part("workflow-id"))?;
        let problems = problems_of_draft(&context.engine, work, &context.actor, &workflow)?;
        answer(work, &workflow, &problems, 200)
    }
}
