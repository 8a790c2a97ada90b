//! Two nodes on one PostgreSQL database: of two contradicting changes, the second sees the effect of the first.

use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, mpsc};

use docket_cases::{
    CreateRequest, FieldSchema, FieldType, LiveUses, StatusInput, StatusType, TemplateChange, change_template,
    create_case,
};
use docket_kernel::{Actor, CaseTemplateId, Scope, UnitOfWork, Verb, WorkflowId};
use docket_steps::Reactions;
use docket_storage::{Command, Database};
use docket_testkit::{On, parts};
use docket_workflows::{publish, workflows_naming, workflows_naming_field};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::things::template;
use crate::world::{Answer, Call, World, attributes};

/// Blocks the first transaction that arrives, until it is opened.
pub struct Gate {
    first: AtomicBool,
    reached: tokio::sync::mpsc::UnboundedSender<()>,
    opened: Mutex<Receiver<()>>,
}

pub fn gate() -> (Gate, UnboundedReceiver<()>, Sender<()>) {
    let (reached, is_reached) = tokio::sync::mpsc::unbounded_channel();
    let (open, opened) = mpsc::channel();
    (Gate { first: AtomicBool::new(true), reached, opened: Mutex::new(opened) }, is_reached, open)
}

impl Gate {
    pub fn pass(&self) {
        if self.first.swap(false, Ordering::SeqCst) {
            self.reached.send(()).expect("the test waits");
            let wait = || self.opened.lock().expect("nobody panicked").recv();
            tokio::task::block_in_place(wait).expect("the test goes on");
        }
    }
}

/// Runs a verb on another node up to the point before its commit, and then the request `beside` on this node until it
/// gets its response or waits; then completes both.
async fn beside<T: Send + 'static>(
    world: &World,
    verb: impl Fn(&mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
    beside: impl Future<Output = Answer>,
) -> Answer {
    let engine = Arc::new(docket_steps::engine());
    let other = world.fresh.open(parts(&world.clock, 2, Arc::new(Reactions::of(&engine)))).await.expect("a node");
    let (gate, mut reached, open) = gate();
    let environment = world.set_up().sandbox.id.clone();
    let (actor, scope) = (Actor::system(environment.clone()), Scope::Of(environment.key()));
    let first = submit(&other, scope, move |work| {
        let done = verb(work, &actor)?;
        gate.pass();
        Ok(done)
    });
    reached.recv().await.expect("the verb is done");
    let mut second = pin!(beside);

    let early = answered_or_waiting(world, second.as_mut()).await;
    open.send(()).expect("the first is at the gate");
    first.await.expect("no panic");
    let answer = match early {
        Some(answer) => answer,
        None => second.await,
    };
    other.close().await;
    answer
}

fn submit<T: Send + 'static>(
    database: &Database,
    scope: Scope,
    verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
) -> tokio::task::JoinHandle<()> {
    let (writer, command) = (database.writer().clone(), Command::new("first", scope, verb));
    tokio::spawn(async move {
        if let Err(error) = writer.submit(command).await {
            panic!("{error:?}");
        }
    })
}

/// The most checks whether the second transaction waits: more than the number of times that it is postponed.
const LOOKS_MAX: u32 = 500;

pub async fn answered_or_waiting(world: &World, mut act: Pin<&mut impl Future<Output = Answer>>) -> Option<Answer> {
    // It waits for a lock on a name or on a row.
    const WAITING: &str =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..LOOKS_MAX {
        tokio::select! {
            biased;
            answer = act.as_mut() => return Some(answer),
            waiting = world.fresh.count(WAITING) => if waiting > 0 { return None },
        }
        // A postponed transaction is retried a little later, and waits in the end.
        world.clock.advance_micros(25_000);
        world.database.writer().nudge();
    }
    None
}

/// The usual template without its field `amount`.
fn without_amount() -> Vec<FieldSchema> {
    let risk = FieldSchema { options: vec!["low".into(), "high".into()], ..field("riskLevel", FieldType::Choices) };
    vec![FieldSchema { label: Some("Where from".into()), ..field("source", FieldType::String) }, risk]
}

