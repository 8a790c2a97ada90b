//! Orders for workflows as files: applied by name, and read back.

use std::sync::Arc;

use docket_kernel::{Actor, Refusal, Scope, UnitOfWork, Verb, fold};
use docket_storage::Command;
use docket_workflows::limits::NAMES_LISTED_MAX;
use docket_workflows::problem::Problem;
use docket_workflows::store::{WORKFLOWS_OF_ENVIRONMENT, WORKFLOWS_OF_NAME};
use docket_workflows::{
    Engine, Version, Workflow, WorkflowRequest, WorkflowState, create_workflow, problems_of_draft, publish, save_draft,
};
use serde_json::{Value, json};

use super::Home;
use crate::failure::Failure;
use crate::node::Node;

/// A workflow as described by a file.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The display name.
    pub name: String,
    /// Its description.
    pub description: Option<String>,
    /// Its definition.
    pub definition: Value,
    /// Whether to publish it.
    pub publish: bool,
}

/// Creates the workflow or saves its draft, and publishes it if requested. A draft with problems is saved, and the
/// problems are returned. If it is to be published, any problem refuses all of it.
pub async fn apply(node: &Node, home: Home, wanted: Wanted) -> Result<Value, Failure> {
    let (engine, operator) = (Arc::clone(&node.engine), home.operator());
    let command = Command::new("apply-workflow", home.scope(), move |work| write(&engine, work, &operator, &wanted));
    Ok(node.writer().submit(command).await?)
}

/// The draft of a workflow, or its live version if there is no draft.
pub async fn read(node: &Node, home: Home, name: String) -> Result<Value, Failure> {
    let environment = home.id.clone();
    let scope: Scope = home.scope();
    Ok(node.reader().view(scope, move |work| shown(work, environment.as_str(), &name)).await?)
}

fn write(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, wanted: &Wanted) -> Verb<Value> {
    let present = named(work, &wanted.name)?;
    let (mut workflow, problems, outcome) = match present {
        None => {
            let request = WorkflowRequest {
                name: wanted.name.clone(),
                slug: None,
                description: wanted.description.clone(),
                definition: Some(wanted.definition.clone()),
            };
            let (workflow, problems) = create_workflow(engine, work, actor, &request)?;
            (workflow, problems, "created")
        }
        Some(workflow) if says_already(work, &workflow, &wanted.definition)? => {
            let problems = problems_of_draft(engine, work, actor, &workflow)?;
            (workflow, problems, "unchanged")
        }
        Some(workflow) => {
            let expected = Some(workflow.version);
            let (workflow, problems) = save_draft(engine, work, actor, &workflow.id, expected, &wanted.definition)?;
            (workflow, problems, "changed")
        }
    };
    let is_published = wanted.publish && workflow.draft.is_some();
    if wanted.publish {
        refuse_problems(&problems)?;
        workflow = publish(engine, work, actor, &workflow.id, None)?;
    }
    Ok(json!({
        "id": workflow.id,
        "name": workflow.name,
        "outcome": outcome,
        "published": is_published,
        "state": workflow.state,
        "problems": problems.iter().map(words).collect::<Vec<_>>(),
        "live_version_id": workflow.live_version_id,
    }))
}

/// A problem with its path, for display.
fn words(problem: &Problem) -> String {
    let place = if problem.path.is_empty() { "the definition" } else { problem.path.as_str() };
    format!("{place}: {}", problem.message)
}

/// Refuses to publish a file with problems; the refusal also rolls back the saved draft.
fn refuse_problems(problems: &[Problem]) -> Result<(), Refusal> {
    let findings = problems
        .iter()
        .map(|problem| Refusal::rule(&problem.code.replace('_', "-"), words(problem)).at(problem.pointer.clone()));
    Refusal::of_all(findings.collect()).map_or(Ok(()), Err)
}

fn says_already(work: &mut UnitOfWork, workflow: &Workflow, definition: &Value) -> Verb<bool> {
    Ok(present(work, workflow)?.is_some_and(|present| present == *definition))
}

/// The draft, or the live version.
fn present(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Option<Value>> {
    Ok(match (&workflow.draft, &workflow.live_version_id) {
        (Some(draft), _) => Some((**draft).clone()),
        (None, Some(live)) => work.get::<Version>(live.as_str())?.map(|version| (*version.definition).clone()),
        (None, None) => None,
    })
}

/// The only workflow with this name that is not archived.
fn named(work: &mut UnitOfWork, name: &str) -> Verb<Option<Arc<Workflow>>> {
    let mut all = work.ask::<Workflow>(&WORKFLOWS_OF_NAME, &fold(name))?;
    all.retain(|workflow| workflow.state != WorkflowState::Archived);
    if all.iter().filter(|workflow| workflow.name == name).count() == 1 {
        all.retain(|workflow| workflow.name == name);
    }
    if all.len() > 1 {
        let ids: Vec<&str> = all.iter().map(|workflow| workflow.id.as_str()).collect();
        let sentence = format!("{} workflows are named '{name}': {}; rename all but one", all.len(), ids.join(", "));
        return Err(Refusal::rule("several-workflows", sentence).into());
    }
    Ok(all.pop())
}

fn shown(work: &mut UnitOfWork, environment: &str, name: &str) -> Verb<Value> {
    let found = match work.get::<Workflow>(name)? {
        Some(workflow) => Some(workflow),
        None => named(work, name)?,
    };
    let Some(workflow) = found else {
        let (some, are_more) = work.some::<Workflow>(&WORKFLOWS_OF_ENVIRONMENT, environment)?;
        let are_more = are_more || some.len() > NAMES_LISTED_MAX;
        let names: Vec<String> =
            some.iter().take(NAMES_LISTED_MAX).map(|workflow| format!("'{}'", workflow.name)).collect();
        let there = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let there = if are_more { format!("{there} and more") } else { there };
        let sentence = format!("there is no workflow '{name}' in this environment; there is {there}");
        return Err(Refusal::rule("unknown-workflow", sentence).into());
    };
    let definition = present(work, &workflow)?;
    Ok(json!({
        "id": workflow.id,
        "name": workflow.name,
        "description": workflow.description,
        "definition": definition,
        "draft": workflow.draft.is_some(),
    }))
}
