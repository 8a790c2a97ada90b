//! Live views: events are streamed in order, and only to the callers of their environment.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use docket_testkit::On;
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use crate::sessions::Browser;
use crate::shut_out::second_node;
use crate::things::{called, case, published, template};
use crate::world::{Call, World, attributes, on_each_engine};

/// One stream, as a browser reads it.
struct Listening {
    body: Body,
    rest: String,
    /// Events with this name may precede the expected ones if other work was in progress, and are skipped.
    passed_over: &'static str,
}

#[derive(Debug)]
struct StreamEvent {
    id: String,
    event: String,
    data: Value,
}

impl Listening {
    async fn to(router: &Router, request: Request<Body>) -> Self {
        let response = router.clone().oneshot(request).await.expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut listening = Self { body: response.into_body(), rest: String::new(), passed_over: "" };
        assert_eq!(listening.next().await.expect("it begins").event, "ready");
        listening
    }

    fn passing_over(self, passed_over: &'static str) -> Self {
        Self { passed_over, ..self }
    }

    /// The next message; `None` after the end of the stream.
    async fn next(&mut self) -> Option<StreamEvent> {
        loop {
            if let Some((block, rest)) = self.rest.clone().split_once("\n\n") {
                rest.clone_into(&mut self.rest);
                let of = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim();
                if block.contains("event:") {
                    let data = serde_json::from_str(of("data:")).expect("JSON");
                    let told = StreamEvent { id: of("id:").to_owned(), event: of("event:").to_owned(), data };
                    if told.data["name"] != self.passed_over {
                        return Some(told);
                    }
                }
                continue;
            }
            let frame =
                tokio::time::timeout(Duration::from_secs(20), self.body.frame()).await.expect("something is told");
            let data = frame?.expect("a frame").into_data().expect("data");
            self.rest.push_str(std::str::from_utf8(&data).expect("text"));
        }
    }

    async fn names(&mut self, count: usize) -> Vec<String> {
        let mut names = Vec::new();
        while names.len() < count {
            let told = self.next().await.expect("more is told");
            assert_eq!(told.event, "happened");
            names.push(told.data["name"].as_str().expect("a name").to_owned());
        }
        names
    }
}

