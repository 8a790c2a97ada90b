//! `PATCH /case-templates/{case-template-id}`

use docket_cases::{CaseTemplate, TemplateChange, change_template};
use docket_kernel::{CaseTemplateId, Permission, Refusal, UnitOfWork, Verb};
use docket_workflows::workflows_naming;
use serde_json::{Value, json};

use super::create::{fields, statuses, taken};
use super::shown::answer;
use crate::answer::Answer;
use crate::body::Members;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation, malformed, target_of};
use crate::schema::{Body, maybe, short};
use crate::shapes::case_template::CaseTemplateView;

/// Changes a case template.
pub struct ChangeTemplate;

impl Operation for ChangeTemplate {
    const ABOUT: About = About::ours(
        "change-a-case-template",
        "PATCH",
        "/case-templates/{case-template-id}",
        Permission::CaseTemplateWrite,
        "Changes a case template: its name, key, fields, and list of statuses.",
    );
    type Input = TemplateChange;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<CaseTemplate>(work, "case template", context.part("case-template-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<TemplateChange, Refusal> {
        let body = Members::of(body);
        body.only(&[
            "/data/type",
            "/data/id",
            "/data/attributes/name",
            "/data/attributes/key",
            "/data/attributes/fields",
            "/data/attributes/statuses",
            "/meta/successors",
        ])?;
        let successors = body.object("/meta/successors")?.into_iter().flatten();
        let text = |(name, value): (&String, &Value)| match value.as_str() {
            Some(successor) => Ok((name.clone(), successor.to_owned())),
            None => Err(malformed(&format!("/meta/successors/{name}"), "a successor is named by its name or id")),
        };
        Ok(TemplateChange {
            name: body.text("/data/attributes/name")?.map(str::to_owned),
            key: body.text("/data/attributes/key")?.map(str::to_owned),
            fields: fields(body)?,
            statuses: statuses(body)?,
            successors: successors.map(text).collect::<Result<_, _>>()?,
        })
    }

    fn told() -> Told {
        let successors = json!({"type": ["object", "null"], "additionalProperties": {"type": "string"}});
        let body = taken(Body::of_object().may("name", maybe(short(64)))).may_meta("successors", successors);
        Told::one(CaseTemplateView::schema()).taking(body)
    }

    fn run(context: &Context, work: &mut UnitOfWork, change: &TemplateChange) -> Verb<Answer> {
        let id = CaseTemplateId::of(context.part("case-template-id"));
        let template = change_template(work, &context.actor, &id, change, &workflows_naming)?;
        answer(work, &template, 200)
    }
}
