//! The last saves of a draft: stored so that none of them is lost, and dropped when they exceed the bounds.

use std::sync::Arc;

use docket_kernel::{Actor, DraftSaveId, Json, Moment, UnitOfWork, Verb};
use serde_json::Value;

use crate::draft::shown;
use crate::limits::{DRAFT_SAVES_BYTES_MAX, DRAFT_SAVES_MAX};
use crate::store::SAVES_OF_DRAFT;
use crate::workflow::{DraftSave, DraftSaveKind, Workflow};

/// Stores the saved definitions, and drops the oldest saves beyond the bounds. `workflow` is the row before the change:
/// a draft that was saved before saves were stored is added with the first of them.
pub(crate) fn keep_saves(
    work: &mut UnitOfWork,
    actor: &Actor,
    workflow: &Workflow,
    saved: &[(DraftSaveKind, &Value)],
) -> Verb<()> {
    let mut rows = work.ask::<DraftSave>(&SAVES_OF_DRAFT, workflow.id.as_str())?;
    rows.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    let (now, by) = (work.now(), shown(actor));
    let mut last: Option<Value> = rows.last().map(|row| (*row.definition).clone());
    if let (None, Some(draft)) = (&last, &workflow.draft) {
        let (at, by) = (workflow.updated_at, workflow.updater_email.clone());
        rows.push(insert(work, workflow, DraftSaveKind::Saved, draft, at, by));
        last = Some((**draft).clone());
    }
    for (kind, definition) in saved {
        if last.as_ref() != Some(*definition) {
            rows.push(insert(work, workflow, *kind, definition, now, by.clone()));
            last = Some((*definition).clone());
        }
    }
    for row in &rows[..dropped(&rows.iter().map(|row| row.size_bytes).collect::<Vec<_>>())] {
        work.remove::<DraftSave>(row.id.as_str())?;
    }
    Ok(())
}

/// The person who saved the stored draft; without a draft, the person who last changed the workflow.
pub(crate) fn saver(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Option<String>> {
    if workflow.draft.is_none() {
        return Ok(workflow.updater_email.clone());
    }
    let rows = work.ask::<DraftSave>(&SAVES_OF_DRAFT, workflow.id.as_str())?;
    let stored = rows.iter().filter(|row| row.kind != DraftSaveKind::BeforeMerge);
    let last = stored.max_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(last.map_or_else(|| workflow.updater_email.clone(), |row| row.saver_email.clone()))
}

fn insert(
    work: &mut UnitOfWork,
    workflow: &Workflow,
    kind: DraftSaveKind,
    definition: &Value,
    created_at: Moment,
    saver_email: Option<String>,
) -> Arc<DraftSave> {
    let id = DraftSaveId::of(work.new_id(DraftSaveId::PREFIX));
    work.insert(DraftSave {
        id,
        environment_id: workflow.environment_id.clone(),
        version: 0,
        workflow_id: workflow.id.clone(),
        kind,
        size_bytes: i64::try_from(definition.to_string().len()).unwrap_or(i64::MAX),
        definition: Json::new(definition.clone()),
        saver_email,
        created_at,
    })
}

/// How many of these saves, oldest first, exceed the bounds. The last save is always kept.
fn dropped(sizes: &[i64]) -> usize {
    let mut bytes: i64 = 0;
    let mut kept = 0;
    for size in sizes.iter().rev() {
        bytes = bytes.saturating_add(*size);
        let is_within = kept < DRAFT_SAVES_MAX as usize && bytes <= DRAFT_SAVES_BYTES_MAX;
        if !is_within && kept > 0 {
            break;
        }
        kept += 1;
    }
    sizes.len() - kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_saves_beyond_the_bounds_are_dropped() {
        let many = |count: usize| dropped(&vec![10; count]);
        assert_eq!((many(0), many(50), many(51), many(53)), (0, 0, 1, 3));

        let half = DRAFT_SAVES_BYTES_MAX / 2;
        assert_eq!(dropped(&[1, half, half]), 1);
        assert_eq!(dropped(&[half, half]), 0);
        assert_eq!(dropped(&[1, DRAFT_SAVES_BYTES_MAX + 1]), 1);
    }
}
