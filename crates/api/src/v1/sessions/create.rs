//! `POST /sessions`: signing in.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use docket_access::store::USERS_OF_EMAIL;
use docket_access::{
    EnvironmentKind, Organization, Tried, User, begin_session, count_try, forgive_try, has_password, hash_password,
    is_password,
};
use docket_kernel::{Refusal, RequestId, Scope, UserId, email_key};
use docket_storage::Command;
use serde_json::{Value, json};

use crate::answer::Reply;
use crate::app::App;
use crate::body::BodyMembers;
use crate::cookie;
use crate::custom_operation::{CustomOperation, answer, of_try, open, style_of};
use crate::error::ErrorDocument;
use crate::fieldset::Fieldsets;
use crate::openapi::OperationDoc;
use crate::origin::secure;
use crate::peer::address_of;
use crate::pipeline::set;
use crate::refusal::{document_of, of_read, of_write};
use crate::schema::{self, said, text, word};
use crate::v1::session::own::wanted;
use crate::v1::session::shown;

/// Signs in.
pub const CREATE: CustomOperation = CustomOperation::open(
    "create-a-session",
    "POST",
    "/sessions",
    "Signs in with an email address and a password; the response sets the session cookie.",
)
.succeeding(201)
.documented(doc);

fn doc() -> OperationDoc {
    let body = schema::Body::new().must("email-address", text()).must("password", text());
    let organization = said(text(), "The organization, for a person who belongs to several.");
    let body = body.may("organization-id", organization).may("environment", word(&shown::KINDS));
    shown::doc().taking(body).with_header("Set-Cookie")
}

/// The longest password that is checked, in characters.
pub const PASSWORD_CHARACTERS_MAX: usize = 1_024;

/// The credentials of a sign-in.
struct SignIn {
    email: String,
    password: String,
    organization: Option<String>,
    kind: EnvironmentKind,
}

/// Signs in. An unknown address and a wrong password are refused with the same text, after the same time.
pub async fn create(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (request_id, read) = open(&app, request).await;
    let begun = match read {
        Ok((parts, body)) => signed_in(&app, &parts, &body).await,
        Err(document) => Err(document),
    };
    welcome(&request_id, begun)
}

async fn signed_in(app: &App, parts: &Parts, body: &Value) -> Result<Begun, ErrorDocument> {
    let asked = shape(body).map_err(|refusal| document_of(&refusal))?;
    let tried = Tried::of(&asked.email, &address_of(parts));
    let counted = tried.clone();
    let count = Command::new("count-try", Scope::Installation, move |work| count_try(work, &counted));
    app.writer.submit(count.about("sign-in")).await.map_err(|error| of_try(&error))?;
    let (mut known, password) = (people(app, &asked).await?, asked.password);
    let judged = known.clone();
    let Ok(_turn) = app.judging.acquire().await else { return Err(ErrorDocument::internal()) };
    let right = tokio::task::spawn_blocking(move || judge(&judged, &password)).await;
    let right = right.map_err(|_| ErrorDocument::internal())?;
    known.retain(|user| right.contains(&user.id));
    let user = match known.as_slice() {
        [user] => user,
        [] => return Err(failed()),
        several => return Err(several_organizations(app, several).await?),
    };
    begin(app, parts, user.id.clone(), asked.kind, Some((tried, user.password_hash.clone()))).await
}

/// A session that begins with this response.
pub struct Begun {
    reply: Reply,
    cookie: String,
}

/// The response with a new session, which sets the browser's cookie.
pub fn welcome(request_id: &RequestId, begun: Result<Begun, ErrorDocument>) -> Response<Body> {
    match begun {
        Ok(Begun { reply, cookie }) => {
            let mut response = answer(request_id, Ok(reply));
            set(&mut response, "set-cookie", &cookie);
            response
        }
        Err(document) => answer(request_id, Err(document)),
    }
}

/// The hash of a new password.
pub async fn hashed(app: &App, password: String) -> Result<String, ErrorDocument> {
    let salt = app.rng.seed().0;
    let Ok(_turn) = app.judging.acquire().await else { return Err(ErrorDocument::internal()) };
    let hash = tokio::task::spawn_blocking(move || hash_password(&password, salt)).await;
    let hash = hash.map_err(|_| ErrorDocument::internal())?;
    hash.map_err(|refusal| document_of(&refusal.at("/data/attributes/password")))
}

