//! `GET /cases/{case-id}/attachments/{file-id}`: the bytes of a file on a case.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use docket_cases::FileContent;
use docket_kernel::{Permission, Refusal, Scope};

use crate::app::App;
use crate::error::Surface;
use crate::pipeline::{admit, error_reply, set};
use crate::refusal::{document_of, of_read};
use crate::router::Parts;

/// Hands out a file as an attachment that no browser runs.
pub async fn attachment(State(app): State<App>, Parts(mut path): Parts, headers: HeaderMap) -> Response<Body> {
    let admitted = match admit(&app, &headers, Surface::Ours).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let mut part = |name: &str| path.remove(name).unwrap_or_default();
    let (case, file) = (part("case-id"), part("file-id"));
    let scope = Scope::Of(admitted.key.environment_id.key());
    let found = app.reader.view(scope, move |work| {
        match work.get::<FileContent>(&file)?.filter(|content| content.object_id == case) {
            Some(content) => Ok(content),
            None => Err(Refusal::unknown("file", &file).into()),
        }
    });
    let content = match found.await {
        Ok(content) => content,
        Err(error) => return admitted.respond(error_reply(&of_read(&error), Surface::Ours)),
    };
    let may = admitted.key.actor(app.now()).map(|actor| actor.may(Permission::CaseRead));
    if let Some(Err(refusal)) = may {
        return admitted.respond(error_reply(&document_of(&refusal), Surface::Ours));
    }
    let reply = crate::answer::Reply { status: 200, body: content.bytes(), etag: None, again: None };
    let mut response = admitted.respond(reply);
    set(&mut response, "content-type", &content.content_type);
    set(&mut response, "content-disposition", "attachment");
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "content-security-policy", "sandbox; default-src 'none'");
    response
}
