//! From a request to its response, the same way for every operation. The order of the checks: 401, 429, 404 for the
//! object in the path, 403, then the body: 408/413/415 and 400 for the shape, 409/412/428, 422 for the rule.

use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, request};
use docket_kernel::{Actor, Cause, Holding, Permission, Refusal, RefusalKind, RequestId, UnitOfWork, Verb};
use docket_storage::Command;
use serde_json::Value;

use crate::answer::{Idempotency, KEY_CHARACTERS_MAX, Reply, amend, once};
use crate::answer_bytes;
use crate::app::App;
use crate::body::{self, Limit, Received};
use crate::budget::Share;
use crate::credential::{Caller, NoActor, caller_of};
use crate::document::{Data, Style};
use crate::error::{ErrorDocument, Surface};
use crate::inflection::Inflection;
use crate::limiter::Allowance;
use crate::operation::{Context, IfMatch, Operation, OperationInfo};
use crate::query::Query;
use crate::refusal::{document_of, of_read, of_write};
use crate::router::checked_filters;
use crate::upload::{self, Uploads};
use crate::version::ApiVersion;

/// A request with an identified caller, within its rate limit.
pub(crate) struct Admitted {
    pub caller: Arc<Caller>,
    pub request_id: RequestId,
    pub allowance: Allowance,
}

/// Every check before the operation itself: 401 and 429. The error is the complete response.
pub(crate) async fn admit(
    app: &App,
    method: &Method,
    headers: &HeaderMap,
    surface: Surface,
) -> Result<Admitted, Response<Body>> {
    let request_id = app.new_request();
    let refused = |document: &ErrorDocument| {
        let mut response = respond(error_reply(document, surface));
        set(&mut response, "request-id", request_id.as_str());
        response
    };
    let caller = caller_of(app, method, headers).await.map_err(|no_actor| match no_actor {
        NoActor::Missing => refused(&ErrorDocument::unauthenticated()),
        NoActor::Invalid => refused(&ErrorDocument::token_invalid()),
        NoActor::Foreign(document) => refused(&document),
        NoActor::Failed(error) => refused(&of_read(&error)),
    })?;
    let limit = caller.rate_limit.unwrap_or(app.settings.rate_limit);
    let allowance = app.limiter.count(caller.id(), limit, app.now());
    let admitted = Admitted { caller, request_id, allowance };
    if allowance.is_exceeded {
        let document = ErrorDocument::rate_limited(u64::from(limit));
        let mut response = admitted.respond(error_reply(&document, surface));
        set(&mut response, "retry-after", &allowance.reset.to_string());
        return Err(response);
    }
    Ok(admitted)
}

impl Admitted {
    /// A response with the headers of every authenticated response.
    pub fn respond(&self, reply: Reply) -> Response<Body> {
        let is_to_wait = matches!(reply.status, 429 | 503);
        let mut response = respond(reply);
        let Allowance { limit, remaining, reset, .. } = self.allowance;
        set(&mut response, "request-id", self.request_id.as_str());
        set(&mut response, "persona-environment-id", self.caller.environment.as_str());
        set(&mut response, "persona-organization-id", self.caller.organization.as_str());
        set(&mut response, "ratelimit-limit", &limit.to_string());
        set(&mut response, "ratelimit-remaining", &remaining.to_string());
        set(&mut response, "ratelimit-reset", &reset.to_string());
        if is_to_wait {
            set(&mut response, "retry-after", "1");
        }
        response
    }

    /// The actor, with this request as the cause.
    pub fn actor(&self) -> Actor {
        let cause = Cause { request: Some(self.request_id.clone()), ..Cause::default() };
        self.caller.actor().because(cause)
    }

    /// The operation's view of the request; headers or a query that can't be read are returned as an error beside it.
    pub fn context(
        &self,
        app: &App,
        about: &OperationInfo,
        headers: &HeaderMap,
        query: &str,
        path: HashMap<String, String>,
    ) -> (Context, Option<ErrorDocument>) {
        // A header that is not text is not absent: it is decoded lossily, and treated like any invalid value.
        let text = |name: &str| headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let mut unreadable = None;
        let usual = self.caller.version;
        let version = ApiVersion::of_request(text("persona-version").as_deref(), usual).unwrap_or_else(|error| {
            unreadable = Some(ErrorDocument::bad_request(error.to_string()));
            usual
        });
        let inflection = Inflection::of_request(text("key-inflection").as_deref(), self.caller.inflection);
        let query = Query::parse(query).unwrap_or_else(|error| {
            unreadable = Some(ErrorDocument::bad_request(error.details));
            Query::default()
        });
        if let Err(document) = checked_filters(about, &query) {
            unreadable.get_or_insert(document);
        }
        let context = Context {
            actor: self.actor(),
            caller: Arc::clone(&self.caller),
            path,
            query,
            style: Style { inflection, version },
            if_match: text("if-match").as_deref().map_or(IfMatch::Absent, if_match),
            base: Arc::clone(&app.base),
            engine: Arc::clone(&app.engine),
            answer_bytes_max: app.settings.page_bytes_max,
            files: Arc::default(),
        };
        (context, unreadable)
    }
}