/// Begins a session of a known user, and ends the session whose token came with the request. After a check of a
/// password, `judged` is the attempt and the hash that the password was checked against.
pub async fn begin(
    app: &App,
    parts: &Parts,
    user: UserId,
    kind: EnvironmentKind,
    judged: Option<(Tried, String)>,
) -> Result<Begun, ErrorDocument> {
    let style = style_of(parts);
    let name = cookie::name_of(app).await.map_err(|error| of_read(&error))?;
    let before = cookie::token_in(app, &parts.headers).await.map_err(|error| of_read(&error))?;
    let command = Command::new("sign-in", Scope::Installation, move |work| {
        if let Some((tried, hash)) = &judged {
            if !has_password(work, &user, hash)? {
                return Err(sign_in_failed().into());
            }
            forgive_try(work, tried)?;
        }
        let (session, token) = begin_session(work, &user, kind, before.as_deref())?;
        let reply = shown::answer(work, &session, 201)?.into_reply(style, &Fieldsets::default());
        Ok((reply, token))
    });
    let begun = app.writer.submit(command.about("sign-in")).await;
    let (reply, token) = begun.map_err(|error| of_write(&error))?;
    Ok(Begun { reply, cookie: cookie::given(&name, &token, secure(&parts.headers, &app.settings)) })
}

fn shape(body: &Value) -> Result<SignIn, Refusal> {
    let body = BodyMembers::of(body);
    body.only(&[
        "/data/type",
        "/data/attributes/email-address",
        "/data/attributes/password",
        "/data/attributes/organization-id",
        "/data/attributes/environment",
    ])?;
    let email = email_key(body.required_text("/data/attributes/email-address")?);
    let password = body.required_text("/data/attributes/password")?;
    if password.chars().count() > PASSWORD_CHARACTERS_MAX {
        return Err(sign_in_failed());
    }
    Ok(SignIn {
        email,
        password: password.to_owned(),
        organization: body.text("/data/attributes/organization-id")?.map(str::to_owned),
        kind: wanted(body)?.unwrap_or(EnvironmentKind::Sandbox),
    })
}

/// The active users with this address, in the named organization if the request names one.
async fn people(app: &App, asked: &SignIn) -> Result<Vec<Arc<User>>, ErrorDocument> {
    let email = asked.email.clone();
    let found = app.reader.view(Scope::Installation, move |work| work.ask::<User>(&USERS_OF_EMAIL, &email)).await;
    let mut known = found.map_err(|error| of_read(&error))?;
    known.retain(|user| user.deactivated_at.is_none());
    known.retain(|user| asked.organization.as_ref().is_none_or(|wanted| user.organization_id.as_str() == wanted));
    Ok(known)
}

/// The users with this password. One hash is computed even without users, so that the time does not show it.
fn judge(people: &[Arc<User>], password: &str) -> Vec<UserId> {
    if people.is_empty() {
        is_password(password, "");
    }
    people.iter().filter(|user| is_password(password, &user.password_hash)).map(|user| user.id.clone()).collect()
}

fn sign_in_failed() -> Refusal {
    Refusal::rule("sign-in-failed", "the email address or the password is wrong; check both and try again")
}

fn failed() -> ErrorDocument {
    document_of(&sign_in_failed())
}

/// If several organizations have a user with this address and password, the request must name one.
async fn several_organizations(app: &App, people: &[Arc<User>]) -> Result<ErrorDocument, ErrorDocument> {
    let ids: Vec<_> = people.iter().map(|user| user.organization_id.clone()).collect();
    let view = app.reader.view(Scope::Installation, move |work| {
        let mut named = Vec::with_capacity(ids.len());
        for id in &ids {
            let organization = work.get::<Organization>(id.as_str())?;
            named.push(json!({"id": id, "name": organization.map(|organization| organization.name.clone())}));
        }
        Ok(named)
    });
    let named = view.await.map_err(|error| of_read(&error))?;
    let sentence = "you belong to several organizations; choose one with organization-id";
    let refusal = Refusal::rule("several-organizations", sentence).at("/data/attributes/organization-id");
    Ok(document_of(&refusal.with(json!({ "organizations": named }))))
}
