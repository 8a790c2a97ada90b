//! A case, the objects it holds, and its reference tree.

use std::sync::Arc;

use docket_kernel::{
    Actor, CaseId, CaseObjectId, CaseTemplateId, EnvironmentId, Json, Moment, Refusal, RefusalKind, StatusId,
    UnitOfWork, Verb,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::status::Statuses;
use crate::store::OBJECTS_OF_CASE;

docket_kernel::entity! {
    /// A file about a person or a matter that needs a decision.
    pub struct Case in "case_record" {
        table: {
            rank: 60, lock: Row(version), scope: environment_id,
            unique: ["name"], asked: ["status_id", "open_assignee_id"], events: event_ordinal
        },
        /// Its id.
        id: CaseId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// Its case template.
        template_id: CaseTemplateId,
        /// Its status.
        status_id: StatusId,
        /// Its number, shown to users: `KYC-11`.
        name: String,
        /// The name of the end status it reached.
        resolution: Option<String>,
        /// Its field values, plain, by key.
        fields: Json<Map<String, Value>>,
        /// Its tags, by name.
        tags: Json<Vec<String>>,
        /// Its files.
        attachments: Json<Vec<Attachment>>,
        /// The queue it is in.
        queue_id: Option<String>,
        /// Its creator: an e-mail address, or a run's id.
        creator_id: Option<String>,
        /// `user` or `workflow-run`.
        creator_type: Option<String>,
        /// The e-mail address of the person it is assigned to.
        assignee_id: Option<String>,
        /// The assignee while the case is open, null once it is resolved; queries for open cases use it.
        open_assignee_id: Option<String>,
        /// Its assigner.
        assigner_id: Option<String>,
        /// `user`, `workflow-run` or `case-assignment-policy`.
        assigner_type: Option<String>,
        /// Its resolver.
        resolver_id: Option<String>,
        /// `user` or `workflow-run`.
        resolver_type: Option<String>,
        /// The actor of its last change.
        updater_id: Option<String>,
        /// `user`, `workflow-run` or `case-assignment-policy`.
        updater_type: Option<String>,
        /// When it was created.
        created_at: Moment,
        /// When it last changed.
        updated_at: Option<Moment>,
        /// When it was last assigned.
        assigned_at: Option<Moment>,
        /// When it reached an end status.
        resolved_at: Option<Moment>,
        /// When its personal data was erased.
        redacted_at: Option<Moment>,
        /// When its deadline expires.
        sla_expires_at: Option<Moment>,
    }
}

impl Case {
    /// Records the actor and time of the last change.
    pub(crate) fn touch(&mut self, actor: &Actor, now: Moment) {
        let (id, kind) = actor.shown().map(|(id, kind)| (id.as_ref().to_owned(), kind.to_owned())).unzip();
        self.updated_at = Some(now);
        self.updater_id = id;
        self.updater_type = kind;
    }

    /// Refuses new content for a redacted case.
    pub(crate) fn takes_content(&self) -> Result<(), Refusal> {
        if self.redacted_at.is_none() {
            return Ok(());
        }
        let sentence = format!("case {} is redacted and takes no new content", self.id);
        Err(Refusal::new(RefusalKind::Conflict, "redacted", sentence))
    }

    /// Keeps `open_assignee_id` consistent with the assignee and with whether the case is open.
    pub(crate) fn keep_open_assignee(&mut self) {
        self.open_assignee_id = self.assignee_id.clone().filter(|_| self.resolved_at.is_none());
    }
}

/// A file on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The id under which its content is stored.
    pub id: String,
    /// Its filename.
    pub filename: String,
    /// Its size in bytes.
    pub byte_size: u64,
}

docket_kernel::entity! {
    /// A row for each object that a case holds.
    pub struct CaseObject in "case_object" {
        table: { rank: 61, lock: Append, scope: environment_id, unique: ["pair"], asked: ["case_id", "object_id"] },
        /// Its id.
        id: CaseObjectId,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The case.
        case_id: CaseId,
        /// The object's key.
        object_id: Arc<str>,
        /// The object's type.
        kind: String,
        /// The keys of the case and the object, joined: an object is in a case at most once.
        pair: String,
        /// When the object was added.
        created_at: Moment,
    }
}

