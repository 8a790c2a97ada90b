//! `GET /openapi`: the API's description.

use axum::body::Body;
use axum::extract::State;
use axum::http::Response;

use crate::answer::Reply;
use crate::app::App;
use crate::custom_operation::{CustomOperation, answer};
use crate::openapi::{self, OperationDoc};
use crate::schema::{object, text, theirs};

/// Describes the API.
pub const DESCRIBE: CustomOperation =
    CustomOperation::open("describe-the-api", "GET", "/openapi", "Describes this API, as OpenAPI 3.1.").documented(
        || {
            OperationDoc::bare(object(vec![
                ("openapi", text()),
                ("info", theirs()),
                ("paths", theirs()),
                ("components", theirs()),
            ]))
        },
    );

/// Returns the description.
pub async fn describe(State(app): State<App>) -> Response<Body> {
    let body = openapi::document(&app.engine).to_string().into_bytes();
    answer(&app.new_request(), Ok(Reply { status: 200, body, etag: None, again: None }))
}
