//! Every operation of the route table × every kind of caller × things of another tenant: no answer shows whether an id exists
//! elsewhere or nowhere, and no refused request changes a row.
//!
//! In `make test` each operation meets the most telling callers, on both engines; with `DOCKET_LONG` it meets all of them.

mod examples;
mod tenants;

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::Request;
use docket_api::{Guard, custom_operations, operations};
use docket_doctor::TABLES;
use docket_kernel::{Permission, PlantedBug, Row, Table};
use docket_objects::sign;
use docket_testkit::On;
use serde_json::Value;
use tower::ServiceExt as _;

use self::examples::{Example, OF_NO_TENANT, OF_PEOPLE, OPEN, examples};
use self::tenants::{Caller, Ids, Tenant, Tenants};
use crate::world::{Answer, World, described, now, on_each_engine};

/// What guards an operation, and with which status it succeeds.
struct Guarded {
    operation: String,
    guard: Guard,
    permission: Permission,
    success: u16,
}

/// The route table.
fn table() -> Vec<Guarded> {
    let pipeline = operations().into_iter().map(|about| (about, Guard::Permission));
    let apart = custom_operations().into_iter().map(|apart| (apart.about, apart.guard));
    let guarded = pipeline.chain(apart).map(|(about, guard)| Guarded {
        operation: format!("{} {}", about.method, about.path),
        guard,
        permission: about.permission,
        success: about.success,
    });
    guarded.collect()
}

/// Operations of the route table without an example, and examples without an operation.
fn unlisted<'t>(table: impl IntoIterator<Item = &'t str>, examples: &[Example]) -> Vec<String> {
    let listed: BTreeSet<&str> = examples.iter().map(|example| example.operation).chain(OPEN).collect();
    let known: BTreeSet<&str> = table.into_iter().collect();
    listed.symmetric_difference(&known).map(|operation| (*operation).to_owned()).collect()
}

#[test]
fn every_operation_has_an_example_in_the_matrix() {
    let (table, examples) = (table(), examples());
    let known = || table.iter().map(|guarded| guarded.operation.as_str());

    assert_eq!(unlisted(known(), &examples), Vec::<String>::new());
    // A route that is new is named.
    assert_eq!(unlisted(known().chain(["POST /new/{new-id}"]), &examples), ["POST /new/{new-id}"]);
    let open: BTreeSet<&str> =
        table.iter().filter(|one| one.guard == Guard::Anybody).map(|one| &*one.operation).collect();
    assert_eq!(open, OPEN.into_iter().collect(), "only these know no caller");
}

/// Whether what a request can say names something of a tenant.
fn names_a_tenant(taken: &str) -> bool {
    let last = taken.trim_end_matches(']').rsplit(['.', '[']).next().unwrap_or_default();
    let is_id = last == "id" || last.ends_with("-id") || last.ends_with("-ids");
    let is_chosen = last.starts_with("auto-create-account");
    OF_PEOPLE.contains(&taken) || is_id && !is_chosen && !OF_NO_TENANT.contains(&taken)
}

#[test]
fn every_id_that_a_request_can_carry_is_a_hole_of_an_example() {
    let mut missing = Vec::new();
    for guarded in table().into_iter().filter(|guarded| guarded.guard != Guard::Anybody) {
        let (method, path) = guarded.operation.split_once(' ').expect("a method and a path");
        let Some(operation) = described().operation(method, path) else { continue };
        for taken in operation.takes().into_iter().filter(|taken| names_a_tenant(taken)) {
            let has = |example: &Example| {
                let (query, body) = (example.query, example.body.clone().unwrap_or_default());
                let pointer = format!("/{}", taken.replace('.', "/"));
                let said = body.pointer(&pointer).map(Value::to_string).unwrap_or_default();
                query.contains(&format!("{taken}={{")) || said.contains("-id}")
            };
            if !examples().iter().any(|example| example.operation == guarded.operation && has(example)) {
                missing.push(format!("{}: {taken}", guarded.operation));
            }
        }
    }

    assert_eq!(missing, Vec::<String>::new());
}

/// Headers that are about the request alone.
const OF_THE_REQUEST: [&str; 4] = ["request-id", "ratelimit-remaining", "ratelimit-reset", "date"];

/// Findings of one operation that are kept; more say nothing new.
const FINDINGS_MAX: usize = 3;

