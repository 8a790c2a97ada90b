//! `GET /cases/{case-id}/attachments/{file-id}`: the bytes of a file on a case.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response};
use docket_cases::FileContent;
use docket_kernel::{Permission, Refusal};

use crate::apart::Apart;
use crate::app::App;
use crate::error::Surface;
use crate::openapi::Told;
use crate::operation::About;
use crate::pipeline::{admit, error_reply, set};
use crate::refusal::{document_of, of_read};
use crate::router::Parts;

/// Hands out a file of a case, whatever its kind.
pub const DOWNLOAD: Apart = Apart::producing(
    About::ours(
        "download-an-attachment",
        "GET",
        "/cases/{case-id}/attachments/{file-id}",
        Permission::CaseRead,
        "Downloads a file of a case: a PDF, or a PNG, JPEG, GIF or WebP image.",
    ),
    "*/*",
)
.telling(|| Told::default().with_header("Content-Disposition"));

/// Hands out a file as an attachment that no browser runs.
pub async fn attachment(State(app): State<App>, Parts(mut path): Parts, headers: HeaderMap) -> Response<Body> {
    let admitted = match admit(&app, &Method::GET, &headers, Surface::Ours).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let mut part = |name: &str| path.remove(name).unwrap_or_default();
    let (case, file) = (part("case-id"), part("file-id"));
    let found = app.reader.view(admitted.caller.scope(), move |work| {
        match work.get::<FileContent>(&file)?.filter(|content| content.object_id == case) {
            Some(content) => Ok(content),
            None => Err(Refusal::unknown("file", &file).into()),
        }
    });
    let content = match found.await {
        Ok(content) => content,
        Err(error) => return admitted.respond(error_reply(&of_read(&error), Surface::Ours)),
    };
    if let Err(refusal) = DOWNLOAD.may(&admitted.actor()) {
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
