//! `GET /bundle`

use docket_bundle::{Chosen, export};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::read::to_yaml;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::schema::{self, list, object, text, theirs};

/// Exports a setup bundle.
pub struct ExportBundle;

impl Operation for ExportBundle {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "export-a-setup-bundle",
        "GET",
        "/bundle",
        Permission::WorkflowRead,
        "Exports case templates, statuses and workflows as a setup bundle: all of them, or those with the given slugs \
         and everything that they refer to.",
    );
    type Input = ();

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let attributes = vec![("document", theirs()), ("yaml", text())];
        let warning = object(vec![("workflow", text()), ("at", text()), ("message", text())]);
        OperationDoc::fleeting(schema::resource("setup-bundle", attributes, Vec::new()))
            .with_meta(vec![("warnings", list(warning))])
            .filtered(&[
                ("case-template", "Slugs of case templates, separated by commas."),
                ("workflow", "Slugs of workflows, separated by commas. Everything that they refer to is exported too."),
                ("drafts", "`true` exports the draft of each workflow that has one. Otherwise the live version is exported, or the draft if there is none."),
            ])
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let query = &context.query;
        let chosen = Chosen {
            case_templates: query.filter("case-template").to_vec(),
            workflows: query.filter("workflow").to_vec(),
            drafts: query.filter("drafts").iter().any(|word| word == "true"),
        };
        let exported = export(work, &context.actor, &chosen)?;
        let document = exported.bundle.to_json();
        let mut resource = Resource::new("setup-bundle", "export");
        resource.attributes.set("yaml", to_yaml(&document));
        resource.attributes.set_theirs("document", document);
        let warnings: Vec<Value> = exported
            .warnings
            .iter()
            .map(|warning| json!({"workflow": warning.workflow, "at": warning.at, "message": warning.message}))
            .collect();
        Ok(Answer::plain(Document::one(resource).with_meta("warnings", warnings)))
    }
}
