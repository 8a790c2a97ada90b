//! Invariants of environments, organizations and people: every row belongs to an existing environment or organization,
//! every environment to an organization; people and their sessions belong to one organization.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use docket_access::{ApiKey, Environment, Installation, Organization, Role, Session, Tries, User};
use docket_kernel::{Entity, Table};

use crate::findings::Findings;
use crate::row::Raw;

/// The key of the one row that records that the installation is set up.
const ONLY: &str = "installation";

/// A table, and the key of the first row that names a missing environment or organization.
type FirstRow = (&'static Table, Arc<str>);

/// The environments, organizations and people.
#[derive(Debug, Default)]
pub(crate) struct People {
    organizations: BTreeSet<Arc<str>>,
    /// The organization of each environment.
    environments: BTreeMap<Arc<str>, Arc<str>>,
    /// The organization of each person.
    users: BTreeMap<Arc<str>, Arc<str>>,
    /// Organizations with an active administrator.
    administered: BTreeSet<Arc<str>>,
    /// Missing environments and organizations, by table.
    missing: BTreeMap<(&'static str, Arc<str>), FirstRow>,
    installations: Vec<Arc<str>>,
}

impl People {
    pub fn add_organization(&mut self, organization: &Organization) {
        self.organizations.insert(organization.key());
    }

    pub fn add_environment(&mut self, environment: &Environment) {
        self.environments.insert(environment.key(), environment.organization_id.key());
    }

    pub fn add_user(&mut self, user: &User) {
        let organization = user.organization_id.key();
        if user.role == Role::Admin && user.deactivated_at.is_none() {
            self.administered.insert(Arc::clone(&organization));
        }
        self.users.insert(user.key(), organization);
    }

    pub fn add_installation(&mut self, installation: &Installation) {
        self.installations.push(installation.key());
    }

    /// Records a row whose environment or organization does not exist.
    pub fn take_scope(&mut self, row: Raw<'_>, key: &Arc<str>, scope: &Arc<str>) {
        let table = row.table;
        let is_its_own = table.scope == table.key() && *table != *Organization::TABLE;
        let is_there = match table.scope {
            "environment_id" => self.environments.contains_key(scope),
            _ => *table == *Organization::TABLE || self.organizations.contains(scope),
        };
        if !is_there && !is_its_own {
            let home = (table.name, Arc::clone(scope));
            self.missing.entry(home).or_insert_with(|| (table, Arc::clone(key)));
        }
    }

    /// Checks that a key belongs to the organization of its environment.
    pub fn judge_key(&self, key: &ApiKey, findings: &mut Findings) {
        let own = self.environments.get(key.environment_id.as_str());
        if let Some(own) = own {
            let at = (ApiKey::TABLE, key.id.as_str());
            findings.same("same-organization", at, "its organization", key.organization_id.as_str(), &**own);
        }
    }

    /// Checks that a session's person and environment belong to one organization.
    pub fn judge_session(&self, session: &Session, findings: &mut Findings) {
        let at = (Session::TABLE, session.id.as_str());
        let own = session.organization_id.as_str();
        match self.users.get(session.user_id.as_str()) {
            Some(home) => findings.same("same-organization", at, "the organization of its person", &**home, own),
            None => findings.add("parent-is-there", at.0, at.1, "its person is not there"),
        }
        if let Some(home) = self.environments.get(session.environment_id.as_str()) {
            findings.same("same-organization", at, "the organization of its environment", &**home, own);
        }
        if session.seen_at < session.created_at {
            findings.add("session-in-order", at.0, at.1, "it was last used before it started");
        }
    }

    /// Checks that the number of sign-in attempts is not negative.
    pub fn judge_tries(tries: &Tries, findings: &mut Findings) {
        if tries.count < 0 {
            let words = format!("it counts {} tries", tries.count);
            findings.add("tries-are-counted", Tries::TABLE, &tries.id, words);
        }
    }

    pub fn judge(&self, findings: &mut Findings) {
        // A simulation has rows and no organizations.
        if !self.organizations.is_empty() || !self.environments.is_empty() {
            for ((_, scope), (table, key)) in &self.missing {
                findings.add("home-is-there", table, key, format_args!("its {} {scope} is not there", table.scope));
            }
        }
        for id in self.organizations.difference(&self.administered) {
            findings.add("administrator-is-there", Organization::TABLE, id, "it has no active administrator");
        }
        self.installation(findings);
    }

    /// Checks that the setup is recorded exactly once; otherwise a second first run could begin.
    fn installation(&self, findings: &mut Findings) {
        for key in self.installations.iter().filter(|key| key.as_ref() != ONLY) {
            findings.add("installation-is-noted", Installation::TABLE, key, format_args!("its key is not {ONLY}"));
        }
        if !self.organizations.is_empty() && self.installations.is_empty() {
            let words = "there is an organization, but setup is not recorded";
            findings.add("installation-is-noted", Installation::TABLE, ONLY, words);
        }
    }
}
