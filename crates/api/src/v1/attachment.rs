//! `GET /cases/{case-id}/attachments/{file-id}`: the bytes of a file on a case, chunk by chunk.

use std::ops::Range;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response};
use docket_cases::{CHUNK_BYTES, FileContent, chunk_of, file_of};
use docket_kernel::{Blob, Permission, Scope};
use docket_storage::{ReadError, Reader};
use http_body_util::channel::{Channel, Sender};

use crate::app::App;
use crate::custom_operation::CustomOperation;
use crate::error::{ErrorDocument, ErrorItem, Surface};
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::{admit, error_reply, set};
use crate::refusal::{document_of, of_read};
use crate::router::Parts;

/// Downloads a file of a case, of any type.
pub const DOWNLOAD: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "download-an-attachment",
        "GET",
        "/cases/{case-id}/attachments/{file-id}",
        Permission::CaseRead,
        "Downloads a file of a case: a PDF, or a PNG, JPEG, GIF or WebP image. A Range header with one range selects a \
         part of it.",
    ),
    "*/*",
)
.documented(|| OperationDoc::default().with_header("Content-Disposition").in_ranges());

/// The number of chunks buffered for a slow client.
const WAITING_MAX: usize = 1;

/// Sends a file as an attachment that no browser executes.
pub async fn attachment(State(app): State<App>, Parts(mut path): Parts, headers: HeaderMap) -> Response<Body> {
    let admitted = match admit(&app, &Method::GET, &headers, Surface::Ours).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let mut part = |name: &str| path.remove(name).unwrap_or_default();
    let (case, file) = (part("case-id"), part("file-id"));
    let scope = admitted.caller.scope();
    let found = app.reader.view(scope.clone(), move |work| file_of(work, &case, &file));
    let file = match found.await {
        Ok(file) => file,
        Err(error) => return admitted.respond(error_reply(&of_read(&error), Surface::Ours)),
    };
    if let Err(refusal) = DOWNLOAD.may(&admitted.actor()) {
        return admitted.respond(error_reply(&document_of(&refusal), Surface::Ours));
    }
    let size = u64::try_from(file.byte_size).unwrap_or_default();
    let etag = format!("\"{}\"", file.digest);
    let (status, range) = match Selected::of(&headers, &etag, size) {
        Selected::All => (200, 0..size),
        Selected::Part(range) => (206, range),
        Selected::Nothing => {
            let mut response = admitted.respond(error_reply(&outside(size), Surface::Ours));
            set(&mut response, "content-range", &format!("bytes */{size}"));
            return response;
        }
    };
    let reply = crate::answer::Reply { status, body: Vec::new(), etag: Some(etag), again: None };
    let mut response = admitted.respond(reply);
    set(&mut response, "content-type", &file.content_type);
    set(&mut response, "content-disposition", "attachment");
    set(&mut response, "x-content-type-options", "nosniff");
    set(&mut response, "content-security-policy", "sandbox; default-src 'none'");
    set(&mut response, "accept-ranges", "bytes");
    set(&mut response, "content-length", &(range.end - range.start).to_string());
    if status == 206 {
        set(&mut response, "content-range", &format!("bytes {}-{}/{size}", range.start, range.end - 1));
    }
    let (sender, channel) = Channel::new(WAITING_MAX);
    tokio::spawn(send(app.reader.clone(), scope, file, range, sender));
    response.map(|_| Body::new(channel))
}

