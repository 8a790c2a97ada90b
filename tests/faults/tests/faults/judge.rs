//! The checks between the clients' record and the stored rows: nothing acknowledged is lost, everything happened
//! exactly once, and a request without a response happened completely or not at all.

use std::collections::BTreeMap;

use docket_cases::{Case, CaseStatus};
use docket_events::Event;
use docket_workflows::{Run, RunState, Segment, StepState};
use serde_json::Value;

use crate::journal::{Entry, Wish};
use crate::stored::Stored;
use crate::world::{FIRST, SECOND, World, inquiry};

/// Returns all violations. `others` is the number of cases that were not opened by the recorded requests.
pub fn judge(stored: &Stored, entries: &[Entry], world: &World, others: usize) -> Vec<String> {
    let mut wrong = match docket_doctor::examine(stored) {
        Ok(violations) => violations.iter().map(|violation| format!("doctor: {violation}")).collect(),
        Err(error) => vec![format!("doctor: {error}")],
    };
    let mut judge = Judge { facts: Facts::of(stored), wrong: Vec::new(), opened: others };
    for entry in entries {
        match &entry.wish {
            Wish::Job => judge.job(entry),
            Wish::Move { .. } => {}
            Wish::Trigger => judge.triggered(entry),
        }
    }
    judge.moves(entries);
    judge.nothing_else(world, entries);
    wrong.append(&mut judge.wrong);
    wrong
}

/// The stored rows, indexed.
struct Facts {
    cases: Vec<Case>,
    statuses: BTreeMap<String, String>,
    /// By the object that they are about.
    by_object: BTreeMap<String, Vec<Event>>,
    /// By the run that caused them.
    by_run: BTreeMap<String, Vec<Event>>,
    runs: Vec<Run>,
    /// By the event that started them.
    woken: BTreeMap<String, Vec<Run>>,
    segments: BTreeMap<String, Vec<Segment>>,
}

impl Facts {
    fn of(stored: &Stored) -> Self {
        let mut facts = Self {
            cases: stored.all(),
            statuses: BTreeMap::new(),
            by_object: BTreeMap::new(),
            by_run: BTreeMap::new(),
            runs: stored.all(),
            woken: BTreeMap::new(),
            segments: BTreeMap::new(),
        };
        for status in stored.all::<CaseStatus>() {
            facts.statuses.insert(status.id.to_string(), status.name);
        }
        let mut events: Vec<Event> = stored.all();
        events.sort_by(|one, other| (one.object_version, &one.id).cmp(&(other.object_version, &other.id)));
        for event in events {
            if let Some(run) = &event.cause_run_id {
                facts.by_run.entry(run.clone()).or_default().push(event.clone());
            }
            facts.by_object.entry(event.object_id.clone()).or_default().push(event);
        }
        for run in &facts.runs {
            if let Some(event) = &run.cause_event_id {
                facts.woken.entry(event.to_string()).or_default().push(run.clone());
            }
        }
        for segment in stored.all::<Segment>() {
            facts.segments.entry(segment.run_id.to_string()).or_default().push(segment);
        }
        facts.segments.values_mut().for_each(|segments| segments.sort_by_key(|segment| segment.ordinal));
        facts
    }

    /// Events of this name about an object, in order.
    fn events(&self, object: &str, name: &str) -> Vec<&Event> {
        self.by_object.get(object).into_iter().flatten().filter(|event| event.name == name).collect()
    }

    /// Events of this name that a run caused.
    fn done_by(&self, run: &Run, name: &str) -> Vec<&Event> {
        let events = self.by_run.get(run.id.as_str()).into_iter().flatten();
        events.filter(|event| event.name == name).collect()
    }

    /// The runs that an event started. Events of a step have the event that started their run as their cause, so runs
    /// that a later event of the same chain started have that later event as their cause.
    fn woken_by(&self, event: &Event) -> &[Run] {
        self.woken.get(event.id.as_str()).map_or(&[], Vec::as_slice)
    }
}

struct Judge {
    facts: Facts,
    wrong: Vec<String>,
    /// The expected number of cases.
    opened: usize,
}

impl Judge {
    /// Records a violation unless two values are equal.
    fn same<T: PartialEq + std::fmt::Debug>(wrong: &mut Vec<String>, what: &str, found: &T, wanted: &T) {
        if found != wanted {
            wrong.push(format!("{what} is {found:?}, expected {wanted:?}"));
        }
    }

    /// The reference job: exactly once and complete, or, if it was not acknowledged, possibly not at all.
    fn job(&mut self, entry: &Entry) {
        let inquiry = inquiry(&entry.mark);
        let roots: Vec<Event> = self.facts.events(&inquiry, "inquiry.completed").into_iter().cloned().collect();
        match (roots.as_slice(), &entry.answer) {
            ([], None) => {}
            ([], Some(_)) => self.wrong.push(format!("lost: job {} was acknowledged, but is missing", entry.mark)),
            ([root], _) => {
                self.opened += 1;
                let mut wrong = Vec::new();
                self.whole(root, &inquiry, &mut wrong);
                self.wrong.extend(wrong.into_iter().map(|words| format!("once: job {}: {words}", entry.mark)));
            }
            (many, _) => self.wrong.push(format!("once: job {} was received {} times", entry.mark, many.len())),
        }
    }

