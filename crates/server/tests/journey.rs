//! The product's main path, with the real binary: an event arrives, a workflow runs, a case changes, and all of it can
//! be explained and survives a crash.

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use docket_kernel::{Clock, SystemClock};
use docket_objects::sign;
use docket_testkit::{FreshDatabase, On, engines};
use serde_json::{Value, json};
use support::{Installation, Server, client, guide, json_of, text};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;

/// The newest case of a server.
async fn newest_case(server: &Server) -> Value {
    server.get("/cases?page[size]=1").await["data"][0].clone()
}

/// The names of the events of an object with their contexts, newest first.
async fn events_of(server: &Server, id: &str) -> Vec<(String, Value)> {
    let events = server.get(&format!("/events?filter[object-id]={id}")).await;
    let events = events["data"].as_array().expect("a list").clone();
    events.iter().map(|event| (text(event, "/attributes/name"), event["attributes"]["context"].clone())).collect()
}

#[tokio::test]
async fn a_webhook_to_one_node_becomes_a_case_that_every_node_can_explain() {
    for engine in engines() {
        let here = Installation::with_sample(engine).await;
        let first = here.serve().await;
        // A data folder has one server; a PostgreSQL database can have many.
        let second = if engine == On::Postgres { Some(here.serve().await) } else { None };
        let reading = second.as_ref().unwrap_or(&first);

        let file = guide("inquiry-completed.json").display().to_string();
        let send = ["ingest", "send", &file, "--source", "sample-vendor", "--url", &first.url, "--json"];
        let sent = json_of(&here.run(&send));

        assert_eq!((sent["status"].as_u64(), &sent["answer"]["meta"]["received"]), (Some(200), &json!("recorded")));
        let case = newest_case(reading).await;
        let (id, run) = (text(&case, "/id"), text(&case, "/attributes/creator-id"));
        assert_eq!(case["attributes"]["status"], "Pending");
        assert_eq!(case["attributes"]["tags"], json!(["list match"]));
        assert_eq!(case["relationships"]["inquiries"]["data"][0]["id"], sent["replaced"][1][2]);
        let events = events_of(reading, &id).await;
        let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["case.status-updated", "case.updated-tags", "case.created"]);
        let moved = &events[0].1;
        assert_eq!((&moved["from"], &moved["to"]), (&json!("Open"), &json!("Pending")));
        assert_eq!((&moved["actor"]["id"], &moved["step-id"]), (&json!(run), &json!("set_pending")));
        assert_eq!(moved["cause-event-id"], sent["answer"]["data"]["id"]);
        let steps = reading.get(&format!("/workflow-runs/{run}/steps")).await;
        assert_eq!(steps["meta"]["run"]["outcome"], "completed");
        let steps = steps["data"].as_array().expect("a list").clone();
        let done: Vec<String> = steps.iter().map(|step| text(step, "/attributes/step-id")).collect();
        assert_eq!(done, ["match", "create_case", "tag_case", "set_pending"]);
        assert!(steps.iter().all(|step| step["attributes"]["state"] == "succeeded"));
        assert_eq!(steps[1]["attributes"]["output"]["id"], id);
        assert_eq!(steps[3]["attributes"]["input"]["status"], "Pending");
        assert_eq!(steps[3]["attributes"]["output"]["previous_status"], "Open");
    }
}

/// A workflow that changes cases that the sample's first workflow has left for an analyst.
const ASK_FOR_DOCUMENTS: &str = "
name: Ask for documents
trigger:
  on: [case.status-updated]
  where:
    all:
      - { field: trigger.status, is: equals, value: Pending }
      - { field: trigger.tags, is: contains, value: list match }
steps:
  - id: ask
    name: Update Case Status
    do: case.update_status
    with: { case: { ref: trigger }, status: Waiting for documents }
";

/// A case, its events, and the steps of each run that caused one of them.
async fn told_of(server: &Server, case: &str) -> Vec<Value> {
    let mut told = vec![server.get(&format!("/cases/{case}")).await];
    let events = server.get(&format!("/events?filter[object-id]={case}")).await;
    let runs: BTreeSet<String> = events["data"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|event| event.pointer("/attributes/context/workflow-run-id")?.as_str().map(str::to_owned))
        .collect();
    told.push(events);
    for run in runs {
        told.push(server.get(&format!("/workflow-runs/{run}/steps")).await);
    }
    told
}

