//! Redactions to their end: what they pass over, what they reach that quotes content, and that every pass moves on.

use docket_api::store::{AnswerObject, Remembered};
use docket_erasure::{Erasure, Forgotten};
use docket_events::{Blanked, NewEvent, Redaction, record};
use docket_kernel::{Actor, AnswerId, Json, RunId, Scope, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use docket_storage::Command;
use docket_testkit::engines;
use docket_workflows::{Run, RunRead};
use serde_json::json;

use crate::redaction::{CANARY, copies, is_logged, keep_log};
use crate::things::published;
use crate::world::{Call, World, attributes, on_each_engine};

/// As many events and answers as one pass blanks, and as many runs.
const EVENTS: usize = 100;
const RUNS: usize = 20;

/// Runs a verb in the sandbox through the writer, as the system.
async fn submit<T: Send + 'static>(
    world: &World,
    verb: impl Fn(&mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
) -> T {
    let sandbox = world.set_up().sandbox.id.clone();
    let actor = Actor::system(sandbox.clone());
    let command = Command::new("test", Scope::Of(sandbox.key()), move |work| verb(work, &actor));
    world.database.writer().submit(command).await.expect("it is done")
}

/// Records events of an account.
async fn events_of(world: &World, account: &str, count: usize) {
    let account = account.to_owned();
    submit(world, move |work, actor| {
        let object = Object::named(work, &actor.environment, &account)?.expect("the account");
        for _ in 0..count {
            record(work, actor, NewEvent::about(&*object, "account.updated-tags", tree(&object)));
        }
        Ok(())
    })
    .await;
}

/// Adds runs that an account started and that read it, like a run there is.
async fn runs_of(world: &World, account: &str, like: &str, count: usize) {
    let (account, like) = (account.to_owned(), like.to_owned());
    submit(world, move |work, actor| {
        let model = work.get::<Run>(&like)?.expect("a run");
        for _ in 0..count {
            let run = Run {
                id: RunId::of(work.new_id(RunId::PREFIX)),
                start_key: None,
                subject_id: Some(account.clone()),
                redaction_id: None,
                created_at: work.now(),
                ..(*model).clone()
            };
            let (id, run_id) = (format!("{}:{account}", run.id).into(), run.id.clone());
            work.insert(run);
            let (environment_id, created_at) = (actor.environment.clone(), work.now());
            work.insert(RunRead { id, environment_id, run_id, object_id: account.clone(), created_at });
        }
        Ok(())
    })
    .await;
}

/// Adds remembered answers about an account and answers that include it.
async fn answers_of(world: &World, account: &str, count: usize) {
    let account = account.to_owned();
    submit(world, move |work, actor| {
        let (environment_id, created_at) = (actor.environment.clone(), work.now());
        for _ in 0..count {
            let id = AnswerId::of(work.new_id(AnswerId::PREFIX));
            work.insert(AnswerObject {
                id: format!("{id}:{account}").into(),
                environment_id: environment_id.clone(),
                answer_id: id.clone(),
                object_id: account.clone(),
                created_at,
            });
            work.insert(Remembered {
                key: id.to_string(),
                id,
                environment_id: environment_id.clone(),
                version: 0,
                request_digest: String::new(),
                status: 200,
                body: "{}".into(),
                etag: None,
                eviction_group: String::new(),
                size_bytes: 0,
                subject_id: Some(account.clone()),
                subjects: Json::new(vec![account.clone()]),
                created_at,
            });
        }
        Ok(())
    })
    .await;
}

/// How many copies stand of an account: events, runs, reads, answers about it and answers that include it.
async fn standing(world: &World, account: &str) -> [i64; 5] {
    let mut counts = [0; 5];
    let columns = [
        ("event", "content_of"),
        ("workflow_run", "subject_id"),
        ("run_read", "object_id"),
        ("answer", "subject_id"),
        ("answer_object", "object_id"),
    ];
    for (count, (table, column)) in counts.iter_mut().zip(columns) {
        *count = world.fresh.count(&format!("SELECT count(*) FROM {table} WHERE {column} = '{account}'")).await;
    }
    counts
}

/// Makes a redaction due again, as if a pass were left.
async fn make_due(world: &World, object: &str) {
    let due = format!("UPDATE redaction SET due_at = 1, done_at = NULL WHERE object_id = '{object}'");
    world.fresh.run(&due).await;
}

async fn state_of(world: &World, object: &str) -> String {
    world.get(&format!("/redactions?filter[object-id]={object}")).await.expect(200).text("/data/0/attributes/state")
}

/// A run of a workflow that is called and does nothing.
async fn some_run(world: &World) -> String {
    let definition = json!({
        "trigger": {"on": ["api"], "parameters": [{"name": "who", "type": "string"}]},
        "steps": [{"id": "none", "choose": [
            {"label": "None", "when": {"field": "trigger.fields.who", "is": "is_blank"}, "steps": []},
        ]}],
    });
    let workflow = published(world, "Idle", definition).await;
    world.post(&format!("/workflows/{workflow}/trigger"), attributes(json!({"fields": {}}))).await.expect(200).id()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redaction_passes_over_as_many_newer_copies_as_there_are_and_ends() {
    for (engine, more) in engines().into_iter().flat_map(|engine| [(engine, 0), (engine, 1)]) {
        let world = World::on(engine).await;
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201).id();
        let run = some_run(&world).await;
        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        // As if they were written in the instant of the redaction: it reaches them.
        events_of(&world, &account, 1).await;
        runs_of(&world, &account, &run, 1).await;
        answers_of(&world, &account, 1).await;
        world.fresh.run("UPDATE redaction SET redacted_at = (SELECT max(created_at) FROM answer)").await;
        assert_eq!(standing(&world, &account).await, [1; 5]);
        world.clock.advance_seconds(1);
        events_of(&world, &account, EVENTS + more).await;
        runs_of(&world, &account, &run, RUNS + more).await;
        answers_of(&world, &account, EVENTS + more).await;
        make_due(&world, &account).await;

        world.work_off(5).await;

        assert_eq!(state_of(&world, &account).await, "done");
        let newer = |count: usize| i64::try_from(count + more).expect("a number");
        let all = [newer(EVENTS), newer(RUNS), newer(RUNS), newer(EVENTS), newer(EVENTS)];
        assert_eq!(standing(&world, &account).await, all, "what is newer stays, and what is not is blank");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_inquiry_that_is_made_for_an_account_after_its_redaction_stays_though_passes_are_left() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201).id();
        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        world.clock.advance_seconds(1);
        let body = attributes(json!({"account-id": account, "inquiry-template-id": "itmpl_any", "note": "new"}));
        let inquiry = world.post("/inquiries", body).await.expect(201).id();
        make_due(&world, &account).await;

        world.work_off(5).await;

        assert_eq!(state_of(&world, &account).await, "done");
        assert_eq!(world.get(&format!("/inquiries/{inquiry}")).await.expect(200).attribute("note"), "new");
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redaction_that_begins_again_keeps_what_the_one_before_had_found() {
    on_each_engine(async |world| {
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201).id();
        let run = some_run(&world).await;
        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        let (found, object) = (format!(r#"{{"runs": [["{run}", 0]]}}"#), account.clone());
        world.fresh.run(&format!("UPDATE redaction SET work = '{found}' WHERE object_id = '{account}'")).await;
        // It gets content again before the pass that would have blanked the run.
        submit(&world, move |work, actor| {
            let key = docket_objects::key(&actor.environment, &object);
            work.change::<Object>(&key, |account| account.tags = Json::new(vec!["again".into()])).map(drop)
        })
        .await;

        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        world.work_off(5).await;

        let blanked = format!("SELECT count(*) FROM workflow_run WHERE id = '{run}' AND redaction_id IS NOT NULL");
        assert_eq!(world.fresh.count(&blanked).await, 1);
        assert_eq!(state_of(&world, &account).await, "done");
    })
    .await;
}

/// Finds answers and blanks none.
fn blanks_nothing(work: &mut UnitOfWork, redaction: &Redaction) -> Verb<Blanked> {
    let more = work.get::<Redaction>(&redaction.id)?.is_some();
    Ok(Blanked { more, ..Blanked::default() })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pass_that_changes_nothing_is_counted_and_the_next_one_waits() {
    for engine in engines() {
        let world = World::erasing(engine, Erasure::default().with_answers(blanks_nothing)).await;
        let account = world.post("/accounts", attributes(json!({"tags": ["vip"]}))).await.expect(201).id();
        world.call(Call::new("DELETE", &format!("/accounts/{account}"))).await.expect(200);
        let failures = async || world.fresh.count("SELECT failures FROM redaction").await;

        world.work_off(10).await;

        assert_eq!(failures().await, 1, "on {engine}: it is not due again at once");
        world.clock.advance_seconds(29);
        world.work_off(10).await;
        assert_eq!(failures().await, 1, "on {engine}");
        world.clock.advance_seconds(1);
        world.work_off(10).await;
        assert_eq!(failures().await, 2, "on {engine}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_work_is_parked_and_what_the_log_says_of_a_row_quote_no_value_of_it() {
    keep_log();
    for engine in engines() {
        let world = World::step_by_step(engine).await;
        let run = some_run(&world).await;
        world.work_off(8).await;
        let garbled =
            [format!("[\"{CANARY}\"]"), format!(r#"{{"cursor": {{"{CANARY}": 1}}}}"#), format!("\"{CANARY}\"")];
        for (place, progress) in garbled.iter().enumerate() {
            // A run that is not due yet, with a row that Docket never writes.
            let broken = format!(
                "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, progress, \
                 depth, chain, due_at, created_at) SELECT '{run}_{place}', environment_id, 1, workflow_id, version_id, \
                 'running', trigger, '{progress}', depth, chain, 1, created_at FROM workflow_run WHERE id = '{run}'"
            );
            world.fresh.run(&broken).await;
        }

        for _ in 0..10 {
            world.clock.advance_seconds(300);
            world.work_off(8).await;
        }

        let faults = world.get("/faults?filter[state]=parked").await.expect(200);
        assert_eq!(faults.ids().len(), 3, "on {engine}: {}", faults.told());
        assert!(!String::from_utf8_lossy(&faults.bytes).contains(CANARY), "on {engine}: {}", faults.told());
        let kept = format!("SELECT count(*) FROM fault WHERE reason LIKE '%{CANARY}%'");
        assert_eq!(world.fresh.count(&kept).await, 0, "on {engine}");
        assert!(!is_logged(), "on {engine}: the word is in the log");
    }
}

/// A time that looks like one and is none: a date that no month has.
const NO_TIME: &str = "1987-02-31";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn why_a_workflow_did_not_start_quotes_no_value_of_another_object() {
    on_each_engine(async |world| {
        let born = json!({"field": "trigger.account.fields.born", "is": "before", "value": "2000-01-01"});
        let definition = json!({"trigger": {"on": ["inquiry.created"], "where": born}, "steps": [
            {"id": "tag", "do": "object.tag", "with": {"object": {"ref": "trigger"}, "tags": ["old"]}},
        ]});
        published(&world, "Ages", definition).await;
        let account = world.post("/accounts", attributes(json!({"fields": {"born": NO_TIME}}))).await.expect(201).id();
        let body = attributes(json!({"account-id": account, "inquiry-template-id": "itmpl_any"}));
        world.post("/inquiries", body).await.expect(201);

        let refused = world.get("/events?filter[name]=workflow-run.refused").await.expect(200);

        let reason = refused.text("/data/0/attributes/context/reason");
        assert!(reason.contains("trigger.account.fields.born") && !reason.contains(NO_TIME), "{reason}");
    })
    .await;
}

/// Sets a status that no template has, with a key: the refusal repeats it.
async fn refused(world: &World, case: &str, key: &str) {
    let status = json!({"meta": {"status": CANARY}});
    let call = Call::post(&format!("/cases/{case}/set-status")).json(status).with("idempotency-key", key);
    let refused = world.call(call).await;
    assert!(refused.status == 422 && String::from_utf8_lossy(&refused.bytes).contains(CANARY), "{}", refused.told());
}

async fn refusals(world: &World) -> i64 {
    world.fresh.count(&format!("SELECT count(*) FROM answer WHERE body LIKE '%{CANARY}%'")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_remembered_refusal_outlasts_a_redaction_in_its_environment() {
    for more in [0, 1] {
        for engine in engines() {
            let world = World::on(engine).await;
            let template = world.post("/case-templates", attributes(json!({"name": "Review"}))).await.expect(201).id();
            let body = attributes(json!({"case-template-id": template}));
            let case = world.post("/cases", body.clone()).await.expect(201).id();
            let other = world.post("/cases", body).await.expect(201).id();
            refused(&world, &case, "about it").await;
            for number in 1..EVENTS + more {
                // Of another case: what a refusal repeats may be of any object.
                refused(&world, &other, &format!("key {number}")).await;
            }
            assert_eq!(refusals(&world).await, i64::try_from(EVENTS + more).expect("a number"));

            world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(200);
            world.work_off(5).await;

            assert_eq!(copies(&world, engine).await, Vec::<String>::new(), "on {engine}");
            assert_eq!(state_of(&world, &case).await, "done");
            // It was forgotten, and not erased: the request is judged again.
            refused(&world, &other, "key 1").await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_about_a_redacted_object_is_not_repeated_before_a_pass_reaches_it() {
    for engine in engines() {
        let world = World::forgetting(engine, Forgotten::Everything).await;
        let template = world.post("/case-templates", attributes(json!({"name": "Review"}))).await.expect(201).id();
        let body = attributes(json!({"case-template-id": template}));
        let case = world.post("/cases", body).await.expect(201).id();
        let comment = || {
            let blank = attributes(json!({"body": " "}));
            Call::post(&format!("/cases/{case}/comments")).json(blank).with("idempotency-key", "once")
        };
        world.call(comment()).await.expect(422);
        world.call(comment()).await.expect(422);

        world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(200);

        assert_eq!(world.fresh.count("SELECT count(*) FROM answer").await, 1, "on {engine}: it is still remembered");
        world.call(comment()).await.expect(409);
    }
}
