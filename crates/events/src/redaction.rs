//! Redactions: which object's content was erased, by which actor and when, and how far its copies are blanked.
//!
//! Redacting blanks the object itself in the redaction's commit. Its copies are blanked in steps, each in its own
//! commit, until none is left; until then, reads hide the copies that no step has reached yet.

use std::sync::Arc;

use docket_kernel::{Actor, Cause, EnvironmentId, EventId, Json, Moment, RequestId, Task, UnitOfWork, Verb, hex};
use serde::{Deserialize, Serialize};

use crate::content::{blank_context, blank_tree, content_digest};
use crate::event::Event;

/// The topic of the reaction that blanks the copies of a redacted object.
pub const REDACTION: &str = "redaction";

docket_kernel::entity! {
    /// A record that an object's content was erased.
    pub struct Redaction in "redaction" {
        table: { rank: 88, lock: Row(version), scope: environment_id, unique: [], asked: [], due: "due_at" },
        /// Its id: the environment and the id of the object, joined.
        id: Arc<str>,
        /// Its environment.
        environment_id: EnvironmentId,
        /// Its version.
        version: i64,
        /// The type of the object.
        object_type: String,
        /// The object, by the id the API shows.
        object_id: String,
        /// The redaction that included this one: for an inquiry, that of its account.
        cause_id: Option<Arc<str>>,
        /// The event that records it.
        event_id: Option<EventId>,
        /// The type of the actor who requested it.
        actor_type: String,
        /// The actor's id.
        actor_id: Option<String>,
        /// The actor's id as the API shows it.
        actor_shown: Option<String>,
        /// The request that started it.
        request_id: Option<String>,
        /// The time of the redaction: content up to then is erased.
        redacted_at: Moment,
        /// The remaining work.
        work: Json<Left>,
        /// What has been blanked so far.
        counts: Json<Counts>,
        /// How often a step failed.
        failures: i64,
        /// When the next step is due; `None` once all is done.
        due_at: Option<Moment>,
        /// The time when all was done.
        done_at: Option<Moment>,
        /// The time of the first redaction of the object.
        created_at: Moment,
    }
}

/// What a redaction has found and not blanked yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Left {
    /// Objects that are redacted with it, by the ids that the API shows.
    pub objects: Vec<String>,
    /// Files to remove.
    pub files: Vec<String>,
    /// Runs to blank, each with the ordinal of the first part of its history that is not blanked.
    pub runs: Vec<(String, i64)>,
}

impl Left {
    /// This, with the unfinished work of another redaction.
    fn with(&self, other: &Self) -> Self {
        let mut all = self.clone();
        all.objects.extend(other.objects.iter().cloned());
        all.files.extend(other.files.iter().cloned());
        all.runs.extend(other.runs.iter().cloned());
        all
    }
}

/// How many copies of each type a redaction blanked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Objects redacted with it.
    pub objects: i64,
    /// Events.
    pub events: i64,
    /// Runs.
    pub runs: i64,
    /// Parts of the histories of runs.
    pub segments: i64,
    /// Comments.
    pub comments: i64,
    /// Files.
    pub files: i64,
    /// Stored responses.
    pub answers: i64,
}

/// What became of some copies in one pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Blanked {
    /// How many copies were blanked or removed.
    pub copies: i64,
    /// How many rows changed, with those that only lead to copies.
    pub rows: i64,
    /// Whether there are more.
    pub more: bool,
}

impl Blanked {
    /// Counts a copy, if it was blanked.
    pub fn add(&mut self, was_blanked: bool) {
        self.copies += i64::from(was_blanked);
        self.rows += i64::from(was_blanked);
    }
}

/// The id of the redaction of an object.
pub fn redaction_key(environment: &EnvironmentId, id: &str) -> Arc<str> {
    Arc::from(format!("{environment}/{id}"))
}

/// The redaction of an object, if it was redacted.
pub fn redaction_of(work: &mut UnitOfWork, environment: &EnvironmentId, id: &str) -> Verb<Option<Arc<Redaction>>> {
    work.get::<Redaction>(&redaction_key(environment, id))
}

