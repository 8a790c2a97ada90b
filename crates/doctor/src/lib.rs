//! The doctor: checks the invariants of the rows of a database. `docket doctor` runs it in production, and every fault
//! test runs it at its end.
//!
//! It reads rows and changes none. Each violation names the invariant, the row, and the expected and actual values.
//!
//! Its memory is bounded, whatever the number of rows: see [`share`].

mod cases;
mod causes;
mod faults;
mod files;
mod findings;
mod id;
mod objects;
mod people;
mod redactions;
mod retention;
mod row;
mod runs;
mod settings;
mod share;
mod whole;

use std::collections::HashMap;
use std::fmt;

use docket_access::{ApiKey, Environment, Installation, Organization, Session, Tries, User};
use docket_cases::{Case, CaseComment, CaseObject, CaseStatus, CaseTemplate, FileChunk, FileContent};
use docket_events::{Event, Redaction, Retention};
use docket_kernel::{Entity, Row, RowError, Table};
use docket_objects::{Object, Receipt, Source};
use docket_workflows::{
    DraftSave, Fault, NamedField, NamedStatus, OpenEditor, Run, RunRead, Segment, Subscription, Version, Workflow,
};

use crate::cases::CaseGroup;
use crate::causes::{EventGroup, vendor_event};
use crate::files::Chunks;
use crate::findings::Findings;
use crate::id::{Words, hash};
use crate::objects::{ObjectGroup, Unique};
use crate::people::People;
use crate::redactions::Redactions;
use crate::retention::Policies;
use crate::row::Raw;
use crate::runs::RunGroup;
use crate::settings::{Templates, Workflows};
use crate::share::Share;

/// A violation of an invariant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The name of the invariant: stable, in kebab case.
    pub invariant: &'static str,
    /// The row where it was found: its table and key.
    pub at: String,
    /// The actual and the expected value.
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.invariant, self.at, self.words)
    }
}

