//! Two nodes on one PostgreSQL database: a change that was begun with a credential, or by what a source may report, is written
//! before that ends, or not at all.

use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use docket_kernel::PlantedBug;
use docket_objects::sign;
use docket_steps::Reactions;
use docket_storage::Database;
use docket_testkit::{On, parts};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::around::Around;
use crate::held::answered;
use crate::races::{answered_or_waiting, gate};
use crate::sessions::Browser;
use crate::shut_out::{bob, with_json};
use crate::things::{Vendor, event, inquiry};
use crate::world::{Answer, World, attributes, now};

/// How what a change rests on ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    SignedOut,
    Deactivated,
    Demoted,
    KeyExpired,
    MakerDeactivated,
}

/// A node that stops between a change and its writing.
struct Stopped {
    database: Database,
    router: Router,
    reached: UnboundedReceiver<()>,
    open: std::sync::mpsc::Sender<()>,
}

impl Stopped {
    async fn of(world: &World, planted: Option<PlantedBug>) -> Self {
        let (gate, reached, open) = gate();
        let steps = Arc::new(docket_steps::engine());
        let around = Around::of(Reactions::of(&steps)).planting(planted).behind(move || gate.pass());
        let database = world.fresh.open(parts(&world.clock, 2, Arc::new(around))).await.expect("a node");
        let router = world.router_of(&database);
        Self { database, router, reached, open }
    }

    /// A change on this node, done and not yet written; then what ends what it rests on, until it is answered or waits; then
    /// both to their end. Answers whether the end was answered first, and both answers.
    async fn overtaken(mut self, world: &World, change: Request<Body>, end: Request<Body>) -> (bool, Answer, Answer) {
        let change = tokio::spawn(answered(self.router.clone(), change));
        self.reached.recv().await.expect("the change is done");
        let mut end = pin!(answered(world.router.clone(), end));

        let early = answered_or_waiting(world, end.as_mut()).await;
        self.open.send(()).expect("the change is at the gate");
        let change = change.await.expect("no panic");
        let is_first = early.is_some();
        let end = match early {
            Some(answer) => answer,
            None => end.await,
        };
        self.database.close().await;
        (is_first, change, end)
    }
}

fn with_key(method: &str, path: &str, key: &str, body: &Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(format!("/api/v1{path}"));
    let request = request.header("authorization", format!("Bearer {key}"));
    with_json(request.body(Body::from(body.to_string())).expect("a request"))
}

/// Bob's change, and the request that ends what it rests on.
async fn requests(browser: &mut Browser<'_>, id: &str, ending: Ending) -> (Request<Body>, Request<Body>) {
    let key = browser.world.key.clone();
    let change = attributes(json!({"name": "Late"}));
    let made = browser.call("POST", "/api-keys", Some(attributes(json!({"name": "Bob's"})))).await.expect(201);
    let bobs = made.text("/data/attributes/value");
    let change = match ending {
        Ending::KeyExpired | Ending::MakerDeactivated => with_key("POST", "/case-templates", &bobs, &change),
        _ => browser.request("POST", "/case-templates", Some(&change)),
    };
    let person = |attribute: Value| with_key("PATCH", &format!("/users/{id}"), &key, &attributes(attribute));
    let end = match ending {
        Ending::SignedOut => browser.request("DELETE", "/session", None),
        Ending::Deactivated | Ending::MakerDeactivated => person(json!({"active": false})),
        Ending::Demoted => person(json!({"role": "viewer"})),
        Ending::KeyExpired => {
            let now = json!({"meta": {"expires-in-seconds": 0}});
            with_key("POST", &format!("/api-keys/{}/expire", made.id()), &key, &now)
        }
    };
    (change, end)
}

/// Whether a change was written after what it rests on had ended.
async fn is_written_afterwards(ending: Ending, planted: Option<PlantedBug>) -> bool {
    let world = World::on(On::Postgres).await;
    let (id, mut browser) = bob(&world).await;
    let (change, end) = requests(&mut browser, &id, ending).await;

    let (is_first, change, end) = Stopped::of(&world, planted).await.overtaken(&world, change, end).await;

    assert!((200..300).contains(&end.status), "{ending:?}: {}", end.told());
    let names = world.get("/case-templates").await.expect(200).body.to_string();
    assert_eq!(names.contains("Late"), change.status < 300, "{ending:?}: {}", change.told());
    assert!(is_first || change.status == 201, "{ending:?}: {}", change.told());
    world.is_in_order().await;
    is_first && change.status < 300
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_written_with_a_credential_after_another_node_has_ended_it() {
    if !On::Postgres.is_there() {
        return;
    }
    for ending in
        [Ending::SignedOut, Ending::Deactivated, Ending::Demoted, Ending::KeyExpired, Ending::MakerDeactivated]
    {
        assert!(!is_written_afterwards(ending, None).await, "{ending:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_credential_that_is_read_and_not_held_is_found() {
    if !On::Postgres.is_there() {
        return;
    }
    for ending in [Ending::SignedOut, Ending::Demoted, Ending::KeyExpired] {
        assert!(is_written_afterwards(ending, Some(PlantedBug::CallerNotHeld)).await, "{ending:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_source_reports_nothing_by_a_list_that_another_node_has_narrowed() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let vendor = Vendor::of(&world).await;
    let body = event("evt_1", "inquiry.created", "2025-12-31T10:00:00.000Z", &inquiry("inq_1", "created")).to_string();
    let signature = sign(&vendor.secret, now(&world), body.as_bytes());
    let report = Request::builder().method("POST").uri(format!("/ingest/{}", vendor.id));
    let report = report.header("persona-signature", signature).body(Body::from(body)).expect("a request");
    let narrowed = attributes(json!({"allow-list": ["transaction"]}));
    let narrow = with_key("PATCH", &format!("/sources/{}", vendor.id), &world.key, &narrowed);

    let (is_first, report, narrow) = Stopped::of(&world, None).await.overtaken(&world, report, narrow).await;

    assert_eq!((is_first, report.status, narrow.status), (false, 200, 200), "{}", report.told());
    assert_eq!(report.text("/meta/received"), "recorded");
    let later = event("evt_2", "inquiry.created", "2025-12-31T10:00:00.000Z", &inquiry("inq_2", "created"));
    assert_eq!(vendor.send(&world, &later).await.text("/meta/ignored/reason"), "kind");
}
