//! Redacting objects: their content is erased permanently; their type, status and times stay.

use std::sync::Arc;

use docket_events::{Left, NewEvent, Redaction, begin_redaction, is_time, linked, record};
use docket_kernel::{Actor, Json, Moment, Permission, Refusal, RefusalKind, UnitOfWork, Verb};
use serde_json::Value;

use crate::object::{Object, key, tree};

/// Whether objects of a kind are redacted with the inquiry or account they belong to.
pub(crate) fn belongs(kind: &str) -> bool {
    let family = kind.split('/').next().unwrap_or_default();
    matches!(family, "inquiry" | "verification" | "report" | "document" | "selfie" | "inquiry-session")
}

impl Object {
    /// Keeps `redacted_with` consistent with its relationships: its inquiry, or else its account.
    pub(crate) fn keep_redacted_with(&mut self) {
        let inquiry = self.relationships.get("inquiry").and_then(|inquiry| inquiry.get("id")?.as_str());
        let inquiry = inquiry.map(|id| key(&self.environment_id, id)).filter(|_| self.kind != "inquiry");
        let with = inquiry.or_else(|| self.account_id.clone());
        self.redacted_with = with.filter(|_| self.redacted_at.is_none() && belongs(&self.kind));
    }

    /// Refuses new content for a redacted object. An account may get new content, as the published contract requires.
    pub(crate) fn takes_content(&self) -> Result<(), Refusal> {
        if self.redacted_at.is_none() || self.kind == "account" {
            return Ok(());
        }
        let sentence = format!("{} {} is redacted and takes no new content", self.kind, self.shown_id());
        Err(Refusal::new(RefusalKind::Conflict, "redacted", sentence))
    }

    /// Erases the content.
    fn blank(&mut self, now: Moment) {
        let times = self.attributes.iter().filter(|(name, value)| is_time(name, value) && *name != "redacted_at");
        self.attributes = Json::new(times.map(|(name, value)| (name.clone(), value.clone())).collect());
        let linked = self.relationships.iter().filter_map(|(name, value)| Some((name.clone(), linked(value)?)));
        self.relationships = Json::new(linked.collect());
        (self.reference_id, self.reference_key) = (None, None);
        (self.fields, self.tags) = (Json::default(), Json::default());
        (self.redacted_at, self.redacted_with) = (Some(now), None);
        self.as_of = self.as_of.max(now);
        self.updated_at = now;
    }

    /// Whether there is content to erase.
    fn has_content(&self) -> bool {
        let is_content = |(name, value): (&String, &Value)| !is_time(name, value);
        self.reference_id.is_some()
            || !self.fields.is_empty()
            || !self.tags.is_empty()
            || self.attributes.iter().any(is_content)
    }

    /// The API ids of the related objects that are redacted with it.
    fn parts(&self) -> Vec<String> {
        let mut parts = Vec::new();
        for value in self.relationships.values() {
            for one in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                let text = |name: &str| one.get(name).and_then(Value::as_str);
                if let (Some(kind), Some(id)) = (text("type"), text("id"))
                    && belongs(kind)
                    // An inquiry is redacted with its account, but not with objects that belong to the inquiry.
                    && (kind != "inquiry" || self.kind == "account")
                {
                    parts.push(id.to_owned());
                }
            }
        }
        parts
    }
}

/// Redacts an account; its inquiries and the objects that belong to them are redacted with it. For an account without
/// content the call succeeds and writes nothing.
pub fn redact_account(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<Arc<Object>> {
    actor.may(Permission::AccountWrite)?;
    let account = existing(work, actor, id, "account")?;
    if account.redacted_at.is_some() && !account.has_content() {
        return Ok(account);
    }
    redact(work, actor, &account, None)
}

/// Redacts an inquiry; its verifications, reports, documents, selfies and sessions are redacted with it. An inquiry
/// that is already redacted is a conflict.
pub fn redact_inquiry(work: &mut UnitOfWork, actor: &Actor, id: &str) -> Verb<Arc<Object>> {
    actor.may(Permission::InquiryWrite)?;
    let inquiry = existing(work, actor, id, "inquiry")?;
    if inquiry.redacted_at.is_some() {
        let sentence = format!("inquiry {id} is already redacted");
        return Err(Refusal::new(RefusalKind::Conflict, "redacted", sentence).into());
    }
    redact(work, actor, &inquiry, None)
}

/// Redacts an object with the one it belongs to; returns whether it was not redacted before.
pub fn redact_with(work: &mut UnitOfWork, cause: &Redaction, id: &str) -> Verb<bool> {
    let actor = cause.actor();
    match Object::named(work, &actor.environment, id)? {
        Some(object) if object.redacted_at.is_none() && belongs(&object.kind) => {
            redact(work, &actor, &object, Some(cause)).map(|_| true)
        }
        _ => Ok(false),
    }
}

/// Redacts an object that was redacted in a newer copy of this database, with the redaction that included it. Answers
/// whether it was not redacted here before; nothing where it is not here.
pub fn redact_again(work: &mut UnitOfWork, actor: &Actor, id: &str, cause: Option<&Redaction>) -> Verb<Option<bool>> {
    let Some(object) = Object::named(work, &actor.environment, id)? else { return Ok(None) };
    let is_account = object.kind == "account";
    actor.may(if is_account { Permission::AccountWrite } else { Permission::InquiryWrite })?;
    if object.redacted_at.is_some() && !(is_account && object.has_content()) {
        return Ok(Some(false));
    }
    redact(work, actor, &object, cause).map(|_| Some(true))
}

fn existing(work: &mut UnitOfWork, actor: &Actor, id: &str, kind: &str) -> Verb<Arc<Object>> {
    match Object::named(work, &actor.environment, id)? {
        Some(object) if object.kind == kind => Ok(object),
        _ => Err(Refusal::unknown(kind, id).into()),
    }
}

fn redact(work: &mut UnitOfWork, actor: &Actor, object: &Object, cause: Option<&Redaction>) -> Verb<Arc<Object>> {
    let left = Left { objects: object.parts(), ..Left::default() };
    let now = work.now();
    let object = work.change::<Object>(&object.id, |object| object.blank(now))?;
    // Only these two kinds have such an event in the catalog.
    let event = matches!(object.kind.as_str(), "account" | "inquiry").then(|| {
        let new_event = NewEvent::about(&*object, format!("{}.redacted", object.kind), tree(&object));
        record(work, actor, new_event.with_content_of(None))
    });
    begin_redaction(work, actor, (&object.kind, object.shown_id()), (event, left), cause)?;
    Ok(object)
}
