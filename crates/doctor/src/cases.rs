//! Invariants of cases: one unbroken chain of events from the first status to the current one.

use docket_cases::{Case, CaseStatus, StatusType};
use docket_events::Event;
use docket_kernel::{Entity, Moment, Table, fold};
use serde_json::Value;

use crate::findings::Findings;
use crate::id::{Id, Word, Words, hash};
use crate::settings::Templates;

/// The parts of a case that are stored until its events are read.
#[derive(Debug)]
struct KnownCase {
    id: Id,
    environment: Word,
    version: i64,
    template: Word,
    /// The name of its current status.
    status: Word,
    is_resolved: bool,
    created_at: Moment,
}

/// The parts of an event of a case that are stored.
#[derive(Debug)]
struct KnownEvent {
    id: Id,
    environment: Word,
    version: i64,
    name: Word,
    from: Word,
    to: Word,
    /// The status of the case right after the event.
    status: Word,
    held: Held,
}

/// The objects of a case, reduced to two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    count: u32,
    /// The sum of their hashes, independent of their order.
    sum: u64,
}

impl Held {
    fn add(&mut self, id: &str) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash(id));
    }
}

/// A row that belongs to a case.
#[derive(Debug)]
struct Child {
    table: &'static Table,
    id: Id,
    environment: Word,
}

/// All rows that refer to the id of a case.
#[derive(Debug, Default)]
pub(crate) struct CaseGroup {
    case: Option<KnownCase>,
    events: Vec<KnownEvent>,
    held: Held,
    children: Vec<Child>,
}

const RELATIONS: [&str; 6] = ["accounts", "inquiries", "reports", "verifications", "transactions", "documents"];

impl CaseGroup {
    /// Its approximate size in bytes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + 2 * (self.events.len() * size_of::<KnownEvent>() + self.children.len() * size_of::<Child>())
    }

    /// Adds the case itself, and checks what can be checked on the case alone.
    pub fn take_case(&mut self, case: &Case, templates: &Templates, words: &mut Words, findings: &mut Findings) {
        let at = (Case::TABLE, case.id.as_str());
        let template = templates.by_id.get(case.template_id.as_str()).map(Entity::scope);
        let status = templates.statuses.get(case.status_id.as_str());
        findings.parent(at, &case.scope(), "template", template.as_deref());
        findings.parent(at, &case.scope(), "status", status.map(Entity::scope).as_deref());
        if let Some(status) = status {
            resolution(case, status, templates, findings);
        }
        self.case = Some(KnownCase {
            id: Id::of(case.id.as_str()),
            environment: words.add(&case.scope()),
            version: case.version,
            template: words.add(case.template_id.as_str()),
            status: words.add_some(status.map(|status| status.name.as_str())),
            is_resolved: case.resolution.is_some(),
            created_at: case.created_at,
        });
    }

    /// Adds an event of the case.
    pub fn take_event(&mut self, event: &Event, words: &mut Words) {
        let mut held = Held::default();
        let mut ids: Vec<&str> = RELATIONS
            .iter()
            .filter_map(|name| event.payload.get(name).and_then(Value::as_array))
            .flatten()
            .filter_map(|related| related.get("id")?.as_str())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        for id in ids {
            held.add(id);
        }
        self.events.push(KnownEvent {
            id: Id::of(event.id.as_str()),
            environment: words.add(&event.scope()),
            version: event.object_version,
            name: words.add(&event.name),
            from: words.add_some(event.from_value.as_deref()),
            to: words.add_some(event.to_value.as_deref()),
            status: words.add_some(event.payload.get("status").and_then(Value::as_str)),
            held,
        });
    }

    /// Adds an object of the case, by its API id.
    pub fn take_held(&mut self, shown_id: &str) {
        self.held.add(shown_id);
    }

    /// Adds a row that belongs to the case.
    pub fn take_child(&mut self, table: &'static Table, id: &str, environment: Word) {
        self.children.push(Child { table, id: Id::of(id), environment });
    }

    /// Checks the group.
    pub fn judge(mut self, templates: &Templates, words: &Words, findings: &mut Findings) {
        let own = self.case.as_ref().map(|case| words.get(case.environment));
        for child in &self.children {
            let id = child.id.to_string();
            findings.parent((child.table, &id), words.get(child.environment), "case", own);
        }
        let Some(case) = self.case.take() else {
            for event in &self.events {
                let said = format!("{} of a case that is not there", words.get(event.name));
                findings.add("case-chain", Event::TABLE, &event.id.to_string(), said);
            }
            return;
        };
        let consequence = |event: &KnownEvent| is_consequence(words.get(event.name));
        self.events.sort_by_cached_key(|event| (event.version, consequence(event), event.id.to_string()));
        Story { case: &case, events: &self.events, held: self.held, templates, words }.judge(findings);
    }
}

/// Whether an event has the same version as another event: a consequence of a status change, or a failed step, which
/// changes nothing.
fn is_consequence(name: &str) -> bool {
    matches!(name, "case.resolved" | "case.reopened" | "case.step-failed")
}

