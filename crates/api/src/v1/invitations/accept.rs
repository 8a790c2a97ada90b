//! `POST /invitations/accept`: sets a password with the link of an invitation.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_access::{EnvironmentKind, accept_invitation, invited};
use docket_kernel::{Refusal, Scope};
use docket_storage::Command;
use serde_json::Value;

use crate::app::App;
use crate::body::BodyMembers;
use crate::custom_operation::{CustomOperation, open};
use crate::error::ErrorDocument;
use crate::openapi::OperationDoc;
use crate::refusal::{document_of, of_read, of_write};
use crate::schema::{self, at_most, said, text};
use crate::v1::session::shown;
use crate::v1::sessions::create::{Begun, PASSWORD_CHARACTERS_MAX, begin, hashed, welcome};

/// Sets a password, and signs in.
pub const ACCEPT: CustomOperation = CustomOperation::open(
    "accept-an-invitation",
    "POST",
    "/invitations/accept",
    "Sets the password of the invited person and signs them in; a link works once.",
)
.succeeding(201)
.documented(doc);

const TOKEN: &str = "/data/attributes/token";
const PASSWORD: &str = "/data/attributes/password";

fn doc() -> OperationDoc {
    let body = schema::Body::new().must("token", said(text(), "The value of token= in the link."));
    let password = said(at_most(PASSWORD_CHARACTERS_MAX), "8 characters or more.");
    shown::doc().taking(body.must("password", password)).with_header("Set-Cookie")
}

/// `POST /invitations/accept`
pub async fn accept(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (request_id, read) = open(&app, request).await;
    let begun = match read {
        Ok((parts, body)) => accepted(&app, &parts, &body).await,
        Err(document) => Err(document),
    };
    welcome(&request_id, begun)
}

async fn accepted(app: &App, parts: &Parts, body: &Value) -> Result<Begun, ErrorDocument> {
    let (token, password) = shape(body).map_err(|refusal| document_of(&refusal))?;
    // The token is checked first, so that a guess costs no hash.
    let wanted = token.clone();
    let view = app.reader.view(Scope::Installation, move |work| invited(work, &wanted).map(drop));
    view.await.map_err(|error| of_read(&error))?;
    let hash = hashed(app, password).await?;
    let command =
        Command::new("accept-invitation", Scope::Installation, move |work| accept_invitation(work, &token, &hash));
    let user = app.writer.submit(command.about("sign-in")).await.map_err(|error| of_write(&error))?;
    begin(app, parts, user, EnvironmentKind::Sandbox, None).await
}

fn shape(body: &Value) -> Result<(String, String), Refusal> {
    let body = BodyMembers::of(body);
    body.only(&["/data/type", TOKEN, PASSWORD])?;
    let password = body.required_text(PASSWORD)?;
    if password.chars().count() > PASSWORD_CHARACTERS_MAX {
        let sentence = format!("a password has at most {PASSWORD_CHARACTERS_MAX} characters");
        return Err(Refusal::rule("password", sentence).at(PASSWORD));
    }
    Ok((body.required_text(TOKEN)?.to_owned(), password.to_owned()))
}
