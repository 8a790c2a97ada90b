//! Roles: what people may do.

use docket_kernel::Permission;

docket_kernel::text_enum! {
    /// What somebody is in their organization.
    pub enum Role {
        /// May everything.
        Admin = "admin",
        /// Connects Docket with other programs: keys, sources, starting workflows. Sees cases and workflows, and edits none.
        Developer = "developer",
        /// Works on cases.
        Analyst = "analyst",
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
