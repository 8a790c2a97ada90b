//! Sets up, starts, calls and stops the real binary in tests.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use docket_storage::DatabaseAddress;
use docket_testkit::{FreshDatabase, On};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;

/// The binary, without the `DOCKET_` variables of the tests' environment.
pub fn docket(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_docket"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("DOCKET_")) {
        command.env_remove(name);
    }
    command.args(arguments);
    command
}

/// An installation; its database is deleted when this value is dropped.
pub struct Installation {
    pub database: FreshDatabase,
    pub organization: Value,
}

impl Installation {
    /// An organization without sample data.
    pub async fn bare(engine: On) -> Self {
        Self::set_up(engine, &[]).await
    }

    /// An organization with sample data.
    pub async fn with_sample(engine: On) -> Self {
        Self::set_up(engine, &["--sample-data"]).await
    }

    async fn set_up(engine: On, more: &[&str]) -> Self {
        let database = FreshDatabase::empty(engine).await;
        let here = Self { database, organization: Value::Null };
        let named = ["--organization", "Lumen Bank", "--email", "ada@lumen.example", "--password", "a long one"];
        let output = here.run(&[&["setup", "--json"], &named[..], more].concat());
        Self { organization: json_of(&output), ..here }
    }

    /// Runs a command on this installation.
    pub fn run(&self, arguments: &[&str]) -> Output {
        docket(arguments).args(self.place()).stdin(Stdio::null()).output().expect("docket runs")
    }

    /// The flags that select the database.
    pub fn place(&self) -> [String; 2] {
        place_of(&self.database)
    }

    /// The data folder.
    pub fn folder(&self) -> PathBuf {
        PathBuf::from(&self.place()[1])
    }

    /// The sandbox's first key.
    pub fn key(&self) -> String {
        text(&self.organization, "/environments/sandbox/api_key")
    }

    /// Starts a server on a free port of loopback.
    pub async fn serve(&self) -> Server {
        self.serve_on("127.0.0.1:0", &[]).await
    }

    /// Starts a server on an address, with more flags.
    pub async fn serve_on(&self, address: &str, more: &[&str]) -> Server {
        let mut command = docket(&["serve", "--listen", address, "--log", "warn"]);
        command.args(self.place()).args(more);
        self.start(command).await
    }

    /// Starts a server with a given command, and waits until it is ready.
    pub async fn start(&self, mut command: Command) -> Server {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("docket starts");
        let mut said = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut said).expect("it says where it is");
        let url =
            said.trim().rsplit(' ').next().filter(|url| url.starts_with("http://")).expect("an address").to_owned();
        let server = Server { child, url, key: self.key(), client: client() };
        assert_eq!(server.get_plain("/readyz").await.status(), 200);
        server
    }
}

/// The flags that select the database.
pub fn place_of(database: &FreshDatabase) -> [String; 2] {
    match database.place() {
        DatabaseAddress::Folder(folder) => ["--data".into(), folder.display().to_string()],
        DatabaseAddress::Postgres { url, .. } => ["--database-url".into(), url],
    }
}

/// A client that keeps no idle connections.
pub fn client() -> Client {
    Client::builder().no_proxy().pool_max_idle_per_host(0).build().expect("a client")
}

/// A running server; it is killed when this value is dropped.
pub struct Server {
    child: Child,
    pub url: String,
    pub key: String,
    client: Client,
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Server {
    /// A request with the sandbox's key.
    pub fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = method.parse().expect("a method");
        self.client.request(method, format!("{}{path}", self.url)).bearer_auth(&self.key)
    }

    /// Gets a document of the API.
    pub async fn get(&self, path: &str) -> Value {
        let response = self.request("GET", &format!("/api/v1{path}")).send().await.expect("an answer");
        let status = response.status();
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Posts to the API.
    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request("POST", &format!("/api/v1{path}")).json(body).send().await.expect("an answer")
    }

    /// Gets a page that needs no key.
    pub async fn get_plain(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer")
    }

    /// Posts a webhook with this signature; returns the status and the text of the response.
    pub async fn webhook(&self, source: &str, signature: &str, body: &str) -> (u16, String) {
        let request = self.client.post(format!("{}/ingest/{source}", self.url)).header("persona-signature", signature);
        let response = request.body(body.to_owned()).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("text"))
    }

    /// Sends a signal to the process.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill runs").success());
    }

    /// Waits until the process has ended; returns its exit code, if no signal ended it.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().expect("it ends").code()
    }
}

/// The JSON output of a command, which must have succeeded.
pub fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", words(output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The complete output of a command.
pub fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A text in a document.
pub fn text(document: &Value, pointer: &str) -> String {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("{pointer} is no text in {document}")).to_owned()
}

/// A file of the guide.
pub fn guide(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/guide").join(name)
}

/// Records that the calling test could not run here, so that the gate does not count it as passed.
pub fn skip(reason: &str) {
    eprintln!("SKIPPED: {reason}");
    if let Some(file) = std::env::var_os("DOCKET_TEST_SKIPS") {
        let mut file = std::fs::OpenOptions::new().append(true).open(file).expect("the file of skips");
        std::io::Write::write_all(&mut file, format!("{reason}\n").as_bytes()).expect("it takes a line");
    }
}
