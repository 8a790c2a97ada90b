//! Who acts, what they may do, and because of what they act.

use std::sync::Arc;

use crate::id::{ApiKeyId, EnvironmentId, EventId, RequestId, RunId, UserId};
use crate::refusal::{Kind, Refusal};

text_enum! {
    /// Everything that can be allowed. The words are those of the published contract where it has one.
    pub enum Permission {
        /// See accounts.
        AccountRead = "account.read",
        /// Create and change accounts.
        AccountWrite = "account.write",
        /// See cases.
        CaseRead = "case.read",
        /// Create, change and decide cases.
        CaseWrite = "case.write",
        /// See case templates and their statuses.
        CaseTemplateRead = "case_template.read",
        /// Create and change case templates and their statuses.
        CaseTemplateWrite = "case_template.write",
        /// See events.
        EventRead = "event.read",
        /// See inquiries.
        InquiryRead = "inquiry.read",
        /// Create and decide inquiries.
        InquiryWrite = "inquiry.write",
        /// See workflows, versions, runs and step types.
        WorkflowRead = "workflow.read",
        /// Create, draft, publish, pause and archive workflows.
        WorkflowWrite = "workflow.write",
        /// Start a workflow that has an API trigger.
        WorkflowTrigger = "workflow.trigger",
        /// Publish workflows that change cases, accounts and inquiries, also where one may not do so by hand.
        WorkflowGrant = "workflow.grant",
        /// Take in events of vendors.
        SourceIngest = "source.ingest",
        /// See sources.
        SourceRead = "source.read",
        /// Make sources and rotate their secrets.
        SourceWrite = "source.write",
        /// See API keys, without the keys themselves.
        ApiKeyRead = "api_key.read",
        /// Make and end API keys.
        ApiKeyWrite = "api_key.write",
        /// See the people of the organization.
        UserRead = "user.read",
        /// Add people, give them roles, deactivate them.
        UserWrite = "user.write",
        /// Set up organizations and environments: the operator of the installation.
        Operate = "installation.operate",
    }
}

impl Permission {
    /// Everything that people and keys of an organization can be allowed: all but operating the installation.
    pub fn of_organizations() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|permission| *permission != Self::Operate)
    }

    /// What steps of a workflow need, whatever they do to cases, accounts and inquiries.
    pub const OF_STEPS: &[Self] = &[
        Self::AccountRead,
        Self::AccountWrite,
        Self::CaseRead,
        Self::CaseWrite,
        Self::CaseTemplateRead,
        Self::EventRead,
        Self::InquiryRead,
        Self::InquiryWrite,
    ];

    /// What a key may of this where nobody names its permissions: all but changing people. These belong to the whole
    /// organization, and a key that lies about in a sandbox must not let anybody into production.
    pub fn of_keys(may: impl IntoIterator<Item = Self>) -> impl Iterator<Item = Self> {
        may.into_iter().filter(|permission| *permission != Self::UserWrite)
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person in the dashboard.
    User {
        /// Their id.
        id: UserId,
        /// Their e-mail address, which the API shows.
        email: Arc<str>,
    },
    /// A program with an API key.
    Key {
        /// The key.
        id: ApiKeyId,
        /// The e-mail address of the key's creator, which the API shows.
        email: Arc<str>,
    },
    /// A run of a published workflow.
    Run(RunId),
    /// An assignment policy, by its id.
    Policy(Arc<str>),
    /// Docket itself, or its operator at the command line.
    System,
}

/// Because of what something is done. Kept with every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The event that led to it.
    pub event: Option<EventId>,
    /// The run that did it.
    pub run: Option<RunId>,
    /// The id of the step that did it.
    pub step: Option<Arc<str>>,
    /// The request that led to it, however far back.
    pub request: Option<RequestId>,
    /// How many runs lie between the first event and this.
    pub depth: i64,
}

/// Somebody who acts in one environment, with what they may do and why they do it.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub who: Who,
    /// Where.
    pub environment: EnvironmentId,
    /// Because of what.
    pub cause: Cause,
    permissions: Arc<[Permission]>,
}

