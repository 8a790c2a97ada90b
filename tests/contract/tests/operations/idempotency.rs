//! Idempotency keys: one effect, and the same response byte for byte.

use std::sync::Arc;

use docket_api::Settings;
use docket_api::store::Remembered;
use docket_kernel::{Entity as _, Permission, Row, Table};
use docket_testkit::{On, engines};
use serde_json::{Value, json};

use crate::things::{called, case, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

fn account(key: &str, reference: &str) -> Call {
    Call::post("/accounts").with("idempotency-key", key).json(attributes(json!({"reference-id": reference})))
}

fn same(one: &Answer, other: &Answer) -> bool {
    (one.status, &one.bytes, one.header("etag")) == (other.status, &other.bytes, other.header("etag"))
}

async fn accounts(world: &World) -> usize {
    world.get("/accounts?page[size]=100").await.ids().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_again_is_answered_to_the_byte_and_done_once() {
    on_each_engine(async |world| {
        let first = world.call(account("k", "a")).await.expect(201);
        world.clock.advance_seconds(5);
        let again = world.call(account("k", "a")).await;
        assert!(same(&first, &again), "{}", again.told());
        assert_ne!(first.header("request-id"), again.header("request-id"));
        assert_eq!(accounts(&world).await, 1);

        let refused = world.call(account("k2", "a")).await.expect(409);
        let again = world.call(account("k2", "a")).await;
        assert!(same(&refused, &again), "{}", again.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_for_one_request_one_api_key_and_one_environment() {
    on_each_engine(async |world| {
        world.call(account("k", "a")).await.expect(201);
        let other = world.call(account("k", "b")).await.expect(422);
        assert!(other.details().contains("Idempotency-Key"), "{}", other.told());
        let elsewhere = Call::post("/inquiries").with("idempotency-key", "k");
        world.call(elsewhere.json(attributes(json!({"reference-id": "a"})))).await.expect(422);
        let colleague = world.new_key(Permission::ALL.to_vec(), None).await;
        world.call(account("k", "c").key(&colleague)).await.expect(201);
        world.call(account("k", "a").key(&world.foreign_key)).await.expect(201);
        assert_eq!(accounts(&world).await, 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_kept_for_a_day() {
    on_each_engine(async |world| {
        world.call(account("k", "a")).await.expect(201);
        world.clock.advance_seconds(86_399);
        world.call(account("k", "a")).await.expect(201);
        world.clock.advance_seconds(2);
        world.call(account("k", "a")).await.expect(409);
        world.call(account("k", "a")).await.expect(409);
        // One more second: each lane's time advances by a microsecond per batch, so the lanes' times differ.
        world.clock.advance_seconds(86_401);
        world.call(account("k", "b")).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_255_characters_and_no_more() {
    let world = World::sqlite().await;
    world.call(account(&"k".repeat(255), "a")).await.expect(201);
    world.call(account(&"k".repeat(256), "b")).await.expect(400);
    world.call(account("", "c")).await.expect(201);
    assert_eq!(accounts(&world).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_at_once_have_one_effect_and_one_answer() {
    on_each_engine(async |world| {
        let world = Arc::new(world);
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { world.call(account("k", "a")).await })
            })
            .collect();
        let mut answers = Vec::new();
        for call in calls {
            answers.push(call.await.expect("an answer").expect(201));
        }
        assert!(answers.iter().all(|answer| same(answer, &answers[0])));
        assert_eq!(accounts(&world).await, 1);
        assert_eq!(world.get("/events?filter[name]=account.created").await.ids().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn being_unknown_or_too_fast_is_not_remembered() {
    let world = World::sqlite().await;
    let slow = world.new_key(Permission::ALL.to_vec(), Some(1)).await;
    world.call(Call::get("/cases").key(&slow)).await.expect(200);
    world.call(account("k", "a").key(&slow)).await.expect(429);
    world.clock.advance_seconds(60);
    world.call(account("k", "a").key(&slow)).await.expect(201);
    world.call(account("k", "b").key("nobody")).await.expect(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_ends_inline_is_told_the_same_again() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let id = published(&world, "Called", called(&template)).await;
        let call = || {
            let body: Value = attributes(json!({"fields": {"amount": 50}}));
            Call::post(&format!("/workflows/{id}/trigger")).with("idempotency-key", "k").json(body)
        };
        let first = world.call(call()).await.expect(200);
        world.clock.advance_seconds(5);
        let again = world.call(call()).await.expect(200);
        assert_eq!(first.attribute("status"), "completed");
        assert!(same(&first, &again), "{}\n{}", first.told(), again.told());
        assert_eq!(world.get("/workflow-runs").await.ids().len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_sent_again_with_another_boundary_is_the_same_request() {
    on_each_engine(async |world| {
        let form = |boundary: &str, reference: &str| {
            let text = format!(
                "--{boundary}\r\ncontent-disposition: form-data; name=\"data[attributes][reference-id]\"\r\n\r\n{reference}\r\n--{boundary}--\r\n"
            );
            let call = Call::post("/accounts").with("idempotency-key", "k");
            call.raw(&format!("multipart/form-data; boundary={boundary}"), text)
        };
        let first = world.call(form("one", "a")).await.expect(201);
        assert!(same(&first, &world.call(form("two", "a")).await));
        world.call(form("two", "b")).await.expect(422);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_did_not_come_whole_leaves_its_key_free() {
    let world = World::sqlite().await;
    let call = || Call::post("/accounts").with("idempotency-key", "k");
    world.call(call().raw("application/json", " ".repeat((1 << 20) + 1))).await.expect(413);
    world.call(call().json(attributes(json!({"reference-id": "a"})))).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_of_any_letters_is_kept() {
    let world = World::sqlite().await;
    let first = world.call(account("schl\u{fc}ssel", "a")).await.expect(201);
    assert!(same(&first, &world.call(account("schl\u{fc}ssel", "a")).await));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_that_is_no_rule_leaves_its_key_free() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let case = case(&world, &template).await;
        let path = format!("/cases/{}/set-status", case.id());
        let viewer = world.new_key(vec![Permission::CaseRead], None).await;
        let moving = |key: &str, path: &str, status: &str| {
            Call::post(path).with("idempotency-key", key).json(json!({"meta": {"status": status}}))
        };
        let refused = [
            (Call::post(&path).with("idempotency-key", "k").json(json!({})), 400),
            (moving("k", "/cases/case_none/set-status", "Pending"), 404),
            (moving("k", &path, "Pending").key(&viewer), 403),
            (moving("k", &path, "Pending").with("if-match", "\"99\""), 412),
            (Call::post(&path).with("idempotency-key", "k").raw("text/plain", "x"), 415),
        ];
        for (call, status) in refused {
            world.call(call).await.expect(status);
        }

        let moved = world.call(moving("k", &path, "Pending")).await.expect(200);

        assert!(same(&moved, &world.call(moving("k", &path, "Pending")).await));
        let broken = world.call(moving("k2", &path, "Nowhere")).await.expect(422);
        assert!(same(&broken, &world.call(moving("k2", &path, "Nowhere")).await));
        let other = world.call(moving("k2", &path, "Pending")).await.expect(422);
        assert!(other.details().contains("Idempotency-Key"), "{}", other.told());
    })
    .await;
}

/// The stored responses, oldest first: their statuses and sizes.
async fn remembered(world: &World) -> (Vec<i64>, Vec<usize>) {
    let take: fn(&mut Vec<Row>, &'static Table, Row) = |rows, _, row| rows.push(row);
    let rows =
        world.database.reader().walk(docket_api::store::TABLES, Vec::new(), take, |_| None).await.expect("every row");
    let mut rows: Vec<_> = rows.into_iter().map(|row| Remembered::decode(row).expect("an answer")).collect();
    rows.sort_by_key(|answer| (answer.created_at, answer.id.to_string()));
    let size = |answer: &Remembered| usize::try_from(answer.size_bytes).expect("a size");
    (rows.iter().map(|answer| answer.status).collect(), rows.iter().map(size).collect())
}

/// Two accounts and two refusals, alternating, in a world with this limit of stored bytes per key.
async fn four_answers(engine: On, bytes_max: usize) -> (Vec<i64>, Vec<usize>) {
    let settings = Settings { remembered_bytes_max: bytes_max, ..Settings::default() };
    let world = World::with(engine, settings).await;
    for (key, reference, status) in [("a", "one", 201), ("b", "one", 409), ("c", "two", 201), ("d", "two", 409)] {
        world.clock.advance_seconds(1);
        world.call(account(key, reference)).await.expect(status);
    }
    let others = world.new_key(Permission::ALL.to_vec(), None).await;
    world.call(account("a", "three").key(&others)).await.expect(201);
    let (mut statuses, mut sizes) = remembered(&world).await;
    world.is_in_order().await;
    // The last one belongs to another key, which has its own limit.
    assert_eq!((statuses.pop(), sizes.pop().is_some()), (Some(201), true));
    (statuses, sizes)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_has_so_much_remembered_and_the_oldest_refusals_go_first() {
    for engine in engines() {
        let (all, exact) = four_answers(engine, usize::MAX).await;
        assert_eq!(all, [201, 409, 201, 409], "{engine}");
        let total: usize = exact.iter().sum();

        assert_eq!(four_answers(engine, total).await.0, [201, 409, 201, 409], "{engine}");
        assert_eq!(four_answers(engine, total - 1).await.0, [201, 201, 409], "{engine}");
        let answers = exact[0] + exact[2];
        assert_eq!(four_answers(engine, answers).await.0, [201, 201], "{engine}");
        // Without the first account, there is room for the last refusal.
        assert_eq!(four_answers(engine, answers - 1).await.0, [201, 409], "{engine}");
    }
}
