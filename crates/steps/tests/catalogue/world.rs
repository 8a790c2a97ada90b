//! A test world in which the example of any step type runs: an organization with two equal environments, a workflow
//! that contains the step, and a command that starts it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use docket_access::{Made, Plan, SetupRequest, setup};
use docket_cases::{CreateRequest, FieldSchema, TemplateRequest, create_case, create_template};
use docket_doctor::{Doctor, TABLES};
use docket_events::Event;
use docket_kernel::{Actor, Cause, Entity, ManualClock, RequestId, Row, Scope, Table, UnitOfWork, Verb};
use docket_objects::{AccountRequest, InquiryRequest, create_account, create_inquiry};
use docket_steps::{Live, Reactions};
use docket_storage::{Bounds, Command, Parts};
use docket_testkit::{FreshDatabase, On, Parting, live, parts, parts_in_real_time, start_of_time};
use docket_workflows::kind::ValueKind;
use docket_workflows::step_type::{Catalogue, Entry};
use docket_workflows::{Engine, WorkflowRequest, create_workflow, publish};
use serde_json::{Map, Value, json};

/// The ids of the step under test, and of the steps before and after it.
pub const STEP: &str = "the_step";
pub const BEFORE: &str = "before";
pub const AFTER: &str = "after";
/// The step type of the steps before and after.
const WITNESS: &str = "witness.tag";

/// The objects of an environment: an id for each type of object that a step may take.
pub type Things = BTreeMap<&'static str, String>;

pub struct World {
    pub database: FreshDatabase,
    engine: Arc<Engine>,
    made: Made,
    inline_steps: u32,
    /// The objects of this environment.
    pub here: Things,
    /// The objects of the other environment.
    pub theirs: Things,
    time: Time,
    lives: AtomicU64,
}

/// The source of time and randomness of a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The machine's clock and randomness.
    Real,
    /// The same in every world.
    Repeated,
}

/// The `on_error` setting of the step in the definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    Stop,
    Continue,
}

/// The type of object whose creation starts the workflow: the type that the example's trigger refers to.
fn trigger_of(entry: &Entry) -> &'static str {
    let is_trigger = |name: &str| entry.example[name] == json!({"ref": "trigger"});
    let is_case = |kind: &ValueKind| *kind == ValueKind::Object("case".to_owned());
    let takes_case = entry.shape.inputs.iter().any(|input| is_trigger(&input.name) && is_case(&input.kind));
    if takes_case { "case" } else { "account" }
}

/// A reference to the text with which a workflow with a step of this type is started.
pub fn source_of(entry: &Entry) -> Value {
    json!({"ref": if trigger_of(entry) == "case" { "trigger.fields.source" } else { "trigger.reference_id" }})
}

/// A definition: the created object is tagged, then the step runs, then the object is tagged again.
pub fn around(entry: &Entry, with: &Value, on_error: OnError) -> Value {
    let tagged = |id: &str| json!({"id": id, "do": WITNESS, "with": {"object": {"ref": "trigger"}, "tags": [id]}});
    let mut step = json!({"id": STEP, "name": entry.about.label, "do": entry.about.key, "with": with});
    if on_error == OnError::Continue {
        step["on_error"] = "continue".into();
    }
    json!({"trigger": {"on": [format!("{}.created", trigger_of(entry))]}, "steps": [tagged(BEFORE), step, tagged(AFTER)]})
}

/// The step type of the tags before and after: a copy that a change of the original does not affect.
fn witness() -> Entry {
    let mut tag = docket_steps::entries().into_iter().find(|entry| entry.about.key == "object.tag").expect("a tag");
    tag.about.key = WITNESS;
    tag
}

impl World {
    /// A world on a fresh database, with an engine with these step types.
    pub async fn new(on: On, inline_steps: u32, time: Time, entries: Vec<Entry>) -> Self {
        let entries = entries.into_iter().chain([witness()]).collect();
        let engine = Arc::new(Engine::new(Catalogue::new(entries), Box::new(Live)));
        let database = FreshDatabase::on(on).await;
        let opened = database.open(parts_of(&engine, time, 1)).await.expect("it opens");
        let request = SetupRequest {
            organization: "Lumen Bank".into(),
            email: "ada@lumen.example".into(),
            password_hash: "none".into(),
            plan: Plan::Enterprise,
        };
        let command = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
        let made = opened.writer().submit(command).await.expect("an organization");
        let mut held = Vec::new();
        for environment in [&made.sandbox.id, &made.production.id] {
            let actor = Actor::system(environment.clone());
            let command = Command::new("furnish", Scope::Of(environment.key()), move |work| furnish(work, &actor));
            held.push(opened.writer().submit(command).await.expect("an environment with something in it"));
        }
        opened.close().await;
        let (theirs, here) = (held.pop().expect("theirs"), held.pop().expect("ours"));
        Self { database, engine, made, inline_steps, here, theirs, time, lives: 2.into() }
    }

    fn actor(&self, request: &str) -> Actor {
        let cause = Cause { request: Some(RequestId::of(request)), ..Cause::default() };
        Actor::system(self.made.sandbox.id.clone()).because(cause)
    }

    fn scope(&self) -> Scope {
        Scope::Of(self.made.sandbox.id.key())
    }

    fn parts(&self) -> Parts {
        let bounds = Bounds { inline_steps: self.inline_steps, ..Bounds::default() };
        Parts { bounds, ..parts_of(&self.engine, self.time, self.lives.fetch_add(1, Ordering::Relaxed)) }
    }

