//! Events, and the only way to record one.

use std::sync::Arc;

use docket_kernel::{Actor, Entity, EnvironmentId, EventId, Json, Moment, Table, Task, UnitOfWork, hex};
use serde_json::{Map, Value};

use crate::content::content_digest;
use crate::redaction::SALT_BYTES;

/// The topic of the reaction that every recorded event queues.
pub const EVENT: &str = "event";

docket_kernel::entity! {
    /// An immutable record of what happened. Its content can be redacted, once.
    pub struct Event in "event" {
        table: {
            rank: 90, lock: Append(version), scope: environment_id, unique: [], asked: ["content_of"],
            ordered: ["object_id", "object_ordinal"], feed: "event_sequence"
        },
        /// Its id.
        id: EventId,
        /// Its environment.
        environment_id: EnvironmentId,
        /// 1, or 2 once it is redacted.
        version: i64,
        /// The event's name: `case.status-updated`.
        name: String,
        /// The type of the object that it is about.
        object_type: String,
        /// The object that it is about, by the id that the API shows.
        object_id: String,
        /// The object's version after it.
        object_version: i64,
        /// Its number among the events of the object, which orders them. 0 if the object has no row.
        object_ordinal: i64,
        /// The object's parent: for a comment, its case.
        parent_id: Option<String>,
        /// Its number among the events of the parent and of the parent's children.
        parent_ordinal: Option<i64>,
        /// A second parent of the object.
        second_parent_id: Option<String>,
        /// Its number among the events of the second parent.
        second_parent_ordinal: Option<i64>,
        /// The type of actor: `user`, `api-key`, `workflow-run`, `case-assignment-policy`, `system`.
        actor_type: String,
        /// The actor's id.
        actor_id: Option<String>,
        /// The actor as the API shows it: a user's e-mail address, a run's id.
        actor_shown: Option<String>,
        /// The event that caused it.
        cause_event_id: Option<EventId>,
        /// The run that caused it.
        cause_run_id: Option<String>,
        /// The step that caused it.
        cause_step: Option<String>,
        /// The request that caused it.
        request_id: Option<String>,
        /// How many runs are between the first event and this event.
        depth: i64,
        /// The value before, if the event is a change from one value to another.
        from_value: Option<String>,
        /// The value after.
        to_value: Option<String>,
        /// Further facts, kebab-case.
        context: Json<Map<String, Value>>,
        /// The object right after the event, as a reference tree: snake-case members, `fields` by their own keys,
        /// related objects as `{type, id}`.
        payload: Json<Value>,
        /// The object whose content it holds; `None` if it holds none, or its content was redacted.
        content_of: Option<String>,
        /// The salt of its digest; `None` once it is redacted.
        salt: Option<String>,
        /// The salted digest of context and payload, which stays when they are redacted; `None` for events from before
        /// digests were introduced.
        digest: Option<String>,
        /// The redaction that blanked its content.
        redaction_id: Option<String>,
        /// When the retention policy removed its content.
        retained_at: Option<Moment>,
        /// The time of the event.
        created_at: Moment,
        /// The source that reported it; `None` if Docket recorded it.
        origin: Option<String>,
    }
}

/// The row that an event is about, or the row of a parent.
#[derive(Clone, Debug)]
pub struct Subject {
    table: &'static Table,
    key: Arc<str>,
    version: i64,
}

impl Subject {
    /// This row.
    pub fn of<E: Entity>(row: &E) -> Self {
        Self { table: E::TABLE, key: row.key(), version: row.version() }
    }
}

/// The maximum number of parents of an object.
const PARENTS_MAX: usize = 2;

/// An event to be recorded, as a verb describes it.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// The event's name.
    pub name: String,
    /// The object in its current state, as a reference tree with `type` and `id`.
    pub object: Value,
    /// The object's row, if it has one.
    pub subject: Option<Subject>,
    /// The object's version.
    pub version: i64,
    /// The object's parents, by id and row.
    pub parents: Vec<(String, Subject)>,
    /// The value before and after, for a change from one value to another.
    pub change: Option<(String, String)>,
    /// Further facts, kebab-case.
    pub context: Map<String, Value>,
    /// The source that reported it.
    origin: Option<String>,
    /// The object whose content it contains.
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// Content of the object that it is about, or of the object that this one is a part of.
    OfObject,
    /// Content of another object.
    Of(String),
    /// No content.
    None,
}

/// Types of objects without personal data.
const WITHOUT_CONTENT: [&str; 4] = ["workflow", "workflow-run", "case-template", "retention-policy"];

/// The object to redact in order to redact this one: a comment's case, otherwise the object itself. An object that is
/// already redacted has no content to redact, except an account, which may have received new content.
pub fn subject_of(tree: &Value) -> Option<&str> {
    let kind = tree.get("type")?.as_str()?;
    if kind != "account" && tree.get("redacted_at").is_some_and(|at| !at.is_null()) {
        return None;
    }
    let tree = if kind == "case-comment" { tree.get("case")? } else { tree };
    tree.get("id")?.as_str().filter(|id| !id.is_empty() && !WITHOUT_CONTENT.contains(&kind))
}

