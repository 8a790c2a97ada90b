//! An empty installation, set up from a browser with the real binary.

mod support;

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use docket_testkit::{FreshDatabase, engines};
use serde_json::{Value, json};
use support::{Installation, client, docket, text};

#[tokio::test]
async fn an_empty_database_is_set_up_with_the_token_that_serve_prints() {
    for engine in engines() {
        let here = Installation { database: FreshDatabase::empty(engine).await, organization: Value::Null };
        let mut command = docket(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        let mut child = command.args(here.place()).stdout(Stdio::piped()).spawn().expect("docket starts");
        let mut said = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut line = || said.next().expect("a line").expect("text");
        let (url, invitation) = (line(), line());
        let url = url.rsplit(' ').next().expect("an address").to_owned();
        let (page, token) = invitation.rsplit(' ').next().and_then(|link| link.split_once("#token=")).expect("a link");
        assert_eq!(page, format!("{url}/setup"));
        let wanted = json!({"data": {"attributes": {
            "token": token, "organization": "Lumen Bank", "email-address": "ada@lumen.example",
            "password": "a long password", "sample-data": true,
        }}});

        let begun = client().post(format!("{url}/api/v1/setup")).json(&wanted).send().await.expect("an answer");

        assert_eq!(begun.status(), 201, "{engine}");
        let cookie = begun.headers()["set-cookie"].to_str().expect("text").split(';').next().expect("one").to_owned();
        let get = |path: &str| client().get(format!("{url}/api/v1{path}")).header("cookie", &cookie).send();
        let cases: Value = get("/cases?page[size]=100").await.expect("an answer").json().await.expect("JSON");
        let cases = cases["data"].as_array().expect("a list");
        assert!(cases.len() > 50, "{engine}: {}", cases.len());
        let (newest, oldest) = (text(&cases[0], "/attributes/created-at"), text(&cases[99], "/attributes/created-at"));
        assert!(newest[..10] > oldest[..10], "the sample has a history: {oldest} to {newest}");
        let session: Value = get("/session").await.expect("an answer").json().await.expect("JSON");
        let today = text(&session, "/data/attributes/created-at");
        assert!(today[..10] >= newest[..10], "the clock has reached the present: {today}");
        let again = client().post(format!("{url}/api/v1/setup")).json(&wanted).send().await.expect("an answer");
        assert_eq!(again.status(), 409, "{engine}");
        child.kill().expect("it ends");
        child.wait().expect("it ends");
    }
}

#[tokio::test]
async fn an_installation_that_is_set_up_prints_no_setup_link() {
    let here = Installation::bare(docket_testkit::On::Sqlite).await;
    let server = here.serve().await;
    let told: Value = server.get_plain("/api/v1/setup").await.json().await.expect("JSON");
    assert_eq!(told["data"]["attributes"]["needed"], false);
}
