//! `GET /stream`: the events of the caller's environment as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, header};
use docket_events::Event;
use docket_kernel::{Moment, Permission};
use docket_storage::ReadError;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};
use tokio::time::{Instant, MissedTickBehavior};

use crate::answer::Reply;
use crate::app::App;
use crate::credential::{NoActor, recall};
use crate::custom_operation::CustomOperation;
use crate::error::{ErrorDocument, ErrorItem, Surface};
use crate::live::{Hint, StreamSlot};
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::{Admitted, admit, error_reply, set};
use crate::query::Query;
use crate::refusal::{document_of, of_read};
use crate::schema::text;

/// Streams events.
pub const STREAM: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "stream-events",
        "GET",
        "/stream",
        Permission::EventRead,
        "Streams the events of the environment as server-sent events: ids and names, in commit order, at least once. \
         `Last-Event-ID` resumes a stream after a disconnect.",
    ),
    "text/event-stream",
)
.documented(|| {
    const SENTENCE: &str = "The id of the last event received; the stream resumes after it.";
    OperationDoc::default().heeding("Last-Event-ID", SENTENCE).asking("last-event-id", SENTENCE, text())
});

/// The interval of keep-alive comments, so that no proxy closes a silent connection.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// The interval at which the credential of an open stream is looked up, with or without events.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// If this many events were missed, the stream sends one `gap` instead of them.
const MISSED_MAX: u32 = 1_000;
/// The number of messages buffered for a slow reader.
const WAITING_MAX: usize = 16;
/// A valid credential is not looked up again for this many seconds.
const BELIEVED_SECONDS: i64 = 1;

/// Responds with a stream.
pub async fn stream(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let (parts, _) = request.into_parts();
    let admitted = match admit(&app, &parts.method, &parts.headers, Surface::Ours).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    match begin(&app, &admitted, &parts.headers, parts.uri.query().unwrap_or_default()).await {
        Ok(channel) => {
            let mut response = admitted.respond(Reply { status: 200, body: Vec::new(), etag: None, again: None });
            set(&mut response, "content-type", "text/event-stream");
            set(&mut response, "cache-control", "no-store");
            // Proxies that buffer responses must pass this one on at once.
            set(&mut response, "x-accel-buffering", "no");
            response.map(|_| Body::new(channel))
        }
        Err(document) => {
            let is_too_many = document.status == 429;
            let mut response = admitted.respond(error_reply(&document, Surface::Ours));
            if is_too_many {
                set(&mut response, "retry-after", "30");
            }
            response
        }
    }
}

async fn begin(
    app: &App,
    admitted: &Admitted,
    headers: &HeaderMap,
    query: &str,
) -> Result<Channel<Bytes, Infallible>, ErrorDocument> {
    STREAM.may(&admitted.actor()).map_err(|refusal| document_of(&refusal))?;
    let place = app.place_for(admitted.caller.id()).ok_or_else(|| {
        let sentence = "you already have 20 open streams on this node; close one";
        ErrorDocument::of(429, vec![ErrorItem::new("Rate limit exceeded", sentence).coded("too-many-streams")])
    })?;
    let query = Query::parse(query).map_err(|error| ErrorDocument::bad_request(error.details))?;
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok()).filter(|id| !id.is_empty());
    let last = last.or_else(|| query.parameter("last-event-id")).map(str::to_owned);
    // The subscription starts before the position is read: an event in between is sent twice rather than never.
    let listening = app.listen().await;
    let (sender, channel) = Channel::new(WAITING_MAX);
    let closing = app.closing();
    let mut telling = Telling {
        app: app.clone(),
        environment: admitted.caller.environment.to_string(),
        credential: credential_of(headers),
        sender,
        position: None,
        believed: app.now(),
        sent: Instant::now(),
        _place: place,
    };
    let missed = telling.missed(last.as_deref()).await.map_err(|error| of_read(&error))?;
    tokio::spawn(async move {
        // The stream ends when the client disconnects, the credential ends, or the server stops.
        let _ = telling.tell(missed, listening, closing).await;
    });
    Ok(channel)
}

/// The headers that identify the caller.
fn credential_of(headers: &HeaderMap) -> HeaderMap {
    let known = [header::AUTHORIZATION, header::COOKIE];
    let named = |name: header::HeaderName| headers.get(&name).map(|value| (name, value.clone()));
    known.into_iter().filter_map(named).collect()
}

/// The stream has ended.
struct Ended;

/// The events before the beginning of a stream.
enum Missed {
    /// These events, in order.
    Hints(Vec<Hint>),
    /// Too many events, or the position is unknown.
    TooMuch,
}

/// One stream.
struct Telling {
    app: App,
    environment: String,
    credential: HeaderMap,
    sender: Sender<Bytes, Infallible>,
    /// The number of the last event that was sent.
    position: Option<i64>,
    /// When the credential was last found valid.
    believed: Moment,
    /// When the last message was sent.
    sent: Instant,
    _place: StreamSlot,
}

