//! People: added with a link to choose a password, given roles, deactivated; and what that leaves.

use docket_access::{Plan, SetupRequest, setup};
use docket_kernel::{Permission, Scope};
use docket_storage::Command;
use docket_testkit::engines;
use serde_json::{Value, json};

use crate::sessions::Browser;
use crate::things::{case, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

const PASSWORD: &str = "a long password";

fn bob(role: &str) -> Value {
    attributes(json!({"email-address": " Bob@Lantern.example", "name": "Bob Byron", "role": role}))
}

/// What stands behind `token=` in the link of an answer.
fn token(answer: &Answer) -> String {
    let link = answer.text("/data/attributes/invitation");
    link.split_once("/invitation#token=").expect("a link").1.to_owned()
}

async fn look(browser: &mut Browser<'_>, token: &str) -> Answer {
    browser.call("POST", "/invitations/look", Some(attributes(json!({"token": token})))).await
}

async fn accept(browser: &mut Browser<'_>, token: &str, password: &str) -> Answer {
    let body = attributes(json!({"token": token, "password": password}));
    browser.call("POST", "/invitations/accept", Some(body)).await
}

async fn change(world: &World, id: &str, attributes_of: Value) -> Answer {
    world.patch(&format!("/users/{id}"), attributes(attributes_of)).await
}

fn permissions(session: &Answer) -> Vec<String> {
    let told = session.attribute("permissions").as_array().expect("a list");
    told.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_is_added_chooses_a_password_with_the_link_and_does_what_their_role_may() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let added = world.post("/users", bob("analyst")).await.expect(201);
        assert_eq!(added.attribute("email-address"), "bob@lantern.example");
        assert_eq!((added.attribute("role"), added.attribute("active")), (&json!("analyst"), &json!(true)));
        let mut browser = Browser::of(&world);
        browser.sign_in("bob@lantern.example", "").await.expect(400);
        browser.sign_in("bob@lantern.example", PASSWORD).await.expect(422);
        let short = accept(&mut browser, &token(&added), "short").await.expect(422);
        assert_eq!(short.pointers(), ["/data/attributes/password"]);

        let looked = look(&mut browser, &token(&added)).await.expect(200);
        assert_eq!(looked.attribute("email-address"), "bob@lantern.example");
        assert!(looked.attribute("organization").is_string() && looked.attribute("ends-at").is_string());
        look(&mut browser, "a guess").await.expect(422);

        let session = accept(&mut browser, &token(&added), PASSWORD).await.expect(201);

        let may = permissions(&session);
        assert!(may.contains(&"case.write".to_owned()) && !may.contains(&"workflow.write".to_owned()), "{may:?}");
        let opened = attributes(json!({"case-template-id": template}));
        browser.call("POST", "/cases", Some(opened)).await.expect(201);
        browser.call("POST", "/workflows", Some(attributes(json!({"name": "W"})))).await.expect(403);
        browser.call("POST", "/users", Some(bob("analyst"))).await.expect(403);
        let again = accept(&mut browser, &token(&added), PASSWORD).await.expect(422);
        assert_eq!(again.text("/errors/0/code"), "invitation-ended");
        Browser::of(&world).sign_in("bob@lantern.example", PASSWORD).await.expect(201);
        let listed = world.get("/users").await.expect(200);
        assert_eq!(listed.ids().len(), 2);
        assert!(!listed.told().contains("token="), "{}", listed.told());
        let kept = world.fresh.read("SELECT coalesce(invitation_digest, 'none') FROM user_account").await;
        assert_eq!(kept, ["none", "none"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_new_person_is_said_where_it_stands() {
    let world = World::sqlite().await;
    let wrong = attributes(json!({"email-address": "nobody", "name": "  ", "role": "analyst"}));
    let refused = world.post("/users", wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/data/attributes/email-address", "/data/attributes/name"]);
    let refused = world.post("/users", bob("king")).await.expect(400);
    assert!(refused.details().contains("admin, developer, analyst"), "{}", refused.told());
    world.post("/users", bob("analyst")).await.expect(201);
    let taken = world.post("/users", bob("admin")).await.expect(409);
    assert_eq!(taken.text("/errors/0/code"), "email-taken");
    let reader = world.new_key(vec![Permission::UserRead], None).await;
    world.call(Call::post("/users").key(&reader).json(bob("analyst"))).await.expect(403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_good_once_for_a_week_and_until_there_is_another() {
    on_each_engine(async |world| {
        let added = world.post("/users", bob("analyst")).await.expect(201);
        let another = world.call(Call::post(&format!("/users/{}/invite", added.id()))).await.expect(200);
        let mut browser = Browser::of(&world);
        accept(&mut browser, &token(&added), PASSWORD).await.expect(422);
        world.clock.advance_seconds(7 * 86_400 + 1);
        accept(&mut browser, &token(&another), PASSWORD).await.expect(422);
        let third = world.call(Call::post(&format!("/users/{}/invite", added.id()))).await.expect(200);
        accept(&mut browser, &token(&third), PASSWORD).await.expect(201);
        // Whoever forgot their password gets another link; the sessions they had end when it is used.
        let forgot = world.call(Call::post(&format!("/users/{}/invite", added.id()))).await.expect(200);
        browser.get("/session").await.expect(200);
        world.clock.advance_seconds(1);
        accept(&mut Browser::of(&world), &token(&forgot), "another password").await.expect(201);
        browser.get("/session").await.expect(401);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_deactivated_is_out_at_once_and_what_they_did_stays() {
    on_each_engine(async |world| {
        let template = template(&world).await;
        let added = world.post("/users", bob("developer")).await.expect(201);
        let mut browser = Browser::of(&world);
        accept(&mut browser, &token(&added), PASSWORD).await.expect(201);
        let key = browser.call("POST", "/api-keys", Some(attributes(json!({"name": "Bob's"})))).await.expect(201);
        let key = key.text("/data/attributes/value");
        world.call(Call::get("/cases").key(&key)).await.expect(200);
        change(&world, &added.id(), json!({"role": "analyst"})).await.expect(200);
        let opened = attributes(json!({"case-template-id": template}));
        let opened = browser.call("POST", "/cases", Some(opened)).await.expect(201);

        let gone = change(&world, &added.id(), json!({"active": false})).await.expect(200);

        assert_eq!(gone.attribute("active"), false);
        browser.get("/session").await.expect(401);
        browser.sign_in("bob@lantern.example", PASSWORD).await.expect(422);
        world.clock.advance_seconds(2);
        world.call(Call::get("/cases").key(&key)).await.expect(401);
        world.call(Call::post(&format!("/users/{}/invite", added.id()))).await.expect(422);
        let shown = world.get(&format!("/cases/{}", opened.id())).await.expect(200);
        assert_eq!(shown.attribute("creator-id"), "bob@lantern.example");
        assert_eq!(change(&world, &added.id(), json!({"active": false})).await.header("etag"), gone.header("etag"));
        change(&world, &added.id(), json!({"active": true})).await.expect(200);
        browser.get("/session").await.expect(401);
        browser.sign_in("bob@lantern.example", PASSWORD).await.expect(201);
        world.call(Call::get("/cases").key(&key)).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_may_no_more_than_whoever_made_it_may_now() {
    on_each_engine(async |world| {
        let added = world.post("/users", bob("admin")).await.expect(201);
        let mut browser = Browser::of(&world);
        accept(&mut browser, &token(&added), PASSWORD).await.expect(201);
        let wanted = json!({"name": "Bob's", "permissions": ["user.write", "user.read", "workflow.write"]});
        let key = browser.call("POST", "/api-keys", Some(attributes(wanted))).await.expect(201);
        let key = key.text("/data/attributes/value");
        let workflow = || Call::post("/workflows").key(&key).json(attributes(json!({"name": "W"})));
        world.call(workflow()).await.expect(201);

        change(&world, &added.id(), json!({"role": "analyst"})).await.expect(200);

        world.clock.advance_seconds(2);
        world.call(workflow()).await.expect(403);
        let again = Call::new("PATCH", &format!("/users/{}", added.id())).key(&key);
        world.call(again.json(attributes(json!({"role": "admin"})))).await.expect(403);
        world.call(Call::get("/users").key(&key)).await.expect(200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_changes_people_only_where_that_was_said() {
    let world = World::sqlite().await;
    let first = world.set_up().sandbox.api_key.clone();
    world.set_password(PASSWORD).await;
    let mut browser = Browser::of(&world);
    browser.sign_in("ada@lantern.example", PASSWORD).await.expect(201);
    let unsaid = browser.call("POST", "/api-keys", Some(attributes(json!({"name": "Unsaid"})))).await.expect(201);
    for key in [first, unsaid.text("/data/attributes/value")] {
        world.call(Call::get("/users").key(&key)).await.expect(200);
        world.call(Call::post("/users").key(&key).json(bob("analyst"))).await.expect(403);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_may_no_more_than_its_maker_from_the_very_next_change_on() {
    on_each_engine(async |mut world| {
        let ada = world.set_up().user.to_string();
        let invited = world.post("/users", bob("admin")).await.expect(201);
        accept(&mut Browser::of(&world), &token(&invited), PASSWORD).await.expect(201);
        let (here, there) = (world.router.clone(), world.other_node());
        world.router = there.clone();
        world.get("/users").await.expect(200);
        world.router = here;

        change(&world, &ada, json!({"role": "analyst"})).await.expect(200);

        world.router = there;
        world.post("/users", bob("analyst")).await.expect(403);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_administrator_stays_one() {
    on_each_engine(async |mut world| {
        world.call_as_nobody_here().await;
        let ada = world.set_up().user.to_string();
        let invited = world.post("/users", bob("admin")).await.expect(201);
        for less in [json!({"active": false}), json!({"role": "analyst"})] {
            // Somebody who never signed in is no administrator to rely on.
            let refused = change(&world, &ada, less).await.expect(409);
            assert_eq!(refused.text("/errors/0/code"), "last-administrator");
        }
        accept(&mut Browser::of(&world), &token(&invited), PASSWORD).await.expect(201);
        change(&world, &ada, json!({"role": "analyst", "name": "Ada L"})).await.expect(200);
        change(&world, &invited.id(), json!({"active": false})).await.expect(409);
        assert_eq!(change(&world, &invited.id(), json!({"name": "Robert"})).await.attribute("name-first"), "Robert");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_administrators_who_demote_each_other_at_once_leave_one() {
    for engine in engines() {
        let mut world = World::on(engine).await;
        world.call_as_nobody_here().await;
        let ada = world.set_up().user.to_string();
        let invited = world.post("/users", bob("admin")).await.expect(201);
        accept(&mut Browser::of(&world), &token(&invited), PASSWORD).await.expect(201);

        let (less, bob) = (|| json!({"role": "analyst"}), invited.id());
        let (first, second) = tokio::join!(change(&world, &ada, less()), change(&world, &bob, less()));

        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{engine}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gives_or_touches_a_role_that_may_more_than_they() {
    let world = World::sqlite().await;
    let ada = world.set_up().user.to_string();
    let key = world.new_key(vec![Permission::UserWrite, Permission::UserRead], None).await;
    for call in [
        Call::post("/users").json(bob("analyst")),
        Call::post(&format!("/users/{ada}/invite")),
        Call::new("PATCH", &format!("/users/{ada}")).json(attributes(json!({"name": "A"}))),
    ] {
        let refused = world.call(call.key(&key)).await.expect(422);
        assert_eq!(refused.text("/errors/0/code"), "role-not-yours");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_of_another_organization_is_not_there() {
    let world = World::sqlite().await;
    let id = case(&world, &template(&world).await).await.id();
    let request = SetupRequest {
        organization: "Second Bank".into(),
        email: "ada@second.example".into(),
        password_hash: "none".into(),
        plan: Plan::Growth,
    };
    let command = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
    let second = world.database.writer().submit(command).await.expect("a second organization");
    for wrong in ["user_none", id.as_str(), second.user.as_str()] {
        change(&world, wrong, json!({"active": false})).await.expect(404);
        world.call(Call::post(&format!("/users/{wrong}/invite"))).await.expect(404);
    }
    let ada = world.set_up().user.to_string();
    let path = format!("/users/{ada}");
    let stale = Call::new("PATCH", &path).with("if-match", "\"99\"").json(attributes(json!({"name": "A"})));
    world.call(stale).await.expect(412);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn first_steps_are_ticked_for_the_person_in_whichever_browser() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        assert_eq!(browser.get("/session").await.attribute("first-steps"), &json!([]));
        for done in [json!(["open-case"]), json!(["publish-workflow", "open-case"])] {
            browser.call("POST", "/session/first-steps", Some(attributes(json!({"done": done})))).await.expect(200);
        }
        let odd = attributes(json!({"done": ["open-case", "fly"]}));
        let refused = browser.call("POST", "/session/first-steps", Some(odd)).await.expect(422);
        assert_eq!(refused.pointers(), ["/data/attributes/done/1"]);

        let mut elsewhere = Browser::of(&world);
        elsewhere.sign_in("ada@lantern.example", "correct horse battery").await.expect(201);

        let told = elsewhere.get("/session").await.expect(200);
        assert_eq!(told.attribute("first-steps"), &json!(["open-case", "publish-workflow"]));
        world.post("/session/first-steps", attributes(json!({"done": []}))).await.expect(403);
    })
    .await;
}
