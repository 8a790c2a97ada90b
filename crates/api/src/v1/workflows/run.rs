//! `POST /workflows/{workflow-id}/run`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Run, Workflow, start_for_event};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, said, text};
use crate::shapes::workflow_run::WorkflowRunView;
use crate::v1::workflow_runs::shown::{RELATED, answer};

/// Starts a run for a past event.
pub struct RunForEvent;

impl Operation for RunForEvent {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "run-a-workflow-for-an-event",
        "POST",
        "/workflows/{workflow-id}/run",
        Permission::WorkflowTrigger,
        "Starts a run of the live version for a past event; returns the run as of the commit.",
    )
    .creating();
    const ANSWERS_AT_COMMIT: bool = true;
    type Input = String;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<String, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/id", "/meta/event-id"])?;
        match body.text("/meta/event-id")? {
            Some(event) => Ok(event.to_owned()),
            None => Err(malformed(
                "/meta/event-id",
                "meta.event-id is missing; send the id of the event to run the \
                workflow for",
            )),
        }
    }

    fn doc() -> OperationDoc {
        let body = Body::of_object().must_meta("event-id", said(text(), "An event that the workflow listens to."));
        OperationDoc::one(WorkflowRunView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, event: &String) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let run = start_for_event(&context.engine, work, &context.actor, &id, event)?;
        answer(context, work, &run, 201)
    }

    fn at_commit(context: &Context, work: &mut UnitOfWork, id: &str) -> Verb<Answer> {
        let run = work.existing::<Run>("workflow run", id)?;
        answer(context, work, &run, 201)
    }
}
