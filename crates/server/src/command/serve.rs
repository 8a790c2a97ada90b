//! `docket serve`

use std::net::SocketAddr;

use clap::Args;
use clap::builder::FalseyValueParser;
use docket_api::Settings;
use docket_storage::Bounds;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::At;
use super::print::say;
use crate::failure::Failure;
use crate::serve::{Plan, Remote, Server};

const EXAMPLES: &str = "\
Examples:
  docket serve
  docket serve --data /var/lib/docket --listen 127.0.0.1:9000
  docket serve --database-url postgres://docket@db.example/docket --listen 127.0.0.1:9001

Several nodes may share one PostgreSQL database; a data folder belongs to one server. SIGTERM and Ctrl-C stop it
after it has answered the requests in progress. /livez, /readyz and /metrics report its state.";

/// Start the server.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Serve {
    #[command(flatten)]
    at: At,
    /// The address to listen on; port 0 uses a free port
    #[arg(long, env = "DOCKET_LISTEN", value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Requests per minute for a key without a limit of its own; 0 for no limit
    #[arg(long, env = "DOCKET_RATE_LIMIT", value_name = "N", default_value_t = Settings::default().rate_limit)]
    rate_limit: u32,
    /// Workflow steps run in the commit that starts the run; the other steps run in later commits
    #[arg(long, env = "DOCKET_INLINE_STEPS", value_name = "N", default_value_t = Bounds::default().inline_steps)]
    inline_steps: u32,
    /// Parallel writers of this node, on PostgreSQL
    #[arg(long, env = "DOCKET_LANES", value_name = "N", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    lanes: u16,
    /// The address of this server in people's browsers, if a proxy changes it
    #[arg(long, env = "DOCKET_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
    /// Allow an address that other machines can reach, although Docket serves HTTP without TLS
    #[arg(long, env = "DOCKET_ALLOW_REMOTE", value_parser = FalseyValueParser::new())]
    allow_remote: bool,
}

impl Serve {
    /// Serves until a signal stops the process.
    pub async fn run(self) -> Result<(), Failure> {
        let public_url = self.public_url.clone();
        let plan = Plan {
            place: self.at.place(self.lanes.into()),
            listen: self.listen,
            settings: Settings { rate_limit: self.rate_limit, public_url: self.public_url, ..Settings::default() },
            bounds: Bounds { inline_steps: self.inline_steps, ..Bounds::default() },
            remote: if self.allow_remote { Remote::Allowed } else { Remote::Refused },
        };
        let mut signals = Signals::listen()?;
        let server = Server::start(&plan).await?;
        let address = server.address();
        tracing::info!(%address, version = env!("CARGO_PKG_VERSION"), "docket is listening");
        // A server whose output is closed keeps serving.
        drop(say(format_args!("Docket is listening on http://{address}")));
        if let Some(token) = server.setup_token() {
            let here = public_url.unwrap_or_else(|| format!("http://{address}"));
            let here = here.trim_end_matches('/');
            drop(say(format_args!("Nothing is set up here yet. Set it up at {here}/setup#token={token}")));
        }
        signals.wait().await;
        tracing::info!("docket is stopping");
        tokio::select! {
            stopped = server.stop() => stopped,
            () = signals.wait() => Err(Failure::new("stopped immediately by a second signal")),
        }
    }
}

/// The signals that stop the process.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| signal(kind).map_err(Failure::new);
        Ok(Self { terminate: listen(SignalKind::terminate())?, interrupt: listen(SignalKind::interrupt())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