/// The versions that an `If-Match` names. An unknown tag matches nothing.
fn if_match(header: &str) -> IfMatch {
    if header.trim() == "*" {
        return IfMatch::Any;
    }
    IfMatch::Versions(header.split(',').filter_map(|tag| tag.trim().trim_matches('"').parse().ok()).collect())
}

pub(crate) fn error_reply(document: &ErrorDocument, surface: Surface) -> Reply {
    Reply { status: document.status, body: body::bytes_of(document, surface), etag: None, again: None }
}

pub(crate) fn respond(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::from(reply.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(reply.status).unwrap_or_default();
    set(&mut response, "content-type", "application/json; charset=utf-8");
    if let Some(etag) = &reply.etag {
        set(&mut response, "etag", etag);
    }
    response
}

pub(crate) fn set(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// Serves a request to an operation on one object.
pub(crate) async fn serve<O: Operation>(
    app: App,
    path: HashMap<String, String>,
    request: Request<Body>,
) -> Response<Body> {
    let about = O::ABOUT;
    let (parts, body) = request.into_parts();
    let admitted = match admit(&app, &parts.method, &parts.headers, about.surface).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let query = parts.uri.query().unwrap_or_default();
    let (context, unreadable) = admitted.context(&app, &about, &parts.headers, query, path);
    if about.method == "GET" {
        let shaped = match unreadable {
            Some(document) => Err(document),
            None => O::shape(&context, &Value::Null).map_err(|refusal| document_of(&refusal)),
        };
        let order = PreparedRequest { about, context, shaped, idempotency: None };
        return admitted.respond(order.read::<O>(&app).await);
    }
    if upload::is_for(&about, &parts.headers) {
        let reply = with_files::<O>(&app, context, unreadable, &parts.headers, body, &admitted.request_id).await;
        return admitted.respond(reply);
    }
    // The memory of the body is counted until the response is complete.
    let share = app.bodies.share(admitted.caller.id());
    let reply = match understood::<O>(&app, &context, unreadable, &parts, body, &share).await {
        Ok(Understood { shaped, weight, idempotency }) => {
            let order = PreparedRequest { about, context, shaped, idempotency };
            order.write::<O>(&app, weight, &admitted.request_id).await
        }
        Err(document) => error_reply(&document, about.surface),
    };
    drop(share);
    admitted.respond(reply)
}

/// Serves a form with files. The files are stored while they arrive, and abandoned if the request is refused.
async fn with_files<O: Operation>(
    app: &App,
    mut context: Context,
    unreadable: Option<ErrorDocument>,
    headers: &HeaderMap,
    body: Body,
    request: &RequestId,
) -> Reply {
    if let Err(document) = admissible::<O>(app, &context).await {
        return error_reply(&document, O::ABOUT.surface);
    }
    let mut uploads = Uploads::of(app, &context);
    let body = uploads.form(headers, body).await;
    context.files = uploads.files();
    let shaped = match unreadable {
        Some(document) => Err(document),
        None => body.and_then(|body| O::shape(&context, &body).map_err(|refusal| document_of(&refusal))),
    };
    let order = PreparedRequest { about: O::ABOUT, context, shaped, idempotency: None };
    let reply = order.write::<O>(app, uploads.weight(), request).await;
    if reply.status < 400 {
        uploads.keep();
    }
    reply
}

/// The parsed body, its weight in bytes, and the request's idempotency key.
struct Understood<I> {
    shaped: Result<I, ErrorDocument>,
    weight: usize,
    idempotency: Option<Idempotency>,
}

/// Reads the body, after the object in the path and the permission were checked. A small body that has already arrived
/// is read without these checks: the batch makes both before it looks at the body.
async fn understood<O: Operation>(
    app: &App,
    context: &Context,
    unreadable: Option<ErrorDocument>,
    parts: &request::Parts,
    body: Body,
    share: &Arc<Share>,
) -> Result<Understood<O::Input>, ErrorDocument> {
    let about = O::ABOUT;
    let key = idempotency_key(&about, &parts.headers);
    let may = context.actor.may(about.permission).is_ok();
    let is_judged = !may || unreadable.is_some() || key.is_err() || !body::is_small(&body);
    if is_judged {
        admissible::<O>(app, context).await?;
    }
    if let Some(document) = unreadable {
        return Err(document);
    }
    let key = key?.map(str::to_owned);
    let limit = Limit::of(&about, &parts.headers);
    let mut receiving = pin!(body::receive(limit, &parts.headers, body, share));
    let there = if is_judged { Poll::Pending } else { poll_once(receiving.as_mut()).await };
    let received = match there {
        Poll::Ready(Ok(received)) => received,
        Poll::Ready(Err(document)) => {
            admissible::<O>(app, context).await?;
            return Err(document);
        }
        Poll::Pending => {
            if !is_judged {
                admissible::<O>(app, context).await?;
            }
            receiving.await?
        }
    };
    let weight = received.len();
    let (shaped, idempotency) = if received.is_large() {
        let (context, headers, path) = (context.clone(), parts.headers.clone(), parts.uri.path().to_owned());
        let parse = move || shaped::<O>(&context, &headers, &path, key.as_deref(), received);
        body::parsed_apart(app, parse).await?
    } else {
        shaped::<O>(context, &parts.headers, parts.uri.path(), key.as_deref(), received)
    };
    Ok(Understood { shaped, weight, idempotency })
}

/// The body in the operation's form, and the request's idempotency key with the body's digest.
fn shaped<O: Operation>(
    context: &Context,
    headers: &HeaderMap,
    path: &str,
    key: Option<&str>,
    received: Received,
) -> (Result<O::Input, ErrorDocument>, Option<Idempotency>) {
    let about = O::ABOUT;
    match body::understand(Limit::of(&about, headers), headers, received) {
        Ok((value, raw)) => {
            let shaped = O::shape(context, &value).map_err(|refusal| document_of(&refusal));
            let digested = |key| {
                let digest = body::digest(&value, raw.as_ref());
                Idempotency::of(&context.actor, key, about.method, path, &digest)
            };
            (shaped, key.map(digested))
        }
        Err(document) => (Err(document), None),
    }
}

/// Checks that the object in the path exists (404), and that the caller has the permission (403).
async fn admissible<O: Operation>(app: &App, context: &Context) -> Result<(), ErrorDocument> {
    if O::ABOUT.path.contains('{') {
        let here = context.clone();
        let target = app.reader.view(context.caller.scope(), move |work| O::target(&here, work)).await;
        target.map_err(|error| of_read(&error))?;
    }
    context.actor.may(O::ABOUT.permission).map_err(|refusal| document_of(&refusal))
}

/// The result of a future if it is ready without waiting.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

/// The request's idempotency key; an empty one counts as none.
fn idempotency_key<'h>(about: &OperationInfo, headers: &'h HeaderMap) -> Result<Option<&'h str>, ErrorDocument> {
    let Some(key) = headers.get("idempotency-key").filter(|_| matches!(about.method, "POST" | "DELETE")) else {
        return Ok(None);
    };
    let key = std::str::from_utf8(key.as_bytes())
        .map_err(|_| ErrorDocument::bad_request("the Idempotency-Key is not UTF-8 text"))?;
    if key.chars().count() > KEY_CHARACTERS_MAX {
        let details = format!("an Idempotency-Key has at most {KEY_CHARACTERS_MAX} characters");
        return Err(ErrorDocument::bad_request(details));
    }
    Ok(Some(key).filter(|key| !key.is_empty()))
}

