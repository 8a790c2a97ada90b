//! Connections: accepted, limited, and closed one by one when the server stops.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use docket_api::Peer;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use super::paced::Paced;

/// How long a client may take to send the head of a request, and how long a connection may idle.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// The maximum size of the head of a request, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
/// How long a connection is read after its last response.
const LINGER: Duration = Duration::from_secs(3);
/// The delay before the next attempt if the system can't accept a connection.
const BREATH: Duration = Duration::from_millis(100);

/// An address that is being listened on.
#[derive(Debug)]
pub struct HttpListener {
    closing: watch::Sender<bool>,
    listening: JoinHandle<()>,
    connections: mpsc::Receiver<Infallible>,
}

impl HttpListener {
    /// Serves connections with this router.
    pub fn open(listener: TcpListener, router: Router) -> Self {
        let (closing, closed) = watch::channel(false);
        let (open, connections) = mpsc::channel(1);
        let listening = tokio::spawn(take_in(listener, router, closed, open));
        Self { closing, listening, connections }
    }

    /// Accepts no more connections and no more requests on open connections; finishes the requests in progress.
    pub async fn close(mut self) {
        self.closing.send_replace(true);
        drop(self.listening.await);
        // Every connection holds a sender: the channel ends with the last connection.
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
                let router = WithPeer { router: router.clone(), peer: Peer(peer) };
                tokio::spawn(answer(stream, router, closed.clone(), open.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                drop(tokio::time::timeout(BREATH, std::future::pending::<()>()).await);
            }
        }
    }
}

/// The router for one connection: it adds the peer's address to each request.
#[derive(Clone)]
struct WithPeer {
    router: Router,
    peer: Peer,
}

impl Service<Request<Incoming>> for WithPeer {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        request.extensions_mut().insert(self.peer);
        Box::pin(tower_service::Service::call(&mut self.router.clone(), request))
    }
}

async fn answer(stream: TcpStream, router: WithPeer, closed: watch::Receiver<bool>, open: mpsc::Sender<Infallible>) {
    // Responses are small and must be sent at once.
    drop(stream.set_nodelay(true));
    let left = converse(stream, router, closed).await;
    drop(open);
    if let Some(stream) = left {
        linger(stream).await;
    }
}

/// Serves the requests of a connection. Returns the stream after the last response was sent.
async fn converse<I>(stream: I, router: WithPeer, mut closed: watch::Receiver<bool>) -> Option<I>
where
    I: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_header_size(HEAD_BYTES_MAX);
    let mut connection = http.serve_connection(Paced::new(TokioIo::new(stream)), router);
    let ended = tokio::select! {
        ended = poll_fn(|context| connection.poll_without_shutdown(context)) => ended,
        _ = closed.changed() => {
            Pin::new(&mut connection).graceful_shutdown();
            poll_fn(|context| connection.poll_without_shutdown(context)).await
        }
    };
    match ended {
        Ok(()) => Some(connection.into_parts().io.into_inner().into_inner()),
        Err(error) => {
            // The client disconnected, read nothing or sent no HTTP.
            tracing::debug!(%error, "a connection ended early");
            None
        }
    }
}

/// Reads on for a moment after the last response. Closing a connection on which unread data arrives, such as a body
/// that was refused before it was read, would discard the response before the client reads it.
async fn linger<I: AsyncRead + AsyncWrite + Unpin>(mut stream: I) {
    let reading = async {
        drop(stream.shutdown().await);
        let mut unread = vec![0; 16 * 1024];
        while matches!(stream.read(&mut unread).await, Ok(1..)) {}
    };
    drop(tokio::time::timeout(LINGER, reading).await);
}