/// Sends a part of a file chunk by chunk; each chunk is read after the previous one was sent. If the file is removed
/// meanwhile, the response is aborted.
async fn send(
    reader: Reader,
    scope: Scope,
    file: Arc<FileContent>,
    range: Range<u64>,
    mut sender: Sender<Bytes, axum::Error>,
) {
    let chunk_bytes = CHUNK_BYTES as u64;
    let mut at = range.start;
    while at < range.end {
        let ordinal = at / chunk_bytes;
        let begins = ordinal * chunk_bytes;
        let part = match chunk(&reader, &scope, &file, ordinal).await {
            Ok(Some(blob)) => {
                let within =
                    |place: u64| usize::try_from(place - begins).unwrap_or(CHUNK_BYTES).min(blob.bytes().len());
                let part = within(at)..within(range.end.min(begins + chunk_bytes));
                Bytes::from_owner(blob).slice(part)
            }
            Ok(None) => return sender.abort(axum::Error::new("a part of the file is not there")),
            Err(error) => return sender.abort(axum::Error::new(error)),
        };
        if part.is_empty() {
            return sender.abort(axum::Error::new("a part of the file is shorter than it was"));
        }
        at += part.len() as u64;
        // The client disconnected.
        if sender.send_data(part).await.is_err() {
            return;
        }
    }
}

async fn chunk(
    reader: &Reader,
    scope: &Scope,
    file: &Arc<FileContent>,
    ordinal: u64,
) -> Result<Option<Blob>, ReadError> {
    let (file, ordinal) = (file.id.clone(), i64::try_from(ordinal).unwrap_or(i64::MAX));
    reader.view(scope.clone(), move |work| chunk_of(work, &file, ordinal)).await
}

fn outside(size: u64) -> ErrorDocument {
    let details = format!("the Range header selects nothing of the file's {size} bytes");
    ErrorDocument::of(416, vec![ErrorItem::new("Range not satisfiable", details).coded("range-not-satisfiable")])
}

/// The part of a file that a request selects.
#[derive(Debug, PartialEq, Eq)]
enum Selected {
    All,
    Part(Range<u64>),
    Nothing,
}

impl Selected {
    /// Reads the Range header. One with another unit, several ranges or invalid syntax selects the whole file, and so
    /// does one for another version of the file.
    fn of(headers: &HeaderMap, etag: &str, size: u64) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if text("if-range").is_some_and(|tag| tag.trim() != etag) {
            return Self::All;
        }
        let range = text("range").and_then(|range| range.trim().strip_prefix("bytes="));
        let Some((first, last)) = range.and_then(|range| range.split_once('-')) else { return Self::All };
        let (first, last) = (first.trim(), last.trim());
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
        let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
        let range = match (is_number(first), is_number(last)) {
            (true, true) if number(first) > number(last) => return Self::All,
            (true, true) => number(first)..number(last).saturating_add(1).min(size),
            (true, false) if last.is_empty() => number(first)..size,
            (false, true) if first.is_empty() => size.saturating_sub(number(last))..size,
            _ => return Self::All,
        };
        if range.start < range.end { Self::Part(range) } else { Self::Nothing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selected(pairs: &[(&'static str, &str)]) -> Selected {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, value.parse().expect("a value"));
        }
        Selected::of(&headers, "\"d\"", 10)
    }

    #[test]
    fn one_range_selects_a_part_and_anything_else_all() {
        let table = [
            ("bytes=0-0", Selected::Part(0..1)),
            ("bytes=2-5", Selected::Part(2..6)),
            ("bytes=2-", Selected::Part(2..10)),
            ("bytes=9-99", Selected::Part(9..10)),
            ("bytes=-3", Selected::Part(7..10)),
            ("bytes=-99", Selected::Part(0..10)),
            ("bytes=10-", Selected::Nothing),
            ("bytes=10-11", Selected::Nothing),
            ("bytes=-0", Selected::Nothing),
            ("bytes=5-2", Selected::All),
            ("bytes=0-1,3-4", Selected::All),
            ("bytes=-", Selected::All),
            ("bytes=x-1", Selected::All),
            ("lines=0-1", Selected::All),
        ];
        for (range, wanted) in table {
            assert_eq!(selected(&[("range", range)]), wanted, "{range}");
        }
        assert_eq!(selected(&[]), Selected::All);
    }

    #[test]
    fn a_range_of_another_version_selects_all() {
        assert_eq!(selected(&[("range", "bytes=0-0"), ("if-range", "\"d\"")]), Selected::Part(0..1));
        assert_eq!(selected(&[("range", "bytes=0-0"), ("if-range", "\"e\"")]), Selected::All);
    }
}
