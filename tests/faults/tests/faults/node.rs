//! One process of the real binary, and requests to it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use docket_kernel::Moment;
use docket_storage::DatabaseAddress;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use crate::house::House;
use crate::order::Order;
use crate::wait::{now, pause, until};

/// A process that does not start or end within this time is stuck.
const SECONDS: i64 = 30;

/// A running node; it is killed when this value is dropped.
#[derive(Debug)]
pub struct Node {
    child: Child,
    /// Its URL.
    pub url: String,
    /// The faults to inject.
    pub order: Order,
    /// Distinguishes this process from earlier and later ones.
    pub life: u64,
    /// The time when it was ready.
    pub ready_at: Moment,
    key: String,
    client: Client,
    log: PathBuf,
}

impl Drop for Node {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
        if std::thread::panicking() {
            eprintln!("the log of life {}:\n{}", self.life, self.log());
        }
        drop(std::fs::remove_file(&self.log));
    }
}

/// A client with a time limit for requests.
pub fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().expect("a client")
}

impl Node {
    /// Starts a node of an installation on a free port, with these flags and faults, and waits until it is ready.
    pub async fn start(house: &House, flags: &[String], order: Order) -> Self {
        Self::start_at(house, &house.database.place(), flags, order).await
    }

    /// Starts a node with this database address.
    pub async fn start_at(house: &House, place: &DatabaseAddress, flags: &[String], order: Order) -> Self {
        static LIVES: AtomicU64 = AtomicU64::new(1);
        let life = LIVES.fetch_add(1, Ordering::Relaxed);
        let log = order.path().with_extension("log");
        let mut command =
            House::docket_at(place, &["serve", "--listen", "127.0.0.1:0", "--log", "info", "--rate-limit", "0"]);
        command.args(flags).env("LD_PRELOAD", env!("DOCKET_INTERPOSE")).env("FAULTS_ORDER", order.path());
        command.stdout(Stdio::piped()).stderr(File::create(&log).expect("a log"));
        let mut child = command.spawn().expect("docket starts");
        let output = child.stdout.take().expect("its output");
        let mut node =
            Self { child, url: String::new(), order, life, ready_at: now(), key: house.key(), client: client(), log };
        let said = tokio::task::spawn_blocking(move || {
            let mut said = String::new();
            BufReader::new(output).read_line(&mut said).map(|_| said)
        });
        let said = said.await.expect("the task did not panic").expect("the node prints its address");
        let url = said.trim().rsplit(' ').next().filter(|url| url.starts_with("http://"));
        node.url = url.unwrap_or_else(|| panic!("it did not start: {}", node.log())).to_owned();
        let ready = until(SECONDS, async || (node.status("/readyz").await == Some(200)).then_some(())).await;
        assert!(ready.is_some(), "it is not ready: {}", node.log());
        node.ready_at = now();
        node
    }

    /// Its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> ExitStatus {
        self.child.kill().expect("the signal is sent");
        self.child.wait().expect("it ends")
    }

    /// Its exit status, if it ends within this many seconds.
    pub async fn ended(&mut self, seconds: i64) -> Option<ExitStatus> {
        let deadline = now().plus_seconds(seconds);
        loop {
            match self.child.try_wait().expect("the process is a child") {
                None if now() < deadline => pause().await,
                ended => return ended,
            }
        }
    }

    /// Stops the node, and checks that it ends properly.
    pub async fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill runs");
        let ended = self.ended(SECONDS).await;
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "it did not stop properly: {}", self.log());
    }

    /// A request with the sandbox's key.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key)
    }

    /// Gets a document of the API.
    pub async fn get(&self, path: &str) -> Value {
        answered(self.request("GET", path)).await
    }

    /// Posts a request that must succeed.
    pub async fn make(&self, path: &str, body: &Value) -> Value {
        answered(self.request("POST", path).json(body)).await
    }

    /// The response status of a page that needs no key, if there is a response.
    pub async fn status(&self, path: &str) -> Option<u16> {
        let response = self.client.get(format!("{}{path}", self.url)).send().await.ok()?;
        Some(response.status().as_u16())
    }

    /// The number of its batches that the database refused, so that their items ran one by one.
    pub fn refused_batches(&self) -> usize {
        self.log().matches("its items run one by one").count()
    }

    /// The value of a metric.
    pub async fn figure(&self, name: &str) -> u64 {
        let response = self.client.get(format!("{}/metrics", self.url)).send().await.expect("an answer");
        let page = response.text().await.expect("a page");
        let line = page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
        line.unwrap_or_else(|| panic!("{name} is not measured"))
    }
}

async fn answered(request: RequestBuilder) -> Value {
    let response = request.send().await.expect("an answer");
    let (status, url) = (response.status(), response.url().clone());
    let body: Value = response.json().await.expect("JSON");
    assert!(status.is_success(), "{url}: {status} {body}");
    body
}

/// The text at a pointer in a document.
pub fn text(document: &Value, pointer: &str) -> String {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is not a text in {document}")).to_owned()
}
