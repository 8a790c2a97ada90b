//! The clients' record, and the checks against the database: nothing acknowledged is lost, nothing is stored without a
//! command, and a command with an unknown outcome happened once or not at all.

use std::collections::{BTreeMap, BTreeSet};

use docket_doctor::RowSource;
use docket_events::Event;
use docket_kernel::{CaseId, Entity, RefusalKind, Row, RowError, Table};
use docket_workflows::definition::Program;
use docket_workflows::{
    CHAIN_RUNS_MAX, NamedField, NamedStatus, Run, RunState, Segment, Version, Workflow, WorkflowState, fields_named,
    statuses_named,
};

use crate::database::State;
use crate::plan::{Effect, Expectation};
use crate::world::Tenant;

/// The outcome of a command, from the view of its client.
#[derive(Clone, Debug)]
pub enum Answer {
    Done(Effect),
    Refused(RefusalKind, String, String),
    /// Certainly not done.
    NotDone(#[expect(dead_code, reason = "for the replay of a seed")] &'static str),
    Unknown,
}

/// A command and its outcome.
#[derive(Clone, Debug)]
pub struct Entry {
    pub request: String,
    pub name: &'static str,
    pub about: Expectation,
    pub main: &'static [&'static str],
    pub there: Option<CaseId>,
    pub asked_at: u64,
    pub answered_at: u64,
    pub answer: Answer,
}

/// The record of all clients.
#[derive(Clone, Debug, Default)]
pub struct Journal(pub Vec<Entry>);

impl RowSource for State {
    fn each(&self, table: &'static Table, take: &mut dyn FnMut(Row) -> Result<(), RowError>) -> Result<(), RowError> {
        let rows = self.tables.get(table.name).into_iter().flat_map(|kept| kept.rows.values());
        rows.cloned().try_for_each(take)
    }
}

/// Every row of a table, with its type.
pub fn all<E: Entity>(state: &State) -> Vec<E> {
    let rows = state.tables.get(E::TABLE.name).into_iter().flat_map(|kept| kept.rows.values());
    rows.map(|row| E::decode(row.clone()).expect("a row of ours")).collect()
}

/// Returns all violations.
pub fn judge(state: &State, before: &State, journal: &Journal, places: &[Tenant]) -> Vec<String> {
    let mut wrong: Vec<String> = state.violations.clone();
    match docket_doctor::examine(state) {
        Ok(violations) => wrong.extend(violations.iter().map(ToString::to_string)),
        Err(error) => wrong.push(format!("readable: {error}")),
    }
    let events: Vec<Event> = all(state);
    let mut judge = Judge { state, events: &events, wrong: &mut wrong };
    judge.roots(before, journal);
    judge.acknowledged(journal);
    judge.answers(journal);
    judge.switched_off(journal);
    judge.at_rest();
    judge.watched(places);
    judge.named();
    wrong
}

struct Judge<'j> {
    state: &'j State,
    events: &'j [Event],
    wrong: &'j mut Vec<String>,
}

