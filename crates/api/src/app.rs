//! What the operations share.

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

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Requests a minute of a key that says nothing else; 0 for no limit.
    pub rate_limit: u32,
    /// The address people's browsers have for this installation, where it is not the one requests come to.
    pub public_url: Option<String>,
    /// What the remembered answers of one key may take, in bytes.
    pub remembered_bytes_max: usize,
    /// The most bytes of a page's objects; a page of larger ones is short. Tests set another number.
    pub page_bytes_max: usize,
}

/// What the remembered answers of one key may take unless an operator says otherwise.
const REMEMBERED_BYTES_MAX: usize = 64 << 20;
/// The most bytes of a page's objects. A hundred of the largest that are made now fit.
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
    /// The path that stands before the API's own in the public address; empty where there is none.
    pub(crate) fn base_path(&self) -> &str {
        let url = self.public_url.as_deref().unwrap_or_default();
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        rest.find('/').map_or("", |at| rest[at..].trim_end_matches('/'))
    }
}

/// The application behind the API. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

/// What is inside.
pub struct Inner {
    /// Changes.
    pub writer: Writer,
    /// Reads.
    pub reader: Reader,
    /// The workflow engine, with the catalogue it was handed.
    pub engine: Arc<Engine>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub rng: Arc<dyn Rng>,
    pub(crate) limiter: Limiter,
    pub(crate) credentials: Credentials,
    pub(crate) settings: Settings,
    /// The path before the API's own in the public address.
    pub(crate) base: Arc<str>,
    /// The name of the session cookie, once an organization is set up.
    pub(crate) cookie: OnceLock<Arc<str>>,
    /// How an installation with nothing in it is begun, where this server may.
    pub(crate) first_run: OnceLock<Arc<dyn FirstRun>>,
    /// Passwords are slow to judge: a few at a time, so that signing in takes no processor from everybody else.
    pub(crate) judging: Semaphore,
    /// Large bodies are parsed a few at a time too.
    pub(crate) parsing: Semaphore,
    /// The memory that bodies take.
    pub(crate) bodies: Arc<Budget>,
    /// What remembered answers take.
    pub(crate) remembered: RememberedBytes,
    /// What happens is told here.
    pub(crate) live: Live,
}

/// So many passwords are judged at once.
const JUDGED_AT_ONCE: usize = 2;
/// So many large bodies are parsed at once.
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
    /// An application over a database.
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

    /// Lets the installation be begun from a browser.
    pub fn begin_with(&self, first_run: Arc<dyn FirstRun>) {
        drop(self.first_run.set(first_run));
    }

    /// What is inside, shared.
    pub(crate) fn inner(&self) -> Arc<Inner> {
        Arc::clone(&self.0)
    }

    /// The present instant.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// An id for a request.
    pub(crate) fn new_request(&self) -> RequestId {
        RequestId::of(self.rng.seed().fresh_id(self.now(), RequestId::PREFIX))
    }
}
