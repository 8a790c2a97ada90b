//! An inquiry.

use serde_json::{Map, Value};

use super::{texts, typed};
use crate::document::{Linkage, Member, Ref, Relationships, Resource};
use crate::schema::{list, maybe, maybe_texts, maybe_times, resource, text, theirs, time, to_many, to_maybe};
use crate::time::{iso, iso_or_null};

/// Everything the API shows of an inquiry; the contract requires every attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InquiryView {
    /// The id.
    pub id: String,
    /// `created`, `pending`, `completed`, `expired`, `failed`, `needs_review`, `approved` or `declined`.
    pub status: String,
    /// The organization's own id of the person.
    pub reference_id: Option<String>,
    /// A note.
    pub note: Option<String>,
    /// Risk signals, as the vendor sent them.
    pub behaviors: Option<Map<String, Value>>,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// The e-mail address or kind of its creator; the contract allows no null here.
    pub creator: String,
    /// The reviewer's comment.
    pub reviewer_comment: Option<String>,
    /// When it was created.
    pub created_at: i64,
    /// When it last changed.
    pub updated_at: i64,
    /// When the person started it.
    pub started_at: Option<i64>,
    /// When it can no longer be started or continued.
    pub expires_at: Option<i64>,
    /// When the person finished it.
    pub completed_at: Option<i64>,
    /// When it failed.
    pub failed_at: Option<i64>,
    /// When it was marked for review.
    pub marked_for_review_at: Option<i64>,
    /// When it was approved or declined.
    pub decisioned_at: Option<i64>,
    /// When it expired.
    pub expired_at: Option<i64>,
    /// When its personal details were erased.
    pub redacted_at: Option<i64>,
    /// The last step that the person took.
    pub previous_step_name: Option<String>,
    /// The next step of the person.
    pub next_step_name: Option<String>,
    /// Its fields, as plain values or with their types.
    pub fields: Map<String, Value>,
    /// The id of its account.
    pub account_id: Option<String>,
    /// The id of its legacy template.
    pub template_id: Option<String>,
    /// The id of its template.
    pub inquiry_template_id: Option<String>,
    /// The id of its template's version.
    pub inquiry_template_version_id: Option<String>,
    /// The id of its transaction.
    pub transaction_id: Option<String>,
    /// Who approved or declined it: a `user`, a `workflow` or a `workflow-run`.
    pub reviewer: Option<Ref>,
    /// The reviewer in versions before 2021-07-05: an e-mail address, an id, or `api`.
    pub reviewer_shown: Option<String>,
    /// Its reports.
    pub reports: Vec<Ref>,
    /// Its verifications.
    pub verifications: Vec<Ref>,
    /// The ids of its sessions.
    pub session_ids: Vec<String>,
    /// Its documents.
    pub documents: Vec<Ref>,
    /// Its selfies.
    pub selfies: Vec<Ref>,
}

impl InquiryView {
    /// What the API shows of every inquiry.
    pub(crate) fn schema() -> Value {
        let attributes = [
            vec![("status", text()), ("creator", text()), ("created-at", time()), ("updated-at", time())],
            maybe_texts(&["reference-id", "note", "reviewer-comment", "previous-step-name", "next-step-name"]),
            maybe_times(&["started-at", "expires-at", "completed-at", "failed-at", "marked-for-review-at"]),
            maybe_times(&["decisioned-at", "expired-at", "redacted-at"]),
            vec![("behaviors", maybe(theirs())), ("tags", list(text())), ("fields", theirs())],
        ];
        let relationships = vec![
            ("account", to_maybe(Some("account"))),
            ("template", to_maybe(Some("template"))),
            ("inquiry-template", to_maybe(Some("inquiry-template"))),
            ("inquiry-template-version", to_maybe(Some("inquiry-template-version"))),
            ("transaction", to_maybe(Some("transaction"))),
            ("reviewer", to_maybe(None)),
            ("reports", to_many(None)),
            ("verifications", to_many(None)),
            ("sessions", to_many(Some("inquiry-session"))),
            ("documents", to_many(None)),
            ("selfies", to_many(None)),
        ];
        resource("inquiry", attributes.concat(), relationships)
    }

    /// Renders the inquiry.
    pub fn into_resource(mut self) -> Resource {
        let mut resource = Resource::new("inquiry", std::mem::take(&mut self.id));
        let api = || self.reviewer_shown.as_ref().map(|_| "api".to_owned());
        let reviewer_type = self.reviewer.as_ref().map(|reviewer| reviewer.kind.to_string()).or_else(api);
        resource.relationships = Some(self.take_relationships());
        let attributes = &mut resource.attributes;
        attributes.set("status", self.status);
        attributes.set("reference-id", self.reference_id);
        attributes.set("note", self.note);
        attributes.set("behaviors", self.behaviors);
        attributes.set("tags", texts(self.tags));
        attributes.set("creator", self.creator);
        attributes.set("reviewer-comment", self.reviewer_comment);
        attributes.set("created-at", iso(self.created_at));
        attributes.set("updated-at", iso(self.updated_at));
        attributes.set("started-at", iso_or_null(self.started_at));
        attributes.set("expires-at", iso_or_null(self.expires_at));
        attributes.set("completed-at", iso_or_null(self.completed_at));
        attributes.set("failed-at", iso_or_null(self.failed_at));
        attributes.set("marked-for-review-at", iso_or_null(self.marked_for_review_at));
        attributes.set("decisioned-at", iso_or_null(self.decisioned_at));
        attributes.set("expired-at", iso_or_null(self.expired_at));
        attributes.set("redacted-at", iso_or_null(self.redacted_at));
        attributes.set("previous-step-name", self.previous_step_name);
        attributes.set("next-step-name", self.next_step_name);
        attributes.add("fields", Member::Fields(typed::fields(self.fields).into()));
        // The rendering keeps either these or the relationship, depending on the version.
        attributes.set("reviewer", self.reviewer_shown);
        attributes.set("reviewer-type", reviewer_type);
        resource
    }

    fn take_relationships(&mut self) -> Relationships {
        use std::mem::take;
        let mut to = Relationships::default();
        to.one("account", "account", self.account_id.take());
        to.one("template", "template", self.template_id.take());
        to.one("inquiry-template", "inquiry-template", self.inquiry_template_id.take());
        let version = self.inquiry_template_version_id.take();
        to.one("inquiry-template-version", "inquiry-template-version", version);
        to.one("transaction", "transaction", self.transaction_id.take());
        to.link("reviewer", Linkage::One(self.reviewer.take()));
        to.link("reports", Linkage::Many(take(&mut self.reports)));
        to.link("verifications", Linkage::Many(take(&mut self.verifications)));
        to.many("sessions", "inquiry-session", take(&mut self.session_ids));
        to.link("documents", Linkage::Many(take(&mut self.documents)));
        to.link("selfies", Linkage::Many(take(&mut self.selfies)));
        to
    }
}
