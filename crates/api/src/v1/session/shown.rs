//! A session in the form of these operations, with what the dashboard needs from the start.

use std::sync::Arc;

use docket_access::store::ENVIRONMENTS_OF_ORGANIZATION;
use docket_access::{Environment, EnvironmentKind, FirstStep, IDLE_SECONDS_MAX, Organization, Session, User};
use docket_kernel::{Refusal, UnitOfWork, Verb};

use crate::answer::Answer;
use crate::document::{Document, Relationships, Resource};
use crate::openapi::OperationDoc;
use crate::schema::{self, list, text, to_one, whole, word};
use crate::time::iso;
use crate::v1::users::shown::resource as user_resource;

/// A response with a session.
pub fn answer(work: &mut UnitOfWork, session: &Session, status: u16) -> Verb<Answer> {
    work.hint::<User>(session.user_id.as_str());
    work.hint::<Organization>(session.organization_id.as_str());
    let mut environments = work.ask::<Environment>(&ENVIRONMENTS_OF_ORGANIZATION, session.organization_id.as_str())?;
    environments.sort_by_key(|environment| environment.kind == EnvironmentKind::Production);
    let user = there(work.get::<User>(session.user_id.as_str())?)?;
    let organization = there(work.get::<Organization>(session.organization_id.as_str())?)?;
    let environment = there(environments.iter().find(|found| found.id == session.environment_id).cloned())?;
    let kinds: Vec<String> = environments.iter().map(|environment| environment.kind.to_string()).collect();
    let mut resource = Resource::new("session", session.id.to_string());
    let attributes = &mut resource.attributes;
    attributes.set("environment", environment.kind.as_str());
    attributes.set("environments", kinds);
    attributes.set("plan", organization.plan.as_str());
    let permissions: Vec<String> = user.role.permissions().map(|permission| permission.to_string()).collect();
    attributes.set("permissions", permissions);
    attributes.set("first-steps", user.first_steps.iter().map(ToString::to_string).collect::<Vec<_>>());
    attributes.set("idle-seconds-max", IDLE_SECONDS_MAX);
    attributes.set("created-at", iso(session.created_at.0));
    attributes.set("expires-at", iso(session.ends_at().0));
    let mut to = Relationships::default();
    to.one("user", "user", Some(user.id.to_string()));
    to.one("organization", "organization", Some(organization.id.to_string()));
    to.one("environment", "environment", Some(environment.id.to_string()));
    resource.relationships = Some(to);
    let included = vec![user_resource(&user), organization_resource(&organization), environment_resource(&environment)];
    Ok(Answer { status, document: Document::one(resource).including(included), version: None })
}

fn there<T>(found: Option<Arc<T>>) -> Result<Arc<T>, Refusal> {
    found.ok_or_else(|| Refusal::internal("a session is of somebody who is not there"))
}

fn organization_resource(organization: &Organization) -> Resource {
    let mut resource = Resource::new("organization", organization.id.to_string());
    resource.attributes.set("name", organization.name.as_str());
    resource.attributes.set("plan", organization.plan.as_str());
    resource
}

fn environment_resource(environment: &Environment) -> Resource {
    let mut resource = Resource::new("environment", environment.id.to_string());
    resource.attributes.set("kind", environment.kind.as_str());
    resource
}

/// The OpenAPI description of a session.
pub fn doc() -> OperationDoc {
    let attributes = vec![
        ("environment", word(&KINDS)),
        ("environments", list(word(&KINDS))),
        ("plan", text()),
        ("permissions", list(text())),
        ("first-steps", list(word(&first_steps()))),
        ("idle-seconds-max", whole()),
        ("created-at", schema::time()),
        ("expires-at", schema::time()),
    ];
    let relationships = ["user", "organization", "environment"].map(|kind| (kind, to_one(kind))).into_iter().collect();
    OperationDoc::fleeting(schema::resource("session", attributes, relationships)).including(&[
        "user",
        "organization",
        "environment",
    ])
}

/// The names of first steps.
pub fn first_steps() -> Vec<&'static str> {
    FirstStep::ALL.iter().map(|step| step.as_str()).collect()
}

/// The names of environments.
pub const KINDS: [&str; 2] = [EnvironmentKind::Sandbox.as_str(), EnvironmentKind::Production.as_str()];
