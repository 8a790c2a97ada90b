//! What must hold of cases: one unbroken chain of events from the first status to the present one.

use docket_cases::{Case, CaseStatus, StatusType};
use docket_events::Event;
use docket_kernel::{Entity, Moment, Table, fold};
use serde_json::Value;

use crate::findings::Findings;
use crate::id::{Id, Word, Words, hash};
use crate::settings::Templates;

/// What is kept of a case until its events are known.
#[derive(Debug)]
struct KnownCase {
    id: Id,
    environment: Word,
    version: i64,
    template: Word,
    /// The name of the status it has now.
    status: Word,
    is_resolved: bool,
    created_at: Moment,
}

/// What is kept of an event of a case.
#[derive(Debug)]
struct KnownEvent {
    id: Id,
    environment: Word,
    version: i64,
    name: Word,
    from: Word,
    to: Word,
    /// The status the case had right after.
    status: Word,
    held: Held,
}

/// The objects a case holds, in two numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Held {
    count: u32,
    /// The sum of their hashes, in whatever order they come.
    sum: u64,
}

impl Held {
    fn add(&mut self, id: &str) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash(id));
    }
}

/// A row that says it is of a case.
#[derive(Debug)]
struct Child {
    table: &'static Table,
    id: Id,
    environment: Word,
}

/// All that meets under the id of a case.
#[derive(Debug, Default)]
pub(crate) struct CaseGroup {
    case: Option<KnownCase>,
    events: Vec<KnownEvent>,
    held: Held,
    children: Vec<Child>,
}

const RELATIONS: [&str; 6] = ["accounts", "inquiries", "reports", "verifications", "transactions", "documents"];

impl CaseGroup {
    /// About how many bytes it takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + 2 * (self.events.len() * size_of::<KnownEvent>() + self.children.len() * size_of::<Child>())
    }

    /// Takes in the case itself, and judges what can be judged on it alone.
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

    /// Takes in an event of the case.
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

    /// Takes in that the case holds an object, by the id the API shows.
    pub fn take_held(&mut self, shown_id: &str) {
        self.held.add(shown_id);
    }

    /// Takes in a row that says it is of the case.
    pub fn take_child(&mut self, table: &'static Table, id: &str, environment: Word) {
        self.children.push(Child { table, id: Id::of(id), environment });
    }

    /// Judges all of it.
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

/// Whether an event stands at the version of another: what follows from a change of status, and a failed step, which
/// changes nothing.
fn is_consequence(name: &str) -> bool {
    matches!(name, "case.resolved" | "case.reopened" | "case.step-failed")
}

/// Resolved, if and only if it stands at an end.
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
    /// Every version has its event, and the statuses follow on one another from the first to the present one.
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

    /// Where the events lead: to which status, and whether it is resolved.
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

    /// It began where its template lets cases begin. A template that was changed since can't tell where that was.
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

    /// Whether two names, recorded at different times, can be of one status: it may have been renamed in between. Of a
    /// status that is gone without a successor no name is known any more.
    fn may_be_one(&self, one: &str, other: &str) -> bool {
        let template = self.words.get(self.case.template);
        let (first, second) = (self.templates.names(template, one), self.templates.names(template, other));
        fold(one) == fold(other) || (first.is_empty() && second.is_empty()) || !first.is_disjoint(&second)
    }
}
