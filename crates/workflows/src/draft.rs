//! Creating a workflow and saving its draft. A draft may have problems: they are listed, and the draft is saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use docket_events::{NewEvent, record};
use docket_kernel::{
    Actor, Json, Permission, Refusal, RefusalKind, SLUG_CHARACTERS_MAX, UnitOfWork, Verb, VersionId, WorkflowId, fold,
    free_slug, is_slug, slug_of,
};
use serde_json::{Value, json};

use crate::describe::checked_workflow_name;
use crate::draft_saves::{keep_saves, saver};
use crate::engine::Engine;
use crate::known::check_here;
use crate::limits::DEFINITION_BYTES_MAX;
use crate::merge::{Choices, Conflict, Merge, Side, merge};
use crate::problem::Problem;
use crate::publish::tree;
use crate::start::existing;
use crate::workflow::{DraftSaveKind, Version, Workflow, WorkflowState};

/// A workflow with the problems of its draft.
pub type Drafted = (Arc<Workflow>, Vec<Problem>);

/// The properties of a new workflow.
#[derive(Clone, Debug, Default)]
pub struct WorkflowRequest {
    /// The display name, 1 to 100 characters.
    pub name: String,
    /// The slug in setup bundles; derived from the name if absent.
    pub slug: Option<String>,
    /// The description.
    pub description: Option<String>,
    /// Its draft.
    pub definition: Option<Value>,
}

/// Creates a workflow with a draft and no published version.
pub fn create_workflow(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    request: &WorkflowRequest,
) -> Verb<Drafted> {
    actor.may(Permission::WorkflowWrite)?;
    let name = checked_workflow_name(&request.name)?;
    let slug = slug_for(work, request)?;
    let problems = checked(engine, work, actor, request.definition.as_ref())?;
    let now = work.now();
    let id = WorkflowId::of(work.new_id(WorkflowId::PREFIX));
    let draft_id = VersionId::of(work.new_id(VersionId::PREFIX));
    let workflow = work.insert(Workflow {
        id,
        environment_id: actor.environment.clone(),
        version: 0,
        folded: fold(&name),
        name,
        slug,
        description: request.description.clone(),
        state: WorkflowState::Draft,
        draft_id,
        draft_number: 1,
        draft: request.definition.clone().map(Json::new),
        event_ordinal: 0,
        draft_since: 1,
        draft_base_id: None,
        live_version_id: None,
        naming: None,
        published_count: 0,
        updater_email: shown(actor),
        created_at: now,
        updated_at: now,
    });
    if let Some(definition) = &request.definition {
        keep_saves(work, actor, &workflow, &[(DraftSaveKind::Saved, definition)])?;
    }
    Ok((workflow, problems))
}

/// The requested slug, which must be free, or one derived from the name.
fn slug_for(work: &mut UnitOfWork, request: &WorkflowRequest) -> Verb<String> {
    if let Some(slug) = &request.slug {
        let refused = |code: &str, kind, sentence: String| {
            Err(Refusal::new(kind, code, sentence).at("/data/attributes/slug").into())
        };
        if !is_slug(slug) {
            let sentence = format!(
                "'{slug}' can't be a slug: a slug is 1 to {SLUG_CHARACTERS_MAX} lower-case letters, digits and hyphens, \
                 with no hyphen at its ends"
            );
            return refused("slug", RefusalKind::Rule, sentence);
        }
        return match work.find::<Workflow>("slug", slug)? {
            None => Ok(slug.clone()),
            Some(other) => {
                refused("slug-taken", RefusalKind::Conflict, format!("workflow '{}' has the slug {slug}", other.name))
            }
        };
    }
    free_slug::<Workflow>(work, &slug_of(&request.name, "workflow"))
}

/// Saves the draft. `expected` is the version of the workflow that the author saw; if the draft has changed since, the
/// refusal contains both drafts and nothing is saved.
pub fn save_draft(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    expected: Option<i64>,
    definition: &Value,
) -> Verb<Drafted> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    looked_at(&workflow, expected, "saving", definition)?;
    store(engine, work, actor, &workflow, &[(DraftSaveKind::Saved, definition)], definition)
}

/// A draft to save, with the draft it is based on.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'e> {
    /// The draft.
    pub definition: &'e Value,
    /// The draft that its author started from.
    pub base: &'e Value,
    /// The side to take where both changed the same part. Applies only to the stored draft that `expected` identifies.
    pub choices: &'e Choices,
}

