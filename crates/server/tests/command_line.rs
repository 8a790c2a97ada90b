//! Tests of the command line, and of the server's own endpoints, with the real binary.

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use docket_kernel::{Clock, SystemClock};
use docket_objects::sign;
use docket_testkit::{FreshDatabase, On, engines};
use serde_json::{Value, json};
use support::{Installation, docket, json_of, text, words};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const NAMED: [&str; 6] = ["--organization", "Lumen Bank", "--email", "ada@lumen.example", "--password", "a long one"];

fn members(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

#[tokio::test]
async fn setup_answers_exactly_the_organization_and_its_two_environments() {
    for engine in engines() {
        let here = Installation::bare(engine).await;

        let made = &here.organization;

        assert_eq!(members(made), ["organization_id", "environments"]);
        assert_eq!(members(&made["environments"]), ["sandbox", "production"]);
        for kind in ["sandbox", "production"] {
            assert_eq!(members(&made["environments"][kind]), ["id", "api_key"]);
            assert!(text(made, &format!("/environments/{kind}/api_key")).starts_with(&format!("docket_{kind}_")));
        }
    }
}

#[tokio::test]
async fn setup_takes_a_folder_that_holds_credentials_and_keeps_what_it_makes_to_its_owner() {
    let database = FreshDatabase::empty(On::Sqlite).await;
    let folder = database.file().parent().expect("a folder").to_owned();
    fs::write(folder.join("credentials"), "password: …").expect("written");

    let done = docket(&[&["setup"], &NAMED[..]].concat()).arg("--data").arg(&folder).output().expect("docket runs");

    assert!(done.status.success(), "{}", words(&done));
    assert!(words(&done).contains("The keys are shown only once"));
    let mode = fs::metadata(database.file()).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_setup_that_is_refused_says_why_and_changes_nothing() {
    let database = FreshDatabase::empty(On::Sqlite).await;
    let folder = database.file().parent().expect("a folder").to_owned();
    let run = |arguments: &[&str]| docket(arguments).arg("--data").arg(&folder).output().expect("docket runs");

    let short = run(&["setup", "--organization", "L", "--email", "a@l.example", "--password", "short"]);
    let no_address = run(&["setup", "--organization", "L", "--email", "ada", "--password", "a long one"]);
    let no_plan = run(&[&["setup", "--plan", "golden"], &NAMED[..]].concat());

    assert_eq!(short.status.code(), Some(1));
    assert!(words(&short).contains("a password needs at least 8 characters"));
    assert_eq!(no_address.status.code(), Some(1));
    assert!(words(&no_address).contains("'ada' is not an email address"));
    assert_eq!(no_plan.status.code(), Some(2));
    assert!(words(&no_plan).contains("startup, essential, growth, enterprise"));
}

#[tokio::test]
async fn setup_creates_one_organization_unless_another_is_requested() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let again = |more: &[&str]| here.run(&[&["setup"], &NAMED[..], more].concat());

        let rows = || json_of(&here.run(&["doctor", "--json"]))["rows"].as_u64();
        let before = rows();

        let (refused, absent) = (again(&[]), again(&["--if-absent"]));
        let between = rows();
        let (another, both) = (again(&["--another"]), again(&["--another", "--if-absent"]));

        assert_eq!(refused.status.code(), Some(1));
        assert!(words(&refused).contains("already set up here") && words(&refused).contains("--another"));
        assert!(absent.status.success() && words(&absent).contains("nothing was done"), "{}", words(&absent));
        assert!(another.status.success() && words(&another).contains("The keys are shown only once"));
        assert_eq!(both.status.code(), Some(2));
        assert_eq!(before, between);
        assert!(rows() > between);
    }
}

#[tokio::test]
async fn no_control_character_of_a_name_reaches_the_terminal() {
    let here = Installation::bare(On::Sqlite).await;

    let refused = here.run(&["workflow", "apply", "\u{1b}[31mred\u{9b}.yaml"]);

    assert_eq!(refused.status.code(), Some(1));
    let said = words(&refused);
    assert!(said.contains("\\u001b[31mred\\u009b") && !said.contains('\u{1b}'), "{said}");
}