impl Actor {
    /// Somebody with these permissions.
    pub fn new(who: Who, environment: EnvironmentId, permissions: Arc<[Permission]>) -> Self {
        Self { who, environment, cause: Cause::default(), permissions }
    }

    /// Docket itself: may everything.
    pub fn system(environment: EnvironmentId) -> Self {
        Self::new(Who::System, environment, Arc::from(Permission::ALL))
    }

    /// The same actor, for this cause.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// The same actor with one more permission, for what follows from what they may do.
    #[must_use]
    pub fn also(&self, permission: Permission) -> Self {
        let mut actor = self.clone();
        if !actor.permissions.contains(&permission) {
            actor.permissions = self.permissions.iter().copied().chain([permission]).collect();
        }
        actor
    }

    /// What this actor may do.
    pub fn permissions(&self) -> &Arc<[Permission]> {
        &self.permissions
    }

    /// What the runs of a workflow may do that this actor publishes: what the actor may, and with `workflow.grant`
    /// whatever steps need.
    pub fn permissions_of_runs(&self) -> Vec<Permission> {
        let mut all = self.permissions.to_vec();
        if all.contains(&Permission::WorkflowGrant) {
            all.extend(Permission::OF_STEPS.iter().filter(|needed| !self.permissions.contains(needed)));
        }
        all
    }

    /// Refuses unless the actor has the permission. The first sentence of every verb.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        if self.permissions.contains(&permission) {
            return Ok(());
        }
        Err(Refusal::new(
            Kind::Forbidden,
            "forbidden",
            format_args!("this needs the permission {permission}, which you do not have"),
        ))
    }

    /// The actor's id and type as events and the API's `*-id`/`*-type` members show them: a user's or a key's
    /// creator's e-mail and `user`, a run's id and `workflow-run`; `None` for Docket itself.
    pub fn shown(&self) -> Option<(Arc<str>, &'static str)> {
        match &self.who {
            Who::User { email, .. } | Who::Key { email, .. } => Some((Arc::clone(email), "user")),
            Who::Run(run) => Some((run.key(), "workflow-run")),
            Who::Policy(id) => Some((Arc::clone(id), "case-assignment-policy")),
            Who::System => None,
        }
    }

    /// The kind of actor and its id, as an event keeps them.
    pub fn recorded(&self) -> (&'static str, Option<Arc<str>>) {
        match &self.who {
            Who::User { id, .. } => ("user", Some(id.key())),
            Who::Key { id, .. } => ("api-key", Some(id.key())),
            Who::Run(run) => ("workflow-run", Some(run.key())),
            Who::Policy(id) => ("case-assignment-policy", Some(Arc::clone(id))),
            Who::System => ("system", None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_actor_without_the_permission_is_refused_with_its_name() {
        let actor = Actor::new(Who::System, EnvironmentId::of("env_1"), Arc::from([Permission::CaseRead]));

        assert!(actor.may(Permission::CaseRead).is_ok());
        let refusal = actor.may(Permission::CaseWrite).unwrap_err();
        assert_eq!(refusal.kind, Kind::Forbidden);
        assert!(refusal.sentence.contains("case.write"));
    }

    #[test]
    fn runs_may_what_their_publisher_may_and_with_a_grant_what_steps_need() {
        let actor = |permissions: &[Permission]| {
            Actor::new(Who::System, EnvironmentId::of("env_1"), Arc::from(permissions)).permissions_of_runs()
        };

        assert_eq!(actor(&[Permission::WorkflowWrite]), [Permission::WorkflowWrite]);
        let granted = actor(&[Permission::WorkflowGrant, Permission::CaseRead]);
        assert!(Permission::OF_STEPS.iter().all(|needed| granted.contains(needed)));
        assert!(!granted.contains(&Permission::UserWrite) && !granted.contains(&Permission::ApiKeyWrite));
    }
}
