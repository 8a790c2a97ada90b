//! `GET /search`: quick search while a user types.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use docket_cases::{Case, Statuses};
use docket_kernel::{Entity, Permission, Stored, UnitOfWork, Verb, fold};
use docket_objects::Object;
use docket_storage::{Filter, ListQuery, PageDirection, PrefixQuery, ReadError};
use docket_workflows::Workflow;

use crate::app::App;
use crate::custom_operation::{Asked, CustomOperation};
use crate::document::Resource;
use crate::error::ErrorDocument;
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::Admitted;
use crate::query::Query;
use crate::refusal::of_read;
use crate::schema::{self, at_most, maybe, text};

/// Finds objects.
pub const SEARCH: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "search",
        "GET",
        "/search",
        Permission::CaseRead,
        "Finds cases by key or id, workflows by a part of their name, accounts by reference id, and objects by id: at \
         most five of each that the caller may see.",
    ),
    CustomOperation::JSON,
)
.documented(|| {
    let attributes = vec![("kind", text()), ("label", text()), ("detail", maybe(text()))];
    OperationDoc::whole(schema::resource("search-result", attributes, Vec::new())).asking(
        "q",
        "The text to search for.",
        at_most(TEXT_CHARACTERS_MAX),
    )
});

/// The most results of each kind.
const FOUND_MAX: u32 = 5;
/// The longest text that is searched for, in characters.
const TEXT_CHARACTERS_MAX: usize = 100;

/// Returns the objects found.
pub async fn search(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let asked = match Asked::of(&app, request, &SEARCH).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let found = match wanted(&asked.query) {
        Ok(text) => find(&app, &asked.admitted, &text).await.map_err(|error| of_read(&error)),
        Err(document) => Err(document),
    };
    asked.tell(found)
}

fn wanted(query: &Query) -> Result<Arc<str>, ErrorDocument> {
    let text = query.parameter("q").unwrap_or_default().trim();
    if text.chars().count() > TEXT_CHARACTERS_MAX {
        let details = format!("q has at most {TEXT_CHARACTERS_MAX} characters");
        return Err(ErrorDocument::bad_request(details));
    }
    Ok(Arc::from(text))
}

async fn find(app: &App, admitted: &Admitted, text: &Arc<str>) -> Result<Vec<Resource>, ReadError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let may = |permission| admitted.actor().may(permission).is_ok();
    let mut found = named(app, admitted, text).await?;
    found.extend(cases(app, admitted, text).await?);
    if may(Permission::WorkflowRead) {
        found.extend(workflows(app, admitted, text).await?);
    }
    if may(Permission::AccountRead) {
        found.extend(accounts(app, admitted, text).await?);
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|resource| seen.insert(resource.id.clone()));
    Ok(found)
}

/// The objects with exactly this id, and the account with this reference id.
async fn named(app: &App, admitted: &Admitted, text: &Arc<str>) -> Result<Vec<Resource>, ReadError> {
    let (text, actor) = (Arc::clone(text), admitted.actor());
    let read = move |work: &mut UnitOfWork| {
        let mut found = Vec::new();
        if let Some(case) = work.get::<Case>(&text)? {
            found.push(case_of(work, &case)?);
        }
        if let Some(workflow) = work.get::<Workflow>(&text)?
            && actor.may(Permission::WorkflowRead).is_ok()
        {
            found.push(workflow_of(&workflow));
        }
        let known = Object::named(work, &actor.environment, &text)?;
        let account = work.find::<Object>("reference_key", &text)?;
        let objects = known.into_iter().chain(account);
        found.extend(objects.filter(|object| actor.may(seen_by(object)).is_ok()).map(|object| object_of(&object)));
        Ok(found)
    };
    app.reader.view(admitted.caller.scope(), read).await
}

/// The permission needed to see an object.
fn seen_by(object: &Object) -> Permission {
    match object.kind.as_str() {
        "account" => Permission::AccountRead,
        "inquiry" => Permission::InquiryRead,
        // Reports, verifications and the like are visible in the cases that contain them.
        _ => Permission::CaseRead,
    }
}

async fn cases(app: &App, admitted: &Admitted, text: &Arc<str>) -> Result<Vec<Resource>, ReadError> {
    let key: Arc<str> = Arc::from(text.to_ascii_uppercase());
    let query = PrefixQuery { table: Case::TABLE, column: "name", text: key, filters: Vec::new(), limit: FOUND_MAX };
    let show = |work: &mut UnitOfWork, rows: &[Stored<Case>]| rows.iter().map(|case| case_of(work, case)).collect();
    app.reader.view_beginning::<Case, _>(admitted.caller.scope(), query, show).await
}

async fn accounts(app: &App, admitted: &Admitted, text: &Arc<str>) -> Result<Vec<Resource>, ReadError> {
    let (column, text) = ("reference_id", Arc::clone(text));
    let filters = vec![Filter::Is("kind", vec![Arc::from("account")])];
    let query = PrefixQuery { table: Object::TABLE, column, text, filters, limit: FOUND_MAX };
    let show = |_: &mut UnitOfWork, rows: &[Stored<Object>]| Ok(rows.iter().map(|object| object_of(object)).collect());
    app.reader.view_beginning::<Object, _>(admitted.caller.scope(), query, show).await
}

async fn workflows(app: &App, admitted: &Admitted, text: &Arc<str>) -> Result<Vec<Resource>, ReadError> {
    let filters = vec![Filter::Contains("folded", Arc::from(fold(text)))];
    let query = ListQuery { table: Workflow::TABLE, filters, turn: PageDirection::First, limit: FOUND_MAX };
    let show =
        |_: &mut UnitOfWork, rows: &[Stored<Workflow>]| Ok(rows.iter().map(|found| workflow_of(found)).collect());
    app.reader.view_list::<Workflow, _>(admitted.caller.scope(), query, show).await
}

fn result(id: &str, kind: &str, label: &str, detail: Option<&str>) -> Resource {
    let mut resource = Resource::new("search-result", id);
    resource.attributes.set("kind", kind);
    resource.attributes.set("label", label);
    resource.attributes.set("detail", detail);
    resource
}

fn case_of(work: &mut UnitOfWork, case: &Case) -> Verb<Resource> {
    let statuses = Statuses::of(work, &case.template_id)?;
    Ok(result(case.id.as_str(), "case", &case.name, Some(statuses.name(&case.status_id))))
}

fn workflow_of(workflow: &Workflow) -> Resource {
    result(workflow.id.as_str(), "workflow", &workflow.name, Some(workflow.state.as_str()))
}

fn object_of(object: &Object) -> Resource {
    let label = object.reference_id.as_deref().unwrap_or(object.shown_id());
    result(object.shown_id(), &object.kind, label, object.status.as_deref())
}
