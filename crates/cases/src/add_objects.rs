//! Adding objects to a case.

use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{Actor, CaseId, CaseObjectId, Permission, Refusal, UnitOfWork, Verb};
use docket_objects::Object;

use crate::case::{Case, CaseObject, existing, objects_of, tree};
use crate::status::Statuses;

/// The maximum number of objects in a case.
pub const OBJECTS_MAX: usize = 1_000;

/// The object types that a case can hold.
const HELD: &[&str] = &["account", "inquiry", "report", "verification", "transaction", "document", "graph-query"];

/// Whether a case can hold objects of a type: `verification/government-id` counts as `verification`.
pub fn can_hold(kind: &str) -> bool {
    HELD.contains(&kind.split('/').next().unwrap_or_default())
}

/// Adds objects to a case. An object that is already in it stays in it; if all are, nothing is written.
pub fn add_objects(work: &mut UnitOfWork, actor: &Actor, case: &CaseId, ids: &[String]) -> Verb<Arc<Case>> {
    actor.may(Permission::CaseWrite)?;
    let case = existing(work, case)?;
    let before = objects_of(work, &case)?.len();
    let objects = put_objects(work, actor, &case, ids)?;
    if objects.len() == before {
        return Ok(case);
    }
    let statuses = Statuses::of(work, &case.template_id)?;
    let now = work.now();
    let case = work.change::<Case>(case.id.as_str(), |case| {
        case.touch(actor, now);
    })?;
    let tree = tree(&case, statuses.name(&case.status_id), &objects);
    record(work, actor, NewEvent::about(&*case, "case.updated", tree).with("added-object-ids", ids.to_vec()));
    Ok(case)
}

/// Adds objects to a case and returns all its objects.
pub(crate) fn put_objects(
    work: &mut UnitOfWork,
    actor: &Actor,
    case: &Case,
    ids: &[String],
) -> Verb<Vec<Arc<CaseObject>>> {
    let mut held = objects_of(work, case)?;
    for id in ids {
        work.hint::<Object>(&docket_objects::key(&actor.environment, id));
    }
    let mut findings = Vec::new();
    for (place, id) in ids.iter().enumerate() {
        let Some(object) = Object::named(work, &actor.environment, id)? else {
            findings.push(refused("unknown-object", place, &format!("object {id} is not found")));
            continue;
        };
        if !can_hold(&object.kind) {
            let kind = object.kind.split('/').next().unwrap_or_default();
            let sentence = format!("a case can't hold {id}, which is of the type {kind}; it holds {}", HELD.join(", "));
            findings.push(refused("object-kind", place, &sentence));
            continue;
        }
        if held.iter().any(|known| known.object_id == object.id) {
            continue;
        }
        if held.len() >= OBJECTS_MAX {
            let sentence = format!("a case holds at most {OBJECTS_MAX} objects");
            findings.push(refused("too-many-objects", place, &sentence));
            break;
        }
        let (new_id, created_at) = (CaseObjectId::of(work.new_id(CaseObjectId::PREFIX)), work.now());
        held.push(work.insert(CaseObject {
            id: new_id,
            environment_id: actor.environment.clone(),
            case_id: case.id.clone(),
            object_id: Arc::clone(&object.id),
            kind: object.kind.clone(),
            pair: format!("{}:{}", case.id, object.id),
            created_at,
        }));
    }
    match Refusal::of_all(findings) {
        Some(refusal) => Err(refusal.into()),
        None => Ok(held),
    }
}

fn refused(code: &str, place: usize, sentence: &str) -> Refusal {
    Refusal::rule(code, sentence).at(format!("/meta/object-ids/{place}"))
}
