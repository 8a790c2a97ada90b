//! What must hold of workflows and runs: nothing in limbo, no gap in a history, every step where its version has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_kernel::{Entity, fold};
use docket_workflows::definition::{Node, Program};
use docket_workflows::trigger::On;
use docket_workflows::{
    CHAIN_RUNS_MAX, NamedStatus, Run, RunState, Segment, StepRun, StepState, Subscription, Workflow, WorkflowState,
};
use serde_json::Value;

use crate::events::{Told, digest};
use crate::{Doctor, Findings};

impl Doctor {
    /// What listens is what the live version names, no more and no less.
    pub(crate) fn workflows(&self, findings: &mut Findings) {
        let mut listening: BTreeMap<&str, Vec<&Subscription>> = BTreeMap::new();
        for row in &self.subscriptions {
            listening.entry(row.workflow_id.as_str()).or_default().push(row);
        }
        for (id, workflow) in &self.workflows {
            let at = (Workflow::TABLE, id.as_ref());
            let is_paused = workflow.state == WorkflowState::Paused;
            let live = workflow.live_version_id.as_ref().filter(|_| workflow.state != WorkflowState::Archived);
            let program = live.and_then(|live| self.program(live.as_str(), findings));
            let wanted: Vec<(String, bool)> = match program.as_ref().map(|program| &program.trigger().on) {
                Some(On::Events(names)) => {
                    names.iter().cloned().collect::<BTreeSet<_>>().into_iter().map(|name| (name, is_paused)).collect()
                }
                _ => Vec::new(),
            };
            let rows = listening.remove(id.as_ref()).unwrap_or_default();
            let mut found: Vec<_> = rows.iter().map(|row| (row.event_name.clone(), row.is_paused)).collect();
            found.sort();
            findings.same("subscriptions", at, "what it listens to, and whether it is paused,", &found, &wanted);
            if let Some(row) = rows.iter().find(|row| Some(&row.version_id) != workflow.live_version_id.as_ref()) {
                findings.add(
                    "subscriptions",
                    at.0,
                    at.1,
                    format_args!("version {} listens and is not live", row.version_id),
                );
            }
            let numbers = self.versions.values().filter(|version| version.workflow_id == workflow.id);
            let published = i64::try_from(numbers.count()).unwrap_or(i64::MAX);
            findings.same("versions", at, "the number of its versions", &published, &workflow.published_count);
        }
    }

    /// What is kept as named by a workflow stands in its live version.
    pub(crate) fn named_statuses(&self, findings: &mut Findings) {
        let mut texts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for row in &self.named_statuses {
            let workflow = self.workflows.get(row.workflow_id.as_str());
            let live = workflow
                .filter(|workflow| workflow.state != WorkflowState::Archived)
                .and_then(|workflow| self.versions.get(workflow.live_version_id.as_ref()?.as_str()));
            let texts = texts.entry(row.workflow_id.as_str()).or_insert_with(|| {
                let mut texts = BTreeSet::new();
                if let Some(version) = live {
                    take_texts(&version.definition, &mut texts);
                }
                texts
            });
            if !texts.contains(&row.folded) {
                let words = format_args!("no live version of workflow {} names '{}'", row.workflow_id, row.folded);
                findings.add("named-statuses", NamedStatus::TABLE, &row.id, words);
            }
        }
    }

    fn program(&self, version: &str, findings: &mut Findings) -> Option<Program> {
        let version = self.versions.get(version)?;
        match Program::from_json(&version.definition) {
            Ok(program) => Some(program),
            Err(problems) => {
                let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
                findings.add("versions", docket_workflows::Version::TABLE, version.id.as_str(), first);
                None
            }
        }
    }

