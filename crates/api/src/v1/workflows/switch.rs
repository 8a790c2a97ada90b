//! `POST /workflows/{workflow-id}/pause`, `/resume`, `/archive`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Workflow, archive, pause, resume};
use serde_json::Value;

use super::shown::{answer, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::Body;

macro_rules! switches {
    ($($(#[$meta:meta])* $name:ident, $id:literal, $path:literal, $verb:ident, $summary:literal);* $(;)?) => {$(
        $(#[$meta])*
        pub struct $name;

        impl Operation for $name {
            const ABOUT: OperationInfo = OperationInfo::ours($id, "POST", $path, Permission::WorkflowWrite, $summary);
            type Input = ();

            fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
                target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
            }

            fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
                BodyMembers::of(body).only(&["/data/type", "/data/id"])
            }

            fn doc() -> OperationDoc {
                doc().taking(Body::of_object())
            }

            fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
                let id = WorkflowId::of(context.part("workflow-id"));
                let workflow = $verb(&context.engine, work, &context.actor, &id)?;
                answer(work, &workflow, &[], 200)
            }
        }
    )*};
}

switches! {
    /// Stops a workflow from starting runs.
    Pause, "pause-a-workflow", "/workflows/{workflow-id}/pause", pause,
        "Pauses a workflow: it starts no more runs, and runs in progress finish.";
    /// Allows a paused workflow to start runs again.
    Resume, "resume-a-workflow", "/workflows/{workflow-id}/resume", resume,
        "Resumes a paused workflow.";
    /// Archives a workflow permanently.
    Archive, "archive-a-workflow", "/workflows/{workflow-id}/archive", archive,
        "Archives a workflow permanently; runs in progress finish.";
}
