//! `GET /cases/{case-id}/objects`

use docket_cases::{Case, objects_of};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::Document;
use crate::openapi::Told;
use crate::operation::{About, Context, Operation, target_of};
use crate::query::Links;
use crate::v1::reported::add_source;
use crate::views::resource_of;

/// Lists all objects of a case.
pub struct CaseObjects;

impl Operation for CaseObjects {
    const ABOUT: About = About::ours(
        "list-objects-of-a-case",
        "GET",
        "/cases/{case-id}/objects",
        Permission::CaseRead,
        "Lists the objects of a case, of every type, in the order in which they were added.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn told() -> Told {
        Told::whole(json!({"$ref": "#/components/schemas/Resource"}))
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let case = work.existing::<Case>("case", context.part("case-id"))?;
        let held = objects_of(work, &case)?;
        for object in &held {
            work.hint::<Object>(&object.object_id);
        }
        let mut resources = Vec::with_capacity(held.len());
        for object in &held {
            let Some(object) = work.get::<Object>(&object.object_id)? else { continue };
            let mut resource = resource_of(&tree(&object));
            add_source(context, work, &object, &mut resource)?;
            resources.push(resource);
        }
        Ok(Answer::plain(Document::many(context.readable(resources), Links::default())))
    }
}
