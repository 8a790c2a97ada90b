//! Bodies: read within limits, in JSON or as a form, and taken apart with pointers.

use std::borrow::Cow;

use axum::body::{Body, Bytes};
use axum::extract::FromRequest;
use axum::http::{HeaderMap, Request, header};
use docket_kernel::Refusal;
use serde_json::{Map, Value};

use crate::error::{ErrorDocument, Surface};
use crate::inflection::{NAMES_OF_OTHERS, normalise};
use crate::multipart::{Limits, Part};
use crate::operation::{About, malformed};

/// The largest body, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;
/// The largest body of an operation that takes a whole setup, in bytes.
pub(crate) const LARGE_BODY_BYTES_MAX: usize = 8 << 20;
/// The largest body that may carry files, in bytes.
pub(crate) const FILES_BYTES_MAX: usize = 40 << 20;

/// Reads the raw body of a request.
pub(crate) async fn read(about: &About, body: Body) -> Result<Bytes, ErrorDocument> {
    let limit = match about {
        About { carries_files: true, .. } => FILES_BYTES_MAX,
        About { is_large: true, .. } => LARGE_BODY_BYTES_MAX,
        _ => BODY_BYTES_MAX,
    };
    axum::body::to_bytes(body, limit).await.map_err(|error| {
        let is_too_long = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>);
        if is_too_long {
            ErrorDocument::too_large(format!("the body is larger than the {limit} bytes this operation takes"))
        } else {
            ErrorDocument::bad_request("the body ended early")
        }
    })
}

fn essence(headers: &HeaderMap) -> String {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// What makes a body the same as another: its bytes, or, since each sending of a form draws a new boundary, what the
/// form says.
pub(crate) fn identity<'b>(headers: &HeaderMap, raw: &'b Bytes, understood: Option<&Value>) -> Cow<'b, [u8]> {
    match understood {
        Some(form) if essence(headers) == "multipart/form-data" => Cow::Owned(form.to_string().into_bytes()),
        _ => Cow::Borrowed(raw),
    }
}

/// Understands a raw body: normalised to kebab case. No body at all is null.
pub(crate) async fn parse(headers: &HeaderMap, bytes: &Bytes) -> Result<Value, ErrorDocument> {
    if bytes.is_empty() {
        return Ok(Value::Null);
    }
    let coding = headers.get(header::CONTENT_ENCODING).map(|coding| String::from_utf8_lossy(coding.as_bytes()));
    if let Some(coding) = coding.filter(|coding| !coding.trim().eq_ignore_ascii_case("identity")) {
        let shown: String = coding.chars().take(40).collect();
        let details = format!("the body is sent with Content-Encoding '{shown}'; send it uncompressed");
        return Err(ErrorDocument::unsupported_media_type(details));
    }
    let value = match essence(headers).as_str() {
        "multipart/form-data" => form(headers, bytes.clone()).await?,
        "application/json" | "application/vnd.api+json" => crate::json::parse(bytes)?,
        other => {
            let named = if other.is_empty() { "no content type" } else { other };
            let details = format!("{named} was sent; send application/json or multipart/form-data");
            return Err(ErrorDocument::unsupported_media_type(details));
        }
    };
    if !value.is_object() {
        return Err(ErrorDocument::bad_request("the body must be a JSON object"));
    }
    normalise(value, NAMES_OF_OTHERS)
        .map_err(|twice| ErrorDocument::bad_request("a member appears twice, in different casings").at(twice.pointer))
}

async fn form(headers: &HeaderMap, bytes: Bytes) -> Result<Value, ErrorDocument> {
    let broken = |error: &dyn std::fmt::Display| ErrorDocument::bad_request(format!("the form can't be read: {error}"));
    let mut request = Request::new(Body::from(bytes));
    request.headers_mut().extend(headers.get(header::CONTENT_TYPE).map(|kind| (header::CONTENT_TYPE, kind.clone())));
    let mut form = axum::extract::Multipart::from_request(request, &()).await.map_err(|error| broken(&error))?;
    let mut parts = Vec::new();
    while let Some(field) = form.next_field().await.map_err(|error| broken(&error))? {
        parts.push(Part {
            name: field.name().unwrap_or_default().to_owned(),
            filename: field.file_name().map(str::to_owned),
            content_type: field.content_type().map(str::to_owned),
            bytes: field.bytes().await.map_err(|error| broken(&error))?.to_vec(),
        });
    }
    Ok(crate::multipart::parse(parts, Limits::default())?)
}

/// A body's members, asked for by pointer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'b> {
    body: &'b Value,
}

impl<'b> Members<'b> {
    pub fn of(body: &'b Value) -> Self {
        Self { body }
    }

    /// The member at a pointer; null counts as absent.
    pub fn get(self, pointer: &str) -> Option<&'b Value> {
        self.body.pointer(pointer).filter(|value| !value.is_null())
    }

    /// Whether the member is there, be it null.
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

    /// A time in seconds, which the contract lets have a fraction: it is rounded.
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

    /// Refuses members that an operation of ours does not know. `known` are pointers to leaves or whole subtrees.
    pub fn only(self, known: &[&str]) -> Result<(), Refusal> {
        let mut findings = Vec::new();
        unknown(self.body, "", known, &mut findings);
        Refusal::of_all(findings).map_or(Ok(()), Err)
    }
}

fn unknown(value: &Value, at: &str, known: &[&str], findings: &mut Vec<Refusal>) {
    let Value::Object(members) = value else { return };
    for (name, member) in members {
        let pointer = format!("{at}/{}", crate::inflection::escape(name));
        if known.contains(&pointer.as_str()) {
            continue;
        }
        let prefix = format!("{pointer}/");
        if known.iter().any(|known| known.starts_with(&prefix)) {
            unknown(member, &pointer, known, findings);
        } else {
            let sentence = format!("{} is not a member of this operation; leave it out", dotted(&pointer));
            findings.push(malformed(&pointer, sentence));
        }
    }
}

/// A pointer as the contract's errors write places: `data.attributes.case_template_id`.
pub(crate) fn dotted(pointer: &str) -> String {
    pointer.trim_start_matches('/').replace('/', ".").replace('-', "_")
}

/// An error document as bytes.
pub(crate) fn bytes_of(document: &ErrorDocument, surface: Surface) -> Vec<u8> {
    document.to_bytes(surface)
}
