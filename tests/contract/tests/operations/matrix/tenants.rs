//! Whose things the requests of the matrix are about, and who sends them.

use std::collections::BTreeMap;

use docket_access::{
    EnvironmentKind, KeyRequest, Made, MadeEnvironment, Plan, Role, SetupRequest, begin_session, create_key, setup,
};
use docket_kernel::{Actor, EnvironmentId, OrganizationId, Permission, Scope, UserId};
use docket_storage::Command;
use serde_json::{Value, json};

use crate::things::{filled, one_of_each};
use crate::world::{Call, World, attributes};

/// A caller, by the headers of its requests.
#[derive(Clone)]
pub struct Caller {
    pub name: String,
    pub headers: Vec<(&'static str, String)>,
    pub may: Vec<Permission>,
}

impl Caller {
    fn with_key(name: &str, key: &str, may: Vec<Permission>) -> Self {
        Self { name: name.to_owned(), headers: vec![("authorization", format!("Bearer {key}"))], may }
    }

    fn with_cookie(name: &str, cookie: &str, may: Vec<Permission>) -> Self {
        let headers = vec![("cookie", cookie.to_owned()), ("origin", "http://docket.test".to_owned())];
        Self { name: name.to_owned(), headers, may }
    }
}

/// Ids by the holes that they fill.
pub type Ids = BTreeMap<&'static str, String>;

/// One environment with one of each thing.
pub struct Tenant {
    pub name: &'static str,
    pub ids: Ids,
    /// What it exports as a setup bundle.
    pub bundle: Value,
    /// The secret of its source.
    pub secret: String,
}

/// Who is outside a tenant, with ids of their own.
pub struct Outsider {
    pub caller: Caller,
    pub own: usize,
    /// People are of the organization, so in its other environment they are no strangers.
    pub shares_people: bool,
}

pub struct Tenants {
    /// That whose things are asked for, the other environment of its organization, and another organization.
    pub all: [Tenant; 3],
    /// Credentials that are none, or none any more.
    pub refused: Vec<Caller>,
    /// People of the first tenant's organization, one of each role but administrators.
    pub roles: Vec<Caller>,
    /// Keys of the first tenant, each without one permission.
    pub keys: Vec<Caller>,
    pub outsiders: Vec<Outsider>,
    /// An administrator of the first tenant, in a browser; and a key that may everything.
    pub admin: Caller,
    pub key: Caller,
}

fn all() -> Vec<Permission> {
    Permission::of_organizations().collect()
}

async fn submit<T: Send + 'static>(
    world: &World,
    scope: Scope,
    verb: impl Fn(&mut docket_kernel::UnitOfWork) -> docket_kernel::Verb<T> + Send + Sync + 'static,
) -> T {
    world.database.writer().submit(Command::new("furnish", scope, verb)).await.expect("it is furnished")
}

/// The cookie of a new session of a person.
async fn cookie(world: &World, user: &UserId) -> String {
    let user = user.clone();
    let begin = move |work: &mut docket_kernel::UnitOfWork| begin_session(work, &user, EnvironmentKind::Sandbox, None);
    let (_, token) = submit(world, Scope::Installation, begin).await;
    let first = world.set_up().organization.as_str();
    format!("docket_session_{}={token}", first.rsplit('_').next().unwrap_or_default())
}

/// A key that may everything, of an administrator.
async fn key_of(world: &World, organization: &OrganizationId, environment: &EnvironmentId, email: &str) -> String {
    let (actor, scope) = (Actor::system(environment.clone()), Scope::Of(environment.key()));
    let request = KeyRequest::new("All", email, all(), EnvironmentKind::Sandbox);
    let organization = organization.clone();
    submit(world, scope, move |work| create_key(work, &actor, &organization, &request).map(|made| made.1)).await
}

