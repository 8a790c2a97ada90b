//! The world of these tests: an organization on a new database, and its API called in process.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use docket_access::{EnvironmentKind, KeyRequest, Made, Plan, SetupRequest, User, create_key, hash_password, setup};
use docket_api::inflection::{NAMES_OF_OTHERS, normalise};
use docket_api::store::ANSWERS_BY_AGE;
use docket_api::{App, OperationInfo, Settings, blank_answers, forget_answers, operations, router};
use docket_contract::{Contract, MORE_VERSIONS, VERSIONS};
use docket_doctor::{Doctor, TABLES};
use docket_erasure::{Answers, Erasure, Forgotten, Retaining};
use docket_kernel::{Actor, Clock, ManualClock, Permission, PlantedBug, Row, Scope, SeededRng, Table};
use docket_steps::Reactions;
use docket_storage::{Bounds, Command, Database, Parts};
use docket_testkit::{FreshDatabase, On, engines, parts, start_of_time};
use docket_workflows::Engine;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::around::Around;

/// An organization with a sandbox and a production environment, both empty.
pub struct World {
    pub router: Router,
    pub clock: Arc<ManualClock>,
    set_up: Option<Made>,
    pub key: String,
    pub foreign_key: String,
    pub database: Database,
    pub app: App,
    pub engine: On,
    pub fresh: FreshDatabase,
    log: Mutex<Vec<Done>>,
}

/// A request and the kind of its response.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Done {
    pub method: &'static str,
    pub path: &'static str,
    pub version: String,
    pub status: u16,
}

/// Redactions and retention policies with the server's configuration.
fn erasure() -> (Erasure, Retaining) {
    let answers = Answers { by_age: &ANSWERS_BY_AGE, forget: forget_answers };
    (Erasure::default().with_answers(blank_answers), Retaining::default().with_answers(answers))
}

fn app(database: &Database, clock: &Arc<ManualClock>, steps: Arc<Engine>, seed: u64, settings: Settings) -> App {
    let (writer, reader) = (database.writer().clone(), database.reader().clone());
    App::new(writer, reader, steps, Arc::<ManualClock>::clone(clock), Arc::new(SeededRng::new(seed)), settings)
}

/// Runs a test on each available engine.
pub async fn on_each_engine<F: Future<Output = ()>>(act: impl Fn(World) -> F) {
    for engine in engines() {
        act(World::on(engine).await).await;
    }
}

impl World {
    pub async fn on(engine: On) -> Self {
        Self::with(engine, Settings::default()).await
    }

    pub async fn sqlite() -> Self {
        Self::on(On::Sqlite).await
    }

    pub async fn with(engine: On, settings: Settings) -> Self {
        Self::made(engine, settings, Bounds::default(), docket_steps::engine()).await
    }

    /// A world in which every step has its own commit, after the request's.
    pub async fn step_by_step(engine: On) -> Self {
        let bounds = Bounds { inline_steps: 0, ..Bounds::default() };
        Self::made(engine, Settings::default(), bounds, docket_steps::engine()).await
    }

    pub async fn made(engine: On, settings: Settings, bounds: Bounds, steps: Engine) -> Self {
        Self::furnished(Self::bare(engine, settings, bounds, steps, erasure(), None).await).await
    }

    /// A world with a bug planted in every unit of work.
    pub async fn planting(engine: On, bug: PlantedBug) -> Self {
        let (settings, bounds, steps) = (Settings::default(), Bounds::default(), docket_steps::engine());
        Self::furnished(Self::bare(engine, settings, bounds, steps, erasure(), Some(bug)).await).await
    }

    /// A world whose redactions skip one kind of copy.
    pub async fn forgetting(engine: On, planted: Forgotten) -> Self {
        Self::erasing(engine, erasure().0.forgetting(planted)).await
    }

    /// A world with this worker of redactions.
    pub async fn erasing(engine: On, erasure: Erasure) -> Self {
        let (settings, bounds, steps) = (Settings::default(), Bounds::default(), docket_steps::engine());
        let (_, retaining) = self::erasure();
        Self::furnished(Self::bare(engine, settings, bounds, steps, (erasure, retaining), None).await).await
    }

    /// A world whose retention policies blank runs that have not ended.
    pub async fn blanking_runs_under_way(engine: On) -> Self {
        let (settings, bounds, steps) = (Settings::default(), Bounds::default(), docket_steps::engine());
        let (erasure, retaining) = erasure();
        let planted = (erasure, retaining.blanking_runs_under_way());
        Self::furnished(Self::bare(engine, settings, bounds, steps, planted, None).await).await
    }