#[tokio::test]
async fn a_second_server_or_setup_in_one_folder_is_refused_with_the_address_of_the_first() {
    let here = Installation::bare(On::Sqlite).await;
    let server = here.serve().await;

    for arguments in [&["serve", "--listen", "127.0.0.1:0"][..], &[&["setup"], &NAMED[..]].concat(), &["migrate"]] {
        let refused = here.run(arguments);

        assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        let said = words(&refused);
        assert!(said.contains("is in use by another docket") && said.contains(&server.url), "{said}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_docket_is_refused_and_unchanged() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        here.database.run("INSERT INTO schema_migration (number, name) VALUES (9999, 'of the future')").await;

        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["migrate"], &["key", "create", "--name", "x"]] {
            let refused = here.run(command);

            assert_eq!(refused.status.code(), Some(1), "{command:?}");
            assert!(words(&refused).contains("the database is at schema 9999"), "{}", words(&refused));
        }
    }
}

#[tokio::test]
async fn a_remotely_reachable_address_needs_a_flag() {
    let here = Installation::bare(On::Sqlite).await;

    let refused = here.run(&["serve", "--listen", "0.0.0.0:0"]);
    let allowed = here.serve_on("0.0.0.0:0", &["--allow-remote"]).await;

    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused).contains("without TLS") && words(&refused).contains("--allow-remote"));
    assert_eq!(allowed.get_plain("/livez").await.status(), 200);
}

#[tokio::test]
async fn a_server_reports_its_health_readiness_and_metrics() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        server.get("/cases").await;

        let alive = server.get_plain("/livez").await;
        let figures = server.get_plain("/metrics").await.text().await.expect("text");
        let other = server.request("POST", "/readyz").send().await.expect("an answer");

        assert_eq!(alive.text().await.expect("text"), "alive\n");
        for line in
            ["docket_writer_well 1\n", "docket_writer_waiting 0\n", "docket_http_answers_total{class=\"5xx\"} 0"]
        {
            assert!(figures.contains(line), "{line} is missing from {figures}");
        }
        assert!(!figures.contains("docket_http_answers_total{class=\"2xx\"} 0"));
        assert_eq!(other.status(), 405);
        assert_eq!(other.json::<Value>().await.expect("JSON")["errors"][0]["title"], "Method not allowed");
    }
}

#[tokio::test]
async fn a_server_whose_database_file_was_deleted_is_not_ready_and_takes_no_changes() {
    let here = Installation::bare(On::Sqlite).await;
    let server = here.serve().await;
    let ready = async || server.get_plain("/readyz").await.status().as_u16();
    let create = async || server.post("/accounts", &json!({"data": {"attributes": {}}})).await;
    let (there, aside) = (here.folder().join("docket.sqlite"), here.folder().join("aside"));
    assert_eq!((ready().await, create().await.status().as_u16()), (200, 201));

    fs::rename(&there, &aside).expect("moved");
    let (unready, refused) = (server.get_plain("/readyz").await, create().await);

    assert_eq!((unready.status(), refused.status()), (503.try_into().unwrap(), 503.try_into().unwrap()));
    let said = [unready.text().await.expect("text"), refused.text().await.expect("text")];
    for words in said {
        assert!(words.contains("docket.sqlite is not there") && words.contains("stop docket"), "{words}");
        assert!(!words.contains(here.folder().to_str().expect("text")), "{words}");
    }
    fs::rename(&aside, &there).expect("moved back");
    while ready().await != 200 {}
    assert_eq!(create().await.status(), 201);
}

/// The samples of a metrics page by name and labels. Checks that the page is in the text format of Prometheus: every
/// family with its help and its type, then its samples, each a number.
fn samples(page: &str) -> BTreeMap<String, f64> {
    let mut samples = BTreeMap::new();
    let (mut family, mut kind) = (String::new(), String::new());
    for line in page.lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            help.split_once(' ').expect("a name and a sentence").0.clone_into(&mut family);
            kind.clear();
        } else if let Some(is) = line.strip_prefix("# TYPE ") {
            is.strip_prefix(&format!("{family} ")).expect("the type of the same family").clone_into(&mut kind);
            assert!(["counter", "gauge", "histogram"].contains(&kind.as_str()), "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').expect("a name and a number");
            let bare = name.split('{').next().expect("a name");
            let of = if kind == "histogram" {
                ["_bucket", "_sum", "_count"].iter().find_map(|end| bare.strip_suffix(end))
            } else {
                Some(bare)
            };
            assert_eq!(of, Some(family.as_str()), "{line}");
            assert_eq!(kind == "counter", bare.ends_with("_total"), "{line}");
            let twice = samples.insert(name.to_owned(), value.parse().expect("a number"));
            assert_eq!(twice, None, "{line}");
        }
    }
    assert!(page.ends_with('\n'));
    samples
}

