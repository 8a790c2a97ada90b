//! A user who is signed out, demoted or deactivated can make no changes from that moment on, on any node, even with
//! requests in progress.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use docket_access::Role;
use docket_api::operations;
use docket_kernel::{Permission, PlantedBug};
use docket_steps::Reactions;
use docket_storage::Database;
use docket_testkit::{On, engines, parts};
use serde_json::{Value, json};

use crate::held::{Held, answered};
use crate::sessions::Browser;
use crate::things::{filled, one_of_each};
use crate::world::{Answer, World, attributes};

const PASSWORD: &str = "a long password";

/// The ways in which a user loses permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Loss {
    Deactivated,
    Demoted,
    SignedOut,
}

impl Loss {
    const ALL: [Self; 3] = [Self::Deactivated, Self::Demoted, Self::SignedOut];

    /// The status of a change that arrives afterwards.
    fn status(self) -> u16 {
        if self == Self::Demoted { 403 } else { 401 }
    }
}

/// A second node over the world's database; on PostgreSQL with its own writer.
pub async fn second_node(world: &World, engine: On) -> (Router, Option<Database>) {
    if engine == On::Sqlite {
        return (world.other_node(), None);
    }
    let steps = Arc::new(docket_steps::engine());
    let other = world.fresh.open(parts(&world.clock, 2, Arc::new(Reactions::of(&steps)))).await.expect("it opens");
    (world.router_of(&other), Some(other))
}

/// Bob, an administrator who has signed in: his id and his browser.
pub async fn bob(world: &World) -> (String, Browser<'_>) {
    let body = json!({"email-address": "bob@lantern.example", "name": "Bob Byron", "role": "admin"});
    world.set_password("correct horse battery").await;
    let added = world.post("/users", attributes(body)).await.expect(201);
    let link = added.text("/data/attributes/invitation");
    let token = link.split_once("/invitation#token=").expect("a link").1.to_owned();
    let mut browser = Browser::of(world);
    let accept = attributes(json!({"token": token, "password": PASSWORD}));
    browser.call("POST", "/invitations/accept", Some(accept)).await.expect(201);
    (added.id(), browser)
}

/// Removes Bob's permissions, by a request to another node.
async fn lose(node: &Router, world: &World, browser: &Browser<'_>, id: &str, loss: Loss) {
    let request = match loss {
        Loss::SignedOut => browser.request("DELETE", "/session", None),
        Loss::Deactivated | Loss::Demoted => {
            let change = if loss == Loss::Demoted { json!({"role": "viewer"}) } else { json!({"active": false}) };
            Request::builder()
                .method("PATCH")
                .uri(format!("/api/v1/users/{id}"))
                .header("authorization", format!("Bearer {}", world.key))
                .header("content-type", "application/json")
                .body(Body::from(attributes(change).to_string()))
                .expect("a request")
        }
    };
    let answer = answered(node.clone(), request).await;
    assert!(answer.status < 300, "{loss:?}: {}", answer.told());
}

pub fn with_json(mut request: Request<Body>) -> Request<Body> {
    request.headers_mut().insert("content-type", "application/json".parse().expect("a media type"));
    request
}