    async fn furnished(mut world: Self) -> Self {
        let request = SetupRequest {
            organization: "Lantern Bank".into(),
            email: "ada@lantern.example".into(),
            password_hash: "none".into(),
            plan: Plan::Enterprise,
        };
        let command = Command::new("setup", Scope::Installation, move |work| setup(work, &request));
        let made = world.database.writer().submit(command).await.expect("an organization is set up");
        world.set_up = Some(made);
        // An administrator can create a key with every permission, including users; default keys may not change users.
        let (ada, all) = ("ada@lantern.example", || Permission::of_organizations().collect());
        world.key = world.key_of(ada, EnvironmentKind::Sandbox, all(), None).await;
        world.foreign_key = world.key_of(ada, EnvironmentKind::Production, all(), None).await;
        world
    }

    /// A world without an organization.
    pub async fn empty(engine: On) -> Self {
        Self::bare(engine, Settings::default(), Bounds::default(), docket_steps::engine(), erasure(), None).await
    }

    async fn bare(
        engine: On,
        settings: Settings,
        bounds: Bounds,
        steps: Engine,
        (erasure, retaining): (Erasure, Retaining),
        planted: Option<PlantedBug>,
    ) -> Self {
        let fresh = FreshDatabase::on(engine).await;
        let clock = Arc::new(ManualClock::at(start_of_time()));
        let steps = Arc::new(steps);
        let reactions = Around::of(Reactions::of(&steps).erasing(erasure).retaining(retaining)).planting(planted);
        let parts = Parts { bounds, ..parts(&clock, 1, Arc::new(reactions)) };
        let database = fresh.open(parts).await.expect("the database opens");
        let app = app(&database, &clock, steps, 7, settings);
        Self {
            router: router(app.clone()),
            clock,
            set_up: None,
            key: String::new(),
            foreign_key: String::new(),
            database,
            app,
            engine,
            fresh,
            log: Mutex::default(),
        }
    }

    /// Panics if the doctor finds a violation in the database.
    pub async fn is_in_order(&self) {
        assert_eq!(self.violations().await, Vec::<String>::new());
    }