#[tokio::test]
async fn the_metrics_are_in_the_format_of_prometheus() {
    let here = Installation::bare(On::Sqlite).await;
    let server = here.serve().await;
    for _ in 0..3 {
        assert_eq!(server.post("/accounts", &json!({"data": {"attributes": {}}})).await.status(), 201);
    }
    assert_eq!(server.get_plain("/api/v1/cases").await.status(), 401);

    let answer = server.get_plain("/metrics").await;

    let kind = answer.headers()["content-type"].to_str().expect("text").to_owned();
    let found = samples(&answer.text().await.expect("text"));
    let whole = |name: &str| format!("{}", found[name]);
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    // One more is the first readiness check.
    assert_eq!(whole("docket_http_answers_total{class=\"2xx\"}"), "4");
    assert_eq!(whole("docket_http_answers_total{class=\"4xx\"}"), "1");
    assert_eq!(whole("docket_http_answer_seconds_count"), "5");
    assert_eq!(whole("docket_http_answer_seconds_bucket{le=\"+Inf\"}"), "5");
    assert!(found["docket_http_answer_seconds_sum"] > 0.0);
    // The writer counts a batch after its response. The startup check for work requested by a migration is a read.
    let mut items = found["docket_writer_items_total"];
    for _ in 0..1_000 {
        if items >= 3.0 {
            break;
        }
        let again = server.get_plain("/metrics").await.text().await.expect("text");
        items = samples(&again)["docket_writer_items_total"];
    }
    assert!((items - 3.0).abs() < f64::EPSILON, "{items}");
}

#[tokio::test]
async fn every_flag_may_be_an_environment_variable_instead() {
    let here = Installation::bare(On::Sqlite).await;
    let mut command = docket(&["serve"]);
    let folder = here.folder().display().to_string();
    let variables = [
        ("DOCKET_DATA", folder.as_str()),
        ("DOCKET_LISTEN", "127.0.0.1:0"),
        ("DOCKET_RATE_LIMIT", "2"),
        ("DOCKET_LOG", "warn"),
    ];
    command.envs(variables);

    let server = here.start(command).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(server.request("GET", "/api/v1/cases").send().await.expect("an answer").status().as_u16());
    }
    let mut unlimited = docket(&["key", "create", "--name", "all of it"]);
    unlimited.envs(variables).envs([("DOCKET_KEY_RATE_LIMIT", "0"), ("DOCKET_JSON", "true")]);
    let key = json_of(&unlimited.output().expect("docket runs"));

    assert_eq!(statuses, [200, 200, 429]);
    assert!(text(&key, "/api_key").starts_with("docket_sandbox_"));
}

#[tokio::test]
async fn a_debug_log_contains_no_row_content() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let log = FreshDatabase::empty(On::Sqlite).await.file().with_extension("log");
        fs::create_dir_all(log.parent().expect("a folder")).expect("made");
        let mut command = docket(&["serve", "--listen", "127.0.0.1:0", "--log", "debug"]);
        command.args(here.place()).stderr(fs::File::create(&log).expect("a log"));
        let server = here.start(command).await;

        let body = json!({"data": {"attributes": {"reference-id": "customer-of-whom-nobody-speaks"}}});
        assert_eq!(server.post("/accounts", &body).await.status(), 201);
        server.signal("-TERM");
        assert_eq!(server.wait(), Some(0));

        let told = fs::read_to_string(&log).expect("the log");
        fs::remove_dir_all(log.parent().expect("a folder")).expect("removed");
        assert!(told.contains("POST"), "{told}");
        assert!(!told.contains("nobody-speaks"), "{told}");
    }
}

