//! `POST /invitations/look`: describes an invitation's link before it is used.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use docket_access::{Organization, invited};
use docket_kernel::{Scope, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::app::App;
use crate::body::BodyMembers;
use crate::custom_operation::{CustomOperation, answer, open, style_of};
use crate::document::{Document, Resource};
use crate::error::ErrorDocument;
use crate::fieldset::Fieldsets;
use crate::openapi::OperationDoc;
use crate::refusal::{document_of, of_read};
use crate::schema::{self, maybe, said, text};
use crate::time::iso_or_null;

/// Looks up a link. The token is in the body, because addresses are logged by proxies.
pub const LOOK: CustomOperation = CustomOperation::open(
    "look-at-an-invitation",
    "POST",
    "/invitations/look",
    "Shows who an invitation's link is for and when it expires; the link stays valid.",
)
.documented(doc);

const TOKEN: &str = "/data/attributes/token";

fn doc() -> OperationDoc {
    let members = vec![("email-address", text()), ("organization", text()), ("ends-at", maybe(schema::time()))];
    let body = schema::Body::new().must("token", said(text(), "The value of token= in the link."));
    OperationDoc::fleeting(schema::resource("invitation", members, Vec::new())).taking(body)
}

/// `POST /invitations/look`
pub async fn look(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (request_id, read) = open(&app, request).await;
    let reply = match read {
        Ok((parts, body)) => looked(&app, &body)
            .await
            .map(|found| Answer::plain(Document::one(found)).into_reply(style_of(&parts), &Fieldsets::default())),
        Err(document) => Err(document),
    };
    answer(&request_id, reply)
}

async fn looked(app: &App, body: &Value) -> Result<Resource, ErrorDocument> {
    let body = BodyMembers::of(body);
    let token = body.only(&["/data/type", TOKEN]).and_then(|()| body.required_text(TOKEN));
    let token = token.map_err(|refusal| document_of(&refusal))?.to_owned();
    let view = app.reader.view(Scope::Installation, move |work| found(work, &token));
    view.await.map_err(|error| of_read(&error))
}

fn found(work: &mut UnitOfWork, token: &str) -> Verb<Resource> {
    let user = invited(work, token)?;
    let organization = work.existing::<Organization>("organization", user.organization_id.as_str())?;
    let mut resource = Resource::new("invitation", user.id.as_str());
    resource.attributes.set("email-address", user.email.clone());
    resource.attributes.set("organization", organization.name.clone());
    resource.attributes.set("ends-at", iso_or_null(user.invitation_ends_at.map(|end| end.0)));
    Ok(resource)
}
