//! `GET /workflows/{workflow-id}/export`: a workflow as a file.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response};
use docket_kernel::{Permission, UnitOfWork, Verb};
use docket_workflows::{Version, Workflow, read};
use serde_json::{Map, Value};

use crate::answer::Reply;
use crate::app::App;
use crate::custom_operation::CustomOperation;
use crate::error::Surface;
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::{admit, error_reply, set};
use crate::refusal::of_read;
use crate::router::Parts;

/// Exports a workflow as YAML.
pub const EXPORT: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "export-a-workflow",
        "GET",
        "/workflows/{workflow-id}/export",
        Permission::WorkflowRead,
        "Exports the draft of a workflow, or its live version if there is no draft, as YAML for `docket workflow \
         apply`.",
    ),
    "application/yaml",
)
.documented(|| OperationDoc::default().with_header("Content-Disposition"));

/// Responds with the file.
pub async fn export(State(app): State<App>, Parts(mut path): Parts, headers: HeaderMap) -> Response<Body> {
    let admitted = match admit(&app, &Method::GET, &headers, Surface::Ours).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let id = path.remove("workflow-id").unwrap_or_default();
    let actor = admitted.actor();
    let found = app.reader.view(admitted.caller.scope(), move |work| {
        let workflow = work.existing::<Workflow>("workflow", &id)?;
        EXPORT.may(&actor)?;
        Ok((file(work, &workflow)?, file_name(&workflow.name)))
    });
    match found.await {
        Ok((text, name)) => {
            let reply = Reply { status: 200, body: text.into_bytes(), etag: None, again: None };
            let mut response = admitted.respond(reply);
            set(&mut response, "content-type", "application/yaml");
            set(&mut response, "content-disposition", &format!("attachment; filename=\"{name}\""));
            set(&mut response, "x-content-type-options", "nosniff");
            response
        }
        Err(error) => admitted.respond(error_reply(&of_read(&error), Surface::Ours)),
    }
}

/// The name of the file: the workflow's name in characters that every file system allows.
fn file_name(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: String = words.collect::<Vec<_>>().join("-").to_lowercase().chars().take(80).collect();
    format!("{}.yaml", if name.is_empty() { "workflow" } else { &name })
}

fn file(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<String> {
    let live = match &workflow.live_version_id {
        Some(id) => work.get::<Version>(id.as_str())?.map(|version| (*version.definition).clone()),
        None => None,
    };
    let drawn = workflow.draft.as_ref().map(|draft| (**draft).clone()).or(live);
    let mut file = Map::from_iter([("name".to_owned(), Value::from(workflow.name.as_str()))]);
    if let Some(description) = &workflow.description {
        file.insert("description".into(), Value::from(description.as_str()));
    }
    if let Some(Value::Object(definition)) = drawn {
        file.extend(definition);
    }
    Ok(read::to_yaml(&Value::Object(file)))
}