async fn tenant(world: &World, name: &'static str, key: &str) -> Tenant {
    let call = async |call: Call| world.call(call.key(key)).await.expect_success();
    let mut ids: Vec<(&'static str, String)> = one_of_each(world, key).await;
    let file = attributes(json!({"attachments": [{"filename": "a.pdf", "data": "JVBERi0xLjQKeA=="}]}));
    let held = call(Call::new("PATCH", &filled("/cases/{case-id}", &ids)).json(file)).await;
    let url = held.text("/data/attributes/attachments/0/url");
    ids.push(("{file-id}", url.rsplit('/').next().expect("an id").to_owned()));
    let definition = json!({"trigger": {"on": ["account.created"]}, "steps": []});
    let listener =
        call(Call::post("/workflows").json(attributes(json!({"name": "Listener", "definition": definition})))).await;
    call(Call::post(&format!("/workflows/{}/publish", listener.id()))).await;
    let heard = call(Call::get("/events?filter[name]=account.created")).await.ids().remove(0);
    ids.extend([("{listener-id}", listener.id()), ("{heard-event-id}", heard)]);
    let email = format!("colleague-{}@one.example", &ids[1].1[5..]);
    let colleague = json!({"email-address": email, "name": "Two", "role": "analyst"});
    ids.push(("{colleague-id}", call(Call::post("/users").json(attributes(colleague))).await.id()));
    let periods = attributes(json!({"event-content-days": 1_000}));
    let preview = call(Call::post("/retention-policy/preview").json(periods)).await;
    ids.push(("{confirmation}", preview.text("/data/attributes/confirmation")));
    let source = call(Call::post("/sources").json(attributes(json!({"name": "Signs"})))).await;
    // As a person decides about it, once its run is gone.
    let ids: Ids = ids.into_iter().collect();
    let parked = format!(
        "UPDATE fault SET state = 'parked', tried_at = NULL, object_id = 'wfr_gone' WHERE id = '{}'",
        ids["{fault-id}"]
    );
    world.fresh.run(&parked).await;
    let bundle = call(Call::get("/bundle")).await.attribute("document").clone();
    Tenant { name, ids, bundle, secret: source.text("/data/attributes/secret") }
}

/// Adds a person of the first organization; answers their id.
async fn person(world: &World, name: &str, role: &str) -> UserId {
    let body = json!({"email-address": format!("{name}@lantern.example"), "name": name, "role": role});
    UserId::of(world.post("/users", attributes(body)).await.expect(201).id())
}

/// Credentials that end before the others begin.
struct Ended {
    session: String,
    key: String,
}

async fn ended(world: &World) -> Ended {
    let session = cookie(world, &world.set_up().user).await;
    let made = world.post("/api-keys", attributes(json!({"name": "Short"}))).await.expect(201);
    let soon = json!({"meta": {"expires-in-seconds": 60}});
    world.post(&format!("/api-keys/{}/expire", made.id()), soon).await.expect(200);
    world.clock.advance_seconds(13 * 3_600);
    Ended { session, key: made.text("/data/attributes/value") }
}

/// Credentials that open nothing.
async fn refused(world: &World, ended: Ended, secret: &str) -> Vec<Caller> {
    let admin = world.set_up().user.clone();
    let signed_out = cookie(world, &admin).await;
    let out = Call::new("DELETE", "/session").key("").with("cookie", &signed_out).with("origin", "http://docket.test");
    world.call(out.with("host", "docket.test")).await.expect(204);
    let gone = person(world, "gone", "admin").await;
    let deactivated = cookie(world, &gone).await;
    world.patch(&format!("/users/{gone}"), attributes(json!({"active": false}))).await.expect(200);
    let live = cookie(world, &admin).await;
    let token = live.split_once('=').expect("a token").1.to_owned();
    let none = || Vec::new();
    vec![
        Caller { name: "no credentials".into(), headers: Vec::new(), may: none() },
        Caller::with_cookie("a signed-out session", &signed_out, none()),
        Caller::with_cookie("an expired session", &ended.session, none()),
        Caller::with_cookie("the session of a deactivated user", &deactivated, none()),
        Caller::with_key("an expired key", &ended.key, none()),
        Caller::with_key("a session's token as a key", &token, none()),
        Caller::with_key("the secret of a source as a key", secret, none()),
        Caller {
            name: "a key as a password".into(),
            headers: vec![("authorization", format!("Basic {}", world.key))],
            may: none(),
        },
        Caller {
            name: "the signature of a source".into(),
            headers: vec![("persona-signature", format!("t=1,v1={secret}"))],
            may: none(),
        },
        Caller::with_cookie("a key as a session", &format!("docket_session={}", world.key), none()),
    ]
}

impl Tenants {
    pub async fn of(world: &World) -> Self {
        let ended = ended(world).await;
        let request = SetupRequest {
            organization: "Second Bank".into(),
            email: "eve@second.example".into(),
            password_hash: "none".into(),
            plan: Plan::Enterprise,
        };
        let second: Made = submit(world, Scope::Installation, move |work| setup(work, &request)).await;
        let MadeEnvironment { id: there, .. } = &second.sandbox;
        let stranger_key = key_of(world, &second.organization, there, "eve@second.example").await;
        let first = tenant(world, "the tenant", &world.key).await;
        let sibling = tenant(world, "the other environment", &world.foreign_key).await;
        let strange = tenant(world, "another organization", &stranger_key).await;

        let mut roles = Vec::new();
        for role in [Role::Viewer, Role::Analyst, Role::Builder, Role::Developer] {
            let user = person(world, role.as_str(), role.as_str()).await;
            roles.push(Caller::with_cookie(role.as_str(), &cookie(world, &user).await, role.permissions().collect()));
        }
        let mut keys = Vec::new();
        for missing in all() {
            let may: Vec<Permission> = all().into_iter().filter(|permission| *permission != missing).collect();
            let key = world.new_key(may.clone(), None).await;
            keys.push(Caller::with_key(&format!("a key without {missing}"), &key, may));
        }
        let stranger = cookie(world, &second.user).await;
        let outsiders = vec![
            Outsider {
                caller: Caller::with_cookie("another organization's administrator", &stranger, all()),
                own: 2,
                shares_people: false,
            },
            Outsider {
                caller: Caller::with_key("the other environment's key", &world.foreign_key, all()),
                own: 1,
                shares_people: true,
            },
            Outsider {
                caller: Caller::with_key("another organization's key", &stranger_key, all()),
                own: 2,
                shares_people: false,
            },
        ];
        let refused = refused(world, ended, &first.secret).await;
        let admin = Caller::with_cookie("the administrator", &cookie(world, &world.set_up().user).await, all());
        let key = Caller::with_key("the tenant's key", &world.key, all());
        Self { all: [first, sibling, strange], refused, roles, keys, outsiders, admin, key }
    }
}
