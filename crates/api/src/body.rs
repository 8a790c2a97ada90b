//! Bodies: read within limits, parsed as JSON or as a form, and accessed by pointer.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart};
use axum::http::{HeaderMap, Request, header};
use docket_kernel::Refusal;
use http_body_util::BodyExt as _;
use hyper::body::{Frame, SizeHint};
use serde_json::{Map, Value};

use crate::answer::Digest;
use crate::app::App;
use crate::budget::{FORM_FACTOR, JSON_FACTOR, Share};
use crate::error::{ErrorDocument, FINDINGS_MAX, Surface};
use crate::inflection::{NAMES_OF_OTHERS, normalise};
use crate::multipart::{Limits, Part};
use crate::operation::{OperationInfo, malformed};

/// The largest body of JSON, in bytes; also the largest webhook.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// The largest body of an operation that takes a whole bundle, in bytes.
pub(crate) const LARGE_BODY_BYTES_MAX: usize = 8 << 20;
/// The largest form that may carry files, in bytes.
pub(crate) const FILES_BYTES_MAX: usize = 40 << 20;
/// The largest body of an operation without an identified caller, or about the caller's session, in bytes.
pub(crate) const OPEN_BODY_BYTES_MAX: usize = 16 << 10;
/// A larger body is parsed on a separate thread: the threads that serve requests stay free.
const PARSED_AT_ONCE_BYTES_MAX: usize = 64 << 10;

/// A body as it arrives: checked against its limit, and counted in its caller's share.
struct Metered {
    body: Body,
    left: usize,
    limit: Limit,
    share: Arc<Share>,
    refused: Arc<OnceLock<ErrorDocument>>,
}

/// How large a body may be, and the factor of memory for each byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub bytes: usize,
    factor: usize,
    /// Whether the body belongs to an operation that takes files, which a form carries.
    takes_files: bool,
}

impl Limit {
    /// The limit of a webhook.
    pub const WEBHOOK: Self = Self { bytes: BODY_BYTES_MAX, factor: JSON_FACTOR, takes_files: false };
    /// The limit of an operation outside of the pipeline.
    pub const OPEN: Self = Self { bytes: OPEN_BODY_BYTES_MAX, factor: JSON_FACTOR, takes_files: false };

    /// The limit of a body of an operation.
    pub fn of(about: &OperationInfo, headers: &HeaderMap) -> Self {
        let is_form = is_form(headers);
        let bytes = match about {
            OperationInfo { carries_files: true, .. } if is_form => FILES_BYTES_MAX,
            OperationInfo { is_large: true, .. } => LARGE_BODY_BYTES_MAX,
            _ => BODY_BYTES_MAX,
        };
        let factor = if is_form { FORM_FACTOR } else { JSON_FACTOR };
        Self { bytes, factor, takes_files: about.carries_files && !is_form }
    }

    fn refusal(self) -> ErrorDocument {
        let bytes = self.bytes;
        let advice = if self.takes_files { "; send files as a form (multipart/form-data)" } else { "" };
        ErrorDocument::too_large(format!("the body is larger than the {bytes} bytes this operation takes{advice}"))
    }
}

