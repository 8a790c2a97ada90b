//! An object under review, as stored. One table holds every kind, because cases refer to objects by id alone.

use docket_kernel::{EnvironmentId, Json, Moment, SourceId, UnitOfWork, Verb};
use serde_json::{Map, Value, json};
use std::sync::Arc;

docket_kernel::entity! {
    /// An object that a case can hold.
    pub struct Object in "object" {
        table: {
            rank: 20, lock: Row(version), scope: environment_id,
            unique: ["reference_key"], asked: ["redacted_with"], events: event_ordinal
        },
        /// The environment and the API id, joined: a vendor's id may be reported in several environments.
        id: Arc<str>,
        /// The environment it belongs to.
        environment_id: EnvironmentId,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// Its kind: `account`, `inquiry`, `verification/government-id` …
        kind: String,
        /// Its status, for kinds that have one.
        status: Option<String>,
        /// The organization's own id for the person or company it is about.
        reference_id: Option<String>,
        /// The reference id, for kinds where it is unique: accounts.
        reference_key: Option<String>,
        /// The account it belongs to, by its key.
        account_id: Option<Arc<str>>,
        /// The template it was created from, by its API id.
        template_id: Option<String>,
        /// Other attributes, in snake case.
        attributes: Json<Map<String, Value>>,
        /// The organization's own fields: `{type, value}` by key.
        fields: Json<Map<String, Value>>,
        /// Related objects: `{type, id}` or lists of them, by snake-case name.
        relationships: Json<Map<String, Value>>,
        /// Its tags, by name.
        tags: Json<Vec<String>>,
        /// Whether it was only mentioned so far.
        is_stub: bool,
        /// When its content was erased.
        redacted_at: Option<Moment>,
        /// The key of the object it is redacted with; null once it is redacted.
        redacted_with: Option<Arc<str>>,
        /// The time of its newest data.
        as_of: Moment,
        /// When it was created.
        created_at: Moment,
        /// When it last changed.
        updated_at: Moment,
        /// The source that first reported it, which alone may change it; `None` if no source did.
        source_id: Option<SourceId>,
    }
}

/// The key of the object with the API id `id` in this environment.
pub fn key(environment: &EnvironmentId, id: &str) -> Arc<str> {
    Arc::from(format!("{environment}/{id}"))
}

impl Object {
    /// The API id.
    pub fn shown_id(&self) -> &str {
        self.id.split_once('/').map_or(&self.id, |(_, id)| id)
    }

    /// A new object of a kind, without data.
    pub(crate) fn new(environment: &EnvironmentId, id: &str, kind: &str, now: Moment) -> Self {
        Self {
            id: key(environment, id),
            environment_id: environment.clone(),
            version: 0,
            kind: kind.to_owned(),
            status: None,
            reference_id: None,
            reference_key: None,
            account_id: None,
            template_id: None,
            attributes: Json::default(),
            fields: Json::default(),
            relationships: Json::default(),
            tags: Json::default(),
            is_stub: false,
            event_ordinal: 0,
            redacted_at: None,
            redacted_with: None,
            as_of: now,
            created_at: now,
            updated_at: now,
            source_id: None,
        }
    }

    /// The object with the API id `id` in this environment.
    pub fn named(work: &mut UnitOfWork, environment: &EnvironmentId, id: &str) -> Verb<Option<Arc<Self>>> {
        work.get::<Self>(&key(environment, id))
    }

    /// Records an object that is only mentioned, the first time. An existing object is neither changed nor locked: half
    /// of all events may mention the same template.
    pub(crate) fn mention(work: &mut UnitOfWork, environment: &EnvironmentId, id: &str, kind: &str) -> Verb<()> {
        if !work.is_there::<Self>(&key(environment, id))? {
            let mut object = Self::new(environment, id, kind, work.now());
            object.is_stub = true;
            // Any later report is newer than a mention.
            object.as_of = Moment::default();
            work.insert(object);
        }
        Ok(())
    }
}

/// Fields as plain values by key.
pub fn plain_fields(fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().map(|(key, field)| (key.clone(), plain(field).clone())).collect()
}

fn plain(field: &Value) -> &Value {
    match field.as_object() {
        Some(wrapped) if wrapped.contains_key("value") && wrapped.len() <= 2 => &wrapped["value"],
        _ => field,
    }
}