struct Matrix<'w> {
    world: &'w World,
    tenants: Tenants,
    is_long: bool,
    cells: usize,
    /// What is wrong, by operation.
    found: Vec<(&'static str, String)>,
}

impl<'w> Matrix<'w> {
    async fn of(world: &'w World, is_long: bool) -> Self {
        Self { world, tenants: Tenants::of(world).await, is_long, cells: 0, found: Vec::new() }
    }

    /// Every row there is.
    async fn rows(&self) -> BTreeSet<String> {
        let take: fn(&mut BTreeSet<String>, &'static Table, Row) = |all, table, row| {
            all.insert(format!("{} {row:?}", table.name));
        };
        let walked = self.world.database.reader().walk(TABLES, BTreeSet::new(), take, |_| None).await;
        walked.expect("every row is read")
    }

    fn finds(&mut self, example: &Example, words: String) {
        if self.found.iter().filter(|(operation, _)| *operation == example.operation).count() < FINDINGS_MAX {
            self.found.push((example.operation, words));
        }
    }

    async fn ask(&mut self, example: &Example, caller: &Caller, ids: &Ids, bundle: &Value) -> Answer {
        self.cells += 1;
        let fill = |text: &str| ids.iter().fold(text.to_owned(), |text, (hole, id)| text.replace(hole, id));
        let address = format!("/api/v1{}?{}", fill(&example.target()), fill(example.query));
        let mut request = Request::builder().method(example.method()).uri(address).header("host", "docket.test");
        for (name, value) in &caller.headers {
            request = request.header(*name, value);
        }
        if example.method() != "GET" {
            request = request.header("if-match", "*");
        }
        let request = match &example.body {
            Some(body) => {
                let body = fill(&body.to_string()).replace("\"{bundle}\"", &bundle.to_string());
                request.header("content-type", "application/json").body(Body::from(body))
            }
            None => request.body(Body::empty()),
        };
        let response = self.world.router.clone().oneshot(request.expect("a request")).await.expect("an answer");
        let (parts, body) = response.into_parts();
        // A stream has no end.
        let is_endless = parts.headers.get("content-type").is_some_and(|kind| kind == "text/event-stream");
        let bytes = if is_endless { Vec::new() } else { whole(body).await };
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        let answer = Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes };
        let operation = described().operation(example.method(), example.path());
        if operation.is_some_and(|operation| !operation.statuses().contains(&answer.status)) {
            self.finds(example, format!("{} was answered {}, which is not declared", caller.name, answer.status));
        }
        answer
    }

    /// A credential that is none, or none any more.
    async fn without_a_credential(&mut self, example: &Example) {
        let count = if self.is_long { usize::MAX } else { 2 };
        for caller in self.tenants.refused.clone().iter().take(count) {
            let (ids, bundle) = (self.tenants.all[0].ids.clone(), self.tenants.all[0].bundle.clone());
            let answer = self.ask(example, caller, &ids, &bundle).await;
            if answer.status != 401 {
                self.finds(example, format!("{} was answered {}, not 401", caller.name, answer.status));
            }
        }
    }

    /// A caller of the tenant who lacks the permission.
    async fn without_the_permission(&mut self, example: &Example, needed: Permission) {
        let all = self.tenants.roles.iter().chain(&self.tenants.keys);
        let lacking: Vec<Caller> = all.filter(|caller| !caller.may.contains(&needed)).cloned().collect();
        for caller in lacking.iter().take(if self.is_long { usize::MAX } else { 1 }) {
            let (ids, bundle) = (self.tenants.all[0].ids.clone(), self.tenants.all[0].bundle.clone());
            let answer = self.ask(example, caller, &ids, &bundle).await;
            if answer.status != 403 {
                self.finds(example, format!("{} was answered {}, not 403", caller.name, answer.status));
            }
            let holes = example.path_holes();
            if !holes.is_empty() {
                self.pair(example, caller, (0, 2), &holes, |status| matches!(status, 403 | 404)).await;
            }
        }
    }

    /// A caller with every permission, of another tenant.
    async fn outside_the_tenant(&mut self, example: &Example) {
        let is_of_people = |hole: &str| matches!(hole, "{user-id}" | "{colleague-id}");
        for place in 0..if self.is_long { 3 } else { 2 } {
            let outsider = &self.tenants.outsiders[place];
            let (caller, own, shares_people) = (outsider.caller.clone(), outsider.own, outsider.shares_people);
            let is_foreign = |hole: &str| !(shares_people && is_of_people(hole));
            let path: Vec<&str> = example.path_holes().into_iter().filter(|hole| is_foreign(hole)).collect();
            for hole in &path {
                self.pair(example, &caller, (own, 0), &[*hole], |status| status == 404).await;
            }
            if path.len() > 1 {
                self.pair(example, &caller, (own, 0), &path, |status| status == 404).await;
            }
            if place > 0 && !self.is_long {
                continue;
            }
            let is_read = example.method() == "GET" || example.only_judges;
            for hole in example.other_holes().iter().filter(|hole| is_foreign(hole)) {
                let wanted = |status: u16| matches!(status, 400 | 404 | 409 | 422) || is_read && status == 200;
                self.pair(example, &caller, (own, 0), &[hole.as_str()], wanted).await;
            }
        }
    }

    /// The same request about what another tenant has, and about what exists nowhere: the answers are alike.
    async fn pair(
        &mut self,
        example: &Example,
        caller: &Caller,
        (own, other): (usize, usize),
        holes: &[&str],
        is_wanted: impl Fn(u16) -> bool,
    ) {
        let (here, there) = (self.tenants.all[own].ids.clone(), self.tenants.all[other].ids.clone());
        let bundle = self.tenants.all[own].bundle.clone();
        let swapped = |change: fn(&str) -> String| {
            let swap = |(hole, id): (&&'static str, &String)| {
                (*hole, if holes.contains(hole) { change(&there[hole]) } else { id.clone() })
            };
            here.iter().map(swap).collect::<Ids>()
        };
        let (elsewhere, nowhere) = (swapped(str::to_owned), swapped(unknown));
        let theirs = self.ask(example, caller, &elsewhere, &bundle).await;
        let absent = self.ask(example, caller, &nowhere, &bundle).await;
        let name = self.tenants.all[other].name;
        if !is_wanted(theirs.status) {
            let body = String::from_utf8_lossy(&theirs.bytes).chars().take(200).collect::<String>();
            let words =
                format!("{} asked with {holes:?} of {name} and was answered {}: {body}", caller.name, theirs.status);
            self.finds(example, words);
        }
        let (theirs, absent) = (masked(&theirs, &elsewhere), masked(&absent, &nowhere));
        if theirs != absent {
            let words = format!("{} sees that {holes:?} of {name} exist:\n{theirs}\n{absent}", caller.name);
            self.finds(example, words);
        }
    }

    /// All cells, and that nothing was changed by them.
    async fn fill(&mut self) {
        let table = table();
        let mut before = self.rows().await;
        for example in examples() {
            let guarded = table.iter().find(|one| one.operation == example.operation).expect("an operation");
            self.without_a_credential(&example).await;
            if guarded.guard == Guard::Permission {
                self.without_the_permission(&example, guarded.permission).await;
            } else {
                let (key, ids) = (self.tenants.key.clone(), self.tenants.all[0].ids.clone());
                let answer = self.ask(&example, &key, &ids, &Value::Null).await;
                if answer.status != 403 {
                    self.finds(&example, format!("a key was answered {}, not 403", answer.status));
                }
            }
            if guarded.guard == Guard::Permission {
                self.outside_the_tenant(&example).await;
            }
            let after = self.rows().await;
            for row in after.symmetric_difference(&before) {
                let row: String = row.chars().take(300).collect();
                self.finds(&example, format!("a refused request changed this: {row}"));
            }
            before = after;
        }
    }

    /// What each example is worth: with the ids of its own tenant it succeeds.
    async fn succeed(&mut self) -> Vec<String> {
        let mut failed = Vec::new();
        let table = table();
        for example in examples() {
            let guarded = table.iter().find(|one| one.operation == example.operation).expect("an operation");
            let caller = match (guarded.guard, example.operation) {
                (Guard::Permission, _) => self.tenants.key.clone(),
                // The session of the administrator was exchanged for another.
                (_, "DELETE /session") => self.tenants.roles[0].clone(),
                _ => self.tenants.admin.clone(),
            };
            let Tenant { ids, bundle, .. } = &self.tenants.all[0];
            let (ids, bundle) = (ids.clone(), bundle.clone());
            let answer = self.ask(&example, &caller, &ids, &bundle).await;
            if answer.status != guarded.success {
                failed.push(format!("{} {}: {}", example.operation, example.query, answer.told()));
            }
        }
        failed
    }

    fn words(&self) -> Vec<String> {
        self.found.iter().map(|(operation, words)| format!("{operation}: {words}")).collect()
    }
}

