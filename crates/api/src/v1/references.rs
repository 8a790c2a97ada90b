//! `GET /references`: what a definition can refer to, one level per request, each with an example.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use docket_events::Event;
use docket_kernel::{Entity, EnvironmentId, Permission, Stored, UnitOfWork, Verb};
use docket_storage::{Filter, ListQuery, PageDirection, ReadError};
use docket_workflows::Engine;
use docket_workflows::choices::{Choice, choices};
use docket_workflows::kind::ValueKind;
use docket_workflows::names::is_step_id;
use docket_workflows::reachable::{Reachable, example, is_written, of_event, of_object};
use docket_workflows::reference::{CASES, TRIGGER, is_segment};
use serde_json::Value;

use crate::app::App;
use crate::custom_operation::{Asked, CustomOperation};
use crate::document::Resource;
use crate::error::ErrorDocument;
use crate::openapi::OperationDoc;
use crate::operation::OperationInfo;
use crate::pipeline::Admitted;
use crate::query::Query;
use crate::refusal::of_read;
use crate::schema::{self, anything, maybe, text, whole};

/// Lists the possible references.
pub const REFERENCES: CustomOperation = CustomOperation::producing(
    OperationInfo::ours(
        "list-references",
        "GET",
        "/references",
        Permission::WorkflowRead,
        "Lists what a definition can refer to in an event's object, or in an object of a type: one level, with \
         examples from the newest such event. To list the members of a nested object, request its type. With \
         filter[gives], lists complete references to objects of a type instead, the most likely one first.",
    ),
    CustomOperation::JSON,
)
.documented(|| {
    let attributes = vec![
        ("path", text()),
        ("label", text()),
        ("kind", text()),
        ("object-type", maybe(text())),
        ("example", anything()),
        ("rank", maybe(whole())),
    ];
    OperationDoc::whole(schema::resource("reference", attributes, Vec::new())).filtered(&[
        ("event", "An event that the trigger listens to; with filter[gives], all of its events."),
        ("object-type", "A type of object."),
        (
            "gives",
            "The type of object that a step's input takes, or * for any: lists complete references to such objects.",
        ),
        ("steps", "With filter[gives], the earlier steps, first to last, each as id:type, such as open:case.create."),
    ])
});

/// The types of which references are requested.
#[derive(Clone)]
enum Of {
    Event(String),
    Object(String),
    Giving { wanted: String, events: Vec<String>, steps: Vec<(String, String)> },
}

/// Returns the possible references.
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
    match (query.filter("gives"), query.filter("event"), query.filter("object-type"), query.filter("steps")) {
        ([], [event], [], []) => Ok(Of::Event(event.clone())),
        ([], [], [object_type], []) => Ok(Of::Object(object_type.clone())),
        ([wanted], events, [], steps) => {
            let steps = steps.iter().map(|step| step_of(step)).collect::<Result<_, _>>()?;
            Ok(Of::Giving { wanted: wanted.clone(), events: events.to_vec(), steps })
        }
        _ => Err(ErrorDocument::bad_request(
            "send one event in filter[event], one type in filter[object-type], or one type in filter[gives] with \
             optional events and steps",
        )),
    }
}

fn step_of(text: &str) -> Result<(String, String), ErrorDocument> {
    match text.split_once(':') {
        Some((id, step_type)) if is_step_id(id) => Ok((id.to_owned(), step_type.to_owned())),
        _ => Err(ErrorDocument::bad_request(format!(
            "filter[steps] takes steps as id:type, such as open:case.create, not '{text}'"
        ))),
    }
}

