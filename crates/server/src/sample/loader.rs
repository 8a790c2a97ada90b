//! Plays the script in the sandbox, with its people, case templates and workflows.

use std::sync::Arc;

use docket_access::{ApiKey, Made, NewPerson, Role, add_user, digest};
use docket_cases::{
    CaseObject, CreateRequest, UpdateRequest, add_objects, create_case, create_template, tag_case, update_case,
    update_status,
};
use docket_kernel::{
    Actor, CaseId, EnvironmentId, Permission, Scope, SourceId, UnitOfWork, UserId, Verb, Who, WorkflowId, email_key,
};
use docket_objects::{InquiryRequest, create_inquiry, create_source, decide_inquiry, key, take_in};
use docket_storage::{Command, Filter, ListQuery, PageDirection};
use docket_workflows::{WorkflowRequest, create_workflow, publish, read, start_by_api};
use serde_json::{Map, Value};

use super::SOURCE;
use super::kinds::CaseKind;
use super::people::{ANALYSTS, analyst_email};
use super::scenario::{Action, ActorKind, INQUIRY_TEMPLATE, Scene};
use crate::failure::Failure;
use crate::node::Node;

const REVIEW: &str = include_str!("review-matches.yaml");
const CARD_TESTING: &str = include_str!("card-testing.yaml");
const DECIDE: &str = include_str!("decide-case.yaml");

/// The sandbox in which the script is played.
pub struct Loader<'n> {
    node: &'n Node,
    environment: EnvironmentId,
    owner: Actor,
    program: Actor,
    analysts: Vec<Actor>,
    source: SourceId,
    templates: Vec<String>,
    decide: WorkflowId,
    /// The cases of the script, indexed by their number.
    cases: Vec<Option<CaseId>>,
}

impl<'n> Loader<'n> {
    /// Creates everything that the script needs.
    pub async fn build(node: &'n Node, made: &Made, email: &str) -> Result<Self, Failure> {
        let environment = made.sandbox.id.clone();
        let everything: Arc<[Permission]> = Permission::of_organizations().collect();
        let actor = |who| Actor::new(who, environment.clone(), Arc::clone(&everything));
        let email: Arc<str> = Arc::from(email_key(email));
        let owner = actor(Who::User { id: made.user.clone(), email: Arc::clone(&email) });
        let wanted = digest(&made.sandbox.api_key);
        let own_key =
            node.reader().view(Scope::Installation, move |work| work.find::<ApiKey>("digest", &wanted)).await?;
        let Some(own_key) = own_key else { return Err(Failure::new("the sandbox has no key")) };
        let program = actor(Who::Key { id: own_key.id.clone(), email: Arc::clone(&email) });
        let domain = email.split_once('@').map_or("docket.example", |(_, domain)| domain);
        let mut analysts = Vec::new();
        for name in ANALYSTS {
            let address = analyst_email(name, if domain.ends_with(".example") { domain } else { "docket.example" });
            let id = add_analyst(node, made, &address, name).await?;
            analysts.push(actor(Who::User { id, email: Arc::from(address) }));
        }
        let mut loader = Self {
            node,
            environment,
            owner,
            program,
            analysts,
            source: SourceId::of(""),
            templates: Vec::new(),
            decide: WorkflowId::of(""),
            cases: Vec::new(),
        };
        loader.furnish().await?;
        Ok(loader)
    }

    /// Creates the source, the case templates and the workflows.
    async fn furnish(&mut self) -> Result<(), Failure> {
        let (source, _) = self.ask(&self.owner, |work, actor| create_source(work, actor, SOURCE, None)).await?;
        self.source = source.id.clone();
        for kind in CaseKind::ALL {
            let request = kind.template();
            let made = self.ask(&self.owner, move |work, actor| create_template(work, actor, &request)).await?;
            self.templates.push(made.id.to_string());
        }
        self.workflow(REVIEW).await?;
        self.workflow(CARD_TESTING).await?;
        self.decide = self.workflow(DECIDE).await?;
        Ok(())
    }

    /// Creates a workflow from a file and publishes it.
    async fn workflow(&self, file: &str) -> Result<WorkflowId, Failure> {
        let named = [("ONBOARDING", CaseKind::Onboarding), ("FRAUD", CaseKind::Fraud)];
        let text = named.iter().fold(file.to_owned(), |text, (word, kind)| text.replace(word, self.template(*kind)));
        let tree = read::yaml(&text).map_err(|problem| Failure::new(problem.message))?;
        let Value::Object(mut members) = tree else { return Err(Failure::new("a sample workflow is no tree")) };
        let mut own = |name: &str| members.shift_remove(name).and_then(|value| value.as_str().map(str::to_owned));
        let (name, description) = (own("name").unwrap_or_default(), own("description"));
        let request = WorkflowRequest { name, slug: None, description, definition: Some(Value::Object(members)) };
        let engine = Arc::clone(&self.node.engine);
        let published = self.ask(&self.owner, move |work, actor| {
            let (workflow, _) = create_workflow(&engine, work, actor, &request)?;
            publish(&engine, work, actor, &workflow.id, Some("First version"))
        });
        Ok(published.await?.id.clone())
    }

    fn template(&self, kind: CaseKind) -> &str {
        let place = CaseKind::ALL.iter().position(|known| *known == kind).unwrap_or_default();
        &self.templates[place]
    }