async fn whole(body: Body) -> Vec<u8> {
    axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec()
}

/// An id in the form of this one that exists nowhere.
fn unknown(id: &str) -> String {
    let other = if id.ends_with('a') { 'b' } else { 'a' };
    id.chars().take(id.chars().count() - 1).chain([other]).collect()
}

/// An answer with names for the ids that were sent, and without what is the request's own.
fn masked(answer: &Answer, sent: &Ids) -> String {
    let own = |name: &&axum::http::HeaderName| !OF_THE_REQUEST.contains(&name.as_str());
    let headers: Vec<String> =
        answer.headers.keys().filter(own).map(|name| format!("{name}: {}", answer.header(name.as_str()))).collect();
    let text = format!("{} {headers:?} {}", answer.status, String::from_utf8_lossy(&answer.bytes));
    sent.iter().fold(text, |text, (hole, id)| text.replace(id, hole))
}

fn is_long() -> bool {
    std::env::var_os("DOCKET_LONG").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "how many cells there were is what one wants to read")]
async fn no_operation_reaches_another_tenant_or_shows_that_something_is_there() {
    on_each_engine(async |world| {
        let mut matrix = Matrix::of(&world, is_long()).await;

        matrix.fill().await;

        println!("{}: {} requests", world.engine, matrix.cells);
        assert_eq!(matrix.words(), Vec::<String>::new(), "on {}", world.engine);
        // The runs that wait for a person are the matrix's own.
        let mut violations = world.violations().await;
        violations.retain(|violation| !violation.starts_with("parked-work"));
        assert_eq!(violations, Vec::<String>::new(), "on {}", world.engine);
        assert_eq!(matrix.succeed().await, Vec::<String>::new(), "on {}", world.engine);
    })
    .await;
}

