//! `GET /cases/{case-id}/objects`

use docket_cases::{Case, CaseObject, objects_of};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use docket_objects::{Object, tree};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::page::unknown_cursor;
use crate::room::{AT_ONCE, ResponseRoom};
use crate::schema::text;
use crate::v1::reported::add_source;
use crate::views::resource_of;

/// Lists all objects of a case.
pub struct CaseObjects;

impl Operation for CaseObjects {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-objects-of-a-case",
        "GET",
        "/cases/{case-id}/objects",
        Permission::CaseRead,
        "Lists the objects of a case, of every type, in the order in which they were added. A response has all of them, or as \
         many as fit in 8 MiB and a link to the next ones.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Case>(work, "case", context.part("case-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        OperationDoc::whole(json!({"$ref": "#/components/schemas/Resource"}))
            .asking(
                "page[after]",
                "Only objects after the one with this id. `links.next` has it where there are more.",
                text(),
            )
            .asking("page[before]", "Only objects before the one with this id.", text())
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let case = work.existing::<Case>("case", context.part("case-id"))?;
        let held = objects_of(work, &case)?;
        let (page, place) = (&context.query.page, |id: &String| {
            held.iter().position(|object| object.shown_id() == id).ok_or_else(unknown_cursor)
        });
        let (range, is_before) = match (&page.after, &page.before) {
            (Some(id), _) => (place(id)? + 1..held.len(), false),
            (None, Some(id)) => (0..place(id)?, true),
            (None, None) => (0..held.len(), false),
        };
        let (are_newer, are_older) = (range.start > 0, range.end < held.len());
        let mut wanted: Vec<&CaseObject> = held.get(range).unwrap_or_default().iter().map(AsRef::as_ref).collect();
        if is_before {
            wanted.reverse();
        }
        let (mut shown, is_short) = fitting(context, work, &wanted)?;
        if is_before {
            shown.reverse();
        }
        let id = |resource: Option<&Resource>| resource.map(|resource| resource.id.clone());
        let first = id(shown.first()).filter(|_| are_newer || is_before && is_short);
        let last = id(shown.last()).filter(|_| are_older || !is_before && is_short);
        let path = format!("{}/api/v1/cases/{}/objects", context.base, case.id);
        let links = context.query.links(&path, first.as_deref(), last.as_deref());
        Ok(Answer::plain(Document::many(shown, links)))
    }
}

/// The first of these objects, as many as fit in a response, and whether there are more.
fn fitting(context: &Context, work: &mut UnitOfWork, wanted: &[&CaseObject]) -> Verb<(Vec<Resource>, bool)> {
    let (mut shown, mut room) = (Vec::new(), ResponseRoom::of(context));
    for some in wanted.chunks(AT_ONCE) {
        for held in some {
            work.hint::<Object>(&held.object_id);
        }
        for held in some {
            let Some(object) = work.get::<Object>(&held.object_id)?.filter(|object| context.may_read(&object.kind))
            else {
                continue;
            };
            let mut resource = resource_of(&tree(&object));
            add_source(context, work, &object, &mut resource)?;
            if !room.takes(&resource) {
                return Ok((shown, true));
            }
            shown.push(resource);
        }
    }
    Ok((shown, false))
}