fn by_key(key: &str, last: Option<&str>) -> Request<Body> {
    let mut request = Request::builder().uri("/api/v1/stream").header("authorization", format!("Bearer {key}"));
    if let Some(last) = last {
        request = request.header("last-event-id", last);
    }
    request.body(Body::empty()).expect("a request")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_is_told_in_order_and_to_its_environment_alone() {
    on_each_engine(async |world| {
        let mut sandbox = Listening::to(&world.router, by_key(&world.key, None)).await;
        let mut production = Listening::to(&world.router, by_key(&world.foreign_key, None)).await;
        let template = template(&world).await;
        let id = case(&world, &template).await.id();
        world
            .call(
                Call::post("/case-templates")
                    .key(&world.foreign_key)
                    .json(attributes(serde_json::json!({"name": "Theirs"}))),
            )
            .await
            .expect(201);

        assert_eq!(sandbox.names(1).await, ["case-template.created"]);
        let told = sandbox.next().await.expect("more is told");
        assert_eq!(
            (told.data["name"].as_str(), told.data["object"]["id"].as_str()),
            (Some("case.created"), Some(id.as_str()))
        );
        assert_eq!(told.data["related"][0]["id"].as_str(), Some(template.as_str()));
        assert_eq!(production.names(1).await, ["case-template.created"]);
        let workflow = published(&world, "Called", called(&template)).await;
        world
            .post(&format!("/workflows/{workflow}/trigger"), attributes(serde_json::json!({"fields": {"amount": 50}})))
            .await
            .expect(200);
        let names = sandbox.names(5).await;
        assert_eq!(names[..2], ["workflow.published", "workflow-run.created"]);
        assert!(names.contains(&"case.status-updated".to_owned()), "{names:?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_broke_off_goes_on_where_it_was() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let first = Listening::to(&world.router, by_key(&world.key, None)).await;
        let mut first = first.passing_over("case-template.created");
        case(&world, &template).await;
        let last = first.next().await.expect("something is told").id;
        drop(first);
        let missed = [case(&world, &template).await.id(), case(&world, &template).await.id()];

        let mut second = Listening::to(&world.router, by_key(&world.key, Some(&last))).await;

        let later = case(&world, &template).await.id();
        for id in missed.iter().chain([&later]) {
            let told = second.next().await.expect("more is told");
            assert_eq!(told.data["object"]["id"].as_str(), Some(id.as_str()));
        }
        for odd in ["nonsense", "99999999999-evt_x"] {
            let mut lost = Listening::to(&world.router, by_key(&world.key, Some(odd))).await;
            assert_eq!(lost.next().await.expect("something is told").event, "gap", "{odd}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_ends_with_its_session() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        let mut listening = Listening::to(&world.router, browser.request("GET", "/stream", None)).await;
        let template = template(&world).await;
        assert_eq!(listening.names(1).await, ["case-template.created"]);

        browser.call("DELETE", "/session", None).await.expect(204);
        world.clock.advance_seconds(1);
        case(&world, &template).await;

        assert_eq!(listening.next().await.expect("it is told").event, "ended");
        assert!(listening.next().await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_a_session_that_ended_ends_though_nothing_happens() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        let mut listening = Listening::to(&world.router, browser.request("GET", "/stream", None)).await;

        browser.call("DELETE", "/session", None).await.expect(204);

        // Signing out records no event, and the keep-alive would come after 30 seconds.
        assert_eq!(listening.next().await.expect("it is told").event, "ended");
        assert!(listening.next().await.is_none());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_has_twenty_streams_and_a_place_is_free_again() {
    let world = World::sqlite().await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(Listening::to(&world.router, by_key(&world.key, None)).await);
    }
    let refused = world.get("/stream").await.expect(429);
    assert_eq!(refused.text("/errors/0/code"), "too-many-streams");
    Listening::to(&world.router, by_key(&world.foreign_key, None)).await;

    open.clear();
    // The closed streams are noticed when the next hint is sent.
    template(&world).await;

    let mut again = world.call(Call::get("/nothing")).await.expect(404).status;
    while again != 200 {
        tokio::task::yield_now().await;
        again = world.router.clone().oneshot(by_key(&world.key, None)).await.expect("an answer").status().as_u16();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end_when_the_server_stops() {
    let world = World::sqlite().await;
    let mut listening = Listening::to(&world.router, by_key(&world.key, None)).await;
    world.app.close_streams();
    assert!(listening.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_needs_a_credential_and_the_permission() {
    let world = World::sqlite().await;
    world.call(Call::get("/stream").key("")).await.expect(401);
    let powerless = world.new_key(vec![docket_kernel::Permission::CaseRead], None).await;
    world.call(Call::get("/stream").key(&powerless)).await.expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_writes_another_tells() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let (there, other) = second_node(&world, On::Postgres).await;
    let mut listening = Listening::to(&there, by_key(&world.key, None)).await;

    template(&world).await;

    assert_eq!(listening.names(1).await, ["case-template.created"]);
    other.expect("a node of its own").close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_committed_late_holds_nothing_up_and_is_told_after_those_before_it() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let template = template(&world).await;
    let listening = Listening::to(&world.router, by_key(&world.key, None)).await;
    let mut listening = listening.passing_over("case-template.created");
    let slow = world.fresh.connect().await;
    slow.batch_execute(
        "BEGIN; INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, depth, \
         context, payload, created_at) SELECT 'evt_late', environment_id, 'late', 'case', 'case_late', 1, 'system', 0, \
         '{}', '{}', 5 FROM event LIMIT 1; \
         INSERT INTO event_unnumbered (environment_id, event_id) SELECT environment_id, id FROM event WHERE id = 'evt_late'",
    )
    .await
    .expect("it is written");
    let id = case(&world, &template).await.id();

    let told = listening.next().await.expect("it is told while the other is under way");
    assert_eq!(told.data["object"]["id"].as_str(), Some(id.as_str()));
    slow.batch_execute("COMMIT").await.expect("it is committed");
    let late = listening.next().await.expect("the late one is not missed");

    assert_eq!(late.data["name"], "late");
    let mut again = Listening::to(&world.router, by_key(&world.key, Some(&told.id))).await;
    assert_eq!(again.next().await.expect("nor by who comes back").id, late.id);
    let numbers = world.fresh.count("SELECT count(DISTINCT number) FROM event_sequence").await;
    assert_eq!(world.fresh.count("SELECT max(number) FROM event_sequence").await, numbers, "there is no gap");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_came_with_their_places_from_a_copy_keep_no_event_from_its_number() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let template = template(&world).await;
    let listening = Listening::to(&world.router, by_key(&world.key, None)).await;
    let mut listening = listening.passing_over("case-template.created");
    while world.fresh.count("SELECT count(*) FROM event_unnumbered").await > 0 {
        tokio::task::yield_now().await;
    }
    world
        .fresh
        .run(
            "INSERT INTO event (id, environment_id, name, object_type, object_id, object_version, actor_type, depth, \
             context, payload, created_at) VALUES ('evt_copied', 'env_copied', 'x.y', 'x', 'x_1', 1, 'system', 0, '{}', \
             '{}', 5); \
             INSERT INTO event_sequence (place, environment_id, number, event_id) \
             SELECT (SELECT max(place) FROM event_sequence) + i, 'env_copied', i, 'evt_copied' \
             FROM generate_series(1, 600) AS i",
        )
        .await;

    let id = case(&world, &template).await.id();

    let hint = listening.next().await.expect("a hint");
    assert_eq!(hint.data["object"]["id"].as_str(), Some(id.as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_outlast_vacuum() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let first = Listening::to(&world.router, by_key(&world.key, None)).await;
        let mut first = first.passing_over("case-template.created");
        let before = case(&world, &template).await.id();
        let last = first.next().await.expect("something is told");
        assert_eq!(last.data["object"]["id"].as_str(), Some(before.as_str()));
        drop(first);
        let missed = case(&world, &template).await.id();

        world.run_unbound("DELETE FROM event WHERE name = 'case-template.created'").await;
        world.fresh.run("VACUUM").await;

        let mut second = Listening::to(&world.router, by_key(&world.key, Some(&last.id))).await;
        let told = second.next().await.expect("more is told");
        assert_eq!(told.data["object"]["id"].as_str(), Some(missed.as_str()));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_event_of_two_nodes_has_one_number_and_those_of_an_object_stand_in_its_order() {
    if !On::Postgres.is_there() {
        return;
    }
    let world = World::on(On::Postgres).await;
    let (there, other) = second_node(&world, On::Postgres).await;
    let template = template(&world).await;
    let ids = [case(&world, &template).await.id(), case(&world, &template).await.id()];

    let mut asked = Vec::new();
    for round in 0..20 {
        for router in [&world.router, &there] {
            let status = ["Pending", "Open"][round % 2];
            let body = serde_json::json!({"meta": {"status": status}}).to_string();
            let request = Request::post(format!("/api/v1/cases/{}/set-status", ids[round % 2]))
                .header("authorization", format!("Bearer {}", world.key))
                .header("content-type", "application/json")
                .body(Body::from(body))
                .expect("a request");
            asked.push(tokio::spawn(router.clone().oneshot(request)));
        }
    }
    // A transaction that meets a locked row of the other node is retried after the clock has advanced.
    while asked.iter().any(|asked| !asked.is_finished()) {
        world.clock.advance_micros(1_000);
        tokio::task::yield_now().await;
    }
    for asked in asked {
        asked.await.expect("it is asked").expect("an answer");
    }
    let numbered = async {
        while world.fresh.count("SELECT count(*) FROM event_unnumbered").await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), numbered).await.expect("every event is numbered");

    let events = world.fresh.count("SELECT count(*) FROM event").await;
    assert_eq!(world.fresh.count("SELECT count(DISTINCT event_id) FROM event_sequence").await, events);
    let gaps = "SELECT count(*) FROM (SELECT environment_id FROM event_sequence GROUP BY environment_id \
         HAVING max(number) <> count(*) OR min(number) <> 1) AS gaps";
    assert_eq!(world.fresh.count(gaps).await, 0);
    let turned = "SELECT count(*) FROM event AS one JOIN event_sequence AS first ON first.event_id = one.id \
         JOIN event AS two ON two.environment_id = one.environment_id AND two.object_id = one.object_id \
         JOIN event_sequence AS second ON second.event_id = two.id \
         WHERE one.object_ordinal < two.object_ordinal AND first.number > second.number";
    assert_eq!(world.fresh.count(turned).await, 0);
    other.expect("a node of its own").close().await;
}