impl CaseObject {
    /// The id of the object in the API.
    pub fn shown_id(&self) -> &str {
        self.object_id.split_once('/').map_or(&self.object_id, |(_, id)| id)
    }
}

/// The objects of a case, in the order in which they were added.
pub fn objects_of(work: &mut UnitOfWork, case: &Case) -> Verb<Vec<Arc<CaseObject>>> {
    work.ask::<CaseObject>(&OBJECTS_OF_CASE, case.id.as_str())
}

/// The case with this API id in this environment.
pub(crate) fn existing(work: &mut UnitOfWork, id: &CaseId) -> Verb<Arc<Case>> {
    work.existing("case", id.as_str())
}

/// The current case as a reference tree.
pub fn tree_of(work: &mut UnitOfWork, case: &Case) -> Verb<Value> {
    work.hint_ask(&OBJECTS_OF_CASE, case.id.as_str());
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, case)?;
    Ok(tree(case, statuses.name(&case.status_id), &objects))
}

/// The relation in which objects of a type appear; `None` for types that a case only lists as `objects`.
fn relation(kind: &str) -> Option<&'static str> {
    match kind.split('/').next().unwrap_or_default() {
        "account" => Some("accounts"),
        "inquiry" => Some("inquiries"),
        "report" => Some("reports"),
        "verification" => Some("verifications"),
        "transaction" => Some("transactions"),
        "document" => Some("documents"),
        _ => None,
    }
}

/// A case as a reference tree, which is also the form stored in events.
pub fn tree(case: &Case, status: &str, objects: &[Arc<CaseObject>]) -> Value {
    let moment = |at: Option<Moment>| at.map(|at| at.to_string());
    let mut tree = Map::with_capacity(36);
    let mut set = |name: &str, value: Value| drop(tree.insert(name.to_owned(), value));
    set("type", "case".into());
    set("id", case.id.as_str().into());
    set("status", status.into());
    set("name", case.name.as_str().into());
    set("resolution", case.resolution.as_deref().into());
    set("created_at", case.created_at.to_string().into());
    set("updated_at", case.updated_at.unwrap_or(case.created_at).to_string().into());
    set("assigned_at", moment(case.assigned_at).into());
    set("resolved_at", moment(case.resolved_at).into());
    set("redacted_at", moment(case.redacted_at).into());
    set("sla_expires_at", moment(case.sla_expires_at).into());
    set("creator_id", case.creator_id.as_deref().into());
    set("creator_type", case.creator_type.as_deref().into());
    set("assignee_id", case.assignee_id.as_deref().into());
    set("assigner_id", case.assigner_id.as_deref().into());
    set("assigner_type", case.assigner_type.as_deref().into());
    set("resolver_id", case.resolver_id.as_deref().into());
    set("resolver_type", case.resolver_type.as_deref().into());
    set("updater_id", case.updater_id.as_deref().into());
    set("updater_type", case.updater_type.as_deref().into());
    set("tags", case.tags.iter().cloned().collect());
    set("fields", Value::Object((*case.fields).clone()));
    set("attachments", case.attachments.iter().map(attachment).collect());
    set("template", json!({"type": "case-template", "id": case.template_id}));
    set("queue", case.queue_id.as_ref().map_or(Value::Null, |id| json!({"type": "case-queue", "id": id})));
    for name in ["accounts", "inquiries", "reports", "verifications", "transactions", "documents"] {
        let related = objects.iter().filter(|object| relation(&object.kind) == Some(name));
        set(name, related.map(|object| json!({"type": object.kind, "id": object.shown_id()})).collect());
    }
    Value::Object(tree)
}

fn attachment(attachment: &Attachment) -> Value {
    json!({"id": attachment.id, "filename": attachment.filename, "byte_size": attachment.byte_size})
}
