//! What must hold of events: each has its cause, none is of a step that was undone, no chain is too long.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use docket_events::Event;
use docket_kernel::Entity;
use docket_objects::Receipt;
use docket_workflows::CHAIN_RUNS_MAX;
use serde_json::Value;

use crate::{Doctor, Findings};

/// What is kept of an event while everything is looked at.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub environment: Arc<str>,
    pub name: String,
    pub object_type: String,
    pub object_id: String,
    pub version: i64,
    pub cause_event: Option<Arc<str>>,
    pub cause_run: Option<String>,
    pub cause_step: Option<String>,
    pub depth: i64,
    pub from: Option<String>,
    pub to: Option<String>,
    /// The status the object had right after.
    pub status: Option<String>,
    /// The ids of the objects a case held right after.
    pub held: BTreeSet<String>,
    pub vendor_event: Option<String>,
    /// The object as it was, in one number.
    pub payload: u64,
    /// What it should tell and does not.
    pub lacks: Option<String>,
}

/// The vendor's own id of an event that a vendor told.
fn vendor_event(event: &Event) -> Option<&str> {
    event.context.get("vendor-event-id").and_then(Value::as_str)
}

/// A document in one number, to see whether another is the same.
pub(crate) fn digest(document: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    document.to_string().hash(&mut hasher);
    hasher.finish()
}

/// An event says by whom, what exactly changed, and how its object was right after.
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

const RELATIONS: [&str; 6] = ["accounts", "inquiries", "reports", "verifications", "transactions", "documents"];

impl Told {
    pub fn of(event: &Event) -> Self {
        let ids = |name: &str| event.payload.get(name).and_then(Value::as_array).into_iter().flatten();
        let held = RELATIONS.iter().flat_map(|name| ids(name)).filter_map(|related| related.get("id")?.as_str());
        Self {
            environment: event.scope(),
            name: event.name.clone(),
            object_type: event.object_type.clone(),
            object_id: event.object_id.clone(),
            version: event.object_version,
            cause_event: event.cause_event_id.as_ref().map(docket_kernel::EventId::key),
            cause_run: event.cause_run_id.clone(),
            cause_step: event.cause_step.clone(),
            depth: event.depth,
            from: event.from_value.clone(),
            to: event.to_value.clone(),
            status: event.payload.get("status").and_then(Value::as_str).map(str::to_owned),
            held: held.map(str::to_owned).collect(),
            vendor_event: vendor_event(event).map(str::to_owned),
            payload: digest(&event.payload),
            lacks: lacks(event),
        }
    }

    /// Whether it stands at the version of another event: what follows from a change of status, and a failed step, which
    /// changes nothing.
    pub fn is_consequence(&self) -> bool {
        matches!(self.name.as_str(), "case.resolved" | "case.reopened" | "case.step-failed")
    }
}

impl Doctor {
    pub(crate) fn events(&self, findings: &mut Findings) {
        let mut by_step: BTreeMap<(&str, &str), Vec<&Arc<str>>> = BTreeMap::new();
        for (id, event) in &self.events {
            self.cause(id, event, findings);
            if let (Some(run), Some(step)) = (&event.cause_run, &event.cause_step) {
                by_step.entry((run, step)).or_default().push(id);
            }
        }
        self.steps_tell_their_events(&by_step, findings);
        self.receipts(findings);
    }