impl HttpBody for Metered {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            let left = self.left.checked_sub(data.len()).ok_or_else(|| self.limit.refusal());
            let counted = left.and_then(|left| self.share.grow(data.len() * self.limit.factor).map(|()| left));
            match counted {
                Ok(left) => self.left = left,
                Err(document) => {
                    drop(self.refused.set(document));
                    return Poll::Ready(Some(Err(axum::Error::new("the body was refused"))));
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that arrived completely.
pub(crate) enum Received {
    /// Anything but a form.
    Raw(Bytes),
    /// The parts of a form.
    Form(Vec<Part>),
}

impl Received {
    /// Its size in bytes.
    pub fn len(&self) -> usize {
        match self {
            Self::Raw(bytes) => bytes.len(),
            Self::Form(parts) => parts.iter().map(|part| part.name.len() + part.bytes.len()).sum(),
        }
    }

    /// Whether it takes long to parse.
    pub fn is_large(&self) -> bool {
        is_large(self.len())
    }
}

/// Whether a body of so many bytes takes long to parse.
pub(crate) fn is_large(bytes: usize) -> bool {
    bytes > PARSED_AT_ONCE_BYTES_MAX
}

/// Parses a large body on a separate thread.
pub(crate) async fn parsed_apart<T: Send + 'static>(
    app: &App,
    parse: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ErrorDocument> {
    let Ok(_turn) = app.parsing.acquire().await else { return Err(ErrorDocument::internal()) };
    tokio::task::spawn_blocking(parse).await.map_err(|_| ErrorDocument::internal())
}

/// Whether a body of this length is read at once, before the object in the path is looked up: it is small, and if it
/// has already arrived, the lookup is saved.
pub(crate) fn is_small(body: &Body) -> bool {
    body.size_hint().upper().is_some_and(|bytes| bytes <= PARSED_AT_ONCE_BYTES_MAX as u64)
}

/// Receives a body of any media type.
pub(crate) async fn receive(
    limit: Limit,
    headers: &HeaderMap,
    body: Body,
    share: &Arc<Share>,
) -> Result<Received, ErrorDocument> {
    if !is_form(headers) || body.is_end_stream() {
        return read(body, limit, share).await.map(Received::Raw);
    }
    let (metered, refused) = metered(body, limit, share)?;
    let form = form(headers, metered).await;
    match refused.get() {
        Some(document) => Err(document.clone()),
        None => form.map(Received::Form),
    }
}

/// Reads a raw body.
pub(crate) async fn read(body: Body, limit: Limit, share: &Arc<Share>) -> Result<Bytes, ErrorDocument> {
    let (metered, refused) = metered(body, limit, share)?;
    let collected = metered.collect().await;
    match (collected, refused.get()) {
        (Ok(collected), _) => Ok(collected.to_bytes()),
        (Err(_), Some(document)) => Err(document.clone()),
        (Err(_), None) => Err(ErrorDocument::bad_request("the body ended early")),
    }
}

/// A body with its meter and the slot for a refusal's reason. One with too large a Content-Length is not read.
fn metered(
    body: Body,
    limit: Limit,
    share: &Arc<Share>,
) -> Result<(Metered, Arc<OnceLock<ErrorDocument>>), ErrorDocument> {
    if body.size_hint().lower() > limit.bytes as u64 {
        return Err(limit.refusal());
    }
    let refused = Arc::new(OnceLock::new());
    let metered = Metered { body, left: limit.bytes, limit, share: Arc::clone(share), refused: Arc::clone(&refused) };
    Ok((metered, refused))
}

/// The parts of a form, in the order in which they arrive.
async fn form(headers: &HeaderMap, body: Metered) -> Result<Vec<Part>, ErrorDocument> {
    let broken = |error: &dyn std::fmt::Display| ErrorDocument::bad_request(format!("the form can't be read: {error}"));
    identity_coded(headers)?;
    let mut request = Request::new(Body::new(body));
    request.headers_mut().extend(headers.get(header::CONTENT_TYPE).map(|kind| (header::CONTENT_TYPE, kind.clone())));
    // The meter has the limit; the extractor's own would be 2 MiB.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.map_err(|error| broken(&error))?;
    let (mut parts, limits) = (Vec::new(), Limits::default());
    while let Some(mut field) = form.next_field().await.map_err(|error| broken(&error))? {
        let mut part = Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            bytes: Vec::new(),
            stored: None,
        };
        while let Some(piece) = field.chunk().await.map_err(|error| broken(&error))? {
            part.bytes.extend_from_slice(&piece);
            limits.check(&part, parts.len() + 1)?;
        }
        limits.check(&part, parts.len() + 1)?;
        parts.push(part);
    }
    Ok(parts)
}

fn is_form(headers: &HeaderMap) -> bool {
    essence(headers) == "multipart/form-data"
}

pub(crate) fn essence(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Refuses a body that is compressed.
pub(crate) fn identity_coded(headers: &HeaderMap) -> Result<(), ErrorDocument> {
    let coding = headers.get(header::CONTENT_ENCODING).map(|coding| String::from_utf8_lossy(coding.as_bytes()));
    match coding.filter(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        None => Ok(()),
        Some(coding) => {
            let shown: String = coding.chars().take(40).collect();
            let details = format!("the body is sent with Content-Encoding '{shown}'; send it uncompressed");
            Err(ErrorDocument::unsupported_media_type(details))
        }
    }
}

/// Parses a body of JSON, with names normalized to kebab case. An empty body is null.
fn parse(headers: &HeaderMap, bytes: &[u8], limit: usize) -> Result<Value, ErrorDocument> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    identity_coded(headers)?;
    match essence(headers).as_str() {
        "application/json" | "application/vnd.api+json" => {
            normalised(crate::json::parse_within(bytes, crate::json::values_max(limit))?)
        }
        other => {
            let named = if other.is_empty() { "no content type" } else { other };
            let details = format!("{named} was sent; send application/json or multipart/form-data");
            Err(ErrorDocument::unsupported_media_type(details))
        }
    }
}

pub(crate) fn normalised(value: Value) -> Result<Value, ErrorDocument> {
    if !value.is_object() {
        return Err(ErrorDocument::bad_request("the body must be a JSON object"));
    }
    normalise(value, NAMES_OF_OTHERS)
        .map_err(|twice| ErrorDocument::bad_request("a member appears twice, in different casings").at(twice.pointer))
}

/// Parses a body, and returns its bytes unless it is a form.
pub(crate) fn understand(
    limit: Limit,
    headers: &HeaderMap,
    received: Received,
) -> Result<(Value, Option<Bytes>), ErrorDocument> {
    match received {
        Received::Raw(bytes) => Ok((parse(headers, &bytes, limit.bytes)?, Some(bytes))),
        Received::Form(parts) => Ok((normalised(crate::multipart::parse(parts, Limits::default())?)?, None)),
    }
}

/// The digest by which two bodies are compared: of the bytes, or, for a form, of its content, because each sending of a
/// form has a new boundary.
pub(crate) fn digest(value: &Value, raw: Option<&Bytes>) -> Digest {
    raw.map_or_else(|| Digest::of_value(value), |bytes| Digest::of(bytes))
}

/// A body's members, accessed by pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyMembers<'b> {
    body: &'b Value,
}

impl<'b> BodyMembers<'b> {
    pub fn of(body: &'b Value) -> Self {
        Self { body }
    }

