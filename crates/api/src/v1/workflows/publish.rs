//! `POST /workflows/{workflow-id}/publish`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Workflow, publish};
use serde_json::Value;

use super::shown::{answer, doc};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::schema::{Body, maybe, text};

/// Publishes the draft of a workflow.
pub struct Publish;

impl Operation for Publish {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "publish-a-workflow",
        "POST",
        "/workflows/{workflow-id}/publish",
        Permission::WorkflowWrite,
        "Publishes the draft as a version and makes it live; a draft with problems is refused, with all of them \
         listed.",
    );
    type Input = Option<String>;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Option<String>, Refusal> {
        let body = BodyMembers::of(body);
        body.only(&["/data/type", "/data/id", "/data/attributes/description"])?;
        Ok(body.text("/data/attributes/description")?.map(str::to_owned))
    }

    fn doc() -> OperationDoc {
        doc().taking(Body::of_object().may("description", maybe(text())))
    }

    fn run(context: &Context, work: &mut UnitOfWork, description: &Option<String>) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let workflow = publish(&context.engine, work, &context.actor, &id, description.as_deref())?;
        answer(work, &workflow, &[], 200)
    }
}
