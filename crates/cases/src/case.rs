//! A case, what it holds, and how it reads as a tree.

use std::sync::Arc;

use docket_kernel::{
    Actor, CaseId, CaseObjectId, CaseTemplateId, EnvironmentId, Json, Kind, Moment, Refusal, StatusId, UnitOfWork, Verb,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::status::Statuses;
use crate::store::OBJECTS_OF_CASE;

docket_kernel::entity! {
    /// A file about somebody that has to be decided.
    pub struct Case in "case_record" {
        table: {
            rank: 60, lock: Row(version), scope: environment_id,
            unique: ["name"], asked: ["status_id", "open_assignee_id"], events: event_ordinal
        },
        /// Its id.
        id: CaseId,
        /// Whose.
        environment_id: EnvironmentId,
        /// How often it changed.
        version: i64,
        /// How many events happened to it: not a change of it.
        event_ordinal: i64,
        /// Its kind.
        template_id: CaseTemplateId,
        /// Where it stands.
        status_id: StatusId,
        /// The number people call it by: `KYC-11`.
        name: String,
        /// The name of the end status it reached.
        resolution: Option<String>,
        /// The template's fields, plain values by key.
        fields: Json<Map<String, Value>>,
        /// Its tags, by name.
        tags: Json<Vec<String>>,
        /// Its files.
        attachments: Json<Vec<Attachment>>,
        /// The queue it waits in.
        queue_id: Option<String>,
        /// Who opened it: an e-mail address, or a run's id.
        creator_id: Option<String>,
        /// `user` or `workflow-run`.
        creator_type: Option<String>,
        /// The e-mail address of whoever it is assigned to.
        assignee_id: Option<String>,
        /// The same while the case is open, and nothing once it is resolved: what open cases are asked for by.
        open_assignee_id: Option<String>,
        /// Who assigned it.
        assigner_id: Option<String>,
        /// `user`, `workflow-run` or `case-assignment-policy`.
        assigner_type: Option<String>,
        /// Who resolved it.
        resolver_id: Option<String>,
        /// `user` or `workflow-run`.
        resolver_type: Option<String>,
        /// Who changed it last.
        updater_id: Option<String>,
        /// `user`, `workflow-run` or `case-assignment-policy`.
        updater_type: Option<String>,
        /// When it was opened.
        created_at: Moment,
        /// When it last changed.
        updated_at: Option<Moment>,
        /// When it was last assigned.
        assigned_at: Option<Moment>,
        /// When it reached an end status.
        resolved_at: Option<Moment>,
        /// When its personal data was erased.
        redacted_at: Option<Moment>,
        /// When its deadline passes.
        sla_expires_at: Option<Moment>,
    }
}

impl Case {
    /// Notes who changed it last, and when.
    pub(crate) fn touch(&mut self, actor: &Actor, now: Moment) {
        let (id, kind) = actor.shown().map(|(id, kind)| (id.as_ref().to_owned(), kind.to_owned())).unzip();
        self.updated_at = Some(now);
        self.updater_id = id;
        self.updater_type = kind;
    }

    /// Refuses new content for a case that was redacted.
    pub(crate) fn takes_content(&self) -> Result<(), Refusal> {
        if self.redacted_at.is_none() {
            return Ok(());
        }
        let sentence = format!("case {} is redacted and takes no new content", self.id);
        Err(Refusal::new(Kind::Conflict, "redacted", sentence))
    }

    /// Keeps whom the open case is assigned to in line with who it is assigned to and whether it is open.
    pub(crate) fn keep_open_assignee(&mut self) {
        self.open_assignee_id = self.assignee_id.clone().filter(|_| self.resolved_at.is_none());
    }
}

/// A file on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The id its content is kept under.
    pub id: String,
    /// What it was called.
    pub filename: String,
    /// How large it is, in bytes.
    pub byte_size: u64,
}

docket_kernel::entity! {
    /// That a case holds an object.
    pub struct CaseObject in "case_object" {
        table: { rank: 61, lock: Append, scope: environment_id, unique: ["pair"], asked: ["case_id", "object_id"] },
        /// Its id.
        id: CaseObjectId,
        /// Whose.
        environment_id: EnvironmentId,
        /// The case.
        case_id: CaseId,
        /// The object's key.
        object_id: Arc<str>,
        /// The object's kind.
        kind: String,
        /// Both, joined: an object is in a case at most once.
        pair: String,
        /// When it was put there.
        created_at: Moment,
    }
}

impl CaseObject {
    /// The id the API shows for the object.
    pub fn shown_id(&self) -> &str {
        self.object_id.split_once('/').map_or(&self.object_id, |(_, id)| id)
    }
}

/// What a case holds, in the order in which it was put there.
pub fn objects_of(work: &mut UnitOfWork, case: &Case) -> Verb<Vec<Arc<CaseObject>>> {
    work.ask::<CaseObject>(&OBJECTS_OF_CASE, case.id.as_str())
}

/// The case this environment shows under an id.
pub(crate) fn existing(work: &mut UnitOfWork, id: &CaseId) -> Verb<Arc<Case>> {
    work.existing("case", id.as_str())
}

/// The case as it stands now, as a reference tree.
pub fn tree_of(work: &mut UnitOfWork, case: &Case) -> Verb<Value> {
    work.hint_ask(&OBJECTS_OF_CASE, case.id.as_str());
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, case)?;
    Ok(tree(case, statuses.name(&case.status_id), &objects))
}

/// Which relation an object of a kind stands in; `None` for kinds a case only shows as `objects`.
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

/// A case as a reference tree, which is also how events keep it.
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
