//! Users in a browser: signing in and out, the environments, the first run.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use docket_access::{Made, Plan, SetupRequest, hash_password, is_new_installation, setup};
use docket_api::{FirstRun, Peer, Sample};
use docket_kernel::Scope;
use docket_storage::{Command, WriteError, Writer};
use docket_testkit::On;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::{Answer, Call, World, attributes, on_each_engine};

const PASSWORD: &str = "correct horse battery";
const HERE: &str = "http://docket.test";

/// A browser: it stores its cookie, and sends the headers that browsers send.
pub struct Browser<'w> {
    pub world: &'w World,
    /// The token in the cookie.
    pub cookie: Option<String>,
    /// The cookie's name, once it was set.
    pub name: String,
    pub origin: Option<&'static str>,
    peer: &'static str,
}

impl<'w> Browser<'w> {
    pub fn of(world: &'w World) -> Self {
        Self { world, cookie: None, name: String::new(), origin: Some(HERE), peer: "192.0.2.1:40000" }
    }

    /// A browser in which the world's first user has signed in.
    pub async fn signed_in(world: &'w World) -> Self {
        world.set_password(PASSWORD).await;
        let mut browser = Self::of(world);
        browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
        browser
    }

    pub fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(format!("/api/v1{path}")).header("host", "docket.test");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", format!("theme=dark; {}={cookie}", self.name));
        }
        if let Some(origin) = self.origin {
            request = request.header("origin", origin);
        }
        request = request.extension(Peer(self.peer.parse().expect("an address")));
        match body {
            Some(body) => request.header("content-type", "application/json").body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        }
        .expect("a request")
    }

    pub async fn call(&mut self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let request = self.request(method, path, body.as_ref());
        let response = self.world.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes };
        assert!(answer.headers.contains_key("request-id"), "{}", answer.told());
        let given = answer.header("set-cookie");
        if let Some((name, rest)) = given.split_once('=').filter(|(name, _)| name.starts_with("docket_session")) {
            name.clone_into(&mut self.name);
            let token = rest.split(';').next().unwrap_or_default().to_owned();
            self.cookie = (!token.is_empty()).then_some(token);
        }
        answer
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.call("GET", path, None).await
    }

    pub async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.call("POST", "/sessions", Some(attributes(json!({"email-address": email, "password": password})))).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_works_in_the_sandbox_and_signs_out() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        let session = browser.get("/session").await.expect(200);
        assert_eq!(session.attribute("environment"), "sandbox");
        assert_eq!(session.attribute("environments"), &json!(["sandbox", "production"]));
        assert_eq!(session.text("/included/0/attributes/email-address"), "ada@lantern.example");
        assert!(session.attribute("permissions").to_string().contains("case.write"), "{}", session.told());
        let template =
            browser.call("POST", "/case-templates", Some(attributes(json!({"name": "KYC"})))).await.expect(201);
        let made = browser
            .call("POST", "/cases", Some(attributes(json!({"case-template-id": template.id()}))))
            .await
            .expect(201);
        assert_eq!(
            (made.attribute("creator-id"), made.attribute("creator-type")),
            (&json!("ada@lantern.example"), &json!("user"))
        );
        let events = browser.get("/events").await.expect(200);
        assert_eq!(events.text("/data/0/attributes/context/actor/type"), "user");
        let token = browser.cookie.clone().expect("a cookie");

        browser.call("DELETE", "/session", None).await.expect(204);

        assert_eq!(browser.cookie, None);
        browser.cookie = Some(token);
        browser.get("/session").await.expect(401);
        browser.get("/cases").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_other_environment_is_another_session_with_another_token() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        browser.call("POST", "/case-templates", Some(attributes(json!({"name": "KYC"})))).await.expect(201);
        let old = browser.cookie.clone();

        let to = attributes(json!({"environment": "production"}));
        let switched = browser.call("PATCH", "/session", Some(to)).await.expect(200);

        assert_eq!(switched.attribute("environment"), "production");
        assert_eq!(browser.get("/case-templates").await.expect(200).ids(), Vec::<String>::new());
        assert_ne!(browser.cookie, old);
        browser.cookie = old;
        browser.get("/session").await.expect(401);
        browser.call("PATCH", "/session", Some(attributes(json!({"environment": "moon"})))).await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_address_and_a_wrong_password_are_refused_in_the_same_words() {
    let world = World::sqlite().await;
    world.set_password(PASSWORD).await;
    let mut browser = Browser::of(&world);

    let wrong = browser.sign_in("ada@lantern.example", "wrong").await.expect(422);
    let unknown = browser.sign_in("nobody@lantern.example", PASSWORD).await.expect(422);

    assert_eq!(wrong.body, unknown.body);
    assert_eq!(wrong.text("/errors/0/code"), "sign-in-failed");
    let known = browser.sign_in(" Ada@Lantern.example", PASSWORD).await.expect(201);
    assert!(known.header("set-cookie").contains("HttpOnly; SameSite=Lax"), "{}", known.header("set-cookie"));
    assert!(!known.header("set-cookie").contains("Secure"));
    browser.sign_in("ada@lantern.example", &"x".repeat(1_025)).await.expect(422);
    browser.call("POST", "/sessions", Some(attributes(json!({"password": "x"})))).await.expect(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_tries_that_fail_are_enough_for_a_quarter_of_an_hour() {
    on_each_engine(async |world| {
        world.set_password(PASSWORD).await;
        let mut browser = Browser::of(&world);
        for _ in 0..3 {
            browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
        }
        for _ in 0..10 {
            browser.sign_in("ada@lantern.example", "wrong").await.expect(422);
        }

        let refused = browser.sign_in("ada@lantern.example", PASSWORD).await.expect(429);

        assert_eq!(
            (refused.header("retry-after").as_str(), refused.text("/errors/0/code").as_str()),
            ("900", "too-many-tries")
        );
        browser.sign_in("bob@lantern.example", "wrong").await.expect(429);
        let mut elsewhere = Browser { peer: "198.51.100.1:1", ..Browser::of(&world) };
        elsewhere.sign_in("ada@lantern.example", PASSWORD).await.expect(429);
        elsewhere.sign_in("bob@lantern.example", "wrong").await.expect(422);
        world.clock.advance_seconds(901);
        browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_with_a_cookie_comes_from_our_own_pages() {
    let world = World::sqlite().await;
    let mut browser = Browser::signed_in(&world).await;
    let (cookie, body) = (browser.cookie.clone(), attributes(json!({"name": "KYC"})));
    for origin in [None, Some("http://evil.example"), Some("null"), Some("http://docket.test:9000")] {
        browser.origin = origin;
        for (method, path) in
            [("POST", "/case-templates"), ("PATCH", "/session"), ("DELETE", "/session"), ("POST", "/nothing")]
        {
            let refused = browser.call(method, path, Some(body.clone())).await.expect(403);
            assert!(refused.details().contains("Docket from its own pages") || refused.details().contains("Origin"));
        }
        browser.get("/case-templates").await.expect(200);
    }
    browser.origin = Some("http://evil.example");
    browser.sign_in("ada@lantern.example", PASSWORD).await.expect(403);
    browser.origin = Some(HERE);
    browser.call("POST", "/case-templates", Some(body.clone())).await.expect(201);
    assert_eq!(browser.cookie, cookie);
    // A key is not a cookie: browsers do not send it automatically.
    let by_key = Call::post("/case-templates").json(body).with("origin", "http://evil.example");
    world.call(by_key).await.expect(201);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_was_planted_is_no_good_after_signing_in() {
    let world = World::sqlite().await;
    world.set_password(PASSWORD).await;
    let mut browser = Browser::of(&world);
    browser.cookie = Some("0".repeat(64));
    browser.get("/session").await.expect(401);

    browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);

    let first = browser.cookie.clone();
    assert_ne!(first, Some("0".repeat(64)));
    browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
    let second = std::mem::replace(&mut browser.cookie, first);
    browser.get("/session").await.expect(401);
    browser.cookie = second;
    browser.get("/session").await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        for _ in 0..13 {
            world.clock.advance_seconds(43_000);
            browser.get("/session").await.expect(200);
        }
        let mut idle = Browser::of(&world);
        idle.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
        world.clock.advance_seconds(43_201);
        idle.get("/session").await.expect(401);

        world.clock.advance_seconds(7 * 86_400 - 14 * 43_000);

        browser.get("/session").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_digest_of_a_token_is_kept() {
    let world = World::sqlite().await;
    let browser = Browser::signed_in(&world).await;
    let token = browser.cookie.clone().expect("a cookie");

    let kept = world.fresh.read("SELECT digest FROM user_session").await;

    assert_eq!(kept, [docket_access::digest(&token)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_no_session_and_a_person_has_a_rate() {
    let world = World::sqlite().await;
    world.get("/session").await.expect(403);
    let mut browser = Browser::signed_in(&world).await;
    let answer = browser.get("/users").await.expect(200);
    assert_eq!(answer.header("ratelimit-limit"), "30000");
    assert_eq!(answer.text("/data/0/attributes/email-address"), "ada@lantern.example");
    browser.call("PATCH", "/session", Some(attributes(json!({"environment": "production"})))).await.expect(200);
    assert_eq!(browser.get("/users").await.expect(200).ids().len(), 1);
}

/// Sets up an installation like the server, without sample data.
struct Fresh(Writer);

impl FirstRun for Fresh {
    fn is_token(&self, token: &str) -> bool {
        token == "the token"
    }

    fn set_up<'a>(
        &'a self,
        request: SetupRequest,
        _: Sample,
    ) -> Pin<Box<dyn Future<Output = Result<Made, WriteError>> + Send + 'a>> {
        let command = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
        Box::pin(self.0.submit(command))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_installation_is_set_up_once_with_the_token() {
    for engine in docket_testkit::engines() {
        let world = World::empty(engine).await;
        world.app.begin_with(Arc::new(Fresh(world.database.writer().clone())));
        let mut browser = Browser::of(&world);
        assert_eq!(browser.get("/setup").await.expect(200).attribute("needed"), true);
        let wanted = |token: &str, password: &str| {
            attributes(
                json!({"token": token, "organization": "Lumen Bank", "email-address": "ada@lumen.example", "password": password}),
            )
        };
        browser.call("POST", "/setup", Some(wanted("a guess", PASSWORD))).await.expect(403);
        let short = browser.call("POST", "/setup", Some(wanted("the token", "short"))).await.expect(422);
        assert_eq!(short.pointers(), ["/data/attributes/password"]);

        let begun = browser.call("POST", "/setup", Some(wanted("the token", PASSWORD))).await.expect(201);

        assert_eq!(begun.text("/included/1/attributes/name"), "Lumen Bank", "{engine}");
        assert_eq!(browser.get("/session").await.expect(200).attribute("environment"), "sandbox");
        assert_eq!(browser.get("/setup").await.expect(200).attribute("needed"), false);
        let again = browser.call("POST", "/setup", Some(wanted("the token", PASSWORD))).await.expect(409);
        assert_eq!(again.text("/errors/0/code"), "already-set-up");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn installations_on_one_host_name_their_cookies_apart_and_the_nodes_of_one_alike() {
    for engine in docket_testkit::engines() {
        let (one, other) = (World::on(engine).await, World::empty(engine).await);
        let mut browser = Browser::signed_in(&one).await;
        other.clock.advance_seconds(1);
        other.app.begin_with(Arc::new(Fresh(other.database.writer().clone())));
        let wanted = attributes(
            json!({"token": "the token", "organization": "Lumen Bank", "email-address": "ada@lumen.example", "password": PASSWORD}),
        );
        let mut beside = Browser::of(&other);

        beside.call("POST", "/setup", Some(wanted)).await.expect(201);

        assert!(browser.name.starts_with("docket_session_"), "{}", browser.name);
        assert_ne!(browser.name, beside.name, "{engine}");
        beside.get("/session").await.expect(200);
        let node = one.other_node();
        let response = node.oneshot(browser.request("GET", "/session", None)).await.expect("an answer");
        assert_eq!(response.status(), 200);
        // A cookie with the name that older versions used is ignored.
        "docket_session".clone_into(&mut browser.name);
        browser.get("/session").await.expect(401);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_installation_that_was_set_up_before_sessions_came_needs_no_first_run() {
    let world = World::on(On::Sqlite).await;
    let is_new = world.database.reader().view(Scope::Installation, is_new_installation).await.expect("it is read");
    assert!(!is_new);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_of_several_organizations_says_which() {
    let world = World::sqlite().await;
    world.set_password(PASSWORD).await;
    let hash = hash_password(PASSWORD, [3; 32]).expect("a hash");
    let request = SetupRequest {
        organization: "Second Bank".into(),
        email: "ada@lantern.example".into(),
        password_hash: hash,
        plan: Plan::Growth,
    };
    let command = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
    let second = world.database.writer().submit(command).await.expect("a second organization");
    let mut browser = Browser::of(&world);

    let asked = browser.sign_in("ada@lantern.example", PASSWORD).await.expect(422);

    assert_eq!(asked.text("/errors/0/code"), "several-organizations");
    assert_eq!(asked.at("/errors/0/meta/organizations").as_array().map(Vec::len), Some(2));
    let body =
        json!({"email-address": "ada@lantern.example", "password": PASSWORD, "organization-id": second.organization});
    let session = browser.call("POST", "/sessions", Some(attributes(body))).await.expect(201);
    assert_eq!(session.text("/included/1/attributes/name"), "Second Bank");
}
