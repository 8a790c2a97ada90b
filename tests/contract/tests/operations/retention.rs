//! Retention: what is older than its period loses its content or is removed, after a preview, and facts stay.

use std::sync::{Arc, Mutex, PoisonError};

use docket_erasure::Retaining;
use docket_events::store::EVENTS_BY_AGE;
use docket_events::{Periods, change_retention, judge_periods};
use docket_kernel::{Actor, AgePosition, EnvironmentId, ManualClock, Moment, Permission, Scope};
use docket_objects::{AccountRequest, create_account};
use docket_steps::Reactions;
use docket_storage::Command;
use docket_testkit::{FreshDatabase, On, engines, live, parts, start_of_time};
use serde_json::{Value, json};

use crate::things::{Vendor, called, event, inquiry, published, template};
use crate::world::{Answer, Call, World, attributes, on_each_engine};

/// Seconds of a day.
const DAY: i64 = 86_400;
/// What nothing else says.
const CANARY: &str = "Wombatine";

/// Previews periods, confirms the preview, and answers the policy.
async fn switch_on(world: &World, periods: Value) -> Answer {
    let preview = preview(world, periods.clone()).await;
    confirm(world, periods, preview.attribute("confirmation")).await.expect(200)
}

async fn preview(world: &World, periods: Value) -> Answer {
    world.post("/retention-policy/preview", attributes(periods)).await.expect(200)
}

async fn confirm(world: &World, periods: Value, confirmation: &Value) -> Answer {
    let body = json!({"data": {"attributes": periods}, "meta": {"confirmation": confirmation}});
    world.patch("/retention-policy", body).await
}

/// An account that holds the word, made with this key.
async fn account(world: &World, key: &str) -> String {
    let body = attributes(json!({"fields": {"nickname": CANARY}, "tags": ["vip"]}));
    world.call(Call::post("/accounts").key(key).json(body)).await.expect(201).id()
}

/// A run that ended and holds the word.
async fn ended_run(world: &World) -> String {
    let template = template(world).await;
    let called = published(world, "Called", called(&template)).await;
    let body = attributes(json!({"fields": {"amount": 50, "sourceName": CANARY}}));
    world.post(&format!("/workflows/{called}/trigger"), body).await.expect(200).id()
}

