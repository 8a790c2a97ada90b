//! The state that the operations share.

use std::sync::{Arc, OnceLock};

use docket_kernel::{Clock, Moment, RequestId, Rng};
use docket_storage::{Reader, Writer};
use docket_workflows::Engine;
use tokio::sync::Semaphore;

use crate::answer_bytes::RememberedBytes;
use crate::budget::Budget;
use crate::credential::Credentials;
use crate::first_run::FirstRun;
use crate::limiter::Limiter;
use crate::live::Live;

/// The settings of an operator.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Requests a minute for a key without its own limit; 0 for no limit.
    pub rate_limit: u32,
    /// The address that browsers use for this installation, if it differs from the one that requests arrive at.
    pub public_url: Option<String>,
    /// The most bytes that the stored responses of one key may take.
    pub remembered_bytes_max: usize,
    /// The most bytes of a page's objects; a page of larger objects has fewer of them. Tests set another number.
    pub page_bytes_max: usize,
}

/// The most bytes that the stored responses of one key may take, unless an operator sets another limit.
const REMEMBERED_BYTES_MAX: usize = 64 << 20;
/// The most bytes of a page's objects. A hundred of the largest objects created today fit.
const PAGE_BYTES_MAX: usize = 8 << 20;

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate_limit: 30_000,
            public_url: None,
            remembered_bytes_max: REMEMBERED_BYTES_MAX,
            page_bytes_max: PAGE_BYTES_MAX,
        }
    }
}

impl Settings {
    /// The path before the API's own path in the public address; empty if there is none.
    pub(crate) fn base_path(&self) -> &str {
        let url = self.public_url.as_deref().unwrap_or_default();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.find('/').map_or("", |at| rest[at..].trim_end_matches('/'))
    }
}

/// The application behind the API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// The shared state.
pub struct Inner {
    /// Commits changes.
    pub writer: Writer,
    /// Runs reads.
    pub reader: Reader,
    /// The workflow engine, with its catalogue.
    pub engine: Arc<Engine>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The source of randomness.
    pub rng: Arc<dyn Rng>,
    pub(crate) limiter: Limiter,
    pub(crate) credentials: Credentials,
    pub(crate) settings: Settings,
    /// The path before the API's own in the public address.
    pub(crate) base: Arc<str>,
    /// The name of the session cookie, once an organization is set up.
    pub(crate) cookie: OnceLock<Arc<str>>,
    /// How to set up an empty installation, if this server may do that.
    pub(crate) first_run: OnceLock<Arc<dyn FirstRun>>,
    /// Bounds concurrent password checks: they are slow, and must not take the processor from other requests.
    pub(crate) judging: Semaphore,
    /// Bounds concurrent parsing of large bodies.
    pub(crate) parsing: Semaphore,
    /// The memory that request bodies take.
    pub(crate) bodies: Arc<Budget>,
    /// The bytes that stored responses take.
    pub(crate) remembered: RememberedBytes,
    /// The live hints.
    pub(crate) live: Live,
}

/// The number of passwords checked at once.
const JUDGED_AT_ONCE: usize = 2;
/// The number of large bodies parsed at once.
const PARSED_AT_ONCE: usize = 4;

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Creates the application over a database.
    pub fn new(
        writer: Writer,
        reader: Reader,
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
        settings: Settings,
    ) -> Self {
        let (limiter, credentials) = (Limiter::default(), Credentials::default());
        let (first_run, judging) = (OnceLock::new(), Semaphore::new(JUDGED_AT_ONCE));
        Self(Arc::new(Inner {
            writer,
            reader,
            engine,
            clock,
            rng,
            limiter,
            credentials,
            base: Arc::from(settings.base_path()),
            settings,
            cookie: OnceLock::new(),
            first_run,
            judging,
            parsing: Semaphore::new(PARSED_AT_ONCE),
            bodies: Arc::default(),
            remembered: RememberedBytes::default(),
            live: Live::default(),
        }))
    }

    /// Lets a browser set up the installation.
    pub fn begin_with(&self, first_run: Arc<dyn FirstRun>) {
        drop(self.first_run.set(first_run));
    }

    /// The shared state.
    pub(crate) fn inner(&self) -> Arc<Inner> {
        Arc::clone(&self.0)
    }

    /// The current time.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// A new id for a request.
    pub(crate) fn new_request(&self) -> RequestId {
        RequestId::of(self.rng.seed().fresh_id(self.now(), RequestId::PREFIX))
    }
}
