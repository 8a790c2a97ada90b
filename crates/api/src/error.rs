//! The one document shape of every refusal of the API.

use serde_json::{Map, Value, json};

use crate::json::BodyError;

/// The surface of an operation: the contract's error documents are closed, Docket's own may have more members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// An operation of the published contract.
    Contract,
    /// One of Docket's own operations, outside the contract.
    Ours,
}

/// One error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorItem {
    /// The class of the refusal, as the contract names it.
    pub title: &'static str,
    /// What was requested, what the state is, and what to do.
    pub details: Option<String>,
    /// JSON pointer to the place in the body.
    pub pointer: Option<String>,
    /// A stable code for programs.
    pub code: Option<String>,
    /// Further data, such as the versions that differ.
    pub meta: Map<String, Value>,
}

impl ErrorItem {
    /// One error with its details.
    pub fn new(title: &'static str, details: impl Into<String>) -> Self {
        Self { title, details: Some(details.into()), ..Self::default() }
    }

    /// Sets the place in the body by its JSON pointer.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Sets a stable code for programs.
    #[must_use]
    pub fn coded(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds one member of `meta`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.meta.insert(name.to_owned(), value.into());
        self
    }
}

/// A complete refusal: one status, and all errors at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorDocument {
    /// The HTTP status.
    pub status: u16,
    /// The errors, at least one.
    pub errors: Vec<ErrorItem>,
}

/// The most findings that a response lists; it also gives the number of the others.
pub const FINDINGS_MAX: usize = 20;

/// The members beside the title that the contract allows in an error of one status.
struct Room {
    details: bool,
    meta: bool,
    source: bool,
}

impl Room {
    fn of(status: u16, surface: Surface) -> Self {
        match (status, surface) {
            (401, _) => Self { details: false, meta: false, source: false },
            (_, Surface::Ours) => Self { details: true, meta: true, source: true },
            (400 | 403 | 404 | 409, _) => Self { details: true, meta: true, source: false },
            (408 | 429 | 503, _) => Self { details: true, meta: false, source: false },
            (422, _) => Self { details: true, meta: false, source: true },
            _ => Self { details: true, meta: true, source: true },
        }
    }
}

impl ErrorDocument {
    /// A refusal for several reasons at once.
    pub fn of(status: u16, errors: Vec<ErrorItem>) -> Self {
        Self { status, errors }
    }

    /// A refusal that lists the first findings, and gives the number of the others: those of `findings` and `more`.
    pub(crate) fn of_findings(status: u16, findings: impl IntoIterator<Item = ErrorItem>, more: usize) -> Self {
        let mut findings = findings.into_iter();
        let mut errors: Vec<_> = findings.by_ref().take(FINDINGS_MAX).collect();
        let more = findings.count() + more;
        if let (Some(title), 1..) = (errors.last().map(|last| last.title), more) {
            let details = format!("{more} more findings are not listed; correct the listed ones and try again");
            errors.push(ErrorItem::new(title, details).coded("more-findings").with("count", more));
        }
        Self { status, errors }
    }

    fn one(status: u16, title: &'static str, details: impl Into<String>) -> Self {
        Self::of(status, vec![ErrorItem::new(title, details)])
    }

    /// 400: the request is not in the right shape.
    pub fn bad_request(details: impl Into<String>) -> Self {
        Self::one(400, "Bad Request", details)
    }

    /// 400: several members of the body are not in the right shape; each item is (pointer, details).
    pub fn malformed(members: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of_findings(400, items("Bad Request", members), 0)
    }

    /// 401: the request has no credential.
    pub fn unauthenticated() -> Self {
        Self::one(401, "Must be authenticated to access this endpoint", "send a valid key as a bearer token")
    }

    /// 401: the credential is unknown.
    pub fn token_invalid() -> Self {
        Self::one(401, "Token is invalid", "send a valid key as a bearer token")
    }

    /// 403: the key may not do this.
    pub fn forbidden(details: impl Into<String>) -> Self {
        Self::one(403, "Forbidden", details)
    }

    /// 404: no such record in the key's environment.
    pub fn not_found(details: impl Into<String>) -> Self {
        Self::one(404, "Record not found", details)
    }

    /// 405: the path is known, the method is not.
    pub fn method_not_allowed(details: impl Into<String>) -> Self {
        Self::one(405, "Method not allowed", details)
    }

    /// 406: no media type that the caller accepts is available.
    pub fn not_acceptable(details: impl Into<String>) -> Self {
        Self::one(406, "Not acceptable", details)
    }

    /// 408: the request did not arrive in time.
    pub fn timed_out(details: impl Into<String>) -> Self {
        Self::one(408, "Request Timeout", details)
    }

    /// 409: the record's current state does not allow this.
    pub fn conflict(details: impl Into<String>) -> Self {
        Self::one(409, "Conflict", details)
    }

    /// 409: another record has the value that must be unique.
    pub fn not_unique(details: impl Into<String>) -> Self {
        Self::one(409, "Record not unique", details)
    }

