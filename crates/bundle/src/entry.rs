//! Converts rows to bundle entries, and entries to the inputs of the verbs. Each row is destructured member by member:
//! a new member must be carried in the bundle, or be listed here as one that is left out.

use docket_cases::{CaseStatus, CaseTemplate, StatusInput, Statuses, TemplateRequest, retired_of};
use docket_workflows::Workflow;
use serde_json::Value;

use crate::document::{StatusEntry, TemplateEntry, WorkflowEntry};

/// A template with its statuses as a bundle entry.
pub(crate) fn of_template(statuses: &Statuses) -> TemplateEntry {
    let CaseTemplate {
        id: _,
        environment_id: _,
        version: _,
        event_ordinal: _,
        name,
        key,
        slug,
        fields,
        retired: _,
        archived_at: _,
        created_at: _,
        updated_at: _,
    } = &**statuses.template();
    TemplateEntry {
        slug: slug.clone(),
        name: name.clone(),
        key: key.clone(),
        fields: (**fields).clone(),
        statuses: statuses.list().iter().map(|status| of_status(status, statuses)).collect(),
        retired: retired_of(statuses),
    }
}

fn of_status(status: &CaseStatus, all: &Statuses) -> StatusEntry {
    let CaseStatus {
        id: _,
        environment_id: _,
        version: _,
        template_id: _,
        position: _,
        name,
        folded: _,
        slug,
        r#type,
        color,
        require_comment,
        comment_binds_keys,
        comment_binds_workflows,
        allowed_next,
        former_names,
        past_names: _,
    } = status;
    let slugs = |ids: &[docket_kernel::StatusId]| {
        ids.iter().filter_map(|id| all.by_id(id)).map(|status| status.slug.clone()).collect()
    };
    StatusEntry {
        slug: slug.clone(),
        name: name.clone(),
        r#type: *r#type,
        color: color.clone(),
        require_comment: *require_comment,
        comment_binds_keys: *comment_binds_keys,
        comment_binds_workflows: *comment_binds_workflows,
        allowed_next: allowed_next.as_ref().map(|ids| slugs(ids)),
        former_names: (**former_names).clone(),
    }
}

/// A workflow with one of its definitions, written with slugs, as a bundle entry.
pub(crate) fn of_workflow(workflow: &Workflow, definition: Value) -> WorkflowEntry {
    let Workflow {
        id: _,
        environment_id: _,
        version: _,
        event_ordinal: _,
        name,
        folded: _,
        slug,
        description,
        state: _,
        draft_id: _,
        draft_number: _,
        draft: _,
        draft_since: _,
        draft_base_id: _,
        live_version_id: _,
        naming: _,
        published_count: _,
        updater_email: _,
        created_at: _,
        updated_at: _,
    } = workflow;
    WorkflowEntry { slug: slug.clone(), name: name.clone(), description: description.clone(), definition }
}

impl TemplateEntry {
    /// The request that creates this template.
    pub(crate) fn request(&self) -> TemplateRequest {
        TemplateRequest {
            name: self.name.clone(),
            key: Some(self.key.clone()),
            slug: Some(self.slug.clone()),
            fields: self.fields.clone(),
            statuses: Some(self.status_inputs()),
            retired: self.retired.clone(),
        }
    }

    /// Its statuses as inputs of the verbs, which refer to the statuses that may follow by name.
    pub(crate) fn status_inputs(&self) -> Vec<StatusInput> {
        let name = |slug: &String| self.statuses.iter().find(|status| status.slug == *slug).map(|s| s.name.clone());
        let input = |status: &StatusEntry| StatusInput {
            id: None,
            slug: Some(status.slug.clone()),
            name: status.name.clone(),
            r#type: status.r#type,
            color: status.color.clone(),
            require_comment: status.require_comment,
            comment_binds_keys: status.comment_binds_keys,
            comment_binds_workflows: status.comment_binds_workflows,
            allowed_next: status.allowed_next.as_ref().map(|next| next.iter().filter_map(name).collect()),
            former_names: Some(status.former_names.clone()),
        };
        self.statuses.iter().map(input).collect()
    }
}