#[tokio::test]
async fn a_closed_pipe_is_no_error_and_lost_output_is() {
    let mut child = docket(&["openapi"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("docket starts");
    drop(child.stdout.take());
    let unread = child.wait_with_output().expect("it ends");
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("a full device");
    let lost = docket(&["openapi"]).stdout(full).output().expect("docket runs");

    assert_eq!((unread.status.code(), words(&unread).as_str()), (Some(0), ""));
    assert_eq!(lost.status.code(), Some(1));
    assert!(words(&lost).contains("its output could not be written"), "{}", words(&lost));
}

#[tokio::test]
async fn a_server_of_a_database_without_an_organization_says_what_to_do() {
    for engine in engines() {
        let database = FreshDatabase::on(engine).await;
        let mut command = docket(&["serve", "--listen", "127.0.0.1:0", "--log", "warn"]);
        let mut child = command
            .args(support::place_of(&database))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("docket starts");
        let mut said = String::new();
        BufReader::new(child.stderr.take().expect("its words")).read_line(&mut said).expect("a line");
        child.kill().expect("killed");
        child.wait().expect("it ends");

        assert!(said.contains("nothing is set up") && said.contains("docket setup"), "{said}");
    }
}

#[tokio::test]
async fn both_secrets_of_a_source_are_valid_after_a_rotation() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let server = here.serve().await;
        let first = json_of(&here.run(&["source", "create", "vendor", "--json"]));
        let second = json_of(&here.run(&["source", "rotate", "vendor", "--json"]));
        let id = text(&first, "/id");
        let mut statuses = Vec::new();

        for (number, secret) in
            [text(&first, "/secret"), text(&second, "/secret"), "wbhsec_other".to_owned()].iter().enumerate()
        {
            let body = json!({"data": {"type": "event", "id": format!("evt_{number}"), "attributes": {
                "name": "inquiry.completed", "created-at": SystemClock.now().to_string(),
                "payload": {"data": {"type": "inquiry", "id": "inq_ROTATED", "attributes": {"status": "completed"}}},
            }}})
            .to_string();
            let signature = sign(secret, SystemClock.now(), body.as_bytes());
            statuses.push(server.webhook(&id, &signature, &body).await.0);
        }

        assert_eq!(statuses, [200, 200, 401]);
    }
}

#[tokio::test]
async fn the_head_of_a_request_has_a_limit() {
    let here = Installation::bare(On::Sqlite).await;
    let server = here.serve().await;
    let mut statuses = Vec::new();

    for bytes in [12 * 1024, 20 * 1024] {
        let address = server.url.strip_prefix("http://").expect("an address");
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        let padding = "x".repeat(bytes);
        let head = format!("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-padding: {padding}\r\n\r\n");
        connection.write_all(head.as_bytes()).await.expect("a request");
        let mut answer = vec![0; 12];
        connection.read_exact(&mut answer).await.expect("an answer");
        statuses.push(String::from_utf8_lossy(&answer[9..]).into_owned());
    }

    assert_eq!(statuses, ["200", "431"]);
}

#[tokio::test]
async fn the_operators_commands_work_with_and_without_a_server() {
    for engine in engines() {
        let here = Installation::bare(engine).await;
        let alone = json_of(&here.run(&["key", "create", "--name", "alone", "--json"]));
        let mut server = here.serve().await;

        let beside = json_of(&here.run(&["key", "create", "--name", "reads", "--permission", "case.read", "--json"]));
        let source = json_of(&here.run(&["source", "create", "my-vendor", "--environment", "production", "--json"]));
        let again = here.run(&["source", "create", "my-vendor", "--environment", "production"]);
        let rotated = json_of(&here.run(&["source", "rotate", "my-vendor", "--environment", "production", "--json"]));

        server.key = text(&alone, "/api_key");
        assert_eq!(server.post("/accounts", &json!({"data": {"attributes": {}}})).await.status(), 201);
        server.key = text(&beside, "/api_key");
        server.get("/cases").await;
        assert_eq!(server.post("/accounts", &json!({"data": {"attributes": {}}})).await.status(), 403);
        assert_eq!(source["environment_id"], here.organization["environments"]["production"]["id"]);
        assert_eq!(again.status.code(), Some(1));
        assert!(words(&again).contains("a source named 'my-vendor' already exists"));
        assert_eq!(rotated["id"], source["id"]);
        assert_ne!(rotated["secret"], source["secret"]);
    }
}