    /// 409: the record changed while the request was processed.
    pub fn stale() -> Self {
        Self::one(409, "Stale object error", "the record was changed in the meantime; read it and try again")
    }

    /// 412: the version named by `If-Match` is not the current one.
    pub fn precondition_failed(details: impl Into<String>) -> Self {
        Self::one(412, "Precondition failed", details)
    }

    /// 413: the body is larger than allowed.
    pub fn too_large(details: impl Into<String>) -> Self {
        Self::one(413, "Payload too large", details)
    }

    /// 415: the body is neither JSON nor a form.
    pub fn unsupported_media_type(details: impl Into<String>) -> Self {
        Self::one(415, "Unsupported media type", details)
    }

    /// 422: the request is in the right shape, and a rule refuses it.
    pub fn unprocessable(details: impl Into<String>) -> Self {
        Self::one(422, "Unprocessable entity", details)
    }

    /// 422: members of the body break rules; each item is (pointer, details).
    pub fn invalid(members: impl IntoIterator<Item = (String, String)>) -> Self {
        Self::of_findings(422, items("Record invalid", members), 0)
    }

    /// 428: the operation needs `If-Match`.
    pub fn precondition_required(details: impl Into<String>) -> Self {
        Self::one(428, "Precondition required", details)
    }

    /// 429: the key sent more requests in a minute than its limit.
    pub fn rate_limited(requests_per_minute: u64) -> Self {
        let details = format!("the limit of this key is {requests_per_minute} requests a minute; wait for Retry-After");
        Self::one(429, "Rate limit exceeded", details)
    }

    /// 429: the environment created more objects of one kind in a minute than its limit.
    pub fn quota_exceeded(details: impl Into<String>) -> Self {
        Self::one(429, "Quota exceeded", details)
    }

    /// 500: a fault of the server; the response contains no internals.
    pub fn internal() -> Self {
        Self::one(
            500,
            "Internal server error",
            "the server failed to process the request; the log lists it under its \
            Request-Id",
        )
    }

    /// 503: the server can't process the request now.
    pub fn unavailable(details: impl Into<String>) -> Self {
        Self::one(503, "Service unavailable", details)
    }

    /// Sets the pointer of the last error.
    #[must_use]
    pub fn at(self, pointer: impl Into<String>) -> Self {
        self.change_last(|item| item.at(pointer))
    }

    /// Sets the code of the last error.
    #[must_use]
    pub fn coded(self, code: impl Into<String>) -> Self {
        self.change_last(|item| item.coded(code))
    }

    /// Adds one member of `meta` to the last error.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
        self.change_last(|item| item.with(name, value))
    }

    fn change_last(mut self, change: impl FnOnce(ErrorItem) -> ErrorItem) -> Self {
        if let Some(item) = self.errors.pop() {
            self.errors.push(change(item));
        }
        self
    }

    /// Renders the document. On an operation of the contract, it has only the members that the contract allows.
    ///
    /// A pointer is in `source.pointer` where the contract has that member, otherwise in `meta.pointer`. A code is
    /// beside the title on Docket's own operations, and in `meta.code` on the contract's.
    pub fn to_value(&self, surface: Surface) -> Value {
        let room = Room::of(self.status, surface);
        let errors: Vec<Value> = self.errors.iter().map(|item| item.to_value(&room, surface)).collect();
        json!({ "errors": errors })
    }

    /// Renders the document as the bytes of a response.
    pub fn to_bytes(&self, surface: Surface) -> Vec<u8> {
        self.to_value(surface).to_string().into_bytes()
    }
}

impl From<BodyError> for ErrorDocument {
    fn from(error: BodyError) -> Self {
        let document = match error.status {
            413 => Self::too_large(error.message),
            _ => Self::bad_request(error.message),
        };
        match error.pointer {
            Some(pointer) => document.at(pointer),
            None => document,
        }
    }
}

impl ErrorItem {
    fn to_value(&self, room: &Room, surface: Surface) -> Value {
        let mut out = Map::new();
        let mut meta = self.meta.clone();
        out.insert("title".to_owned(), self.title.into());
        if let (true, Some(details)) = (room.details, &self.details) {
            out.insert("details".to_owned(), details.as_str().into());
        }
        match &self.code {
            Some(code) if surface == Surface::Ours && room.details => {
                drop(out.insert("code".to_owned(), code.as_str().into()));
            }
            Some(code) => drop(meta.insert("code".to_owned(), code.as_str().into())),
            None => {}
        }
        match &self.pointer {
            Some(pointer) if room.source => drop(out.insert("source".to_owned(), json!({ "pointer": pointer }))),
            Some(pointer) => drop(meta.insert("pointer".to_owned(), pointer.as_str().into())),
            None => {}
        }
        if room.meta && !meta.is_empty() {
            out.insert("meta".to_owned(), meta.into());
        }
        Value::Object(out)
    }
}