/// A source of rows.
pub trait RowSource {
    /// Passes every row of a table to `take`, in the order of keys.
    fn each(&self, table: &'static Table, take: &mut dyn FnMut(Row) -> Result<(), RowError>) -> Result<(), RowError>;
}

/// The tables that are checked, each after the tables that its rows are checked against. Read them in one snapshot:
/// rows of different snapshots contradict each other.
pub static TABLES: &[&Table] = &[
    Organization::TABLE,
    Environment::TABLE,
    Installation::TABLE,
    User::TABLE,
    ApiKey::TABLE,
    Session::TABLE,
    Tries::TABLE,
    Source::TABLE,
    CaseTemplate::TABLE,
    CaseStatus::TABLE,
    Workflow::TABLE,
    Version::TABLE,
    Subscription::TABLE,
    NamedStatus::TABLE,
    NamedField::TABLE,
    DraftSave::TABLE,
    OpenEditor::TABLE,
    Redaction::TABLE,
    Retention::TABLE,
    FileChunk::TABLE,
    FileContent::TABLE,
    Case::TABLE,
    CaseObject::TABLE,
    CaseComment::TABLE,
    Object::TABLE,
    Receipt::TABLE,
    Event::TABLE,
    Run::TABLE,
    Segment::TABLE,
    RunRead::TABLE,
    Fault::TABLE,
];

/// Those tables that are checked one share at a time.
static SHARED: &[&Table] = &[
    FileContent::TABLE,
    Case::TABLE,
    CaseObject::TABLE,
    CaseComment::TABLE,
    Object::TABLE,
    Receipt::TABLE,
    Event::TABLE,
    Run::TABLE,
    Segment::TABLE,
    RunRead::TABLE,
    Fault::TABLE,
];

/// The tables that are not checked, and why.
pub const PASSED_OVER: &[(&str, &str)] = &[
    ("sequence", "numbers that were reserved: gaps are allowed, and unique-keys finds a number given twice"),
    ("free_number", "numbers that a node gave back; unique-keys finds a number given twice"),
    ("counter", "counts that no decision rests on"),
    ("batch_marker", "of a commit whose answer was lost; swept by age"),
    ("event_sequence", "numbers of events for those who follow them; an event without one is numbered again"),
    ("event_unnumbered", "events that get their number right after their commit"),
    ("answer", "answers kept for a repeated request, as they were sent; swept by age"),
    ("answer_object", "what these answers show; swept by age"),
];

/// The approximate number of bytes stored for one share. The process takes about twice as many.
const BYTES_MAX: usize = 24 << 20;
/// The bytes of an entry in a hash table besides its value.
const PLACE_BYTES: usize = 16;

/// Checks all rows and returns every violation.
pub fn examine(rows: &dyn RowSource) -> Result<Vec<Violation>, RowError> {
    examine_with(Doctor::default(), rows)
}

/// The same, with this approximate memory limit in bytes.
pub fn examine_within(bytes_max: usize, rows: &dyn RowSource) -> Result<Vec<Violation>, RowError> {
    examine_with(Doctor { bytes_max, ..Doctor::default() }, rows)
}

fn examine_with(mut doctor: Doctor, rows: &dyn RowSource) -> Result<Vec<Violation>, RowError> {
    let mut tables = Some(TABLES);
    while let Some(present) = tables {
        for table in present {
            rows.each(table, &mut |row| {
                doctor.take(table, row);
                Ok(())
            })?;
        }
        tables = doctor.again();
    }
    Ok(doctor.violations())
}

/// An examination in progress: pass it every row of [`TABLES`] in their order, then the rows of the tables that
/// [`Self::again`] returns, until it returns `None`; then read [`Self::violations`].
#[derive(Debug)]
pub struct Doctor {
    bytes_max: usize,
    /// The number of rows.
    looked_at: u64,
    /// Whether this is the first pass, which reads every table.
    is_first: bool,
    share: Share,
    /// Shares that are still to be checked.
    waiting: Vec<Share>,
    /// The approximate number of bytes stored for this share.
    bytes: usize,
    words: Words,
    people: People,
    templates: Templates,
    workflows: Workflows,
    chunks: Chunks,
    redactions: Redactions,
    policies: Policies,
    cases: HashMap<u64, CaseGroup>,
    runs: HashMap<u64, RunGroup>,
    events: HashMap<u64, EventGroup>,
    objects: HashMap<u64, ObjectGroup>,
    unique: Unique,
    /// The unique texts of tables that only the first pass reads.
    unique_settings: Unique,
    findings: Findings,
}

impl Default for Doctor {
    fn default() -> Self {
        Self {
            bytes_max: BYTES_MAX,
            looked_at: 0,
            is_first: true,
            share: Share::default(),
            waiting: Vec::new(),
            bytes: 0,
            words: Words::default(),
            people: People::default(),
            templates: Templates::default(),
            workflows: Workflows::default(),
            chunks: Chunks::default(),
            redactions: Redactions::default(),
            policies: Policies::default(),
            cases: HashMap::new(),
            runs: HashMap::new(),
            events: HashMap::new(),
            objects: HashMap::new(),
            unique: Unique::default(),
            unique_settings: Unique::default(),
            findings: Findings::default(),
        }
    }
}

/// Adds an item to a group, and updates the number of stored bytes.
macro_rules! group {
    ($doctor:ident.$groups:ident, $key:expr, |$group:ident| $take:expr) => {{
        let key = hash($key);
        if $doctor.share.has(key) {
            let is_new = !$doctor.$groups.contains_key(&key);
            let $group = $doctor.$groups.entry(key).or_default();
            let before = if is_new { 0 } else { $group.weight() + PLACE_BYTES };
            $take;
            $doctor.bytes += $group.weight() + PLACE_BYTES - before;
        }
    }};
}

impl Doctor {
    /// Adds a row of one of the tables of this pass; rows of other tables are ignored.
    pub fn take(&mut self, table: &'static Table, row: Row) {
        self.looked_at += u64::from(self.is_first);
        let raw = Raw::of(table, &row);
        let Some(key) = raw.key().cloned() else {
            return self.unreadable(table, "(no key)", "it has no key");
        };
        if let Some(scope) = raw.scope() {
            let is_shared = SHARED.contains(&table);
            let (unique, share) =
                if is_shared { (&mut self.unique, self.share) } else { (&mut self.unique_settings, Share::default()) };
            let before = unique.weight();
            unique.take(raw, &key, scope, share, &mut self.findings);
            unique.take_number(raw, &key, scope, share, &mut self.findings);
            if is_shared {
                self.bytes += unique.weight() - before;
            }
            if self.is_first {
                self.people.take_scope(raw, &key, scope);
            }
        }
        self.meet(raw, &key);
        if let Err(RowError(words)) = self.keep(table, &key, row) {
            self.unreadable(table, &key, &words);
        }
        if self.bytes > self.bytes_max {
            self.halve();
        }
    }

    fn unreadable(&mut self, table: &'static Table, key: &str, words: &str) {
        self.findings.add("readable", table, key, words);
    }

