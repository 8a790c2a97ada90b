//! `POST /cases/{case-id}/add-objects`

use docket_cases::{Case, OBJECTS_MAX, add_objects};
use docket_kernel::{CaseId, Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use super::shown::{RELATED, answer};
use crate::answer::Answer;
use crate::body::BodyMembers;
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, malformed, target_of};
use crate::schema::{Body, list_within, maybe, text};
use crate::shapes::case::CaseView;

/// Adds objects to a case.
pub struct AddObjects;

impl Operation for AddObjects {
    const ABOUT: OperationInfo = OperationInfo::contract(
        "add-persona-objects",
        "POST",
        "/cases/{case-id}/add-objects",
        Permission::CaseWrite,
        "Adds objects to a case.",
    );
    type Input = Vec<String>;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, body: &Value) -> Result<Vec<String>, Refusal> {
        const AT: &str = "/meta/object-ids";
        let body = BodyMembers::of(body);
        // The contract allows null for none.
        match body.texts(AT)? {
            None if !body.has(AT) => Err(malformed(AT, "meta.object_ids is missing")),
            ids => Ok(ids.unwrap_or_default()),
        }
    }

    fn doc() -> OperationDoc {
        let body = Body::of_object().must_meta("object-ids", maybe(list_within(text(), OBJECTS_MAX)));
        OperationDoc::one(CaseView::schema()).taking(body).including(RELATED)
    }

    fn run(context: &Context, work: &mut UnitOfWork, ids: &Vec<String>) -> Verb<Answer> {
        let case = add_objects(work, &context.actor, &CaseId::of(context.part("case-id")), ids)?;
        answer(context, work, &case, &[], 200)
    }
}