fn items(title: &'static str, members: impl IntoIterator<Item = (String, String)>) -> impl Iterator<Item = ErrorItem> {
    members.into_iter().map(move |(pointer, details)| ErrorItem::new(title, details).at(pointer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_its_status_and_title() {
        let table = [
            (ErrorDocument::bad_request("x"), 400, "Bad Request"),
            (ErrorDocument::unauthenticated(), 401, "Must be authenticated to access this endpoint"),
            (ErrorDocument::token_invalid(), 401, "Token is invalid"),
            (ErrorDocument::forbidden("x"), 403, "Forbidden"),
            (ErrorDocument::not_found("x"), 404, "Record not found"),
            (ErrorDocument::method_not_allowed("x"), 405, "Method not allowed"),
            (ErrorDocument::not_acceptable("x"), 406, "Not acceptable"),
            (ErrorDocument::timed_out("x"), 408, "Request Timeout"),
            (ErrorDocument::conflict("x"), 409, "Conflict"),
            (ErrorDocument::not_unique("x"), 409, "Record not unique"),
            (ErrorDocument::stale(), 409, "Stale object error"),
            (ErrorDocument::precondition_failed("x"), 412, "Precondition failed"),
            (ErrorDocument::too_large("x"), 413, "Payload too large"),
            (ErrorDocument::unsupported_media_type("x"), 415, "Unsupported media type"),
            (ErrorDocument::unprocessable("x"), 422, "Unprocessable entity"),
            (ErrorDocument::precondition_required("x"), 428, "Precondition required"),
            (ErrorDocument::rate_limited(300), 429, "Rate limit exceeded"),
            (ErrorDocument::quota_exceeded("x"), 429, "Quota exceeded"),
            (ErrorDocument::internal(), 500, "Internal server error"),
            (ErrorDocument::unavailable("x"), 503, "Service unavailable"),
        ];
        for (document, status, title) in table {
            assert_eq!(document.status, status);
            assert_eq!(document.to_value(Surface::Contract)["errors"][0]["title"], title);
        }
    }

    #[test]
    fn an_operation_of_the_contract_returns_only_members_of_the_contract() {
        let full = |status| {
            let item = ErrorItem::new("T", "d").at("/a").coded("c").with("more", 1);
            ErrorDocument::of(status, vec![item]).to_value(Surface::Contract)["errors"][0].clone()
        };
        let meta = json!({"more": 1, "code": "c", "pointer": "/a"});
        assert_eq!(full(400), json!({"title": "T", "details": "d", "meta": meta}));
        assert_eq!(full(409), full(400));
        assert_eq!(full(401), json!({"title": "T"}));
        assert_eq!(full(422), json!({"title": "T", "details": "d", "source": {"pointer": "/a"}}));
        assert_eq!(full(429), json!({"title": "T", "details": "d"}));
    }

    #[test]
    fn dockets_own_operations_return_code_and_pointer_beside_the_title() {
        let document = ErrorDocument::bad_request("d").at("/a").coded("c").with("more", 1);
        let said = json!({"title": "Bad Request", "details": "d", "code": "c", "source": {"pointer": "/a"}, "meta": {"more": 1}});
        assert_eq!(document.to_value(Surface::Ours), json!({"errors": [said]}));
        assert_eq!(
            ErrorDocument::token_invalid().to_value(Surface::Ours),
            json!({"errors": [{"title": "Token is invalid"}]})
        );
    }

    #[test]
    fn all_errors_are_returned_at_once() {
        let document =
            ErrorDocument::invalid([("/a".to_owned(), "one".to_owned()), ("/b".to_owned(), "two".to_owned())]);
        let errors = document.to_value(Surface::Contract)["errors"].clone();
        assert_eq!(errors[0]["source"]["pointer"], "/a");
        assert_eq!(errors[1]["source"]["pointer"], "/b");
        assert_eq!(errors[1]["details"], "two");
    }

    #[test]
    fn twenty_findings_are_listed_and_the_others_are_counted() {
        let findings = |count: usize| (0..count).map(|n| (format!("/{n}"), format!("wrong {n}")));
        assert_eq!(ErrorDocument::malformed(findings(FINDINGS_MAX)).errors.len(), FINDINGS_MAX);
        let one_more = ErrorDocument::invalid(findings(FINDINGS_MAX + 1));
        assert_eq!(one_more.errors.len(), FINDINGS_MAX + 1);
        let last = &one_more.errors[FINDINGS_MAX];
        assert_eq!((last.code.as_deref(), last.pointer.as_deref()), (Some("more-findings"), None));
        assert_eq!(last.meta["count"], 1);
        let counted = ErrorDocument::of_findings(400, items("Bad Request", findings(30)), 70);
        assert_eq!(counted.errors[FINDINGS_MAX].meta["count"], 80);
    }

    #[test]
    fn an_unreadable_body_becomes_a_refusal_with_its_pointer() {
        let refusal = ErrorDocument::from(BodyError::malformed("m", Some("/a".to_owned())));
        assert_eq!((refusal.status, refusal.errors[0].pointer.as_deref()), (400, Some("/a")));
        assert_eq!(ErrorDocument::from(BodyError::too_large("m", None)).status, 413);
    }
}