    /// Adds a row to the groups of the rows that it refers to, by its cells.
    fn meet(&mut self, row: Raw<'_>, key: &str) {
        let (table, scope) = (row.table, row.scope().map_or("", |scope| scope));
        let environment = self.words.add(scope);
        let text = |column: &str| row.text(column).map(|text| &**text);
        match table.name {
            name if name == CaseObject::TABLE.name => {
                let (case, object) = (text("case_id").unwrap_or_default(), text("object_id").unwrap_or_default());
                let shown = object.split_once('/').map_or(object, |(_, shown)| shown);
                group!(self.cases, case, |group| {
                    group.take_child(table, key, environment);
                    group.take_held(shown);
                });
                group!(self.objects, object, |group| group.take_follower(table, key, environment, "object"));
            }
            name if name == CaseComment::TABLE.name => {
                let case = text("case_id").unwrap_or_default();
                group!(self.cases, case, |group| group.take_child(table, key, environment));
            }
            name if name == FileContent::TABLE.name => {
                let case = text("object_id").unwrap_or_default();
                group!(self.cases, case, |group| group.take_child(table, key, environment));
            }
            name if name == Object::TABLE.name => {
                group!(self.objects, key, |group| group.take_object(environment));
                if let Some(account) = text("account_id") {
                    group!(self.objects, account, |group| group.take_follower(table, key, environment, "account"));
                }
            }
            name if name == Receipt::TABLE.name => {
                if let Some(event) = text("event_id") {
                    group!(self.events, event, |group| group.take_follower(table, key, environment));
                }
            }
            name if name == Event::TABLE.name => {
                if let Some(cause) = text("cause_event_id") {
                    group!(self.events, cause, |group| group.take_follower(table, key, environment));
                }
                if let Some(run) = text("cause_run_id") {
                    group!(self.runs, run, |group| group.take_caused(row, &mut self.words));
                }
                if let Some(run) = text("object_id").filter(|_| text("object_type") == Some("workflow-run")) {
                    group!(self.runs, run, |group| group.take_told(row, &mut self.words));
                }
            }
            _ => {}
        }
    }

    /// Decodes a row of this share, and stores the parts that are checked later.
    fn keep(&mut self, table: &'static Table, key: &str, row: Row) -> Result<(), RowError> {
        let is_own = self.share.has(hash(key));
        match table.name {
            name if name == FileContent::TABLE.name && self.is_first => {
                let file = FileContent::decode(row)?;
                self.chunks.judge(&file, &mut self.findings);
                self.redactions.file(&file, &mut self.findings);
            }
            name if name == Case::TABLE.name && is_own => {
                let case = Case::decode(row)?;
                self.redactions.case(&case, &mut self.findings);
                group!(self.cases, key, |group| {
                    group.take_case(&case, &self.templates, &mut self.words, &mut self.findings);
                });
            }
            name if name == CaseObject::TABLE.name && is_own => drop(CaseObject::decode(row)?),
            name if name == CaseComment::TABLE.name && is_own => {
                self.redactions.comment(&CaseComment::decode(row)?, &mut self.findings);
            }
            name if name == Object::TABLE.name && is_own => {
                self.redactions.object(&Object::decode(row)?, &mut self.findings);
            }
            name if name == RunRead::TABLE.name && is_own => drop(RunRead::decode(row)?),
            name if name == Receipt::TABLE.name && is_own => drop(Receipt::decode(row)?),
            name if name == Fault::TABLE.name => self.keep_fault(key, is_own, row)?,
            name if name == Event::TABLE.name => self.keep_event(key, is_own, row)?,
            name if name == Run::TABLE.name => self.keep_run(key, is_own, row)?,
            name if name == Segment::TABLE.name => {
                let run = Raw::of(table, &row).text("run_id").cloned();
                if let Some(run) = run.filter(|run| self.share.has(hash(&**run))) {
                    let segment = Segment::decode(row)?;
                    self.redactions.segment(&segment, &mut self.findings);
                    retention::judge_segment(&segment, &mut self.findings);
                    group!(self.runs, &*run, |group| group.take_segment(&segment, &mut self.words));
                } else if is_own {
                    drop(Segment::decode(row)?);
                }
            }
            _ if self.is_first => self.keep_settings(table, row)?,
            _ => {}
        }
        Ok(())
    }

