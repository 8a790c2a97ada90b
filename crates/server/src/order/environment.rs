//! The environment of an order, and the operator as an actor in it.

use std::sync::Arc;

use docket_access::store::ENVIRONMENTS_OF_KIND;
use docket_access::{Environment, EnvironmentKind, Organization};
use docket_kernel::{Actor, Permission, Refusal, Scope, UnitOfWork, Verb, Who};

use crate::failure::Failure;
use crate::node::Node;

/// The environment of an order.
#[derive(Clone, Debug)]
pub struct Home(Arc<Environment>);

impl std::ops::Deref for Home {
    type Target = Environment;
    fn deref(&self) -> &Environment {
        &self.0
    }
}

impl Home {
    /// The environment with this id, or the only one of this kind.
    pub async fn find(node: &Node, name: &str) -> Result<Self, Failure> {
        let name = name.to_owned();
        let found = node.reader().view(Scope::Installation, move |work| find(work, &name)).await?;
        Ok(Self(found))
    }

    /// The operator, with all permissions except operating the installation. Runs inherit the publisher's permissions.
    pub fn operator(&self) -> Actor {
        Actor::new(Who::System, self.id.clone(), Permission::of_organizations().collect())
    }

    /// The scope of this environment only.
    pub fn scope(&self) -> Scope {
        Scope::Of(self.id.key())
    }
}

fn find(work: &mut UnitOfWork, name: &str) -> Verb<Arc<Environment>> {
    let Some(kind) = EnvironmentKind::parse(name) else {
        return match work.get::<Environment>(name)? {
            Some(environment) => Ok(environment),
            None => {
                let sentence = format!("there is no environment '{name}'; give an id (env_…), sandbox or production");
                Err(Refusal::rule("unknown-environment", sentence).into())
            }
        };
    };
    let mut all = work.ask::<Environment>(&ENVIRONMENTS_OF_KIND, kind.as_str())?;
    match all.len() {
        0 => Err(Refusal::rule("not-set-up", "nothing is set up here yet; run `docket setup` first").into()),
        1 => Ok(all.swap_remove(0)),
        count => {
            let mut names = Vec::with_capacity(count);
            for environment in &all {
                let organization = work.get::<Organization>(environment.organization_id.as_str())?;
                let whose = organization.map(|organization| organization.name.clone()).unwrap_or_default();
                names.push(format!("{} ({whose})", environment.id));
            }
            let sentence = format!(
                "{count} organizations have a {kind} environment here; choose one by its id: {}",
                names.join(", ")
            );
            Err(Refusal::rule("several-environments", sentence).into())
        }
    }
}
