//! A proxy in front of PostgreSQL that breaks the connection at the worst moment: during a COMMIT.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// What happens to the next COMMIT of a batch with writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtCommit {
    /// It passes.
    Pass,
    /// The connection breaks before the server receives it.
    LoseRequest,
    /// The server performs it; the connection breaks before the answer arrives.
    LoseAnswer,
    /// As before, and new connections fail.
    LoseServer,
    /// The server does not receive it; the server then receives a claim of the proof, whose answer is lost as well.
    LoseRequestAndClaim,
    /// The answer to the next claim of a proof is lost.
    LoseClaim,
    /// For a batch that only reads: the server performs it; the connection breaks before the answer arrives.
    LoseReading,
}

impl AtCommit {
    const ALL: [Self; 7] = [
        Self::Pass,
        Self::LoseRequest,
        Self::LoseAnswer,
        Self::LoseServer,
        Self::LoseRequestAndClaim,
        Self::LoseClaim,
        Self::LoseReading,
    ];

    fn number(self) -> u8 {
        Self::ALL.iter().zip(0..).find(|(known, _)| **known == self).map_or(0, |(_, number)| number)
    }
}

struct State {
    next: AtomicU8,
    broken: AtomicU32,
}

impl State {
    /// The planned action for a statement; each action happens once.
    fn at(&self, is_commit: bool, is_marked: bool) -> AtCommit {
        let planned = AtCommit::ALL[usize::from(self.next.load(Ordering::SeqCst))];
        let (fate, then) = match planned {
            AtCommit::LoseClaim if is_marked => (AtCommit::LoseAnswer, AtCommit::Pass),
            AtCommit::LoseReading if is_commit && !is_marked => (AtCommit::LoseAnswer, AtCommit::Pass),
            AtCommit::LoseRequestAndClaim if is_commit && is_marked => (AtCommit::LoseRequest, AtCommit::LoseClaim),
            AtCommit::LoseRequest | AtCommit::LoseAnswer | AtCommit::LoseServer if is_commit && is_marked => {
                (planned, AtCommit::Pass)
            }
            _ => return AtCommit::Pass,
        };
        self.next.store(then.number(), Ordering::SeqCst);
        self.broken.fetch_add(1, Ordering::SeqCst);
        fate
    }
}

/// A proxy that forwards everything until it is set to break the connection.
pub struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxy").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Starts a proxy to the server of this address.
    pub async fn to(url: &str) -> Self {
        let config: tokio_postgres::Config = url.parse().expect("the address is one of PostgreSQL");
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            _ => "127.0.0.1".into(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a port has an address");
        let state = Arc::new(State { next: AtomicU8::new(0), broken: AtomicU32::new(0) });
        tokio::spawn(accept(listener, (host, port), Arc::clone(&state)));
        Self { address, state }
    }

    /// The address of the same database through this proxy.
    pub fn url(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").expect("the address is a URL");
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let user = authority.rsplit_once('@').map(|(user, _)| format!("{user}@")).unwrap_or_default();
        format!("{scheme}://{user}{}/{path}", self.address)
    }

    /// Sets what happens to the next COMMIT.
    pub fn next_commit(&self, what: AtCommit) {
        self.state.next.store(what.number(), Ordering::SeqCst);
    }

    /// How many times it broke a connection.
    pub fn broken(&self) -> u32 {
        self.state.broken.load(Ordering::SeqCst)
    }
}

async fn accept(listener: TcpListener, server: (String, u16), state: Arc<State>) {
    let shut = Arc::new(Notify::new());
    loop {
        let client = tokio::select! {
            () = shut.notified() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((client, _)) = client else { return };
        let Ok(upstream) = TcpStream::connect((server.0.as_str(), server.1)).await else { continue };
        drop((client.set_nodelay(true), upstream.set_nodelay(true)));
        let (state, shut) = (Arc::clone(&state), Arc::clone(&shut));
        tokio::spawn(async move {
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = upstream.into_split();
            let broken = Arc::new(Notify::new());
            let answers = tokio::spawn(pass(from_server, to_client, Arc::clone(&broken)));
            if requests(&mut from_client, &mut to_server, &state, &broken).await == AtCommit::LoseServer {
                shut.notify_one();
            }
            drop(to_server);
            drop(answers.await);
        });
    }
}

/// Forwards answers until the connection is to break: the next answer is then dropped.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, broken: Arc<Notify>) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        let read = tokio::select! {
            biased;
            () = broken.notified() => {
                drop(from.read(&mut bytes).await);
                return;
            }
            read = from.read(&mut bytes) => read,
        };
        match read {
            Ok(0) | Err(_) => return,
            Ok(count) => {
                if to.write_all(&bytes[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Forwards requests until the connection breaks or ends.
async fn requests(from: &mut OwnedReadHalf, to: &mut OwnedWriteHalf, state: &State, broken: &Notify) -> AtCommit {
    let mut bytes = vec![0; 16 << 10];
    let mut is_marked = false;
    loop {
        let Ok(count @ 1..) = from.read(&mut bytes).await else { return AtCommit::Pass };
        let heard = &bytes[..count];
        let is_commit = heard.windows(7).any(|word| word == b"COMMIT\0");
        is_marked |= heard.windows(49).any(is_mark);
        let fate = state.at(is_commit, is_marked);
        is_marked &= !is_commit;
        match fate {
            AtCommit::LoseRequest => return fate,
            AtCommit::LoseAnswer | AtCommit::LoseServer => broken.notify_one(),
            _ => {}
        }
        if to.write_all(heard).await.is_err() || fate != AtCommit::Pass {
            return fate;
        }
    }
}

/// Whether this is the proof of a batch: sixteen digits, a hyphen, thirty-two digits.
fn is_mark(word: &[u8]) -> bool {
    word.iter()
        .enumerate()
        .all(|(place, letter)| if place == 16 { *letter == b'-' } else { letter.is_ascii_hexdigit() })
}
