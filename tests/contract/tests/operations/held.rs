//! A request whose body is held back: its head is judged, and the test decides when the rest arrives.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::world::Answer;

/// A request under way.
#[derive(Debug)]
pub struct Held {
    sender: Sender<Bytes, Infallible>,
    rest: Bytes,
    answer: JoinHandle<Answer>,
}

impl Held {
    /// Sends a request up to the second byte of its body, and returns when the first one has been read. `None` when the
    /// request is answered before that.
    pub async fn begin(router: &Router, request: Request<Body>, body: impl Into<Bytes>) -> Result<Self, Answer> {
        let body = body.into();
        let (mut sender, channel) = Channel::<Bytes, Infallible>::new(1);
        let answer = tokio::spawn(answered(router.clone(), request.map(|_| Body::new(channel))));
        // The channel holds one piece, so the second one fits when the first has been read.
        for piece in [body.slice(..1), body.slice(1..2)] {
            if sender.send_data(piece).await.is_err() {
                return Err(answer.await.expect("an answer"));
            }
        }
        Ok(Self { sender, rest: body.slice(2..), answer })
    }

    /// Sends all of the body but its last byte, and returns when all before that has been read.
    pub async fn all_but_the_last_byte(&mut self) {
        let piece = self.rest.split_to(self.rest.len() - 2);
        let next = self.rest.split_to(1);
        // When the second empty piece fits, the first one was taken, and so what came before it was counted.
        for piece in [piece, next, Bytes::new(), Bytes::new()] {
            self.sender.send_data(piece).await.expect("the body is read");
        }
    }

    /// Sends the rest of the body.
    pub async fn finish(mut self) -> Answer {
        if !self.rest.is_empty() {
            // An answer that came meanwhile is the answer.
            drop(self.sender.send_data(self.rest).await);
        }
        drop(self.sender);
        self.answer.await.expect("an answer")
    }
}

/// The answer of a router to a request.
pub async fn answered(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes }
}
