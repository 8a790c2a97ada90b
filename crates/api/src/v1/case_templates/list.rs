//! `GET /case-templates`

use docket_cases::CaseTemplate;
use docket_kernel::{Permission, Stored, UnitOfWork, Verb};
use docket_storage::Filter;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::Told;
use crate::operation::{About, Context, List};
use crate::shapes::case_template::CaseTemplateView;

/// Lists case templates.
pub struct ListTemplates;

impl List for ListTemplates {
    const ABOUT: About = About::ours(
        "list-case-templates",
        "GET",
        "/case-templates",
        Permission::CaseTemplateRead,
        "Lists case templates.",
    );
    type Row = CaseTemplate;

    fn filters(_: &Context, _: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        Ok(Some(Vec::new()))
    }

    fn told() -> Told {
        Told::pages(CaseTemplateView::schema())
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<CaseTemplate>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|template| resource(work, template)).collect()
    }
}
