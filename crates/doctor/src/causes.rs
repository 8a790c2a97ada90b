//! Invariants between an event and its consequences: other events, runs, and the receipt of a vendor's event.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::io;

use docket_events::{Event, Origin};
use docket_kernel::{Entity, Table};
use docket_objects::{Receipt, is_own_id, is_own_type};
use docket_workflows::{CHAIN_RUNS_MAX, Run};
use serde_json::Value;

use crate::findings::Findings;
use crate::id::{Id, Word, Words};
use crate::settings::Workflows;

/// The parts of an event that are stored.
#[derive(Debug)]
struct KnownEvent {
    id: Id,
    environment: Word,
    depth: i64,
    /// A hash of its content.
    payload: u64,
    has_content: bool,
    is_redacted: bool,
    needs_receipt: bool,
}

/// A run that an event started.
#[derive(Debug)]
struct Started {
    id: Id,
    version: Word,
    depth: i64,
    /// A hash of the content that the run started with.
    trigger: u64,
    has_subject: bool,
    is_redacted: bool,
}

/// A row that names the event as its cause or as its own event.
#[derive(Debug)]
struct Follower {
    table: &'static Table,
    id: Id,
    environment: Word,
}

/// All rows that refer to the id of an event.
#[derive(Debug, Default)]
pub(crate) struct EventGroup {
    event: Option<Box<KnownEvent>>,
    started: Vec<Started>,
    followers: Vec<Follower>,
}

/// The vendor's own id of an event that a vendor reported.
pub(crate) fn vendor_event(event: &Event) -> Option<&str> {
    event.context.get("vendor-event-id").and_then(Value::as_str)
}

struct Digest(DefaultHasher);

impl io::Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A hash of a document, to compare it with another document.
pub(crate) fn digest(document: &Value) -> u64 {
    let mut digest = Digest(DefaultHasher::new());
    // Neither writing the value nor hashing can fail.
    drop(serde_json::to_writer(&mut digest, document));
    digest.0.finish()
}

/// What an event lacks, if anything: it records its actor, what exactly changed, and its object right after the change.
fn lacks(event: &Event) -> Option<String> {
    let of = |name: &str| event.payload.get(name).and_then(Value::as_str).unwrap_or_default();
    if (of("type"), of("id")) != (event.object_type.as_str(), event.object_id.as_str()) {
        return Some(format!(
            "its payload is of {} {}, and it of {} {}",
            of("type"),
            of("id"),
            event.object_type,
            event.object_id
        ));
    }
    let has_actor = match event.actor_type.as_str() {
        "system" => event.actor_id.is_none(),
        "user" | "api-key" | "case-assignment-policy" => event.actor_id.is_some(),
        "workflow-run" => event.actor_id.is_some() && event.actor_id == event.cause_run_id,
        _ => false,
    };
    if !has_actor {
        let (kind, id, run) = (&event.actor_type, &event.actor_id, &event.cause_run_id);
        return Some(format!("its actor is of type {kind}, with the id {id:?}, and it was caused by the run {run:?}"));
    }
    if event.name == "case.status-updated"
        && vendor_event(event).is_none()
        && (event.from_value.is_none() || event.to_value.is_none())
    {
        return Some(format!("it records a change from {:?} to {:?}", event.from_value, event.to_value));
    }
    None
}

/// Whether a source reported something that only Docket may record. A vendor's case has an id assigned by the vendor.
fn forged(event: &Event) -> Option<String> {
    if matches!(event.origin(), Origin::Docket { .. }) {
        return None;
    }
    let (kind, object) = (event.object_type.as_str(), event.object_id.as_str());
    let noun = event.name.split('.').next().unwrap_or_default();
    let is_own = |kind: &str| is_own_type(kind) && kind.split('/').next() != Some("case");
    let is_forged = is_own(kind) || is_own(noun) || is_own_id(object);
    is_forged.then(|| format!("a source reported {} of {kind} {object}, which only Docket may record", event.name))
}

