//! Users: invited with a link to choose a password, given roles, deactivated; and the effects on cases and keys.

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

/// The value of `token=` in the link of a response.
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
    assert!(refused.details().contains("admin, developer, builder, analyst, viewer"), "{}", refused.told());
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
        // A user with a forgotten password gets another link; their sessions end when it is used.
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
async fn a_person_is_changed_only_from_the_version_that_the_list_showed() {
    on_each_engine(async |world| {
        let id = world.post("/users", bob("analyst")).await.expect(201).id();
        let listed = world.get("/users").await.expect(200);
        let people = listed.body["data"].as_array().expect("a list");
        let bob = people.iter().find(|person| person["id"] == id.as_str()).expect("is listed");
        let version = bob["attributes"]["version"].as_i64().expect("a number");
        let patch = |role: &str, version: i64| {
            Call::new("PATCH", &format!("/users/{id}"))
                .with("if-match", &format!("\"{version}\""))
                .json(attributes(json!({"role": role})))
        };

        let changed = world.call(patch("viewer", version)).await.expect(200);

        assert_eq!(changed.attribute("version"), version + 1);
        assert_eq!(changed.header("etag"), format!("\"{}\"", version + 1));
        world.call(patch("builder", version)).await.expect(412);
        world.call(patch("builder", version + 1)).await.expect(200);
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
            // A user who never signed in does not count as an administrator.
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_step_is_no_change_that_a_decision_about_the_person_conflicts_with() {
    on_each_engine(async |world| {
        let mut browser = Browser::signed_in(&world).await;
        let path = format!("/users/{}", world.set_up().user);
        let version = async || world.get("/users").await.expect(200).at("/data/0/attributes/version").clone();
        let seen = version().await;
        let done = json!(["open-case", "open-workflow", "run-workflow"]);
        browser.call("POST", "/session/first-steps", Some(attributes(json!({"done": done})))).await.expect(200);

        let since = version().await;
        let tag = format!("\"{seen}\"");
        let rename =
            |name: &str| Call::new("PATCH", &path).with("if-match", &tag).json(attributes(json!({"name": name})));
        let renamed = world.call(rename("Ada Adams")).await.expect(200);
        world.call(rename("Ada Again")).await.expect(412);

        assert_eq!(since, seen);
        assert_eq!(renamed.attribute("version").as_i64(), seen.as_i64().map(|seen| seen + 1));
        world.is_in_order().await;
    })
    .await;
}

/// The permissions of each role: the whole table, so that every change of it is visible.
const MAY: &[(&str, &[&str])] = &[
    (
        "admin",
        &[
            "account.read",
            "account.write",
            "case.read",
            "case.write",
            "case_template.read",
            "case_template.write",
            "event.read",
            "inquiry.read",
            "inquiry.write",
            "workflow.read",
            "workflow.write",
            "workflow.trigger",
            "workflow.grant",
            "source.ingest",
            "source.read",
            "source.write",
            "api_key.read",
            "api_key.write",
            "user.read",
            "user.write",
            "retention.write",
        ],
    ),
    (
        "developer",
        &[
            "account.read",
            "case.read",
            "case_template.read",
            "event.read",
            "inquiry.read",
            "workflow.read",
            "workflow.trigger",
            "source.ingest",
            "source.read",
            "source.write",
            "api_key.read",
            "api_key.write",
            "user.read",
        ],
    ),
    (
        "builder",
        &[
            "account.read",
            "case.read",
            "case_template.read",
            "case_template.write",
            "event.read",
            "inquiry.read",
            "workflow.read",
            "workflow.write",
            "workflow.trigger",
            "workflow.grant",
            "source.read",
            "user.read",
        ],
    ),
    (
        "analyst",
        &[
            "account.read",
            "account.write",
            "case.read",
            "case.write",
            "case_template.read",
            "event.read",
            "inquiry.read",
            "inquiry.write",
            "workflow.read",
            "user.read",
        ],
    ),
    (
        "viewer",
        &[
            "account.read",
            "case.read",
            "case_template.read",
            "event.read",
            "inquiry.read",
            "workflow.read",
            "user.read",
        ],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_role_may_call_the_operations_of_its_permissions_and_no_others() {
    let world = World::sqlite().await;
    for (role, may) in MAY {
        let person = json!({"email-address": format!("{role}@lantern.example"), "name": "P", "role": role});
        let added = world.post("/users", attributes(person)).await.expect(201);
        let mut browser = Browser::of(&world);
        let session = accept(&mut browser, &token(&added), PASSWORD).await.expect(201);
        let mut has = permissions(&session);
        has.sort();
        let mut wanted: Vec<String> = may.iter().map(|word| (*word).to_owned()).collect();
        wanted.sort();
        assert_eq!(has, wanted, "{role}");
        // The object in the path is checked before the permission, so operations without one are called.
        let mut asked = 0;
        for about in docket_api::operations().iter().filter(|about| !about.path.contains('{')) {
            let is_apart = ["/session", "/sessions", "/invitations", "/setup", "/ingest", "/stream", "/openapi"];
            if is_apart.iter().any(|start| about.path.starts_with(start)) || about.id == "retrieve-the-description" {
                continue;
            }
            let body = (about.method != "GET").then(|| json!({}));
            let answer = browser.call(about.method, about.path, body).await;
            let is_allowed = may.contains(&about.permission.as_str());
            assert_eq!(answer.status != 403, is_allowed, "{role}: {} {}: {}", about.method, about.path, answer.told());
            asked += 1;
        }
        assert!(asked > 15, "{asked} operations were asked");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_viewer_changes_nothing_that_is_there() {
    let world = World::sqlite().await;
    let template = template(&world).await;
    let held = case(&world, &template).await.id();
    let workflow = crate::things::published(&world, "Called", crate::things::called(&template)).await;
    let added = world.post("/users", bob("viewer")).await.expect(201);
    let mut browser = Browser::of(&world);
    accept(&mut browser, &token(&added), PASSWORD).await.expect(201);
    for (method, path) in [
        ("POST", format!("/cases/{held}/set-status")),
        ("POST", format!("/cases/{held}/assign")),
        ("POST", format!("/cases/{held}/unassign")),
        ("POST", format!("/cases/{held}/comments")),
        ("PATCH", format!("/cases/{held}")),
        ("PATCH", format!("/case-templates/{template}")),
        ("POST", format!("/workflows/{workflow}/publish")),
        ("POST", format!("/workflows/{workflow}/trigger")),
        ("POST", format!("/workflows/{workflow}/archive")),
        ("PATCH", format!("/users/{}", added.id())),
        ("POST", format!("/users/{}/invite", added.id())),
    ] {
        browser.call(method, &path, Some(json!({}))).await.expect(403);
    }
    browser.get(&format!("/cases/{held}")).await.expect(200);
    browser.get(&format!("/workflows/{workflow}")).await.expect(200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_builder_publishes_a_workflow_whose_runs_set_a_status_and_sets_none_by_hand() {
    on_each_engine(async |world| {
        let added = world.post("/users", bob("builder")).await.expect(201);
        let mut browser = Browser::of(&world);
        accept(&mut browser, &token(&added), PASSWORD).await.expect(201);
        let made = attributes(json!({"name": "Know Your Customer", "fields": [{"key": "amount", "type": "integer"}]}));
        let template = browser.call("POST", "/case-templates", Some(made)).await.expect(201).id();
        let definition = crate::things::called(&template);
        let draft = attributes(json!({"name": "Built", "definition": definition}));
        let workflow = browser.call("POST", "/workflows", Some(draft)).await.expect(201);
        browser.call("POST", &format!("/workflows/{}/publish", workflow.id()), Some(json!({}))).await.expect(200);
        let started = attributes(json!({"fields": {"amount": 50}}));

        let run = browser.call("POST", &format!("/workflows/{}/trigger", workflow.id()), Some(started)).await;

        let run = run.expect(200);
        assert_eq!(run.attribute("status"), "completed", "{}", run.told());
        let held = world.get("/cases").await.ids()[0].clone();
        let body = json!({"meta": {"status": "Open"}});
        browser.call("POST", &format!("/cases/{held}/set-status"), Some(body)).await.expect(403);
    })
    .await;
}

async fn events_of(world: &World, key: &str, id: &str) -> Vec<(String, Value, Value, Value)> {
    let told = world.call(Call::get(&format!("/events?filter[object-id]={id}")).key(key)).await.expect(200);
    let all = told.at("/data").as_array().cloned().unwrap_or_default();
    let one = |event: &Value| {
        let told = &event["attributes"];
        let context = &told["context"];
        let name = told["name"].as_str().unwrap_or_default().to_owned();
        (name, context["from"].clone(), context["to"].clone(), context["actor"]["shown-as"].clone())
    };
    all.iter().rev().map(one).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_happens_to_a_person_is_an_event_in_each_environment() {
    on_each_engine(async |world| {
        let added = world.post("/users", bob("analyst")).await.expect(201).id();
        world.clock.advance_seconds(1);
        for changed in [
            json!({"role": "admin"}),
            json!({"name": "Robert"}),
            json!({"name": "Robert", "role": "admin"}),
            json!({"active": false}),
            json!({"active": true}),
        ] {
            change(&world, &added, changed).await.expect(200);
            world.clock.advance_seconds(1);
        }
        world.call(Call::post(&format!("/users/{added}/invite"))).await.expect(200);

        let here = events_of(&world, &world.key, &added).await;

        let told: Vec<_> = here.iter().map(|(name, from, to, _)| (name.as_str(), from, to)).collect();
        assert_eq!(
            told[2..],
            [
                ("user.role-updated", &json!("analyst"), &json!("admin")),
                ("user.renamed", &json!("Bob Byron"), &json!("Robert")),
                ("user.deactivated", &Value::Null, &Value::Null),
                ("user.reactivated", &Value::Null, &Value::Null),
                ("user.invited", &Value::Null, &Value::Null),
            ]
        );
        let mut first: Vec<_> = told[..2].iter().map(|event| event.0).collect();
        first.sort_unstable();
        assert_eq!(first, ["user.created", "user.invited"]);
        assert!(here.iter().all(|event| event.3 == "ada@lantern.example"), "{here:?}");
        assert_eq!(events_of(&world, &world.foreign_key, &added).await.len(), here.len());
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deactivated_person_is_assigned_nothing() {
    on_each_engine(async |world| {
        let held = case(&world, &template(&world).await).await.id();
        let added = world.post("/users", bob("analyst")).await.expect(201).id();
        let path = format!("/cases/{held}/assign");
        let to = |who: &str| json!({"meta": {"user-email-address": who}});
        world.post(&path, to(&added)).await.expect(200);
        assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("assignee-id"), "bob@lantern.example");
        world.post(&format!("/cases/{held}/unassign"), json!({})).await.expect(200);
        change(&world, &added, json!({"active": false})).await.expect(200);

        for named in ["bob@lantern.example", " BOB@lantern.example ", added.as_str()] {
            let refused = world.post(&path, to(named)).await.expect(422);
            assert!(refused.details().contains("is deactivated"), "{}", refused.told());
            assert_eq!(refused.pointers(), ["/meta/user-email-address"]);
        }
        for unknown in ["carol@lantern.example", "user_none"] {
            let refused = world.post(&path, to(unknown)).await.expect(422);
            assert!(refused.details().contains(&format!("{unknown}; GET /users")), "{}", refused.told());
        }
        change(&world, &added, json!({"active": true})).await.expect(200);
        world.post(&path, to(&added)).await.expect(200);
    })
    .await;
}

/// Bob, with this many open cases and one that is resolved.
async fn bob_with_cases(world: &World, count: usize) -> (String, Vec<String>) {
    let template = template(world).await;
    let added = world.post("/users", bob("analyst")).await.expect(201).id();
    let mut cases = Vec::new();
    for _ in 0..=count {
        let held = case(world, &template).await.id();
        let to = json!({"meta": {"user-email-address": "bob@lantern.example"}});
        world.post(&format!("/cases/{held}/assign"), to).await.expect(200);
        cases.push(held);
    }
    let resolved = cases.pop().expect("a case");
    world.post(&format!("/cases/{resolved}/set-status"), json!({"meta": {"status": "Approved"}})).await.expect(200);
    (added, cases)
}

async fn deactivate(world: &World, id: &str, meta: Value) -> Answer {
    world.patch(&format!("/users/{id}"), json!({"data": {"attributes": {"active": false}}, "meta": meta})).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deactivation_says_how_many_open_cases_stay_and_takes_a_choice() {
    on_each_engine(async |world| {
        let (id, cases) = bob_with_cases(&world, 3).await;
        let counted = world.get(&format!("/users/{id}/open-cases")).await.expect(200);
        assert_eq!((counted.attribute("count"), counted.attribute("are-more")), (&json!(3), &json!(false)));

        let left = deactivate(&world, &id, json!({})).await.expect(200);

        assert_eq!(left.at("/meta/open-cases"), &json!({"moved": 0, "count": 3, "are-more": false}));
        let shown = world.get(&format!("/cases/{}", cases[0])).await;
        assert_eq!(shown.attribute("assignee-id"), "bob@lantern.example");
        let moved =
            deactivate(&world, &id, json!({"open-cases": "reassign", "reassign-to": "ada@lantern.example"})).await;
        assert_eq!(moved.expect(200).at("/meta/open-cases"), &json!({"moved": 3, "count": 0, "are-more": false}));
        for held in &cases {
            assert_eq!(world.get(&format!("/cases/{held}")).await.attribute("assignee-id"), "ada@lantern.example");
            let events = world.get(&format!("/events?filter[object-id]={held}&filter[name]=case.assigned")).await;
            assert_eq!(events.at("/data/0/attributes/context/from"), "bob@lantern.example");
        }
        let resolved = world.get("/cases?filter[assignee-id]=bob@lantern.example").await;
        assert_eq!(resolved.ids().len(), 1, "a resolved case stays with whoever had it");
        let reopened = json!({"meta": {"status": "Open"}});
        world.post(&format!("/cases/{}/set-status", resolved.ids()[0]), reopened).await.expect(200);
        assert_eq!(world.get(&format!("/users/{id}/open-cases")).await.attribute("count"), 1);
        let nobody = deactivate(&world, &id, json!({"open-cases": "unassign"})).await.expect(200);
        assert_eq!(nobody.at("/meta/open-cases/moved"), 1);
        assert_eq!(world.get("/cases?filter[assignee-id]=bob@lantern.example").await.ids().len(), 0);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_choice_that_can_not_be_meant_changes_nothing() {
    let world = World::sqlite().await;
    let (id, _) = bob_with_cases(&world, 1).await;
    for (meta, status, pointer) in [
        (json!({"open-cases": "burn"}), 400, "/meta/open-cases"),
        (json!({"open-cases": "reassign"}), 422, "/meta/reassign-to"),
        (json!({"open-cases": "leave", "reassign-to": "ada@lantern.example"}), 422, "/meta/reassign-to"),
        (json!({"open-cases": "reassign", "reassign-to": "carol@lantern.example"}), 422, "/meta/reassign-to"),
        // Bob is deactivated by this same change.
        (json!({"open-cases": "reassign", "reassign-to": "bob@lantern.example"}), 422, "/meta/reassign-to"),
    ] {
        let refused = deactivate(&world, &id, meta.clone()).await.expect(status);
        assert_eq!(refused.pointers(), [pointer], "{meta}");
    }
    let wrong = json!({"data": {"attributes": {"role": "viewer"}}, "meta": {"open-cases": "unassign"}});
    assert_eq!(world.patch(&format!("/users/{id}"), wrong).await.expect(422).pointers(), ["/meta/open-cases"]);
    let shown = world.get("/users").await;
    assert!(!shown.told().contains("\"active\":false"), "{}", shown.told());
}
