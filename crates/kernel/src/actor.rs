//! Actors, their permissions, and the cause of each action.

use std::sync::Arc;

use crate::id::{ApiKeyId, EnvironmentId, EventId, RequestId, RunId, UserId};
use crate::permission::Permission;
use crate::refusal::{Refusal, RefusalKind};

/// The type and id of an actor.
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

/// The cause of an action. Stored with every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// The event that caused it.
    pub event: Option<EventId>,
    /// The run that performed it.
    pub run: Option<RunId>,
    /// The id of the step that performed it.
    pub step: Option<Arc<str>>,
    /// The request at the start of the chain of causes.
    pub request: Option<RequestId>,
    /// How many runs are between the first event and this action.
    pub depth: i64,
}

/// An actor in one environment, with its permissions and the cause of its actions.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The actor's type and id.
    pub who: Who,
    /// The environment.
    pub environment: EnvironmentId,
    /// The cause.
    pub cause: Cause,
    permissions: Arc<[Permission]>,
}

impl Actor {
    /// An actor with these permissions.
    pub fn new(who: Who, environment: EnvironmentId, permissions: Arc<[Permission]>) -> Self {
        Self { who, environment, cause: Cause::default(), permissions }
    }

    /// Docket itself, with every permission.
    pub fn system(environment: EnvironmentId) -> Self {
        Self::new(Who::System, environment, Arc::from(Permission::ALL))
    }

    /// The same actor with this cause.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.cause = cause;
        self
    }

    /// The same actor with one more permission, one that its own permissions imply.
    #[must_use]
    pub fn also(&self, permission: Permission) -> Self {
        let mut actor = self.clone();
        if !actor.permissions.contains(&permission) {
            actor.permissions = self.permissions.iter().copied().chain([permission]).collect();
        }
        actor
    }

    /// The actor's permissions.
    pub fn permissions(&self) -> &Arc<[Permission]> {
        &self.permissions
    }

    /// The permissions of the runs of a workflow that this actor publishes: the actor's own and, with `workflow.grant`,
    /// all that steps need.
    pub fn permissions_of_runs(&self) -> Vec<Permission> {
        let mut all = self.permissions.to_vec();
        if all.contains(&Permission::WorkflowGrant) {
            all.extend(Permission::OF_STEPS.iter().filter(|needed| !self.permissions.contains(needed)));
        }
        all
    }

    /// Refuses unless the actor has the permission. Every verb begins with this check.
    pub fn may(&self, permission: Permission) -> Result<(), Refusal> {
        if self.permissions.contains(&permission) {
            return Ok(());
        }
        Err(Refusal::new(
            RefusalKind::Forbidden,
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

    /// The actor's type and id as an event stores them.
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
        assert_eq!(refusal.kind, RefusalKind::Forbidden);
        assert!(refusal.sentence.contains("case.write"));
    }

    #[test]
    fn runs_get_the_permissions_of_their_publisher_and_with_a_grant_those_of_steps() {
        let actor = |permissions: &[Permission]| {
            Actor::new(Who::System, EnvironmentId::of("env_1"), Arc::from(permissions)).permissions_of_runs()
        };

        assert_eq!(actor(&[Permission::WorkflowWrite]), [Permission::WorkflowWrite]);
        let granted = actor(&[Permission::WorkflowGrant, Permission::CaseRead]);
        assert!(Permission::OF_STEPS.iter().all(|needed| granted.contains(needed)));
        assert!(!granted.contains(&Permission::UserWrite) && !granted.contains(&Permission::ApiKeyWrite));
    }
}