impl Telling {
    /// The events since a position; the stream continues after the current one.
    async fn missed(&mut self, last: Option<&str>) -> Result<Missed, ReadError> {
        let present = self.present().await?;
        let Some(last) = last else {
            self.position = Some(present);
            return Ok(Missed::Hints(Vec::new()));
        };
        match last.parse().ok().filter(|last| (0..=present).contains(last)) {
            Some(last) => self.since(last).await,
            None => {
                self.position = Some(present);
                Ok(Missed::TooMuch)
            }
        }
    }

    /// The number of the newest event in the environment.
    async fn present(&self) -> Result<i64, ReadError> {
        self.app.reader.newest::<Event>(Some(Arc::from(self.environment.as_str()))).await
    }

    async fn since(&mut self, last: i64) -> Result<Missed, ReadError> {
        let whose = Arc::from(self.environment.as_str());
        let found = self.app.reader.follow_of::<Event>(whose, last, MISSED_MAX).await?;
        if found.rows.len() == MISSED_MAX as usize {
            self.position = Some(self.present().await?);
            return Ok(Missed::TooMuch);
        }
        self.position = Some(found.until);
        Ok(Missed::Hints(found.rows.iter().map(Hint::of).collect()))
    }

    async fn tell(
        mut self,
        missed: Missed,
        mut listening: broadcast::Receiver<Arc<Hint>>,
        mut closing: watch::Receiver<bool>,
    ) -> Result<(), Ended> {
        let begun = self.position.as_ref().map(ToString::to_string).unwrap_or_default();
        self.send(format!("retry: 2000\n\nid: {begun}\nevent: ready\ndata: {{}}\n\n")).await?;
        self.catch_up(missed).await?;
        let mut looking = tokio::time::interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
        looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let heard = tokio::select! {
                _ = closing.wait_for(|closing| *closing) => return Ok(()),
                _ = looking.tick() => None,
                heard = listening.recv() => Some(heard),
            };
            match heard {
                None => {
                    self.look_again().await?;
                    if self.sent.elapsed() >= KEEP_ALIVE {
                        self.send(": keep-alive\n\n".to_owned()).await?;
                    }
                }
                Some(Ok(hint)) => self.pass_on(&hint).await?,
                Some(Err(RecvError::Lagged(_))) => self.read_what_was_missed().await?,
                Some(Err(RecvError::Closed)) => return Ok(()),
            }
        }
    }

    /// Sends a hint of the caller's environment, unless it was already sent.
    async fn pass_on(&mut self, hint: &Hint) -> Result<(), Ended> {
        if hint.environment != self.environment || self.position.is_some_and(|doc| hint.number <= doc) {
            return Ok(());
        }
        self.is_still_good().await?;
        self.send(format!("id: {}\nevent: happened\ndata: {}\n\n", hint.number, hint.data)).await?;
        self.position = Some(hint.number);
        Ok(())
    }

    async fn catch_up(&mut self, missed: Missed) -> Result<(), Ended> {
        match missed {
            Missed::Hints(hints) => {
                for hint in hints {
                    self.is_still_good().await?;
                    self.send(format!("id: {}\nevent: happened\ndata: {}\n\n", hint.number, hint.data)).await?;
                }
                Ok(())
            }
            Missed::TooMuch => {
                let here = self.position.as_ref().map(ToString::to_string).unwrap_or_default();
                self.send(format!("id: {here}\nevent: gap\ndata: {{}}\n\n")).await
            }
        }
    }

    /// A subscriber that was too slow reads the missed events from the database.
    async fn read_what_was_missed(&mut self) -> Result<(), Ended> {
        self.is_still_good().await?;
        let Some(last) = self.position else { return Err(Ended) };
        let missed = self.since(last).await.map_err(|_| Ended)?;
        self.catch_up(missed).await
    }

    /// Ends the stream if its credential has ended; looks it up unless that was done within the last second.
    async fn is_still_good(&mut self) -> Result<(), Ended> {
        let now = self.app.now();
        if self.believed <= now && self.believed.plus_seconds(BELIEVED_SECONDS) > now {
            return Ok(());
        }
        self.look_again().await
    }

    /// Ends the stream if its credential has ended or now opens another environment.
    async fn look_again(&mut self) -> Result<(), Ended> {
        let now = self.app.now();
        let is_good = match recall(&self.app, &self.credential).await {
            Ok(caller) => caller.environment.as_str() == self.environment,
            // A failed read does not end the stream.
            Err(NoActor::Failed(_)) => true,
            Err(_) => false,
        };
        if !is_good {
            self.send("event: ended\ndata: {}\n\n".to_owned()).await?;
            return Err(Ended);
        }
        self.believed = now;
        Ok(())
    }

    async fn send(&mut self, text: String) -> Result<(), Ended> {
        self.sender.send_data(Bytes::from(text)).await.map_err(|_| Ended)?;
        self.sent = Instant::now();
        Ok(())
    }
}