    /// The member at a pointer; null counts as absent.
    pub fn get(self, pointer: &str) -> Option<&'b Value> {
        self.body.pointer(pointer).filter(|value| !value.is_null())
    }

    /// Whether the member is present, even if it is null.
    pub fn has(self, pointer: &str) -> bool {
        self.body.pointer(pointer).is_some()
    }

    pub fn text(self, pointer: &str) -> Result<Option<&'b str>, Refusal> {
        match self.get(pointer) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(malformed(pointer, format_args!("{} must be text", dotted(pointer)))),
        }
    }

    pub fn required_text(self, pointer: &str) -> Result<&'b str, Refusal> {
        match self.text(pointer)? {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(malformed(pointer, format_args!("{} is missing", dotted(pointer)))),
        }
    }

    pub fn object(self, pointer: &str) -> Result<Option<&'b Map<String, Value>>, Refusal> {
        match self.get(pointer) {
            None => Ok(None),
            Some(Value::Object(members)) => Ok(Some(members)),
            Some(_) => Err(malformed(pointer, format_args!("{} must be an object", dotted(pointer)))),
        }
    }

    pub fn integer(self, pointer: &str) -> Result<Option<i64>, Refusal> {
        match self.get(pointer) {
            None => Ok(None),
            // Forms carry text.
            Some(Value::String(text)) if text.parse::<i64>().is_ok() => Ok(text.parse().ok()),
            Some(value) => value
                .as_i64()
                .or_else(|| {
                    value
                        .as_f64()
                        .filter(|n| n.fract() == 0.0 && n.abs() < 1e15)
                        .and_then(|n| format!("{n:.0}").parse().ok())
                })
                .map(Some)
                .ok_or_else(|| malformed(pointer, format_args!("{} must be a whole number", dotted(pointer)))),
        }
    }

    /// A time in seconds. The contract allows a fraction, which is rounded.
    pub fn seconds(self, pointer: &str) -> Result<Option<i64>, Refusal> {
        let fraction = self.get(pointer).filter(|value| value.is_f64()).and_then(Value::as_f64);
        match fraction.filter(|seconds| seconds.abs() < 1e15).and_then(|seconds| format!("{seconds:.0}").parse().ok()) {
            Some(seconds) => Ok(Some(seconds)),
            None => self.integer(pointer),
        }
    }

    pub fn boolean(self, pointer: &str) -> Result<Option<bool>, Refusal> {
        match self.get(pointer) {
            None => Ok(None),
            Some(Value::Bool(is_so)) => Ok(Some(*is_so)),
            // Forms carry text.
            Some(Value::String(text)) if text == "true" || text == "false" => Ok(Some(text == "true")),
            Some(_) => Err(malformed(pointer, format_args!("{} must be true or false", dotted(pointer)))),
        }
    }

    pub fn texts(self, pointer: &str) -> Result<Option<Vec<String>>, Refusal> {
        let wrong = || malformed(pointer, format_args!("{} must be a list of texts", dotted(pointer)));
        match self.get(pointer) {
            None => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(wrong()),
        }
    }

    /// Refuses members that one of Docket's own operations lacks. `known` are pointers to leaves or whole subtrees.
    pub fn only(self, known: &[&str]) -> Result<(), Refusal> {
        let (mut findings, mut more) = (Vec::new(), 0);
        unknown(self.body, "", known, &mut findings, &mut more);
        Refusal::of_all(findings).map_or(Ok(()), |refusal| Err(refusal.and_more(more)))
    }
}

/// Collects the unknown members, and counts those beyond the number that a response lists.
fn unknown(value: &Value, at: &str, known: &[&str], findings: &mut Vec<Refusal>, more: &mut usize) {
    let Value::Object(members) = value else { return };
    for (name, member) in members {
        let pointer = format!("{at}/{}", crate::inflection::escape(name));
        if known.contains(&pointer.as_str()) {
            continue;
        }
        let prefix = format!("{pointer}/");
        if known.iter().any(|known| known.starts_with(&prefix)) {
            unknown(member, &pointer, known, findings, more);
        } else if findings.len() >= FINDINGS_MAX {
            *more += 1;
        } else {
            let sentence = format!("{} is not a member of this operation; leave it out", dotted(&pointer));
            findings.push(malformed(&pointer, sentence));
        }
    }
}

/// A pointer in the form that the contract's errors use: `data.attributes.case_template_id`.
pub(crate) fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace('-', "_")
}

/// An error document as bytes.
pub(crate) fn bytes_of(document: &ErrorDocument, surface: Surface) -> Vec<u8> {
    document.to_bytes(surface)
}
