//! Permissions, and the roles that have them.

text_enum! {
    /// The role of a person in their organization.
    pub enum Role {
        /// Has every permission of the organization.
        Admin = "admin",
        /// Connects Docket with other programs: keys, sources, starting workflows. Sees cases and workflows, and edits none.
        Developer = "developer",
        /// Builds workflows and case templates: edits, publishes and runs them. Sees cases, objects and events, and
        /// changes none by hand.
        Builder = "builder",
        /// Works on cases.
        Analyst = "analyst",
        /// Sees cases, objects, events, case templates and workflows. Changes nothing.
        Viewer = "viewer",
    }
}

/// Declares each permission in one line: its name in code, its word, what it permits as people say it, and the roles that
/// have it beside administrators.
macro_rules! permissions {
    ($($name:ident = $word:literal, $label:literal, [$($role:ident),*];)*) => {
        text_enum! {
            /// Everything that can be permitted. The words are those of the published contract where it has one.
            pub enum Permission { $(#[doc = $label] $name = $word,)* }
        }

        impl Permission {
            /// What it permits, as people say it.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label),* }
            }

            /// The roles that have it, beside administrators.
            const fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => &[$(Role::$role),*]),* }
            }
        }
    };
}

permissions! {
    AccountRead = "account.read", "View accounts", [Developer, Builder, Analyst, Viewer];
    AccountWrite = "account.write", "Create and change accounts", [Analyst];
    CaseRead = "case.read", "View cases", [Developer, Builder, Analyst, Viewer];
    CaseWrite = "case.write", "Create, change and decide cases", [Analyst];
    CaseTemplateRead = "case_template.read", "View case templates", [Developer, Builder, Analyst, Viewer];
    CaseTemplateWrite = "case_template.write", "Create and change case templates", [Builder];
    EventRead = "event.read", "View events", [Developer, Builder, Analyst, Viewer];
    InquiryRead = "inquiry.read", "View inquiries", [Developer, Builder, Analyst, Viewer];
    InquiryWrite = "inquiry.write", "Create and decide inquiries", [Analyst];
    WorkflowRead = "workflow.read", "View workflows and runs", [Developer, Builder, Analyst, Viewer];
    WorkflowWrite = "workflow.write", "Create, change and publish workflows", [Builder];
    WorkflowTrigger = "workflow.trigger", "Run workflows", [Developer, Builder];
    WorkflowGrant = "workflow.grant", "Publish workflows that change cases, accounts and inquiries", [Builder];
    SourceIngest = "source.ingest", "Receive webhooks", [Developer];
    SourceRead = "source.read", "View sources", [Developer, Builder];
    SourceWrite = "source.write", "Create sources and their secrets", [Developer];
    ApiKeyRead = "api_key.read", "View API keys", [Developer];
    ApiKeyWrite = "api_key.write", "Create and expire API keys", [Developer];
    UserRead = "user.read", "View people", [Developer, Builder, Analyst, Viewer];
    UserWrite = "user.write", "Add people and change their roles", [];
    RetentionWrite = "retention.write", "Change how long data is kept", [];
    Operate = "installation.operate", "Operate the installation: set up organizations and environments", [];
}

impl Role {
    /// The permissions of the role.
    pub fn permissions(self) -> impl Iterator<Item = Permission> {
        Permission::of_organizations().filter(move |permission| permission.is_of(self))
    }
}

impl Permission {
    /// Whether a role has it.
    fn is_of(self, role: Role) -> bool {
        self != Self::Operate && (role == Role::Admin || self.roles().contains(&role))
    }

    /// Every permission that members and keys of an organization can have: all except operating the installation.
    pub fn of_organizations() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|permission| *permission != Self::Operate)
    }

    /// The permissions that workflow steps need to change cases, accounts and inquiries.
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

    /// The default permissions of a key, out of these: all except changing people. People belong to the whole
    /// organization, so a leaked sandbox key must not be able to give access to production.
    pub fn of_keys(may: impl IntoIterator<Item = Self>) -> impl Iterator<Item = Self> {
        may.into_iter().filter(|permission| *permission != Self::UserWrite)
    }
}

/// The reference page of permissions, `docs/reference/permissions.md`.
#[cfg(test)]
fn page() -> String {
    use std::fmt::Write;
    let mut page = String::from(
        "# Permissions\n\n<!-- Generated from crates/kernel/src/permission.rs; change it there. -->\n\n\
         The permissions of each role, by the names that API keys use.\n\n| Permission | Permits |",
    );
    for role in Role::ALL {
        let _ = write!(page, " {role} |");
    }
    page.push_str("\n|---|---|");
    page.push_str(&"---|".repeat(Role::ALL.len()));
    for permission in Permission::of_organizations() {
        let _ = write!(page, "\n| `{permission}` | {} |", permission.label());
        for role in Role::ALL {
            page.push_str(if permission.is_of(*role) { " yes |" } else { " |" });
        }
    }
    page.push('\n');
    page
}

/// The labels as the dashboard shows them, `web/src/api/permissions.ts`.
#[cfg(test)]
fn labels() -> String {
    use std::fmt::Write;
    let mut file = String::from(
        "// Generated from crates/kernel/src/permission.rs; change it there.\n\n\
         /** What each permission permits, as people say it. */\nexport const permissions: Record<string, string> = {\n",
    );
    for permission in Permission::of_organizations() {
        let _ = writeln!(file, "  '{permission}': '{}',", permission.label());
    }
    file.push_str("}\n");
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_page_and_the_labels_of_the_dashboard_are_fresh() {
        for (name, expected) in [("docs/reference/permissions.md", page()), ("web/src/api/permissions.ts", labels())] {
            let file = format!("{}/../../{name}", env!("CARGO_MANIFEST_DIR"));
            if std::env::var_os("DOCKET_WRITE_DOCS").is_some() {
                std::fs::write(&file, &expected).unwrap();
            }
            let committed = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(
                committed, expected,
                "{name} is stale; run DOCKET_WRITE_DOCS=1 cargo test -p docket-kernel permission"
            );
        }
    }

    #[test]
    fn operating_the_installation_is_permitted_to_no_role() {
        assert!(Role::ALL.iter().all(|role| !role.permissions().any(|permission| permission == Permission::Operate)));
        assert!(Permission::of_organizations().all(|permission| permission.is_of(Role::Admin)));
    }
}
