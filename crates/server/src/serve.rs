//! The HTTP server of a node.

mod first_run;
mod health;
mod http_listener;
mod middleware;
mod operator;
mod paced;
mod server_info;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use docket_api::{App, Settings};
use docket_kernel::SystemClock;
use docket_storage::{Bounds, DatabaseAddress, OpenError};
use tokio::net::TcpListener;

use crate::dashboard;
use crate::failure::Failure;
use crate::node::Node;
use health::Health;
use http_listener::HttpListener;

pub use operator::send;
pub use server_info::ServerInfoFile;

/// How long requests in progress may take after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The database.
    pub place: DatabaseAddress,
    /// The settings of the API.
    pub listen: SocketAddr,
    /// What the API is set to.
    pub settings: Settings,
    /// The bounds of the writer.
    pub bounds: Bounds,
    /// Whether other machines may reach it.
    pub remote: Remote,
}

/// The machines that may reach a server without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remote {
    /// Only this machine.
    Refused,
    /// Any machine: the operator runs a proxy that terminates TLS.
    Allowed,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    node: Arc<Node>,
    app: App,
    http_listener: HttpListener,
    operator: Option<(HttpListener, ServerInfoFile)>,
    health: Arc<Health>,
    address: SocketAddr,
    setup_token: Option<String>,
}

impl Server {
    /// Opens the database and starts serving requests.
    pub async fn start(plan: &Plan) -> Result<Self, Failure> {
        if plan.remote == Remote::Refused && !plan.listen.ip().is_loopback() {
            return Err(Failure::new(format_args!(
                "other machines can reach {}, and Docket serves HTTP without TLS, so keys and passwords could be read \
                 in transit: listen on 127.0.0.1 behind a proxy that terminates TLS, or add --allow-remote",
                plan.listen
            )));
        }
        let listener = listen(plan.listen).await?;
        let address = listener.local_addr().map_err(Failure::new)?;
        let (node, beginning) = first_run::open(&plan.place, plan.bounds).await?;
        let health = Arc::new(Health::begin(node.writer().clone(), Arc::new(SystemClock)));
        let app = node.app(plan.settings.clone());
        let setup_token = beginning.map(|(beginning, token)| {
            tracing::warn!(
                "nothing is set up in this database yet, so no key works: start at the printed address, or \
                run `docket setup`"
            );
            app.begin_with(beginning);
            token
        });
        let router = dashboard::beside(docket_api::router(app.clone()).merge(health::router(&health)));
        let http_listener = HttpListener::open(listener, middleware::over(router, &health));
        let operator = match &plan.place {
            DatabaseAddress::Folder(folder) => Some(operator::open(&node, folder, address).await?),
            DatabaseAddress::Postgres { .. } => None,
        };
        Ok(Self { node, app, http_listener, operator, health, address, setup_token })
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The token for setting it up from a browser, if nothing is set up yet.
    pub fn setup_token(&self) -> Option<&str> {
        self.setup_token.as_deref()
    }

    /// Accepts no new requests, finishes those in progress and the queued work, and closes the database.
    pub async fn stop(self) -> Result<(), Failure> {
        self.health.stop();
        self.app.close_streams();
        let drained = tokio::time::timeout(DRAIN, async {
            self.http_listener.close().await;
            let server_info = match self.operator {
                Some((http_listener, server_info)) => {
                    http_listener.close().await;
                    Some(server_info)
                }
                None => None,
            };
            self.node.close().await;
            drop(server_info);
        });
        drained.await.map_err(|_| {
            let seconds = DRAIN.as_secs();
            Failure::new(format_args!(
                "requests in progress did not finish within {seconds} seconds; they were \
                abandoned"
            ))
        })
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::new(format_args!(
            "{address} is in use by another program; stop it, or listen elsewhere with --listen"
        )),
        _ => Failure::new(format_args!("can't listen on {address}: {error}")),
    })
}

/// Why a database could not be opened; if a server holds the folder, the address of that server is included.
pub fn refused(error: OpenError) -> Failure {
    let there = match &error {
        OpenError::InUse(folder) => ServerInfoFile::read(folder).ok(),
        _ => None,
    };
    match there {
        Some(there) => Failure::new(format_args!("{error} (process {} serves it at {})", there.process, there.url)),
        None => error.into(),
    }
}
