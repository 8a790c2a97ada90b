//! One process of the real binary, and calling it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use docket_kernel::Moment;
use docket_storage::Place;
use reqwest::{Client, RequestBuilder};
use serde_json::Value;

use crate::house::House;
use crate::order::Order;
use crate::wait::{now, pause, until};

/// A process that does not end, or begin, within this time is stuck.
const SECONDS: i64 = 30;

/// A running node; it is killed with this value.
#[derive(Debug)]
pub struct Node {
    child: Child,
    /// Where it answers.
    pub url: String,
    /// What it is told to suffer.
    pub order: Order,
    /// Tells this process from those before and after it.
    pub life: u64,
    /// When it was ready.
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

/// A client whose requests end, one way or the other.
pub fn client() -> Client {
    Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().expect("a client")
}

impl Node {
    /// Starts a node of an installation on a free port, with these flags and orders, and waits until it is ready.
    pub async fn start(house: &House, flags: &[String], order: Order) -> Self {
        Self::start_at(house, &house.database.place(), flags, order).await
    }

    /// Starts a node that finds the database at this place.
    pub async fn start_at(house: &House, place: &Place, flags: &[String], order: Order) -> Self {
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
        let said = said.await.expect("nobody panicked").expect("it says where it is");
        let url = said.trim().rsplit(' ').next().filter(|url| url.starts_with("http://"));
        node.url = url.unwrap_or_else(|| panic!("it did not begin: {}", node.log())).to_owned();
        let ready = until(SECONDS, async || (node.status("/readyz").await == Some(200)).then_some(())).await;
        assert!(ready.is_some(), "it is not ready: {}", node.log());
        node.ready_at = now();
        node
    }

    /// What it wrote to its log.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> ExitStatus {
        self.child.kill().expect("it takes a signal");
        self.child.wait().expect("it ends")
    }

    /// How it ended, if it ends within so many seconds.
    pub async fn ended(&mut self, seconds: i64) -> Option<ExitStatus> {
        let deadline = now().plus_seconds(seconds);
        loop {
            match self.child.try_wait().expect("it can be waited for") {
                None if now() < deadline => pause().await,
                ended => return ended,
            }
        }
    }

    /// Asks it to stop, and holds it to an orderly end.
    pub async fn stop(mut self) {
        let id = self.child.id().to_string();
        let told = std::process::Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.is_ok_and(|status| status.success()), "kill runs");
        let ended = self.ended(SECONDS).await;
        assert_eq!(ended.and_then(|status| status.code()), Some(0), "it did not stop in order: {}", self.log());
    }

    /// A request of a client with the sandbox's key.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}/api/v1{path}", self.url)).bearer_auth(&self.key)
    }

    /// A document of the API.
    pub async fn get(&self, path: &str) -> Value {
        answered(self.request("GET", path)).await
    }

    /// Posts what must be taken.
    pub async fn make(&self, path: &str, body: &Value) -> Value {
        answered(self.request("POST", path).json(body)).await
    }

    /// The status of a page that needs no key, if there is an answer.
    pub async fn status(&self, path: &str) -> Option<u16> {
        let response = self.client.get(format!("{}{path}", self.url)).send().await.ok()?;
        Some(response.status().as_u16())
    }

    /// How many of its batches the database refused, so that their items had to run one by one.
    pub fn refused_batches(&self) -> usize {
        self.log().matches("its items run one by one").count()
    }

    /// A number it measures.
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

/// A text in a document.
pub fn text(document: &Value, pointer: &str) -> String {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is no text in {document}")).to_owned()
}
