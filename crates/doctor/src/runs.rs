//! Invariants of runs: no run is in limbo, no history has a gap, and the steps follow the definition of the version.

use std::collections::{BTreeMap, BTreeSet};

use docket_events::Event;
use docket_kernel::{Entity, Table};
use docket_workflows::{CHAIN_RUNS_MAX, Run, RunState, Segment, StepRun, StepState, Version};

use crate::findings::Findings;
use crate::id::{Id, Word, Words};
use crate::row::Raw;
use crate::settings::{Outline, OutlineStep, Workflows};

/// The parts of a run that are stored.
#[derive(Debug)]
struct KnownRun {
    id: Id,
    environment: Word,
    workflow: Word,
    version_id: Word,
    version: i64,
    state: RunState,
    is_due: bool,
    has_ended: bool,
    depth: i64,
    segments: i64,
    /// Whether the redaction that blanked it is done; `None` if it is not redacted.
    redaction: Option<bool>,
    /// Whether the retention policy blanked it.
    is_retained: bool,
}

/// The parts of a segment of history that are stored.
#[derive(Debug)]
struct KnownSegment {
    id: Id,
    environment: Word,
    ordinal: i64,
    is_redacted: bool,
    is_retained: bool,
    steps: Vec<KnownStep>,
}

/// The parts of an executed step that are stored.
#[derive(Debug)]
struct KnownStep {
    id: Word,
    state: StepState,
    has_error: bool,
    has_input: bool,
    is_status_update: bool,
    /// The route it took.
    route: Word,
    /// The status change that its output reports.
    change: Option<(Word, Word)>,
    events: Vec<Id>,
}

/// The parts of an event about the run that are stored.
#[derive(Debug)]
struct ToldOfIt {
    id: Id,
    environment: Word,
    name: Word,
    version: i64,
    depth: i64,
    is_caused_by_run: bool,
}

/// The parts of an event that the run caused that are stored.
#[derive(Debug)]
struct Caused {
    id: Id,
    environment: Word,
    step: Word,
    depth: i64,
    /// Whether it records the start of a run; such an event has the depth of that run.
    is_beginning: bool,
    /// Old and new status, for a status change.
    change: Option<(Word, Word)>,
}

/// All rows that refer to the id of a run.
#[derive(Debug, Default)]
pub(crate) struct RunGroup {
    run: Option<KnownRun>,
    /// Whether it waits for a person.
    is_parked: bool,
    segments: Vec<KnownSegment>,
    told: Vec<ToldOfIt>,
    caused: Vec<Caused>,
}

impl RunGroup {
    /// Its approximate size in bytes.
    pub fn weight(&self) -> usize {
        let steps = self.segments.iter().flat_map(|segment| &segment.steps);
        let steps: usize = steps.map(|step| size_of::<KnownStep>() + step.events.len() * size_of::<Id>()).sum();
        let rows = self.segments.len() * size_of::<KnownSegment>()
            + self.told.len() * size_of::<ToldOfIt>()
            + self.caused.len() * size_of::<Caused>();
        size_of::<Self>() + 2 * (rows + steps)
    }

    pub fn take_run(&mut self, run: &Run, redaction: Option<bool>, words: &mut Words) {
        self.run = Some(KnownRun {
            id: Id::of(run.id.as_str()),
            environment: words.add(&run.scope()),
            workflow: words.add(run.workflow_id.as_str()),
            version_id: words.add(run.version_id.as_str()),
            version: run.version,
            state: run.state,
            is_due: run.due_at.is_some(),
            has_ended: run.completed_at.is_some(),
            depth: run.depth,
            segments: run.progress.segments,
            redaction,
            is_retained: run.retained_at.is_some(),
        });
    }

    /// Records that the run waits for a person.
    pub fn take_parked(&mut self) {
        self.is_parked = true;
    }

    pub fn take_segment(&mut self, segment: &Segment, words: &mut Words) {
        let steps = segment.steps.iter().map(|step| KnownStep::of(step, words)).collect();
        let (id, environment) = (Id::of(segment.id.as_str()), words.add(&segment.scope()));
        let (ordinal, is_redacted) = (segment.ordinal, segment.redaction_id.is_some());
        let is_retained = segment.retained_at.is_some();
        self.segments.push(KnownSegment { id, environment, ordinal, is_redacted, is_retained, steps });
    }

