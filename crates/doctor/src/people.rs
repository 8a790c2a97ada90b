//! What must hold of people, of the sessions they are in, and of what they put on cases.

use docket_access::{Installation, Organization, Role, Session, Tries};
use docket_cases::CaseComment;
use docket_kernel::Entity;

use crate::parents::parent;
use crate::{Doctor, Findings};

/// The key of the one row that says that something is set up.
const ONLY: &str = "installation";

impl Doctor {
    pub(crate) fn people(&self, findings: &mut Findings) {
        for session in &self.sessions {
            let at = (Session::TABLE, session.id.as_str());
            match self.users.get(session.user_id.as_str()) {
                Some(user) => {
                    let (what, found) = ("the organization of its person", &user.organization_id);
                    findings.same("same-organization", at, what, found, &session.organization_id);
                }
                None => findings.add("parent-is-there", at.0, at.1, "its person is not there"),
            }
            if let Some(home) = self.environments.get(session.environment_id.as_str()) {
                let (what, found) = ("the organization of its environment", &home.organization_id);
                findings.same("same-organization", at, what, found, &session.organization_id);
            }
            if session.seen_at < session.created_at {
                findings.add("session-in-order", at.0, at.1, "it was last used before it started");
            }
        }
        for tries in self.tries.iter().filter(|tries| tries.count < 0) {
            let words = format!("it counts {} tries", tries.count);
            findings.add("tries-are-counted", Tries::TABLE, &tries.id, words);
        }
        for id in &self.organizations {
            let mut people = self.users.values().filter(|user| user.organization_id.as_str() == id.as_ref());
            if !people.any(|user| user.role == Role::Admin && user.deactivated_at.is_none()) {
                let words = "it has no active administrator";
                findings.add("administrator-is-there", Organization::TABLE, id, words);
            }
        }
        self.installation(findings);
    }

    /// That something is set up is noted, once; else a second first run could begin.
    fn installation(&self, findings: &mut Findings) {
        for key in self.installations.iter().filter(|key| key.as_ref() != ONLY) {
            findings.add("installation-is-noted", Installation::TABLE, key, format_args!("its key is not {ONLY}"));
        }
        if !self.organizations.is_empty() && self.installations.is_empty() {
            let words = "there is an organization, but setup is not recorded";
            findings.add("installation-is-noted", Installation::TABLE, ONLY, words);
        }
    }

    /// Comments are of cases that are there, in the same environment.
    pub(crate) fn comments(&self, findings: &mut Findings) {
        for comment in &self.comments {
            let row = (CaseComment::TABLE, comment.id.as_str(), comment.scope());
            parent(findings, &row, "case", self.cases.get(comment.case_id.as_str()).map(Entity::scope));
        }
    }
}