    fn keep_event(&mut self, key: &str, is_own: bool, row: Row) -> Result<(), RowError> {
        let raw = Raw::of(Event::TABLE, &row);
        let case = raw.text("object_id").cloned().filter(|_| raw.text("object_type").is_some_and(|of| **of == *"case"));
        let case = case.filter(|case| self.share.has(hash(&**case)));
        let Some(event) = met::<Event>(row, is_own, case.is_some())? else { return Ok(()) };
        if is_own {
            self.redactions.event(&event, &mut self.findings);
            self.policies.event(&event, &mut self.findings);
            let needs_receipt = vendor_event(&event).is_some() && !self.policies.may_lack_receipt(&event);
            group!(self.events, key, |group| {
                group.take_event(&event, needs_receipt, &self.workflows, &mut self.words, &mut self.findings);
            });
        }
        // A vendor's case is not a case of Docket.
        if let Some(case) = case.filter(|_| vendor_event(&event).is_none()) {
            group!(self.cases, &*case, |group| group.take_event(&event, &mut self.words));
        }
        Ok(())
    }

    fn keep_run(&mut self, key: &str, is_own: bool, row: Row) -> Result<(), RowError> {
        let raw = Raw::of(Run::TABLE, &row);
        let started = raw.text("start_key").and_then(|_| raw.text("cause_event_id")).cloned();
        let started = started.filter(|event| self.share.has(hash(&**event)));
        let Some(run) = met::<Run>(row, is_own, started.is_some())? else { return Ok(()) };
        if is_own {
            self.redactions.run(&run, &mut self.findings);
            self.policies.run(&run, &mut self.findings);
            let redaction = run.redaction_id.as_deref().map(|id| self.redactions.is_done(id));
            group!(self.runs, key, |group| group.take_run(&run, redaction, &mut self.words));
        }
        if let Some(event) = started {
            group!(self.events, &*event, |group| group.take_started(&run, &mut self.words));
        }
        Ok(())
    }

    fn keep_fault(&mut self, key: &str, is_own: bool, row: Row) -> Result<(), RowError> {
        let run = Raw::of(Fault::TABLE, &row).text("object_id").cloned();
        let run = run.filter(|run| self.share.has(hash(&**run)));
        let Some(fault) = met::<Fault>(row, is_own, run.is_some())? else { return Ok(()) };
        if is_own {
            faults::judge(&fault, &mut self.findings);
        }
        if run.is_some() && faults::is_of_parked_run(&fault, key) {
            group!(self.runs, fault.object_id.as_str(), |group| group.take_parked());
        }
        Ok(())
    }

    /// Keeps one half of this share, and leaves the other half to another pass.
    fn halve(&mut self) {
        fn keep<G>(groups: &mut HashMap<u64, G>, share: Share, weight: impl Fn(&G) -> usize) -> usize {
            groups.retain(|key, _| share.has(*key));
            groups.shrink_to_fit();
            groups.values().map(|group| weight(group) + PLACE_BYTES).sum()
        }
        let Some((share, other)) = self.share.halves() else { return };
        self.share = share;
        self.waiting.push(other);
        self.unique.keep(share);
        self.bytes = self.unique.weight()
            + keep(&mut self.cases, share, CaseGroup::weight)
            + keep(&mut self.runs, share, RunGroup::weight)
            + keep(&mut self.events, share, EventGroup::weight)
            + keep(&mut self.objects, share, ObjectGroup::weight);
    }

    /// Checks the rows of this pass. Returns the tables whose rows are needed once more; `None` when all shares are
    /// checked.
    pub fn again(&mut self) -> Option<&'static [&'static Table]> {
        self.judge();
        self.share = self.waiting.pop()?;
        Some(SHARED)
    }

    fn judge(&mut self) {
        let (words, findings) = (&self.words, &mut self.findings);
        if std::mem::replace(&mut self.is_first, false) {
            self.people.judge(findings);
            self.templates.judge(findings);
            self.workflows.judge(findings);
            self.chunks.judge_rest(findings);
        }
        for group in std::mem::take(&mut self.cases).into_values() {
            group.judge(&self.templates, words, findings);
        }
        for group in std::mem::take(&mut self.runs).into_values() {
            group.judge(&self.workflows, words, findings);
        }
        for group in std::mem::take(&mut self.events).into_values() {
            group.judge(words, findings);
        }
        for group in std::mem::take(&mut self.objects).into_values() {
            group.judge(words, findings);
        }
        self.unique = Unique::default();
        self.bytes = 0;
    }

    /// The number of rows.
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// All violations, in order.
    pub fn violations(&self) -> Vec<Violation> {
        self.findings.all()
    }
}

/// Decodes a row that is of this share or meets a group of it. One that can't be read is named in the pass of its own share.
fn met<E: Entity>(row: Row, is_own: bool, is_met: bool) -> Result<Option<E>, RowError> {
    match (is_own, is_met) {
        (true, _) => E::decode(row).map(Some),
        (false, true) => Ok(E::decode(row).ok()),
        (false, false) => Ok(None),
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
