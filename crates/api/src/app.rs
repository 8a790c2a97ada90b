//! What the operations share.

use std::sync::Arc;

use docket_kernel::{Clock, Moment, RequestId, Rng};
use docket_storage::{Reader, Writer};
use docket_workflows::Engine;

use crate::credential::Credentials;
use crate::limiter::Limiter;

/// What an operator sets.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Requests a minute of a key that says nothing else; 0 for no limit.
    pub rate_limit: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { rate_limit: 30_000 }
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
}

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
        Self(Arc::new(Inner { writer, reader, engine, clock, rng, limiter, credentials, settings }))
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
