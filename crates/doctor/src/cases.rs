//! What must hold of cases: one unbroken chain of events from the first status to the present one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_cases::{Case, CaseStatus, CaseTemplate, StatusType};
use docket_kernel::{Entity, StatusId, fold};

use crate::events::Told;
use crate::{Doctor, Findings};

impl Doctor {
    /// Each template has one status to begin with and at least one to end with.
    pub(crate) fn templates(&self, findings: &mut Findings) {
        for (id, template) in &self.templates {
            let of = |wanted: StatusType| {
                let own = self.statuses.values().filter(|status| status.template_id == template.id);
                own.filter(|status| status.r#type == wanted).count()
            };
            let at = (CaseTemplate::TABLE, id.as_ref());
            findings.same(
                "statuses-of-template",
                at,
                "the number of its initial statuses",
                &of(StatusType::Initial),
                &1,
            );
            if of(StatusType::End) == 0 {
                findings.add("statuses-of-template", at.0, at.1, "it has no status of type end");
            }
        }
        self.status_names(findings);
    }

    /// No two statuses of a template have the same name. Some from before the present rule of names may.
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

    pub(crate) fn cases(&self, findings: &mut Findings) {
        let mut told: BTreeMap<&str, Vec<(&Arc<str>, &Told)>> = BTreeMap::new();
        // A vendor has cases too, which are no cases of ours.
        let is_ours = |event: &Told| event.object_type == "case" && event.vendor_event.is_none();
        for (id, event) in self.events.iter().filter(|(_, event)| is_ours(event)) {
            told.entry(&event.object_id).or_default().push((id, event));
        }
        let mut held: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for object in &self.held {
            held.entry(object.case_id.as_str()).or_default().insert(object.shown_id().to_owned());
        }
        for (id, case) in &self.cases {
            let events = told.remove(id.as_ref()).unwrap_or_default();
            self.resolution(id, case, findings);
            self.story(id, case, events, held.remove(id.as_ref()).unwrap_or_default(), findings);
        }
        for (case, events) in told {
            for (id, event) in events {
                let words = format!("{} of case {case}, which is not there", event.name);
                findings.add("case-chain", docket_events::Event::TABLE, id, words);
            }
        }
    }

    /// Resolved, if and only if it stands at an end.
    fn resolution(&self, id: &str, case: &Case, findings: &mut Findings) {
        let at = (Case::TABLE, id);
        let Some(status) = self.statuses.get(case.status_id.as_str()) else { return };
        findings.same("status-of-template", at, "the template of its status", &status.template_id, &case.template_id);
        let ends = status.r#type == StatusType::End;
        findings.same(
            "resolution",
            at,
            &format!("whether it is resolved, at '{}',", status.name),
            &case.resolution.is_some(),
            &ends,
        );
        findings.same("resolution", at, "whether it has a time of resolution", &case.resolved_at.is_some(), &ends);
        let assigned = case.assignee_id.as_ref().filter(|_| case.resolved_at.is_none());
        let what = "whom it is assigned to while it is open";
        findings.same("open-assignee", at, what, &case.open_assignee_id.as_ref(), &assigned);
        if let Some(resolution) = &case.resolution
            && !self.names(&case.template_id, resolution).contains(&case.status_id)
        {
            let words = format!("its resolution is '{resolution}', and its status '{}'", status.name);
            findings.add("resolution", at.0, at.1, words);
        }
    }

    /// Every version has its event, and the statuses follow on one another from the first to the present one.
    fn story(
        &self,
        id: &str,
        case: &Case,
        mut events: Vec<(&Arc<str>, &Told)>,
        held: BTreeSet<String>,
        findings: &mut Findings,
    ) {
        let at = (Case::TABLE, id);
        events.sort_by_key(|(id, event)| (event.version, event.is_consequence(), Arc::clone(id)));
        let versions: Vec<i64> = events.iter().filter(|(_, e)| !e.is_consequence()).map(|(_, e)| e.version).collect();
        let wanted: Vec<i64> = (1..=case.version).collect();
        findings.same("case-chain", at, "the versions in its events", &versions, &wanted);
        let created = events.iter().filter(|(_, event)| event.name == "case.created").count();
        findings.same("case-chain", at, "how often it was created", &created, &1);
        let (mut present, mut is_resolved): (Option<&str>, bool) = (None, false);
        for (event_id, event) in &events {
            match event.name.as_str() {
                "case.created" => {
                    present = event.status.as_deref();
                    if let Some(first) = present {
                        self.begins(case, event_id, first, findings);
                    }
                }
                "case.status-updated" => {
                    let from = event.from.as_deref().unwrap_or_default();
                    if !present.is_some_and(|present| self.may_be_one(case, present, from)) {
                        let words = format!(
                            "it records a change from '{from}', and the case was '{}'",
                            present.unwrap_or_default()
                        );
                        findings.add("case-chain", docket_events::Event::TABLE, event_id, words);
                    }
                    present = event.to.as_deref();
                }
                "case.resolved" | "case.reopened" => {
                    let resolves = event.name == "case.resolved";
                    if is_resolved == resolves {
                        let words = format!("the case was {} already", if resolves { "resolved" } else { "open" });
                        findings.add("case-chain", docket_events::Event::TABLE, event_id, words);
                    }
                    is_resolved = resolves;
                }
                _ => {}
            }
        }
        findings.same(
            "case-chain",
            at,
            "whether its events leave it resolved",
            &is_resolved,
            &case.resolution.is_some(),
        );
        let now = self.statuses.get(case.status_id.as_str()).map_or("", |status| &status.name);
        if !present.is_some_and(|present| self.may_be_one(case, present, now)) {
            let words = format!("its events end at '{}', and it is '{now}'", present.unwrap_or_default());
            findings.add("case-chain", at.0, at.1, words);
        }
        if let Some((last, event)) = events.last()
            && event.held != held
        {
            let words = format!("it records that the case holds {:?}, but the case holds {held:?}", event.held);
            findings.add("case-holds", docket_events::Event::TABLE, last, words);
        }
    }

    /// It began where its template lets cases begin. A template that was changed since can't tell where that was.
    fn begins(&self, case: &Case, event: &str, first: &str, findings: &mut Findings) {
        let template = self.templates.get(case.template_id.as_str());
        if template.is_none_or(|template| template.updated_at > case.created_at) {
            return;
        }
        let of_template = |status: &&CaseStatus| status.template_id == case.template_id;
        let named = self.names(&case.template_id, first);
        let is_first = |status: &&CaseStatus| status.r#type == StatusType::Initial;
        let initial = self.statuses.values().filter(of_template).find(is_first);
        if !named.is_empty() && initial.is_some_and(|initial| !named.contains(&initial.id)) {
            let words = format!("the case began at '{first}', which is not where cases of its template begin");
            findings.add("case-chain", docket_events::Event::TABLE, event, words);
        }
    }

    /// Whether two names, told at different times, can be of one status: it may have been renamed in between. Of a
    /// status that is gone without a successor no name is known any more.
    fn may_be_one(&self, case: &Case, one: &str, other: &str) -> bool {
        let (first, second) = (self.names(&case.template_id, one), self.names(&case.template_id, other));
        fold(one) == fold(other) || (first.is_empty() && second.is_empty()) || !first.is_disjoint(&second)
    }

    /// The statuses of a template, present or gone, that have or had this name.
    fn names(&self, template: &docket_kernel::CaseTemplateId, name: &str) -> BTreeSet<StatusId> {
        let folded = fold(name);
        let is = |known: &String| fold(known) == folded;
        let of_template = |status: &&CaseStatus| status.template_id == *template;
        let statuses = self.statuses.values().filter(of_template);
        let present =
            statuses.filter(|status| is(&status.name) || status.former_names.iter().chain(&*status.past_names).any(is));
        let gone = self.templates.get(template.as_str()).into_iter().flat_map(|template| template.retired.iter());
        let gone = gone
            .filter(|retired| retired.names.iter().chain(&retired.past_names).any(is))
            .map(|retired| retired.id.clone());
        present.map(|status| status.id.clone()).chain(gone).collect()
    }
}
