//! Live views: what happens is told to whoever listens, as small hints, in the order of the commits. One reader a node
//! follows the events of every environment, and only while somebody listens.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::Duration;

use docket_events::Event;
use docket_storage::{Followed, Numbered, ReadError};
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast, watch};

use crate::app::{App, Inner};
use crate::time::iso;

/// Without news the reader looks this often all the same.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// So many events are read at once.
const READ_AT_ONCE: u32 = 200;
/// A listener that is further behind than this reads from the database what it missed.
const KEPT: usize = 1_024;
/// The most streams of one person or key on one node.
const STREAMS_MAX: u32 = 20;

/// An event, as it is told.
#[derive(Debug)]
pub(crate) struct Hint {
    /// Its number among the events of its environment.
    pub number: i64,
    pub environment: String,
    /// What is told: ids and names, and nothing personal.
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

/// The single objects a payload names: a run's workflow, a comment's case.
fn related(payload: &Value) -> Vec<Value> {
    let members = payload.as_object().into_iter().flatten().map(|(_, member)| member);
    let one = |member: &Value| Some(json!({"type": member.get("type")?.as_str()?, "id": member.get("id")?.as_str()?}));
    members.filter(|member| member.as_object().is_some_and(|members| members.len() == 2)).filter_map(one).collect()
}

/// What is told on this node, and to how many.
pub(crate) struct Live {
    hints: broadcast::Sender<Arc<Hint>>,
    wanted: Notify,
    open: Mutex<HashMap<String, u32>>,
    closing: watch::Sender<bool>,
    reader: OnceLock<()>,
    /// Whether the reader knows where it goes on. It is set back only while nobody listens, and listening begins only
    /// while it is looked at: so whoever listens misses nothing from then on.
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

/// A place among the streams of somebody, free again when it is dropped.
pub(crate) struct Place {
    inner: Arc<Inner>,
    whose: String,
}

impl Drop for Place {
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
    /// Ends every stream: the server stops, and the browsers go on at another node.
    pub fn close_streams(&self) {
        self.live.closing.send_replace(true);
    }

    /// Says when streams shall end.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.live.closing.subscribe()
    }

    /// Takes a place among somebody's streams, if there is one left.
    pub(crate) fn place_for(&self, whose: &str) -> Option<Place> {
        let mut open = self.live.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(whose.to_owned()).or_default();
        if *count >= STREAMS_MAX {
            return None;
        }
        *count += 1;
        Some(Place { inner: self.inner(), whose: whose.to_owned() })
    }

    /// Listens: everything that is committed from when this returns will be heard.
    pub(crate) async fn listen(&self) -> broadcast::Receiver<Arc<Hint>> {
        let (listening, is_following) = {
            let following = self.live.following.borrow();
            (self.live.hints.subscribe(), *following)
        };
        self.live.reader.get_or_init(|| drop(tokio::spawn(follow(Arc::downgrade(&self.inner())))));
        if !is_following {
            self.live.wanted.notify_one();
            // The sender is ours, so it is there as long as we wait.
            drop(self.live.following.subscribe().wait_for(|following| *following).await);
        }
        listening
    }
}

/// Follows the events and tells them, until the application is gone.
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

/// What came after a place; with none, where the present is.
async fn look(app: &Inner, after: Option<i64>) -> Result<Followed<Event>, ReadError> {
    match after {
        Some(after) => app.reader.follow::<Event>(after, READ_AT_ONCE).await,
        None => Ok(Followed { rows: Vec::new(), until: app.reader.newest::<Event>(None).await? }),
    }
}

impl Live {
    /// Tells what was found; answers how long to rest without news.
    fn pass_on(&self, found: &Followed<Event>) -> Duration {
        for numbered in &found.rows {
            // When nobody listens any more, nobody misses it.
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
