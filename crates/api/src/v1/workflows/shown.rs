//! Workflows in the form of these operations: the contract's members, and what Docket's own operations add for editing.

use docket_kernel::{UnitOfWork, Verb};
use docket_workflows::problem::Problem;
use docket_workflows::{Version, Workflow, WorkflowState};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::malformed;
use crate::schema::{self, list, maybe, object, some, text, theirs, time, to_maybe, to_one, truth, word};
use crate::shapes::workflow::WorkflowView;

/// A workflow in the contract's form; one that was never published is `paused`, the nearest status of the contract.
pub fn contract_resource(workflow: &Workflow) -> Resource {
    WorkflowView {
        id: workflow.id.to_string(),
        status: match workflow.state.as_str() {
            "draft" => "paused".to_owned(),
            state => state.to_owned(),
        },
        name: workflow.name.clone(),
        created_at: workflow.created_at.0,
        latest_published_version_id: workflow.live_version_id.as_ref().map(ToString::to_string),
        active_deployment_id: None,
    }
    .into_resource()
}

/// A workflow in the form of Docket's own operations.
pub fn resource(workflow: &Workflow) -> Resource {
    let mut resource = contract_resource(workflow);
    let attributes = &mut resource.attributes;
    attributes.set("slug", workflow.slug.as_str());
    attributes.set("state", workflow.state.as_str());
    attributes.set("description", workflow.description.clone());
    attributes.set("has-draft", workflow.draft.is_some());
    attributes.set("updated-at", crate::time::iso(workflow.updated_at.0));
    attributes.set("last-updater", workflow.updater_email.clone());
    resource
}

/// A response with one workflow, its definitions and the problems of its draft.
pub fn answer(work: &mut UnitOfWork, workflow: &Workflow, problems: &[Problem], status: u16) -> Verb<Answer> {
    let mut resource = resource(workflow);
    let live = match &workflow.live_version_id {
        Some(id) => work.get::<Version>(id.as_str())?.map(|version| (*version.definition).clone()),
        None => None,
    };
    let draft = workflow.draft.as_ref().map(|draft| (**draft).clone());
    resource.attributes.set_theirs("draft-definition", draft.unwrap_or(Value::Null));
    resource.attributes.set_theirs("published-definition", live.unwrap_or(Value::Null));
    let problems = shown_problems(problems);
    let skipped = docket_workflows::skipped_events(work, &workflow.id)?;
    let document = Document::one(resource).with_meta("problems", problems).with_meta("skipped-events", skipped);
    Ok(Answer { status, document, version: Some(workflow.version) })
}

/// The problems of a definition, in the form of `meta.problems`.
pub fn shown_problems(problems: &[Problem]) -> Vec<Value> {
    problems
        .iter()
        .map(|p| json!({"path": p.path, "pointer": p.pointer, "code": p.code.replace('_', "-"), "message": p.message}))
        .collect()
}

/// A definition in a body: the tree itself, or text that contains it as JSON or YAML.
pub fn definition(value: &Value) -> Result<Value, docket_kernel::Refusal> {
    definition_at(value, "/data/attributes/definition")
}

/// A definition at a pointer in a body.
pub fn definition_at(value: &Value, pointer: &str) -> Result<Value, docket_kernel::Refusal> {
    const OBJECT: &str = "a definition is an object, or text that contains one as JSON or YAML";
    match value {
        Value::String(text) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let read = docket_workflows::read::text(text).map_err(|problem| malformed(pointer, problem.message))?;
            if read.is_object() { Ok(read) } else { Err(malformed(pointer, OBJECT)) }
        }
        tree @ Value::Object(_) => Ok(tree.clone()),
        _ => Err(malformed(pointer, OBJECT)),
    }
}

/// The schema of a workflow on Docket's own operations; `whole` with its definitions.
pub(super) fn schema(whole: bool) -> Value {
    let mut attributes = vec![
        ("status", text()),
        ("name", text()),
        ("created-at", time()),
        ("slug", text()),
        ("state", word(&WorkflowState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>())),
        ("description", maybe(text())),
        ("has-draft", truth()),
        ("updated-at", time()),
        ("last-updater", maybe(text())),
    ];
    if whole {
        attributes.extend([("draft-definition", maybe(theirs())), ("published-definition", maybe(theirs()))]);
    } else {
        let trigger = object(vec![("type", word(&["event", "api"])), ("events", list(text()))]);
        attributes.extend([
            ("trigger", maybe(trigger)),
            ("published-at", maybe(time())),
            ("published-count", schema::whole()),
        ]);
    }
    let mut schema = schema::resource("workflow", attributes, Vec::new());
    schema["properties"]["relationships"] = some(vec![
        ("latest-published-version", to_one("workflow-version")),
        ("active-deployment", to_maybe(Some("workflow-deployment"))),
    ]);
    schema
}

/// The OpenAPI description of a workflow with the problems of its draft.
pub(super) fn doc() -> OperationDoc {
    OperationDoc::one(schema(true))
        .with_meta(vec![("problems", list(problem_schema())), ("skipped-events", schema::whole())])
}

/// The schema of a problem in `meta.problems`.
pub(super) fn problem_schema() -> Value {
    object(vec![("path", text()), ("pointer", text()), ("code", text()), ("message", text())])
}

/// The schema of a definition in a body.
pub(super) fn definition_schema() -> Value {
    json!({"type": ["object", "string"], "description": "The definition, or text that contains it as JSON or YAML."})
}