    /// Plays a scene.
    pub async fn play(&mut self, scene: Scene) -> Result<(), Failure> {
        let actor = match scene.actor {
            ActorKind::Vendor => &Actor::system(self.environment.clone()),
            ActorKind::Program => &self.program,
            ActorKind::Analyst(place) => &self.analysts[place],
        };
        match scene.action {
            Action::Tell { event, opens } => {
                let source = self.source.clone();
                self.ask(actor, move |work, actor| take_in(work, actor, &source, &event)).await?;
                if let Some((inquiry, case)) = opens {
                    let opened = self.case_of(&inquiry).await?;
                    self.remember(case, opened);
                }
            }
            Action::Inquire { account, decision } => {
                let request = InquiryRequest {
                    inquiry_template_id: Some(INQUIRY_TEMPLATE.to_owned()),
                    account_id: Some(account),
                    ..InquiryRequest::default()
                };
                let made = self.ask(actor, move |work, actor| create_inquiry(work, actor, &request)).await?;
                if let Some(decision) = decision {
                    let id = made.shown_id().to_owned();
                    self.ask(actor, move |work, actor| decide_inquiry(work, actor, &id, decision, None)).await?;
                }
            }
            Action::Open { case, kind, fields, objects } => {
                let template_id = self.template(kind).to_owned();
                let request = CreateRequest { template_id, fields, object_ids: objects, ..CreateRequest::default() };
                let opened = self.ask(actor, move |work, actor| create_case(work, actor, &request)).await?;
                self.remember(case, opened.id.clone());
            }
            on_case => self.work_on(actor, on_case).await?,
        }
        Ok(())
    }

    /// Plays a scene of an existing case.
    async fn work_on(&self, actor: &Actor, action: Action) -> Result<(), Failure> {
        match action {
            Action::Tag(case, tags) => {
                let (case, tags) = (self.case(case)?, tags.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>());
                self.ask(actor, move |work, actor| tag_case(work, actor, &case, &tags)).await?;
            }
            Action::Add(case, objects) => {
                let case = self.case(case)?;
                self.ask(actor, move |work, actor| add_objects(work, actor, &case, &objects)).await?;
            }
            Action::Say(case, fields) => {
                let (case, request) = (self.case(case)?, UpdateRequest { fields, sla_seconds: None });
                self.ask(actor, move |work, actor| update_case(work, actor, &case, &request)).await?;
            }
            Action::Move(case, (to, why)) => {
                let case = self.case(case)?;
                self.ask(actor, move |work, actor| update_status(work, actor, &case, to, why)).await?;
            }
            Action::Decide(case, decision) => {
                let (case, workflow, engine) = (self.case(case)?, self.decide.clone(), Arc::clone(&self.node.engine));
                let mut given = Map::new();
                given.insert("case_id".to_owned(), case.as_str().into());
                given.insert("decision".to_owned(), decision.into());
                self.ask(actor, move |work, actor| start_by_api(&engine, work, actor, &workflow, &given)).await?;
            }
            Action::Tell { .. } | Action::Inquire { .. } | Action::Open { .. } => {}
        }
        Ok(())
    }

    fn remember(&mut self, number: usize, case: CaseId) {
        if self.cases.len() <= number {
            self.cases.resize(number + 1, None);
        }
        self.cases[number] = Some(case);
    }

    fn case(&self, number: usize) -> Result<CaseId, Failure> {
        let opened = self.cases.get(number).cloned().flatten();
        opened.ok_or_else(|| Failure::new(format_args!("case {number} of the sample was not opened")))
    }

    /// The case that a workflow created for an inquiry.
    async fn case_of(&self, inquiry: &str) -> Result<CaseId, Failure> {
        let held = Filter::Is("object_id", vec![key(&self.environment, inquiry)]);
        let query = ListQuery { table: CASE_OBJECT, filters: vec![held], turn: PageDirection::First, limit: 1 };
        let found: Vec<Arc<CaseObject>> = self.node.reader().list(self.environment.key(), query).await?;
        let case = found.first().map(|object| object.case_id.clone());
        case.ok_or_else(|| Failure::new(format_args!("no workflow opened a case for {inquiry}")))
    }

    /// Runs a verb through the writer as this actor.
    async fn ask<T: Send + 'static>(
        &self,
        actor: &Actor,
        verb: impl Fn(&mut UnitOfWork, &Actor) -> Verb<T> + Send + Sync + 'static,
    ) -> Result<T, Failure> {
        let (actor, environment) = (actor.clone(), self.environment.key());
        let command = Command::new("sample", Scope::Of(Arc::clone(&environment)), move |work| verb(work, &actor));
        Ok(self.node.writer().submit(command).await?)
    }
}

const CASE_OBJECT: &docket_kernel::Table = <CaseObject as docket_kernel::Entity>::TABLE;

async fn add_analyst(node: &Node, made: &Made, email: &str, name: &'static str) -> Result<UserId, Failure> {
    let (organization, email) = (made.organization.clone(), email.to_owned());
    let operator = Actor::system(made.sandbox.id.clone());
    let command = Command::new("add-user", Scope::Of(organization.key()), move |work| {
        let person = NewPerson { email: email.clone(), name: name.to_owned(), role: Role::Analyst };
        add_user(work, &operator, &organization, &person)
    });
    Ok(node.writer().submit(command).await?)
}