/// The response to a repeated request whose first response contained a secret.
fn shown_once() -> ErrorDocument {
    ErrorDocument::conflict(
        "a request with this Idempotency-Key was already processed, and its secret was shown once; if that response \
         was lost, revoke what it created and create another with a new key",
    )
}

/// An operation with everything that it needs to run.
struct PreparedRequest<I> {
    about: OperationInfo,
    context: Context,
    shaped: Result<I, ErrorDocument>,
    idempotency: Option<Idempotency>,
}

impl<I: Send + Sync + 'static> PreparedRequest<I> {
    async fn read<O: Operation<Input = I>>(self, app: &App) -> Reply {
        let surface = self.about.surface;
        let scope = self.context.caller.scope();
        match app.reader.view(scope, move |work| self.judged::<O>(&self.context, work)).await {
            Ok(reply) => reply,
            Err(error) => error_reply(&of_read(&error), surface),
        }
    }

    async fn write<O: Operation<Input = I>>(self, app: &App, weight: usize, request: &RequestId) -> Reply {
        let surface = self.about.surface;
        let scope = self.context.caller.scope();
        let subject = self.context.path.values().next().cloned().unwrap_or_else(|| request.to_string());
        let environment = self.context.caller.environment.key();
        let idempotency = self.idempotency.clone();
        let order = Arc::new(self);
        let again = Arc::clone(&order);
        let about = order.about;
        let mut command = Command::new(about.id, scope.clone(), move |work| order.act::<O>(work));
        if O::ANSWERS_AT_COMMIT {
            command = command.finally(move |work, reply: &Reply| again.show_again::<O>(work, reply));
        }
        let done = app.writer.submit(command.about(&subject).weighing(weight)).await;
        if matches!(about.permission, Permission::ApiKeyWrite | Permission::UserWrite) {
            app.credentials.forget();
        }
        match done {
            Ok(reply) => {
                if let Some(idempotency) = &idempotency {
                    answer_bytes::bound(app, &scope, environment, idempotency, &reply).await;
                }
                reply
            }
            Err(error) => error_reply(&of_write(&error), surface),
        }
    }

    /// Runs the operation with the caller's current permissions in this batch; refused if the credential has ended.
    fn act<O: Operation<Input = I>>(&self, work: &mut UnitOfWork) -> Verb<Reply> {
        self.context.caller.hint(work);
        let is_about_people = self.about.permission == Permission::UserWrite;
        let caller = self.context.caller.anew(work, if is_about_people { Holding::Alone } else { Holding::Shared });
        if work.is_halted() {
            // Loads what the operation will need in the same round.
            drop(self.act_once::<O>(&self.context, work));
        }
        match caller? {
            None => Ok(error_reply(&ErrorDocument::token_invalid(), self.about.surface)),
            Some(caller) if caller.permissions == self.context.caller.permissions => {
                self.act_once::<O>(&self.context, work)
            }
            Some(caller) => self.act_once::<O>(&self.context.asked_by(caller), work),
        }
    }

    /// Runs the operation once for its idempotency key; a refusal by a rule is a response too.
    fn act_once<O: Operation<Input = I>>(&self, context: &Context, work: &mut UnitOfWork) -> Verb<Reply> {
        let answered = |work: &mut UnitOfWork| {
            Ok(match work.attempt(|work| self.judged::<O>(context, work))? {
                Ok(reply) => reply,
                Err(refusal) => error_reply(&document_of(&refusal), self.about.surface),
            })
        };
        match &self.idempotency {
            Some(idempotency) => {
                let kept = O::ANSWER_IS_SECRET.then(|| error_reply(&shown_once(), self.about.surface));
                once(work, &context.actor, idempotency, kept.as_ref(), answered)
            }
            None => answered(work),
        }
    }

    /// Renders the object once more, in its state after all reactions have run.
    fn show_again<O: Operation<Input = I>>(&self, work: &mut UnitOfWork, reply: &Reply) -> Verb<Option<Reply>> {
        let Some(id) = &reply.again else { return Ok(None) };
        let Some(caller) = self.context.caller.anew(work, Holding::Shared)? else { return Ok(None) };
        let answer = O::at_commit(&self.context.asked_by(caller), work, id)?;
        let reply = answer.into_reply(self.context.style, &self.context.query.fields);
        if let Some(idempotency) = &self.idempotency {
            amend(work, idempotency, &reply)?;
        }
        Ok(Some(reply))
    }

    fn judged<O: Operation<Input = I>>(&self, context: &Context, work: &mut UnitOfWork) -> Verb<Reply> {
        let version = O::target(context, work)?;
        context.actor.may(self.about.permission)?;
        // A rule that depends only on the body is still a rule: it is checked after the precondition.
        if let Err(document) = &self.shaped
            && document.status != 422
        {
            return Ok(error_reply(document, self.about.surface));
        }
        if let (Some(version), IfMatch::Versions(expected)) = (version, &context.if_match)
            && self.about.method != "GET"
            && !O::JUDGES_PRECONDITION
            && !expected.contains(&version)
        {
            let sentence = "it was changed since you read it; read it again, then retry";
            return Err(Refusal::new(RefusalKind::Stale, "stale", sentence).into());
        }
        let input = match &self.shaped {
            Ok(input) => input,
            Err(document) => return Ok(error_reply(document, self.about.surface)),
        };
        let answer = O::run(context, work, input)?;
        let again = match &answer.document.data {
            Data::One(resource) if O::ANSWERS_AT_COMMIT => Some(resource.id.clone()),
            _ => None,
        };
        let reply = answer.into_reply(context.style, &context.query.fields);
        Ok(Reply { again, ..reply })
    }
}
