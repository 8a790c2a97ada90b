//! What must hold between a row and its parent: it is there, and both are of one environment.

use std::sync::Arc;

use docket_cases::{Case, CaseObject, CaseStatus};
use docket_kernel::{Entity, Table};
use docket_objects::Object;
use docket_workflows::{NamedField, NamedStatus, Run, Segment, Subscription, Version, Workflow};

use crate::{Doctor, Findings};

/// A row, and the environment it says it is of.
pub(crate) type Child<'d> = (&'static Table, &'d str, Arc<str>);

fn child<'d, E: Entity>(key: &'d str, row: &E) -> Child<'d> {
    (E::TABLE, key, row.scope())
}

pub(crate) fn parent(findings: &mut Findings, child: &Child<'_>, what: &str, environment: Option<Arc<str>>) {
    let (table, key, own) = child;
    match environment {
        Some(environment) => {
            findings.same(
                "same-environment",
                (table, key),
                &format!("the environment of its {what}"),
                &environment,
                own,
            );
        }
        None => findings.add("parent-is-there", table, key, format_args!("its {what} is not there")),
    }
}

impl Doctor {
    pub(crate) fn parents(&self, findings: &mut Findings) {
        let template = |id: &str| self.templates.get(id).map(Entity::scope);
        let workflow = |id: &str| self.workflows.get(id).map(Entity::scope);
        let object = |key: &str| self.objects.get(key).map(|known| Arc::clone(&known.environment));
        let version = |id: &str| self.versions.get(id).map(Entity::scope);
        for (key, status) in &self.statuses {
            parent(findings, &child::<CaseStatus>(key, status), "template", template(status.template_id.as_str()));
        }
        for (key, case) in &self.cases {
            let row = child::<Case>(key, case);
            parent(findings, &row, "template", template(case.template_id.as_str()));
            parent(findings, &row, "status", self.statuses.get(case.status_id.as_str()).map(Entity::scope));
        }
        for held in &self.held {
            let row = child::<CaseObject>(held.id.as_str(), held);
            parent(findings, &row, "case", self.cases.get(held.case_id.as_str()).map(Entity::scope));
            parent(findings, &row, "object", object(&held.object_id));
        }
        for (key, known) in &self.objects {
            if let Some(account) = &known.account {
                let row: Child<'_> = (Object::TABLE, key, Arc::clone(&known.environment));
                parent(findings, &row, "account", object(account));
            }
        }
        for (key, row) in &self.versions {
            parent(findings, &child::<Version>(key, row), "workflow", workflow(row.workflow_id.as_str()));
        }
        for row in &self.subscriptions {
            let own = child::<Subscription>(row.id.as_str(), row);
            parent(findings, &own, "workflow", workflow(row.workflow_id.as_str()));
            parent(findings, &own, "version", version(row.version_id.as_str()));
        }
        for row in &self.named_statuses {
            let own = child::<NamedStatus>(&row.id, row);
            parent(findings, &own, "workflow", workflow(row.workflow_id.as_str()));
        }
        for row in &self.named_fields {
            let own = child::<NamedField>(&row.id, row);
            parent(findings, &own, "workflow", workflow(row.workflow_id.as_str()));
        }
        for (table, key, environment, of) in &self.beside_workflows {
            parent(findings, &(*table, key, Arc::clone(environment)), "workflow", workflow(of.as_str()));
        }
        for (key, row) in &self.workflows {
            if let Some(live) = &row.live_version_id {
                parent(findings, &child::<Workflow>(key, row), "live version", version(live.as_str()));
            }
        }
        for (key, run) in &self.runs {
            let row = child::<Run>(key, run);
            parent(findings, &row, "workflow", workflow(run.workflow_id.as_str()));
            parent(findings, &row, "version", version(run.version_id.as_str()));
        }
        for (run, segments) in &self.segments {
            for segment in segments {
                let row = child::<Segment>(segment.id.as_str(), segment);
                parent(findings, &row, "run", self.runs.get(run).map(Entity::scope));
            }
        }
    }
}
