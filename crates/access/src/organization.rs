//! Organizations, their environments and their people.

use docket_kernel::{EnvironmentId, Json, Moment, OrganizationId, Role, UnitOfWork, UserId, email_key};

use crate::first_steps::FirstStep;

docket_kernel::text_enum! {
    /// The plan of an organization.
    pub enum Plan {
        /// The Startup Program: limited.
        Startup = "startup",
        /// Essential.
        Essential = "essential",
        /// Growth.
        Growth = "growth",
        /// Enterprise.
        Enterprise = "enterprise",
    }
}

docket_kernel::text_enum! {
    /// The kind of an environment. Objects never cross from one environment to another.
    pub enum EnvironmentKind {
        /// For testing.
        Sandbox = "sandbox",
        /// For live data.
        Production = "production",
    }
}

docket_kernel::entity! {
    /// An organization (tenant).
    pub struct Organization in "organization" {
        table: { rank: 1, lock: Config(version), scope: id, unique: [], asked: [] },
        /// Its id.
        id: OrganizationId,
        /// The row version, incremented by every change.
        version: i64,
        /// Its name.
        name: String,
        /// Its plan.
        plan: Plan,
        /// When it was set up.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// A sandbox or production environment of an organization.
    pub struct Environment in "environment" {
        table: { rank: 2, lock: Config(version), scope: organization_id, unique: [], asked: ["organization_id", "kind"] },
        /// Its id.
        id: EnvironmentId,
        /// The organization it belongs to.
        organization_id: OrganizationId,
        /// The row version, incremented by every change.
        version: i64,
        /// Its kind.
        kind: EnvironmentKind,
        /// When it was set up.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// A person who signs in.
    pub struct User in "user_account" {
        table: {
            rank: 3, lock: Config(version), scope: organization_id,
            unique: ["email", "invitation_digest"], asked: ["organization_id"], events: event_ordinal
        },
        /// Their id.
        id: UserId,
        /// The organization it belongs to.
        organization_id: OrganizationId,
        /// The row version, incremented by every change.
        version: i64,
        /// The number of its events; an event is not a change of the row.
        event_ordinal: i64,
        /// Their e-mail address, lower case.
        email: String,
        /// Their name.
        name: String,
        /// Their password, hashed with argon2id.
        password_hash: String,
        /// Their role.
        role: Role,
        /// When they were deactivated, if they are.
        deactivated_at: Option<Moment>,
        /// Sessions that began before this time have ended.
        signed_out_at: Option<Moment>,
        /// SHA-256 of the link for choosing a password, hexadecimal.
        invitation_digest: Option<String>,
        /// When that link expires.
        invitation_ends_at: Option<Moment>,
        /// The first steps they have taken.
        first_steps: Json<Vec<FirstStep>>,
        /// When they were added.
        created_at: Moment,
    }
}

impl User {
    /// The version that a change of the person is checked against. First steps do not count: each step changes the row
    /// once, and no decision about the person depends on it.
    pub fn settings_version(&self) -> i64 {
        self.version - i64::try_from(self.first_steps.len()).unwrap_or_default()
    }

    /// A new person without a password: no password matches an empty hash.
    pub(crate) fn new(
        work: &mut UnitOfWork,
        organization: &OrganizationId,
        email: &str,
        name: &str,
        role: Role,
    ) -> Self {
        Self {
            id: UserId::of(work.new_id(UserId::PREFIX)),
            organization_id: organization.clone(),
            version: 0,
            email: email_key(email),
            name: name.to_owned(),
            event_ordinal: 0,
            password_hash: String::new(),
            role,
            deactivated_at: None,
            signed_out_at: None,
            invitation_digest: None,
            invitation_ends_at: None,
            first_steps: Json::default(),
            created_at: work.now(),
        }
    }

    /// Ends the person's sessions and invalidates their invitation link.
    pub(crate) fn sign_out(&mut self, now: Moment) {
        self.signed_out_at = Some(now);
        self.invitation_digest = None;
        self.invitation_ends_at = None;
    }
}
