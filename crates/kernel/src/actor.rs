//! Who acts, what they may do, and because of what they act.

use std::sync::Arc;

use crate::id::{ApiKeyId, EnvironmentId, EventId, RequestId, RunId, UserId};
use crate::permission::Permission;
use crate::refusal::{Kind, Refusal};

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
