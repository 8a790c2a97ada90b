//! `GET /cases`

use std::sync::Arc;

use docket_cases::store::{STATUSES_OF_ENVIRONMENT, TEMPLATES_OF_ENVIRONMENT};
use docket_cases::{Case, CaseObject, CaseStatus, CaseTemplate, Statuses};
use docket_kernel::{Entity, Permission, Stored, UnitOfWork, Verb};
use docket_objects::{Object, key};
use docket_storage::Filter;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::Told;
use crate::operation::{About, Context, List};
use crate::shapes::case::CaseView;

/// Lists cases.
pub struct ListCases;

impl List for ListCases {
    const ABOUT: About = About::contract("list-all-cases", "GET", "/cases", Permission::CaseRead, "Lists cases.");
    type Row = Case;

    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = Vec::new();
        let texts = |values: &[String]| values.iter().map(|value| Arc::from(value.as_str())).collect::<Vec<Arc<str>>>();
        if context.query.has_filter("status") {
            let ids = statuses(context, work)?;
            if ids.is_empty() {
                return Ok(None);
            }
            filters.push(Filter::Is("status_id", ids));
        }
        if context.query.has_filter("case-template-id") {
            filters.push(Filter::Is("template_id", texts(context.query.filter("case-template-id"))));
        }
        for name in ["account-id", "inquiry-id", "report-id"] {
            if context.query.has_filter(name) {
                let ids = context.query.filter(name).iter().map(|id| key(&context.actor.environment, id)).collect();
                filters.push(holding(ids));
            }
        }
        if context.query.has_filter("reference-id") {
            let mut ids = Vec::new();
            for reference in context.query.filter("reference-id") {
                ids.extend(work.find::<Object>("reference_key", reference)?.map(|account| Arc::clone(&account.id)));
            }
            if ids.is_empty() {
                return Ok(None);
            }
            filters.push(holding(ids));
        }
        Ok(Some(filters))
    }

    fn told() -> Told {
        Told::pages(CaseView::schema()).filtered(&[
            ("status", "Names of statuses."),
            ("case-template-id", "Ids of case templates."),
            ("account-id", "Ids of accounts they hold."),
            ("inquiry-id", "Ids of inquiries they hold."),
            ("report-id", "Ids of reports they hold."),
            ("reference-id", "Reference ids of accounts they hold."),
        ])
    }

    fn show(_: &Context, work: &mut UnitOfWork, rows: &[Stored<Case>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|case| resource(work, case)).collect()
    }
}

fn holding(values: Vec<Arc<str>>) -> Filter {
    Filter::Through { table: CaseObject::TABLE, key: "case_id", column: "object_id", values }
}

/// The ids of the statuses of these names, in every template.
fn statuses(context: &Context, work: &mut UnitOfWork) -> Verb<Vec<Arc<str>>> {
    let environment = context.actor.environment.as_str();
    work.hint_ask(&STATUSES_OF_ENVIRONMENT, environment);
    let templates = work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, environment)?;
    let known = work.ask::<CaseStatus>(&STATUSES_OF_ENVIRONMENT, environment)?;
    let mut ids: Vec<Arc<str>> = Vec::new();
    for template in templates {
        let statuses = Statuses::from(&template, &known);
        for name in context.query.filter("status") {
            ids.extend(statuses.named(name).ok().map(|status| status.id.key()));
        }
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}