/// Records that an object is redacted now and has copies to blank: the first steps follow in the same commit. An
/// account that received new content is redacted again, in the same row.
pub fn begin_redaction(
    work: &mut UnitOfWork,
    actor: &Actor,
    (object_type, object_id): (&str, &str),
    (event_id, left): (Option<EventId>, Left),
    cause: Option<&Redaction>,
) -> Verb<()> {
    let (id, now) = (redaction_key(&actor.environment, object_id), work.now());
    let known = work.get::<Redaction>(&id)?;
    let (actor_type, actor_id) = actor.recorded();
    let row = Redaction {
        id: Arc::clone(&id),
        environment_id: actor.environment.clone(),
        version: 0,
        object_type: object_type.to_owned(),
        object_id: object_id.to_owned(),
        cause_id: cause.map(|cause| Arc::clone(&cause.id)),
        event_id,
        actor_type: cause.map_or_else(|| actor_type.to_owned(), |cause| cause.actor_type.clone()),
        actor_id: cause.map_or_else(|| actor_id.map(|id| id.as_ref().to_owned()), |cause| cause.actor_id.clone()),
        actor_shown: match cause {
            Some(cause) => cause.actor_shown.clone(),
            None => actor.shown().map(|(shown, _)| shown.as_ref().to_owned()),
        },
        request_id: actor.cause.request.as_ref().map(|request| request.as_str().to_owned()),
        redacted_at: now,
        work: Json::new(left),
        counts: Json::default(),
        failures: 0,
        due_at: Some(now),
        done_at: None,
        created_at: now,
    };
    match known {
        // What an earlier redaction found and has not blanked yet is found by no column any more.
        Some(known) => drop(work.change::<Redaction>(&id, |redaction| {
            let work = Json::new(row.work.with(&known.work));
            *redaction = Redaction { version: known.version, work, created_at: known.created_at, ..row };
        })?),
        None => drop(work.insert(row)),
    }
    work.queue(Task { topic: REDACTION, key: id });
    Ok(())
}

impl Redaction {
    /// The system as the actor, caused by this redaction.
    pub fn actor(&self) -> Actor {
        Actor::system(self.environment_id.clone()).because(Cause {
            event: self.event_id.clone(),
            request: self.request_id.as_ref().map(RequestId::of),
            ..Cause::default()
        })
    }

    /// The time of the newest content that the redaction covers; `None` for all. Only an account can receive new content.
    /// Clocks of nodes may differ, so for all other objects any content is covered, regardless of its time.
    pub fn reaches_until(&self) -> Option<Moment> {
        (self.object_type == "account").then_some(self.redacted_at)
    }

    /// Whether the redaction hides content that was written at this instant.
    pub fn hides(&self, written: Moment) -> bool {
        self.reaches_until().is_none_or(|until| written <= until)
    }
}

impl Event {
    /// Blanks the content for a redaction: the digest stays, and its salt is removed. An event from before digests were
    /// introduced gets a digest as its content is removed.
    pub fn blank(&mut self, redaction: &str, salt: [u8; 32]) {
        if self.digest.is_none() {
            self.digest = Some(content_digest(&hex(&salt[..SALT_BYTES]), &self.context, &self.payload));
        }
        self.salt = None;
        self.hide();
        self.redaction_id = Some(redaction.to_owned());
    }

    /// The event without the content that must not be shown once its object is redacted.
    #[must_use]
    pub fn hidden(&self) -> Self {
        let mut hidden = self.clone();
        hidden.hide();
        hidden
    }

    /// Removes the content that must not be shown.
    fn hide(&mut self) {
        self.content_of = None;
        self.context = Json::new(blank_context(&self.context));
        self.payload = Json::new(blank_tree(&self.payload));
    }
}

/// The length of a salt, in bytes.
pub(crate) const SALT_BYTES: usize = 16;

/// An event as it may be shown: without its content if its object was redacted since.
pub fn shown(work: &mut UnitOfWork, event: &Arc<Event>) -> Verb<Arc<Event>> {
    let Some(subject) = &event.content_of else { return Ok(Arc::clone(event)) };
    match redaction_of(work, &event.environment_id, subject)? {
        Some(redaction) if redaction.hides(event.created_at) => Ok(Arc::new(event.hidden())),
        _ => Ok(Arc::clone(event)),
    }
}

/// Declares that events will be shown, so that one load brings their redactions.
pub fn hint_shown(work: &mut UnitOfWork, events: &[Arc<Event>]) {
    for event in events {
        if let Some(subject) = &event.content_of {
            work.hint::<Redaction>(&redaction_key(&event.environment_id, subject));
        }
    }
}
