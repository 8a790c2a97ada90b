//! Lists: a page of rows, newest first, with the addresses of its neighbours.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use docket_kernel::{Entity, Halt, Scope, Stored, UnitOfWork, Verb};
use docket_storage::{ListQuery, ReadError, Turn};

use crate::app::App;
use crate::document::{Document, Resource};
use crate::operation::{Context, List};
use crate::pipeline::{admit, error_reply};
use crate::query::Links;
use crate::refusal::of_read;

/// Answers a request for a list.
pub(crate) async fn serve<L: List>(app: App, path: HashMap<String, String>, request: Request<Body>) -> Response<Body> {
    let about = L::ABOUT;
    let (parts, _) = request.into_parts();
    let admitted = match admit(&app, &parts.headers, about.surface).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let query = parts.uri.query().unwrap_or_default();
    let (context, unreadable) = admitted.context(&app, &parts.headers, query, path);
    let document = match (context.actor.may(about.permission), unreadable) {
        (Err(refusal), _) => Err(crate::refusal::document_of(&refusal)),
        (Ok(()), Some(document)) => Err(document),
        (Ok(()), None) => page::<L>(&app, context.clone(), parts.uri.path()).await.map_err(|error| of_read(&error)),
    };
    admitted.respond(match document {
        Ok(document) => crate::answer::Answer::plain(document).into_reply(context.style, &context.query.fields),
        Err(document) => error_reply(&document, about.surface),
    })
}

async fn page<L: List>(app: &App, context: Context, path: &str) -> Result<Document, ReadError> {
    let environment = context.actor.environment.key();
    let here = context.clone();
    let filters = app.reader.view(Scope::Of(Arc::clone(&environment)), move |work| L::filters(&here, work)).await?;
    let Some(filters) = filters else { return Ok(Document::many(Vec::new(), Links::default())) };
    let size = usize::from(context.query.page.size);
    let turn = match (&context.query.page.after, &context.query.page.before) {
        (Some(id), _) => Turn::After(Arc::from(L::key(&context, id))),
        (None, Some(id)) => Turn::Before(Arc::from(L::key(&context, id))),
        (None, None) => Turn::First,
    };
    let query = ListQuery {
        table: L::Row::TABLE,
        filters,
        turn: turn.clone(),
        // One more than asked shows whether there are more.
        limit: u32::try_from(size + 1).unwrap_or(u32::MAX),
    };
    let here = context.clone();
    let is_before = matches!(turn, Turn::Before(_));
    let (resources, has_more): (Vec<Resource>, bool) = app
        .reader
        .view_list::<L::Row, _>(environment, query, move |work, rows| {
            let has_more = rows.len() > size;
            let shown = match (has_more, is_before) {
                (true, true) => &rows[rows.len() - size..],
                (true, false) => &rows[..size],
                (false, _) => rows,
            };
            Ok((show_each::<L>(&here, work, shown)?, has_more))
        })
        .await?;
    let first = resources.first().map(|resource| resource.id.clone());
    let last = resources.last().map(|resource| resource.id.clone());
    let has_newer = if is_before { has_more } else { turn != Turn::First };
    let has_older = if is_before { true } else { has_more };
    let links =
        context.query.links(path, first.as_deref().filter(|_| has_newer), last.as_deref().filter(|_| has_older));
    Ok(Document::many(resources, links))
}

/// Shows every row as far as what is in memory lets it, so that what all of them need comes with one load.
fn show_each<L: List>(context: &Context, work: &mut UnitOfWork, rows: &[Stored<L::Row>]) -> Verb<Vec<Resource>> {
    let mut shown = Vec::with_capacity(rows.len());
    let mut missing = None;
    for row in rows {
        match L::show(context, work, std::slice::from_ref(row)) {
            Ok(resources) => shown.extend(resources),
            Err(halt @ Halt::Missing(_)) => missing = Some(halt),
            Err(refused) => return Err(refused),
        }
    }
    missing.map_or(Ok(shown), Err)
}
