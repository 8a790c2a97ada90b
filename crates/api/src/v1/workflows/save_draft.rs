//! `PUT /workflows/{workflow-id}/draft`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{Workflow, save_draft};
use serde_json::Value;

use super::shown::{answer, definition, definition_schema, told};
use crate::answer::Answer;
use crate::body::Members;
use crate::openapi::Told;
use crate::operation::{About, Context, IfMatch, Operation, malformed, target_of};
use crate::schema::Body;

/// Saves the draft of a workflow.
pub struct SaveDraft;

impl Operation for SaveDraft {
    const ABOUT: About = About::ours(
        "save-the-draft-of-a-workflow",
        "PUT",
        "/workflows/{workflow-id}/draft",
        Permission::WorkflowWrite,
        "Saves the draft of a workflow; needs `If-Match` with the workflow's ETag.",
    );
    const JUDGES_PRECONDITION: bool = true;
    type Input = Value;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Value, Refusal> {
        let body = Members::of(body);
        body.only(&["/data/type", "/data/id", "/data/attributes/definition"])?;
        match body.get("/data/attributes/definition") {
            Some(tree) => definition(tree),
            None => Err(malformed("/data/attributes/definition", "data.attributes.definition is missing")),
        }
    }

    fn told() -> Told {
        told().taking(Body::of_object().must("definition", definition_schema())).needing_if_match()
    }

    fn run(context: &Context, work: &mut UnitOfWork, tree: &Value) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let expected = expected(context, work)?;
        let (workflow, problems) = save_draft(&context.engine, work, &context.actor, &id, expected, tree)?;
        answer(work, &workflow, &problems, 200)
    }
}

/// The version that `If-Match` says its sender looked at: the newest of those that were.
pub(super) fn expected(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
    let present = work.get::<Workflow>(context.part("workflow-id"))?.map(|workflow| workflow.version);
    Ok(match &context.if_match {
        IfMatch::Absent => None,
        IfMatch::Any => present,
        // Versions are counted from 1: 0 is of none that ever was.
        IfMatch::Versions(versions) => {
            Some(versions.iter().copied().filter(|version| Some(*version) <= present).max().unwrap_or(0))
        }
    })
}