impl EventGroup {
    /// Its approximate size in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
            + self.event.as_ref().map_or(0, |_| size_of::<KnownEvent>() + 16)
            + 2 * (self.started.len() * size_of::<Started>() + self.followers.len() * size_of::<Follower>())
    }

    /// Adds the event itself, and checks what can be checked on the event alone.
    pub fn take_event(
        &mut self,
        event: &Event,
        needs_receipt: bool,
        workflows: &Workflows,
        words: &mut Words,
        findings: &mut Findings,
    ) {
        let at = (Event::TABLE, event.id.as_str());
        if let Some(lacks) = lacks(event) {
            findings.add("event-is-whole", at.0, at.1, lacks);
        }
        if let Some(forged) = forged(event) {
            findings.add("source-events", at.0, at.1, forged);
        }
        if !(0..=CHAIN_RUNS_MAX).contains(&event.depth) {
            findings.add("depth", at.0, at.1, format_args!("its depth is {}, {CHAIN_RUNS_MAX} at most", event.depth));
        }
        let workflow = workflows.by_id.get(event.object_id.as_str());
        if let Some(workflow) = workflow.filter(|_| event.object_type == "workflow") {
            let (found, wanted) = (workflow.scope(), event.scope());
            findings.same("same-environment", at, "its object's environment", &found, &wanted);
        }
        self.event = Some(Box::new(KnownEvent {
            id: Id::of(event.id.as_str()),
            environment: words.add(&event.scope()),
            depth: event.depth,
            payload: digest(&event.payload),
            has_content: event.content_of.is_some(),
            is_redacted: event.is_blank(),
            needs_receipt,
        }));
    }

    /// Adds a row that names the event.
    pub fn take_follower(&mut self, table: &'static Table, id: &str, environment: Word) {
        self.followers.push(Follower { table, id: Id::of(id), environment });
    }

    /// Adds a run that the event started.
    pub fn take_started(&mut self, run: &Run, words: &mut Words) {
        self.started.push(Started {
            id: Id::of(run.id.as_str()),
            version: words.add(run.version_id.as_str()),
            depth: run.depth,
            trigger: digest(&run.trigger),
            has_subject: run.subject_id.is_some(),
            is_redacted: run.redaction_id.is_some() || run.retained_at.is_some(),
        });
    }

    /// Checks the group.
    pub fn judge(&self, words: &Words, findings: &mut Findings) {
        self.followers(words, findings);
        self.started(findings);
        let receipts = self.followers.iter().filter(|follower| *follower.table == *Receipt::TABLE).count();
        if let Some(event) = self.event.as_ref().filter(|event| event.needs_receipt && receipts == 0) {
            let said = "it is the event of a vendor and has no receipt";
            findings.add("vendor-event-once", Event::TABLE, &event.id.to_string(), said);
        }
    }

    fn followers(&self, words: &Words, findings: &mut Findings) {
        for follower in &self.followers {
            let (table, id) = (follower.table, follower.id.to_string());
            match &self.event {
                Some(event) => {
                    let (found, wanted) = (words.get(event.environment), words.get(follower.environment));
                    let what = "the environment of the event it names";
                    findings.same("same-environment", (table, &id), what, found, wanted);
                }
                None => findings.add("cause-is-there", table, &id, "the event it names is not there"),
            }
        }
    }

    /// Checks that an event starts at most one run per version, one deeper, with the event's content as its trigger.
    fn started(&self, findings: &mut Findings) {
        let mut by_version: BTreeMap<Word, &Id> = BTreeMap::new();
        for run in &self.started {
            let id = run.id.to_string();
            let at = (Run::TABLE, id.as_str());
            if let Some(other) = by_version.insert(run.version, &run.id) {
                findings.add("one-run-per-event", at.0, at.1, format_args!("{other} was started by its event too"));
            }
            let Some(event) = &self.event else {
                findings.add("cause-is-there", at.0, at.1, "the event that started it is not there");
                continue;
            };
            findings.same("depth", at, "its depth", &run.depth, &(event.depth + 1));
            let is_blank = run.is_redacted || event.is_redacted || run.has_subject != event.has_content;
            if !is_blank && run.trigger != event.payload {
                let said = format_args!("its trigger is not the content of event {}", event.id);
                findings.add("trigger-is-kept", at.0, at.1, said);
            }
        }
    }
}