    /// All eight steps of a job in its two runs, each exactly once.
    fn whole(&self, root: &Event, inquiry: &str, wrong: &mut Vec<String>) {
        let facts = &self.facts;
        let [first] = facts.woken_by(root) else {
            return wrong.push(format!("its event started {} runs, not one", facts.woken_by(root).len()));
        };
        self.run(first, &FIRST, wrong);
        let opened = facts.done_by(first, "case.created");
        let [created] = opened.as_slice() else {
            return wrong.push(format!("its first run opened {} cases, not one", opened.len()));
        };
        let case = &created.object_id;
        let moves = facts.events(case, "case.status-updated");
        let told: Vec<(&str, &str)> = moves
            .iter()
            .map(|event| (event.cause_step.as_deref().unwrap_or("-"), event.to_value.as_deref().unwrap_or("-")))
            .collect();
        Self::same(wrong, "its case's way", &told, &vec![(FIRST[3], "In review"), (SECOND[3], "Escalated")]);
        let Some(moved) = moves.first() else { return };
        let [second] = facts.woken_by(moved) else {
            return wrong.push(format!("its case's move started {} runs, not one", facts.woken_by(moved).len()));
        };
        self.run(second, &SECOND, wrong);
        Self::same(wrong, "tags of its inquiry", &facts.events(inquiry, "inquiry.updated-tags").len(), &1);
        Self::same(wrong, "tags of its case", &facts.events(case, "case.updated-tags").len(), &1);
        let row = facts.cases.iter().find(|row| row.id.as_str() == case);
        let status = row.and_then(|row| facts.statuses.get(row.status_id.as_str())).map(String::as_str);
        Self::same(wrong, "its case's status", &status, &Some("Escalated"));
    }

    /// A completed run with these steps, each exactly once, in this order.
    fn run(&self, run: &Run, steps: &[&str], wrong: &mut Vec<String>) {
        Self::same(wrong, "the state of a run", &run.state, &RunState::Completed);
        let segments = self.facts.segments.get(run.id.as_str()).into_iter().flatten();
        let done = segments.flat_map(|segment| segment.steps.iter().cloned());
        let done: Vec<String> = done
            .map(|step| if step.state == StepState::Succeeded { step.id.clone() } else { format!("{step:?}") })
            .collect();
        Self::same(wrong, "the steps of a run", &done, &steps.iter().map(|step| (*step).to_owned()).collect());
        Self::same(wrong, "ends of a run", &self.facts.done_by(run, "workflow-run.completed").len(), &1);
    }

    /// A run started by a trigger: its one case, and the run in the response.
    fn triggered(&mut self, entry: &Entry) {
        let mark = Value::from(entry.mark.as_str());
        let cases: Vec<&Case> = self.facts.cases.iter().filter(|case| case.fields.get("mark") == Some(&mark)).collect();
        self.opened += cases.len();
        match (cases.len(), &entry.answer) {
            (0, None) | (1, _) => {}
            (0, Some(_)) => self.wrong.push(format!("lost: run {} was acknowledged and opened no case", entry.mark)),
            (many, _) => self.wrong.push(format!("once: run {} opened {many} cases", entry.mark)),
        }
        let Some(id) = entry.answer.as_ref().and_then(|answer| answer.pointer("/data/id")).and_then(Value::as_str)
        else {
            return;
        };
        let state = self.facts.runs.iter().find(|run| run.id.as_str() == id).map(|run| run.state);
        if state != Some(RunState::Completed) {
            self.wrong.push(format!("lost: run {id} of {} was acknowledged and is {state:?}", entry.mark));
        }
    }

    /// A client's own case took exactly the statuses that its client requested.
    fn moves(&mut self, entries: &[Entry]) {
        let mut asked: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in entries {
            if let Wish::Move { case, to } = &entry.wish {
                asked.entry(case).or_default().push(to);
            }
        }
        for (case, asked) in asked {
            let events = self.facts.events(case, "case.status-updated");
            let told: Vec<&str> = events.iter().filter_map(|event| event.to_value.as_deref()).collect();
            if told != asked {
                self.wrong.push(format!("once: case {case} took the statuses {told:?}, but {asked:?} were requested"));
            }
        }
    }

    /// There is nothing that no client requested, no run is under way, and no event started a version twice.
    fn nothing_else(&mut self, world: &World, entries: &[Entry]) {
        let wrong = &mut self.wrong;
        Self::same(wrong, "how many cases there are", &self.facts.cases.len(), &self.opened);
        let mut woken: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for run in &self.facts.runs {
            if run.state == RunState::Running {
                wrong.push(format!("limbo: run {} has not ended, due at {:?}", run.id, run.due_at));
            }
            if let Some(event) = &run.cause_event_id {
                *woken.entry((run.version_id.as_str(), event.as_str())).or_default() += 1;
            }
        }
        for ((version, event), runs) in woken.into_iter().filter(|(_, runs)| *runs > 1) {
            wrong.push(format!("once: event {event} started {runs} runs of version {version}"));
        }
        let by_hand = self.facts.runs.iter().filter(|run| run.workflow_id.as_str() == world.by_hand).count();
        let asked = entries.iter().filter(|entry| entry.wish == Wish::Trigger).count();
        if by_hand > asked {
            wrong.push(format!("once: {by_hand} runs were triggered, but {asked} were requested"));
        }
    }
}