    pub(crate) fn runs(&self, findings: &mut Findings) {
        let mut programs: BTreeMap<&str, Option<Program>> = BTreeMap::new();
        let mut started: BTreeMap<(&str, &str), &str> = BTreeMap::new();
        let mut told: BTreeMap<&str, Vec<&Told>> = BTreeMap::new();
        for event in self.events.values().filter(|event| event.object_type == "workflow-run") {
            told.entry(&event.object_id).or_default().push(event);
        }
        let changed = self.changes_by_step();
        for (id, run) in &self.runs {
            let at = (Run::TABLE, id.as_ref());
            if let Some(event) = run.cause_event_id.as_ref().filter(|_| run.start_key.is_some()) {
                if let Some(other) = started.insert((run.version_id.as_str(), event.as_str()), id) {
                    findings.add("one-run-per-event", at.0, at.1, format_args!("{other} was started by {event} too"));
                }
                self.started(run, event.as_str(), findings);
            }
            state(run, told.get(id.as_ref()).map_or(&[], Vec::as_slice), findings);
            let steps = self.history(run, findings);
            for step in &steps {
                is_whole(run, step, findings);
            }
            changes(run, &steps, &changed, findings);
            let program = programs
                .entry(run.version_id.as_str())
                .or_insert_with(|| self.program(run.version_id.as_str(), findings));
            if let Some(program) = program {
                walk(run, program, &steps, findings);
            }
        }
        for (run, segments) in self.segments.iter().filter(|(run, _)| !self.runs.contains_key(*run)) {
            findings.add("parent-is-there", Segment::TABLE, run, format_args!("{} segments of no run", segments.len()));
        }
    }

    fn started(&self, run: &Run, event: &str, findings: &mut Findings) {
        let at = (Run::TABLE, run.id.as_str());
        let Some(cause) = self.events.get(event) else {
            findings.add("cause-is-there", at.0, at.1, format_args!("the event {event} that started it is not there"));
            return;
        };
        findings.same("depth", at, "its depth", &run.depth, &(cause.depth + 1));
        if digest(&run.trigger) != cause.payload {
            findings.add(
                "trigger-is-kept",
                at.0,
                at.1,
                format_args!("its trigger is not the content of event {event}"),
            );
        }
        let version = self.versions.get(run.version_id.as_str());
        findings.same(
            "parent-is-there",
            at,
            "the workflow of its version",
            &version.map(|v| &v.workflow_id),
            &Some(&run.workflow_id),
        );
    }

    /// The steps of a run in order, its segments being without a gap.
    fn history(&self, run: &Run, findings: &mut Findings) -> Vec<Arc<StepRun>> {
        let at = (Run::TABLE, run.id.as_str());
        let mut segments: Vec<&Segment> = self.segments.get(run.id.as_str()).into_iter().flatten().collect();
        segments.sort_by_key(|segment| segment.ordinal);
        let ordinals: Vec<i64> = segments.iter().map(|segment| segment.ordinal).collect();
        let wanted: Vec<i64> = (0..run.progress.segments).collect();
        findings.same("segments", at, "the ordinals of its segments", &ordinals, &wanted);
        if let Some(empty) = segments.iter().find(|segment| segment.steps.is_empty()) {
            findings.add("segments", Segment::TABLE, empty.id.as_str(), "it has no steps");
        }
        segments.iter().flat_map(|segment| segment.steps.iter().cloned()).collect()
    }

    /// The changes of status that each step of each run says it made.
    fn changes_by_step(&self) -> BTreeMap<(&str, &str), Vec<&Told>> {
        let mut changes: BTreeMap<(&str, &str), Vec<&Told>> = BTreeMap::new();
        for event in self.events.values().filter(|event| event.name == "case.status-updated") {
            if let (Some(run), Some(step)) = (&event.cause_run, &event.cause_step) {
                changes.entry((run, step)).or_default().push(event);
            }
        }
        changes
    }
}

/// Running, it is due; ended, it has an outcome and stays so.
fn state(run: &Run, told: &[&Told], findings: &mut Findings) {
    let at = (Run::TABLE, run.id.as_str());
    let runs = run.state == RunState::Running;
    findings.same("no-limbo", at, "whether it is due", &run.due_at.is_some(), &runs);
    findings.same("no-limbo", at, "whether it has ended", &run.completed_at.is_some(), &!runs);
    if !(1..=CHAIN_RUNS_MAX).contains(&run.depth) {
        findings.add("depth", at.0, at.1, format_args!("its depth is {}, {CHAIN_RUNS_MAX} at most", run.depth));
    }
    let mut found: Vec<(&str, i64)> = told.iter().map(|event| (event.name.as_str(), event.version)).collect();
    found.sort_by_key(|(_, version)| *version);
    let mut wanted = vec![("workflow-run.created", 1)];
    match run.state {
        RunState::Running => {}
        RunState::Errored => wanted.push(("workflow-run.errored", run.version)),
        RunState::Completed | RunState::CompletedWithErrors => wanted.push(("workflow-run.completed", run.version)),
    }
    findings.same("events-of-runs", at, "its events", &found, &wanted);
}

