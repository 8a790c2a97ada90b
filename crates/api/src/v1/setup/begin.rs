//! `GET /setup`, `POST /setup`: the first run, in a browser.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_access::{EnvironmentKind, Plan, SetupRequest, is_new_installation};
use docket_kernel::{Refusal, RefusalKind, Scope};
use docket_storage::WriteError;
use serde_json::Value;

use crate::answer::Answer;
use crate::app::App;
use crate::body::BodyMembers;
use crate::custom_operation::{CustomOperation, answer, open, style_of};
use crate::document::{Document, Resource};
use crate::error::ErrorDocument;
use crate::fieldset::Fieldsets;
use crate::first_run::Sample;
use crate::openapi::OperationDoc;
use crate::operation::malformed;
use crate::refusal::{document_of, of_read, of_write};
use crate::schema::{self, said, short, text, truth};
use crate::v1::session::shown;
use crate::v1::sessions::create::{Begun, begin as begin_session, hashed, welcome};

/// Shows whether the installation still needs to be set up.
pub const NEEDED: CustomOperation = CustomOperation::open(
    "retrieve-the-setup",
    "GET",
    "/setup",
    "Shows whether this installation still needs to be set up.",
)
.documented(|| OperationDoc::fleeting(schema::resource("setup", vec![("needed", truth())], Vec::new())));
/// Sets up the first organization.
pub const BEGIN: CustomOperation = CustomOperation::open(
    "begin-the-setup",
    "POST",
    "/setup",
    "Sets up the first organization with the token that the server printed, and signs in its first person.",
)
.succeeding(201)
.documented(doc);

fn doc() -> OperationDoc {
    let body = schema::Body::new().must("token", text()).must("organization", short(200));
    let body = body.must("email-address", text()).must("password", said(text(), "8 characters or more."));
    shown::doc().taking(body.may("sample-data", truth())).with_header("Set-Cookie")
}

/// `GET /setup`
pub async fn needed(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let request_id = app.new_request();
    let reply = is_needed(&app).await.map(|needed| {
        let mut resource = Resource::new("setup", "setup");
        resource.attributes.set("needed", needed);
        Answer::plain(Document::one(resource)).into_reply(style_of(&parts), &Fieldsets::default())
    });
    answer(&request_id, reply)
}

async fn is_needed(app: &App) -> Result<bool, ErrorDocument> {
    app.reader.view(Scope::Installation, is_new_installation).await.map_err(|error| of_read(&error))
}

/// `POST /setup`
pub async fn begin(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (request_id, read) = open(&app, request).await;
    let begun = match read {
        Ok((parts, body)) => set_up(&app, &parts, &body).await,
        Err(document) => Err(document),
    };
    welcome(&request_id, begun)
}

async fn set_up(app: &App, parts: &Parts, body: &Value) -> Result<Begun, ErrorDocument> {
    if !is_needed(app).await? {
        return Err(document_of(&set_up_already()));
    }
    let body = BodyMembers::of(body);
    let token = body.text("/data/attributes/token").map_err(|refusal| document_of(&refusal))?.unwrap_or_default();
    let Some(first_run) = app.first_run.get().filter(|first_run| first_run.is_token(token)) else {
        let words = "this is not the token that the server printed at startup; copy the whole address it shows";
        return Err(ErrorDocument::forbidden(words).coded("setup-token"));
    };
    let (wanted, sample) = shape(body).map_err(|refusal| document_of(&refusal))?;
    let Wanted { organization, email, password } = wanted;
    let password_hash = hashed(app, password).await?;
    let request = SetupRequest { organization, email, password_hash, plan: Plan::Growth };
    let made = first_run.set_up(request, sample).await.map_err(|error| match error {
        // A concurrent request was faster: the single row of the installation exists.
        WriteError::Refused(refusal) if refusal.kind == RefusalKind::Conflict => document_of(&set_up_already()),
        other => of_write(&other),
    })?;
    begin_session(app, parts, made.user, EnvironmentKind::Sandbox, None).await
}

struct Wanted {
    organization: String,
    email: String,
    password: String,
}

fn shape(body: BodyMembers<'_>) -> Result<(Wanted, Sample), Refusal> {
    body.only(&[
        "/data/type",
        "/data/attributes/token",
        "/data/attributes/organization",
        "/data/attributes/email-address",
        "/data/attributes/password",
        "/data/attributes/sample-data",
    ])?;
    let sample = match body.get("/data/attributes/sample-data") {
        None | Some(Value::Bool(false)) => Sample::Unwanted,
        Some(Value::Bool(true)) => Sample::Wanted,
        Some(_) => return Err(malformed("/data/attributes/sample-data", "sample-data is true or false")),
    };
    let wanted = Wanted {
        organization: body.required_text("/data/attributes/organization")?.to_owned(),
        email: body.required_text("/data/attributes/email-address")?.trim().to_owned(),
        password: body.required_text("/data/attributes/password")?.to_owned(),
    };
    Ok((wanted, sample))
}

fn set_up_already() -> Refusal {
    let sentence = "an organization is already set up here; sign in, or ask the person who set it up";
    Refusal::new(RefusalKind::Conflict, "already-set-up", sentence)
}
