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

    /// What this actor may do.
    pub fn permissions(&self) -> &Arc<[Permission]> {
        &self.permissions
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
}
