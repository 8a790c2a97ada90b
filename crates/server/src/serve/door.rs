//! Connections: taken in, given their limits, and let go one by one when the server stops.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use docket_api::Peer;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// How long a client may take for the head of a request, and how long a connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The most bytes of the head of a request.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// When the system gives no more connections, the next try comes after this.
const BREATH: Duration = Duration::from_millis(100);

/// An open door: an address that is listened on.
#[derive(Debug)]
pub struct Door {
    closing: watch::Sender<bool>,
    listening: JoinHandle<()>,
    connections: mpsc::Receiver<Infallible>,
}

impl Door {
    /// Answers whoever comes with this router.
    pub fn open(listener: TcpListener, router: Router) -> Self {
        let (closing, closed) = watch::channel(false);
        let (open, connections) = mpsc::channel(1);
        let listening = tokio::spawn(take_in(listener, router, closed, open));
        Self { closing, listening, connections }
    }

    /// Takes no more connections, and no more requests on those there are; answers what is under way.
    pub async fn close(mut self) {
        self.closing.send_replace(true);
        drop(self.listening.await);
        // Every connection holds a sender: with the last one the channel ends.
        while self.connections.recv().await.is_some() {}
    }
}

async fn take_in(
    listener: TcpListener,
    router: Router,
    mut closed: watch::Receiver<bool>,
    open: mpsc::Sender<Infallible>,
) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = closed.changed() => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                let router = Known { router: router.clone(), peer: Peer(peer) };
                tokio::spawn(answer(stream, router, closed.clone(), open.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                drop(tokio::time::timeout(BREATH, std::future::pending::<()>()).await);
            }
        }
    }
}

/// The router for one connection: it notes in each request who is at the other end.
#[derive(Clone)]
struct Known {
    router: Router,
    peer: Peer,
}

impl Service<Request<Incoming>> for Known {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <Router as tower_service::Service<Request<Incoming>>>::Future;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        tower_service::Service::call(&mut self.router.clone(), request)
    }
}

async fn answer(stream: TcpStream, router: Known, mut closed: watch::Receiver<bool>, open: mpsc::Sender<Infallible>) {
    // Answers are small and wanted at once.
    drop(stream.set_nodelay(true));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_header_size(HEAD_BYTES_MAX);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), router));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = closed.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // A client that went away or sent no HTTP.
        tracing::debug!(%error, "a connection ended early");
    }
    drop(open);
}

/// An answer of plain words.
pub fn plain(status: u16, words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let kind = axum::http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::time::Instant;

    use super::*;

    /// What a client is told who sends the last line of its head so long after the others; nothing: the door was shut.
    async fn told_after(time: Duration) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let door = Door::open(listener, Router::new().route("/", get(|| async { "here" })));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: docket.example\r\nconnection: close\r\n").await.unwrap();
        let (begun, mut said) = (Instant::now(), String::new());
        if let Ok(read) = tokio::time::timeout(time, client.read_to_string(&mut said)).await {
            assert!(begun.elapsed() >= HEAD_TIMEOUT, "it was shut after {:?}", begun.elapsed());
            return read.map(|_| said).unwrap_or_default();
        }
        client.write_all(b"\r\n").await.unwrap();
        client.read_to_string(&mut said).await.unwrap();
        door.close().await;
        said
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_of_a_request_has_10_seconds() {
        let (in_time, late) = (Duration::from_millis(9_900), Duration::from_millis(10_100));

        assert!(told_after(in_time).await.ends_with("here"));
        assert_eq!(told_after(late).await, "");
    }
}
