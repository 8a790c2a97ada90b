//! The initial data of a simulation: two environments with templates and published workflows.

use std::sync::Arc;

use docket_cases::{CaseTemplate, LiveUses, StatusInput, StatusType, TemplateRequest, create_template};
use docket_erasure::{Erasure, Forgotten};
use docket_kernel::{
    Actor, ApiKeyId, Cause, EnvironmentId, Permission, PlantedBug, Progress, Refusal, RequestId, Scope, SourceId, Task,
    UnitOfWork, Verb, Who,
};
use docket_objects::create_source;
use docket_storage::Reactor;
use docket_workflows::{
    Engine, Workflow, WorkflowRequest, create_workflow, publish, workflows_naming, workflows_naming_field,
};
use serde_json::{Value, json};

use crate::database::Plant;

/// The reactor: reacts to events and continues runs.
pub struct Reactions {
    real: docket_steps::Reactions,
    plant: Option<PlantedBug>,
}

impl Reactions {
    /// The product's reactor, with or without a planted bug.
    pub fn of(engine: &Arc<Engine>, plant: Option<Plant>) -> Self {
        let erasure = match plant {
            Some(Plant::RedactionForgetsEndedRuns) => Erasure::default().forgetting(Forgotten::EndedRuns),
            _ => Erasure::default(),
        };
        let real = docket_steps::Reactions::of(engine).erasing(erasure);
        Self { real, plant: plant.and_then(Plant::in_the_unit_of_work) }
    }
}

impl Reactor for Reactions {
    fn perform(&self, work: &mut UnitOfWork, task: &Task) -> Verb<Progress> {
        work.plant(self.plant);
        self.real.perform(work, task)
    }

    fn defer(&self, work: &mut UnitOfWork, task: &Task, due: docket_kernel::Moment) -> Verb<()> {
        self.real.defer(work, task, due)
    }

    fn fail(&self, work: &mut UnitOfWork, task: &Task, refusal: &Refusal) -> Verb<()> {
        self.real.fail(work, task, refusal)
    }

    fn park(
        &self,
        work: &mut UnitOfWork,
        environment: &Arc<str>,
        task: &Task,
        reason: &str,
    ) -> Verb<Option<docket_kernel::Moment>> {
        self.real.park(work, environment, task, reason)
    }

    fn may_defer(&self, task: &Task) -> bool {
        self.real.may_defer(task)
    }

    fn due(&self) -> Option<(&'static docket_kernel::Table, &'static str)> {
        self.real.due()
    }

    fn due_beside(&self) -> &[(&'static docket_kernel::Table, &'static str)] {
        self.real.due_beside()
    }
}

/// An environment, and the ids of its objects.
#[derive(Clone, Debug)]
pub struct Tenant {
    pub environment: EnvironmentId,
    pub source: SourceId,
    /// Open, Pending, Approved, Declined.
    pub plain: Arc<CaseTemplate>,
    /// Has its own statuses, which commands change.
    pub custom: Arc<CaseTemplate>,
    /// Two statuses that two workflows set in turn.
    pub ping: Arc<CaseTemplate>,
    pub workflows: Vec<(&'static str, Arc<Workflow>)>,
}

impl Tenant {
    pub fn scope(&self) -> Scope {
        Scope::Of(self.environment.key())
    }

    /// An actor with a key that has all permissions here, in this request.
    pub fn actor(&self, request: &str) -> Actor {
        let who = Who::Key { id: ApiKeyId::of("api_1"), email: "ada@lumen.example".into() };
        let cause = Cause { request: Some(RequestId::of(request)), ..Cause::default() };
        Actor::new(who, self.environment.clone(), Arc::from(Permission::ALL)).because(cause)
    }

