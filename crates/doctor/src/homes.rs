//! What must hold of homes: every row is of an environment that is there, and every environment of an organization.

use docket_access::{ApiKey, Organization};
use docket_kernel::{Entity, Table};

use crate::{Doctor, Findings};

impl Doctor {
    pub(crate) fn homes(&self, findings: &mut Findings) {
        // A simulation has rows and no tenants.
        if self.organizations.is_empty() && self.environments.is_empty() {
            return;
        }
        let is_its_own = |table: &Table| table.scope == table.key() && *table != *Organization::TABLE;
        for ((_, scope), (table, key)) in self.scopes.iter().filter(|(_, (table, _))| !is_its_own(table)) {
            let is_there = match table.scope {
                "environment_id" => self.environments.contains_key(scope),
                _ => self.organizations.contains(scope),
            };
            if !is_there {
                findings.add("home-is-there", table, key, format_args!("its {} {scope} is not there", table.scope));
            }
        }
        for key in &self.keys {
            let own = self.environments.get(key.environment_id.as_str()).map(|home| &home.organization_id);
            if own.is_some_and(|own| *own != key.organization_id) {
                let at = (ApiKey::TABLE, key.id.as_str());
                findings.same("same-organization", at, "its organization", &Some(&key.organization_id), &own);
            }
        }
    }
}
