//! Tenants, their worlds and their people.

use docket_kernel::{EnvironmentId, Json, Moment, OrganizationId, Role, UnitOfWork, UserId, email_key};

use crate::first_steps::FirstStep;

docket_kernel::text_enum! {
    /// What an organization has subscribed to.
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
    /// Which world of a tenant. Objects never cross from one to the other.
    pub enum EnvironmentKind {
        /// For trying.
        Sandbox = "sandbox",
        /// For real.
        Production = "production",
    }
}

docket_kernel::entity! {
    /// A tenant.
    pub struct Organization in "organization" {
        table: { rank: 1, lock: Config(version), scope: id, unique: [], asked: [] },
        /// Its id.
        id: OrganizationId,
        /// How often it changed.
        version: i64,
        /// Its name.
        name: String,
        /// What it has subscribed to.
        plan: Plan,
        /// When it was set up.
        created_at: Moment,
    }
}

docket_kernel::entity! {
    /// A tenant's sandbox or production world.
    pub struct Environment in "environment" {
        table: { rank: 2, lock: Config(version), scope: organization_id, unique: [], asked: ["organization_id", "kind"] },
        /// Its id.
        id: EnvironmentId,
        /// Whose.
        organization_id: OrganizationId,
        /// How often it changed.
        version: i64,
        /// Which world.
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
        /// Whose.
        organization_id: OrganizationId,
        /// How often it changed.
        version: i64,
        /// How many events happened to it: not a change of it.
        event_ordinal: i64,
        /// Their e-mail address, lower case.
        email: String,
        /// Their name.
        name: String,
        /// Their password, hashed with argon2id.
        password_hash: String,
        /// What they may do.
        role: Role,
        /// When they were deactivated, if they are.
        deactivated_at: Option<Moment>,
        /// Sessions that began before have ended.
        signed_out_at: Option<Moment>,
        /// SHA-256 of the link with which they choose a password, hexadecimal.
        invitation_digest: Option<String>,
        /// Until when that link is good.
        invitation_ends_at: Option<Moment>,
        /// The first steps they have taken.
        first_steps: Json<Vec<FirstStep>>,
        /// When they were added.
        created_at: Moment,
    }
}

impl User {
    /// The version that a change of the person is checked against. First steps do not count: each of them is one change of
    /// the row, and no decision about the person depends on it.
    pub fn settings_version(&self) -> i64 {
        self.version - i64::try_from(self.first_steps.len()).unwrap_or_default()
    }

    /// A new person without a password: no password has an empty hash.
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

    /// Ends the sessions they have and the link they may have been given.
    pub(crate) fn sign_out(&mut self, now: Moment) {
        self.signed_out_at = Some(now);
        self.invitation_digest = None;
        self.invitation_ends_at = None;
    }
}
