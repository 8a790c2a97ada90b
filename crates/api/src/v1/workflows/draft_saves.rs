//! `GET /workflows/{workflow-id}/draft-saves` and one of them: `GET /workflows/{workflow-id}/draft-saves/{draft-save-id}`

use docket_kernel::{Permission, Refusal, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::{DraftSave, DraftSaveKind, Workflow};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, Operation, OperationInfo, target_of};
use crate::schema::{self, maybe, text, theirs, time, whole, word};
use crate::time::iso;

/// Lists the last saves of a draft.
pub struct ListDraftSaves;

impl List for ListDraftSaves {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-draft-saves-of-a-workflow",
        "GET",
        "/workflows/{workflow-id}/draft-saves",
        Permission::WorkflowRead,
        "Lists the last saves of a workflow's draft, newest first: at most 50, and 4 MiB together. Restore one by saving \
         its definition as the draft.",
    );
    type Row = DraftSave;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<()> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id")).map(drop)
    }

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(vec![Filter::Is("workflow_id", vec![context.part("workflow-id").into()])]))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(draft_save(false))
    }

    fn show(_: &Context, _: &mut UnitOfWork, rows: &[Stored<DraftSave>]) -> Verb<Vec<Resource>> {
        Ok(rows.iter().map(|save| resource(save)).collect())
    }
}

/// Shows one save of a draft.
pub struct RetrieveDraftSave;

impl Operation for RetrieveDraftSave {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "retrieve-a-draft-save",
        "GET",
        "/workflows/{workflow-id}/draft-saves/{draft-save-id}",
        Permission::WorkflowRead,
        "Retrieves one save of a workflow's draft with its definition.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))?;
        save(context, work).map(|save| Some(save.version))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(draft_save(true))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let save = save(context, work)?;
        let mut resource = resource(&save);
        resource.attributes.set_theirs("definition", (*save.definition).clone());
        Ok(Answer::ok(Document::one(resource), save.version))
    }
}

/// The save in the path, if it belongs to the workflow in the path.
fn save(context: &Context, work: &mut UnitOfWork) -> Verb<Stored<DraftSave>> {
    let id = context.part("draft-save-id");
    let save = work.existing::<DraftSave>("draft save", id)?;
    if save.workflow_id.as_str() == context.part("workflow-id") {
        return Ok(save);
    }
    Err(Refusal::unknown("draft save", id).into())
}

fn resource(save: &DraftSave) -> Resource {
    let mut resource = Resource::new("workflow-draft-save", save.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("kind", save.kind.as_str());
    attributes.set("size-bytes", save.size_bytes);
    attributes.set("saver", save.saver_email.clone());
    attributes.set("created-at", iso(save.created_at.0));
    resource
}

fn draft_save(is_alone: bool) -> Value {
    let words: Vec<&str> = DraftSaveKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let mut attributes =
        vec![("kind", word(&words)), ("size-bytes", whole()), ("saver", maybe(text())), ("created-at", time())];
    if is_alone {
        attributes.push(("definition", theirs()));
    }
    schema::resource("workflow-draft-save", attributes, Vec::new())
}
