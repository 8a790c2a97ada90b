//! What an operation returns, and how a response is stored for an idempotency key.

use std::io;
use std::sync::Arc;

use docket_access::digest;
use docket_kernel::{Actor, AnswerId, EnvironmentId, Json, Refusal, UnitOfWork, Verb, hex};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::document::{Document, Style};
use crate::fieldset::Fieldsets;
use crate::remembered::{erased, is_erased, note_included, subject_of_refusals, subjects_of};
use crate::store::{REMEMBERED_SECONDS, Remembered};

/// The longest idempotency key, in characters.
pub(crate) const KEY_CHARACTERS_MAX: usize = 255;

/// A longer refusal is not stored.
const REFUSAL_BYTES_MAX: usize = 4 << 10;
/// The approximate bytes that a stored response takes beside its key and its body.
const ROW_BYTES: usize = 256;

/// What an operation returns.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The document.
    pub document: Document,
    /// The version of the one object in the document.
    pub version: Option<i64>,
}

impl Answer {
    /// 200, for one object of this version.
    pub fn ok(document: Document, version: i64) -> Self {
        Self { status: 200, document, version: Some(version) }
    }

    /// 201, for a new object of this version.
    pub fn created(document: Document, version: i64) -> Self {
        Self { status: 201, document, version: Some(version) }
    }

    /// 200, for several objects or for something without a version.
    pub fn plain(document: Document) -> Self {
        Self { status: 200, document, version: None }
    }

    /// Renders the response for its caller.
    pub(crate) fn into_reply(self, style: Style, fields: &Fieldsets) -> Reply {
        let body = self.document.into_bytes(style, fields);
        Reply { status: self.status, body, etag: self.version.map(etag), again: None }
    }
}

/// The ETag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// A rendered response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
    pub etag: Option<String>,
    /// The id of the object to render once more after all reactions have run.
    pub again: Option<String>,
}

impl Reply {
    /// Whether the response is stored for an idempotency key: a success, or a short refusal by a rule. Other refusals
    /// (for the shape, the permission, the load) are not about the change, and a retry may succeed.
    fn is_remembered(&self) -> bool {
        match self.status {
            200..=299 => true,
            409 | 422 => self.body.len() <= REFUSAL_BYTES_MAX,
            _ => false,
        }
    }
}

/// An idempotency key, and the digest of the request that uses it.
#[derive(Clone, Debug)]
pub(crate) struct Idempotency {
    owner: Arc<str>,
    key: String,
    request_digest: String,
    /// The parts of the path: a refusal may quote content of the objects they name.
    named: Vec<String>,
    /// Whether the response may contain content of objects; the response to a redaction contains none.
    shows_content: bool,
}

impl Idempotency {
    /// The key of a request with an `Idempotency-Key`, scoped to the actor who sends it.
    pub fn of(actor: &Actor, key: &str, method: &str, path: &str, body: &Digest) -> Self {
        let owner = actor.recorded().1.unwrap_or_default();
        let request_digest = digest(format!("{method} {path} {}", body.0));
        let named = path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect();
        Self { key: format!("{owner}:{key}"), owner, request_digest, named, shows_content: method != "DELETE" }
    }

    /// The primary object of a response, and every object whose content the response may contain.
    fn subjects_of(&self, environment: &EnvironmentId, reply: &Reply) -> (Option<String>, Vec<String>) {
        if reply.status >= 400 {
            return (Some(subject_of_refusals(environment)), self.named.clone());
        }
        let subjects = if self.shows_content { subjects_of(reply) } else { Vec::new() };
        (subjects.first().cloned(), subjects)
    }

    /// The caller that the key belongs to.
    pub fn owner(&self) -> &str {
        &self.owner
    }

    /// The bytes that a response takes when it is stored for this key; 0 if it is not stored.
    pub fn size_of(&self, reply: &Reply) -> usize {
        if reply.is_remembered() { self.size_bytes(&reply.body) } else { 0 }
    }

    fn size_bytes(&self, body: &[u8]) -> usize {
        body.len() + self.key.len() + ROW_BYTES
    }

    /// The eviction group that a response with this status belongs to.
    fn eviction_group(&self, status: u16) -> String {
        let [refusals, answers] = eviction_groups(&self.owner);
        if status < 400 { answers } else { refusals }
    }
}

/// The eviction groups of a caller's stored responses, in the order in which they are evicted.
pub(crate) fn eviction_groups(owner: &str) -> [String; 2] {
    [format!("{owner}/refusals"), format!("{owner}/answers")]
}

/// The SHA-256 of a body: bodies are compared by their digest, and are never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Digest(String);