    fn cause(&self, id: &str, event: &Told, findings: &mut Findings) {
        let at = (Event::TABLE, id);
        if let Some(lacks) = &event.lacks {
            findings.add("event-is-whole", at.0, at.1, lacks);
        }
        let object = match event.object_type.as_str() {
            "case" => self.cases.get(event.object_id.as_str()).map(Entity::scope),
            "workflow-run" => self.runs.get(event.object_id.as_str()).map(Entity::scope),
            "workflow" => self.workflows.get(event.object_id.as_str()).map(Entity::scope),
            _ => None,
        };
        if let Some(object) = object {
            findings.same("same-environment", at, "its object's environment", &object, &event.environment);
        }
        if let Some(cause) = &event.cause_event {
            match self.events.get(cause) {
                Some(cause) => {
                    findings.same(
                        "same-environment",
                        at,
                        "its cause's environment",
                        &cause.environment,
                        &event.environment,
                    );
                }
                None => findings.add("cause-is-there", at.0, at.1, format_args!("its cause {cause} is not there")),
            }
        }
        if let Some(run) = &event.cause_run {
            match self.runs.get(run.as_str()) {
                Some(run) => {
                    let environment = run.environment_id.key();
                    findings.same("same-environment", at, "its run's environment", &environment, &event.environment);
                    // The first event of a run stands as deep as the run it tells of, not as the one that woke it.
                    let begun = self.runs.get(event.object_id.as_str());
                    let told = begun.filter(|_| event.name == "workflow-run.created").unwrap_or(run);
                    findings.same("depth", at, "its depth", &event.depth, &told.depth);
                }
                None => findings.add("cause-is-there", at.0, at.1, format_args!("its run {run} is not there")),
            }
        }
        if !(0..=CHAIN_RUNS_MAX).contains(&event.depth) {
            findings.add("depth", at.0, at.1, format_args!("its depth is {}, {CHAIN_RUNS_MAX} at most", event.depth));
        }
    }

    /// Each step lists the events it caused, and no other event says it was caused by that step: an event of a step
    /// that was undone is nobody's.
    fn steps_tell_their_events(&self, by_step: &BTreeMap<(&str, &str), Vec<&Arc<str>>>, findings: &mut Findings) {
        let mut told: BTreeMap<(&str, &str), BTreeSet<Arc<str>>> = BTreeMap::new();
        for (run, segments) in &self.segments {
            for step in segments.iter().flat_map(|segment| segment.steps.iter()) {
                let events = told.entry((run, &step.id)).or_default();
                events.extend(step.events.iter().map(docket_kernel::EventId::key));
            }
        }
        for ((run, step), events) in &told {
            let known: BTreeSet<Arc<str>> =
                by_step.get(&(*run, *step)).into_iter().flatten().map(|id| Arc::clone(id)).collect();
            let at = format!("{run} step {step}");
            findings.same("events-of-steps", (docket_workflows::Run::TABLE, &at), "what it caused", events, &known);
        }
        for ((run, step), events) in by_step.iter().filter(|(step, _)| !told.contains_key(*step)) {
            for event in events {
                let words = format!("it is of step {step} of run {run}, which has no such step");
                findings.add("events-of-steps", Event::TABLE, event, words);
            }
        }
    }

    /// A vendor's event is taken in once: one receipt, one event.
    fn receipts(&self, findings: &mut Findings) {
        let mut seen: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let mut receipted: BTreeSet<Arc<str>> = BTreeSet::new();
        for receipt in &self.receipts {
            let at = (Receipt::TABLE, receipt.id.as_str());
            let key = (receipt.environment_id.as_str(), receipt.receipt_key.as_str());
            if let Some(other) = seen.insert(key, receipt.id.as_str()) {
                findings.add("vendor-event-once", at.0, at.1, format_args!("{} was taken in by {other} too", key.1));
            }
            let Some(id) = &receipt.event_id else { continue };
            receipted.insert(id.key());
            match self.events.get(id.as_str()) {
                None => findings.add("cause-is-there", at.0, at.1, format_args!("its event {id} is not there")),
                Some(event) => {
                    let environment = receipt.environment_id.key();
                    findings.same("same-environment", at, "its event's environment", &event.environment, &environment);
                }
            }
        }
        for (id, event) in self.events.iter().filter(|(id, _)| !receipted.contains(*id)) {
            if let Some(vendor) = &event.vendor_event {
                let words = format!("it is the vendor's event {vendor} and has no receipt");
                findings.add("vendor-event-once", Event::TABLE, id, words);
            }
        }
    }
}
