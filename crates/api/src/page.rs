//! Lists: a page of rows, newest first, with the addresses of the pages before and after it.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, Response};
use docket_kernel::{Entity, Halt, Moment, Refusal, Stored, UnitOfWork, Verb};
use docket_storage::{Filter, ListQuery, PageDirection, ReadError};

use crate::answer::Reply;
use crate::app::App;
use crate::document::{Document, Resource};
use crate::operation::{Context, List, malformed};
use crate::pipeline::{admit, error_reply};
use crate::query::{Links, Query};
use crate::refusal::of_read;
use crate::render::page_bytes;

/// Serves a request for a list.
pub(crate) async fn serve<L: List>(app: App, path: HashMap<String, String>, request: Request<Body>) -> Response<Body> {
    let about = L::ABOUT;
    let (parts, _) = request.into_parts();
    let admitted = match admit(&app, &parts.method, &parts.headers, about.surface).await {
        Ok(admitted) => admitted,
        Err(response) => return response,
    };
    let query = parts.uri.query().unwrap_or_default();
    let (context, unreadable) = admitted.context(&app, &about, &parts.headers, query, path);
    let reply = match (admissible::<L>(&app, &context).await, unreadable) {
        (Err(error), _) => Err(of_read(&error)),
        (Ok(()), Some(document)) => Err(document),
        (Ok(()), None) => page::<L>(&app, context, &format!("{}{}", app.base, parts.uri.path()))
            .await
            .map_err(|error| of_read(&error)),
    };
    admitted.respond(reply.unwrap_or_else(|document| error_reply(&document, about.surface)))
}

/// Checks that the object in the path exists (404), and that the caller has the permission (403).
async fn admissible<L: List>(app: &App, context: &Context) -> Result<(), ReadError> {
    if L::ABOUT.path.contains('{') {
        let here = context.clone();
        app.reader.view(context.caller.scope(), move |work| L::target(&here, work)).await?;
    }
    Ok(context.actor.may(L::ABOUT.permission)?)
}

/// A page. If its rows and what they show are too large to be loaded together, the page is shorter, with links to the other
/// rows.
async fn page<L: List>(app: &App, context: Context, path: &str) -> Result<Reply, ReadError> {
    let mut size = usize::from(context.query.page.size);
    loop {
        match page_of::<L>(app, context.clone(), path, size).await {
            Err(ReadError::TooLarge(_)) if size > 1 => size /= 2,
            done => return done,
        }
    }
}

async fn page_of<L: List>(app: &App, context: Context, path: &str, size: usize) -> Result<Reply, ReadError> {
    let scope = context.caller.scope();
    let turn = match (&context.query.page.after, &context.query.page.before) {
        (Some(id), _) => PageDirection::After(Arc::from(L::key(&context, id))),
        (None, Some(id)) => PageDirection::Before(Arc::from(L::key(&context, id))),
        (None, None) => PageDirection::First,
    };
    let (here, there, to) = (context.clone(), context.clone(), turn.clone());
    let choose = move |work: &mut UnitOfWork| {
        let filters = L::filters(&here, work)?;
        let when = made_when(&here.query)?;
        Ok(filters.map(|filters| ListQuery {
            table: L::Row::TABLE,
            filters: filters.into_iter().chain(when).collect(),
            turn: to.clone(),
            // One row more than requested shows whether there is a next page.
            limit: u32::try_from(size + 1).unwrap_or(u32::MAX),
        }))
    };
    let (path, bytes_max) = (path.to_owned(), app.settings.page_bytes_max);
    // Rendered on the thread that reads the rows: freeing the many small values of a page on another thread is slow.
    let show = move |work: &mut UnitOfWork, rows: &[Stored<L::Row>]| {
        let is_before = matches!(turn, PageDirection::Before(_));
        let shown = match (rows.len() > size, is_before) {
            (true, true) => &rows[rows.len() - size..],
            (true, false) => &rows[..size],
            (false, _) => rows,
        };
        let nearest = if is_before { Nearest::Last } else { Nearest::First };
        let written = written::<L>(&there, work, shown, nearest, bytes_max)?;
        let has_more = rows.len() > size || written.is_short;
        let has_newer = if is_before { has_more } else { turn != PageDirection::First };
        let has_older = if is_before { true } else { has_more };
        let id = |at: Option<&(String, Vec<u8>)>| at.map(|(id, _)| id.clone());
        let first = id(written.objects.first()).filter(|_| has_newer);
        let last = id(written.objects.last()).filter(|_| has_older);
        let links = there.query.links(&path, first.as_deref(), last.as_deref());
        Ok(reply(&there, &written.objects, &links))
    };
    let found = app.reader.view_chosen::<L::Row, _>(scope, choose, show).await?;
    Ok(found.unwrap_or_else(|| reply(&context, &[], &Links::default())))
}