/// Things whose keys hold their environment, so that no comparison is needed to keep them apart.
const APART_BY_KEY: [&str; 2] = ["{account-id}", "{inquiry-id}"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_comparison_of_tenants_the_matrix_fails() {
    let world = World::planting(On::Sqlite, PlantedBug::ScopeIgnored).await;
    let mut matrix = Matrix::of(&world, false).await;

    matrix.fill().await;

    let is_compared = |hole: &&str| !APART_BY_KEY.contains(hole);
    let guarded = examples().into_iter().filter(|example| example.path_holes().iter().any(is_compared));
    let guarded: BTreeSet<&str> = guarded.map(|example| example.operation).collect();
    let found: BTreeSet<&str> = matrix.found.iter().map(|(operation, _)| *operation).collect();
    assert!(guarded.len() > 40, "{} operations", guarded.len());
    assert_eq!(guarded.difference(&found).collect::<Vec<_>>(), Vec::<&&str>::new(), "these were not found");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_source_takes_only_its_own_signature() {
    on_each_engine(async |world| {
        let matrix = Matrix::of(&world, false).await;
        let [first, sibling, strange] = &matrix.tenants.all;
        let body = br#"{"data": {"type": "event", "id": "evt_1", "attributes": {"name": "inquiry.created"}}}"#;
        let signed = |secret: &str| vec![("persona-signature", sign(secret, now(&world), body))];
        let own = &first.ids["{source-id}"];
        let before = matrix.rows().await;
        let mut answers = Vec::new();
        for (source, headers) in [
            (own.clone(), Vec::new()),
            (unknown(own), signed(&first.secret)),
            (own.clone(), signed(&first.secret)),
            (own.clone(), signed(&sibling.secret)),
            (sibling.ids["{source-id}"].clone(), signed(&strange.secret)),
            (own.clone(), matrix.tenants.key.headers.clone()),
            (own.clone(), matrix.tenants.admin.headers.clone()),
        ] {
            let mut request = Request::builder().method("POST").uri(format!("/ingest/{source}"));
            for (name, value) in &headers {
                request = request.header(*name, value);
            }
            let request = request.body(Body::from(body.as_slice())).expect("a request");
            let response = world.router.clone().oneshot(request).await.expect("an answer");
            let status = response.status().as_u16();
            answers.push((status, String::from_utf8_lossy(&whole(response.into_body()).await).into_owned()));
        }

        assert!(answers.iter().all(|one| one.0 == 401 && *one == answers[0]), "{answers:#?}");
        assert_eq!(matrix.rows().await, before);
    })
    .await;
}
