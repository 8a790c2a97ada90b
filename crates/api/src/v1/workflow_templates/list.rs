//! `GET /workflow-templates`

use std::sync::Arc;

use docket_cases::store::TEMPLATES_OF_ENVIRONMENT;
use docket_cases::{CaseTemplate, StatusType, Statuses};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, fold};
use docket_workflows::{WorkflowTemplate, problems_of};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::query::Links;
use crate::schema::{self, text, theirs};

/// The most case templates tried until a workflow template fits one.
const TRIED_MAX: usize = 20;

/// Lists the templates for a new workflow.
pub struct ListWorkflowTemplates;

impl Operation for ListWorkflowTemplates {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-workflow-templates",
        "GET",
        "/workflow-templates",
        Permission::WorkflowRead,
        "Lists definitions to start a workflow from, each adapted to a case template of this environment.",
    );
    type Input = ();

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let attributes = vec![("name", text()), ("description", text()), ("definition", theirs())];
        OperationDoc::whole(schema::resource("workflow-template", attributes, Vec::new()))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let known = work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, context.actor.environment.as_str())?;
        let usable: Vec<_> = known.into_iter().filter(|template| template.archived_at.is_none()).collect();
        let mut resources = Vec::new();
        for template in &context.engine.templates {
            let mut resource = Resource::new("workflow-template", template.id);
            resource.attributes.set("name", template.name.as_str());
            resource.attributes.set("description", template.description.as_str());
            let definition = fitted(context, work, template, &usable)?;
            resource.attributes.set_theirs("definition", definition);
            resources.push(resource);
        }
        Ok(Answer::plain(Document::many(resources, Links::default())))
    }
}

/// The definition with a case template of this environment: the one that it names, otherwise the first with which it
/// has no problems, otherwise the first. If that template lacks the status that the definition sets, its first
/// intermediate status is used.
fn fitted(
    context: &Context,
    work: &mut UnitOfWork,
    template: &WorkflowTemplate,
    usable: &[Arc<CaseTemplate>],
) -> Verb<Value> {
    const TEMPLATE: &str = "case-template";
    const STATUS: &str = "case-status";
    let catalogue = &context.engine.catalogue;
    let meant = template.named(catalogue, TEMPLATE).map(|name| fold(&name));
    let is_meant = |known: &CaseTemplate| {
        meant.as_ref().is_some_and(|meant| *meant == fold(&known.name) || *meant == fold(&known.key))
    };
    let mut candidates: Vec<_> = usable.iter().collect();
    candidates.sort_by_key(|known| !is_meant(known));
    for known in candidates.iter().take(TRIED_MAX) {
        let statuses = Statuses::of(work, &known.id)?;
        let under_way = statuses.list().iter().find(|status| status.r#type == StatusType::Intermediate);
        let as_it_is = vec![(TEMPLATE, Some(known.id.as_str()))];
        let moved = under_way.map(|status| [as_it_is.clone(), vec![(STATUS, Some(status.name.as_str()))]].concat());
        for values in [as_it_is].into_iter().chain(moved) {
            let definition = template.with(catalogue, &values);
            if problems_of(&context.engine, work, &context.actor, &definition)?.is_empty() {
                return Ok(definition);
            }
        }
    }
    Ok(template.with(catalogue, &[(TEMPLATE, candidates.first().map(|known| known.id.as_str()))]))
}