    /// Adds an event about the run.
    pub fn take_told(&mut self, event: Raw<'_>, words: &mut Words) {
        let text = |column: &str| event.text(column).map_or("", |text| text);
        self.told.push(ToldOfIt {
            id: Id::of(text("id")),
            environment: words.add(text("environment_id")),
            name: words.add(text("name")),
            version: event.int("object_version").unwrap_or_default(),
            depth: event.int("depth").unwrap_or_default(),
            is_caused_by_run: event.text("cause_run_id").is_some(),
        });
    }

    /// Adds an event that the run caused.
    pub fn take_caused(&mut self, event: Raw<'_>, words: &mut Words) {
        let text = |column: &str| event.text(column).map(|text| &**text);
        let name = text("name").unwrap_or_default();
        let is_change = name == "case.status-updated";
        let mut change = || (words.add_some(text("from_value")), words.add_some(text("to_value")));
        let change = is_change.then(&mut change);
        self.caused.push(Caused {
            id: Id::of(text("id").unwrap_or_default()),
            environment: words.add_some(text("environment_id")),
            step: words.add_some(text("cause_step")),
            depth: event.int("depth").unwrap_or_default(),
            is_beginning: name == "workflow-run.created",
            change,
        });
    }

    /// Checks the group.
    pub fn judge(mut self, workflows: &Workflows, words: &Words, findings: &mut Findings) {
        self.segments.sort_by_key(|segment| segment.ordinal);
        self.caused(words, findings);
        let environment = self.run.as_ref().map(|run| words.get(run.environment));
        for segment in &self.segments {
            let id = segment.id.to_string();
            findings.parent((Segment::TABLE, &id), words.get(segment.environment), "run", environment);
        }
        let Some(known) = &self.run else { return };
        let id = known.id.to_string();
        let judged = Judged { run: known, at: (Run::TABLE, &id), words };
        judged.parents(workflows, findings);
        judged.state(self.is_parked, findings);
        judged.told(&self.told, findings);
        judged.segments(&self.segments, findings);
        let steps: Vec<&KnownStep> = self.segments.iter().flat_map(|segment| &segment.steps).collect();
        let is_blanked = self.segments.iter().any(|segment| segment.is_redacted || segment.is_retained);
        judged.steps(&steps, &self.caused, is_blanked, findings);
        match workflows.versions.get(words.get(known.version_id)).map(|version| &version.outline) {
            Some(Ok(outline)) => judged.walk(outline, &steps, findings),
            Some(Err(why)) => findings.add("versions", Version::TABLE, words.get(known.version_id), why),
            None => {}
        }
    }

    /// Checks that each event that a run caused has the run's depth and environment, and that each step lists the
    /// events it caused. An event of a step that was rolled back must not exist.
    fn caused(&self, words: &Words, findings: &mut Findings) {
        let mut by_step: BTreeMap<Word, BTreeSet<String>> = BTreeMap::new();
        for event in &self.caused {
            let id = event.id.to_string();
            let at = (Event::TABLE, id.as_str());
            match &self.run {
                Some(run) => {
                    let (found, wanted) = (words.get(run.environment), words.get(event.environment));
                    findings.same("same-environment", at, "its run's environment", found, wanted);
                    if !event.is_beginning {
                        findings.same("depth", at, "its depth", &event.depth, &run.depth);
                    }
                }
                None => findings.add("cause-is-there", at.0, at.1, "its run is not there"),
            }
            if event.step != 0 {
                by_step.entry(event.step).or_default().insert(id);
            }
        }
        let mut told: BTreeMap<Word, BTreeSet<String>> = BTreeMap::new();
        for step in self.segments.iter().flat_map(|segment| &segment.steps) {
            told.entry(step.id).or_default().extend(step.events.iter().map(ToString::to_string));
        }
        let run = match &self.run {
            Some(run) => run.id.to_string(),
            None => "of no run".to_owned(),
        };
        for (step, events) in &told {
            let at = format!("{run} step {}", words.get(*step));
            let known = by_step.get(step).cloned().unwrap_or_default();
            findings.same("events-of-steps", (Run::TABLE, &at), "what it caused", events, &known);
        }
        for (step, events) in by_step.iter().filter(|(step, _)| !told.contains_key(*step)) {
            for event in events {
                let said = format!("it is of step {} of run {run}, which has no such step", words.get(*step));
                findings.add("events-of-steps", Event::TABLE, event, said);
            }
        }
    }
}