/// A plain-text response.
pub fn plain(status: u16, words: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(words.into());
    *response.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    let kind = axum::http::HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(axum::http::header::CONTENT_TYPE, kind);
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};
    use tokio::io::DuplexStream;
    use tokio::time::Instant;

    use super::*;

    /// The response to a client that sends the end of its head after this delay; empty if the connection was closed.
    async fn told_after(time: Duration) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let http_listener = HttpListener::open(listener, Router::new().route("/", get(|| async { "here" })));
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(b"GET / HTTP/1.1\r\nhost: docket.example\r\nconnection: close\r\n").await.unwrap();
        let (begun, mut said) = (Instant::now(), String::new());
        if let Ok(read) = tokio::time::timeout(time, client.read_to_string(&mut said)).await {
            assert!(begun.elapsed() >= HEAD_TIMEOUT, "it was shut after {:?}", begun.elapsed());
            return read.map(|_| said).unwrap_or_default();
        }
        client.write_all(b"\r\n").await.unwrap();
        client.read_to_string(&mut said).await.unwrap();
        http_listener.close().await;
        said
    }

    #[tokio::test(start_paused = true)]
    async fn the_head_of_a_request_has_10_seconds() {
        let (in_time, late) = (Duration::from_millis(9_900), Duration::from_millis(10_100));

        assert!(told_after(in_time).await.ends_with("here"));
        assert_eq!(told_after(late).await, "");
    }

    const ANSWER_BYTES: usize = 1 << 20;
    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: docket.example\r\nconnection: close\r\n\r\n";

    /// A client that requested a large response over a connection with a buffer of 64 KiB.
    async fn asked() -> (DuplexStream, JoinHandle<bool>) {
        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let router = Router::new().route("/", get(|| async { vec![b'x'; ANSWER_BYTES] }));
        let known = WithPeer { router, peer: Peer(([127, 0, 0, 1], 1).into()) };
        let (closing, closed) = watch::channel(false);
        let ended = tokio::spawn(async move {
            let _closing = closing;
            converse(server, known, closed).await.is_some()
        });
        client.write_all(REQUEST).await.unwrap();
        (client, ended)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_read_is_given_up_after_30_seconds() {
        let (client, ended) = asked().await;
        let begun = Instant::now();

        assert!(!ended.await.unwrap());

        assert_eq!(begun.elapsed().as_secs(), 30);
        drop(client);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_reads_slowly_gets_the_whole_response() {
        let (mut client, ended) = asked().await;
        let (mut piece, mut got) = (vec![0; 64 * 1024], 0);
        loop {
            drop(tokio::time::timeout(Duration::from_secs(29), std::future::pending::<()>()).await);
            match client.read(&mut piece).await.unwrap() {
                0 => break,
                read => got += read,
            }
        }
        assert!(got > ANSWER_BYTES, "{got} bytes with the head");
        assert!(ended.await.unwrap());
    }

    /// What is answered to these bytes, until the connection is closed.
    async fn answered(address: std::net::SocketAddr, request: &str) -> String {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(request.as_bytes()).await.unwrap();
        let mut said = Vec::new();
        // A connection that is reset has said what it had to say.
        drop(client.read_to_end(&mut said).await);
        String::from_utf8_lossy(&said).into_owned()
    }

    #[tokio::test]
    async fn a_request_whose_length_is_in_doubt_is_refused() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().route("/", post(|| async { "taken" })).route("/hidden", get(|| async { "reached" }));
        let http_listener = HttpListener::open(listener, router);
        let hidden = "GET /hidden HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        for lengths in [
            "content-length: 5\r\ncontent-length: 6",
            "content-length: +5",
            "content-length : 5",
            "content-length: 5, 6",
            "transfer-encoding: xchunked",
            "transfer-encoding: chunked, identity",
        ] {
            let request = format!("POST / HTTP/1.1\r\nhost: x\r\n{lengths}\r\n\r\n{hidden}");

            let said = answered(address, &request).await;

            assert!(said.starts_with("HTTP/1.1 400"), "{lengths}: {said}");
            assert!(!said.contains("reached"), "{lengths}: {said}");
        }
        http_listener.close().await;
    }

    #[tokio::test]
    async fn silent_connections_keep_no_request_from_its_answer() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let http_listener = HttpListener::open(listener, Router::new().route("/", get(|| async { "here" })));
        let mut silent = Vec::new();
        for _ in 0..200 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }

        let said = answered(address, std::str::from_utf8(REQUEST).unwrap()).await;

        assert!(said.ends_with("here"), "{said}");
        drop(silent);
        http_listener.close().await;
    }

    #[tokio::test]
    async fn a_response_sent_before_the_body_was_read_reaches_the_client() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let http_listener = HttpListener::open(listener, Router::new().route("/", post(|| async { "refused" })));
        let mut client = TcpStream::connect(address).await.unwrap();
        let body_bytes = 8 << 20;
        let head = format!("POST / HTTP/1.1\r\nhost: docket.example\r\ncontent-length: {body_bytes}\r\n\r\n");
        client.write_all(head.as_bytes()).await.unwrap();

        client.write_all(&vec![b'x'; body_bytes]).await.unwrap();

        let mut said = String::new();
        client.read_to_string(&mut said).await.unwrap();
        assert!(said.ends_with("refused"), "{said}");
        drop(client);
        http_listener.close().await;
    }
}