/// How many rows of a table hold the word.
async fn holding(world: &World, table: &str, column: &str) -> i64 {
    world.fresh.count(&format!("SELECT count(*) FROM {table} WHERE CAST({column} AS TEXT) LIKE '%{CANARY}%'")).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_loses_its_content_when_its_day_is_over_and_not_before_and_its_facts_stay() {
    on_each_engine(async |world| {
        let id = account(&world, &world.key).await;
        let foreign = account(&world, &world.foreign_key).await;
        let before = world.get("/events?filter[name]=account.created").await.expect(200);
        switch_on(&world, json!({"event-content-days": 10})).await;

        // The day of the event is 1 January, and ten whole days follow.
        world.clock.advance_seconds(11 * DAY - 1);
        world.work_off(4).await;
        assert_eq!(holding(&world, "event", "payload").await, 2);
        world.clock.advance_seconds(1);
        world.work_off(4).await;

        let after = world.get("/events?filter[name]=account.created").await.expect(200);
        let (was, is) = (before.at("/data/0/attributes"), after.at("/data/0/attributes"));
        assert_eq!(before.ids(), after.ids());
        assert_eq!(was["payload"]["data"]["attributes"]["tags"], json!(["vip"]));
        assert_eq!(is["payload"]["data"]["id"], json!(id), "{}", after.told());
        assert_eq!(is["payload"]["data"]["attributes"]["tags"], json!([]), "{}", after.told());
        for fact in ["actor", "object-id", "object-version", "request-id", "depth"] {
            assert_eq!(is["context"][fact], was["context"][fact], "{fact}");
        }
        assert_eq!(is["context"]["content-removed-at"], "2026-01-12T00:00:00.000Z", "{}", after.told());
        let with_digest =
            "SELECT count(*) FROM event WHERE retained_at IS NOT NULL AND digest IS NOT NULL AND salt IS NULL";
        assert!(world.fresh.count(with_digest).await > 1);
        // What is shown of the account itself is no event.
        assert_eq!(holding(&world, "object", "fields").await, 2);
        let there = Call::get("/events?filter[name]=account.created").key(&world.foreign_key);
        let there = world.call(there).await.expect(200);
        assert_eq!(there.at("/data/0/attributes/payload/data/id"), &json!(foreign));
        assert_eq!(there.at("/data/0/attributes/payload/data/attributes/tags"), &json!(["vip"]), "another environment");
        let policy = world.get("/retention-policy").await.expect(200);
        assert_eq!(policy.attribute("is-working"), false, "{}", policy.told());
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_of_the_instant_at_which_the_period_ends_stays_and_one_before_it_goes() {
    on_each_engine(async |world| {
        let (first, last) = (account(&world, &world.key).await, account(&world, &world.key).await);
        // The periods of days end with a day: at the end of 20 January, one of 5 days ends with the 15th.
        let end = start_of_time().0 + 15 * Moment::DAY;
        for (id, at) in [(&first, end - 1), (&last, end)] {
            let moved = format!("UPDATE event SET created_at = {at} WHERE object_id = '{id}'");
            world.run_unbound(&moved).await;
        }
        world.clock.advance_seconds(20 * DAY);

        let preview = preview(&world, json!({"event-content-days": 5})).await;
        switch_on(&world, json!({"event-content-days": 5})).await;
        world.work_off(4).await;

        let blank =
            world.fresh.read("SELECT object_id FROM event WHERE retained_at IS NOT NULL ORDER BY created_at").await;
        assert!(blank.contains(&first) && !blank.contains(&last), "{blank:?}");
        let change = preview.at("/data/attributes/changes/0");
        assert_eq!(change["before"], "2026-01-16T00:00:00.000Z", "{}", preview.told());
        assert_eq!(change["count"], blank.len(), "{}", preview.told());
        assert_eq!(change["is-at-least"], false, "{}", preview.told());
        let oldest =
            world.fresh.read("SELECT CAST(min(created_at) AS TEXT) FROM event WHERE retained_at IS NOT NULL").await;
        let oldest = Moment(oldest[0].parse().expect("a time"));
        assert_eq!(change["oldest-at"], oldest.to_string(), "{}", preview.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_preview_counts_up_to_100_000_rows_of_a_kind_and_says_at_least_beyond() {
    on_each_engine(async |world| {
        let sandbox = world.set_up().sandbox.id.clone();
        let receipts = |first: i64, last: i64| {
            format!(
                "WITH RECURSIVE n (i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
                 INSERT INTO receipt (id, environment_id, receipt_key, name, created_at) \
                 SELECT 'receipt_' || i, '{sandbox}', 'key_' || i, 'x.y', {} FROM n",
                start_of_time().0
            )
        };
        world.fresh.run(&receipts(1, 100_000)).await;
        world.clock.advance_seconds(40 * DAY);

        let all = preview(&world, json!({"receipts-days": 30})).await;
        world.fresh.run(&receipts(100_001, 100_001)).await;
        let more = preview(&world, json!({"receipts-days": 30})).await;

        let shown = |preview: &Answer| {
            let change = preview.at("/data/attributes/changes/0").clone();
            (change["count"].clone(), change["is-at-least"].clone())
        };
        assert_eq!(shown(&all), (json!(100_000), json!(false)), "{}", all.told());
        assert_eq!(shown(&more), (json!(100_000), json!(true)), "{}", more.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_is_switched_on_only_with_the_preview_of_what_it_does_now() {
    on_each_engine(async |world| {
        let asked = json!({"event-content-days": 90});
        let seen = preview(&world, asked.clone()).await;
        let confirmation = seen.attribute("confirmation").clone();
        assert_eq!(seen.at("/data/attributes/changes/0/from"), &Value::Null);
        assert_eq!(seen.at("/data/attributes/changes/0/to"), 90);
        assert_eq!(world.fresh.count("SELECT count(*) FROM retention").await, 0, "a preview writes nothing");

        let without = world.patch("/retention-policy", attributes(asked.clone())).await.expect(422);
        assert!(without.details().contains("/retention-policy/preview"), "{}", without.told());
        let of_others = confirm(&world, json!({"event-content-days": 89}), &confirmation).await.expect(412);
        assert!(of_others.details().contains("preview them again"), "{}", of_others.told());
        world.clock.advance_seconds(DAY);
        confirm(&world, asked.clone(), &confirmation).await.expect(412);
        let today = preview(&world, asked.clone()).await;
        switch_on(&world, json!({"run-history-days": 30})).await;
        confirm(&world, asked.clone(), today.attribute("confirmation")).await.expect(412);
        let body = json!({"data": {"attributes": asked}, "meta": {"confirmation": "x"}});
        let stale = Call::new("PATCH", "/retention-policy").json(body).with("if-match", "\"0\"");
        world.call(stale).await.expect(412);
        let changed = switch_on(&world, asked.clone()).await;

        assert_eq!(changed.attribute("event-content-days"), 90, "{}", changed.told());
        assert_eq!(changed.attribute("run-history-days"), 30, "what is left out stays: {}", changed.told());
        assert_eq!(changed.header("etag"), "\"2\"");
        let events = world.get("/events?filter[name]=retention-policy.updated").await.expect(200);
        let last = events.at("/data/0/attributes/context");
        assert_eq!((&last["from"], &last["to"]), (&json!("keep"), &json!("90 days")), "{}", events.told());
        assert_eq!(last["retained-kind"], "event-content");
        assert_eq!(last["actor"]["shown-as"], "ada@lantern.example");
        let same = switch_on(&world, asked).await;
        assert_eq!(same.header("etag"), "\"2\"", "the same periods are no change");
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_period_out_of_bounds_is_refused_with_the_bounds() {
    on_each_engine(async |world| {
        for (member, least, most, unit) in [
            ("event-content-days", 1, 3_650, "days"),
            ("run-history-days", 1, 3_650, "days"),
            ("receipts-days", 30, 3_650, "days"),
            ("answers-hours", 1, 24, "hours"),
        ] {
            for within in [least, most] {
                preview(&world, json!({member: within})).await;
            }
            for beyond in [least - 1, most + 1] {
                let refused =
                    world.post("/retention-policy/preview", attributes(json!({member: beyond}))).await.expect(422);
                assert_eq!(refused.pointers(), [format!("/data/attributes/{member}")], "{}", refused.told());
                let said = format!("{beyond} {unit}; send a whole number from {least} to {most}");
                assert!(refused.details().contains(&said), "{}", refused.told());
            }
        }
        preview(&world, json!({"receipts-days": null})).await;
        let refused =
            world.post("/retention-policy/preview", attributes(json!({"answers-hours": null}))).await.expect(422);
        assert!(refused.details().contains("from 1 to 24"), "{}", refused.told());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_needs_its_permission() {
    let world = World::sqlite().await;
    let others: Vec<Permission> =
        Permission::of_organizations().filter(|permission| *permission != Permission::RetentionWrite).collect();
    let key = world.new_key(others, None).await;

    world.call(Call::get("/retention-policy").key(&key)).await.expect(403);
    world.call(Call::post("/retention-policy/preview").key(&key).json(attributes(json!({})))).await.expect(403);
    let change = Call::new("PATCH", "/retention-policy").key(&key).json(attributes(json!({"event-content-days": 1})));
    world.call(change).await.expect(403);
}

/// Adds a run that has not ended, with the values of another; it is not due.
async fn under_way(world: &World, of: &str) -> &'static str {
    let run = "wfr_underway";
    let copy = format!(
        "INSERT INTO workflow_run (id, environment_id, version, workflow_id, version_id, state, trigger, progress, depth, \
         chain, created_at) SELECT '{run}', environment_id, 1, workflow_id, version_id, 'running', trigger, progress, depth, \
         chain, created_at FROM workflow_run WHERE id = '{of}'"
    );
    world.fresh.run(&copy).await;
    run
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_of_a_run_goes_when_its_end_is_old_enough_and_one_under_way_keeps_its_own() {
    on_each_engine(async |world| {
        let run = ended_run(&world).await;
        let under_way = under_way(&world, &run).await;
        let before = world.get(&format!("/workflow-runs/{run}/steps")).await.expect(200);
        switch_on(&world, json!({"run-history-days": 10})).await;

        world.clock.advance_seconds(11 * DAY - 1);
        world.work_off(4).await;
        assert_eq!(holding(&world, "workflow_run", "trigger").await, 2);
        let preview = preview(&world, json!({"run-history-days": 9})).await;
        assert_eq!(preview.at("/data/attributes/changes/0/count"), 1, "{}", preview.told());
        world.clock.advance_seconds(1);
        world.work_off(4).await;

        let steps = world.get(&format!("/workflow-runs/{run}/steps")).await.expect(200);
        let told = steps.at("/meta/run");
        assert_eq!(told["content-removed-at"], "2026-01-12T00:00:00.000Z", "{}", steps.told());
        assert_eq!(told["trigger"]["fields"], json!({}), "{}", steps.told());
        for (place, step) in before.body["data"].as_array().expect("steps").iter().enumerate() {
            let (was, is) = (&step["attributes"], &steps.body["data"][place]["attributes"]);
            for fact in ["step-id", "name", "do", "state", "started-at", "completed-at", "caused-event-ids"] {
                assert_eq!(was[fact], is[fact], "{fact}: {}", steps.told());
            }
            if was["do"] != "choose" && was["state"] != "not-reached" {
                assert_eq!((&is["input"], &is["output"]), (&json!({}), &Value::Null), "{}", steps.told());
            }
        }
        let still = format!("SELECT count(*) FROM workflow_run WHERE id = '{under_way}' AND retained_at IS NULL");
        assert_eq!(world.fresh.count(&still).await, 1);
        assert_eq!(holding(&world, "workflow_run", "trigger").await, 1, "that of the run under way");
        assert_eq!(holding(&world, "run_segment", "steps").await, 0);
        world.fresh.run(&format!("DELETE FROM workflow_run WHERE id = '{under_way}'")).await;
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn retention_that_blanks_a_run_under_way_is_found() {
    let world = World::blanking_runs_under_way(On::Sqlite).await;
    let run = ended_run(&world).await;
    under_way(&world, &run).await;
    switch_on(&world, json!({"run-history-days": 10})).await;

    world.clock.advance_seconds(11 * DAY);
    world.work_off(4).await;

    let found = world.violations().await;
    assert!(found.iter().any(|violation| violation.starts_with("retained-has-ended")), "{found:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_go_after_their_period_and_nothing_else_of_their_events() {
    on_each_engine(async |world| {
        let vendor = Vendor::of(&world).await;
        let told = event("evt_1", "inquiry.completed", "2025-12-31T11:00:00.000Z", &inquiry("inq_1", "completed"));
        vendor.send(&world, &told).await.expect(200);
        switch_on(&world, json!({"receipts-days": 30})).await;

        world.clock.advance_seconds(31 * DAY - 1);
        world.work_off(3).await;
        assert_eq!(world.fresh.count("SELECT count(*) FROM receipt").await, 1);
        world.clock.advance_seconds(1);
        world.work_off(3).await;

        assert_eq!(world.fresh.count("SELECT count(*) FROM receipt").await, 0);
        let events = world.get("/events?filter[name]=inquiry.completed").await.expect(200);
        assert_eq!(events.ids().len(), 1, "{}", events.told());
        assert_eq!(events.at("/data/0/attributes/context/content-removed-at"), &Value::Null);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn remembered_answers_go_after_their_hours() {
    on_each_engine(async |world| {
        let body = attributes(json!({"fields": {"nickname": CANARY}}));
        world.call(Call::post("/accounts").json(body).with("idempotency-key", "one")).await.expect(201);
        switch_on(&world, json!({"answers-hours": 2})).await;

        world.clock.advance_seconds(2 * 3_600 - 1);
        world.work_off(2).await;
        assert_eq!(holding(&world, "answer", "body").await, 1);
        // It is looked for every ten minutes.
        world.clock.advance_seconds(600);
        world.work_off(2).await;

        assert_eq!(holding(&world, "answer", "body").await, 0);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_lost_its_content_is_redacted_all_the_same() {
    on_each_engine(async |world| {
        let run = ended_run(&world).await;
        let case = world.get("/cases").await.expect(200).ids().remove(0);
        switch_on(&world, json!({"event-content-days": 1, "run-history-days": 1})).await;
        world.clock.advance_seconds(5 * DAY);
        world.work_off(6).await;
        assert_eq!(holding(&world, "workflow_run", "trigger").await, 0);

        world.call(Call::new("DELETE", &format!("/cases/{case}"))).await.expect(200);
        world.work_off(20).await;

        let redacted = format!("SELECT count(*) FROM workflow_run WHERE id = '{run}' AND redaction_id IS NOT NULL");
        assert_eq!(world.fresh.count(&redacted).await, 1, "the run that changed the case is found by its events");
        let left = format!("SELECT count(*) FROM event WHERE content_of = '{case}'");
        assert_eq!(world.fresh.count(&left).await, 0);
        let listed = world.get(&format!("/redactions?filter[object-id]={case}")).await.expect(200);
        assert_eq!(listed.at("/data/0/attributes/state"), "done", "{}", listed.told());
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_is_switched_off_removes_nothing_more() {
    on_each_engine(async |world| {
        account(&world, &world.key).await;
        switch_on(&world, json!({"event-content-days": 10})).await;
        let off = switch_on(&world, json!({"event-content-days": null})).await;

        world.clock.advance_seconds(30 * DAY);
        world.work_off(4).await;

        assert_eq!(off.attribute("event-content-days"), &Value::Null);
        assert_eq!(holding(&world, "event", "payload").await, 1);
        world.is_in_order().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_are_counted_up_to_a_limit_and_one_more_is_said_to_be_there() {
    on_each_engine(async |world| {
        for _ in 0..5 {
            account(&world, &world.key).await;
        }
        let environment = world.set_up().sandbox.id.clone();
        let all =
            world.fresh.count(&format!("SELECT count(*) FROM event WHERE environment_id = '{environment}'")).await;
        let count = async |limit: i64| {
            let limit = u32::try_from(limit).expect("a small number");
            let command = Command::new("count", Scope::Of(environment.key()), move |work| {
                work.count_aged(&EVENTS_BY_AGE, &AgePosition::default(), Moment(i64::MAX), limit)
            });
            world.database.writer().submit(command).await.expect("a count")
        };

        assert_eq!((count(all + 1).await, count(all).await), ((all, false), (all, false)));
        assert_eq!(count(all - 1).await, (all - 1, true));
        let of_all = Command::new("count", Scope::Installation, move |work| {
            work.count_aged(&EVENTS_BY_AGE, &AgePosition::default(), Moment(i64::MAX), 10)
        });
        assert!(world.database.writer().submit(of_all).await.is_err(), "rows are found in one environment");
    })
    .await;
}

/// So many accounts are made; each is an event.
const ACCOUNTS: i64 = 250;
/// So many events lose their content in one pass.
const AT_ONCE: i64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_goes_on_where_a_node_that_died_left_it_and_takes_a_bounded_number_at_once() {
    for engine in engines() {
        let fresh = FreshDatabase::on(engine).await;
        let clock = Arc::new(ManualClock::at(start_of_time()));
        let reactor = Arc::new(Reactions::of(&Arc::new(docket_steps::engine())).retaining(Retaining::default()));
        let number = Mutex::new(0);
        let next = || {
            let mut number = number.lock().unwrap_or_else(PoisonError::into_inner);
            *number += 1;
            parts(&clock, *number, Arc::<Reactions>::clone(&reactor))
        };
        let environment = EnvironmentId::of("env_1");
        let actor = Actor::system(environment.clone());
        let made = Command::new("make", Scope::Of(environment.key()), move |work| {
            for _ in 0..ACCOUNTS {
                create_account(work, &actor, &AccountRequest::default())?;
            }
            let periods = Periods { event_content: Some(1), ..Periods::default() };
            let (_, confirmation) = judge_periods(work, &actor, &periods)?;
            change_retention(work, &actor, &periods, Some(&confirmation)).map(drop)
        });
        live(&fresh, &next(), 0, None, Some(made)).await.answer.expect("an answer").expect("accounts are made");
        clock.advance_seconds(3 * DAY);

        let blank = "SELECT count(*) FROM event WHERE retained_at IS NOT NULL";
        let (mut so_far, mut stops) = (0, 0);
        for calls in 1..200 {
            let parting = live(&fresh, &next(), calls, None, None).await;
            let now = fresh.count(blank).await;
            let progress = fresh.read("SELECT CAST(progress AS TEXT) FROM retention").await.remove(0);
            let progress: Value = serde_json::from_str(&progress).expect("JSON");
            assert_eq!(progress["event_content"]["count"], now, "{engine}: the count is of the same commit");
            stops += usize::from((1..=ACCOUNTS).contains(&now) && now > so_far && parting.crashed);
            if now > so_far && so_far == 0 && parting.crashed {
                assert!(now % AT_ONCE == 0, "{engine}: {now} at once");
            }
            so_far = now;
            if !parting.crashed {
                break;
            }
        }

        assert_eq!(so_far, ACCOUNTS + 1, "{engine}: all of them, and the change of the policy itself");
        assert!(stops > 0, "{engine}: no node died half-way");
    }
}