    /// The violations that the doctor finds in the database.
    pub async fn violations(&self) -> Vec<String> {
        let take: fn(&mut Doctor, &'static Table, Row) = Doctor::take;
        let walked = self.database.reader().walk(TABLES, Doctor::default(), take, Doctor::again).await;
        let doctor = walked.expect("every row is read");
        doctor.violations().iter().map(ToString::to_string).collect()
    }

    /// Runs statements that change events directly in the database, with the schema's guards removed.
    pub async fn run_unbound(&self, statements: &str) {
        let unbound = match self.engine {
            On::Sqlite => "DROP TRIGGER IF EXISTS event_stays; DROP TRIGGER IF EXISTS event_is_kept",
            On::Postgres => "SET session_replication_role = replica",
        };
        self.fresh.run(&format!("{unbound}; {statements}")).await;
    }

    /// The router of another node over the same database.
    pub fn other_node(&self) -> Router {
        self.router_of(&self.database)
    }

    /// The router of another node that opened the same database.
    pub fn router_of(&self, database: &Database) -> Router {
        let steps = Arc::new(docket_steps::engine());
        router(app(database, &self.clock, steps, 8, Settings::default()))
    }

    /// The organization that was set up.
    pub fn set_up(&self) -> &Made {
        self.set_up.as_ref().expect("an organization is set up")
    }

    /// Sets the password of the first user.
    pub async fn set_password(&self, password: &str) {
        let (user, hash) = (self.set_up().user.clone(), hash_password(password, [9; 32]).expect("a hash"));
        let command = Command::new("password", Scope::Installation, move |work| {
            work.change::<User>(user.as_str(), |user| user.password_hash.clone_from(&hash))
        });
        self.database.writer().submit(command).await.expect("a password is set");
    }

    /// Creates another key of the sandbox.
    pub async fn new_key(&self, permissions: Vec<Permission>, rate_limit: Option<i64>) -> String {
        self.key_of("bob@lantern.example", EnvironmentKind::Sandbox, permissions, rate_limit).await
    }

    /// From now on, calls use a key with every permission whose creator is not a user here, so no role restricts it.
    pub async fn call_as_nobody_here(&mut self) {
        let all = Permission::of_organizations().collect();
        self.key = self.key_of("carol@elsewhere.example", EnvironmentKind::Sandbox, all, None).await;
    }

    /// Creates a key with this creator.
    async fn key_of(
        &self,
        maker: &str,
        kind: EnvironmentKind,
        permissions: Vec<Permission>,
        rate_limit: Option<i64>,
    ) -> String {
        let made = self.set_up();
        let organization = made.organization.clone();
        let environment = if kind == EnvironmentKind::Sandbox { &made.sandbox.id } else { &made.production.id };
        let (actor, scope) = (Actor::system(environment.clone()), Scope::Of(environment.key()));
        let request = KeyRequest { rate_limit, ..KeyRequest::new("another key", maker, permissions, kind) };
        let command = Command::new("key", scope, move |work| {
            create_key(work, &actor, &organization, &request).map(|made| made.1)
        });
        self.database.writer().submit(command).await.expect("a key is made")
    }

    /// Runs the writer's due work for this many batches.
    pub async fn work_off(&self, batches: usize) {
        for _ in 0..batches {
            self.database.writer().nudge();
            let nothing = Command::new("nothing", Scope::Of(self.set_up().sandbox.id.key()), |_| Ok(()));
            self.database.writer().submit(nothing).await.expect("a batch is done");
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Call::get(path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Call::post(path).json(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Call::new("PATCH", path).json(body)).await
    }

    /// Every response so far, each kind once.
    pub fn done(&self) -> Vec<Done> {
        let mut done = self.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        done.sort();
        done.dedup();
        done
    }

    /// Sends a request; every response is validated with the contract, if that is available.
    pub async fn call(&self, call: Call) -> Answer {
        let mut request = Request::builder().method(call.method).uri(address(&call.path));
        let key = call.key.as_ref().unwrap_or(&self.key);
        if !key.is_empty() {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value.as_slice());
        }
        let request = request.body(Body::from(call.body.clone())).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes };
        self.judge(&call, &answer);
        answer
    }

    /// Validates a response, and a request that succeeded, with the output of `docket openapi`.
    fn judge_by_our_own(call: &Call, answer: &Answer) {
        let is_plain =
            call.header("key-inflection").is_none_or(|casing| !["snake", "camel"].contains(&casing.as_str()));
        let Some(operation) = described().operation(call.method, &call.path).filter(|_| is_plain) else { return };
        let told = || format!("{} {} answered {}", call.method, call.path, answer.told());
        for name in operation.headers(answer.status) {
            assert!(answer.headers.contains_key(name), "{name} is described and missing: {}", told());
        }
        // The description is of the newest version; the oldest versions show an inquiry's reviewer differently.
        let has_all = !call.path.contains("fields[")
            && call.header("persona-version").is_none_or(|version| version.as_str() >= "2021-07-05");
        if has_all && answer.body != Value::Null {
            let kind = answer.header("content-type");
            let wrong = described().validate_response(call.method, &call.path, answer.status, &kind, &answer.body);
            assert_eq!(wrong, Vec::<String>::new(), "against our description: {}", told());
        }
        assert!(operation.statuses().contains(&answer.status), "a status nobody described: {}", told());
        let is_newest = call.header("persona-version").is_none_or(|version| version == VERSIONS[0]);
        let body: Option<Value> = serde_json::from_slice(&call.body).ok().filter(|_| is_newest && answer.status < 300);
        // No description has a body for DELETE; on operations of the contract, such a body is ignored.
        if let Some(body) = body.filter(|_| !matches!(call.method, "GET" | "DELETE")) {
            let body = normalise(body, NAMES_OF_OTHERS).expect("what was taken has no name twice");
            let wrong = described().validate_request(call.method, &call.path, &body);
            assert_eq!(wrong, Vec::<String>::new(), "a request that our description has not: {body}: {}", told());
        }
    }

    fn judge(&self, call: &Call, answer: &Answer) {
        let told = || format!("{} {} answered {}", call.method, call.path, answer.told());
        assert!(answer.status < 500 || answer.status == 503, "{}", told());
        assert!(!(300..400).contains(&answer.status), "{}", told());
        assert!(answer.headers.contains_key("request-id"), "{}", told());
        if answer.status >= 400 {
            let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
            let is_told =
                |error: &Value| error["title"].is_string() && (answer.status == 401 || error["details"].is_string());
            assert!(!errors.is_empty() && errors.iter().all(is_told), "{}", told());
        }
        if answer.status != 401 && !call.path.starts_with("/ingest") {
            for name in ["persona-environment-id", "persona-organization-id", "ratelimit-limit", "ratelimit-remaining"]
            {
                assert!(answer.headers.contains_key(name), "{name} is missing: {}", told());
            }
        }
        Self::judge_by_our_own(call, answer);
        let Some(about) = about(call) else { return };
        let version = call.header("persona-version").unwrap_or_else(|| VERSIONS[0].to_owned());
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(Done { method: about.method, path: about.path, version: version.clone(), status: answer.status });
        drop(log);
        let is_kebab = call.header("key-inflection").is_none_or(|casing| casing == "kebab");
        let Some(contract) = Contract::load(published_for(&version)).filter(|_| is_kebab) else { return };
        let Some(operation) = contract.operation(call.method, &call.path) else { return };
        for name in operation.headers(answer.status) {
            assert!(answer.headers.contains_key(name), "{name} is missing: {}", told());
        }
        if operation.statuses().contains(&answer.status) {
            let kind = answer.header("content-type");
            let body = without_asked(call, as_published(&version, answer.body.clone()));
            let wrong = contract.validate_response(call.method, &call.path, answer.status, &kind, &body);
            assert_eq!(wrong, Vec::<String>::new(), "in {version}: {}", told());
        }
    }
}

/// The published version that a date is validated with: its own if available. The older form ends on 27 October 2025.
pub fn published_for(date: &str) -> &'static str {
    let in_force = VERSIONS.into_iter().chain(MORE_VERSIONS).filter(|version| *version <= date).max();
    let at_hand = in_force.filter(|version| Contract::load(version).is_some());
    at_hand.unwrap_or(if date < "2025-10-27" { "2023-01-05" } else { "2025-12-08" })
}