/// The sample's newest case, after the second workflow has changed it.
async fn moved_case(server: &Server) -> Value {
    loop {
        let case = newest_case(server).await;
        if case["attributes"]["status"] == "Waiting for documents" {
            return case;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_workflow_creates_a_case_another_changes_it_and_both_survive_kill_9() {
    for engine in engines() {
        for more in [&[][..], &["--inline-steps", "0"]] {
            let here = Installation::with_sample(engine).await;
            let mut nodes = vec![here.serve_on("127.0.0.1:0", more).await];
            if engine == On::Postgres {
                nodes.push(here.serve_on("127.0.0.1:0", more).await);
            }
            let folder = FreshDatabase::empty(On::Sqlite).await;
            let workflow = folder.file().with_extension("yaml");
            std::fs::write(&workflow, ASK_FOR_DOCUMENTS).expect("written");
            let file = workflow.display().to_string();
            assert_eq!(json_of(&here.run(&["workflow", "apply", &file, "--publish", "--json"]))["published"], true);

            let event = guide("inquiry-completed.json").display().to_string();
            json_of(&here.run(&[
                "ingest",
                "send",
                &event,
                "--url",
                &nodes[0].url,
                "--source",
                "sample-vendor",
                "--json",
            ]));
            let id = text(&moved_case(&nodes[nodes.len() - 1]).await, "/id");
            let mut told = told_of(&nodes[0], &id).await;
            // A run's last step and its end are two commits if each step has its own commit.
            while told[2..].iter().any(|run| run["meta"]["run"]["outcome"] != "completed") {
                told = told_of(&nodes[0], &id).await;
            }
            for node in nodes {
                node.signal("-KILL");
                node.wait();
            }
            let again = here.serve_on("127.0.0.1:0", more).await;

            assert_eq!(told_of(&again, &id).await, told, "{engine} {more:?}");
            let events = events_of(&again, &id).await;
            let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["case.status-updated", "case.status-updated", "case.updated-tags", "case.created"]);
            let (second, first) = (&events[0].1, &events[1].1);
            assert_eq!((&second["from"], &second["to"]), (&json!("Pending"), &json!("Waiting for documents")));
            assert_eq!((&second["step-id"], &second["depth"]), (&json!("ask"), &json!(2)));
            let cause = again.get(&format!("/events/{}", text(second, "/cause-event-id"))).await;
            assert_eq!(&cause["data"]["attributes"]["context"], first);
            assert_eq!(told.len(), 4, "a case, its events, and two runs: {told:?}");
            assert_eq!(json_of(&here.run(&["doctor", "--json"]))["violations"], json!([]));
        }
    }
}

#[tokio::test]
async fn an_inquiry_without_a_match_takes_the_other_route_and_opens_nothing() {
    let here = Installation::with_sample(On::Sqlite).await;
    let server = here.serve().await;
    let before = text(&newest_case(&server).await, "/id");

    let file = guide("inquiry-without-match.json").display().to_string();
    let sent = json_of(&here.run(&["ingest", "send", &file, "--url", &server.url, "--json"]));

    assert_eq!(sent["status"], 200);
    assert_eq!(text(&newest_case(&server).await, "/id"), before);
    let run = server.get("/workflow-runs?page[size]=1").await["data"][0].clone();
    assert_eq!(run["relationships"]["creator"]["data"]["id"], sent["answer"]["data"]["id"]);
    let steps = server.get(&format!("/workflow-runs/{}/steps", text(&run, "/id"))).await;
    assert_eq!(steps["data"][0]["attributes"]["output"]["route"], "Else");
    assert_eq!(steps["data"][1]["attributes"]["state"], "not-reached");
}

#[tokio::test]
async fn the_sample_holds_cases_of_four_kinds_with_histories_by_several_people_and_by_workflows() {
    for engine in engines() {
        let here = Installation::with_sample(engine).await;
        let server = here.serve().await;

        let cases = server.get("/cases?page[size]=100").await;
        let templates = server.get("/case-templates").await;
        let runs = server.get("/workflow-runs?page[size]=100").await;

        let names: BTreeSet<String> =
            templates["data"].as_array().expect("a list").iter().map(|t| text(t, "/attributes/name")).collect();
        assert_eq!(
            names.iter().map(String::as_str).collect::<Vec<_>>(),
            ["Account takeover", "Fraud", "Onboarding", "Transaction monitoring"]
        );
        let cases = cases["data"].as_array().expect("a list");
        assert_eq!(cases.len(), 100);
        let of = |pointer: &str| -> BTreeSet<String> {
            cases.iter().filter_map(|case| case.pointer(pointer)?.as_str().map(str::to_owned)).collect()
        };
        assert!(of("/attributes/resolver-id").len() > 4, "resolved by {:?}", of("/attributes/resolver-id"));
        assert_eq!(of("/attributes/creator-type").into_iter().collect::<Vec<_>>(), ["user", "workflow-run"]);
        assert!(of("/attributes/status").len() > 10);
        let now = SystemClock.now().to_string();
        assert!(of("/attributes/created-at").into_iter().all(|made| made < now));
        let reopened = here.database.count("SELECT count(*) FROM event WHERE name = 'case.reopened'").await;
        assert!(reopened > 2, "{reopened} cases were reopened");
        let with_errors =
            here.database.count("SELECT count(*) FROM workflow_run WHERE state = 'completed_with_errors'");
        assert!(with_errors.await > 1);
        let outcomes: BTreeSet<String> =
            runs["data"].as_array().expect("a list").iter().map(|run| text(run, "/attributes/status")).collect();
        assert_eq!(outcomes.into_iter().collect::<Vec<_>>(), ["completed", "errored"]);
    }
}

#[tokio::test]
async fn a_repeated_event_creates_one_case_and_all_forged_events_get_the_same_refusal() {
    let here = Installation::with_sample(On::Sqlite).await;
    let server = here.serve().await;
    let body = std::fs::read_to_string(guide("inquiry-completed.json")).expect("the guide's event");
    let made = json_of(&here.run(&["source", "create", "twice", "--json"]));
    let (id, secret) = (text(&made, "/id"), text(&made, "/secret"));
    let now = SystemClock.now();
    let good = sign(&secret, now, body.as_bytes());

    let refused = [
        server.webhook(&id, &sign("wbhsec_other", now, body.as_bytes()), &body).await,
        server.webhook("src_nobody", &good, &body).await,
        server.webhook(&id, &sign(&secret, now.plus_seconds(-310), body.as_bytes()), &body).await,
        server.webhook(&id, &good, &body.replace("Ottilie", "Mallory")).await,
        server.webhook(&id, "", &body).await,
    ];
    let (first, second) = (server.webhook(&id, &good, &body).await, server.webhook(&id, &good, &body).await);

    assert!(refused.iter().all(|answer| *answer == refused[0] && answer.0 == 401), "{refused:?}");
    assert_eq!((first.0, second.0), (200, 200));
    assert!(first.1.contains("recorded") && second.1.contains("before"), "{} {}", first.1, second.1);
    let cases = server.get("/cases?page[size]=2").await;
    let holds = |case: &Value| case["relationships"]["inquiries"]["data"][0]["id"] == "inq_LUMENGUIDE0000000000001";
    assert!(holds(&cases["data"][0]) && !holds(&cases["data"][1]));
}

#[tokio::test]
async fn acknowledged_writes_survive_kill_9() {
    const CLIENTS: usize = 8;
    const ENOUGH: usize = 120;
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        let acknowledged = Arc::new(Mutex::new(Vec::new()));

        let mut writing = Vec::new();
        for number in 0..CLIENTS {
            let (url, key, kept) = (server.url.clone(), server.key.clone(), Arc::clone(&acknowledged));
            writing.push(tokio::spawn(async move {
                for count in 0.. {
                    let body = json!({"data": {"attributes": {"reference-id": format!("customer-{number}-{count}")}}});
                    let request = client().post(format!("{url}/api/v1/accounts")).bearer_auth(&key).json(&body);
                    let Ok(response) = request.send().await else { return };
                    assert_eq!(response.status(), 201);
                    let Ok(body) = response.json::<Value>().await else { return };
                    kept.lock().await.push(text(&body, "/data/id"));
                }
            }));
        }
        while acknowledged.lock().await.len() < ENOUGH {
            tokio::task::yield_now().await;
        }
        server.signal("-KILL");
        for client in writing {
            client.await.expect("a client ends with the server");
        }
        assert_eq!(server.wait(), None);
        let again = here.serve().await;

        for id in acknowledged.lock().await.iter() {
            again.get(&format!("/accounts/{id}")).await;
        }
        assert!(acknowledged.lock().await.len() >= ENOUGH);
    }
}

#[tokio::test]
async fn a_request_in_progress_is_answered_before_the_server_stops() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        let address = server.url.strip_prefix("http://").expect("an address").to_owned();
        let body = json!({"data": {"attributes": {"reference-id": "late"}}}).to_string();
        let (start, rest) = body.split_at(10);
        let head = format!(
            "POST /api/v1/accounts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{start}",
            server.key,
            body.len()
        );
        let mut connection = TcpStream::connect(&address).await.expect("a connection");
        connection.write_all(head.as_bytes()).await.expect("half a request");
        // This response comes after the half request was read: connections are accepted one after the other.
        assert_eq!(server.get_plain("/livez").await.status(), 200);

        server.signal("-TERM");
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        connection.write_all(rest.as_bytes()).await.expect("the rest");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.expect("an answer");

        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        assert_eq!(server.wait(), Some(0));
        let again = here.serve().await;
        assert_eq!(again.post("/accounts", &serde_json::from_str(&body).expect("JSON")).await.status(), 409);
    }
}
