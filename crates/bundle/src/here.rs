//! The current definitions of an environment.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_cases::store::{STATUSES_OF_ENVIRONMENT, TEMPLATES_OF_ENVIRONMENT};
use docket_cases::{CaseStatus, CaseTemplate, Statuses};
use docket_kernel::{CaseTemplateId, EnvironmentId, UnitOfWork, Verb};
use docket_workflows::store::WORKFLOWS_OF_ENVIRONMENT;
use docket_workflows::{Version, Workflow};
use serde_json::Value;

use crate::reference::Ids;

/// Templates with their statuses, and workflows, by slug; includes archived ones.
pub(crate) struct Here {
    pub(crate) templates: BTreeMap<String, Statuses>,
    pub(crate) workflows: BTreeMap<String, Arc<Workflow>>,
    /// Whether there are workflows that are not listed.
    pub(crate) are_more: bool,
}

impl Here {
    /// Reads the definitions of an environment within the bounds of the queries, plus the workflows with these slugs.
    pub(crate) fn of(work: &mut UnitOfWork, environment: &EnvironmentId, slugs: &[&str]) -> Verb<Self> {
        let whose = environment.as_str();
        for question in [&TEMPLATES_OF_ENVIRONMENT, &STATUSES_OF_ENVIRONMENT, &WORKFLOWS_OF_ENVIRONMENT] {
            work.hint_ask(question, whose);
        }
        for slug in slugs {
            work.hint_find::<Workflow>("slug", slug);
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
        let (mut listed, are_more) = work.some::<Workflow>(&WORKFLOWS_OF_ENVIRONMENT, whose)?;
        for slug in slugs {
            listed.extend(work.find::<Workflow>("slug", slug)?);
        }
        Ok(Self {
            templates: templates.iter().map(of).collect(),
            workflows: listed.into_iter().map(|workflow| (workflow.slug.clone(), workflow)).collect(),
            are_more,
        })
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
        for (slug, workflow) in &self.workflows {
            ids.know(format!("workflows/{slug}"), workflow.id.as_str());
        }
        ids
    }
}

/// The live definition of a workflow.
pub(crate) fn live(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Option<Value>> {
    Ok(match &workflow.live_version_id {
        Some(id) => work.get::<Version>(id.as_str())?.map(|version| (*version.definition).clone()),
        None => None,
    })
}