fn reply(context: &Context, objects: &[(String, Vec<u8>)], links: &Links) -> Reply {
    let objects = objects.iter().map(|(_, object)| object.as_slice());
    Reply { status: 200, body: page_bytes(objects, links, context.style), etag: None, again: None }
}

/// `filter[created-at-start]` and `-end`, which every list takes.
fn made_when(query: &Query) -> Result<Vec<Filter>, Refusal> {
    let moment = |name: &str| match query.filter(name).first() {
        None => Ok(None),
        Some(text) => match Moment::parse(text).or_else(|| Moment::parse(&format!("{text}T00:00:00Z"))) {
            Some(moment) => Ok(Some(moment)),
            None => {
                let sentence =
                    format!("filter[{name}] is '{text}'; write a date, or a time such as 2026-01-31T09:30:00Z");
                Err(malformed(&format!("/filter/{name}"), sentence))
            }
        },
    };
    let since = moment("created-at-start")?.map(|since| Filter::Since("created_at", since));
    // An object created exactly at the end is included, at the precision of the API: milliseconds.
    let until = moment("created-at-end")?.map(|until| Filter::Until("created_at", Moment(until.0 + 1_000)));
    Ok(since.into_iter().chain(until).collect())
}

/// The requested page of a list that is short enough to be in memory completely.
pub(crate) fn of_whole(context: &Context, path: &str, all: Vec<Resource>) -> Result<Document, Refusal> {
    let place = |id: &String| all.iter().position(|resource| resource.id == *id).ok_or_else(unknown_cursor);
    let query = &context.query;
    let size = usize::from(query.page.size);
    let (from, to) = match (&query.page.after, &query.page.before) {
        (Some(id), _) => (place(id)? + 1, all.len()),
        (None, Some(id)) => {
            let end = place(id)?;
            (end.saturating_sub(size), end)
        }
        (None, None) => (0, all.len()),
    };
    let to = to.min(from + size);
    let (has_newer, has_older) = (from > 0, to < all.len());
    let shown: Vec<Resource> = all.into_iter().take(to).skip(from).collect();
    let id = |resource: Option<&Resource>| resource.map(|resource| resource.id.clone());
    let (first, last) = (id(shown.first()).filter(|_| has_newer), id(shown.last()).filter(|_| has_older));
    Ok(Document::many(shown, query.links(&format!("{}/api/v1{path}", context.base), first.as_deref(), last.as_deref())))
}

/// The object at which a page begins or ends is not in this environment: 400, which every list documents.
pub(crate) fn unknown_cursor() -> Refusal {
    malformed(
        "/page",
        "page[after] or page[before] is not the id of an object of this list; take it from links, or \
        leave it out",
    )
}

/// The end of the page from which rows are kept when it has too many bytes.
#[derive(Clone, Copy, PartialEq)]
enum Nearest {
    First,
    Last,
}

/// The rendered objects of a page, each with its id.
struct Written {
    objects: Vec<(String, Vec<u8>)>,
    /// Whether objects were left to the next page because this page has enough bytes.
    is_short: bool,
}

/// Renders rows for the caller up to a number of bytes, but at least one. After a row whose data is not in memory, the
/// other rows are still visited, so that one load fetches what all of them need.
fn written<L: List>(
    context: &Context,
    work: &mut UnitOfWork,
    rows: &[Stored<L::Row>],
    nearest: Nearest,
    bytes_max: usize,
) -> Verb<Written> {
    let mut written = Written { objects: Vec::with_capacity(rows.len()), is_short: false };
    let (mut bytes, mut missing) = (0, None);
    let mut in_order: Vec<_> = rows.iter().collect();
    if nearest == Nearest::Last {
        in_order.reverse();
    }
    for row in in_order {
        let resources = match L::show(context, work, std::slice::from_ref(row)) {
            Ok(resources) if missing.is_none() => resources,
            Ok(_) => continue,
            Err(halt @ Halt::Missing(_)) => {
                missing = Some(halt);
                continue;
            }
            Err(refused) => return Err(refused),
        };
        let objects: Vec<_> = resources.into_iter().map(|resource| object_bytes(context, resource)).collect();
        bytes += objects.iter().map(|(_, object)| object.len()).sum::<usize>();
        if bytes > bytes_max && !written.objects.is_empty() {
            written.is_short = true;
            break;
        }
        written.objects.extend(objects);
    }
    if nearest == Nearest::Last {
        written.objects.reverse();
    }
    missing.map_or(Ok(written), Err)
}

fn object_bytes(context: &Context, resource: Resource) -> (String, Vec<u8>) {
    (resource.id.clone(), resource.into_bytes(context.style, &context.query.fields))
}