impl NewEvent {
    /// An event of this name about the object of a loaded row.
    pub fn about<E: Entity>(row: &E, name: impl Into<String>, object: Value) -> Self {
        Self::to(Subject::of(row), name, object)
    }

    /// As [`NewEvent::about`], for a row that was found earlier.
    pub fn to(subject: Subject, name: impl Into<String>, object: Value) -> Self {
        // A row that never changes has version 1.
        let version = subject.version.max(1);
        Self { subject: Some(subject), ..Self::of_no_row(name, object).at_version(version) }
    }

    /// An event of this name about an object that has no row.
    pub fn of_no_row(name: impl Into<String>, object: Value) -> Self {
        Self {
            name: name.into(),
            object,
            subject: None,
            version: 0,
            parents: Vec::new(),
            change: None,
            context: Map::new(),
            origin: None,
            content: Content::OfObject,
        }
    }

    /// Sets the version of the object that the event shows.
    #[must_use]
    pub fn at_version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// Adds a parent of the object, by its id and its row. The parent's row counts the event too, if it is loaded; an
    /// object has at most two parents.
    #[must_use]
    pub fn under(mut self, id: &str, parent: Subject) -> Self {
        self.parents.push((id.to_owned(), parent));
        self
    }

    /// Sets the value before and after a change.
    #[must_use]
    pub fn from_to(mut self, from: &str, to: &str) -> Self {
        self.change = Some((from.to_owned(), to.to_owned()));
        self
    }

    /// Sets the source that reported the event: its id and its name.
    #[must_use]
    pub fn reported_by(mut self, source: &str, name: &str) -> Self {
        self.origin = Some(source.to_owned());
        self.with("source-id", source).with("source-name", name)
    }

    /// Sets the only object whose content the event contains.
    #[must_use]
    pub fn with_content_of(mut self, id: Option<&str>) -> Self {
        self.content = id.map_or(Content::None, |id| Content::Of(id.to_owned()));
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.context.insert(name.to_owned(), value.into());
        self
    }
}

/// Records an event with its actor and cause, in the same commit as the change; reactions follow once the verb or step
/// has returned.
pub fn record(work: &mut UnitOfWork, actor: &Actor, new_event: NewEvent) -> EventId {
    let order = ordered(work, &new_event);
    let event = event_in(work, &actor.environment, actor, new_event, order);
    let id = event.id.clone();
    work.insert(event);
    work.queue(Task { topic: EVENT, key: id.key() });
    id
}

/// Records an event about something that several environments share in each of them, so that the record of each
/// environment is complete. Workflows don't listen to such an event, and no reaction is queued.
pub fn record_in_each(work: &mut UnitOfWork, actor: &Actor, environments: &[EnvironmentId], new_event: &NewEvent) {
    let order = ordered(work, new_event);
    for environment in environments {
        let event = event_in(work, environment, actor, new_event.clone(), order.clone());
        work.insert(event);
    }
}

/// The numbers of an event among the events of its object and of the object's parents.
#[derive(Clone, Debug, Default)]
struct EventOrder {
    object: i64,
    parents: Vec<(String, i64)>,
}

/// Counts an event on its rows. A row that is not loaded is not counted: recording an event does not load rows.
fn ordered(work: &mut UnitOfWork, new_event: &NewEvent) -> EventOrder {
    let mut count = |subject: &Subject| work.count_event(subject.table, &subject.key);
    let object = new_event.subject.as_ref().and_then(&mut count).unwrap_or_default();
    let parents = new_event.parents.iter().take(PARENTS_MAX);
    let parents = parents.filter_map(|(id, parent)| Some((id.clone(), count(parent)?))).collect();
    EventOrder { object, parents }
}

fn event_in(
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    actor: &Actor,
    new_event: NewEvent,
    order: EventOrder,
) -> Event {
    let text = |name: &str| new_event.object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (actor_type, actor_id) = actor.recorded();
    let (object_type, object_id) = (text("type"), text("id"));
    let (from_value, to_value) = new_event.change.unzip();
    let cause = &actor.cause;
    let content_of = match new_event.content {
        Content::OfObject => subject_of(&new_event.object).map(str::to_owned),
        Content::Of(id) => Some(id),
        Content::None => None,
    };
    let salt = hex(&work.secret()[..SALT_BYTES]);
    let digest = content_digest(&salt, &new_event.context, &new_event.object);
    let mut parents = order.parents.into_iter();
    let (parent_id, parent_ordinal) = parents.next().unzip();
    let (second_parent_id, second_parent_ordinal) = parents.next().unzip();
    Event {
        id: EventId::of(work.new_id(EventId::PREFIX)),
        environment_id: environment.clone(),
        version: 0,
        name: new_event.name,
        object_type,
        object_id,
        object_version: new_event.version,
        object_ordinal: order.object,
        parent_id,
        parent_ordinal,
        second_parent_id,
        second_parent_ordinal,
        actor_type: actor_type.to_owned(),
        actor_id: actor_id.map(|id| id.as_ref().to_owned()),
        actor_shown: actor.shown().map(|(shown, _)| shown.as_ref().to_owned()),
        cause_event_id: cause.event.clone(),
        cause_run_id: cause.run.as_ref().map(|run| run.as_str().to_owned()),
        cause_step: cause.step.as_ref().map(|step| step.as_ref().to_owned()),
        request_id: cause.request.as_ref().map(|request| request.as_str().to_owned()),
        depth: cause.depth,
        from_value,
        to_value,
        context: Json::new(new_event.context),
        payload: Json::new(new_event.object),
        content_of,
        salt: Some(salt),
        digest: Some(digest),
        redaction_id: None,
        retained_at: None,
        created_at: work.now(),
        origin: new_event.origin,
    }
}

