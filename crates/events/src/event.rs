//! One event, and the only way to record one.

use std::sync::Arc;

use docket_kernel::{Actor, Entity, EnvironmentId, EventId, Json, Moment, Table, Task, UnitOfWork, hex};
use serde_json::{Map, Value};

use crate::content::content_digest;
use crate::redaction::SALT_BYTES;

/// The topic of the reaction that every recorded event sets off.
pub const EVENT: &str = "event";

docket_kernel::entity! {
    /// One row that never changes: what happened. Its content can be redacted, once.
    pub struct Event in "event" {
        table: {
            rank: 90, lock: Append(version), scope: environment_id, unique: [], asked: ["content_of"],
            ordered: ["object_id", "object_ordinal"], feed: "event_sequence"
        },
        /// Its id.
        id: EventId,
        /// Where it happened.
        environment_id: EnvironmentId,
        /// 1, and 2 once it is redacted.
        version: i64,
        /// What happened: `case.status-updated`.
        name: String,
        /// The kind of object it happened to.
        object_type: String,
        /// The object it happened to, by the id the API shows.
        object_id: String,
        /// The object's count of changes after it.
        object_version: i64,
        /// Its number among the events of the object: their order. 0 where the object has no row.
        object_ordinal: i64,
        /// What the object belongs to: a comment's case.
        parent_id: Option<String>,
        /// Its number among the events of that, and of what belongs to it.
        parent_ordinal: Option<i64>,
        /// What the object belongs to as well.
        second_parent_id: Option<String>,
        /// Its number among the events of that.
        second_parent_ordinal: Option<i64>,
        /// The kind of actor: `user`, `api-key`, `workflow-run`, `case-assignment-policy`, `system`.
        actor_type: String,
        /// The actor's id.
        actor_id: Option<String>,
        /// The actor as the API shows it: a user's e-mail address, a run's id.
        actor_shown: Option<String>,
        /// The event that led to it.
        cause_event_id: Option<EventId>,
        /// The run that did it.
        cause_run_id: Option<String>,
        /// The step that did it.
        cause_step: Option<String>,
        /// The request that led to it.
        request_id: Option<String>,
        /// How many runs lie between the first event and this.
        depth: i64,
        /// What it was before, where it is a change from one value to another.
        from_value: Option<String>,
        /// What it is since.
        to_value: Option<String>,
        /// Further facts, kebab-case.
        context: Json<Map<String, Value>>,
        /// The object as it was right after, as a reference tree: snake-case members, `fields` by their own keys,
        /// related objects as `{type, id}`.
        payload: Json<Value>,
        /// The object whose content it holds; nothing where it holds none, or none any more.
        content_of: Option<String>,
        /// What its digest was salted with; nothing once it is redacted.
        salt: Option<String>,
        /// The salted digest of context and payload, which stays when they are redacted; nothing of events from before
        /// there were digests.
        digest: Option<String>,
        /// The redaction that blanked it.
        redaction_id: Option<String>,
        /// When.
        created_at: Moment,
        /// The source that reported it; `None` where Docket recorded it itself.
        origin: Option<String>,
    }
}

/// The row that an event happens to, or that of what its object belongs to.
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

/// The most that the object of an event belongs to.
const PARENTS_MAX: usize = 2;

/// What a verb has to say of what it did.
#[derive(Clone, Debug)]
pub struct Happening {
    /// What happened.
    pub name: String,
    /// The object as it is now, as a reference tree with `type` and `id`.
    pub object: Value,
    /// The object's row, where it has one.
    pub subject: Option<Subject>,
    /// The object's count of changes.
    pub version: i64,
    /// What the object belongs to, by id and row.
    pub parents: Vec<(String, Subject)>,
    /// What it was before and what it is since, for a change from one value to another.
    pub change: Option<(String, String)>,
    /// Further facts, kebab-case.
    pub context: Map<String, Value>,
    /// The source that reported it.
    origin: Option<String>,
    /// Whose content it tells.
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// That of the object it happened to, or of what this is a part of.
    OfObject,
    /// That of another object.
    Of(String),
    /// None.
    None,
}

/// Types of objects that hold nothing about a person.
const WITHOUT_CONTENT: [&str; 3] = ["workflow", "workflow-run", "case-template"];

