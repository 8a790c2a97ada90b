//! The organization in which the job runs. Its clock and randomness are fixed during the setup, so that it is the same
//! in every database on both engines.

use std::sync::Arc;

use docket_access::{EnvironmentKind, KeyRequest, Plan, SetupRequest, create_key, setup};
use docket_cases::{FieldSchema, FieldType, StatusInput, StatusType, TemplateRequest, create_template};
use docket_kernel::{
    Actor, Clock, EnvironmentId, ManualClock, Moment, Permission, Rng, Scope, SeededRng, UnitOfWork, Verb, WorkflowId,
};
use docket_objects::create_source;
use docket_storage::{Command, Database, DatabaseAddress};
use docket_workflows::{Engine, WorkflowRequest, create_workflow, publish};
use serde::{Deserialize, Serialize};

use crate::product::open;
use crate::{Fallible, job};

/// The data of the organization that the load generator and the filling need.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct World {
    /// The environment.
    pub environment: String,
    /// The source that vendors post to.
    pub source: String,
    /// The secret that signs the vendor's events.
    pub secret: String,
    /// An API key with all permissions.
    pub key: String,
    /// The templates: id, key, and the ids of the statuses, with the initial status first and an end status last.
    pub templates: Vec<(String, String, Vec<String>)>,
}

/// The time of the setup.
const BEGINNING: Moment = Moment(1_767_225_600_000_000);

/// Sets up the organization in an empty database.
pub async fn build(place: &DatabaseAddress) -> Fallible<World> {
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(BEGINNING));
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(7));
    let (database, engine) = open(place, clock, rng).await?;
    let world = furnish(&database, &engine).await;
    database.close().await;
    world
}

async fn furnish(database: &Database, engine: &Arc<Engine>) -> Fallible<World> {
    let request = SetupRequest {
        organization: "Benchmark".into(),
        email: "bench@docket.example".into(),
        password_hash: "none".into(),
        plan: Plan::Enterprise,
    };
    let made = run(database, Scope::Installation, move |work| setup(work, &request)).await?;
    let environment = made.production.id;
    let (source, secret) =
        within(database, &environment, |work, actor| create_source(work, actor, "vendor", None)).await?;
    let organization = made.organization.clone();
    let key = within(database, &environment, move |work, actor| {
        let may = Permission::ALL.to_vec();
        let request = KeyRequest::new("bench", "bench@docket.example", may, EnvironmentKind::Production);
        create_key(work, actor, &organization, &request)
    });
    let (_, key) = key.await?;
    let (environment_id, source, templates) = (environment.to_string(), source.id.to_string(), Vec::new());
    let mut world = World { environment: environment_id, source, secret, key, templates };
    for (name, key) in
        [("Onboarding review", "KYC"), ("Account takeover", "ATO"), ("Fraud", "FRD"), ("Monitoring", "TXM")]
    {
        let request = template(name, key);
        let made = within(database, &environment, move |work, actor| {
            let template = create_template(work, actor, &request)?;
            let statuses = docket_cases::statuses_of(work, &template.id)?;
            Ok((template.id.to_string(), statuses.iter().map(|status| status.id.to_string()).collect::<Vec<_>>()))
        });
        let (id, statuses) = made.await?;
        world.templates.push((id, key.to_owned(), statuses));
    }
    let definitions = [("Intake", job::intake(&world.templates[0].0)), ("Escalation", job::escalation())];
    for (name, definition) in definitions {
        let (first, second) = (Arc::clone(engine), Arc::clone(engine));
        let drafted = within(database, &environment, move |work, actor| {
            let request = WorkflowRequest {
                name: name.into(),
                slug: None,
                description: None,
                definition: Some(definition.clone()),
            };
            create_workflow(&first, work, actor, &request)
        });
        let id: WorkflowId = drafted.await?.0.id.clone();
        within(database, &environment, move |work, actor| publish(&second, work, actor, &id, None)).await?;
    }
    Ok(world)
}

fn template(name: &str, key: &str) -> TemplateRequest {
    let status = StatusInput::new;
    let source = FieldSchema { label: Some("Source".into()), ..FieldSchema::new("source", FieldType::String) };
    TemplateRequest {
        name: name.into(),
        key: Some(key.into()),
        fields: vec![source],
        statuses: Some(vec![
            status("Open", StatusType::Initial),
            status("In review", StatusType::Intermediate),
            status("Escalated", StatusType::Intermediate),
            status("Approved", StatusType::End),
            status("Declined", StatusType::End),
        ]),
        ..TemplateRequest::default()
    }
}

async fn within<T: Send + 'static>(
    database: &Database,
    environment: &EnvironmentId,
    verb: impl Fn(&mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
) -> Fallible<T> {
    let actor = Actor::system(environment.clone());
    run(database, Scope::Of(environment.key()), move |work| verb(work, &actor)).await
}

async fn run<T: Send + 'static>(
    database: &Database,
    scope: Scope,
    verb: impl Fn(&mut UnitOfWork) -> Verb<T> + Send + Sync + 'static,
) -> Fallible<T> {
    Ok(database.writer().submit(Command::new("bench", scope, verb)).await?)
}
