//! `GET /case-templates`

use std::sync::Arc;

use docket_cases::CaseTemplate;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::{our_resource, our_schema};
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};

/// Lists case templates.
pub struct ListTemplates;

impl List for ListTemplates {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-case-templates",
        "GET",
        "/case-templates",
        Permission::CaseTemplateRead,
        "Lists case templates.",
    );
    type Row = CaseTemplate;

    fn filters(context: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let ids: Vec<Arc<str>> = context.query.filter("id").iter().map(|id| Arc::from(id.as_str())).collect();
        Ok(Some(if ids.is_empty() { Vec::new() } else { vec![Filter::Is("id", ids)] }))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(our_schema()).filtered(&[("id", "Ids of case templates.")])
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<CaseTemplate>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|template| our_resource(work, template)).collect()
    }
}