fn field(key: &str, r#type: FieldType) -> FieldSchema {
    FieldSchema::new(key, r#type)
}

/// The usual template without its status `Declined`.
fn without_declined() -> Vec<StatusInput> {
    vec![
        StatusInput::new("Open", StatusType::Initial),
        StatusInput::new("Pending", StatusType::Intermediate),
        StatusInput::new("Approved", StatusType::End),
    ]
}

/// A change that removes a field and a status.
fn takes_away() -> TemplateChange {
    TemplateChange { fields: Some(without_amount()), statuses: Some(without_declined()), ..TemplateChange::default() }
}

fn change(work: &mut UnitOfWork, actor: &Actor, template: &str, change: &TemplateChange) -> Verb<()> {
    let uses = LiveUses { statuses: &workflows_naming, fields: &workflows_naming_field };
    change_template(work, actor, &CaseTemplateId::of(template), change, uses).map(drop)
}

async fn take_away(world: &World, template: &str) -> Answer {
    let fields = serde_json::to_value(without_amount()).expect("JSON");
    let fields: Vec<Value> = fields.as_array().expect("a list").iter().map(as_asked).collect();
    let statuses = json!([
        {"name": "Open", "type": "initial"}, {"name": "Pending", "type": "intermediate"},
        {"name": "Approved", "type": "end"},
    ]);
    let body = attributes(json!({"fields": fields, "statuses": statuses}));
    world.patch(&format!("/case-templates/{template}"), body).await
}

/// A field in the form of a request.
fn as_asked(field: &Value) -> Value {
    let mut asked = json!({"key": field["key"], "type": field["type"]});
    for name in ["label", "options"] {
        if !field[name].is_null() && field[name] != json!([]) {
            asked[name] = field[name].clone();
        }
    }
    asked
}

/// Creates a draft that fills the field and sets the status; returns the workflow's id.
async fn draft(world: &World, template: &str) -> String {
    let definition = json!({"trigger": {"on": ["api"], "parameters": []}, "steps": [
        {"id": "open", "do": "case.create", "with": {"template": template, "fields": {"amount": 1}}},
        {"id": "move", "do": "case.update_status", "with": {"case": {"ref": "open"}, "status": "Declined"}},
    ]});
    world.post("/workflows", attributes(json!({"name": "Opener", "definition": definition}))).await.expect(201).id()
}

fn codes(refused: &Answer) -> Vec<&str> {
    let errors = refused.at("/errors").as_array();
    errors.into_iter().flatten().filter_map(|error| error["code"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_field_is_not_taken_from_a_case_that_another_node_creates_at_that_moment() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let id = template(&world).await;
    let fields = json!({"amount": 5}).as_object().cloned().expect("fields");
    let request = CreateRequest { template_id: id.clone(), fields, ..CreateRequest::default() };

    let refused =
        beside(&world, move |work, actor| create_case(work, actor, &request).map(drop), take_away(&world, &id))
            .await
            .expect(422);

    assert_eq!(codes(&refused), ["field-choice-needed"], "{}", refused.told());
    assert_eq!(refused.at("/errors/0/meta/cases"), 1);
    world.is_in_order().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_case_gets_no_value_of_a_field_that_another_node_removes_at_that_moment() {
    if !On::Postgres.is_there() {
        return;
    }
    for is_new in [true, false] {
        let world = World::on(On::Postgres).await;
        let id = template(&world).await;
        let (there, body) = (id.clone(), attributes(json!({"case-template-id": id, "fields": {"amount": 5}})));
        let case = crate::things::case(&world, &id).await.id();
        let setting = async {
            if is_new {
                return world.post("/cases", body).await;
            }
            world.patch(&format!("/cases/{case}"), attributes(json!({"fields": {"amount": 5}}))).await
        };

        let refused = beside(&world, move |work, actor| change(work, actor, &there, &takes_away()), setting).await;

        let refused = refused.expect(422);
        assert!(refused.details().contains("has no field 'amount'"), "{}", refused.told());
        world.is_in_order().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_workflow_names_is_not_taken_away_while_another_node_publishes_it() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let id = template(&world).await;
    let workflow = WorkflowId::of(draft(&world, &id).await);
    let engine = docket_steps::engine();

    let refused = beside(
        &world,
        move |work, actor| publish(&engine, work, actor, &workflow, None).map(drop),
        take_away(&world, &id),
    )
    .await
    .expect(422);

    // The codes of fields come before those of statuses.
    assert_eq!(codes(&refused), ["field-choice-needed"], "{}", refused.told());
    assert_eq!(refused.at("/errors/0/meta/workflows"), &json!(["Opener"]));
    world.is_in_order().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_workflow_is_not_published_that_names_what_another_node_takes_away_at_that_moment() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let id = template(&world).await;
    let workflow = draft(&world, &id).await;
    let there = id.clone();

    let refused = beside(
        &world,
        move |work, actor| change(work, actor, &there, &takes_away()),
        world.call(Call::post(&format!("/workflows/{workflow}/publish"))),
    )
    .await
    .expect(422);

    assert_eq!(codes(&refused), ["unknown-field", "unknown-status"], "{}", refused.told());
    world.is_in_order().await;
}
