//! `GET /workflow-runs/{workflow-run-id}/steps`

use docket_kernel::{Permission, Refusal, Stored, UnitOfWork, Verb};
use docket_workflows::store::SEGMENTS_OF_RUN;
use docket_workflows::{Run, RunState, Segment, StepRun, StepState, blanked_run, blanked_step, is_hidden};
use serde_json::{Value, json};

use super::shown::{starter, starter_schema};
use crate::answer::Answer;
use crate::document::{Document, Members, Resource};
use crate::openapi::OperationDoc;
use crate::operation::{Context, Operation, OperationInfo, target_of};
use crate::query::Links;
use crate::schema::{self, anything, list, maybe, maybe_texts, object, said, text, time, whole, word};
use crate::time::{iso, iso_or_null};

/// Lists the steps of a run, with input, output and events.
pub struct RunSteps;

impl Operation for RunSteps {
    const ABOUT: OperationInfo = OperationInfo::ours(
        "list-steps-of-a-workflow-run",
        "GET",
        "/workflow-runs/{workflow-run-id}/steps",
        Permission::WorkflowRead,
        "Lists the steps of a run, each with its input, output and the events it caused; `meta.run` has the run's \
         outcome, trigger, cause and creator.",
    );
    type Input = ();

    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        target_of::<Run>(work, "workflow run", context.part("workflow-run-id"))
    }

    fn shape(_: &Context, _: &Value) -> Result<(), Refusal> {
        Ok(())
    }

    fn doc() -> OperationDoc {
        let words: Vec<&str> = StepState::ALL.iter().map(|state| state.as_str()).collect();
        let mut error = object(vec![("code", text()), ("title", text()), ("details", text())]);
        error["properties"]["pointer"] = maybe(text());
        let attributes = vec![
            ("step-id", text()),
            ("name", text()),
            ("do", text()),
            ("state", word(&words)),
            ("attempts", whole()),
            ("input", anything()),
            ("output", anything()),
            ("error", maybe(error)),
            ("started-at", maybe(time())),
            ("completed-at", maybe(time())),
            ("caused-event-ids", list(text())),
        ];
        let words: Vec<&str> = RunState::ALL.iter().map(|state| state.as_str()).collect();
        let cause =
            [maybe_texts(&["event-id", "request-id"]), vec![("depth", whole()), ("chain", list(text()))]].concat();
        let run = object(vec![
            ("id", text()),
            ("outcome", word(&words)),
            ("workflow-id", text()),
            ("workflow-version-id", text()),
            ("trigger", said(anything(), "What started the run. Key-Inflection does not change the names inside.")),
            ("output", anything()),
            ("cause", object(cause)),
            ("creator", starter_schema()),
            ("created-at", time()),
            ("completed-at", maybe(time())),
            (
                "content-removed-at",
                said(maybe(time()), "When the retention policy removed the trigger, inputs, outputs and errors."),
            ),
        ]);
        let steps = OperationDoc::whole(schema::resource("workflow-step-run", attributes, Vec::new())).kept();
        steps.with_meta(vec![("run", run)])
    }

    fn run(context: &Context, work: &mut UnitOfWork, (): &()) -> Verb<Answer> {
        let id = context.part("workflow-run-id");
        let run = work.existing::<Run>("workflow run", id)?;
        let is_hidden = run.redaction_id.is_none() && is_hidden(work, &run)?;
        let run = if is_hidden { Stored::new(blanked_run(&run)) } else { run };
        let mut segments = work.ask::<Segment>(&SEGMENTS_OF_RUN, id)?;
        segments.sort_by_key(|segment| segment.ordinal);
        let steps = segments.iter().flat_map(|segment| segment.steps.iter());
        let done: Vec<Stored<StepRun>> =
            steps.map(|step| if is_hidden { Stored::new(blanked_step(step)) } else { Stored::clone(step) }).collect();
        let mut resources: Vec<Resource> =
            done.iter().enumerate().map(|(place, step)| resource(&run, place, step)).collect();
        let (_, program) = context.engine.program(work, &run.version_id)?;
        for node in program.unreached(|id| done.iter().any(|step| step.id == id)) {
            resources.push(not_reached(&run, node));
        }
        let document = Document::many(resources, Links::default()).with_nested_meta("run", doc(&run));
        Ok(Answer { status: 200, document, version: Some(run.version) })
    }
}

/// The `meta` of the run itself. Its trigger and its output contain names of an organization or a vendor, which keep
/// their casing, as references use them.
fn doc(run: &Run) -> Members {
    let mut doc = Members::with_capacity(11);
    doc.set("id", run.id.to_string());
    doc.set("outcome", run.state.as_str());
    doc.set("workflow-id", run.workflow_id.to_string());
    doc.set("workflow-version-id", run.version_id.to_string());
    doc.set_theirs("trigger", (*run.trigger).clone());
    doc.set_theirs("output", json!(run.progress.output));
    let (event, request) = (&run.cause_event_id, &run.request_id);
    doc.set("cause", json!({"event-id": event, "request-id": request, "depth": run.depth, "chain": *run.chain}));
    doc.set("creator", starter(run));
    doc.set("created-at", iso(run.created_at.0));
    doc.set("completed-at", iso_or_null(run.completed_at.map(|at| at.0)));
    doc.set("content-removed-at", iso_or_null(run.retained_at.map(|at| at.0)));
    doc
}

fn resource(run: &Run, place: usize, step: &StepRun) -> Resource {
    let mut resource = Resource::new("workflow-step-run", format!("{}:{place}", run.id));
    let attributes = &mut resource.attributes;
    attributes.set("step-id", step.id.as_str());
    attributes.set("name", step.name.as_str());
    attributes.set("do", step.r#do.as_str());
    attributes.set("state", step.state.as_str());
    attributes.set("attempts", step.attempts);
    attributes.set_theirs("input", step.input.clone());
    attributes.set_theirs("output", step.output.clone());
    attributes.set("error", step.error.as_ref().map(|error| json!(error)).unwrap_or_default());
    attributes.set("started-at", iso(step.started_at.0));
    attributes.set("completed-at", iso(step.completed_at.0));
    attributes.set("caused-event-ids", step.events.iter().map(ToString::to_string).collect::<Vec<_>>());
    resource
}

fn not_reached(run: &Run, node: &docket_workflows::definition::Node) -> Resource {
    let mut resource = Resource::new("workflow-step-run", format!("{}:not-reached:{}", run.id, node.id));
    let attributes = &mut resource.attributes;
    attributes.set("step-id", node.id.as_str());
    attributes.set("name", node.title());
    attributes.set("do", node.step_type().unwrap_or("choose"));
    attributes.set("state", StepState::NotReached.as_str());
    attributes.set("attempts", 0);
    for name in ["input", "output", "error", "started-at", "completed-at"] {
        attributes.set(name, Value::Null);
    }
    attributes.set("caused-event-ids", Vec::<String>::new());
    resource
}
