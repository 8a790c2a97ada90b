//! Routes a request to its operation.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{FromRequestParts, RawPathParams, State};
use axum::http::{HeaderMap, Method, Request, Response, Uri, request};
use axum::routing::{MethodFilter, MethodRouter, on, post};

use crate::app::App;
use crate::contract;
use crate::custom_operation::CustomOperation;
use crate::error::{ErrorDocument, Surface};
use crate::openapi::OperationDoc;
use crate::operation::{List, Operation, OperationInfo};
use crate::pipeline::{admit, error_reply};
use crate::query::Query;
use crate::v1;

type Answering = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;
type Handler = Arc<dyn Fn(App, HashMap<String, String>, Request<Body>) -> Answering + Send + Sync>;

/// An operation with its handler. It can only be built from an [`About`], which names a permission.
pub struct Route {
    /// The description that the whole API uses.
    pub about: OperationInfo,
    /// The rest of its OpenAPI description.
    pub(crate) doc: fn() -> OperationDoc,
    handler: Handler,
}

impl Route {
    /// The route of an operation on one object.
    pub fn of<O: Operation>() -> Self {
        Self {
            about: O::ABOUT,
            doc: O::doc,
            handler: Arc::new(|app, path, request| Box::pin(crate::pipeline::serve::<O>(app, path, request))),
        }
    }

    /// The route of a list.
    pub fn list<L: List>() -> Self {
        Self {
            about: L::ABOUT,
            doc: L::doc,
            handler: Arc::new(|app, path, request| Box::pin(crate::page::serve::<L>(app, path, request))),
        }
    }

    fn method(self) -> MethodRouter<App> {
        let filter = match self.about.method {
            "POST" => MethodFilter::POST,
            "PATCH" => MethodFilter::PATCH,
            "PUT" => MethodFilter::PUT,
            "DELETE" => MethodFilter::DELETE,
            _ => MethodFilter::GET,
        };
        let handler = self.handler;
        on(filter, move |State(app): State<App>, Parts(path): Parts, request: Request<Body>| {
            handler(app, path, request)
        })
    }
}

/// The path parameters, by name. A value that can't be an id, because no database could store it, is not found: 404
/// (after 401), like any unknown id.
pub(crate) struct Parts(pub HashMap<String, String>);

impl FromRequestParts<App> for Parts {
    type Rejection = Response<Body>;

    async fn from_request_parts(parts: &mut request::Parts, app: &App) -> Result<Self, Self::Rejection> {
        let raw = RawPathParams::from_request_parts(parts, app).await;
        let path: Option<HashMap<_, _>> = raw.ok().and_then(|raw| {
            let part =
                |(name, value): (&str, &str)| (!value.contains('\0')).then(|| (name.to_owned(), value.to_owned()));
            raw.iter().map(part).collect()
        });
        match path {
            Some(path) => Ok(Self(path)),
            None => {
                Err(not_found(State(app.clone()), parts.method.clone(), parts.uri.clone(), parts.headers.clone()).await)
            }
        }
    }
}

/// The description of every operation under `/api/v1`.
pub fn operations() -> Vec<OperationInfo> {
    v1::routes().into_iter().map(|route| route.about).collect()
}

/// The operations outside the pipeline.
pub fn custom_operations() -> Vec<CustomOperation> {
    v1::custom_operations().into_iter().map(|(custom_operation, _)| custom_operation).collect()
}

/// The filters of every operation that lists, and of Docket's own operations that take none, by the operation's name.
static FILTERS: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let pipeline = v1::routes().into_iter().map(|route| (route.about, (route.doc)()));
    let custom_operation = v1::custom_operations()
        .into_iter()
        .map(|(custom_operation, _)| (custom_operation.about, (custom_operation.doc)()));
    let reading = pipeline
        .chain(custom_operation)
        .filter(|(about, doc)| about.method == "GET" && (doc.is_list() || about.surface == Surface::Ours));
    reading.map(|(about, doc)| (about.id, doc.all_filters().iter().map(|(name, _)| *name).collect())).collect()
});

/// Refuses a query with a filter or a sort that the operation does not have.
pub(crate) fn checked_filters(about: &OperationInfo, query: &Query) -> Result<(), ErrorDocument> {
    match FILTERS.get(about.id) {
        Some(known) => query.only_filters(known).map_err(|error| ErrorDocument::bad_request(error.details)),
        None => Ok(()),
    }
}

/// All routes of the API: `/api/v1/…` and `/ingest/{source}`.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for route in v1::routes() {
        router = reached(router, route.about.path, &route.method());
    }
    for (custom_operation, method) in v1::custom_operations() {
        router = reached(router, custom_operation.about.path, &method);
    }
    router
        .route("/ingest/{source}", post(v1::ingest::ingest))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .with_state(app)
}

/// A path below the API's base, with and without a trailing slash.
fn reached(router: Router<App>, path: &str, method: &MethodRouter<App>) -> Router<App> {
    router.route(&format!("/api/v1{path}"), method.clone()).route(&format!("/api/v1{path}/"), method.clone())
}

/// 404 for an unknown path; 401 first, as for every other path.
async fn not_found(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let document = not_served(&app, &method, uri.path())
        .unwrap_or_else(|| ErrorDocument::not_found(format!("there is no resource at {}", uri.path())));
    refused(&app, &method, headers, &document).await
}

/// 405 for a path that takes other methods, unless the contract has this method there: the contract defines no 405, and
/// a client that ignores it would take an erasure for done.
async fn method_not_allowed(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    let document = not_served(&app, &method, uri.path())
        .unwrap_or_else(|| ErrorDocument::method_not_allowed(format!("{} does not take {method}", uri.path())));
    refused(&app, &method, headers, &document).await
}

/// The refusal of an operation of the contract that Docket does not serve.
fn not_served(app: &App, method: &Method, path: &str) -> Option<ErrorDocument> {
    let path = contract::path_of(method.as_str(), path)?;
    let page = format!("{}{}", app.base, contract::COMPATIBILITY_PAGE);
    let details =
        format!("Docket does not serve {method} {path} of the published API; {page} lists the operations it serves");
    Some(ErrorDocument::not_found(details).coded("not-served").with("documentation", page))
}

async fn refused(app: &App, method: &Method, headers: HeaderMap, document: &ErrorDocument) -> Response<Body> {
    match admit(app, method, &headers, Surface::Contract).await {
        Ok(admitted) => admitted.respond(error_reply(document, Surface::Contract)),
        Err(response) => response,
    }
}
