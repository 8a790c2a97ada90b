//! Conformance tests of every step type, based on its own file: its example runs, even if the process ends at any
//! point; a refusal rolls back only the step; the same seeds give the same ids; and objects of another environment are
//! not found.

use std::collections::BTreeMap;

use docket_kernel::{Entity, Row};
use docket_storage::Bounds;
use docket_testkit::{On, engines};
use docket_workflows::kind::ValueKind;
use docket_workflows::step_type::{Effect, Entry, Outcome, Wait};
use docket_workflows::{Run, Segment, StepError, StepRun, StepState};
use serde_json::{Value, json};

use crate::all;
use crate::world::{AFTER, BEFORE, OnError, Rows, STEP, Time, World, around, source_of};

/// A workflow that needs more calls than this does not end.
const CALLS_MAX: usize = 500;

/// The steps of the runs that a request caused.
fn steps(rows: &Rows, request: &str) -> Vec<StepRun> {
    let mut segments = rows.of::<Segment>();
    segments.sort_by_key(|segment| segment.ordinal);
    let runs = rows.of::<Run>();
    let is_of = |segment: &Segment| {
        runs.iter().any(|run| run.id == segment.run_id && run.request_id.as_deref() == Some(request))
    };
    segments.iter().filter(|segment| is_of(segment)).flat_map(|s| s.steps.iter().map(|step| (**step).clone())).collect()
}

/// A value without its ids, which differ between runs.
fn masked(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.split_once('_') {
            Some((prefix, id)) if id.len() == 26 => format!("{prefix}_").into(),
            _ => text.as_str().into(),
        },
        Value::Array(items) => items.iter().map(masked).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), masked(value))).collect(),
        other => other.clone(),
    }
}

/// The effects of a request: every event with the step that caused it, every run, and every step with its output.
fn story(rows: &Rows, request: &str) -> Value {
    let mut events: Vec<_> = rows.events(request).into_iter().map(|event| (event.name, event.cause_step)).collect();
    events.sort();
    let runs: Vec<Run> =
        rows.of::<Run>().into_iter().filter(|run| run.request_id.as_deref() == Some(request)).collect();
    let runs: Vec<_> = runs.iter().map(|run| run.state.as_str()).collect();
    let steps: Vec<_> = steps(rows, request)
        .iter()
        .map(|step| json!([step.id, step.state, step.attempts, masked(&step.output), step.error, step.events.len()]))
        .collect();
    json!({"events": events, "runs": runs, "steps": steps})
}

/// The states of the steps of a request's run.
fn states(rows: &Rows, request: &str) -> Vec<(String, StepState)> {
    steps(rows, request).into_iter().map(|step| (step.id, step.state)).collect()
}

