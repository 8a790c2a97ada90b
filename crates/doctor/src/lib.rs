//! The doctor: what must hold of the rows of a database, whatever happened to it. `docket doctor` asks it in
//! production, and every fault test asks it at its end.
//!
//! It reads rows and changes none. Each violation names the invariant, the row it was found at, and both values.

mod cases;
mod events;
mod files;
mod homes;
mod parents;
mod people;
mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use docket_access::{ApiKey, Environment, Installation, Organization, Session, Tries, User};
use docket_cases::{Case, CaseComment, CaseObject, CaseStatus, CaseTemplate, FileChunk, FileContent};
use docket_events::Event;
use docket_kernel::{Cell, Entity, Row, RowError, Table, WorkflowId};
use docket_objects::{Object, Receipt, Source};
use docket_workflows::{DraftSave, NamedField, NamedStatus, OpenEditor, Run, Segment, Subscription, Version, Workflow};

use crate::events::Told;
use crate::files::Chunks;

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// Which invariant: stable, kebab-case.
    pub invariant: &'static str,
    /// The row it was found at: its table and key.
    pub at: String,
    /// What is there, and what should be.
    pub words: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.invariant, self.at, self.words)
    }
}

/// Where rows are read from.
pub trait Rows {
    /// Hands over every row of a table, in the order of keys.
    fn each(&self, table: &'static Table, take: &mut dyn FnMut(Row) -> Result<(), RowError>) -> Result<(), RowError>;
}

/// The tables that are looked at. Read them in one snapshot: rows of different instants contradict each other.
pub static TABLES: &[&Table] = &[
    Organization::TABLE,
    Environment::TABLE,
    User::TABLE,
    ApiKey::TABLE,
    Source::TABLE,
    CaseTemplate::TABLE,
    CaseStatus::TABLE,
    Case::TABLE,
    CaseObject::TABLE,
    Object::TABLE,
    Receipt::TABLE,
    Workflow::TABLE,
    Version::TABLE,
    Subscription::TABLE,
    NamedStatus::TABLE,
    NamedField::TABLE,
    DraftSave::TABLE,
    OpenEditor::TABLE,
    Event::TABLE,
    Run::TABLE,
    Segment::TABLE,
    Installation::TABLE,
    Session::TABLE,
    Tries::TABLE,
    FileContent::TABLE,
    FileChunk::TABLE,
    CaseComment::TABLE,
];

/// The tables that are not looked at, and why.
pub const PASSED_OVER: &[(&str, &str)] = &[
    ("sequence", "numbers that were reserved: gaps are allowed, and unique-keys finds a number given twice"),
    ("free_number", "numbers that a node gave back; unique-keys finds a number given twice"),
    ("counter", "counts that no decision rests on"),
    ("batch_marker", "of a commit whose answer was lost; swept by age"),
    ("answer", "answers kept for a repeated request, as they were sent; swept by age"),
];

/// Looks at everything and answers every violation.
pub fn examine(rows: &dyn Rows) -> Result<Vec<Violation>, RowError> {
    let mut doctor = Doctor::default();
    for table in TABLES {
        rows.each(table, &mut |row| {
            doctor.take(table, row);
            Ok(())
        })?;
    }
    Ok(doctor.violations())
}

/// A table and whose its row is.
type Scoped = (&'static str, Arc<str>);

/// What is kept of an object.
#[derive(Debug)]
pub(crate) struct Known {
    pub environment: Arc<str>,
    pub account: Option<Arc<str>>,
}

/// A text that a unique column has taken: table, column, scope and the text.
type Taken = (&'static str, &'static str, Arc<str>, Arc<str>);

/// An examination under way: hand it every row of [`TABLES`], then ask for what it found.
#[derive(Debug, Default)]
pub struct Doctor {
    /// How many rows were taken in.
    looked_at: u64,
    organizations: BTreeSet<Arc<str>>,
    environments: BTreeMap<Arc<str>, Environment>,
    keys: Vec<ApiKey>,
    /// A row of each table and scope, by both.
    scopes: BTreeMap<Scoped, (&'static Table, Arc<str>)>,
    templates: BTreeMap<Arc<str>, CaseTemplate>,
    statuses: BTreeMap<Arc<str>, CaseStatus>,
    cases: BTreeMap<Arc<str>, Case>,
    held: Vec<CaseObject>,
    objects: BTreeMap<Arc<str>, Known>,
    receipts: Vec<Receipt>,
    workflows: BTreeMap<Arc<str>, Workflow>,
    versions: BTreeMap<Arc<str>, Version>,
    subscriptions: Vec<Subscription>,
    named_statuses: Vec<NamedStatus>,
    named_fields: Vec<NamedField>,
    /// Rows beside a workflow that hold nothing more to check: table, key, environment and workflow.
    beside_workflows: Vec<(&'static Table, Arc<str>, Arc<str>, WorkflowId)>,
    events: BTreeMap<Arc<str>, Told>,
    runs: BTreeMap<Arc<str>, Run>,
    segments: BTreeMap<Arc<str>, Vec<Segment>>,
    users: BTreeMap<Arc<str>, User>,
    sessions: Vec<Session>,
    tries: Vec<Tries>,
    installations: Vec<Arc<str>>,
    files: Vec<FileContent>,
    chunks: Chunks,
    comments: Vec<CaseComment>,
    /// The key of the row that has a text in a unique column.
    unique: BTreeMap<Taken, Arc<str>>,
    /// What was found while rows were taken in.
    met: Findings,
}

/// Violations as they are found.
#[derive(Debug, Default)]
struct Findings(Vec<Violation>);

impl Findings {
    fn add(&mut self, invariant: &'static str, table: &Table, key: &str, words: impl fmt::Display) {
        self.0.push(Violation { invariant, at: format!("{} {key}", table.name), words: words.to_string() });
    }

    /// Adds a violation unless two values are the same.
    fn same<T: PartialEq + fmt::Debug>(
        &mut self,
        invariant: &'static str,
        (table, key): (&Table, &str),
        what: &str,
        found: &T,
        wanted: &T,
    ) {
        if found != wanted {
            self.add(invariant, table, key, format_args!("{what} is {found:?}, and should be {wanted:?}"));
        }
    }
}

impl Doctor {
    /// Takes in a row of one of [`TABLES`]; rows of other tables are passed over.
    pub fn take(&mut self, table: &'static Table, row: Row) {
        self.looked_at += 1;
        let text = |place: usize| row.get(place).and_then(text_of).cloned();
        let (key, scope) = (text(0), text(table.column(table.scope)));
        if let (Some(key), Some(scope)) = (&key, scope) {
            self.unique_keys(table, &row, key, &scope);
            self.scopes.entry((table.name, scope)).or_insert_with(|| (table, Arc::clone(key)));
        }
        if let Err(RowError(words)) = self.keep(table, row) {
            self.met.add("readable", table, key.as_deref().unwrap_or("(no key)"), words);
        }
    }

    fn keep(&mut self, table: &'static Table, row: Row) -> Result<(), RowError> {
        fn keep<E: Entity>(rows: &mut BTreeMap<Arc<str>, E>, row: Row) -> Result<(), RowError> {
            let entity = E::decode(row)?;
            rows.insert(entity.key(), entity);
            Ok(())
        }
        match table.name {
            name if name == Organization::TABLE.name => {
                self.organizations.insert(Organization::decode(row)?.key());
            }
            name if name == Environment::TABLE.name => keep(&mut self.environments, row)?,
            name if name == User::TABLE.name => keep(&mut self.users, row)?,
            name if name == ApiKey::TABLE.name => self.keys.push(ApiKey::decode(row)?),
            name if name == Source::TABLE.name => drop(Source::decode(row)?),
            name if name == CaseTemplate::TABLE.name => keep(&mut self.templates, row)?,
            name if name == CaseStatus::TABLE.name => keep(&mut self.statuses, row)?,
            name if name == Case::TABLE.name => keep(&mut self.cases, row)?,
            name if name == CaseObject::TABLE.name => self.held.push(CaseObject::decode(row)?),
            name if name == Object::TABLE.name => {
                let object = Object::decode(row)?;
                let known = Known { environment: object.scope(), account: object.account_id.clone() };
                self.objects.insert(object.key(), known);
            }
            name if name == Receipt::TABLE.name => self.receipts.push(Receipt::decode(row)?),
            name if name == Workflow::TABLE.name => keep(&mut self.workflows, row)?,
            name if name == Version::TABLE.name => keep(&mut self.versions, row)?,
            name if name == Subscription::TABLE.name => self.subscriptions.push(Subscription::decode(row)?),
            name if name == NamedStatus::TABLE.name => self.named_statuses.push(NamedStatus::decode(row)?),
            name if name == NamedField::TABLE.name => self.named_fields.push(NamedField::decode(row)?),
            name if name == DraftSave::TABLE.name => {
                let save = DraftSave::decode(row)?;
                self.beside_workflows.push((table, save.key(), save.scope(), save.workflow_id));
            }
            name if name == OpenEditor::TABLE.name => {
                let editor = OpenEditor::decode(row)?;
                self.beside_workflows.push((table, editor.key(), editor.scope(), editor.workflow_id));
            }
            name if name == Event::TABLE.name => {
                let event = Event::decode(row)?;
                self.events.insert(event.key(), Told::of(&event));
            }
            name if name == Run::TABLE.name => keep(&mut self.runs, row)?,
            name if name == Segment::TABLE.name => {
                let segment = Segment::decode(row)?;
                self.segments.entry(segment.run_id.key()).or_default().push(segment);
            }
            _ => self.keep_of_people(table, row)?,
        }
        Ok(())
    }

    fn keep_of_people(&mut self, table: &'static Table, row: Row) -> Result<(), RowError> {
        match table.name {
            name if name == Installation::TABLE.name => self.installations.push(Installation::decode(row)?.key()),
            name if name == Session::TABLE.name => self.sessions.push(Session::decode(row)?),
            name if name == Tries::TABLE.name => self.tries.push(Tries::decode(row)?),
            name if name == CaseComment::TABLE.name => self.comments.push(CaseComment::decode(row)?),
            name if name == FileContent::TABLE.name => self.files.push(FileContent::decode(row)?),
            name if name == FileChunk::TABLE.name => self.chunks.take(&FileChunk::decode(row)?),
            _ => {}
        }
        Ok(())
    }

    /// No two rows of one scope have the same text in a unique column.
    fn unique_keys(&mut self, table: &'static Table, row: &Row, key: &Arc<str>, scope: &Arc<str>) {
        for column in table.unique {
            let Some(value) = row.get(table.column(column)).and_then(text_of) else { continue };
            let place = (table.name, *column, Arc::clone(scope), Arc::clone(value));
            if let Some(other) = self.unique.insert(place, Arc::clone(key)) {
                let words = format_args!("its {column} is {value}, and so is that of {other}");
                self.met.add("unique-keys", table, key, words);
            }
        }
    }

    /// How many rows were taken in.
    pub fn looked_at(&self) -> u64 {
        self.looked_at
    }

    /// Everything that must not be, in order.
    pub fn violations(&self) -> Vec<Violation> {
        let mut findings = Findings::default();
        self.homes(&mut findings);
        self.parents(&mut findings);
        self.people(&mut findings);
        self.comments(&mut findings);
        self.files(&mut findings);
        self.templates(&mut findings);
        self.cases(&mut findings);
        self.events(&mut findings);
        self.workflows(&mut findings);
        self.named_statuses(&mut findings);
        self.runs(&mut findings);
        findings.0.extend(self.met.0.iter().cloned());
        findings.0.sort();
        findings.0
    }
}

fn text_of(cell: &Cell) -> Option<&Arc<str>> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