    /// Runs a node until it is idle, or until the `calls`-th call of its engine, where it ends.
    pub async fn live(&self, calls: usize, command: Option<Command<()>>) -> Parting {
        live(&self.database, &self.parts(), calls, None, command).await
    }

    /// Publishes a definition; any problem fails the test.
    pub async fn publish(&self, definition: Value) {
        let (engine, actor) = (Arc::clone(&self.engine), self.actor("req_publish"));
        let request =
            WorkflowRequest { name: "Conformance".into(), slug: None, description: None, definition: Some(definition) };
        let command = Command::new("publish", self.scope(), move |work| {
            let (workflow, problems) = create_workflow(&engine, work, &actor, &request)?;
            assert!(problems.is_empty(), "{problems:#?}");
            publish(&engine, work, &actor, &workflow.id, None).map(drop)
        });
        let answer = self.live(0, Some(command)).await.answer;
        answer.expect("an answer").unwrap_or_else(|error| panic!("it is not published: {error}"));
    }

    /// The command that starts a workflow with a step of this type: it creates an object that contains this text.
    pub fn start(&self, entry: &Entry, request: &str, source: &str) -> Command<()> {
        let (actor, wanted) = (self.actor(request), case_of(&self.here, source));
        let (is_case, reference_id) = (trigger_of(entry) == "case", Some(source.to_owned()));
        let account = AccountRequest { reference_id, ..AccountRequest::default() };
        Command::new("start", self.scope(), move |work| {
            if is_case {
                create_case(work, &actor, &wanted).map(drop)
            } else {
                create_account(work, &actor, &account).map(drop)
            }
        })
    }

    /// The example of a step type with existing ids: a literal object id is replaced by one of this environment.
    pub fn example(&self, entry: &Entry) -> Value {
        let mut with = entry.example.clone();
        for input in &entry.shape.inputs {
            if let (ValueKind::Object(kind), Some(Value::String(id))) = (&input.kind, with.get_mut(&input.name)) {
                id.clone_from(self.here.get(kind.as_str()).unwrap_or_else(|| panic!("the world lacks a {kind}")));
            }
        }
        with
    }

    /// Every row of the tables that the doctor checks. Any violation fails the test.
    pub async fn rows(&self) -> Rows {
        let opened = self.database.open(self.parts()).await.expect("it opens");
        let again: fn(&mut Rows) -> _ = |rows| rows.doctor.again();
        let rows = opened.reader().walk(TABLES, Rows::default(), Rows::take, again).await.expect("it is read");
        opened.close().await;
        let violations = rows.doctor.violations();
        assert!(violations.is_empty(), "{violations:#?}");
        rows
    }

    /// The rows of the other environment.
    pub async fn rows_of_theirs(&self) -> Vec<(&'static str, Row)> {
        let theirs = self.made.production.id.key();
        let is_theirs = |(_, row): &(&'static str, Row)| format!("{row:?}").contains(&*theirs);
        self.rows().await.all.into_iter().filter(is_theirs).collect()
    }
}

/// The parts of the node with this number, one second after the previous one.
fn parts_of(engine: &Arc<Engine>, time: Time, number: u64) -> Parts {
    let reactor = Arc::new(Reactions::of(engine));
    match time {
        Time::Real => parts_in_real_time(reactor),
        Time::Repeated => {
            let seconds = i64::try_from(number).expect("few lives");
            parts(&Arc::new(ManualClock::at(start_of_time().plus_seconds(seconds))), number, reactor)
        }
    }
}

fn case_of(things: &Things, source: &str) -> CreateRequest {
    let fields = Map::from_iter([("source".to_owned(), json!(source))]);
    CreateRequest { template_id: things["case-template"].clone(), fields, ..CreateRequest::default() }
}

fn furnish(work: &mut UnitOfWork, actor: &Actor) -> Verb<Things> {
    let source: FieldSchema = serde_json::from_value(json!({"key": "source", "type": "string"})).expect("a field");
    let request = TemplateRequest { name: "Review".into(), fields: vec![source], ..TemplateRequest::default() };
    let template = create_template(work, actor, &request)?;
    let mut things = Things::from([("case-template", template.id.to_string())]);
    things.insert("case", create_case(work, actor, &case_of(&things, "Lumen Bank"))?.id.to_string());
    let account = create_account(work, actor, &AccountRequest::default())?;
    things.insert("account", account.shown_id().to_owned());
    let inquiry = create_inquiry(work, actor, &InquiryRequest::default())?;
    things.insert("inquiry", inquiry.shown_id().to_owned());
    Ok(things)
}

/// Every row, read in one snapshot.
#[derive(Default)]
pub struct Rows {
    doctor: Doctor,
    /// The name of the table, and the row.
    pub all: Vec<(&'static str, Row)>,
}

impl Rows {
    fn take(&mut self, table: &'static Table, row: Row) {
        self.all.push((table.name, row.clone()));
        self.doctor.take(table, row);
    }

    /// Every row of a table, decoded.
    pub fn of<E: Entity>(&self) -> Vec<E> {
        let rows = self.all.iter().filter(|(table, _)| *table == E::TABLE.name);
        rows.map(|(_, row)| E::decode(row.clone()).expect("a row of ours")).collect()
    }

    /// The events that a request caused, in the order of their ids.
    pub fn events(&self, request: &str) -> Vec<Event> {
        let mut events = self.of::<Event>();
        events.retain(|event| event.request_id.as_deref() == Some(request));
        events.sort_by(|one, other| one.id.cmp(&other.id));
        events
    }
}
