//! How a verb refuses.

use std::fmt;

/// The result of a verb: a value, or a halt.
pub type Verb<T> = Result<T, Halt>;

/// Why a verb returned no value.
#[derive(Debug)]
pub enum Halt {
    /// A row it asked for is not in memory yet: the row is loaded, and the verb runs again.
    Missing(Missing),
    /// The verb refuses.
    Refused(Refusal),
}

/// Proof that the unit of work recorded a missing row. Only the unit of work can create one.
#[derive(Debug)]
pub struct Missing(pub(crate) ());

impl From<Refusal> for Halt {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The kind of a refusal; the API has one HTTP status for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RefusalKind {
    /// The request's shape is wrong (400).
    Malformed,
    /// The actor lacks the permission (403).
    Forbidden,
    /// The object does not exist, as far as this actor can see (404).
    Unknown,
    /// The request conflicts with the current state (409).
    Conflict,
    /// A precondition no longer holds (412).
    Stale,
    /// A precondition is required (428).
    Unconditional,
    /// A rule refuses it (422).
    Rule,
    /// An internal error (500).
    Internal,
}

/// A refusal with its reasons. Dereferences to its [`Detail`].
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, thiserror::Error)]
#[error("{}", .0.sentence)]
#[serde(transparent)]
pub struct Refusal(Box<Detail>);

/// A stable code, a sentence that says what was requested, what is the case and what to do, and the place of the cause
/// in the request.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Detail {
    /// The kind.
    pub kind: RefusalKind,
    /// Stable, machine-readable, kebab-case.
    pub code: String,
    /// The text for people.
    pub sentence: String,
    /// JSON pointer into the request, such as `/data/attributes/fields/amount`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub pointer: Option<String>,
    /// Further findings of the same request.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub also: Vec<Refusal>,
    /// How many findings there are beyond those listed.
    #[serde(skip_serializing_if = "is_none", default)]
    pub more: usize,
    /// Data for programs: the newer version, the list of holders.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub meta: Option<serde_json::Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
fn is_none(more: &usize) -> bool {
    *more == 0
}

impl std::ops::Deref for Refusal {
    type Target = Detail;
    fn deref(&self) -> &Detail {
        &self.0
    }
}

impl Refusal {
    /// A refusal of this kind.
    pub fn new(kind: RefusalKind, code: &str, sentence: impl fmt::Display) -> Self {
        Self(Box::new(Detail {
            kind,
            code: code.to_owned(),
            sentence: sentence.to_string(),
            pointer: None,
            also: Vec::new(),
            more: 0,
            meta: None,
        }))
    }

    /// A refusal by a rule.
    pub fn rule(code: &str, sentence: impl fmt::Display) -> Self {
        Self::new(RefusalKind::Rule, code, sentence)
    }

    /// A refusal because the object does not exist.
    pub fn unknown(what: &str, id: impl fmt::Display) -> Self {
        Self::new(RefusalKind::Unknown, "not-found", format_args!("{what} {id} is not found"))
    }

    /// An internal error.
    pub fn internal(sentence: impl fmt::Display) -> Self {
        Self::new(RefusalKind::Internal, "internal", sentence)
    }

    /// Sets the place of the cause in the request.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// Removes the place of the cause: it refers to a different request.
    #[must_use]
    pub fn nowhere(mut self) -> Self {
        self.0.pointer = None;
        self
    }

    /// Adds data for programs.
    #[must_use]
    pub fn with(mut self, meta: serde_json::Value) -> Self {
        self.0.meta = Some(meta);
        self
    }

    /// One refusal of several findings; `None` when there is none.
    pub fn of_all(findings: Vec<Self>) -> Option<Self> {
        let mut findings = findings.into_iter();
        let mut first = findings.next()?;
        first.0.also.extend(findings);
        Some(first)
    }

    /// Sets how many findings there are beyond those listed.
    #[must_use]
    pub fn and_more(mut self, more: usize) -> Self {
        self.0.more = more;
        self
    }

    /// This refusal and its further findings, in order.
    pub fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(&self.also)
    }
}
