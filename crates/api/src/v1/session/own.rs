//! The caller's own session: retrieve it, switch it to the other environment, end it.

use std::sync::Arc;

use axum::body::Body as Sent;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_access::{EnvironmentKind, Session, end_session, switch_environment};
use docket_kernel::{Holding, Scope};
use docket_storage::Command;

use super::shown;
use crate::answer::Reply;
use crate::app::App;
use crate::body::BodyMembers;
use crate::cookie;
use crate::credential::Caller;
use crate::custom_operation::{CustomOperation, body_of, style_of};
use crate::error::{ErrorDocument, Surface};
use crate::fieldset::Fieldsets;
use crate::openapi::OperationDoc;
use crate::operation::malformed;
use crate::origin::secure;
use crate::pipeline::{Admitted, admit, error_reply, set};
use crate::refusal::{document_of, of_read, of_write};
use crate::schema::{Body, word};

/// Retrieves the session.
pub const RETRIEVE: CustomOperation = CustomOperation::of_session(
    "retrieve-the-session",
    "GET",
    "/session",
    "Retrieves the signed-in person, the environment, and the person's permissions.",
)
.documented(shown::doc);
/// Switches the session to the other environment.
pub const SWITCH: CustomOperation = CustomOperation::of_session(
    "switch-the-session",
    "PATCH",
    "/session",
    "Exchanges the session for one in the environment named in `data.attributes.environment`; the old one ends.",
)
.documented(|| {
    let body = Body::new().must("environment", word(&shown::KINDS));
    shown::doc().taking(body).with_header("Set-Cookie")
});
/// Ends the session.
pub const END: CustomOperation =
    CustomOperation::of_session("end-the-session", "DELETE", "/session", "Signs out: the session ends immediately.")
        .succeeding(204)
        .documented(|| OperationDoc::default().with_header("Set-Cookie"));

/// `GET /session`
pub async fn retrieve(State(app): State<App>, request: Request<Sent>) -> Response<Sent> {
    let (parts, _) = request.into_parts();
    let (admitted, session) = match own(&app, &parts).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let view = app.reader.view(admitted.caller.scope(), move |work| shown::answer(work, &session, 200)).await;
    let reply = view.map(|answer| answer.into_reply(style_of(&parts), &Fieldsets::default()));
    admitted.respond(reply.unwrap_or_else(|error| error_reply(&of_read(&error), Surface::Ours)))
}

/// `PATCH /session`
pub async fn switch(State(app): State<App>, request: Request<Sent>) -> Response<Sent> {
    let (parts, body) = request.into_parts();
    let (admitted, session) = match own(&app, &parts).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    match exchanged(&app, &parts, body, &admitted.caller, session).await {
        Ok((reply, name, token)) => {
            let mut response = admitted.respond(reply);
            set(&mut response, "set-cookie", &cookie::given(&name, &token, secure(&parts.headers, &app.settings)));
            response
        }
        Err(document) => admitted.respond(error_reply(&document, Surface::Ours)),
    }
}

async fn exchanged(
    app: &App,
    parts: &Parts,
    body: Sent,
    caller: &Arc<Caller>,
    session: Arc<Session>,
) -> Result<(Reply, Arc<str>, String), ErrorDocument> {
    let name = cookie::name_of(app).await.map_err(|error| of_read(&error))?;
    let body = body_of(app, caller, parts, body).await?;
    let body = BodyMembers::of(&body);
    let kind = wanted(body).map_err(|refusal| document_of(&refusal))?;
    let kind = kind.ok_or_else(|| {
        let refusal = malformed(ENVIRONMENT, "data.attributes.environment is missing: sandbox or production");
        document_of(&refusal)
    })?;
    let (style, caller) = (style_of(parts), Arc::clone(caller));
    let command = Command::new("switch-session", Scope::Installation, move |work| {
        caller.hint(work);
        if caller.anew(work, Holding::Shared)?.is_none() {
            return Ok(None);
        }
        let (session, token) = switch_environment(work, &session.id, kind)?;
        let reply = shown::answer(work, &session, 200)?.into_reply(style, &Fieldsets::default());
        Ok(Some((reply, token)))
    });
    let exchanged = app.writer.submit(command).await.map_err(|error| of_write(&error))?;
    let (reply, token) = exchanged.ok_or_else(ErrorDocument::token_invalid)?;
    Ok((reply, name, token))
}

const ENVIRONMENT: &str = "/data/attributes/environment";

/// The environment a body names, if it names one.
pub fn wanted(body: BodyMembers<'_>) -> Result<Option<EnvironmentKind>, docket_kernel::Refusal> {
    let Some(word) = body.text(ENVIRONMENT)? else { return Ok(None) };
    match EnvironmentKind::parse(word) {
        Some(kind) => Ok(Some(kind)),
        None => Err(malformed(ENVIRONMENT, format_args!("'{word}' is not an environment; use sandbox or production"))),
    }
}

/// `DELETE /session`
pub async fn end(State(app): State<App>, request: Request<Sent>) -> Response<Sent> {
    let (parts, _) = request.into_parts();
    let (admitted, session) = match own(&app, &parts).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let name = match cookie::name_of(&app).await {
        Ok(name) => name,
        Err(error) => return admitted.respond(error_reply(&of_read(&error), Surface::Ours)),
    };
    let id = session.id.clone();
    let command = Command::new("end-session", Scope::Installation, move |work| end_session(work, &id));
    if let Err(error) = app.writer.submit(command).await {
        return admitted.respond(error_reply(&of_write(&error), Surface::Ours));
    }
    let mut response = admitted.respond(Reply { status: 204, body: Vec::new(), etag: None, again: None });
    set(&mut response, "set-cookie", &cookie::taken_back(&name, secure(&parts.headers, &app.settings)));
    response
}

/// The caller with its session. An API key is not a session: 403.
pub(super) async fn own(app: &App, parts: &Parts) -> Result<(Admitted, Arc<Session>), Response<Sent>> {
    let admitted = admit(app, &parts.method, &parts.headers, Surface::Ours).await?;
    match admitted.caller.session.clone() {
        Some(session) => Ok((admitted, session)),
        None => {
            let document = ErrorDocument::forbidden("an API key is not a session; sign in with POST /sessions")
                .coded("no-session");
            Err(admitted.respond(error_reply(&document, Surface::Ours)))
        }
    }
}
