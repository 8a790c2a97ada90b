//! Updating a case's fields and deadline.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::{Map, Value};

use crate::case::{Case, existing, objects_of, tree};
use crate::fields::checked_change;
use crate::size::{checked_size, content_bytes};
use crate::status::Statuses;
use crate::template::{hold_template, template};

/// The furthest deadline, in seconds from now: 90 days.
pub const SLA_SECONDS_MAX: i64 = 90 * 86_400;

/// The changes to make.
#[derive(Clone, Debug, Default)]
pub struct UpdateRequest {
    /// Fields to set, by key; null clears one.
    pub fields: Map<String, Value>,
    /// Seconds until its deadline; `Some(None)` clears it.
    pub sla_seconds: Option<Option<i64>>,
}

pub(crate) fn checked_sla(seconds: Option<i64>) -> Result<(), Refusal> {
    match seconds {
        Some(seconds) if !(0..=SLA_SECONDS_MAX).contains(&seconds) => {
            let sentence = format!("a deadline is 0 to {SLA_SECONDS_MAX} seconds (90 days) ahead, not {seconds}");
            Err(Refusal::rule("sla", sentence).at("/meta/sla-expires-in-seconds"))
        }
        _ => Ok(()),
    }
}

/// Updates a case. If nothing differs, nothing is written.
pub fn update_case(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, request: &UpdateRequest) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    if !request.fields.is_empty() {
        case.takes_content()?;
        hold_template(work, &case.template_id)?;
    }
    let template = template(work, &case.template_id)?;
    checked_change(&template.fields, &request.fields, &case.fields)?;
    checked_sla(request.sla_seconds.flatten())?;
    let changed: Vec<String> = request
        .fields
        .iter()
        .filter(|(key, value)| case.fields.get(*key).unwrap_or(&Value::Null) != *value)
        .map(|(key, _)| key.clone())
        .collect();
    if changed.is_empty() && request.sla_seconds.is_none() {
        return Ok(case);
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let objects = objects_of(work, &case)?;
    let (now, before) = (work.now(), content_bytes(&case));
    let case = work.change::<Case>(case.id.as_str(), |case| {
        let fields = case.fields.edit();
        for (key, value) in &request.fields {
            if value.is_null() {
                fields.shift_remove(key);
            } else {
                fields.insert(key.clone(), value.clone());
            }
        }
        if let Some(sla) = request.sla_seconds {
            case.sla_expires_at = sla.map(|seconds| now.plus_seconds(seconds));
        }
        case.touch(actor, now);
    })?;
    checked_size(before, &case, "/data/attributes/fields")?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    let name = if changed.is_empty() { "case.updated" } else { "case.updated-fields" };
    record(work, actor, NewEvent::about(&*case, name, tree).with("updated-fields", changed));
    Ok(case)
}