/// Attributes of an inquiry before 2021-07-05, and before 2021-05-14.
const OF_OLDER_INQUIRIES: [&str; 4] = ["reviewer", "reviewer-type", "driver-license-number", "passport-number"];

/// A response without what its date still had and the published version no longer has: the history of reports, until 7
/// December 2025.
fn as_published(date: &str, mut body: Value) -> Value {
    if date < "2021-07-05" && published_for(date) == "2023-01-05" {
        let attributes = body.pointer_mut("/data/attributes").and_then(Value::as_object_mut);
        if let Some(attributes) = attributes.filter(|attributes| attributes.contains_key("reviewer-type")) {
            attributes.retain(|name, _| !OF_OLDER_INQUIRIES.contains(&name.as_str()));
        }
    }
    if ("2025-10-27".."2025-12-08").contains(&date) && published_for(date) == "2025-12-08" {
        let included = body.get_mut("included").and_then(Value::as_array_mut).into_iter().flatten();
        for report in included.filter(|one| one["type"].as_str().is_some_and(|kind| kind.starts_with("report/"))) {
            if let Some(attributes) = report["attributes"].as_object_mut() {
                attributes.remove("run-history");
            }
        }
    }
    body
}

/// Removes a key's format of case fields, and what an event's payload includes on request: the contract has neither.
fn without_asked(call: &Call, mut body: Value) -> Value {
    if call.path.starts_with("/api-keys") {
        // A key shows the format of case fields that it was created with.
        let keys = if body["data"].is_array() { body["data"].as_array_mut() } else { None };
        for key in keys.into_iter().flatten() {
            key["attributes"].as_object_mut().map(|attributes| attributes.shift_remove("case-fields"));
        }
        if let Some(attributes) = body.pointer_mut("/data/attributes").and_then(Value::as_object_mut) {
            attributes.shift_remove("case-fields");
        }
    }
    if call.path.contains("fields[account]=source") || call.path.contains("fields[inquiry]=source") {
        // The source of an object is shown on request; the contract has no attribute for it.
        let is_list = body["data"].is_array();
        let objects = if is_list { body["data"].as_array_mut() } else { None };
        for object in objects.into_iter().flatten() {
            object["attributes"].as_object_mut().map(|attributes| attributes.shift_remove("source"));
        }
        if !is_list && let Some(attributes) = body.pointer_mut("/data/attributes").and_then(Value::as_object_mut) {
            attributes.shift_remove("source");
        }
    }
    if call.path.starts_with("/events") && call.path.contains("include=") {
        let is_list = body["data"].is_array();
        let events = if is_list { body["data"].as_array_mut() } else { None };
        for event in events.into_iter().flatten() {
            event["attributes"]["payload"].as_object_mut().map(|payload| payload.shift_remove("included"));
        }
        if !is_list && let Some(payload) = body["data"]["attributes"]["payload"].as_object_mut() {
            payload.shift_remove("included");
        }
    }
    body
}