impl Digest {
    /// The digest of bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(digest(bytes))
    }

    /// The digest of a value's JSON, computed without a buffer.
    pub fn of_value(value: &Value) -> Self {
        let mut hash = Hash(Sha256::new());
        // Writing a value to a hash can't fail.
        drop(serde_json::to_writer(&mut hash, value));
        Self(hex(&hash.0.finalize()))
    }
}

struct Hash(Sha256);

impl io::Write for Hash {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Replaces the response that was stored in this commit, after all reactions have run.
pub(crate) fn amend(work: &mut UnitOfWork, idempotency: &Idempotency, reply: &Reply) -> Verb<()> {
    if let Some(known) = work.find::<Remembered>("key", &idempotency.key)? {
        let (body, etag) = (String::from_utf8_lossy(&reply.body).into_owned(), reply.etag.clone());
        let size_bytes = whole(idempotency.size_bytes(body.as_bytes()));
        work.change::<Remembered>(known.id.as_str(), |known| {
            known.body = body;
            known.etag = etag;
            known.size_bytes = size_bytes;
        })?;
    }
    Ok(())
}

/// Returns the response stored for this key, if any. Otherwise runs `act` and stores its response in the same commit,
/// if it is one to store; after a success, `instead` is stored in its place if given.
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
        Some(known) if known.created_at.plus_seconds(REMEMBERED_SECONDS) > now && !is_over(work, &known)? => {
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
    if !reply.is_remembered() {
        return Ok(reply);
    }
    let kept = instead.filter(|_| reply.status < 400).unwrap_or(&reply);
    let body = String::from_utf8_lossy(&kept.body).into_owned();
    let (status, etag) = (i64::from(kept.status), kept.etag.clone());
    let (eviction_group, size_bytes) =
        (idempotency.eviction_group(reply.status), whole(idempotency.size_bytes(body.as_bytes())));
    let (subject_id, subjects) = idempotency.subjects_of(&actor.environment, kept);
    let included = if reply.status < 400 { subjects.get(1..).unwrap_or_default() } else { &[] };
    match known {
        Some(old) => {
            note_included(work, &actor.environment, &old.id, included);
            work.change::<Remembered>(old.id.as_str(), |old| {
                old.request_digest.clone_from(&idempotency.request_digest);
                old.status = status;
                old.body = body;
                old.etag = etag;
                old.eviction_group = eviction_group;
                old.size_bytes = size_bytes;
                old.subject_id = subject_id;
                old.subjects = Json::new(subjects);
                old.created_at = now;
            })?;
        }
        None => {
            let id = AnswerId::of(work.new_id(AnswerId::PREFIX));
            note_included(work, &actor.environment, &id, included);
            work.insert(Remembered {
                id,
                environment_id: actor.environment.clone(),
                version: 0,
                key: idempotency.key.clone(),
                request_digest: idempotency.request_digest.clone(),
                status,
                body,
                etag,
                eviction_group,
                size_bytes,
                subject_id,
                subjects: Json::new(subjects),
                created_at: now,
            });
        }
    }
    Ok(reply)
}

/// Whether a stored response no longer applies: a refusal about an object that was redacted since is evaluated again. The
/// repetition of an erased success is refused, because the change of the first request remains.
fn is_over(work: &mut UnitOfWork, known: &Remembered) -> Verb<bool> {
    match (is_erased(work, known)?, known.status) {
        (true, 400..) => Ok(true),
        (true, _) => Err(erased().into()),
        (false, _) => Ok(false),
    }
}

/// Deletes stored responses. Ids that no longer exist are ignored.
pub fn forget(work: &mut UnitOfWork, ids: &[String]) -> Verb<()> {
    for id in ids {
        work.hint::<Remembered>(id);
    }
    for id in ids {
        work.remove::<Remembered>(id)?;
    }
    Ok(())
}

fn whole(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn reply(status: u16, bytes: usize) -> Reply {
        Reply { status, body: vec![b'x'; bytes], etag: None, again: None }
    }

    #[test]
    fn successes_and_short_refusals_by_a_rule_are_stored() {
        for status in [200, 201, 204] {
            assert!(reply(status, 10 << 20).is_remembered(), "{status}");
        }
        for status in [409, 422] {
            assert!(reply(status, REFUSAL_BYTES_MAX).is_remembered(), "{status}");
            assert!(!reply(status, REFUSAL_BYTES_MAX + 1).is_remembered(), "{status}");
        }
        for status in [400, 401, 403, 404, 408, 412, 413, 415, 428, 429, 500, 503] {
            assert!(!reply(status, 10).is_remembered(), "{status}");
        }
    }

    #[test]
    fn a_value_has_the_digest_of_its_json() {
        let value = json!({"z": [1, 2.5, "ä"], "a": null});
        assert_eq!(Digest::of_value(&value), Digest::of(value.to_string().as_bytes()));
    }
}
