//! Live views: events are sent to subscribers as small hints, in the order of the commits. One reader per node follows
//! the events of every environment, and only while there are subscribers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use docket_events::Event;
use docket_storage::{Followed, Numbered, ReadError};
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast, watch};

use crate::app::{App, Inner};
use crate::time::iso;

/// The reader queries this often even without a notification.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The number of events read at once.
const READ_AT_ONCE: u32 = 200;
/// A subscriber that is further behind than this reads the missed events from the database.
const KEPT: usize = 1_024;
/// The most streams of one user or key on one node.
const STREAMS_MAX: u32 = 20;

/// The hint that subscribers get of an event.
#[derive(Debug)]
pub(crate) struct Hint {
    /// Its number among the events of its environment.
    pub number: i64,
    pub environment: String,
    /// The payload of the hint: ids and names, no personal data.
    pub data: String,
}

impl Hint {
    pub fn of(numbered: &Numbered<Event>) -> Self {
        let event = &numbered.row;
        let data = json!({
            "id": event.id,
            "name": event.name,
            "object": {"type": event.object_type, "id": event.object_id},
            "related": related(&event.payload),
            "run-id": event.cause_run_id,
            "created-at": iso(event.created_at.0),
        });
        Self { number: numbered.number, environment: event.environment_id.to_string(), data: data.to_string() }
    }
}

/// The single objects that a payload names: a run's workflow, a comment's case.
fn related(payload: &Value) -> Vec<Value> {
    let members = payload.as_object().into_iter().flatten().map(|(_, member)| member);
    let one = |member: &Value| Some(json!({"type": member.get("type")?.as_str()?, "id": member.get("id")?.as_str()?}));
    members.filter(|member| member.as_object().is_some_and(|members| members.len() == 2)).filter_map(one).collect()
}

/// The hints of this node, and its open streams.
pub(crate) struct Live {
    hints: broadcast::Sender<Arc<Hint>>,
    wanted: Notify,
    open: Mutex<HashMap<String, u32>>,
    closing: watch::Sender<bool>,
    reader: OnceLock<()>,
    /// Whether the reader has a position. It is reset only while there are no subscribers, and a subscription is
    /// created while this value is borrowed, so a new subscriber misses nothing that follows.
    following: watch::Sender<bool>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            hints: broadcast::Sender::new(KEPT),
            wanted: Notify::new(),
            open: Mutex::default(),
            closing: watch::Sender::new(false),
            reader: OnceLock::new(),
            following: watch::Sender::new(false),
        }
    }
}

/// A slot among the streams of one caller, freed when it is dropped.
pub(crate) struct StreamSlot {
    inner: Arc<Inner>,
    whose: String,
}

impl Drop for StreamSlot {
    fn drop(&mut self) {
        let mut open = self.inner.live.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.whose);
            }
        }
    }
}

impl App {
    /// Ends every stream: the server stops, and the browsers reconnect to another node.
    pub fn close_streams(&self) {
        self.live.closing.send_replace(true);
    }

    /// Signals when streams must end.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.live.closing.subscribe()
    }

    /// Takes a slot among a caller's streams, if one is free.
    pub(crate) fn place_for(&self, whose: &str) -> Option<StreamSlot> {
        let mut open = self.live.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(whose.to_owned()).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(StreamSlot { inner: self.inner(), whose: whose.to_owned() })
    }

    /// Subscribes: the receiver gets every event that is committed after this returns.
    pub(crate) async fn listen(&self) -> broadcast::Receiver<Arc<Hint>> {
        let (listening, is_following) = {
            let following = self.live.following.borrow();
            (self.live.hints.subscribe(), *following)
        };
        self.live.reader.get_or_init(|| drop(tokio::spawn(follow(Arc::downgrade(&self.inner())))));
        if !is_following {
            self.live.wanted.notify_one();
            // `self` owns the sender, so it can't close while this waits.
            drop(self.live.following.subscribe().wait_for(|following| *following).await);
        }
        listening
    }
}

/// Follows the events and sends the hints, until the application is dropped.
async fn follow(app: Weak<Inner>) {
    let Some(mut news) = app.upgrade().map(|app| app.writer.news()) else { return };
    let mut after: Option<i64> = None;
    loop {
        let Some(app) = app.upgrade() else { return };
        let live = &app.live;
        let is_idle = live.following.send_if_modified(|following| {
            let is_idle = live.hints.receiver_count() == 0;
            *following &= !is_idle;
            is_idle
        });
        if is_idle {
            after = None;
            drop(tokio::time::timeout(LOOK_EVERY, live.wanted.notified()).await);
            continue;
        }
        news.mark_unchanged();
        let rest = match look(&app, after).await {
            Ok(found) => {
                let rest = live.pass_on(&found);
                after = Some(found.until);
                live.following.send_replace(true);
                rest
            }
            Err(error) => {
                tracing::warn!(%error, "events could not be followed; it is tried again");
                LOOK_EVERY
            }
        };
        drop(app);
        let _ = tokio::time::timeout(rest, news.changed()).await;
    }
}

/// The events after a position; without a position, the current one.
async fn look(app: &Inner, after: Option<i64>) -> Result<Followed<Event>, ReadError> {
    match after {
        Some(after) => app.reader.follow::<Event>(after, READ_AT_ONCE).await,
        None => Ok(Followed { rows: Vec::new(), until: app.reader.newest::<Event>(None).await? }),
    }
}

impl Live {
    /// Sends the hints of the events found; returns how long to wait for a notification.
    fn pass_on(&self, found: &Followed<Event>) -> Duration {
        for numbered in &found.rows {
            // Without subscribers, the hint is dropped.
            let _ = self.hints.send(Arc::new(Hint::of(numbered)));
        }
        if found.rows.len() == READ_AT_ONCE as usize { Duration::ZERO } else { LOOK_EVERY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn related_are_the_single_objects_a_payload_names() {
        let payload = json!({
            "type": "workflow-run", "id": "wfr_1", "workflow": {"type": "workflow", "id": "wfl_1"}, "creator": null,
            "accounts": [{"type": "account", "id": "act_1"}], "fields": {"name": "Mona", "birthdate": "1990-01-02"},
        });
        assert_eq!(related(&payload), [json!({"type": "workflow", "id": "wfl_1"})]);
    }
}