fn is(id: &str, state: StepState) -> (String, StepState) {
    (id.to_owned(), state)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_of_a_step_runs_once_wherever_a_process_ends() {
    for engine in engines() {
        for inline_steps in [Bounds::default().inline_steps, 0] {
            for entry in all() {
                let at = format!("{}, {engine}, {inline_steps} inline steps", entry.about.key);
                let world = World::new(engine, inline_steps, Time::Real, all()).await;
                world.publish(around(&entry, &world.example(&entry), OnError::Stop)).await;
                world.live(0, Some(world.start(&entry, "req_whole", "req_whole"))).await;
                let mut ends = Vec::new();
                for calls in 1..CALLS_MAX {
                    let request = format!("req_{calls}");
                    let parting = world.live(calls, Some(world.start(&entry, &request, &request))).await;
                    world.live(0, None).await;
                    ends.push((request, parting.answer.is_some()));
                    if !parting.crashed {
                        break;
                    }
                }

                let rows = world.rows().await;
                let (whole, nothing) = (story(&rows, "req_whole"), story(&rows, "req_nobody's"));
                let all_well = [BEFORE, STEP, AFTER].map(|id| is(id, StepState::Succeeded));
                assert_eq!(states(&rows, "req_whole"), all_well, "{at}: {whole:#}");
                for (request, answered) in &ends {
                    let told = story(&rows, request);
                    let undone = !answered && told == nothing;
                    assert!(told == whole || undone, "{at}: {request}: {told:#}\nexpected {whole:#}");
                }
                // Some ends come before the commit, and at least one between the commit and the answer.
                let done = |(request, answered): &&(String, bool)| !answered && story(&rows, request) == whole;
                let unheard = ends.iter().filter(done).count();
                assert!(unheard > 0 && unheard < ends.len() - 1 && ends.len() < CALLS_MAX - 1, "{at}: {}", ends.len());
            }
        }
    }
}

/// The number of rows in each table that steps change.
fn counts(rows: &Rows) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    let is_history = |table: &str| table == "event" || table.starts_with("workflow") || table == Segment::TABLE.name;
    for (table, _) in rows.all.iter().filter(|(table, _)| !is_history(table)) {
        *counts.entry(*table).or_default() += 1;
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_step_is_rolled_back_alone_and_the_run_follows_on_error() {
    for engine in engines() {
        for (place, entry) in all().into_iter().enumerate() {
            for (on_error, state, outcome) in [
                (OnError::Stop, StepState::Failed, "errored"),
                (OnError::Continue, StepState::Continued, "completed_with_errors"),
            ] {
                let at = format!("{}, {engine}, {on_error:?}", entry.about.key);
                let mut entries = all();
                let refusing = entries.remove(place).refusing_after();
                entries.insert(place, refusing);
                let world = World::new(engine, Bounds::default().inline_steps, Time::Real, entries).await;
                world.publish(around(&entry, &world.example(&entry), on_error)).await;
                let before = counts(&world.rows().await);

                let answer = world.live(0, Some(world.start(&entry, "req_1", "req_1"))).await.answer;

                assert!(answer.is_some_and(|answer| answer.is_ok()), "{at}: its request is not refused");
                let rows = world.rows().await;
                let mut wanted = vec![is(BEFORE, StepState::Succeeded), is(STEP, state)];
                wanted.extend((on_error == OnError::Continue).then(|| is(AFTER, StepState::Succeeded)));
                assert_eq!(states(&rows, "req_1"), wanted, "{at}");
                assert_eq!(story(&rows, "req_1")["runs"], json!([outcome]), "{at}");
                let done = rows.events("req_1");
                // The failure is recorded as an event of the step's objects; it is not an effect of the step.
                let did = done.iter().filter(|event| !event.name.ends_with(".step-failed"));
                let by = |step: &str| did.clone().filter(|event| event.cause_step.as_deref() == Some(step)).count();
                assert_eq!((by(BEFORE) > 0, by(STEP)), (true, 0), "{at}: only the effects of the step are rolled back");
                let grown =
                    counts(&rows).into_iter().map(|(table, count)| count - before.get(table).copied().unwrap_or(0));
                assert_eq!(grown.sum::<usize>(), 1, "{at}: only the object created at the start remains");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_would_suspend_its_run_fails_and_what_it_wrote_is_undone() {
    let waits = || Outcome::Wait(Wait::default());
    let calls = || Outcome::Effect(Effect { kind: "http", request: json!({}) });
    for suspend in [waits as fn() -> Outcome<Value>, calls] {
        let mut entries = all();
        let place = entries.iter().position(|entry| entry.about.key == "object.tag").expect("Tag Object");
        let suspending = entries.remove(place).suspending_after(suspend);
        entries.insert(place, suspending);
        let tag = all().remove(place);
        let world = World::new(On::Sqlite, Bounds::default().inline_steps, Time::Real, entries).await;
        world.publish(around(&tag, &world.example(&tag), OnError::Stop)).await;

        world.live(0, Some(world.start(&tag, "req_1", "req_1"))).await;

        let rows = world.rows().await;
        let failed = steps(&rows, "req_1").pop().expect("a step");
        assert_eq!((failed.id.as_str(), failed.state), (STEP, StepState::Failed));
        assert_eq!(failed.error.expect("an error").code, "step-suspends");
        let of_step = |event: &&docket_events::Event| {
            event.cause_step.as_deref() == Some(STEP) && !event.name.ends_with(".step-failed")
        };
        assert_eq!(rows.events("req_1").iter().filter(of_step).count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_without_a_required_input_fails_and_names_the_input() {
    for entry in all() {
        let inputs = entry.shape.inputs.iter().filter(|input| input.required);
        for input in inputs.map(|input| input.name.clone()) {
            let world = World::new(On::Sqlite, 50, Time::Real, all()).await;
            let mut with = world.example(&entry);
            with[&input] = json!({"ref": "trigger.fields.nothing"});
            world.publish(around(&entry, &with, OnError::Stop)).await;

            world.live(0, Some(world.start(&entry, "req_1", "req_1"))).await;

            let failed = steps(&world.rows().await, "req_1").pop().expect("a step");
            let error = failed.error.expect("an error");
            let place = format!("/with/{input}");
            assert_eq!((failed.id.as_str(), error.code.as_str()), (STEP, "missing-value"), "{}", entry.about.key);
            assert_eq!(error.pointer.as_deref(), Some(place.as_str()));
        }
    }
}

/// A row as text, its times without microseconds: a node that looked for work and found none has used one microsecond.
fn to_the_millisecond(row: &(&'static str, Row)) -> String {
    let (mut words, mut digits) = (String::new(), 0);
    for letter in format!("{row:?}").chars() {
        digits = if letter.is_ascii_digit() { digits + 1 } else { 0 };
        let is_fraction = digits > 3 && words.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with('.');
        if digits <= 13 && !is_fraction {
            words.push(letter);
        }
    }
    words
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_seeds_give_the_same_rows_with_the_same_ids() {
    for inline_steps in [Bounds::default().inline_steps, 0] {
        for entry in all() {
            let mut found = Vec::new();
            for _ in 0..2 {
                let world = World::new(On::Sqlite, inline_steps, Time::Repeated, all()).await;
                world.publish(around(&entry, &world.example(&entry), OnError::Stop)).await;
                world.live(0, Some(world.start(&entry, "req_1", "req_1"))).await;
                let rows = world.rows().await;
                assert_eq!(states(&rows, "req_1").len(), 3, "{}", entry.about.key);
                found.push(rows.all.iter().map(to_the_millisecond).collect::<Vec<_>>());
            }

            assert_eq!(found[0], found[1], "{}, {inline_steps} inline steps", entry.about.key);
        }
    }
}

/// The inputs that take an object, with the object types that each accepts, and how a reference is written there.
fn object_inputs(entry: &Entry) -> Vec<(String, Vec<&str>, Value)> {
    let kinds = |kind: &ValueKind| match kind {
        ValueKind::Object(kind) => Some(vec![kind.clone()]),
        ValueKind::AnyObject => Some(vec!["account".to_owned(), "inquiry".to_owned()]),
        _ => None,
    };
    let mut found = Vec::new();
    for input in &entry.shape.inputs {
        let reference = source_of(entry);
        let (taken, written) = match &input.kind {
            ValueKind::Array(item) => (kinds(item), json!([reference])),
            kind => (kinds(kind), reference),
        };
        let Some(taken) = taken else { continue };
        let taken = taken.iter().map(|kind| *names().iter().find(|name| *name == kind).expect("a known type"));
        found.push((input.name.clone(), taken.collect(), written));
    }
    found
}

fn names() -> [&'static str; 4] {
    ["account", "case", "case-template", "inquiry"]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_another_environment_are_not_found_and_not_changed() {
    let mut tried = Vec::new();
    for engine in engines() {
        for entry in all() {
            for (input, kinds, written) in object_inputs(&entry) {
                let world = World::new(engine, Bounds::default().inline_steps, Time::Real, all()).await;
                let mut with = world.example(&entry);
                with[&input] = written;
                world.publish(around(&entry, &with, OnError::Stop)).await;
                let untouched = world.rows_of_theirs().await;
                for kind in kinds {
                    let run = async |request: &str, id: &str| {
                        world.live(0, Some(world.start(&entry, request, id))).await;
                        steps(&world.rows().await, request)
                    };
                    let refusal = |steps: &[StepRun], id: &str| {
                        let last = steps.last().filter(|step| step.id == STEP)?;
                        let told = |error: &StepError| (error.code.clone(), error.details.replace(id, "…"));
                        last.error.as_ref().map(|error| (told(error), error.pointer.clone()))
                    };
                    let (ours, theirs) = (&world.here[kind], &world.theirs[kind]);
                    let nobodys = format!("{}_{}", theirs.split('_').next().unwrap_or_default(), "0".repeat(26));

                    let found = run(&format!("req_our_{kind}"), ours).await;
                    let foreign = run(&format!("req_their_{kind}"), theirs).await;
                    let missing = run(&format!("req_nobodys_{kind}"), &nobodys).await;

                    let at = format!("{} › {input} with a {kind}, {engine}", entry.about.key);
                    assert_eq!(found.len(), 3, "{at}: the object of this environment is found: {found:#?}");
                    let (foreign, missing) = (refusal(&foreign, theirs), refusal(&missing, &nobodys));
                    assert!(foreign.is_some() && foreign == missing, "{at}: {foreign:?}, {missing:?}");
                    let pointer = foreign.and_then(|(_, pointer)| pointer);
                    assert_eq!(pointer, Some(format!("/with/{input}")), "{at}: the error names the input");
                    assert_eq!(world.rows_of_theirs().await, untouched, "{at}");
                    tried.push(at);
                }
            }
        }
    }
    assert!(tried.len() >= 6 * engines().len(), "{tried:#?}");
}