#[cfg(test)]
mod tests {
    use docket_kernel::{CaseId, Cause, Moment, RunId, Scope, Seed, Who};
    use serde_json::json;

    use super::*;

    docket_kernel::entity! {
        /// An object that events are about.
        pub struct Thing in "thing" {
            table: {
                rank: 1, lock: Row(version), scope: environment_id, unique: [], asked: [], events: event_ordinal
            },
            /// Its id.
            id: CaseId,
            /// Its environment.
            environment_id: EnvironmentId,
            /// Its version.
            version: i64,
            /// The number of its events.
            event_ordinal: i64,
        }
    }

    fn thing(id: &str) -> Thing {
        Thing { id: CaseId::of(id), environment_id: EnvironmentId::of("env_1"), version: 0, event_ordinal: 0 }
    }

    fn begun() -> UnitOfWork {
        let mut work = UnitOfWork::default();
        work.begin_batch(Moment(7));
        work.begin_stage(&Scope::Of("env_1".into()), Seed([1; 32]), 0, 0);
        work
    }

    #[test]
    fn events_of_an_object_are_numbered_and_its_version_stays() {
        let mut work = begun();
        let actor = Actor::system(EnvironmentId::of("env_1"));
        let (thing, parent) = (work.insert(thing("thing_1")), work.insert(thing("thing_2")));
        let object = json!({"type": "thing", "id": "thing_1"});

        let ids: Vec<_> = (0..2)
            .map(|_| {
                let new_event = NewEvent::about(&*thing, "thing.changed", object.clone());
                record(&mut work, &actor, new_event.under("thing_2", Subject::of(&*parent)))
            })
            .collect();
        let refused = work.attempt(|work| -> docket_kernel::Verb<()> {
            record(work, &actor, NewEvent::about(&*thing, "thing.changed", object.clone()));
            Err(docket_kernel::Refusal::rule("no", "no").into())
        });
        let last = record(&mut work, &actor, NewEvent::about(&*parent, "thing.changed", object.clone()));

        assert!(refused.unwrap().is_err());
        let mut numbers = |id: &EventId| {
            let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
            (event.object_ordinal, event.parent_id.clone(), event.parent_ordinal, event.second_parent_id.clone())
        };
        assert_eq!(numbers(&ids[0]), (1, Some("thing_2".into()), Some(1), None));
        assert_eq!(numbers(&ids[1]), (2, Some("thing_2".into()), Some(2), None));
        assert_eq!(numbers(&last), (3, None, None, None), "events about its children are counted");
        let thing = work.get::<Thing>("thing_1").unwrap().unwrap();
        assert_eq!((thing.version, thing.event_ordinal), (1, 2));
    }

    #[test]
    fn an_object_without_a_row_has_events_without_an_order() {
        let mut work = begun();
        let actor = Actor::system(EnvironmentId::of("env_1"));

        let new_event = NewEvent::of_no_row("sar.filed", json!({"type": "sar", "id": "sar_1"}));
        let id = record(&mut work, &actor, new_event.under("thing_9", Subject::of(&thing("thing_9"))));

        let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
        assert_eq!((event.object_ordinal, &event.parent_id, event.object_version), (0, &None, 0));
    }

    #[test]
    fn an_event_stores_its_actor_and_its_cause() {
        let mut work = UnitOfWork::default();
        work.begin_batch(Moment(7));
        work.begin_stage(&Scope::Of("env_1".into()), Seed([1; 32]), 0, 0);
        let cause = Cause { run: Some(RunId::of("wfr_1")), depth: 2, ..Cause::default() };
        let actor = Actor::new(Who::Run(RunId::of("wfr_1")), EnvironmentId::of("env_1"), [].into()).because(cause);

        let object = json!({"type": "case", "id": "case_1", "status": "Pending"});
        let id =
            record(&mut work, &actor, NewEvent::of_no_row("case.status-updated", object).from_to("Open", "Pending"));

        let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
        assert_eq!((event.actor_type.as_str(), event.actor_id.as_deref()), ("workflow-run", Some("wfr_1")));
        assert_eq!((event.object_type.as_str(), event.object_id.as_str()), ("case", "case_1"));
        assert_eq!((event.from_value.as_deref(), event.to_value.as_deref()), (Some("Open"), Some("Pending")));
        assert_eq!((event.depth, event.created_at), (2, Moment(7)));
        assert_eq!(work.queued(), [Task { topic: EVENT, key: id.key() }]);
    }
}