    pub fn workflow(&self, name: &str) -> &Arc<Workflow> {
        let found = self.workflows.iter().find(|(known, _)| *known == name);
        &found.expect("a workflow of the world").1
    }
}

/// The live workflows that refer to statuses and fields.
pub const USES: LiveUses<'static> = LiveUses { statuses: &workflows_naming, fields: &workflows_naming_field };

pub fn status(name: &str, r#type: StatusType) -> StatusInput {
    StatusInput::new(name, r#type)
}

/// The initial statuses of the custom template.
pub fn custom_statuses() -> Vec<StatusInput> {
    vec![
        status("New", StatusType::Initial),
        status("Screening", StatusType::Intermediate),
        status("Escalated to legal", StatusType::Intermediate),
        status("Cleared", StatusType::End),
        status("Rejected", StatusType::End),
    ]
}

/// Creates an environment with all its objects.
pub fn furnish(engine: &Engine, work: &mut UnitOfWork, name: &str) -> Verb<Tenant> {
    let environment = EnvironmentId::of(name);
    let actor = Actor::system(environment.clone());
    let template = |work: &mut UnitOfWork, name: &str, key: &str, statuses| {
        let request =
            TemplateRequest { name: name.into(), key: Some(key.into()), statuses, ..TemplateRequest::default() };
        create_template(work, &actor, &request)
    };
    let plain = template(work, "Plain", "PLAIN", None)?;
    let custom = template(work, "Custom", "CUSTOM", Some(custom_statuses()))?;
    let ping = vec![
        status("Ping", StatusType::Initial),
        status("Pong", StatusType::Intermediate),
        status("Over", StatusType::End),
    ];
    let ping = template(work, "Ping", "PING", Some(ping))?;
    let (source, _) = create_source(work, &actor, "Vendor", None)?;
    let source = source.id.clone();
    let mut place = Tenant { environment, source, plain, custom, ping, workflows: Vec::new() };
    for (name, definition) in definitions(&place) {
        let request =
            WorkflowRequest { name: name.into(), slug: None, description: None, definition: Some(definition) };
        let (workflow, problems) = create_workflow(engine, work, &actor, &request)?;
        assert!(problems.is_empty(), "{name}: {problems:?}");
        let workflow = publish(engine, work, &actor, &workflow.id, None)?;
        place.workflows.push((name, workflow));
    }
    Ok(place)
}

fn step(id: &str, r#do: &str, with: &Value) -> Value {
    json!({"id": id, "do": r#do, "with": with})
}

fn tag(id: &str, object: &str, tags: &[&str]) -> Value {
    step(id, "object.tag", &json!({"object": {"ref": object}, "tags": tags}))
}

fn set(id: &str, case: &str, status: &str) -> Value {
    step(id, "case.update_status", &json!({"case": {"ref": case}, "status": status}))
}

fn going_on(mut step: Value) -> Value {
    step["on_error"] = "continue".into();
    step
}

/// A matching inquiry opens a case and sets it to Screening, which starts the next workflow.
pub fn intake(place: &Tenant, mark: &str) -> Value {
    let create = json!({"template": place.custom.id, "objects": [{"ref": "trigger"}]});
    json!({
        "trigger": {"on": ["inquiry.completed"]},
        "steps": [
            {"id": format!("match{mark}"), "choose": [
                {"label": "Match", "when": {"field": "trigger.fields.match", "is": "is_true"}, "steps": [
                    step("create_case", "case.create", &create),
                    tag("tag_case", "create_case", &["watchlist"]),
                    set("screen", "create_case", "Screening"),
                ]},
                {"label": "Else", "steps": [tag("tag_clear", "trigger", &["clear"])]}
            ]},
            tag(&format!("tag_seen{mark}"), "trigger", &["seen"]),
        ],
        "output": {"case": {"ref": "create_case.id"}}
    })
}

/// A case in screening with a complete inquiry, read live, is escalated to legal.
pub fn escalation(mark: &str) -> Value {
    json!({
        "trigger": {"on": ["case.status-updated"], "where": {"all": [
            {"field": "trigger.status", "is": "is_in", "value": ["Screening"]},
            {"field": "trigger.inquiries.0.status", "is": "is_not_blank"}
        ]}},
        "steps": [
            tag(&format!("tag_legal{mark}"), "trigger", &["legal"]),
            going_on(set(&format!("escalate{mark}"), "trigger", "Escalated to legal")),
        ]
    })
}

fn definitions(place: &Tenant) -> Vec<(&'static str, Value)> {
    let by_hand = json!({"case": {"ref": "trigger.fields.case"}, "status": {"ref": "trigger.fields.status"}});
    let broken = json!({"template": place.plain.id, "objects": [{"ref": "trigger"}, "inq_nowhere"]});
    let passes = |label: &str, when: &str, step: Value| json!({"label": label, "steps": [step], "when": {"field": "trigger.status", "is": "equals", "value": when}});
    vec![
        ("intake", intake(place, "")),
        ("escalation", escalation("")),
        (
            "goes-on",
            json!({
                "trigger": {"on": ["inquiry.completed"], "where": {"field": "trigger.fields.risky", "is": "is_true"}},
                "steps": [
                    going_on(step("broken", "case.create", &broken)),
                    {"id": "off", "do": "object.tag", "disabled": true, "with": {"object": {"ref": "trigger"}, "tags": ["off"]}},
                    step("tell", "object.tag", &json!({"object": {"ref": "trigger"}, "tags": ["{{broken.error.code}}"]})),
                ]
            }),
        ),
        (
            "stops",
            json!({
                "trigger": {"on": ["inquiry.failed"]},
                "steps": [
                    tag("before", "trigger", &["failed"]),
                    step("broken", "case.create", &broken),
                    tag("after", "trigger", &["never"]),
                ]
            }),
        ),
        (
            "loops",
            json!({
                "trigger": {"on": ["case.updated-tags", "inquiry.updated-tags"]},
                "steps": [tag("again", "trigger", &["looped"])]
            }),
        ),
        (
            "by-hand",
            json!({
                "trigger": {"on": ["api"], "parameters": [
                    {"name": "case", "type": "string", "required": true},
                    {"name": "status", "type": "string", "required": true}
                ]},
                "steps": [
                    going_on(step("set", "case.update_status", &by_hand)),
                    going_on(step("tag", "object.tag", &json!({"object": {"ref": "trigger.fields.case"}, "tags": ["by hand"]}))),
                ]
            }),
        ),
        (
            "ping-pong",
            json!({
                "trigger": {"on": ["case.status-updated"], "allow_reentry": true,
                    "where": {"field": "trigger.template.id", "is": "equals", "value": place.ping.id}},
                "steps": [{"id": "which", "choose": [
                    passes("Ping", "Ping", set("to_pong", "trigger", "Pong")),
                    passes("Pong", "Pong", set("to_ping", "trigger", "Ping")),
                ]}]
            }),
        ),
        (
            "watcher",
            json!({
                "trigger": {"on": ["case.resolved", "case.reopened", "workflow-run.errored", "workflow-run.refused"]},
                "steps": [{"id": "look", "choose": [
                    {"label": "Nothing", "when": {"field": "trigger.id", "is": "is_blank"}, "steps": []}
                ]}]
            }),
        ),
    ]
}
