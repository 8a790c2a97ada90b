//! `GET /event-types`

use docket_events::{EVENTS, Recorder, is_offered, recorder_of};
use docket_kernel::{Permission, Refusal, UnitOfWork, Verb};
use serde_json::Value;

use crate::answer::Answer;
use crate::document::{Document, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo};
use crate::query::Links;
use crate::schema::{self, text, word};

/// Lists the events that a trigger can listen to.
pub struct ListEventTypes;

impl Operation for ListEventTypes {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-event-types",
        "GET",
        "/event-types",
        Permission::WorkflowRead,
        "Lists the events a trigger can listen to, each with its type of object, in one response.",
    );
    type Input = ();

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let origins: Vec<&str> = Recorder::ALL.iter().map(|recorder| recorder.as_str()).collect();
        let attributes =
            vec![("label", text()), ("group", text()), ("object-type", text()), ("origin", word(&origins))];
        OperationDoc::whole(schema::resource("event-type", attributes, Vec::new()))
    }

    fn run(_: &Context, _: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let offered = EVENTS.iter().filter(|(name, _)| is_offered(name));
        let resources = offered.map(|(name, object_type)| {
            let mut resource = Resource::new("event-type", *name);
            let (of, happened) = name.split_once('.').unwrap_or((name, ""));
            let group = in_words(of);
            resource.attributes.set("label", format!("{group} {}", in_words(happened).to_lowercase()));
            resource.attributes.set("group", group);
            resource.attributes.set("object-type", *object_type);
            resource.attributes.set("origin", recorder_of(name).as_str());
            resource
        });
        Ok(Answer::plain(Document::many(resources.collect(), Links::default())))
    }
}

/// `status-updated` as a label: `Status updated`; `report/watchlist` becomes `Watchlist report`.
fn in_words(name: &str) -> String {
    let spaced = match name.split_once('/') {
        Some((kind, of)) => format!("{of} {kind}"),
        None => name.to_owned(),
    }
    .replace('-', " ")
    // Vendors use both spellings; the label uses one.
    .replace("cancelled", "canceled");
    let mut letters = spaced.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn names_become_labels() {
        assert_eq!(in_words("status-updated"), "Status updated");
        assert_eq!(in_words("report/politically-exposed-person"), "Politically exposed person report");
        assert_eq!((in_words("cancelled"), in_words("canceled")), ("Canceled".into(), "Canceled".into()));
        assert_eq!(in_words(""), "");
    }
}
