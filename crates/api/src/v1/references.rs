//! `GET /references`: what a definition can refer to, one level at a time, each with an example.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use docket_events::Event;
use docket_kernel::{Entity, Permission, Stored, UnitOfWork, Verb};
use docket_storage::{Filter, ListQuery, ReadError, Turn};
use docket_workflows::kind::Kind;
use docket_workflows::reachable::{Reachable, of_event, of_object};
use serde_json::Value;

use crate::apart::{Apart, Asked};
use crate::app::App;
use crate::document::Resource;
use crate::error::ErrorDocument;
use crate::openapi::Told;
use crate::operation::About;
use crate::pipeline::Admitted;
use crate::query::Query;
use crate::refusal::of_read;
use crate::schema::{self, anything, maybe, text};

/// Lists what can be referred to.
pub const REFERENCES: Apart = Apart::producing(
    About::ours(
        "list-references",
        "GET",
        "/references",
        Permission::WorkflowRead,
        "Lists what a definition can refer to of an event's object, or of an object of a type: one level of it, with \
         examples from the newest such event; objects are opened by asking for their type.",
    ),
    Apart::JSON,
)
.telling(|| {
    let attributes = vec![
        ("path", text()),
        ("label", text()),
        ("kind", text()),
        ("object-type", maybe(text())),
        ("example", anything()),
    ];
    Told::whole(schema::resource("reference", attributes, Vec::new()))
        .filtered(&[("event", "An event a trigger listens to."), ("object-type", "A type of object.")])
});

/// Of what the references are asked for.
#[derive(Clone)]
enum Of {
    Event(String),
    Object(String),
}

/// Answers what can be referred to.
pub async fn references(State(app): State<App>, request: Request<Body>) -> Response<Body> {
    let asked = match Asked::of(&app, request, &REFERENCES).await {
        Ok(asked) => asked,
        Err(response) => return response,
    };
    let found = match wanted(&asked.query) {
        Ok(of) => find(&app, &asked.admitted, of).await.map_err(|error| of_read(&error)),
        Err(document) => Err(document),
    };
    asked.tell(found)
}

fn wanted(query: &Query) -> Result<Of, ErrorDocument> {
    match (query.filter("event"), query.filter("object-type")) {
        ([event], []) => Ok(Of::Event(event.clone())),
        ([], [object_type]) => Ok(Of::Object(object_type.clone())),
        _ => Err(ErrorDocument::bad_request("name one event with filter[event], or one type with filter[object-type]")),
    }
}

async fn find(app: &App, admitted: &Admitted, of: Of) -> Result<Vec<Resource>, ReadError> {
    let newest = match &of {
        Of::Event(name) => Filter::Is("name", vec![Arc::from(name.as_str())]),
        Of::Object(object_type) => Filter::Is("object_type", vec![Arc::from(object_type.as_str())]),
    };
    let query = ListQuery { table: Event::TABLE, filters: vec![newest], turn: Turn::First, limit: 1 };
    let (engine, environment) = (Arc::clone(&app.engine), admitted.actor().environment.clone());
    let read = move |work: &mut UnitOfWork, events: &[Stored<Event>]| -> Verb<Vec<Resource>> {
        let reachable = match &of {
            Of::Event(name) => of_event(&engine, work, &environment, name)?.unwrap_or_default(),
            Of::Object(object_type) => of_object(&engine, work, &environment, object_type)?,
        };
        let example = events.first().map(|event| &*event.payload);
        Ok(with_fields(reachable, example).into_iter().map(|one| shown(&one, example)).collect())
    };
    app.reader.view_list::<Event, _>(admitted.caller.scope(), query, read).await
}

/// What is known, and the fields that the newest object of the kind had: vendors define their own.
fn with_fields(mut reachable: Vec<Reachable>, example: Option<&Value>) -> Vec<Reachable> {
    let fields = example.and_then(|tree| tree.get("fields")).and_then(Value::as_object);
    let known: BTreeMap<_, _> = fields.into_iter().flatten().collect();
    for (key, value) in known {
        let path = format!("fields.{key}");
        if !reachable.iter().any(|one| one.path == path) {
            reachable.push(Reachable { path, kind: Kind::of(value).word(), object_type: None, is_open: false });
        }
    }
    if reachable.iter().any(|one| one.path.starts_with("fields.")) {
        reachable.retain(|one| one.path != "fields");
    }
    reachable
}

fn shown(one: &Reachable, example: Option<&Value>) -> Resource {
    let mut resource = Resource::new("reference", one.path.as_str());
    let name = one.path.rsplit('.').next().unwrap_or_default().replace(['_', '-'], " ");
    let mut letters = name.chars();
    let label: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    let found = one.path.split('.').try_fold(example.unwrap_or(&Value::Null), |tree, member| tree.get(member));
    resource.attributes.set("path", one.path.as_str());
    resource.attributes.set("label", label);
    resource.attributes.set("kind", one.kind);
    resource.attributes.set("object-type", one.object_type.clone());
    resource.attributes.set_theirs("example", found.filter(|value| !value.is_object()).cloned().unwrap_or(Value::Null));
    resource
}
