//! What an operation answers, and how an answer is remembered for an idempotency key.

use docket_access::digest;
use docket_kernel::{Actor, AnswerId, Refusal, UnitOfWork, Verb};

use crate::document::{Document, Style};
use crate::fieldset::Fieldsets;
use crate::store::{REMEMBERED_SECONDS, Remembered};

/// The longest idempotency key, in characters.
pub(crate) const KEY_CHARACTERS_MAX: usize = 255;

/// What an operation answers.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub document: Document,
    /// The version of the one object it is about.
    pub version: Option<i64>,
}

impl Answer {
    /// 200, about one object of this version.
    pub fn ok(document: Document, version: i64) -> Self {
        Self { status: 200, document, version: Some(version) }
    }

    /// 201, about a new object of this version.
    pub fn created(document: Document, version: i64) -> Self {
        Self { status: 201, document, version: Some(version) }
    }

    /// 200, about several or about something without a version.
    pub fn plain(document: Document) -> Self {
        Self { status: 200, document, version: None }
    }

    /// Writes the answer for its caller.
    pub(crate) fn into_reply(self, style: Style, fields: &Fieldsets) -> Reply {
        let body = self.document.into_bytes(style, fields);
        Reply { status: self.status, body, etag: self.version.map(etag), again: None }
    }
}

/// The ETag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// An answer as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub etag: Option<String>,
    /// The id of what has to be shown once more when all reactions are done.
    pub again: Option<String>,
}

/// An idempotency key, and what is asked under it.
#[derive(Clone, Debug)]
pub(crate) struct Idempotency {
    key: String,
    request_digest: String,
}

impl Idempotency {
    /// The key of a request with an `Idempotency-Key`, of whoever sends it.
    pub fn of(actor: &Actor, key: &str, method: &str, path: &str, body: &[u8]) -> Self {
        let owner = actor.recorded().1.unwrap_or_default();
        let body = digest(body);
        Self { key: format!("{owner}:{key}"), request_digest: digest(format!("{method} {path} {body}")) }
    }
}

/// Puts the answer that was remembered in this commit right, once all reactions are done.
pub(crate) fn amend(work: &mut UnitOfWork, idempotency: &Idempotency, reply: &Reply) -> Verb<()> {
    if let Some(known) = work.find::<Remembered>("key", &idempotency.key)? {
        let (body, etag) = (String::from_utf8_lossy(&reply.body).into_owned(), reply.etag.clone());
        work.change::<Remembered>(known.id.as_str(), |known| {
            known.body = body;
            known.etag = etag;
        })?;
    }
    Ok(())
}

/// Answers as the first request with this key was answered; else does it, and remembers the answer in the same commit:
/// where it succeeds, `instead` of it, if it must not be kept.
pub(crate) fn once(
    work: &mut UnitOfWork,
    actor: &Actor,
    idempotency: &Idempotency,
    instead: Option<&Reply>,
    act: impl Fn(&mut UnitOfWork) -> Verb<Reply>,
) -> Verb<Reply> {
    let known = work.find::<Remembered>("key", &idempotency.key)?;
    let now = work.now();
    let known = match known {
        Some(known) if known.created_at.plus_seconds(REMEMBERED_SECONDS) > now => {
            if known.request_digest != idempotency.request_digest {
                let sentence = "this Idempotency-Key was used for another request; use a new key for a new request";
                return Err(Refusal::rule("idempotency-key-reused", sentence).into());
            }
            let status = u16::try_from(known.status).unwrap_or(500);
            return Ok(Reply { status, body: known.body.clone().into_bytes(), etag: known.etag.clone(), again: None });
        }
        other => other,
    };
    let reply = act(work)?;
    let kept = instead.filter(|_| reply.status < 400).unwrap_or(&reply);
    let body = String::from_utf8_lossy(&kept.body).into_owned();
    let (status, etag) = (i64::from(kept.status), kept.etag.clone());
    match known {
        Some(old) => {
            work.change::<Remembered>(old.id.as_str(), |old| {
                old.request_digest.clone_from(&idempotency.request_digest);
                old.status = status;
                old.body = body;
                old.etag = etag;
                old.created_at = now;
            })?;
        }
        None => {
            let id = AnswerId::of(work.new_id(AnswerId::PREFIX));
            work.insert(Remembered {
                id,
                environment_id: actor.environment.clone(),
                version: 0,
                key: idempotency.key.clone(),
                request_digest: idempotency.request_digest.clone(),
                status,
                body,
                etag,
                created_at: now,
            });
        }
    }
    Ok(reply)
}
