//! The first run: setting up an empty installation from a browser. The process that holds the database open implements
//! it; the API calls it.

use std::future::Future;
use std::pin::Pin;

use docket_access::{Made, SetupRequest};
use docket_storage::WriteError;

/// Sets up an empty installation.
pub trait FirstRun: Send + Sync {
    /// Whether this is the token that the server printed.
    fn is_token(&self, token: &str) -> bool;

    /// Sets up an organization, with or without sample data in its sandbox.
    fn set_up<'a>(
        &'a self,
        request: SetupRequest,
        sample: Sample,
    ) -> Pin<Box<dyn Future<Output = Result<Made, WriteError>> + Send + 'a>>;
}

/// Whether a new organization gets sample data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sample {
    /// With invented people, cases and workflows in its sandbox.
    Wanted,
    /// Empty.
    Unwanted,
}