/// A case is resolved if and only if it has an end status.
fn resolution(case: &Case, status: &CaseStatus, templates: &Templates, findings: &mut Findings) {
    let at = (Case::TABLE, case.id.as_str());
    findings.same("status-of-template", at, "the template of its status", &status.template_id, &case.template_id);
    let ends = status.r#type == StatusType::End;
    let what = format!("whether it is resolved, at '{}',", status.name);
    findings.same("resolution", at, &what, &case.resolution.is_some(), &ends);
    findings.same("resolution", at, "whether it has a time of resolution", &case.resolved_at.is_some(), &ends);
    let assigned = case.assignee_id.as_ref().filter(|_| case.resolved_at.is_none());
    let what = "whom it is assigned to while it is open";
    findings.same("open-assignee", at, what, &case.open_assignee_id.as_ref(), &assigned);
    if let Some(resolution) = &case.resolution
        && !templates.names(case.template_id.as_str(), resolution).contains(&case.status_id)
    {
        let words = format!("its resolution is '{resolution}', and its status '{}'", status.name);
        findings.add("resolution", at.0, at.1, words);
    }
}

/// A case with its events in order.
struct Story<'g> {
    case: &'g KnownCase,
    events: &'g [KnownEvent],
    held: Held,
    templates: &'g Templates,
    words: &'g Words,
}

impl Story<'_> {
    /// Checks that every version has its event, and that the statuses form a chain from the first to the current one.
    fn judge(&self, findings: &mut Findings) {
        let (case, words) = (self.case, self.words);
        let id = case.id.to_string();
        let at = (Case::TABLE, id.as_str());
        for event in self.events {
            let (found, wanted) = (words.get(case.environment), words.get(event.environment));
            let row = event.id.to_string();
            findings.same("same-environment", (Event::TABLE, &row), "its object's environment", found, wanted);
        }
        let changes = self.events.iter().filter(|event| !is_consequence(words.get(event.name)));
        let versions: Vec<i64> = changes.map(|event| event.version).collect();
        let wanted: Vec<i64> = (1..=case.version).collect();
        findings.same("case-chain", at, "the versions in its events", &versions, &wanted);
        let created = self.events.iter().filter(|event| words.get(event.name) == "case.created").count();
        findings.same("case-chain", at, "how often it was created", &created, &1);
        let (present, is_resolved) = self.follow(findings);
        let what = "whether its events leave it resolved";
        findings.same("case-chain", at, what, &is_resolved, &case.is_resolved);
        let now = words.get(case.status);
        if !present.is_some_and(|present| self.may_be_one(present, now)) {
            let said = format!("its events end at '{}', and it is '{now}'", present.unwrap_or_default());
            findings.add("case-chain", at.0, at.1, said);
        }
        if let Some(last) = self.events.last()
            && last.held != self.held
        {
            let said = format!(
                "it records that the case holds {} objects, and the case holds {} objects, or others",
                last.held.count, self.held.count
            );
            findings.add("case-holds", Event::TABLE, &last.id.to_string(), said);
        }
    }

    /// The status that the events lead to, and whether they leave the case resolved.
    fn follow(&self, findings: &mut Findings) -> (Option<&str>, bool) {
        let words = self.words;
        let (mut present, mut is_resolved): (Option<&str>, bool) = (None, false);
        for event in self.events {
            match words.get(event.name) {
                "case.created" => {
                    present = words.some(event.status);
                    if let Some(first) = present {
                        self.begins(event, first, findings);
                    }
                }
                "case.status-updated" => {
                    let from = words.get(event.from);
                    if !present.is_some_and(|present| self.may_be_one(present, from)) {
                        let said = format!(
                            "it records a change from '{from}', and the case was '{}'",
                            present.unwrap_or_default()
                        );
                        findings.add("case-chain", Event::TABLE, &event.id.to_string(), said);
                    }
                    present = words.some(event.to);
                }
                name @ ("case.resolved" | "case.reopened") => {
                    let resolves = name == "case.resolved";
                    if is_resolved == resolves {
                        let said = format!("the case was {} already", if resolves { "resolved" } else { "open" });
                        findings.add("case-chain", Event::TABLE, &event.id.to_string(), said);
                    }
                    is_resolved = resolves;
                }
                _ => {}
            }
        }
        (present, is_resolved)
    }

    /// Checks that the case began in the initial status of its template, unless the template was changed since then.
    fn begins(&self, event: &KnownEvent, first: &str, findings: &mut Findings) {
        let template = self.words.get(self.case.template);
        let known = self.templates.by_id.get(template);
        if known.is_none_or(|known| known.updated_at > self.case.created_at) {
            return;
        }
        let named = self.templates.names(template, first);
        let initial = self.templates.initial(template);
        if !named.is_empty() && initial.is_some_and(|initial| !named.contains(&initial.id)) {
            let said = format!("the case began at '{first}', which is not where cases of its template begin");
            findings.add("case-chain", Event::TABLE, &event.id.to_string(), said);
        }
    }

    /// Whether two names, recorded at different times, can be names of one status, which may have been renamed in
    /// between. For a status that was removed without a successor no names are stored.
    fn may_be_one(&self, one: &str, other: &str) -> bool {
        let template = self.words.get(self.case.template);
        let (first, second) = (self.templates.names(template, one), self.templates.names(template, other));
        fold(one) == fold(other) || (first.is_empty() && second.is_empty()) || !first.is_disjoint(&second)
    }
}
