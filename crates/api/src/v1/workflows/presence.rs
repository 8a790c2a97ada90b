//! `POST /workflows/{workflow-id}/presence` and `DELETE /workflows/{workflow-id}/presence`

use docket_access::User;
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb, WorkflowId};
use docket_workflows::{OpenEditor, Workflow, close_editor, report_editor};
use serde_json::Value;

use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::query::Links;
use crate::schema::{self, text, time};
use crate::time::iso;

/// Reports that a person has a workflow open in the editor.
pub struct ReportPresence;

impl Operation for ReportPresence {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "report-presence-in-a-workflow",
        "POST",
        "/workflows/{workflow-id}/presence",
        Permission::WorkflowWrite,
        "Reports that the signed-in person has the workflow open in the editor, and lists who else does. A report \
         expires after 60 seconds.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&[])
    }

    fn doc() -> OperationDoc {
        doc()
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let id = WorkflowId::of(context.part("workflow-id"));
        let others = report_editor(work, &context.actor, &id)?;
        for other in &others {
            work.hint::<User>(other.user_id.as_str());
        }
        let mut resources = Vec::new();
        for other in &others {
            let name = work.get::<User>(other.user_id.as_str())?.map(|user| user.name.clone());
            resources.push(resource(other, name.unwrap_or_else(|| other.email.clone())));
        }
        Ok(Answer::plain(Document::many(resources, Links::default())))
    }
}

/// Reports that a person closed the editor of a workflow.
pub struct EndPresence;

impl Operation for EndPresence {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "end-presence-in-a-workflow",
        "DELETE",
        "/workflows/{workflow-id}/presence",
        Permission::WorkflowWrite,
        "Reports that the signed-in person closed the editor of the workflow.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Workflow>(work, "workflow", context.part("workflow-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<(), Refusal> {
        BodyMembers::of(body).only(&[])
    }

    fn doc() -> OperationDoc {
        doc()
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        close_editor(work, &context.actor, &WorkflowId::of(context.part("workflow-id")))?;
        Ok(Answer::plain(Document::many(Vec::new(), Links::default())))
    }
}

fn resource(editor: &OpenEditor, name: String) -> Resource {
    let mut resource = Resource::new("workflow-editor", editor.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("name", name);
    attributes.set("email-address", editor.email.as_str());
    attributes.set("opened-at", iso(editor.created_at.0));
    attributes.set("seen-at", iso(editor.seen_at.0));
    resource
}

fn doc() -> OperationDoc {
    let attributes = vec![("name", text()), ("email-address", text()), ("opened-at", time()), ("seen-at", time())];
    OperationDoc::whole(schema::resource("workflow-editor", attributes, Vec::new()))
}
