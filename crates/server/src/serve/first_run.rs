//! The first run: an empty installation is set up from a browser, with the token that the server printed.
//!
//! Sample data is history, so it is written while a clock advances from two months ago to now. On SQLite one writer
//! holds the file and its time never goes back: until the first run its clock stays in the past. On PostgreSQL a
//! second node writes the history concurrently.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use docket_access::{Made, SetupRequest, digest, is_new_installation};
use docket_api::{FirstRun, Sample};
use docket_kernel::{Clock, Moment, Refusal, Scope, SystemClock};
use docket_storage::{Bounds, Command, DatabaseAddress, WriteError, Writer};

use crate::failure::Failure;
use crate::node::Node;
use crate::sample::{self, Past};

/// A clock that stays in the past until an organization is set up, and follows the machine's clock from then on.
#[derive(Debug)]
struct WaitingClock {
    past: Past,
    is_present: AtomicBool,
}

impl WaitingClock {
    /// A clock that stays in the past.
    fn new() -> Self {
        Self { past: Past::before(SystemClock.now()), is_present: AtomicBool::new(false) }
    }

    /// Switches to the machine's clock.
    fn go(&self) {
        self.is_present.store(true, Ordering::SeqCst);
    }
}

impl Clock for WaitingClock {
    fn now(&self) -> Moment {
        if self.is_machine() { SystemClock.now() } else { self.past.now() }
    }

    fn is_machine(&self) -> bool {
        self.is_present.load(Ordering::SeqCst)
    }
}

/// Opens a node. If nothing is set up in it yet, also returns its first run and the token for it, which only this
/// result contains.
pub async fn open(
    place: &DatabaseAddress,
    bounds: Bounds,
) -> Result<(Arc<Node>, Option<(Arc<FirstRunSetup>, String)>), Failure> {
    let clock = match place {
        DatabaseAddress::Folder(_) => Some(Arc::new(WaitingClock::new())),
        DatabaseAddress::Postgres { .. } => None,
    };
    let node = match &clock {
        Some(clock) => Node::open_at(place, bounds, Arc::<WaitingClock>::clone(clock)).await,
        None => Node::open(place, bounds).await,
    };
    let node = Arc::new(node.map_err(super::refused)?);
    if !node.reader().view(Scope::Installation, is_new_installation).await? {
        if let Some(clock) = clock {
            clock.go();
        }
        return Ok((node, None));
    }
    let token = docket_kernel::hex(&node.rng.seed().0);
    let token_digest = digest(&token);
    let beginning = FirstRunSetup { node: Arc::clone(&node), place: place.clone(), clock, token_digest };
    Ok((node, Some((Arc::new(beginning), token))))
}

/// The first run, called by the API.
pub struct FirstRunSetup {
    node: Arc<Node>,
    place: DatabaseAddress,
    clock: Option<Arc<WaitingClock>>,
    token_digest: String,
}

impl FirstRunSetup {
    async fn begin(&self, request: SetupRequest, sample: Sample) -> Result<Made, WriteError> {
        if sample == Sample::Unwanted {
            self.go();
            return set_up(self.node.writer(), request).await;
        }
        let made = self.with_sample(request).await;
        self.go();
        made
    }

    fn go(&self) {
        if let Some(clock) = &self.clock {
            clock.go();
        }
    }

    async fn with_sample(&self, request: SetupRequest) -> Result<Made, WriteError> {
        let email = request.email.clone();
        if let Some(clock) = &self.clock {
            let made = set_up(self.node.writer(), request).await?;
            let past = clock.past.until(SystemClock.now());
            sample::fill(&self.node, &past, &made, &email).await.map_err(failed)?;
            return Ok(made);
        }
        let past = Arc::new(Past::before(SystemClock.now()));
        let clock = Arc::<Past>::clone(&past) as Arc<dyn Clock>;
        let beside = Node::open_at(&self.place, Bounds::default(), clock).await;
        let beside = beside.map_err(|error| failed(error.into()))?;
        let done = async {
            let made = set_up(beside.writer(), request).await?;
            sample::fill(&beside, &past, &made, &email).await.map_err(failed)?;
            Ok(made)
        };
        let done = done.await;
        beside.close().await;
        done
    }
}

impl FirstRun for FirstRunSetup {
    fn is_token(&self, token: &str) -> bool {
        // Digests are compared, so the time it takes reveals nothing about the token.
        digest(token) == self.token_digest
    }

    fn set_up<'a>(
        &'a self,
        request: SetupRequest,
        sample: Sample,
    ) -> Pin<Box<dyn Future<Output = Result<Made, WriteError>> + Send + 'a>> {
        Box::pin(self.begin(request, sample))
    }
}

async fn set_up(writer: &Writer, request: SetupRequest) -> Result<Made, WriteError> {
    let command = Command::new("setup", Scope::Installation, move |work| {
        if !is_new_installation(work)? {
            let sentence = "an organization is already set up here";
            return Err(Refusal::new(docket_kernel::RefusalKind::Conflict, "already-set-up", sentence).into());
        }
        docket_access::setup(work, &request)
    });
    writer.submit(command).await
}

fn failed(failure: Failure) -> WriteError {
    tracing::error!(%failure, "the sample data could not be written");
    WriteError::Refused(Refusal::internal("the sample data could not be written"))
}