/// Bob is shut out while the body of his request for an administrator is on its way: the answer, and whether there is one.
async fn administrator_by_somebody_who_is_out(world: &World, engine: On, loss: Loss) -> (Answer, bool) {
    let (other, database) = second_node(world, engine).await;
    let (id, browser) = bob(world).await;
    let eve = json!({"email-address": "eve@evil.example", "name": "Eve", "role": "admin"});
    let request = with_json(browser.request("POST", "/users", None));
    let Ok(held) = Held::begin(&world.router, request, attributes(eve).to_string()).await else {
        panic!("the body is read")
    };
    lose(&other, world, &browser, &id, loss).await;
    let answer = held.finish().await;
    let people = world.get("/users").await.expect(200);
    if let Some(database) = database {
        database.close().await;
    }
    (answer, people.body.to_string().contains("eve@evil.example"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_shut_out_before_the_body_arrives_makes_no_administrator() {
    for engine in engines() {
        for loss in Loss::ALL {
            let world = World::on(engine).await;

            let (answer, is_there) = administrator_by_somebody_who_is_out(&world, engine, loss).await;

            assert_eq!(answer.status, loss.status(), "{engine} {loss:?}: {}", answer.told());
            assert!(!is_there, "{engine} {loss:?}: {}", answer.told());
            world.is_in_order().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_is_not_read_again_is_found() {
    for engine in engines() {
        let world = World::planting(engine, PlantedBug::CallerNotReadAgain).await;

        let (answer, is_there) = administrator_by_somebody_who_is_out(&world, engine, Loss::Deactivated).await;

        assert!(is_there, "{engine}: {}", answer.told());
    }
}

/// Every operation by which a session changes something: those of the pipeline, and those about the session itself.
fn writes(own: &[(&'static str, String)]) -> Vec<(&'static str, String, Option<Permission>)> {
    let pipeline = operations().into_iter().filter(|about| about.method != "GET");
    let mut all: Vec<_> =
        pipeline.map(|about| (about.method, filled(about.path, own), Some(about.permission))).collect();
    all.extend([("PATCH", "/session".to_owned(), None), ("POST", "/session/first-steps".to_owned(), None)]);
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_who_is_shut_out_before_the_body_arrives_changes_nothing_by_any_operation() {
    for loss in Loss::ALL {
        let world = World::sqlite().await;
        let own = one_of_each(&world, &world.key).await;
        let (id, browser) = bob(&world).await;
        let events = world.get("/events?page[size]=100").await.ids();
        let mut held = Vec::new();
        for (method, path, permission) in writes(&own) {
            let body = match path.as_str() {
                "/session" => attributes(json!({"environment": "production"})),
                "/session/first-steps" => attributes(json!({"done": ["open-case"]})),
                _ => json!({}),
            };
            let request = with_json(browser.request(method, &path, None));
            match Held::begin(&world.router, request, body.to_string()).await {
                Ok(one) => held.push((method, path, permission, one)),
                Err(answer) => panic!("{method} {path}: {}", answer.told()),
            }
        }
        assert!(held.len() > 35, "{} operations write", held.len());

        lose(&world.other_node(), &world, &browser, &id, loss).await;

        for (method, path, permission, one) in held {
            let stays = permission.is_none_or(|permission| Role::Viewer.permissions().any(|may| may == permission));
            if loss == Loss::Demoted && stays {
                continue;
            }
            let answer = one.finish().await;
            assert_eq!(answer.status, loss.status(), "{loss:?}: {method} {path}: {}", answer.told());
        }
        let since: Vec<String> = world.get("/events?page[size]=100").await.ids();
        let new = since.iter().filter(|event| !events.contains(event)).count();
        assert_eq!(new, usize::from(loss != Loss::SignedOut), "{loss:?}: only the loss itself is recorded");
        world.is_in_order().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_with_a_file_of_a_person_who_is_shut_out_is_not_kept() {
    let world = World::sqlite().await;
    let own = one_of_each(&world, &world.key).await;
    let (id, browser) = bob(&world).await;
    let path = filled("/cases/{case-id}", &own);
    let form = "--x\r\ncontent-disposition: form-data; name=\"data[attributes][attachments][]\"; filename=\"a.pdf\"\r\n\
        content-type: application/pdf\r\n\r\n%PDF-1.4\r\n--x--\r\n";
    let mut request = browser.request("PATCH", &path, None);
    request.headers_mut().insert("content-type", "multipart/form-data; boundary=x".parse().expect("a media type"));
    let Ok(held) = Held::begin(&world.router, request, form).await else { panic!("the body is read") };

    lose(&world.other_node(), &world, &browser, &id, Loss::Deactivated).await;
    held.finish().await.expect(401);

    let shown = world.get(&path).await.expect(200);
    assert_eq!(shown.attribute("attachments"), &json!([]), "{}", shown.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_whose_maker_is_shut_out_before_the_body_arrives_changes_nothing() {
    for engine in engines() {
        let world = World::on(engine).await;
        let (other, database) = second_node(&world, engine).await;
        let (id, mut browser) = bob(&world).await;
        let made = browser.call("POST", "/api-keys", Some(attributes(json!({"name": "Bob's"})))).await.expect(201);
        let request = Request::builder()
            .method("POST")
            .uri("/api/v1/case-templates")
            .header("authorization", format!("Bearer {}", made.text("/data/attributes/value")))
            .body(Body::empty())
            .expect("a request");
        let body: Value = attributes(json!({"name": "KYC"}));
        let held = Held::begin(&world.router, with_json(request), body.to_string()).await;
        let Ok(held) = held.map_err(|answer: Answer| answer.told()) else { panic!("the body is read") };

        lose(&other, &world, &browser, &id, Loss::Deactivated).await;
        held.finish().await.expect(401);

        assert_eq!(world.get("/case-templates").await.ids(), Vec::<String>::new(), "{engine}");
        if let Some(database) = database {
            database.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_and_an_invitation_of_a_person_who_is_shut_out_before_the_body_arrives_open_nothing() {
    let world = World::sqlite().await;
    let (id, browser) = bob(&world).await;
    let invited = json!({"email-address": "dan@lantern.example", "name": "Dan", "role": "analyst"});
    let dan = world.post("/users", attributes(invited)).await.expect(201);
    let link = dan.text("/data/attributes/invitation");
    let token = link.split_once("/invitation#token=").expect("a link").1;
    let accept = attributes(json!({"token": token, "password": PASSWORD}));
    let sign_in = attributes(json!({"email-address": "bob@lantern.example", "password": PASSWORD}));
    let mut held = Vec::new();
    for (path, body) in [("/invitations/accept", accept), ("/sessions", sign_in)] {
        let request = with_json(Browser::of(&world).request("POST", path, None));
        let one = Held::begin(&world.router, request, body.to_string()).await;
        held.push(one.map_err(|answer| answer.told()).expect("the body is read"));
    }

    for id in [dan.id(), id] {
        lose(&world.other_node(), &world, &browser, &id, Loss::Deactivated).await;
    }

    for one in held {
        let refused = one.finish().await.expect(422);
        assert_eq!(refused.header("set-cookie"), "");
    }
}
