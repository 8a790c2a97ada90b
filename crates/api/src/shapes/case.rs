//! A case.

use serde_json::{Map, Value, json};

use super::texts;
use crate::document::{Linkage, Member, Ref, Relationships, Resource};
use crate::schema::{
    list, maybe_texts, maybe_times, object, resource, text, theirs, time, to_many, to_maybe, to_one, whole,
};
use crate::time::{iso, iso_or_null};

/// Everything the API shows of a case.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseView {
    /// The id.
    pub id: String,
    /// The name of its status.
    pub status: String,
    /// Its key, such as `KYC-11`.
    pub name: String,
    /// Its resolution.
    pub resolution: Option<String>,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: Option<i64>,
    /// When it was last assigned.
    pub assigned_at: Option<i64>,
    /// When it reached a final status.
    pub resolved_at: Option<i64>,
    /// When its personal details were erased.
    pub redacted_at: Option<i64>,
    /// When its deadline expires.
    pub sla_expires_at: Option<i64>,
    /// Who created it.
    pub creator: Option<Actor>,
    /// The e-mail address of its assignee.
    pub assignee_id: Option<String>,
    /// Who assigned it.
    pub assigner: Option<Actor>,
    /// Who resolved it.
    pub resolver: Option<Actor>,
    /// Who last changed it.
    pub updater: Option<Actor>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// Its fields as its template defines them, plain values by key.
    pub fields: Map<String, Value>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// The id of its template.
    pub case_template_id: String,
    /// The id of the queue it waits in.
    pub case_queue_id: Option<String>,
    /// The ids of its comments.
    pub case_comment_ids: Vec<String>,
    /// The ids of its accounts.
    pub account_ids: Vec<String>,
    /// The ids of its inquiries.
    pub inquiry_ids: Vec<String>,
    /// Its reports; a type such as `report/watchlist`.
    pub reports: Vec<Ref>,
    /// Its verifications; a type such as `verification/selfie`.
    pub verifications: Vec<Ref>,
    /// The ids of its transactions.
    pub transaction_ids: Vec<String>,
}

/// An actor on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// A user's e-mail address, or the id of another actor.
    pub id: String,
    /// `user`, `workflow-run` or `case-assignment-policy`.
    pub kind: String,
}

/// A file on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Its file name.
    pub filename: String,
    /// Its address.
    pub url: String,
    /// Its size in bytes.
    pub byte_size: u64,
}

impl CaseView {
    /// What the API shows of every case.
    pub(crate) fn schema() -> Value {
        let file = object(vec![("filename", text()), ("url", text()), ("byte-size", whole())]);
        let attributes = [
            vec![("status", text()), ("name", text()), ("created-at", time())],
            maybe_texts(&["resolution", "creator-id", "creator-type", "assignee-id", "assigner-id", "assigner-type"]),
            maybe_texts(&["resolver-id", "resolver-type", "updater-id", "updater-type"]),
            maybe_times(&["updated-at", "assigned-at", "resolved-at", "redacted-at", "sla-expires-at"]),
            vec![("tags", list(text())), ("fields", theirs()), ("attachments", list(file))],
        ];
        let relationships = vec![
            ("case-template", to_one("case-template")),
            ("case-queue", to_maybe(Some("case-queue"))),
            ("case-comments", to_many(Some("case-comment"))),
            ("accounts", to_many(Some("account"))),
            ("inquiries", to_many(Some("inquiry"))),
            ("reports", to_many(None)),
            ("verifications", to_many(None)),
            ("txns", to_many(Some("transaction"))),
        ];
        resource("case", attributes.concat(), relationships)
    }

    /// Renders the case.
    pub fn into_resource(mut self) -> Resource {
        let mut resource = Resource::new("case", std::mem::take(&mut self.id));
        resource.relationships = Some(self.take_relationships());
        let attributes = &mut resource.attributes;
        attributes.set("status", self.status);
        attributes.set("name", self.name);
        attributes.set("resolution", self.resolution);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso_or_null(self.updated_at));
        attributes.set("assigned-at", iso_or_null(self.assigned_at));
        attributes.set("resolved-at", iso_or_null(self.resolved_at));
        attributes.set("redacted-at", iso_or_null(self.redacted_at));
        attributes.set("sla-expires-at", iso_or_null(self.sla_expires_at));
        let (id, kind) = apart(self.creator);
        attributes.set("creator-id", id);
        attributes.set("creator-type", kind);
        attributes.set("assignee-id", self.assignee_id);
        let (id, kind) = apart(self.assigner);
        attributes.set("assigner-id", id);
        attributes.set("assigner-type", kind);
        let (id, kind) = apart(self.resolver);
        attributes.set("resolver-id", id);
        attributes.set("resolver-type", kind);
        let (id, kind) = apart(self.updater);
        attributes.set("updater-id", id);
        attributes.set("updater-type", kind);
        attributes.set("tags", texts(self.tags));
        attributes.add("fields", Member::Fields(self.fields.into()));
        let attachments: Vec<Value> = self.attachments.iter().map(attachment).collect();
        attributes.set("attachments", attachments);
        resource
    }

    fn take_relationships(&mut self) -> Relationships {
        use std::mem::take;
        let mut to = Relationships::default();
        to.one("case-template", "case-template", Some(take(&mut self.case_template_id)));
        to.one("case-queue", "case-queue", self.case_queue_id.take());
        to.many("case-comments", "case-comment", take(&mut self.case_comment_ids));
        to.many("accounts", "account", take(&mut self.account_ids));
        to.many("inquiries", "inquiry", take(&mut self.inquiry_ids));
        to.link("reports", Linkage::Many(take(&mut self.reports)));
        to.link("verifications", Linkage::Many(take(&mut self.verifications)));
        to.many("txns", "transaction", take(&mut self.transaction_ids));
        to
    }
}

fn apart(actor: Option<Actor>) -> (Option<String>, Option<String>) {
    actor.map(|actor| (actor.id, actor.kind)).unzip()
}

/// The address of a file on a case, below the path of the public address.
pub(crate) fn attachment_url(base: &str, case: &str, file: &str) -> String {
    format!("{base}/api/v1/cases/{case}/attachments/{file}")
}

fn attachment(attachment: &Attachment) -> Value {
    json!({"filename": attachment.filename, "url": attachment.url, "byte-size": attachment.byte_size})
}
