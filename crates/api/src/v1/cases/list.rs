//! `GET /cases`

use std::sync::Arc;

use docket_cases::store::{STATUSES_OF_ENVIRONMENT, TEMPLATES_OF_ENVIRONMENT};
use docket_cases::{Case, CaseObject, CaseStatus, CaseTemplate, Statuses};
use docket_kernel::{CaseId, Entity, Permission, Stored, UnitOfWork, Verb, email_key};
use docket_objects::{Object, key};
use docket_storage::Filter;

use super::shown::resource;
use crate::document::Resource;
use crate::openapi::OperationDoc;
use crate::operation::{Context, List, OperationInfo};
use crate::query::items;
use crate::shapes::case::CaseView;

/// Lists cases.
pub struct ListCases;

impl List for ListCases {
    const ABOUT: OperationInfo =
        OperationInfo::contract("list-all-cases", "GET", "/cases", Permission::CaseRead, "Lists cases.");
    type Row = Case;

    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>> {
        let mut filters = Vec::new();
        if let Some(ids) = statuses(context, work)? {
            if ids.is_empty() {
                return Ok(None);
            }
            filters.push(Filter::Is("status_id", ids));
        }
        if context.query.has_filter("assignee-id") {
            filters.push(assignees(context));
        }
        if let Some(text) = context.query.filter("text").first().filter(|text| !is_key(text)) {
            match by_text(text) {
                Some(filter) => filters.push(filter),
                None => return Ok(None),
            }
        }
        for name in ["account-id", "inquiry-id", "report-id"] {
            if context.query.has_filter(name) {
                let ids = context.query.filter(name).iter().map(|id| key(&context.actor.environment, id)).collect();
                filters.push(holding(ids));
            }
        }
        if context.query.has_filter("reference-id") {
            let mut ids = Vec::new();
            for reference in context.query.filter_or_whole("reference-id") {
                ids.extend(work.find::<Object>("reference_key", reference)?.map(|account| Arc::clone(&account.id)));
            }
            if ids.is_empty() {
                return Ok(None);
            }
            filters.push(holding(ids));
        }
        Ok(Some(filters))
    }

    fn doc() -> OperationDoc {
        OperationDoc::pages(CaseView::schema()).filtered(&[
            ("status", "Status names."),
            ("case-template-id", "Case template ids."),
            ("assignee-id", "Email addresses of assignees; me, or none."),
            ("text", "A case key or id, or its beginning."),
            ("account-id", "Ids of accounts in the case."),
            ("inquiry-id", "Ids of inquiries in the case."),
            ("report-id", "Ids of reports in the case."),
            ("reference-id", "Reference ids of accounts in the case."),
        ])
    }

    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Case>]) -> Verb<Vec<Resource>> {
        rows.iter().map(|case| resource(context, work, case)).collect()
    }
}

fn holding(values: Vec<Arc<str>>) -> Filter {
    Filter::Join { table: CaseObject::TABLE, key: "case_id", column: "object_id", values }
}

/// The shortest beginning of a case's own id that is searched for, in characters.
const ID_BEGINNING: usize = CaseId::PREFIX.len() + 7;

/// The filter on assignees: `me`, `none`, or e-mail addresses.
fn assignees(context: &Context) -> Filter {
    let me = context.actor.shown().map(|(me, _)| me);
    let wanted = context.query.filter("assignee-id");
    let is_wanted = |word: &str| wanted.iter().any(|wanted| wanted == word);
    let named = wanted.iter().filter(|word| !matches!(word.as_str(), "me" | "none"));
    let mut people: Vec<Arc<str>> = named.map(|email| Arc::from(email_key(email))).collect();
    people.extend(me.filter(|_| is_wanted("me")));
    match (is_wanted("none"), people.is_empty()) {
        (true, true) => Filter::Absent("assignee_id"),
        (true, false) => Filter::Any(vec![Filter::Absent("assignee_id"), Filter::Is("assignee_id", people)]),
        (false, _) => Filter::Is("assignee_id", people),
    }
}

/// Finds cases by the key or the id, or the beginning of either. `None` if the text can match no case.
pub fn by_text(text: &str) -> Option<Filter> {
    let text = text.trim();
    if let Some((letters, digits)) = text.split_once('-')
        && !letters.is_empty()
        && letters.bytes().all(|byte| byte.is_ascii_alphabetic())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
    {
        return Some(Filter::Begins("name", Arc::from(text.to_ascii_uppercase())));
    }
    let is_own = text.len() > CaseId::PREFIX.len()
        && text.get(..CaseId::PREFIX.len()).is_some_and(|start| start.eq_ignore_ascii_case(CaseId::PREFIX));
    match is_own {
        true if text.len() >= ID_BEGINNING => Some(Filter::Begins("id", Arc::from(text.to_ascii_lowercase()))),
        true => None,
        false => Some(Filter::Any(vec![
            Filter::Is("id", vec![Arc::from(text)]),
            Filter::Is("name", vec![Arc::from(text.to_ascii_uppercase())]),
        ])),
    }
}

/// The statuses selected by the filters on status, template and template key; `None` without such a filter. A status
/// belongs to one template, so the cases of a template are those with its statuses.
fn statuses(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Arc<str>>>> {
    let query = &context.query;
    let text = query.filter("text").first().filter(|text| is_key(text)).map(|text| text.to_ascii_uppercase());
    let (by_status, by_template) = (query.has_filter("status"), query.has_filter("case-template-id"));
    if !by_status && !by_template && text.is_none() {
        return Ok(None);
    }
    let environment = context.actor.environment.as_str();
    work.hint_ask(&STATUSES_OF_ENVIRONMENT, environment);
    let templates = work.ask::<CaseTemplate>(&TEMPLATES_OF_ENVIRONMENT, environment)?;
    let known = work.ask::<CaseStatus>(&STATUSES_OF_ENVIRONMENT, environment)?;
    let ids = query.filter("case-template-id");
    let meant = templates.iter().filter(|template| {
        (!by_template || ids.iter().any(|id| *id == template.id.as_str()))
            && text.as_ref().is_none_or(|text| template.key.starts_with(text))
    });
    let mut found: Vec<Arc<str>> = Vec::new();
    for template in meant {
        let statuses = Statuses::from(template, &known);
        if by_status {
            for text in query.whole_filters("status") {
                found.extend(named(&statuses, text));
            }
        } else {
            found.extend(statuses.list().iter().map(|status| status.id.key()));
        }
    }
    found.sort();
    found.dedup();
    Ok(Some(found))
}

/// The statuses named by a filter text: by the whole text, which may contain commas, or else by its items.
fn named(statuses: &Statuses, text: &str) -> Vec<Arc<str>> {
    let keys = |name: &str| statuses.all_named(name).iter().map(|status| status.id.key()).collect::<Vec<_>>();
    match keys(text) {
        found if found.is_empty() => items(text).iter().flat_map(|name| keys(name)).collect(),
        found => found,
    }
}

/// Whether a text can be the beginning of a template's key: only letters.
fn is_key(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
