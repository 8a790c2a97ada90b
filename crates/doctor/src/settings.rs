//! The definitions of an organization, stored as a whole while everything else is checked one share at a time:
//! templates, statuses, workflows and their versions.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use docket_cases::{CaseStatus, CaseTemplate, StatusType};
use docket_kernel::{Entity, Json, StatusId, fold};
use docket_workflows::definition::Program;
use docket_workflows::trigger::On;
use docket_workflows::{NamedField, NamedStatus, Subscription, Version, Workflow, WorkflowState};
use serde_json::Value;

use crate::findings::Findings;
use crate::id::hash;

type StatusesByName = HashMap<(Arc<str>, String), Arc<BTreeSet<StatusId>>>;

/// A table, and the key, environment and workflow of one of its rows.
type Beside = (&'static docket_kernel::Table, Arc<str>, Arc<str>, Arc<str>);

/// Templates and their statuses.
#[derive(Debug, Default)]
pub(crate) struct Templates {
    pub by_id: BTreeMap<Arc<str>, CaseTemplate>,
    pub statuses: BTreeMap<Arc<str>, CaseStatus>,
    by_template: HashMap<Arc<str>, Vec<Arc<str>>>,
    by_name: RefCell<StatusesByName>,
}

impl Templates {
    pub fn add_template(&mut self, mut template: CaseTemplate) {
        // No check uses the fields.
        template.fields = Json::default();
        self.by_id.insert(template.key(), template);
    }

    pub fn add_status(&mut self, status: CaseStatus) {
        self.by_template.entry(status.template_id.key()).or_default().push(status.key());
        self.statuses.insert(status.key(), status);
    }

    fn of<'s>(&'s self, template: &str) -> impl Iterator<Item = &'s CaseStatus> + use<'s> {
        let keys = self.by_template.get(template).into_iter().flatten();
        keys.filter_map(|key| self.statuses.get(key))
    }

    /// The initial status of a template.
    pub fn initial(&self, template: &str) -> Option<&CaseStatus> {
        self.of(template).find(|status| status.r#type == StatusType::Initial)
    }

    /// The statuses of a template, current or removed, that have or had this name.
    pub fn names(&self, template: &str, name: &str) -> Arc<BTreeSet<StatusId>> {
        let key = (Arc::<str>::from(template), fold(name));
        if let Some(known) = self.by_name.borrow().get(&key) {
            return Arc::clone(known);
        }
        let is = |known: &String| fold(known) == key.1;
        let present = self
            .of(template)
            .filter(|status| is(&status.name) || status.former_names.iter().chain(&*status.past_names).any(is));
        let gone = self.by_id.get(template).into_iter().flat_map(|template| template.retired.iter());
        let gone = gone
            .filter(|retired| retired.names.iter().chain(&retired.past_names).any(is))
            .map(|retired| retired.id.clone());
        let found = Arc::new(present.map(|status| status.id.clone()).chain(gone).collect::<BTreeSet<_>>());
        self.by_name.borrow_mut().insert(key, Arc::clone(&found));
        found
    }

    /// Checks that each template has exactly one initial status, at least one end status, and no two of the same name.
    pub fn judge(&self, findings: &mut Findings) {
        for (key, status) in &self.statuses {
            let at = (CaseStatus::TABLE, key.as_ref());
            let template = self.by_id.get(status.template_id.as_str()).map(Entity::scope);
            findings.parent(at, &status.scope(), "template", template.as_deref());
        }
        for (id, template) in &self.by_id {
            let of = |wanted: StatusType| self.of(template.id.as_str()).filter(|s| s.r#type == wanted).count();
            let at = (CaseTemplate::TABLE, id.as_ref());
            let what = "the number of its initial statuses";
            findings.same("statuses-of-template", at, what, &of(StatusType::Initial), &1);
            if of(StatusType::End) == 0 {
                findings.add("statuses-of-template", at.0, at.1, "it has no status of type end");
            }
        }
        self.status_names(findings);
    }

    /// Reports statuses of a template with equal names, which can exist if they predate the current naming rule.
    fn status_names(&self, findings: &mut Findings) {
        let mut names: BTreeMap<(&str, String), &str> = BTreeMap::new();
        for (id, status) in &self.statuses {
            let folded = fold(&status.name);
            findings.same("status-names", (CaseStatus::TABLE, id.as_ref()), "its folded name", &status.folded, &folded);
            if let Some(twin) = names.insert((status.template_id.as_str(), folded), &status.name) {
                let words =
                    format!("its name '{}' is the same as '{twin}', of its template too: rename one", status.name);
                findings.add("status-names", CaseStatus::TABLE, id, words);
            }
        }
    }
}

/// The control flow of a definition, without the actions of its steps.
#[derive(Debug)]
pub(crate) struct Outline {
    pub first: Option<usize>,
    pub steps: Vec<OutlineStep>,
}

/// A step of an outline.
#[derive(Debug)]
pub(crate) struct OutlineStep {
    pub id: Box<str>,
    /// The index of the next step.
    pub next: Option<usize>,
    /// The labels of its routes, and the index of the step that each leads to.
    pub routes: Vec<(Box<str>, Option<usize>)>,
}

impl Outline {
    fn of(program: &Program) -> Self {
        let places: HashMap<&str, usize> =
            program.steps().iter().enumerate().map(|(place, node)| (node.id.as_str(), place)).collect();
        let place = |node: Option<&docket_workflows::definition::Node>| places.get(node?.id.as_str()).copied();
        let steps = program.steps().iter().map(|node| {
            let routes = node.routes().iter().enumerate();
            let routes = routes.map(|(at, route)| (route.label.as_str().into(), place(program.enter(node, at))));
            let (id, next) = (node.id.as_str().into(), place(program.next_after(node)));
            OutlineStep { id, next, routes: routes.collect() }
        });
        Self { first: place(program.first()), steps: steps.collect() }
    }
}

/// The parts of a version that are stored.
#[derive(Debug)]
pub(crate) struct KnownVersion {
    pub environment: Arc<str>,
    pub workflow: Arc<str>,
    /// Its control flow, or why its definition can't be read.
    pub outline: Result<Outline, String>,
    /// The events that its trigger names.
    events: BTreeSet<String>,
    /// A hash of every text of its definition, in folded form.
    texts: BTreeSet<u64>,
}

/// Workflows, their versions, and the rows that belong to them.
#[derive(Debug, Default)]
pub(crate) struct Workflows {
    pub by_id: BTreeMap<Arc<str>, Workflow>,
    pub versions: BTreeMap<Arc<str>, KnownVersion>,
    pub subscriptions: Vec<Subscription>,
    pub named_statuses: Vec<NamedStatus>,
    pub named_fields: Vec<NamedField>,
    /// Rows of a workflow that have nothing else to check.
    pub beside: Vec<Beside>,
}

impl Workflows {
    pub fn add_workflow(&mut self, mut workflow: Workflow) {
        workflow.draft = None;
        self.by_id.insert(workflow.key(), workflow);
    }

    pub fn add_version(&mut self, version: &Version) {
        let program = Program::from_json(&version.definition);
        let events = match program.as_ref().map(|program| &program.trigger().on) {
            Ok(On::Events(names)) => names.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        let outline = match &program {
            Ok(program) => Ok(Outline::of(program)),
            Err(problems) => Err(problems.first().map(|problem| problem.message.clone()).unwrap_or_default()),
        };
        let mut texts = BTreeSet::new();
        take_texts(&version.definition, &mut texts);
        let (environment, workflow) = (version.scope(), version.workflow_id.key());
        self.versions.insert(version.key(), KnownVersion { environment, workflow, outline, events, texts });
    }

    fn environment(&self, workflow: &str) -> Option<Arc<str>> {
        self.by_id.get(workflow).map(Entity::scope)
    }

    pub fn judge(&self, findings: &mut Findings) {
        self.parents(findings);
        self.subscribed(findings);
        self.named(findings);
    }

    fn parents(&self, findings: &mut Findings) {
        let version = |id: &str| self.versions.get(id).map(|version| Arc::clone(&version.environment));
        for (key, row) in &self.versions {
            let of = self.environment(&row.workflow);
            findings.parent((Version::TABLE, key), &row.environment, "workflow", of.as_deref());
        }
        for row in &self.subscriptions {
            let at = (Subscription::TABLE, row.id.as_str());
            let workflow = self.environment(row.workflow_id.as_str());
            findings.parent(at, &row.scope(), "workflow", workflow.as_deref());
            findings.parent(at, &row.scope(), "version", version(row.version_id.as_str()).as_deref());
        }
        for row in &self.named_statuses {
            let of = self.environment(row.workflow_id.as_str());
            findings.parent((NamedStatus::TABLE, &row.id), &row.scope(), "workflow", of.as_deref());
        }
        for row in &self.named_fields {
            let of = self.environment(row.workflow_id.as_str());
            findings.parent((NamedField::TABLE, &row.id), &row.scope(), "workflow", of.as_deref());
        }
        for (table, key, environment, of) in &self.beside {
            findings.parent((*table, key), environment, "workflow", self.environment(of).as_deref());
        }
        for (key, row) in &self.by_id {
            if let Some(live) = &row.live_version_id {
                let of = version(live.as_str());
                findings.parent((Workflow::TABLE, key), &row.scope(), "live version", of.as_deref());
            }
        }
    }

    /// Checks that the subscriptions are exactly the events that the live version names.
    fn subscribed(&self, findings: &mut Findings) {
        let mut listening: BTreeMap<&str, Vec<&Subscription>> = BTreeMap::new();
        for row in &self.subscriptions {
            listening.entry(row.workflow_id.as_str()).or_default().push(row);
        }
        let mut published: BTreeMap<&str, i64> = BTreeMap::new();
        for version in self.versions.values() {
            *published.entry(&version.workflow).or_default() += 1;
        }
        for (id, workflow) in &self.by_id {
            let at = (Workflow::TABLE, id.as_ref());
            let is_paused = workflow.state == WorkflowState::Paused;
            let live = workflow.live_version_id.as_ref().filter(|_| workflow.state != WorkflowState::Archived);
            let version = live.and_then(|live| self.versions.get(live.as_str()));
            if let (Some(live), Some(Err(why))) = (live, version.map(|version| &version.outline)) {
                findings.add("versions", Version::TABLE, live.as_str(), why);
            }
            let names = version.into_iter().flat_map(|version| &version.events);
            let wanted: Vec<(String, bool)> = names.map(|name| (name.clone(), is_paused)).collect();
            let rows = listening.remove(id.as_ref()).unwrap_or_default();
            let mut found: Vec<_> = rows.iter().map(|row| (row.event_name.clone(), row.is_paused)).collect();
            found.sort();
            findings.same("subscriptions", at, "what it listens to, and whether it is paused,", &found, &wanted);
            if let Some(row) = rows.iter().find(|row| Some(&row.version_id) != workflow.live_version_id.as_ref()) {
                let words = format_args!("version {} listens and is not live", row.version_id);
                findings.add("subscriptions", at.0, at.1, words);
            }
            let published = published.get(id.as_ref()).copied().unwrap_or_default();
            findings.same("versions", at, "the number of its versions", &published, &workflow.published_count);
        }
    }

    /// Checks that the names recorded for a workflow occur in its live version.
    fn named(&self, findings: &mut Findings) {
        for row in &self.named_statuses {
            let workflow = self.by_id.get(row.workflow_id.as_str());
            let live = workflow
                .filter(|workflow| workflow.state != WorkflowState::Archived)
                .and_then(|workflow| self.versions.get(workflow.live_version_id.as_ref()?.as_str()));
            if !live.is_some_and(|version| version.texts.contains(&hash(row.folded.as_str()))) {
                let words = format_args!("no live version of workflow {} names '{}'", row.workflow_id, row.folded);
                findings.add("named-statuses", NamedStatus::TABLE, &row.id, words);
            }
        }
    }
}

/// Collects every text of a definition, in the form in which names are compared.
fn take_texts(value: &Value, texts: &mut BTreeSet<u64>) {
    match value {
        Value::String(text) => drop(texts.insert(hash(fold(text).as_str()))),
        Value::Array(items) => items.iter().for_each(|item| take_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|member| take_texts(member, texts)),
        _ => {}
    }
}
