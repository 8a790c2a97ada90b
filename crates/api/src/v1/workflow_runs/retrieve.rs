//! `GET /workflow-runs/{workflow-run-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::Run;
use serde_json::Value;

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::shapes::workflow_run::WorkflowRunView;

/// Shows a run.
pub struct RetrieveRun;

impl Operation for RetrieveRun {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-a-workflow-run",
        "GET",
        "/workflow-runs/{workflow-run-id}",
        Permission::WorkflowRead,
        "Shows a run.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Run>(work, "workflow run", context.part("workflow-run-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(WorkflowRunView::schema()).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let run = work.existing::<Run>("workflow run", context.part("workflow-run-id"))?;
        answer(context, work, &run, 200)
    }
}