/// Plain values as fields with types inferred from them.
pub fn typed_fields(fields: &Map<String, Value>) -> Map<String, Value> {
    let typed = |value: &Value| {
        if value.as_object().is_some_and(|wrapped| wrapped.contains_key("type") && wrapped.contains_key("value")) {
            return value.clone();
        }
        let kind = match value {
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::Array(_) => "array",
            Value::Object(_) => "hash",
            Value::Null | Value::String(_) => "string",
        };
        json!({"type": kind, "value": value})
    };
    fields.iter().map(|(key, value)| (key.clone(), typed(value))).collect()
}

/// The object as a reference tree, which is also the form stored in events: snake-case members, `fields` as plain
/// values by their own keys (their types beside them), related objects as `{type, id}`. Accounts and inquiries, which
/// Docket interprets, have every member; any other kind has only the reported members.
pub fn tree(object: &Object) -> Value {
    let mut tree = Map::new();
    let is_known = matches!(object.kind.as_str(), "account" | "inquiry");
    tree.insert("type".into(), object.kind.as_str().into());
    tree.insert("id".into(), object.shown_id().into());
    for (name, value) in object.attributes.iter() {
        tree.insert(name.clone(), value.clone());
    }
    for (name, value) in object.relationships.iter() {
        tree.insert(name.clone(), value.clone());
    }
    for (name, text) in [("status", &object.status), ("reference_id", &object.reference_id)] {
        if is_known || text.is_some() {
            tree.insert(name.into(), text.as_deref().into());
        }
    }
    if let Some(account) = &object.account_id {
        let id = account.split_once('/').map_or(account.as_ref(), |(_, id)| id);
        tree.insert("account".into(), json!({"type": "account", "id": id}));
    }
    // A reported relation with this name already contains the type of its template.
    let is_told = |id: &str| object.relationships.get("template").is_some_and(|told| told["id"] == id);
    if let Some(template) = object.template_id.as_deref().filter(|id| !is_told(id)) {
        let kind = format!("{}-template", object.kind.split('/').next().unwrap_or_default());
        tree.insert("template".into(), json!({"type": kind, "id": template}));
    }
    if is_known || !object.fields.is_empty() {
        let types = object.fields.iter().filter_map(|(key, field)| Some((key.clone(), field.get("type")?.clone())));
        tree.insert("field_types".into(), Value::Object(types.collect()));
        tree.insert("fields".into(), Value::Object(plain_fields(&object.fields)));
    }
    if is_known || !object.tags.is_empty() {
        tree.insert("tags".into(), object.tags.iter().cloned().collect());
    }
    if let Some(redacted_at) = object.redacted_at {
        tree.insert("redacted_at".into(), redacted_at.to_string().into());
    }
    if is_known {
        tree.insert("created_at".into(), object.created_at.to_string().into());
        tree.insert("updated_at".into(), object.updated_at.to_string().into());
    }
    Value::Object(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_shows_plain_fields_and_related_objects() {
        let mut object = Object::new(&EnvironmentId::of("env_1"), "inq_1", "inquiry", Moment(0));
        object.account_id = Some(key(&EnvironmentId::of("env_1"), "act_1"));
        object.template_id = Some("itmpl_1".into());
        object.fields.edit().insert("match".into(), json!({"type": "boolean", "value": true}));

        let tree = tree(&object);

        assert_eq!(tree["id"], "inq_1");
        assert_eq!(tree["account"], json!({"type": "account", "id": "act_1"}));
        assert_eq!(tree["template"]["id"], "itmpl_1");
        assert_eq!(tree["fields"]["match"], true);
        assert_eq!(tree["field_types"]["match"], "boolean");
    }

    #[test]
    fn a_kind_that_docket_only_stores_shows_only_reported_members() {
        let mut object = Object::new(&EnvironmentId::of("env_1"), "rep_1", "report/watchlist", Moment(0));
        assert_eq!(tree(&object), json!({"type": "report/watchlist", "id": "rep_1"}));

        object.status = Some("ready".into());
        object.attributes.edit().insert("created_at".into(), json!("2024-02-15T23:48:11.000Z"));

        let told = json!({"type": "report/watchlist", "id": "rep_1", "created_at": "2024-02-15T23:48:11.000Z", "status": "ready"});
        assert_eq!(tree(&object), told);
    }

    #[test]
    fn plain_values_get_inferred_types() {
        let fields = json!({"a": 1, "b": 1.5, "c": "x", "d": {"type": "date", "value": "2026-01-01"}});

        let typed = typed_fields(fields.as_object().unwrap());

        assert_eq!(typed["a"]["type"], "integer");
        assert_eq!(typed["b"]["type"], "number");
        assert_eq!(typed["d"]["type"], "date");
        assert_eq!(Value::Object(plain_fields(&typed))["c"], "x");
    }
}