/// Docket's own description of the API, compiled once.
pub fn described() -> &'static Contract {
    static DESCRIBED: OnceLock<Contract> = OnceLock::new();
    DESCRIBED.get_or_init(|| Contract::of("ours", docket_api::openapi::document(&docket_steps::engine())))
}

fn address(path: &str) -> String {
    if path.starts_with("/ingest") { path.to_owned() } else { format!("/api/v1{path}") }
}

/// The operation a request is for.
fn about(call: &Call) -> Option<OperationInfo> {
    let path = call.path.split('?').next().unwrap_or_default();
    let fits = |about: &OperationInfo| {
        let (known, asked): (Vec<_>, Vec<_>) = (about.path.split('/').collect(), path.split('/').collect());
        known.len() == asked.len()
            && known.iter().zip(asked).all(|(known, asked)| known.starts_with('{') || *known == asked)
    };
    operations().into_iter().find(|about| about.method == call.method && fits(about))
}

/// A request.
#[derive(Clone, Debug)]
pub struct Call {
    pub method: &'static str,
    pub path: String,
    key: Option<String>,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

impl Call {
    pub fn new(method: &'static str, path: &str) -> Self {
        Self { method, path: path.to_owned(), key: None, headers: Vec::new(), body: Vec::new() }
    }

    pub fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub fn post(path: &str) -> Self {
        Self::new("POST", path)
    }

    pub fn json(self, body: Value) -> Self {
        self.raw("application/json", body.to_string())
    }

    pub fn raw(self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }.with("content-type", content_type)
    }

    pub fn with(self, name: &'static str, value: &str) -> Self {
        self.bytes(name, value.as_bytes())
    }

    /// Adds a header with these bytes, which need not be text.
    pub fn bytes(mut self, name: &'static str, value: &[u8]) -> Self {
        self.headers.push((name, value.to_vec()));
        self
    }

    /// Calls with another key; an empty one sends no key.
    pub fn key(self, key: &str) -> Self {
        Self { key: Some(key.to_owned()), ..self }
    }

    pub fn in_version(self, version: &str) -> Self {
        self.with("persona-version", version)
    }

    fn header(&self, wanted: &str) -> Option<String> {
        let found = self.headers.iter().find(|(name, _)| *name == wanted)?;
        Some(String::from_utf8_lossy(&found.1).into_owned())
    }
}

/// A response.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    }

    pub fn told(&self) -> String {
        format!("{}: {:#}", self.status, self.body)
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.told());
        self
    }

    #[track_caller]
    pub fn expect_success(self) -> Self {
        assert!((200..300).contains(&self.status), "{}", self.told());
        self
    }

    pub fn id(&self) -> String {
        self.text("/data/id")
    }

    /// The text at a pointer; empty if there is none.
    pub fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_default().to_owned()
    }

    pub fn at(&self, pointer: &str) -> &Value {
        self.body.pointer(pointer).unwrap_or(&Value::Null)
    }

    pub fn attribute(&self, name: &str) -> &Value {
        &self.body["data"]["attributes"][name]
    }

    /// The ids of a list.
    pub fn ids(&self) -> Vec<String> {
        let items = self.body["data"].as_array().map(Vec::as_slice).unwrap_or_default();
        items.iter().filter_map(|item| item["id"].as_str().map(str::to_owned)).collect()
    }

    /// The pointer of each error.
    pub fn pointers(&self) -> Vec<String> {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        // The contract's 400 has no `source`; its pointer is in `meta`.
        let pointer = |error: &Value| {
            error["source"]["pointer"].as_str().or(error["meta"]["pointer"].as_str()).map(str::to_owned)
        };
        errors.iter().map(|error| pointer(error).unwrap_or_default()).collect()
    }

    /// The details of every error, in one text.
    pub fn details(&self) -> String {
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let details: Vec<&str> = errors.iter().filter_map(|error| error["details"].as_str()).collect();
        details.join("\n")
    }
}

/// The current time of the world's clock.
pub fn now(world: &World) -> docket_kernel::Moment {
    world.clock.now()
}

/// A request's `data.attributes`.
pub fn attributes(attributes: Value) -> Value {
    json!({"data": {"attributes": attributes}})
}