impl KnownStep {
    fn of(step: &StepRun, words: &mut Words) -> Self {
        let is_status_update = step.r#do == "case.update_status";
        let says = is_status_update && step.state == StepState::Succeeded && step.output["changed"] == true;
        let mut word = |name: &str| words.add_some(step.output[name].as_str());
        let change = says.then(|| (word("previous_status"), word("status")));
        let route = word("route");
        Self {
            id: words.add(&step.id),
            state: step.state,
            has_error: step.error.is_some(),
            has_input: step.input.is_object() || step.input.is_array(),
            is_status_update,
            route,
            change,
            events: step.events.iter().map(|event| Id::of(event.as_str())).collect(),
        }
    }
}

/// An existing run.
struct Judged<'g> {
    run: &'g KnownRun,
    at: (&'static Table, &'g str),
    words: &'g Words,
}

impl Judged<'_> {
    fn parents(&self, workflows: &Workflows, findings: &mut Findings) {
        let (run, words) = (self.run, self.words);
        let own = words.get(run.environment);
        let workflow = workflows.by_id.get(words.get(run.workflow)).map(Entity::scope);
        let version = workflows.versions.get(words.get(run.version_id));
        findings.parent(self.at, own, "workflow", workflow.as_deref());
        findings.parent(self.at, own, "version", version.map(|version| &*version.environment));
        if let Some(version) = version {
            let what = "the workflow of its version";
            findings.same("parent-is-there", self.at, what, &*version.workflow, words.get(run.workflow));
        }
    }

    /// A running run is due or parked; an ended run has an outcome and stays ended.
    fn state(&self, is_parked: bool, findings: &mut Findings) {
        let (run, at) = (self.run, self.at);
        let runs = run.state == RunState::Running;
        findings.same("no-limbo", at, "whether it is due", &run.is_due, &(runs && !is_parked));
        findings.same("no-limbo", at, "whether it has ended", &run.has_ended, &!runs);
        if !(1..=CHAIN_RUNS_MAX).contains(&run.depth) {
            findings.add("depth", at.0, at.1, format_args!("its depth is {}, {CHAIN_RUNS_MAX} at most", run.depth));
        }
    }

    /// Checks that one event records the start of the run, and one its end.
    fn told(&self, told: &[ToldOfIt], findings: &mut Findings) {
        let (run, at, words) = (self.run, self.at, self.words);
        for event in told {
            let id = event.id.to_string();
            let row = (Event::TABLE, id.as_str());
            let (found, wanted) = (words.get(run.environment), words.get(event.environment));
            findings.same("same-environment", row, "its object's environment", found, wanted);
            // The first event of a run has the depth of that run, not of the run that started it.
            if event.is_caused_by_run && words.get(event.name) == "workflow-run.created" {
                findings.same("depth", row, "its depth", &event.depth, &run.depth);
            }
        }
        let mut found: Vec<(&str, i64)> = told.iter().map(|event| (words.get(event.name), event.version)).collect();
        found.sort_by_key(|(_, version)| *version);
        // Blanking a run that has ended changes its row, but is not an event of the run.
        let ended = match found.last() {
            Some((_, version)) if (run.redaction.is_some() || run.is_retained) && *version > 1 => *version,
            _ => run.version,
        };
        let mut wanted = vec![("workflow-run.created", 1)];
        match run.state {
            RunState::Running => {}
            RunState::Errored => wanted.push(("workflow-run.errored", ended)),
            RunState::Completed | RunState::CompletedWithErrors => wanted.push(("workflow-run.completed", ended)),
        }
        findings.same("events-of-runs", at, "its events", &found, &wanted);
    }

    /// Checks that the segments have no gap and that none is empty.
    fn segments(&self, segments: &[KnownSegment], findings: &mut Findings) {
        let ordinals: Vec<i64> = segments.iter().map(|segment| segment.ordinal).collect();
        let wanted: Vec<i64> = (0..self.run.segments).collect();
        findings.same("segments", self.at, "the ordinals of its segments", &ordinals, &wanted);
        if let Some(empty) = segments.iter().find(|segment| segment.steps.is_empty()) {
            findings.add("segments", Segment::TABLE, &empty.id.to_string(), "it has no steps");
        }
        if self.run.is_retained {
            for segment in segments.iter().filter(|segment| !segment.is_redacted && !segment.is_retained) {
                let said = "it holds content of a run whose values the retention policy removed";
                findings.add("retained-is-blank", Segment::TABLE, &segment.id.to_string(), said);
            }
        }
        // The history of a redacted run is blank too, once its redaction is done.
        if self.run.redaction == Some(true) {
            for segment in segments.iter().filter(|segment| !segment.is_redacted) {
                let said = "it holds content of a run whose redaction is done";
                findings.add("redacted-is-blank", Segment::TABLE, &segment.id.to_string(), said);
            }
        }
    }

    /// Checks that a step has its input, and either its output or its error. A step that reports a status change has
    /// exactly one event of that change; any other step has none.
    fn steps(&self, steps: &[&KnownStep], caused: &[Caused], is_blanked: bool, findings: &mut Findings) {
        let words = self.words;
        let show = |(from, to): (Word, Word)| (words.some(from), words.some(to));
        let mut changes: BTreeMap<Word, Vec<(Word, Word)>> = BTreeMap::new();
        for event in caused.iter().filter(|event| event.step != 0) {
            changes.entry(event.step).or_default().extend(event.change);
        }
        for step in steps {
            let at = format!("{} step {}", self.at.1, words.get(step.id));
            let row = (self.at.0, at.as_str());
            let failed = matches!(step.state, StepState::Failed | StepState::Continued);
            findings.same("steps-are-whole", row, "whether it has an error", &step.has_error, &failed);
            if step.state == StepState::Succeeded {
                let what = "whether it says what it was given";
                findings.same("steps-are-whole", row, what, &step.has_input, &true);
            }
            // The status that a step reports is redacted together with its output.
            if step.is_status_update && !is_blanked {
                let made = changes.get(&step.id).map_or(&[][..], Vec::as_slice);
                let found: Vec<_> = made.iter().copied().map(show).collect();
                let wanted: Vec<_> = step.change.into_iter().map(show).collect();
                findings.same("status-of-steps", row, "what it changed", &found, &wanted);
            }
        }
    }

    /// Follows the history through its version: each step follows the previous one, and the run ends with the last.
    fn walk(&self, outline: &Outline, steps: &[&KnownStep], findings: &mut Findings) {
        let (run, at) = (self.run, self.at);
        let node = |place: Option<usize>| place.and_then(|place| outline.steps.get(place));
        let id = |node: Option<&OutlineStep>| node.map(|node| node.id.to_string());
        let mut here = node(outline.first);
        let mut failed = 0;
        for (place, step) in steps.iter().enumerate() {
            let found = Some(self.words.get(step.id).to_owned());
            findings.same("steps-of-version", at, &format!("its step {place}"), &found, &id(here));
            let Some(present) = here.filter(|node| *node.id == *self.words.get(step.id)) else { return };
            let route = self.words.some(step.route);
            let taken = route.and_then(|label| present.routes.iter().find(|(known, _)| **known == *label));
            here = match taken {
                Some((_, leads)) => node(*leads),
                None => node(present.next),
            };
            failed += usize::from(step.state == StepState::Continued);
            if step.state == StepState::Failed {
                findings.same("outcome", at, "its state after a step that stops it", &run.state, &RunState::Errored);
                let (what, after) = ("the number of steps after the one that stopped it", steps.len() - place - 1);
                findings.same("outcome", at, what, &after, &0);
                return;
            }
        }
        match run.state {
            RunState::Running => {}
            RunState::Errored => findings.add("outcome", at.0, at.1, "it is errored, and none of its steps stopped it"),
            RunState::Completed | RunState::CompletedWithErrors => {
                findings.same("outcome", at, "where it would go on after its end", &id(here), &None);
                let completed_with_errors = run.state == RunState::CompletedWithErrors;
                findings.same("outcome", at, "whether it completed with errors", &completed_with_errors, &(failed > 0));
            }
        }
    }
}
