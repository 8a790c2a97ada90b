//! `GET /workflow-versions`

use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::definition::{Program, parse};
use docket_workflows::trigger::On;
use docket_workflows::{Version, Workflow, WorkflowState};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed};
use crate::page::of_whole;
use crate::shapes::workflow_version::{InputView, WorkflowVersionView};

/// The pattern of the filter's single id: commas would make a list.
const ONE: &str = "^[^,]*[^,\\s][^,]*$";

/// Lists the published version of a workflow, and its draft.
pub struct ListVersions;

impl Operation for ListVersions {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "list-all-workflow-versions",
        "GET",
        "/workflow-versions",
        Permission::WorkflowRead,
        "Lists the live version of a workflow and its draft; `filter[workflow-id]` selects the workflow.",
    );
    type Input = String;

    fn shape(context: &Context, _: &Value) -> Result<String, Refusal> {
        match context.query.filter("workflow-id") {
            [id] => Ok(id.clone()),
            _ => Err(malformed("/filter/workflow-id", "filter[workflow-id] is missing; send the id of one workflow")),
        }
    }

    fn doc() -> OperationDoc {
        let of = [("workflow-id", "The workflow's id.")];
        OperationDoc::pages(WorkflowVersionView::schema()).filtered(&of).needing_filter(ONE)
    }

    fn run(context: &Context, work: &mut UnitOfWork, id: &String) -> Verb<Answer> {
        let workflow = work.existing::<Workflow>("workflow", id)?;
        let mut resources = Vec::new();
        if workflow.state != WorkflowState::Archived {
            resources.extend(draft(&workflow));
            if let Some(live) = &workflow.live_version_id
                && let Some(version) = work.get::<Version>(live.as_str())?
            {
                resources.push(published(&workflow, &version));
            }
        }
        Ok(Answer::plain(of_whole(context, Self::ABOUT.path, resources)?))
    }
}

/// A published version in the contract's form.
pub fn published(workflow: &Workflow, version: &Version) -> Resource {
    let is_live = workflow.state == WorkflowState::Running && workflow.live_version_id.as_ref() == Some(&version.id);
    WorkflowVersionView {
        id: version.id.to_string(),
        description: version.description.clone(),
        status: "published".into(),
        is_live,
        last_updater: version.publisher_email.clone(),
        created_at: version.created_at.0,
        updated_at: version.published_at.0,
        published_at: Some(version.published_at.0),
        ..of_definition(workflow, &version.definition)
    }
    .into_resource()
}

fn draft(workflow: &Workflow) -> Option<Resource> {
    let draft = workflow.draft.as_ref()?;
    Some(
        WorkflowVersionView {
            id: workflow.draft_id.to_string(),
            status: "draft".into(),
            last_updater: workflow.updater_email.clone(),
            created_at: workflow.created_at.0,
            updated_at: workflow.updated_at.0,
            ..of_definition(workflow, draft)
        }
        .into_resource(),
    )
}

fn of_definition(workflow: &Workflow, definition: &Value) -> WorkflowVersionView {
    let program = parse(definition).program;
    WorkflowVersionView {
        workflow_name: Some(workflow.name.clone()),
        trigger_type: trigger_type(definition, &program),
        inputs: program
            .trigger()
            .api()
            .into_iter()
            .flatten()
            .map(|parameter| InputView {
                name: parameter.name.clone(),
                kind: Some(parameter.kind.word().to_owned()),
                is_required: parameter.required,
            })
            .collect(),
        outputs: program.output().keys().cloned().collect(),
        workflow_id: workflow.id.to_string(),
        ..WorkflowVersionView::default()
    }
}

fn trigger_type(definition: &Value, program: &Program) -> Option<String> {
    definition.get("trigger")?;
    Some(match program.trigger().on {
        On::Events(_) => "trigger-event".to_owned(),
        On::Api(_) => "trigger-api".to_owned(),
    })
}