/// The other side of a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedWith {
    /// The person who saved the stored draft.
    pub saver: Option<String>,
    /// New steps whose id differs from the id in their author's draft: the old id and the new one.
    pub renamed: BTreeMap<String, String>,
}

/// Saves the draft, merged with drafts saved since its author started. If both changed the same part and no choice
/// decides, nothing is saved, and the refusal contains both versions of each such part.
pub fn merge_draft(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    expected: Option<i64>,
    edit: &Edit<'_>,
) -> Verb<(Drafted, Option<MergedWith>)> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    let Some(expected) = expected else { return Err(unconditional("saving").into()) };
    if workflow.state == WorkflowState::Archived {
        return Err(retired(&workflow).into());
    }
    let theirs = drawn(work, &workflow)?;
    let none = Choices::new();
    let choices = if is_current(&workflow, expected) { edit.choices } else { &none };
    let Merge { definition, conflicts, renamed } = merge(edit.base, &theirs, edit.definition, choices);
    if !conflicts.is_empty() {
        let saver = saver(work, &workflow)?;
        return Err(conflicting(&workflow, saver, &theirs, &conflicts).into());
    }
    let saver = saver(work, &workflow)?;
    if definition == *edit.definition && theirs == *edit.base {
        let saved = [(DraftSaveKind::Saved, &definition)];
        return Ok((store(engine, work, actor, &workflow, &saved, &definition)?, None));
    }
    let saved = [(DraftSaveKind::BeforeMerge, edit.definition), (DraftSaveKind::Merged, &definition)];
    let drafted = store(engine, work, actor, &workflow, &saved, &definition)?;
    Ok((drafted, Some(MergedWith { saver, renamed })))
}

