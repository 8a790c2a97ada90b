//! A request whose body is incomplete: its head is processed, and the test sends the rest later.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use http_body_util::channel::{Channel, Sender};
use serde_json::Value;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;

use crate::world::Answer;

/// A request in progress.
#[derive(Debug)]
pub struct Held {
    sender: Sender<Bytes, Infallible>,
    rest: Bytes,
    answer: JoinHandle<Answer>,
}

impl Held {
    /// Sends a request with the first two bytes of its body, and returns after the first was read. The error is the
    /// response, if the request gets one before that.
    pub async fn begin(router: &Router, request: Request<Body>, body: impl Into<Bytes>) -> Result<Self, Answer> {
        let body = body.into();
        let (mut sender, channel) = Channel::<Bytes, Infallible>::new(1);
        let answer = tokio::spawn(answered(router.clone(), request.map(|_| Body::new(channel))));
        // The channel has a capacity of one piece, so the second fits only after the first was read.
        for piece in [body.slice(..1), body.slice(1..2)] {
            if sender.send_data(piece).await.is_err() {
                return Err(answer.await.expect("an answer"));
            }
        }
        Ok(Self { sender, rest: body.slice(2..), answer })
    }

    /// Sends all of the body but its last byte, and returns after the bytes before that were read.
    pub async fn all_but_the_last_byte(&mut self) {
        let piece = self.rest.split_to(self.rest.len() - 2);
        let next = self.rest.split_to(1);
        // The second empty piece fits only after the first was read, and so after the bytes before it were counted.
        for piece in [piece, next, Bytes::new(), Bytes::new()] {
            self.sender.send_data(piece).await.expect("the body is read");
        }
    }

    /// Sends the rest of the body.
    pub async fn finish(mut self) -> Answer {
        if !self.rest.is_empty() {
            // A response may have arrived before the rest of the body was sent.
            drop(self.sender.send_data(self.rest).await);
        }
        drop(self.sender);
        self.answer.await.expect("an answer")
    }
}

/// The response of a router to a request.
pub async fn answered(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, usize::MAX).await.expect("a whole body").to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, body, bytes }
}
