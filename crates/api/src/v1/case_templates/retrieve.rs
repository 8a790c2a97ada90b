//! `GET /case-templates/{case-template-id}`

use docket_cases::{CaseTemplate, template};
use docket_kernel::{CaseTemplateId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::answer;
use crate::answer::Answer;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::shapes::case_template::CaseTemplateView;

/// Shows a case template.
pub struct RetrieveTemplate;

impl Operation for RetrieveTemplate {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "retrieve-a-case-template",
        "GET",
        "/case-templates/{case-template-id}",
        Permission::CaseTemplateRead,
        "Retrieves a case template.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<CaseTemplate>(work, "case template", context.part("case-template-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::one(CaseTemplateView::schema())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let template = template(work, &CaseTemplateId::of(context.part("case-template-id")))?;
        answer(work, &template, 200)
    }
}