async fn find(app: &App, admitted: &Admitted, of: Of) -> Result<Vec<Resource>, ReadError> {
    let (column, value) = match &of {
        Of::Event(name) => ("name", name.as_str()),
        Of::Object(object_type) => ("object_type", object_type.as_str()),
        Of::Giving { events, .. } => ("name", events.first().map_or("", String::as_str)),
    };
    let filters = vec![Filter::Is(column, vec![Arc::from(value)])];
    let query = ListQuery { table: Event::TABLE, filters, turn: PageDirection::First, limit: 1 };
    let (engine, environment) = (Arc::clone(&app.engine), admitted.actor().environment.clone());
    let read = move |work: &mut UnitOfWork, events: &[Stored<Event>]| -> Verb<Vec<Resource>> {
        let newest = events.first().map(|event| &*event.payload);
        let mut examples = Examples { engine: &engine, work, environment: &environment, newest };
        let reachable = match &of {
            Of::Event(name) => of_event(&engine, examples.work, &environment, name)?.unwrap_or_default(),
            Of::Object(object_type) => of_object(&engine, examples.work, &environment, object_type)?,
            Of::Giving { wanted, events, steps } => {
                return examples.ranked(choices(&engine, events, steps, wanted));
            }
        };
        with_fields(reachable, newest).into_iter().map(|one| examples.shown(&one)).collect()
    };
    app.reader.view_list::<Event, _>(admitted.caller.scope(), query, read).await
}

/// The defined references, and the fields of the newest object of the kind, because vendors define their own. A field
/// whose name can't be written in a reference is left out.
fn with_fields(mut reachable: Vec<Reachable>, example: Option<&Value>) -> Vec<Reachable> {
    let fields = example.and_then(|tree| tree.get("fields")).and_then(Value::as_object);
    let known: BTreeMap<_, _> = fields.into_iter().flatten().filter(|(key, _)| is_segment(key)).collect();
    for (key, value) in known {
        let path = format!("fields.{key}");
        if is_written(&path) && !reachable.iter().any(|one| one.path == path) {
            let kind = ValueKind::of(value).word();
            reachable.push(Reachable { path, label: None, kind, object_type: None, is_open: false });
        }
    }
    if reachable.iter().any(|one| one.path.starts_with("fields.")) {
        reachable.retain(|one| one.path != "fields");
    }
    reachable
}

/// Renders references with the values that they have in the newest event.
struct Examples<'e> {
    engine: &'e Engine,
    work: &'e mut UnitOfWork,
    environment: &'e EnvironmentId,
    newest: Option<&'e Value>,
}

impl Examples<'_> {
    fn shown(&mut self, one: &Reachable) -> Verb<Resource> {
        let name = one.path.rsplit('.').next().unwrap_or_default().replace(['_', '-'], " ");
        let label = one.label.clone().unwrap_or(name);
        let example = if one.path.split('.').next() == Some(CASES) {
            self.of(&format!("{TRIGGER}.{}", one.path))?
        } else {
            let step = |tree: &'_ Value, member: &str| tree.get(member).cloned();
            one.path
                .split('.')
                .try_fold(self.newest.cloned().unwrap_or_default(), |tree, member| step(&tree, member))
                .unwrap_or_default()
        };
        let mut resource = resource(&one.path, &label, one.kind, one.object_type.as_deref(), example);
        resource.attributes.set("rank", Value::Null);
        Ok(resource)
    }

    fn ranked(&mut self, choices: Vec<Choice>) -> Verb<Vec<Resource>> {
        let mut shown = Vec::with_capacity(choices.len());
        for (place, choice) in choices.iter().enumerate() {
            let example = self.of(&choice.path)?;
            let mut resource = resource(&choice.path, &choice.label, "object", Some(&choice.object_type), example);
            resource.attributes.set("rank", place + 1);
            shown.push(resource);
        }
        Ok(shown)
    }

    fn of(&mut self, reference: &str) -> Verb<Value> {
        match self.newest {
            Some(newest) => example(self.engine, self.work, self.environment, newest, reference),
            None => Ok(Value::Null),
        }
    }
}

fn resource(path: &str, label: &str, kind: &str, object_type: Option<&str>, example: Value) -> Resource {
    let mut resource = Resource::new("reference", path);
    let mut letters = label.chars();
    let label: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    resource.attributes.set("path", path);
    resource.attributes.set("label", label);
    resource.attributes.set("kind", kind);
    resource.attributes.set("object-type", object_type.map(str::to_owned));
    resource.attributes.set_theirs("example", if example.is_object() { Value::Null } else { example });
    resource
}
