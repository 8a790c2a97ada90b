//! `POST /session/first-steps`: the first steps that a new user has completed.

use std::sync::Arc;

use axum::body::Body as Sent;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_access::{FirstStep, Session, first_step, note_first_steps};
use docket_kernel::{Holding, Refusal};
use docket_storage::Command;
use serde_json::Value;

use super::own::own;
use super::shown;
use crate::answer::Reply;
use crate::app::App;
use crate::body::BodyMembers;
use crate::credential::Caller;
use crate::custom_operation::{CustomOperation, body_of, style_of};
use crate::error::{ErrorDocument, Surface};
use crate::fieldset::Fieldsets;
use crate::operation::malformed;
use crate::pipeline::error_reply;
use crate::refusal::{document_of, of_write};
use crate::schema::{Body, list, word};

/// Records first steps.
pub const NOTE: CustomOperation = CustomOperation::of_session(
    "note-first-steps",
    "POST",
    "/session/first-steps",
    "Records which first steps the person has completed, for every browser in which they sign in.",
)
.documented(|| shown::doc().taking(Body::new().must("done", list(word(&shown::first_steps())))));

const DONE: &str = "/data/attributes/done";

/// `POST /session/first-steps`
pub async fn note(State(app): State<App>, request: Request<Sent>) -> Response<Sent> {
    let (parts, body) = request.into_parts();
    let (admitted, session) = match own(&app, &parts).await {
        Ok(own) => own,
        Err(response) => return response,
    };
    let noted = noted(&app, &parts, body, &admitted.caller, session).await;
    admitted.respond(noted.unwrap_or_else(|document| error_reply(&document, Surface::Ours)))
}

async fn noted(
    app: &App,
    parts: &Parts,
    body: Sent,
    caller: &Arc<Caller>,
    session: Arc<Session>,
) -> Result<Reply, ErrorDocument> {
    let steps = shape(&body_of(app, caller, parts, body).await?).map_err(|refusal| document_of(&refusal))?;
    let style = style_of(parts);
    let (scope, caller) = (caller.scope(), Arc::clone(caller));
    let command = Command::new("note-first-steps", scope, move |work| {
        caller.hint(work);
        if caller.anew(work, Holding::Shared)?.is_none() {
            return Ok(None);
        }
        note_first_steps(work, &session.user_id, &steps)?;
        Ok(Some(shown::answer(work, &session, 200)?.into_reply(style, &Fieldsets::default())))
    });
    let noted = app.writer.submit(command).await.map_err(|error| of_write(&error))?;
    noted.ok_or_else(ErrorDocument::token_invalid)
}

fn shape(body: &Value) -> Result<Vec<FirstStep>, Refusal> {
    let body = BodyMembers::of(body);
    body.only(&["/data/type", DONE])?;
    let words = body.texts(DONE)?.ok_or_else(|| malformed(DONE, "data.attributes.done is missing"))?;
    let step = |(place, word): (usize, &String)| first_step(word).map_err(|found| found.at(format!("{DONE}/{place}")));
    words.iter().enumerate().map(step).collect()
}