impl Judge<'_> {
    /// The events that commands recorded themselves: exactly as many as acknowledged, and none without a command.
    fn roots(&mut self, before: &State, journal: &Journal) {
        let mut roots: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
        for event in self.events.iter().filter(|e| e.cause_event_id.is_none() && e.cause_run_id.is_none()) {
            match &event.request_id {
                Some(request) => roots.entry(request).or_default().push(event),
                None if before.row(Event::TABLE, event.id.as_str()).is_some() => {}
                None => {
                    self.wrong.push(format!("intended: event {} ({}) has no request", event.id, event.name));
                }
            }
        }
        for entry in &journal.0 {
            let own = roots.remove(entry.request.as_str()).unwrap_or_default();
            let main = own.iter().filter(|event| entry.main.contains(&event.name.as_str()));
            let main = if entry.name == "change-template" {
                own.iter().filter(|event| event.name == "case-template.updated").count()
            } else {
                main.count()
            };
            let is_right = match &entry.answer {
                Answer::Done(effect) => main == effect.events,
                Answer::Unknown => main <= 1,
                Answer::Refused(..) | Answer::NotDone(_) => own.is_empty(),
            };
            if !is_right {
                let names: Vec<_> = own.iter().map(|event| event.name.as_str()).collect();
                let Entry { request, name, answer, .. } = entry;
                self.wrong.push(format!("once: {request} {name} was answered {answer:?} and recorded {names:?}"));
            }
        }
        for (request, events) in roots {
            self.wrong.push(format!("intended: {} events of the unknown request {request}", events.len()));
        }
    }

    /// What was acknowledged is stored.
    fn acknowledged(&mut self, journal: &Journal) {
        for entry in &journal.0 {
            let Answer::Done(effect) = &entry.answer else { continue };
            for (table, key) in &effect.rows {
                if !self.state.tables.get(table).is_some_and(|kept| kept.rows.contains_key(key)) {
                    self.wrong.push(format!(
                        "acknowledged: {} {} created {table} {key}, which is missing",
                        entry.request, entry.name
                    ));
                }
            }
            if let Some((case, version, to)) = &effect.moved {
                let is_it = |event: &&Event| {
                    event.object_id == **case && event.object_version == *version && event.to_value.as_ref() == Some(to)
                };
                if !self.events.iter().any(|event| is_it(&event)) {
                    let request = &entry.request;
                    self.wrong.push(format!(
                        "acknowledged: {request} moved {case} to {to} at version {version}, without an event"
                    ));
                }
            }
        }
    }

    /// No response is an internal error, and no command reaches another environment.
    fn answers(&mut self, journal: &Journal) {
        for entry in &journal.0 {
            let Entry { request, name, answer, about, .. } = entry;
            match answer {
                Answer::Refused(kind, code, sentence) if *kind == RefusalKind::Internal || code == "conflict" => {
                    self.wrong.push(format!("no-mistakes: {request} {name} was refused with {code}: {sentence}"));
                }
                Answer::Refused(RefusalKind::Unknown, _, sentence)
                    if entry.there.as_ref().is_some_and(|case| sentence.contains(case.as_str())) =>
                {
                    self.wrong
                        .push(format!("what-is-there: {request} {name} was refused: {sentence}, but the case exists"));
                }
                Answer::Done(_) if *about == Expectation::Foreign => {
                    self.wrong.push(format!("own-environment: {request} reached into another environment"));
                }
                _ => {}
            }
        }
        for segment in all::<Segment>(self.state) {
            for step in segment.steps.iter().filter(|step| step.error.as_ref().is_some_and(|e| e.code == "internal")) {
                let details = step.error.as_ref().map_or("", |error| &error.details);
                self.wrong
                    .push(format!("no-mistakes: step {} of run {} failed with: {details}", step.id, segment.run_id));
            }
        }
    }

    /// An event after a workflow was certainly off, and before it could be on again, did not start it.
    fn switched_off(&mut self, journal: &Journal) {
        let runs: Vec<Run> = all(self.state);
        let offs = journal.0.iter().filter(|entry| matches!(entry.answer, Answer::Done(_)));
        for off in offs {
            let Expectation::Off(workflow) = &off.about else { continue };
            let on_again = journal.0.iter().filter(|entry| entry.about == Expectation::On(workflow.clone()));
            let is_on = |from: u64, to: u64| {
                let mut may = on_again.clone();
                may.any(|on| {
                    let end = if matches!(on.answer, Answer::Unknown) { u64::MAX } else { on.answered_at };
                    on.asked_at <= to && end >= from
                })
            };
            for entry in journal.0.iter().filter(|entry| entry.asked_at > off.answered_at) {
                let end = if matches!(entry.answer, Answer::Unknown) { u64::MAX } else { entry.answered_at };
                if is_on(off.asked_at, end) {
                    continue;
                }
                // Later consequences of the event may come when the workflow is on again.
                let is_root = |event: &Event| event.cause_event_id.is_none() && event.cause_run_id.is_none();
                let own = |event: &&Event| event.request_id.as_ref() == Some(&entry.request) && is_root(event);
                for event in self.events.iter().filter(own) {
                    let started = runs
                        .iter()
                        .find(|r| r.workflow_id == *workflow && r.cause_event_id.as_ref() == Some(&event.id));
                    if let Some(run) = started {
                        let (id, off) = (&run.id, &off.request);
                        self.wrong.push(format!(
                            "switched-off: {workflow} was off since {off}, and {} started {id}",
                            entry.request
                        ));
                    }
                }
            }
        }
    }

    /// No run is under way.
    fn at_rest(&mut self) {
        for run in all::<Run>(self.state) {
            if run.state == RunState::Running {
                self.wrong.push(format!("at-rest: run {} is still running, due at {:?}", run.id, run.due_at));
            }
        }
    }

    /// A workflow that listens without a condition misses no event: each one has its run, or the reason why not.
    fn watched(&mut self, places: &[Tenant]) {
        let runs: Vec<Run> = all(self.state);
        for place in places {
            let watcher = place.workflow("watcher");
            let names = ["case.resolved", "case.reopened", "workflow-run.errored", "workflow-run.refused"];
            let here = self.events.iter().filter(|event| event.environment_id == place.environment);
            for event in here.filter(|event| names.contains(&event.name.as_str())) {
                let own = runs.iter().filter(|run| run.workflow_id == watcher.id);
                let started = own.filter(|run| run.cause_event_id.as_ref() == Some(&event.id)).count();
                let wanted = usize::from(event.depth < CHAIN_RUNS_MAX);
                if started != wanted {
                    let Event { id, name, depth, .. } = event;
                    self.wrong.push(format!("nothing-missed: {name} {id} at depth {depth} started {started} runs of the watcher, not {wanted}"));
                }
            }
        }
    }

    /// The stored uses of statuses and fields match the live versions: a removal lists every workflow that names it.
    fn named(&mut self) {
        let engine = docket_steps::engine();
        let versions: BTreeMap<String, Version> =
            all::<Version>(self.state).into_iter().map(|version| (version.id.to_string(), version)).collect();
        let mut kept: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in all::<NamedStatus>(self.state) {
            kept.entry(row.workflow_id.to_string()).or_default().insert(row.folded);
        }
        let mut kept_of_fields: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for row in all::<NamedField>(self.state) {
            kept_of_fields.entry(row.workflow_id.to_string()).or_default().insert(row.named);
        }
        for workflow in all::<Workflow>(self.state) {
            let live = workflow.live_version_id.filter(|_| workflow.state != WorkflowState::Archived);
            let program = live.and_then(|live| Program::from_json(&versions.get(live.as_str())?.definition).ok());
            let fields = program.as_ref().map(|program| fields_named(&engine, program)).unwrap_or_default();
            let found = kept_of_fields.remove(workflow.id.as_str()).unwrap_or_default();
            if found != fields {
                let id = &workflow.id;
                self.wrong.push(format!("named-fields: {found:?} are kept of workflow {id}, which names {fields:?}"));
            }
            let wanted = program.map(|program| statuses_named(&engine, &program)).unwrap_or_default();
            let found = kept.remove(workflow.id.as_str()).unwrap_or_default();
            if found != wanted {
                let id = &workflow.id;
                self.wrong.push(format!("named-statuses: {found:?} are kept of workflow {id}, which names {wanted:?}"));
            }
        }
    }
}
