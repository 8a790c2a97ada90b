//! Roles: what people may do.

use docket_kernel::Permission;

docket_kernel::text_enum! {
    /// What somebody is in their organization.
    pub enum Role {
        /// May everything.
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

impl Role {
    /// What somebody with this role may do.
    pub fn permissions(self) -> Vec<Permission> {
        use Permission as P;
        match self {
            Self::Admin => P::of_organizations().collect(),
            Self::Developer => vec![
                P::AccountRead,
                P::CaseRead,
                P::CaseTemplateRead,
                P::EventRead,
                P::InquiryRead,
                P::WorkflowRead,
                P::WorkflowTrigger,
                P::SourceIngest,
                P::SourceRead,
                P::SourceWrite,
                P::ApiKeyRead,
                P::ApiKeyWrite,
                P::UserRead,
            ],
            Self::Builder => vec![
                P::AccountRead,
                P::CaseRead,
                P::CaseTemplateRead,
                P::CaseTemplateWrite,
                P::EventRead,
                P::InquiryRead,
                P::WorkflowRead,
                P::WorkflowWrite,
                P::WorkflowTrigger,
                P::WorkflowGrant,
                P::UserRead,
            ],
            Self::Viewer => vec![
                P::AccountRead,
                P::CaseRead,
                P::CaseTemplateRead,
                P::EventRead,
                P::InquiryRead,
                P::WorkflowRead,
                P::UserRead,
            ],
            Self::Analyst => vec![
                P::AccountRead,
                P::AccountWrite,
                P::CaseRead,
                P::CaseWrite,
                P::CaseTemplateRead,
                P::EventRead,
                P::InquiryRead,
                P::InquiryWrite,
                P::WorkflowRead,
                P::UserRead,
            ],
        }
    }
}
