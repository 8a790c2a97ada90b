//! `GET /workflow-versions/{workflow-version-id}`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::{Version, Workflow};
use serde_json::Value;

use super::list::published;
use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{theirs, whole};
use crate::shapes::workflow_version::WorkflowVersionView;

/// Shows a published version with its definition.
pub struct RetrieveVersion;

impl Operation for RetrieveVersion {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "retrieve-a-workflow-version",
        "GET",
        "/workflow-versions/{workflow-version-id}",
        Permission::WorkflowRead,
        "Shows a published version with its definition, which never changes.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        version(context, work).map(|_| None)
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(schema(true))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let version = version(context, work)?;
        let mut resource = resource(work, &version)?;
        resource.attributes.set_theirs("definition", (*version.definition).clone());
        Ok(Answer::ok(Document::one(resource), 1))
    }
}

fn version(context: &Context, work: &mut UnitOfWork) -> Verb<std::sync::Arc<Version>> {
    work.existing("workflow version", context.part("workflow-version-id"))
}

/// A published version in the contract's form, with its number.
pub fn resource(work: &mut UnitOfWork, version: &Version) -> Verb<Resource> {
    let Some(workflow) = work.get::<Workflow>(version.workflow_id.as_str())? else {
        return Err(Refusal::internal(format_args!("version {} is of no workflow", version.id)).into());
    };
    let mut resource = published(&workflow, version);
    resource.attributes.set("number", version.number);
    Ok(resource)
}

/// The schema of a version; with its definition if it is retrieved alone.
pub fn schema(is_alone: bool) -> Value {
    let mut schema = WorkflowVersionView::schema();
    schema["properties"]["attributes"]["properties"]["number"] = whole();
    if is_alone {
        schema["properties"]["attributes"]["properties"]["definition"] = theirs();
    }
    schema
}
