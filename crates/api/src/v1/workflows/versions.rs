//! `GET /workflows/{workflow-id}/versions`

use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::{Version, Workflow};

use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo, target_of};
use crate::v1::workflow_versions::retrieve::{resource, schema};

/// Lists every published version of a workflow.
pub struct ListVersionsOfWorkflow;

impl List for ListVersionsOfWorkflow {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-versions-of-a-workflow",
        "GET",
        "/workflows/{workflow-id}/versions",
        Permission::WorkflowRead,
        "Lists every published version of a workflow, newest first.",
    );
    type Row = Version;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<()> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id")).map(drop)
    }

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(vec![Filter::Is("workflow_id", vec![context.part("workflow-id").into()])]))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema(false))
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<Version>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|version| resource(work, version)).collect()
    }
}
