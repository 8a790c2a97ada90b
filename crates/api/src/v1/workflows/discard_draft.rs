//! `DELETE /workflows/{workflow-id}/draft`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Workflow, discard_draft};
use serde_json::Value;

use super::save_draft::expected;
use super::shown::{answer, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};

/// Discards the draft of a workflow.
pub struct DiscardDraft;

impl Operation for DiscardDraft {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "discard-the-draft-of-a-workflow",
        "DELETE",
        "/workflows/{workflow-id}/draft",
        Permission::WorkflowWrite,
        "Discards the draft of a published workflow; requires `If-Match` with the workflow's ETag.",
    );
    const JUDGES_PRECONDITION: bool = true;
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&[])
    }

    fn doc() -> OperationDoc {
        doc().needing_if_match()
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let expected = expected(context, work)?;
        let workflow = discard_draft(work, &context.actor, &id, expected)?;
        answer(work, &workflow, &[], 200)
    }
}
