//! The current definitions of an environment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_cases::store::{STATUSES_OF_ENVIRONMENT, TEMPLATES_OF_ENVIRONMENT};
use docket_cases::{CaseStatus, CaseTemplate, Statuses};
use docket_kernel::{CaseTemplateId, EnvironmentId, UnitOfWork, Verb};
use docket_workflows::store::WORKFLOWS_OF_ENVIRONMENT;
use docket_workflows::{Version, Workflow};
use serde_json::Value;

use crate::document::WorkflowEntry;
use crate::reference::{Ids, workflow_ids, workflow_slugs};

/// How many workflows or versions are loaded at once: each has a definition.
pub(crate) const AT_ONCE: usize = 20;

/// Templates with their statuses, and workflows, by slug; includes archived ones.
pub(crate) struct Here {
    pub(crate) templates: BTreeMap<String, Statuses>,
    pub(crate) workflows: BTreeMap<String, Arc<Workflow>>,
    /// Whether there are workflows that are not listed.
    pub(crate) are_more: bool,
}

impl Here {
    /// Reads the definitions of an environment within the bounds of the queries, plus the workflows of these entries and
    /// those that they refer to.
    pub(crate) fn beside<'e>(
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        entries: impl Iterator<Item = &'e WorkflowEntry>,
    ) -> Verb<Self> {
        let mut slugs = BTreeSet::new();
        for entry in entries {
            slugs.insert(entry.slug.as_str());
            workflow_slugs(&entry.definition, &mut slugs);
        }
        Self::of(work, environment, &slugs)
    }

    /// Reads the definitions of an environment within the bounds of the queries, plus the workflows with these slugs.
    pub(crate) fn of(work: &mut UnitOfWork, environment: &EnvironmentId, slugs: &BTreeSet<&str>) -> Verb<Self> {
        let whose = environment.as_str();
        for question in [&TEMPLATES_OF_ENVIRONMENT, &STATUSES_OF_ENVIRONMENT, &WORKFLOWS_OF_ENVIRONMENT] {
            work.hint_ask(question, whose);
        }
        let templates = work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, whose)?;
        let mut statuses: BTreeMap<CaseTemplateId, Vec<Arc<CaseStatus>>> = BTreeMap::new();
        for status in work.ask::<CaseStatus>(&STATUSES_OF_ENVIRONMENT, whose)? {
            statuses.entry(status.template_id.clone()).or_default().push(status);
        }
        let of = |template: &Arc<CaseTemplate>| {
            let own = statuses.get(&template.id).map_or(&[][..], Vec::as_slice);
            (template.slug.clone(), Statuses::from(template, own))
        };
        let (listed, are_more) = work.some::<Workflow>(&WORKFLOWS_OF_ENVIRONMENT, whose)?;
        let mut workflows: BTreeMap<_, _> =
            listed.into_iter().map(|workflow| (workflow.slug.clone(), workflow)).collect();
        let unlisted: Vec<&str> =
            slugs.iter().filter(|slug| are_more && !workflows.contains_key(**slug)).copied().collect();
        for some in unlisted.chunks(AT_ONCE) {
            for slug in some {
                work.hint_find::<Workflow>("slug", slug);
            }
            for slug in some {
                if let Some(workflow) = work.find::<Workflow>("slug", slug)? {
                    workflows.insert(workflow.slug.clone(), workflow);
                }
            }
        }
        Ok(Self { templates: templates.iter().map(of).collect(), workflows, are_more })
    }

    /// Adds the workflows that a definition refers to by id and that the queries did not return.
    pub(crate) fn find_named(&mut self, work: &mut UnitOfWork, definition: &Value, ids: &mut Ids) -> Verb<()> {
        if !self.are_more {
            return Ok(());
        }
        let mut named = BTreeSet::new();
        workflow_ids(definition, &mut named);
        let unknown: Vec<String> = named.into_iter().filter(|id| !ids.knows(id)).collect();
        for some in unknown.chunks(AT_ONCE) {
            for id in some {
                work.hint::<Workflow>(id);
            }
            for id in some {
                if let Some(workflow) = work.get::<Workflow>(id)? {
                    ids.know(path_of(&workflow), id);
                    self.workflows.insert(workflow.slug.clone(), workflow);
                }
            }
        }
        Ok(())
    }

    /// The ids of everything here that a slug can refer to.
    pub(crate) fn ids(&self) -> Ids {
        let mut ids = Ids::default();
        for (slug, statuses) in &self.templates {
            let path = format!("case-templates/{slug}");
            for status in statuses.list() {
                ids.know(format!("{path}/statuses/{}", status.slug), status.id.as_str());
            }
            ids.know(path, statuses.template().id.as_str());
        }
        for workflow in self.workflows.values() {
            ids.know(path_of(workflow), workflow.id.as_str());
        }
        ids
    }
}

fn path_of(workflow: &Workflow) -> String {
    format!("workflows/{}", workflow.slug)
}

/// The live definition of a workflow.
pub(crate) fn live(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Option<Value>> {
    Ok(match &workflow.live_version_id {
        Some(id) => work.get::<Version>(id.as_str())?.map(|version| (*version.definition).clone()),
        None => None,
    })
}
