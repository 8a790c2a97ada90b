//! Operations outside the pipeline: those without an identified caller, those about the session itself, and those that
//! do not return documents.

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_kernel::{Actor, Permission, Refusal, RequestId};
use docket_storage::WriteError;
use serde_json::Value;

use crate::answer::{Answer, Reply};
use crate::app::App;
use crate::body::{self, Limit};
use crate::budget::Share;
use crate::credential::Caller;
use crate::document::{Document, Resource, Style};
use crate::error::{ErrorDocument, ErrorItem, Surface};
use crate::fieldset::Fieldsets;
use crate::inflection::Inflection;
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::origin;
use crate::peer::address_of;
use crate::pipeline::{Admitted, admit, error_reply, respond, set};
use crate::query::{Links, Query};
use crate::refusal::{document_of, of_write};
use crate::router::checked_filters;

/// What every part of the API uses of such an operation.
#[derive(Clone, Copy, Debug)]
pub struct CustomOperation {
    /// The part shared with all other operations; its permission is checked only if the guard requires it.
    pub about: OperationInfo,
    /// Who may call it.
    pub guard: Guard,
    /// The media type of its response.
    pub produces: &'static str,
    /// The further parts of its description in OpenAPI.
    pub(crate) doc: fn() -> OperationDoc,
}

/// Who may call an operation outside the pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Any caller: the operation checks what the request itself contains.
    Anybody,
    /// A signed-in user, about their own session.
    Session,
    /// A caller with the permission.
    Permission,
}

impl CustomOperation {
    pub(crate) const JSON: &'static str = "application/json";

    /// An operation without an identified caller.
    pub(crate) const fn open(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Self {
        let about = OperationInfo::ours(id, method, path, Permission::Operate, summary);
        Self { about, guard: Guard::Anybody, produces: Self::JSON, doc: OperationDoc::default }
    }

    /// An operation about the caller's own session.
    pub(crate) const fn of_session(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        summary: &'static str,
    ) -> Self {
        Self { guard: Guard::Session, ..Self::open(id, method, path, summary) }
    }

    /// An operation that needs a permission, and reads its request or writes its response in its own way.
    pub(crate) const fn producing(about: OperationInfo, produces: &'static str) -> Self {
        Self { about, guard: Guard::Permission, produces, doc: OperationDoc::default }
    }

    /// Refuses a caller without the permission that the operation names.
    pub(crate) fn may(&self, actor: &Actor) -> Result<(), Refusal> {
        actor.may(self.about.permission)
    }

    /// Adds more to the OpenAPI description.
    pub(crate) const fn documented(self, doc: fn() -> OperationDoc) -> Self {
        Self { doc, ..self }
    }

    /// Sets the status of success.
    pub(crate) const fn succeeding(self, success: u16) -> Self {
        Self { about: OperationInfo { success, ..self.about }, ..self }
    }
}

/// A request without an identified caller: refuses one from another site's pages, and reads its body.
pub(crate) async fn open(app: &App, request: Request<Body>) -> (RequestId, Result<(Parts, Value), ErrorDocument>) {
    let (parts, body) = request.into_parts();
    (app.new_request(), read(app, parts, body).await)
}

async fn read(app: &App, mut parts: Parts, body: Body) -> Result<(Parts, Value), ErrorDocument> {
    origin::is_not_foreign(&parts.headers, &app.settings)?;
    let share = app.bodies.share(&address_of(&parts));
    let value = understood(&parts, body, &share).await?;
    // The memory of the body is counted until the request ends.
    parts.extensions.insert(share);
    Ok((parts, value))
}

/// The body of a request of an identified caller.
pub(crate) async fn body_of(app: &App, caller: &Caller, parts: &Parts, body: Body) -> Result<Value, ErrorDocument> {
    understood(parts, body, &app.bodies.share(caller.id())).await
}

async fn understood(parts: &Parts, body: Body, share: &Arc<Share>) -> Result<Value, ErrorDocument> {
    let received = body::receive(Limit::OPEN, &parts.headers, body, share).await?;
    body::understand(Limit::OPEN, &parts.headers, received).map(|(value, _)| value)
}

/// The casing that a request wants for its response.
pub(crate) fn style_of(parts: &Parts) -> Style {
    let wanted = parts.headers.get("key-inflection").and_then(|value| value.to_str().ok());
    Style { inflection: Inflection::of_request(wanted, Inflection::default()), ..Style::default() }
}

/// A read outside the pipeline of operations, after its permission and its query were checked.
pub(crate) struct Asked {
    pub admitted: Admitted,
    pub query: Query,
    style: Style,
}

impl Asked {
    /// Admits a request. The error is the complete response.
    pub async fn of(
        app: &App,
        request: Request<Body>,
        custom_operation: &CustomOperation,
    ) -> Result<Self, Response<Body>> {
        let (parts, _) = request.into_parts();
        let admitted = admit(app, &parts.method, &parts.headers, Surface::Ours).await?;
        let may = custom_operation.may(&admitted.actor()).map_err(|refusal| document_of(&refusal));
        let query = may.and_then(|()| {
            let query = Query::parse(parts.uri.query().unwrap_or_default());
            let query = query.map_err(|error| ErrorDocument::bad_request(error.details))?;
            checked_filters(&custom_operation.about, &query).map(|()| query)
        });
        match query {
            Ok(query) => Ok(Self { admitted, query, style: style_of(&parts) }),
            Err(document) => Err(admitted.respond(error_reply(&document, Surface::Ours))),
        }
    }

    /// Responds with the resources found.
    pub fn tell(self, found: Result<Vec<Resource>, ErrorDocument>) -> Response<Body> {
        self.admitted.respond(match found {
            Ok(found) => {
                Answer::plain(Document::many(found, Links::default())).into_reply(self.style, &Fieldsets::default())
            }
            Err(document) => error_reply(&document, Surface::Ours),
        })
    }
}

/// The response to a caller that is not identified.
pub(crate) fn answer(request_id: &RequestId, reply: Result<Reply, ErrorDocument>) -> Response<Body> {
    let wait = reply.as_ref().err().and_then(retry_after);
    let mut response = respond(reply.unwrap_or_else(|document| error_reply(&document, Surface::Ours)));
    set(&mut response, "request-id", request_id.as_str());
    if let Some(wait) = wait {
        set(&mut response, "retry-after", &wait);
    }
    response
}

fn retry_after(document: &ErrorDocument) -> Option<String> {
    match document.status {
        503 => Some("1".to_owned()),
        429 => {
            let wait = document.errors.first()?.meta.get("retry-after");
            Some(wait.map_or_else(|| "1".to_owned(), ToString::to_string))
        }
        _ => None,
    }
}

/// Why an attempt was refused: too many of them is 429, and says when to retry.
pub(crate) fn of_try(error: &WriteError) -> ErrorDocument {
    match error {
        WriteError::Refused(refusal) if refusal.code == "too-many-tries" => {
            let mut item = ErrorItem::new("Rate limit exceeded", &refusal.sentence).coded(&refusal.code);
            for (name, value) in refusal.meta.iter().filter_map(Value::as_object).flatten() {
                item = item.with(name, value.clone());
            }
            ErrorDocument::of(429, vec![item])
        }
        other => of_write(other),
    }
}
