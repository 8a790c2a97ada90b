//! `POST /ingest/{source}`: a vendor's signed webhook. The response is sent after the commit.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request, Response};
use docket_kernel::{Actor, Cause, Moment, Permission, RequestId, Scope};
use docket_objects::{Delivered, Source, Taken, Verdict, adjusted_list, deliver, verify};
use docket_storage::Command;
use serde_json::{Value, json};

use crate::answer::Reply;
use crate::app::App;
use crate::body::{self, Limit};
use crate::error::{ErrorDocument, Surface};
use crate::pipeline::{error_reply, respond, set};
use crate::refusal::{of_read, of_write};

/// Receives a webhook: 401 with the same text for an unknown source and for a bad signature.
pub async fn ingest(
    State(app): State<App>,
    source: Result<Path<String>, PathRejection>,
    request: Request<Body>,
) -> Response<Body> {
    let request_id = app.new_request();
    // A text that can't be an id is the id of no source.
    let source = source.ok().map(|Path(source)| source).filter(|id| !id.contains('\0')).unwrap_or_default();
    let reply = match take(&app, &source, request, &request_id).await {
        Ok(reply) => reply,
        Err(document) => error_reply(&document, Surface::Ours),
    };
    let is_to_wait = matches!(reply.status, 429 | 503);
    let mut response = respond(reply);
    set(&mut response, "request-id", request_id.as_str());
    if is_to_wait {
        set(&mut response, "retry-after", "1");
    }
    response
}

async fn take(app: &App, source: &str, request: Request<Body>, request_id: &RequestId) -> Result<Reply, ErrorDocument> {
    let (parts, body) = request.into_parts();
    let source = known(app, source).await?;
    let share = app.bodies.share(source.id.as_str());
    let bytes = body::read(body, Limit::WEBHOOK, &share).await?;
    trusted(&source, &parts.headers, &bytes, app.now())?;
    let weight = bytes.len();
    let parse = move || crate::foreign::parse_foreign(&bytes);
    let (value, replaced) = if body::is_large(weight) { body::parsed_apart(app, parse).await? } else { parse() }?;
    let is_object = value.is_object();
    if !is_object {
        return Err(ErrorDocument::bad_request("the body must be an event document"));
    }
    let subject = subject(&value).unwrap_or_else(|| request_id.to_string());
    let cause = Cause { request: Some(request_id.clone()), ..Cause::default() };
    let actor =
        Actor::new(docket_kernel::Who::System, source.environment_id.clone(), Arc::from([Permission::SourceIngest]))
            .because(cause);
    let scope = Scope::Of(source.environment_id.key());
    let id = source.id.clone();
    let name = value.pointer("/data/attributes/name").and_then(Value::as_str).unwrap_or_default().to_owned();
    let command = Command::new("ingest", scope, move |work| {
        docket_workflows::hint(work, &name);
        deliver(work, &actor, &id, &value, &replaced)
    });
    let Delivered { taken, adjusted } =
        app.writer.submit(command.about(&subject).weighing(weight)).await.map_err(|error| of_write(&error))?;
    let (data, received, ignored) = match taken {
        Taken::Recorded(event) => (json!({"type": "event", "id": event}), "recorded", None),
        Taken::Before => (Value::Null, "before", None),
        Taken::Ignored(reason) => (Value::Null, "ignored", Some(reason)),
    };
    let mut meta = json!({"received": received, "adjusted": adjusted_list(&adjusted)});
    if let Some(reason) = ignored {
        meta["ignored"] = json!({"reason": reason, "detail": reason.sentence()});
    }
    let body = json!({"data": data, "meta": meta});
    Ok(Reply { status: 200, body: body.to_string().into_bytes(), etag: None, again: None })
}

/// The source with this id. The body of a request to an unknown source is not read.
async fn known(app: &App, source: &str) -> Result<Arc<Source>, ErrorDocument> {
    let id = source.to_owned();
    let found = app.reader.view(Scope::Installation, move |work| work.get::<Source>(&id)).await;
    found.map_err(|error| of_read(&error))?.ok_or_else(ErrorDocument::token_invalid)
}

/// Refuses a request without a valid signature of the source.
fn trusted(source: &Source, headers: &HeaderMap, bytes: &[u8], now: Moment) -> Result<(), ErrorDocument> {
    let signature = headers.get("persona-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    match verify(&source.live_secrets(now), signature, bytes, now) {
        Verdict::Holds => Ok(()),
        Verdict::Fails => Err(ErrorDocument::token_invalid()),
    }
}

/// The object of the event: events of one object use one lane.
fn subject(value: &Value) -> Option<String> {
    let id = value.pointer("/data/attributes/payload/data/id")?;
    id.as_str().map(str::to_owned)
}
