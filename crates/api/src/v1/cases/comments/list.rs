//! `GET /cases/{case-id}/comments`

use std::sync::Arc;

use docket_cases::{Case, CaseComment, comment_shown};
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::{resource, schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo, target_of};

/// Lists the comments of a case.
pub struct ListComments;

impl List for ListComments {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-comments-of-a-case",
        "GET",
        "/cases/{case-id}/comments",
        Permission::CaseRead,
        "Lists the comments of a case.",
    );
    type Row = CaseComment;

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<()> {
        target_of::<Case>(work, "case", context.part("case-id")).map(drop)
    }

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(vec![Filter::Is("case_id", vec![Arc::from(context.part("case-id"))])]))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(schema())
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<CaseComment>]) -> Verb<Vec<Resource>> {
        let mut show = |comment: &Stored<CaseComment>| comment_shown(work, comment).map(|shown| resource(&shown));
        rows.iter().map(&mut show).collect()
    }
}