/// Stores a draft, and adds the saved definitions to the history of saves.
fn store(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    workflow: &Workflow,
    saved: &[(DraftSaveKind, &Value)],
    definition: &Value,
) -> Verb<Drafted> {
    let problems = checked(engine, work, actor, Some(definition))?;
    keep_saves(work, actor, workflow, saved)?;
    let now = work.now();
    let workflow = work.change::<Workflow>(workflow.id.as_str(), |workflow| {
        workflow.draft_base_id = workflow.draft_base_id.clone().or_else(|| workflow.live_version_id.clone());
        workflow.draft = Some(Json::new(definition.clone()));
        workflow.draft_since = workflow.version + 1;
        workflow.draft_number += 1;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    record(work, actor, NewEvent::about(&*workflow, "workflow.draft-saved", tree(&workflow)));
    Ok((workflow, problems))
}

/// The definition that the editor shows: the draft, otherwise the live version, otherwise an empty definition.
fn drawn(work: &mut UnitOfWork, workflow: &Workflow) -> Verb<Value> {
    if let Some(draft) = &workflow.draft {
        return Ok((**draft).clone());
    }
    let live = match &workflow.live_version_id {
        Some(live) => work.get::<Version>(live.as_str())?,
        None => None,
    };
    Ok(live.map_or_else(|| json!({"trigger": {"on": []}, "steps": []}), |version| (*version.definition).clone()))
}

/// The refusal of a merge in which both sides changed these parts differently.
fn conflicting(workflow: &Workflow, saver: Option<String>, theirs: &Value, conflicts: &[Conflict]) -> Refusal {
    let shown: Vec<Value> = conflicts
        .iter()
        .map(|Conflict { key, step, base, theirs, mine }| {
            json!({"key": key, "step": step, "base": base, "theirs": theirs, "mine": mine})
        })
        .collect();
    let parts: Vec<&str> = conflicts.iter().map(|conflict| conflict.key.as_str()).collect();
    let sentence = format!(
        "another person saved the draft since you opened it and changed the same parts: {}; send this request again \
         with If-Match for the stored draft and '{}' or '{}' in choices for each of them",
        parts.join(", "),
        Side::Mine.as_str(),
        Side::Theirs.as_str()
    );
    Refusal::new(RefusalKind::Stale, "draft-conflicts", sentence).with(json!({
        "conflicts": shown, "theirs": theirs, "saver": saver, "version": workflow.version,
    }))
}

/// Discards the draft: editing starts again from the live version. A workflow that was never published keeps its draft,
/// which is its only definition; a workflow without a draft is unchanged.
pub fn discard_draft(
    work: &mut UnitOfWork,
    actor: &Actor,
    id: &WorkflowId,
    expected: Option<i64>,
) -> Verb<Arc<Workflow>> {
    actor.may(Permission::WorkflowWrite)?;
    let workflow = existing(work, id)?;
    looked_at(&workflow, expected, "discarding", &Value::Null)?;
    if workflow.live_version_id.is_none() {
        let name = &workflow.name;
        let sentence =
            format!("workflow '{name}' was never published, so it has nothing but its draft; archive it instead");
        return Err(Refusal::new(RefusalKind::Conflict, "never-published", sentence).into());
    }
    if workflow.draft.is_none() {
        return Ok(workflow);
    }
    keep_saves(work, actor, &workflow, &[])?;
    let now = work.now();
    let workflow = work.change::<Workflow>(id.as_str(), |workflow| {
        workflow.draft = None;
        workflow.draft_since = workflow.version + 1;
        workflow.draft_base_id = None;
        workflow.draft_number = 0;
        workflow.updater_email = shown(actor);
        workflow.updated_at = now;
    })?;
    record(work, actor, NewEvent::about(&*workflow, "workflow.draft-discarded", tree(&workflow)));
    Ok(workflow)
}

/// Refuses a change if the draft is not the one its author saw, or if the workflow is archived.
fn looked_at(workflow: &Workflow, expected: Option<i64>, deed: &str, yours: &Value) -> Result<(), Refusal> {
    match expected {
        None => return Err(unconditional(deed)),
        Some(expected) if !is_current(workflow, expected) => {
            let sentence = "another person changed the draft since you opened it; compare their changes with yours";
            return Err(Refusal::new(RefusalKind::Stale, "draft-moved-on", sentence).with(json!({
                "theirs": workflow.draft, "yours": yours, "saver": workflow.updater_email, "version": workflow.version,
            })));
        }
        Some(_) => {}
    }
    if workflow.state == WorkflowState::Archived {
        return Err(retired(workflow));
    }
    Ok(())
}

/// Whether the draft is still the same as in this version of the workflow.
fn is_current(workflow: &Workflow, expected: i64) -> bool {
    (workflow.draft_since..=workflow.version).contains(&expected)
}

fn unconditional(deed: &str) -> Refusal {
    let sentence = format!("{deed} a draft requires If-Match with the ETag of the draft you started from");
    Refusal::new(RefusalKind::Unconditional, "if-match-needed", sentence)
}

fn retired(workflow: &Workflow) -> Refusal {
    let sentence = format!("workflow '{}' is archived and can't be changed", workflow.name);
    Refusal::rule("workflow-archived", sentence)
}

/// The problems of a workflow's draft, or of its live version if it has no draft: a case template may have changed
/// since the version was published.
pub fn problems_of_draft(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    workflow: &Workflow,
) -> Verb<Vec<Problem>> {
    if workflow.draft.is_some() {
        return checked(engine, work, actor, workflow.draft.as_deref());
    }
    let live = match &workflow.live_version_id {
        Some(live) if workflow.state != WorkflowState::Archived => work.get::<Version>(live.as_str())?,
        _ => None,
    };
    checked(engine, work, actor, live.as_ref().map(|version| &*version.definition))
}

/// The problems of an unsaved definition. Nothing is written.
pub fn problems_of(engine: &Engine, work: &mut UnitOfWork, actor: &Actor, definition: &Value) -> Verb<Vec<Problem>> {
    actor.may(Permission::WorkflowRead)?;
    checked(engine, work, actor, Some(definition))
}

/// The problems of a definition. Only a definition that is too large is refused.
pub(crate) fn checked(
    engine: &Engine,
    work: &mut UnitOfWork,
    actor: &Actor,
    definition: Option<&Value>,
) -> Verb<Vec<Problem>> {
    let Some(definition) = definition else { return Ok(Vec::new()) };
    let bytes = definition.to_string().len();
    if bytes > DEFINITION_BYTES_MAX {
        let sentence = format!("a definition has at most {DEFINITION_BYTES_MAX} bytes, this one has {bytes}");
        return Err(Refusal::rule("definition-too-large", sentence).at("/data/attributes/definition").into());
    }
    check_here(engine, work, &actor.environment, definition)
}

pub(crate) fn shown(actor: &Actor) -> Option<String> {
    actor.shown().map(|(shown, _)| shown.as_ref().to_owned())
}