/// The object that is redacted to redact this one: a comment's case, of any other the object itself. One that is redacted
/// already has nothing left to redact, unless it is an account, which may have got content again.
pub fn subject_of(tree: &Value) -> Option<&str> {
    let kind = tree.get("type")?.as_str()?;
    if kind != "account" && tree.get("redacted_at").is_some_and(|at| !at.is_null()) {
        return None;
    }
    let tree = if kind == "case-comment" { tree.get("case")? } else { tree };
    tree.get("id")?.as_str().filter(|id| !id.is_empty() && !WITHOUT_CONTENT.contains(&kind))
}

impl Happening {
    /// Something of this name happened to the object of a row, which is loaded.
    pub fn about<E: Entity>(row: &E, name: impl Into<String>, object: Value) -> Self {
        Self::to(Subject::of(row), name, object)
    }

    /// The same, of a row that was found before.
    pub fn to(subject: Subject, name: impl Into<String>, object: Value) -> Self {
        // What never changes is as it was made.
        let version = subject.version.max(1);
        Self { subject: Some(subject), ..Self::of_no_row(name, object).at_version(version) }
    }

    /// Something of this name happened to an object that has no row here.
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

    /// Says that the object is shown as it was at another count of changes.
    #[must_use]
    pub fn at_version(mut self, version: i64) -> Self {
        self.version = version;
        self
    }

    /// Says what the object belongs to, by its id and its row. The row counts the event too, if it is loaded; at most two
    /// do.
    #[must_use]
    pub fn under(mut self, id: &str, parent: Subject) -> Self {
        self.parents.push((id.to_owned(), parent));
        self
    }

    /// Says that a value changed.
    #[must_use]
    pub fn from_to(mut self, from: &str, to: &str) -> Self {
        self.change = Some((from.to_owned(), to.to_owned()));
        self
    }

    /// Says that a source reported it: its id, and its name.
    #[must_use]
    pub fn reported_by(mut self, source: &str, name: &str) -> Self {
        self.origin = Some(source.to_owned());
        self.with("source-id", source).with("source-name", name)
    }

    /// Says that it tells content of this object, and of no other.
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

/// Records what happened, by whom and because of what, in the same commit as the change; reactions follow once the
/// verb or step has returned.
pub fn record(work: &mut UnitOfWork, actor: &Actor, happening: Happening) -> EventId {
    let order = ordered(work, &happening);
    let event = event_in(work, &actor.environment, actor, happening, order);
    let id = event.id.clone();
    work.insert(event);
    work.queue(Task { topic: EVENT, key: id.key() });
    id
}

/// Records what happened to something that several environments share, in each of them, so that the record of each is
/// complete. No workflow listens to such an event, and nothing reacts to it.
pub fn record_in_each(work: &mut UnitOfWork, actor: &Actor, environments: &[EnvironmentId], happening: &Happening) {
    let order = ordered(work, happening);
    for environment in environments {
        let event = event_in(work, environment, actor, happening.clone(), order.clone());
        work.insert(event);
    }
}

/// The place of an event among those of its object, and of what the object belongs to.
#[derive(Clone, Debug, Default)]
struct Order {
    object: i64,
    parents: Vec<(String, i64)>,
}

/// Counts an event on its rows. A row that is not loaded counts nothing: an event does not load any.
fn ordered(work: &mut UnitOfWork, happening: &Happening) -> Order {
    let mut count = |subject: &Subject| work.count_event(subject.table, &subject.key);
    let object = happening.subject.as_ref().and_then(&mut count).unwrap_or_default();
    let parents = happening.parents.iter().take(PARENTS_MAX);
    let parents = parents.filter_map(|(id, parent)| Some((id.clone(), count(parent)?))).collect();
    Order { object, parents }
}

fn event_in(
    work: &mut UnitOfWork,
    environment: &EnvironmentId,
    actor: &Actor,
    happening: Happening,
    order: Order,
) -> Event {
    let text = |name: &str| happening.object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (actor_type, actor_id) = actor.recorded();
    let (object_type, object_id) = (text("type"), text("id"));
    let (from_value, to_value) = happening.change.unzip();
    let cause = &actor.cause;
    let content_of = match happening.content {
        Content::OfObject => subject_of(&happening.object).map(str::to_owned),
        Content::Of(id) => Some(id),
        Content::None => None,
    };
    let salt = hex(&work.secret()[..SALT_BYTES]);
    let digest = content_digest(&salt, &happening.context, &happening.object);
    let mut parents = order.parents.into_iter();
    let (parent_id, parent_ordinal) = parents.next().unzip();
    let (second_parent_id, second_parent_ordinal) = parents.next().unzip();
    Event {
        id: EventId::of(work.new_id(EventId::PREFIX)),
        environment_id: environment.clone(),
        version: 0,
        name: happening.name,
        object_type,
        object_id,
        object_version: happening.version,
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
        context: Json::new(happening.context),
        payload: Json::new(happening.object),
        content_of,
        salt: Some(salt),
        digest: Some(digest),
        redaction_id: None,
        created_at: work.now(),
        origin: happening.origin,
    }
}

#[cfg(test)]
mod tests {
    use docket_kernel::{CaseId, Cause, Moment, RunId, Scope, Seed, Who};
    use serde_json::json;