/// A step says what it was given, and either what it gave or why it failed.
fn is_whole(run: &Run, step: &StepRun, findings: &mut Findings) {
    let at = format!("{} step {}", run.id, step.id);
    let failed = matches!(step.state, StepState::Failed | StepState::Continued);
    findings.same("steps-are-whole", (Run::TABLE, &at), "whether it has an error", &step.error.is_some(), &failed);
    if step.state == StepState::Succeeded {
        let is_given = step.input.is_object() || step.input.is_array();
        findings.same("steps-are-whole", (Run::TABLE, &at), "whether it says what it was given", &is_given, &true);
    }
}

/// A step that set a status, and says that this was a change, has one event of that change; any other has none.
fn changes(run: &Run, steps: &[Arc<StepRun>], changed: &BTreeMap<(&str, &str), Vec<&Told>>, findings: &mut Findings) {
    for step in steps.iter().filter(|step| step.r#do == "case.update_status") {
        let events = changed.get(&(run.id.as_str(), step.id.as_str())).map_or(&[][..], Vec::as_slice);
        let says = step.state == StepState::Succeeded && step.output["changed"] == true;
        let found: Vec<_> = events.iter().map(|event| (event.from.as_deref(), event.to.as_deref())).collect();
        let wanted = if says {
            vec![(step.output["previous_status"].as_str(), step.output["status"].as_str())]
        } else {
            Vec::new()
        };
        let at = format!("{} step {}", run.id, step.id);
        findings.same("status-of-steps", (Run::TABLE, &at), "what it changed", &found, &wanted);
    }
}

/// Follows a run's history through its version: each step where the one before leads, and the end where they end.
fn walk(run: &Run, program: &Program, steps: &[Arc<StepRun>], findings: &mut Findings) {
    let at = (Run::TABLE, run.id.as_str());
    let mut here: Option<&Node> = program.first();
    let mut failed = 0;
    for (place, step) in steps.iter().enumerate() {
        findings.same(
            "steps-of-version",
            at,
            &format!("its step {place}"),
            &Some(step.id.as_str()),
            &here.map(|node| node.id.as_str()),
        );
        let Some(node) = here.filter(|node| node.id == step.id) else { return };
        let takes = |label: &str| node.routes().iter().position(|route| route.label == label);
        here = match step.output["route"].as_str().and_then(takes) {
            Some(route) if !node.routes().is_empty() => program.enter(node, route),
            _ => program.next_after(node),
        };
        failed += usize::from(step.state == StepState::Continued);
        if step.state == StepState::Failed {
            findings.same("outcome", at, "its state after a step that stops it", &run.state, &RunState::Errored);
            findings.same(
                "outcome",
                at,
                "the number of steps after the one that stopped it",
                &(steps.len() - place - 1),
                &0,
            );
            return;
        }
    }
    match run.state {
        RunState::Running => {}
        RunState::Errored => findings.add("outcome", at.0, at.1, "it is errored, and none of its steps stopped it"),
        RunState::Completed | RunState::CompletedWithErrors => {
            findings.same(
                "outcome",
                at,
                "where it would go on after its end",
                &here.map(|node| node.id.as_str()),
                &None,
            );
            let completed_with_errors = run.state == RunState::CompletedWithErrors;
            findings.same("outcome", at, "whether it completed with errors", &completed_with_errors, &(failed > 0));
        }
    }
}

/// Every text of a definition, as names are compared.
fn take_texts(value: &Value, texts: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(texts.insert(fold(text))),
        Value::Array(items) => items.iter().for_each(|item| take_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| take_texts(member, texts)),
        _ => {}
    }
}
