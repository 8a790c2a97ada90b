//! Converts refusals of verbs to the API's errors.

use docket_kernel::{Halt, Refusal, RefusalKind};
use docket_storage::{ReadError, WriteError};
use serde_json::Value;

use crate::error::{ErrorDocument, ErrorItem};
use crate::page::unknown_cursor;

fn status(kind: RefusalKind) -> u16 {
    match kind {
        RefusalKind::Malformed => 400,
        RefusalKind::Forbidden => 403,
        RefusalKind::Unknown => 404,
        RefusalKind::Conflict => 409,
        RefusalKind::Stale => 412,
        RefusalKind::Unconditional => 428,
        RefusalKind::Rule => 422,
        RefusalKind::Internal => 500,
    }
}

fn title(refusal: &Refusal) -> &'static str {
    match refusal.kind {
        RefusalKind::Malformed => "Bad Request",
        RefusalKind::Forbidden => "Forbidden",
        RefusalKind::Unknown => "Record not found",
        RefusalKind::Conflict if refusal.code.ends_with("-taken") => "Record not unique",
        RefusalKind::Conflict => "Conflict",
        RefusalKind::Stale => "Precondition failed",
        RefusalKind::Unconditional => "Precondition required",
        RefusalKind::Rule if refusal.pointer.is_some() => "Record invalid",
        RefusalKind::Rule => "Unprocessable entity",
        RefusalKind::Internal => "Internal server error",
    }
}

/// Sets the place in the request that a verb's refusal is about.
pub(crate) fn at(pointer: &str) -> impl FnOnce(Halt) -> Halt {
    move |halt| match halt {
        Halt::Refused(refusal) => Halt::Refused(refusal.at(pointer)),
        missing @ Halt::Missing(_) => missing,
    }
}

/// A refusal and all its findings.
pub(crate) fn document_of(refusal: &Refusal) -> ErrorDocument {
    if refusal.kind == RefusalKind::Internal {
        tracing::error!(code = %refusal.code, reason = %refusal.sentence, "a request failed on our side");
        return ErrorDocument::internal();
    }
    ErrorDocument::of_findings(status(refusal.kind), refusal.all().map(item_of), refusal.more)
}

fn item_of(refusal: &Refusal) -> ErrorItem {
    let mut item = ErrorItem::new(title(refusal), &refusal.sentence).coded(&refusal.code);
    if let Some(pointer) = &refusal.pointer {
        item = item.at(pointer);
    }
    if let Some(Value::Object(meta)) = &refusal.meta {
        for (name, value) in meta {
            item = item.with(name, value.clone());
        }
    }
    item
}

/// The error document for a failed write.
pub(crate) fn of_write(error: &WriteError) -> ErrorDocument {
    match error {
        WriteError::Refused(refusal) => document_of(refusal),
        other => ErrorDocument::unavailable(other.to_string()).coded(other.code()),
    }
}

/// The error document for a failed read.
pub(crate) fn of_read(error: &ReadError) -> ErrorDocument {
    match error {
        ReadError::Refused(refusal) | ReadError::TooLarge(refusal) => document_of(refusal),
        ReadError::UnknownCursor => document_of(&unknown_cursor()),
        ReadError::Overloaded => ErrorDocument::unavailable(error.to_string()).coded("overloaded"),
        ReadError::TooSlow => ErrorDocument::unavailable(error.to_string()).coded("read-too-slow"),
        ReadError::Engine(engine) => {
            tracing::error!(error = %engine, "the database could not be read");
            ErrorDocument::unavailable("the database can't be read now; try again")
        }
    }
}