    use super::*;

    docket_kernel::entity! {
        /// What events happen to.
        pub struct Thing in "thing" {
            table: {
                rank: 1, lock: Row(version), scope: environment_id, unique: [], asked: [], events: event_ordinal
            },
            /// Its id.
            id: CaseId,
            /// Whose.
            environment_id: EnvironmentId,
            /// How often it changed.
            version: i64,
            /// How many events happened to it.
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
    fn events_of_an_object_are_numbered_and_its_count_of_changes_stays() {
        let mut work = begun();
        let actor = Actor::system(EnvironmentId::of("env_1"));
        let (thing, parent) = (work.insert(thing("thing_1")), work.insert(thing("thing_2")));
        let object = json!({"type": "thing", "id": "thing_1"});

        let ids: Vec<_> = (0..2)
            .map(|_| {
                let happening = Happening::about(&*thing, "thing.changed", object.clone());
                record(&mut work, &actor, happening.under("thing_2", Subject::of(&*parent)))
            })
            .collect();
        let refused = work.attempt(|work| -> docket_kernel::Verb<()> {
            record(work, &actor, Happening::about(&*thing, "thing.changed", object.clone()));
            Err(docket_kernel::Refusal::rule("no", "no").into())
        });
        let last = record(&mut work, &actor, Happening::about(&*parent, "thing.changed", object.clone()));

        assert!(refused.unwrap().is_err());
        let mut numbers = |id: &EventId| {
            let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
            (event.object_ordinal, event.parent_id.clone(), event.parent_ordinal, event.second_parent_id.clone())
        };
        assert_eq!(numbers(&ids[0]), (1, Some("thing_2".into()), Some(1), None));
        assert_eq!(numbers(&ids[1]), (2, Some("thing_2".into()), Some(2), None));
        assert_eq!(numbers(&last), (3, None, None, None), "what happens to what belongs to it counts");
        let thing = work.get::<Thing>("thing_1").unwrap().unwrap();
        assert_eq!((thing.version, thing.event_ordinal), (1, 2));
    }

    #[test]
    fn an_object_without_a_row_has_events_without_an_order() {
        let mut work = begun();
        let actor = Actor::system(EnvironmentId::of("env_1"));

        let happening = Happening::of_no_row("sar.filed", json!({"type": "sar", "id": "sar_1"}));
        let id = record(&mut work, &actor, happening.under("thing_9", Subject::of(&thing("thing_9"))));

        let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
        assert_eq!((event.object_ordinal, &event.parent_id, event.object_version), (0, &None, 0));
    }

    #[test]
    fn an_event_keeps_who_did_it_and_because_of_what() {
        let mut work = UnitOfWork::default();
        work.begin_batch(Moment(7));
        work.begin_stage(&Scope::Of("env_1".into()), Seed([1; 32]), 0, 0);
        let cause = Cause { run: Some(RunId::of("wfr_1")), depth: 2, ..Cause::default() };
        let actor = Actor::new(Who::Run(RunId::of("wfr_1")), EnvironmentId::of("env_1"), [].into()).because(cause);

        let object = json!({"type": "case", "id": "case_1", "status": "Pending"});
        let id =
            record(&mut work, &actor, Happening::of_no_row("case.status-updated", object).from_to("Open", "Pending"));

        let event = work.get::<Event>(id.as_str()).unwrap().unwrap();
        assert_eq!((event.actor_type.as_str(), event.actor_id.as_deref()), ("workflow-run", Some("wfr_1")));
        assert_eq!((event.object_type.as_str(), event.object_id.as_str()), ("case", "case_1"));
        assert_eq!((event.from_value.as_deref(), event.to_value.as_deref()), (Some("Open"), Some("Pending")));
        assert_eq!((event.depth, event.created_at), (2, Moment(7)));
        assert_eq!(work.queued(), [Task { topic: EVENT, key: id.key() }]);
    }
}
