//! Applied to every request: a time limit, the metrics of its response, and a log entry.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{MatchedPath, Request, State};
use axum::http::{Response, header};
use axum::middleware::{Next, from_fn_with_state};
use docket_api::error::ErrorDocument;

use super::health::{Health, refused};

/// The time limit of a request, including the transfer of its body.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Adds the time limit, metrics and log to a router.
pub fn over(router: Router, health: &Arc<Health>) -> Router {
    router.layer(from_fn_with_state(Arc::clone(health), watched))
}

async fn watched(State(health): State<Arc<Health>>, request: Request, next: Next) -> Response<Body> {
    let begun = health.now();
    let method = request.method().clone();
    // The pattern, not the path: paths contain callers' data, which does not belong in the log.
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let response = in_time(request, |request| next.run(request)).await;
    let status = response.status().as_u16();
    let micros = health.now().0 - begun.0;
    health.count(status, micros);
    tracing::debug!(http.method = %method, http.route = %route, http.status = status, micros, "answered");
    response
}

/// The response to a request, if it is ready in time.
async fn in_time<F: Future<Output = Response<Body>>>(
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response<Body> {
    let arrived = Arc::new(AtomicBool::new(request.body().is_end_stream()));
    let request = {
        let arrived = Arc::clone(&arrived);
        request.map(|body| Body::new(Arriving { body, arrived }))
    };
    match tokio::time::timeout(REQUEST_TIMEOUT, answer(request)).await {
        Ok(response) => response,
        Err(_) => too_late(arrived.load(Ordering::Relaxed)),
    }
}

/// The response to a request that timed out: its body was slow, or the server was.
fn too_late(has_arrived: bool) -> Response<Body> {
    let seconds = REQUEST_TIMEOUT.as_secs();
    let document = if has_arrived {
        ErrorDocument::unavailable(format!(
            "this took longer than {seconds} seconds, and it is not known whether it took effect; repeat it with the \
             same Idempotency-Key"
        ))
    } else {
        ErrorDocument::timed_out(format!("the body did not arrive within {seconds} seconds; send it again"))
    };
    let mut response = refused(&document);
    response.headers_mut().insert(header::CONNECTION, axum::http::HeaderValue::from_static("close"));
    if has_arrived {
        response.headers_mut().insert(header::RETRY_AFTER, axum::http::HeaderValue::from_static("1"));
    }
    response
}

/// A body that records when it has arrived completely.
struct Arriving {
    body: Body,
    arrived: Arc<AtomicBool>,
}

impl HttpBody for Arriving {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(context);
        if matches!(frame, Poll::Ready(None)) || self.body.is_end_stream() {
            self.arrived.store(true, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    /// A body that never arrives.
    struct Held;

    impl HttpBody for Held {
        type Data = Bytes;
        type Error = axum::Error;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
            Poll::Pending
        }
    }

    async fn answered_after(milliseconds: u64) -> Response<Body> {
        let wait = Duration::from_millis(milliseconds);
        let answer = |_| async move {
            drop(tokio::time::timeout(wait, pending::<()>()).await);
            Response::new(Body::empty())
        };
        in_time(Request::new(Body::empty()), answer).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_has_30_seconds_for_its_answer() {
        let (soon, late) = (answered_after(29_900).await, answered_after(30_100).await);

        assert_eq!((soon.status().as_u16(), late.status().as_u16()), (200, 503));
        assert_eq!(late.headers()[header::RETRY_AFTER], "1");
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_arrives_times_out() {
        let read = |request: Request| async move {
            drop(axum::body::to_bytes(request.into_body(), 1).await);
            Response::new(Body::empty())
        };

        let answer = in_time(Request::new(Body::new(Held)), read).await;

        assert_eq!(answer.status().as_u16(), 408);
    }
}