#[tokio::test]
async fn a_workflow_is_applied_from_a_file_and_comes_back_as_one() {
    let here = Installation::with_sample(On::Sqlite).await;
    let server = here.serve().await;
    let file = here.folder().join("workflow.yaml");
    let apply = |more: &[&str]| {
        let path = file.display().to_string();
        here.run(&[&["workflow", "apply", &path, "--json"], more].concat())
    };
    let exported = words(&here.run(&["workflow", "export", "Review matches"]));
    fs::write(&file, &exported).expect("written");

    let unchanged = json_of(&apply(&[]));
    fs::write(&file, exported.replace("list match", "to be reviewed")).expect("written");
    let changed = json_of(&apply(&["--publish"]));
    let made = json_of(&apply(&["--name", "Another"]));
    fs::write(&file, exported.replace("Pending", "Pendign").replace("is_true", "is_truthy")).expect("written");
    let broken = apply(&["--publish"]);
    let unfinished = json_of(&apply(&["--name", "Unfinished"]));

    assert_eq!((&unchanged["outcome"], &unchanged["published"]), (&json!("unchanged"), &json!(false)));
    assert_eq!((&changed["outcome"], &changed["published"]), (&json!("changed"), &json!(true)));
    assert_eq!(changed["id"], unchanged["id"]);
    assert_ne!(changed["live_version_id"], unchanged["live_version_id"]);
    assert_eq!((&made["outcome"], &made["state"]), (&json!("created"), &json!("draft")));
    assert_eq!(broken.status.code(), Some(1));
    let said = words(&broken);
    assert!(said.contains("steps[0].choose[0].when.any[0].is: 'is_truthy' is not an operator"), "{said}");
    assert!(said.contains("steps[0].choose[0].steps[2].with.status: there is no status 'Pendign'"), "{said}");
    let kept = words(&here.run(&["workflow", "export", &text(&changed, "/id")]));
    assert!(kept.contains("to be reviewed") && kept.contains("Pending"), "{kept}");
    assert_eq!((&unfinished["outcome"], &unfinished["state"]), (&json!("created"), &json!("draft")));
    assert_eq!(unfinished["problems"].as_array().map(Vec::len), Some(2), "a draft is kept with its problems");
    let draft = words(&here.run(&["workflow", "export", "Unfinished"]));
    assert!(draft.contains("is_truthy"), "{draft}");
    assert!(
        words(&here.run(&["workflow", "apply", &file.display().to_string(), "--name", "Unfinished"]))
            .contains("Its draft can't be published yet:\n  steps[0]")
    );
    drop(server);
}

#[tokio::test]
async fn orders_need_the_token_and_the_file_is_removed_with_the_server() {
    let here = Installation::bare(On::Sqlite).await;
    let server = here.serve().await;
    let file = here.folder().join("server.json");
    let there: Value = serde_json::from_slice(&fs::read(&file).expect("a file")).expect("JSON");
    let url = format!("{}/operator/commands", text(&there, "/operator_url"));
    let order = json!({"in": {"environment": "sandbox", "act": {"create-source": {"name": "stolen"}}}});

    let stranger = support::client().post(&url).bearer_auth("guessed").json(&order).send().await.expect("an answer");
    let elsewhere = server.request("POST", "/operator/commands").json(&order).send().await.expect("an answer");
    let mode = fs::metadata(&file).expect("a file").permissions().mode();
    server.signal("-INT");
    let code = server.wait();

    assert_eq!((stranger.status().as_u16(), elsewhere.status().as_u16()), (401, 404));
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!((code, file.exists()), (Some(0), false));
}

#[tokio::test]
async fn a_command_for_a_folder_without_a_database_creates_none() {
    let database = FreshDatabase::empty(On::Sqlite).await;
    let folder = database.file().parent().expect("a folder").to_owned();

    let refused = docket(&["key", "create", "--name", "x", "--data"]).arg(&folder).output().expect("docket runs");

    assert_eq!(refused.status.code(), Some(1));
    assert!(words(&refused).contains("there is no Docket in"), "{}", words(&refused));
    assert_eq!(fs::read_dir(&folder).expect("a folder").count(), 0);
}
