//! `POST /workflows/{workflow-id}/trigger`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Run, Workflow, start_by_api};
use serde_json::{Map, Value};

use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, said, theirs};
use crate::shapes::workflow_run::WorkflowRunView;
use crate::v1::workflow_runs::shown::{RELATED, answer};

/// Starts a run of a workflow that has an API trigger.
pub struct Trigger;

impl Operation for Trigger {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "create-a-workflow-run",
        "POST",
        "/workflows/{workflow-id}/trigger",
        Permission::WorkflowTrigger,
        "Starts a run of a workflow with an API trigger; returns the run as of the commit.",
    )
    .carrying_files();
    const ANSWERS_AT_COMMIT: bool = true;
    type Input = Map<String, Value>;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(context: &Context, body: &Value) -> Result<Map<String, Value>, Refusal> {
        const AT: &str = "/data/attributes/fields";
        let body = BodyMembers::of(body);
        if let Some(fields) = body.object(AT)? {
            return Ok(fields.clone());
        }
        if !context.style.version.accepts_loose_trigger_parameters() {
            // Older clients send parameters elsewhere; these must not be dropped silently.
            return Err(malformed(AT, "data.attributes.fields is missing; it holds the parameters, and may be empty"));
        }
        let fields = match body.object("/meta/params")? {
            Some(params) => Some(params),
            None => body.object("/data/attributes")?,
        };
        Ok(fields.cloned().unwrap_or_default())
    }

    fn doc() -> OperationDoc {
        let body = Body::of_object().must(
            "fields",
            said(
                theirs(),
                "The parameters that the workflow's trigger \
            defines.",
            ),
        );
        OperationDoc::one(WorkflowRunView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, given: &Map<String, Value>) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let run = start_by_api(&context.engine, work, &context.actor, &id, given)?;
        answer(context, work, &run, 200)
    }

    fn at_commit(context: &Context, work: &mut UnitOfWork, id: &str) -> Verb<Answer> {
        let run = work.existing::<Run>("workflow run", id)?;
        answer(context, work, &run, 200)
    }
}
