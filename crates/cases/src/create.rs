//! Creating a case.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{
    Actor, CaseId, CaseTemplateId, EnvironmentId, Json, Moment, Permission, Refusal, StatusId, UnitOfWork, Verb,
    checked_email,
};
use serde_json::{Map, Value};

use crate::add_objects::put_objects;
use crate::case::{Case, tree};
use crate::fields::checked_fields;
use crate::size::checked_size;
use crate::status::Statuses;
use crate::template::hold_template;
use crate::update::checked_sla;

/// The properties of a new case.
#[derive(Clone, Debug, Default)]
pub struct CreateRequest {
    /// Its case template.
    pub template_id: String,
    /// Its field values, plain, by key.
    pub fields: Map<String, Value>,
    /// The objects it holds, by their API ids.
    pub object_ids: Vec<String>,
    /// The e-mail address of the creator, if it is not the caller.
    pub creator_email: Option<String>,
    /// Seconds until its deadline.
    pub sla_seconds: Option<i64>,
}

/// Creates a case in its template's initial status, with the next number of the template.
pub fn create_case(work: &mut UnitOfWork, actor: &Actor, request: &CreateRequest) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let template_id = CaseTemplateId::of(&request.template_id);
    hold_template(work, &template_id)?;
    let statuses = match Statuses::of(work, &template_id) {
        Err(docket_kernel::Halt::Refused(refusal)) => {
            return Err(Refusal::rule("unknown-template", &refusal.sentence)
                .at("/data/attributes/case-template-id")
                .into());
        }
        other => other?,
    };
    let template = Arc::clone(statuses.template());
    if template.archived_at.is_some() {
        let sentence = format!("case template '{}' is archived; no new cases can be opened from it", template.name);
        return Err(Refusal::rule("template-archived", sentence).at("/data/attributes/case-template-id").into());
    }
    checked_fields(&template.fields, &request.fields, true)?;
    checked_sla(request.sla_seconds)?;
    if let Some(email) = &request.creator_email {
        checked_email(email).map_err(|refusal| refusal.at("/data/attributes/creator-email-address"))?;
    }
    let initial = statuses.initial()?;
    let number = work.number(actor.environment.as_str(), &format!("case:{}", template.key))?;
    let id = work.new_id(CaseId::PREFIX);
    let now = work.now();
    let mut case = blank(&actor.environment, &id, template_id.as_str(), &initial.id, now);
    case.name = format!("{}-{number}", template.key);
    case.fields = Json::new(request.fields.clone());
    case.sla_expires_at = request.sla_seconds.map(|seconds| now.plus_seconds(seconds));
    checked_size(0, &case, "/data/attributes/fields")?;
    let shown = actor.shown();
    case.creator_type = shown.as_ref().map(|(_, kind)| (*kind).to_owned());
    case.creator_id = match (&request.creator_email, shown) {
        (Some(email), _) => {
            case.creator_type = Some("user".into());
            Some(email.clone())
        }
        (None, shown) => shown.map(|(id, _)| id.as_ref().to_owned()),
    };
    let case = work.insert(case);
    let objects = put_objects(work, actor, &case, &request.object_ids)?;
    record(work, actor, NewEvent::about(&*case, "case.created", tree(&case, &initial.name, &objects)));
    Ok(case)
}

/// An empty case.
pub(crate) fn blank(environment: &EnvironmentId, id: &str, template: &str, status: &StatusId, now: Moment) -> Case {
    Case {
        id: CaseId::of(id),
        environment_id: environment.clone(),
        version: 0,
        event_ordinal: 0,
        template_id: CaseTemplateId::of(template),
        status_id: status.clone(),
        name: String::new(),
        resolution: None,
        fields: Json::default(),
        tags: Json::default(),
        attachments: Json::default(),
        queue_id: None,
        creator_id: None,
        creator_type: None,
        assignee_id: None,
        open_assignee_id: None,
        assigner_id: None,
        assigner_type: None,
        resolver_id: None,
        resolver_type: None,
        updater_id: None,
        updater_type: None,
        created_at: now,
        updated_at: None,
        assigned_at: None,
        resolved_at: None,
        redacted_at: None,
        sla_expires_at: None,
    }
}
