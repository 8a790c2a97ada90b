//! The health of the node: `/livez`, `/readyz` and `/metrics`.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Response};
use axum::routing::any;
use docket_api::error::{ErrorDocument, Surface};
use docket_kernel::{Clock, Moment};
use docket_storage::Writer;

use super::http_listener::plain;

/// The health data of the node.
pub struct Health {
    writer: Writer,
    clock: Arc<dyn Clock>,
    begun: Moment,
    is_stopping: AtomicBool,
    /// The number of responses, by the first digit of their status.
    answers: [AtomicU64; 6],
    /// The number of responses that took no longer than each of [`TIMES`]; the last counts all others.
    times: [AtomicU64; TIMES.len() + 1],
    /// The total time of all responses, in microseconds.
    micros: AtomicU64,
}

/// The upper bounds of the response time buckets: as shown, and in microseconds.
const TIMES: [(&str, i64); 9] = [
    ("0.001", 1_000),
    ("0.005", 5_000),
    ("0.01", 10_000),
    ("0.025", 25_000),
    ("0.05", 50_000),
    ("0.1", 100_000),
    ("0.5", 500_000),
    ("1", 1_000_000),
    ("5", 5_000_000),
];

impl std::fmt::Debug for Health {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Health").field("begun", &self.begun).finish_non_exhaustive()
    }
}

impl Health {
    /// The health of a node that starts now.
    pub fn begin(writer: Writer, clock: Arc<dyn Clock>) -> Self {
        let begun = clock.now();
        Self {
            writer,
            clock,
            begun,
            is_stopping: AtomicBool::new(false),
            answers: Default::default(),
            times: Default::default(),
            micros: AtomicU64::default(),
        }
    }

    /// Makes the node not ready from now on.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Counts a response and its time.
    pub fn count(&self, status: u16, micros: i64) {
        if let Some(answers) = self.answers.get(usize::from(status / 100)) {
            answers.fetch_add(1, Ordering::Relaxed);
        }
        let place = TIMES.iter().position(|(_, bound)| micros <= *bound).unwrap_or(TIMES.len());
        self.times[place].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros.max(0).unsigned_abs(), Ordering::Relaxed);
    }

    /// The current time, for measuring responses.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    fn why_not_ready(&self) -> Option<String> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return Some("docket is stopping".into());
        }
        self.writer.why_unwell()
    }
}

/// The health endpoints.
pub fn router(health: &Arc<Health>) -> Router {
    Router::new()
        .route("/livez", any(|method: Method| async move { only_read(&method, || plain(200, "alive\n")) }))
        .route("/readyz", any(readyz))
        .route("/metrics", any(metrics))
        .with_state(Arc::clone(health))
}

fn only_read(method: &Method, answer: impl FnOnce() -> Response<Body>) -> Response<Body> {
    if method == Method::GET || method == Method::HEAD {
        return answer();
    }
    let document = ErrorDocument::method_not_allowed("this path takes GET and HEAD");
    let mut response = refused(&document);
    response.headers_mut().insert("allow", axum::http::HeaderValue::from_static("GET, HEAD"));
    response
}

/// A refusal in the API's error format.
pub fn refused(document: &ErrorDocument) -> Response<Body> {
    let mut response = plain(document.status, document.to_bytes(Surface::Ours));
    let kind = axum::http::HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}

async fn readyz(State(health): State<Arc<Health>>, method: Method) -> Response<Body> {
    only_read(&method, || match health.why_not_ready() {
        Some(words) => plain(503, words + "\n"),
        None => plain(200, "ready\n"),
    })
}

async fn metrics(State(health): State<Arc<Health>>, method: Method) -> Response<Body> {
    only_read(&method, || {
        let mut response = plain(200, page(&health));
        let kind = axum::http::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
        response
    })
}

/// All metrics in the text format of Prometheus.
fn page(health: &Health) -> String {
    let figures = health.writer.figures();
    let mut page = String::new();
    let mut one = |name: &str, kind: &str, help: &str, value: u64| {
        let _ = write!(page, "# HELP docket_{name} {help}\n# TYPE docket_{name} {kind}\ndocket_{name} {value}\n");
    };
    let of = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
    one(
        "writer_batches_total",
        "counter",
        "Transactions of the writer, including checks for due work.",
        of(&figures.batches),
    );
    one("writer_items_total", "counter", "Commands and due runs completed.", of(&figures.items));
    one(
        "writer_waves_total",
        "counter",
        "Loads of rows that were missing, of each batch those of the item that needed most.",
        of(&figures.waves),
    );
    one("writer_postponed_total", "counter", "Items put off because a row was busy.", of(&figures.postponed));
    one("writer_claimed_total", "counter", "Due runs claimed.", of(&figures.claimed));
    one("writer_faults_total", "counter", "Reactions and writes that failed; each one is a bug.", of(&figures.faults));
    one("writer_waiting", "gauge", "Commands waiting for the writer.", health.writer.waiting() as u64);
    one("writer_well", "gauge", "Whether the database accepts changes.", u64::from(health.writer.is_well()));
    let uptime = health.now().seconds() - health.begun.seconds();
    one("uptime_seconds", "gauge", "Seconds since this node started.", uptime.max(0).unsigned_abs());
    answers(health, &mut page);
    let version = env!("CARGO_PKG_VERSION");
    let _ = write!(
        page,
        "# HELP docket_build_info The version of this docket.\n# TYPE docket_build_info \
         gauge\ndocket_build_info{{version=\"{version}\"}} 1\n"
    );
    page
}

/// The number of responses, and their times.
fn answers(health: &Health, page: &mut String) {
    let of = |figure: &AtomicU64| figure.load(Ordering::Relaxed);
    page.push_str("# HELP docket_http_answers_total Responses, by status class.\n");
    page.push_str("# TYPE docket_http_answers_total counter\n");
    for (digit, answers) in health.answers.iter().enumerate().skip(1) {
        let _ = writeln!(page, "docket_http_answers_total{{class=\"{digit}xx\"}} {}", of(answers));
    }
    page.push_str("# HELP docket_http_answer_seconds Response time in seconds.\n");
    page.push_str("# TYPE docket_http_answer_seconds histogram\n");
    let mut up_to = 0;
    for ((bound, _), count) in TIMES.iter().chain([&("+Inf", i64::MAX)]).zip(&health.times) {
        up_to += of(count);
        let _ = writeln!(page, "docket_http_answer_seconds_bucket{{le=\"{bound}\"}} {up_to}");
    }
    let micros = of(&health.micros);
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let _ =
        writeln!(page, "docket_http_answer_seconds_sum {seconds}.{rest:06}\ndocket_http_answer_seconds_count {up_to}");
}
