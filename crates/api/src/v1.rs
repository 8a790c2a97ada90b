//! The operations under `/api/v1`: one file each, whose path mirrors its URL.

mod accounts {
    pub mod create;
    pub mod list;
    pub mod redact;
    pub mod retrieve;
    mod shown;
}
mod api_keys {
    pub mod create;
    pub mod expire;
    pub mod list;
    pub mod retrieve;
    mod shown;
}
pub mod attachment;
mod bundle {
    pub mod apply;
    pub mod export;
    pub mod plan;
    mod shown;
}
mod case_templates {
    pub mod change;
    pub mod create;
    pub mod list;
    pub mod retrieve;
    pub mod shown;
    pub mod statuses;
}
mod cases {
    pub mod add_objects;
    pub mod assign;
    pub mod comments {
        pub mod create;
        pub mod list;
        mod shown;
    }
    pub mod create;
    pub mod list;
    pub mod objects;
    pub mod redact;
    pub mod retrieve;
    pub mod set_status;
    pub mod shown;
    pub mod statuses;
    pub mod update;
}
mod description;
pub mod references;
mod reported;
mod event_types {
    pub mod list;
}
mod events {
    pub mod list;
    pub mod retrieve;
    pub mod shown;
}
mod faults {
    pub mod list;
    pub mod retry;
    mod shown;
}
mod inquiries {
    pub mod create;
    pub mod decide;
    pub mod list;
    pub mod redact;
    pub mod retrieve;
    mod shown;
}
mod included;
mod redactions {
    pub mod list;
}
mod retention_policy {
    pub mod change;
    pub mod preview;
    pub mod retrieve;
    mod shown;
}
pub mod ingest;
mod invitations {
    pub mod accept;
    pub mod look;
}
mod session {
    pub mod first_steps;
    pub mod own;
    pub mod shown;
}
mod sessions {
    pub mod create;
}
mod setup {
    pub mod begin;
}
mod search;
mod sources {
    pub mod change;
    pub mod create;
    pub mod list;
    pub mod rotate;
    mod shown;
}
mod stream;
mod step_types {
    pub mod list;
}
mod users {
    pub mod create;
    pub mod invite;
    pub mod list;
    pub mod open_cases;
    pub mod shown;
    pub mod update;
}
mod workflow_runs {
    pub mod list;
    pub mod outcomes;
    pub mod retrieve;
    pub mod shown;
    pub mod steps;
}
mod workflow_templates {
    pub mod list;
}
mod workflow_versions {
    pub mod list;
    pub mod retrieve;
}
mod workflows {
    pub mod create;
    pub mod describe;
    pub mod discard_draft;
    pub mod draft_saves;
    pub mod export;
    pub mod list;
    pub mod presence;
    pub mod publish;
    pub mod retrieve;
    pub mod run;
    pub mod save_draft;
    pub mod shown;
    pub mod statistics;
    pub mod switch;
    pub mod trigger;
    pub mod validate;
    pub mod versions;
}

use axum::routing::{MethodRouter, delete, get, patch, post};

use crate::app::App;
use crate::custom_operation::CustomOperation;
use crate::router::Route;

/// Every operation of the pipeline. An operation that is missing here is not served.
pub fn routes() -> Vec<Route> {
    let mut routes = vec![
        Route::list::<cases::list::ListCases>(),
        Route::of::<cases::create::CreateCase>(),
        Route::of::<cases::retrieve::RetrieveCase>(),
        Route::of::<cases::update::UpdateCase>(),
        Route::of::<cases::redact::RedactCase>(),
        Route::of::<cases::set_status::SetStatus>(),
        Route::of::<cases::add_objects::AddObjects>(),
        Route::of::<cases::assign::Assign>(),
        Route::of::<cases::assign::Unassign>(),
        Route::of::<cases::statuses::CaseStatuses>(),
        Route::of::<cases::objects::CaseObjects>(),
        Route::list::<cases::comments::list::ListComments>(),
        Route::of::<cases::comments::create::CreateComment>(),
        Route::list::<case_templates::list::ListTemplates>(),
        Route::of::<case_templates::create::CreateTemplate>(),
        Route::of::<case_templates::retrieve::RetrieveTemplate>(),
        Route::of::<case_templates::change::ChangeTemplate>(),
        Route::of::<case_templates::statuses::Statuses>(),
        Route::of::<bundle::export::ExportBundle>(),
        Route::of::<bundle::plan::PlanBundle>(),
        Route::of::<bundle::apply::ApplyBundle>(),
        Route::list::<accounts::list::ListAccounts>(),
        Route::of::<accounts::create::CreateAccount>(),
        Route::of::<accounts::retrieve::RetrieveAccount>(),
        Route::of::<accounts::redact::RedactAccount>(),
        Route::list::<inquiries::list::ListInquiries>(),
        Route::of::<inquiries::create::CreateInquiry>(),
        Route::of::<inquiries::retrieve::RetrieveInquiry>(),
        Route::of::<inquiries::redact::RedactInquiry>(),
        Route::of::<inquiries::decide::Approve>(),
        Route::of::<inquiries::decide::Decline>(),
        Route::of::<inquiries::decide::MarkForReview>(),
        Route::list::<events::list::ListEvents>(),
        Route::of::<events::retrieve::RetrieveEvent>(),
        Route::list::<workflows::list::ListWorkflows>(),
        Route::of::<workflows::create::CreateWorkflow>(),
        Route::of::<workflows::retrieve::RetrieveWorkflow>(),
        Route::of::<workflows::describe::Describe>(),
        Route::of::<workflows::validate::Validate>(),
        Route::list::<workflows::versions::ListVersionsOfWorkflow>(),
        Route::of::<workflows::run::RunForEvent>(),
        Route::of::<workflows::save_draft::SaveDraft>(),
        Route::of::<workflows::discard_draft::DiscardDraft>(),
        Route::list::<workflows::draft_saves::ListDraftSaves>(),
        Route::of::<workflows::draft_saves::RetrieveDraftSave>(),
        Route::of::<workflows::presence::ReportPresence>(),
        Route::of::<workflows::presence::EndPresence>(),
        Route::of::<workflows::publish::Publish>(),
        Route::of::<workflows::switch::Pause>(),
        Route::of::<workflows::switch::Resume>(),
        Route::of::<workflows::switch::Archive>(),
        Route::of::<workflows::trigger::Trigger>(),
        Route::of::<workflow_versions::list::ListVersions>(),
        Route::of::<workflow_versions::retrieve::RetrieveVersion>(),
        Route::of::<event_types::list::ListEventTypes>(),
        Route::of::<workflow_templates::list::ListWorkflowTemplates>(),
        Route::list::<workflow_runs::list::ListRuns>(),
        Route::list::<workflow_runs::outcomes::ListOutcomes>(),
        Route::of::<workflow_runs::retrieve::RetrieveRun>(),
        Route::of::<workflow_runs::steps::RunSteps>(),
        Route::of::<step_types::list::ListStepTypes>(),
        Route::list::<faults::list::ListFaults>(),
        Route::of::<faults::retry::RetryFault>(),
    ];
    routes.extend(routes_of_access());
    routes
}

/// The operations on redactions, retention, sources, people and API keys.
fn routes_of_access() -> Vec<Route> {
    vec![
        Route::list::<redactions::list::ListRedactions>(),
        Route::of::<retention_policy::retrieve::RetrieveRetentionPolicy>(),
        Route::of::<retention_policy::change::ChangeRetention>(),
        Route::of::<retention_policy::preview::PreviewRetention>(),
        Route::list::<sources::list::ListSources>(),
        Route::of::<sources::create::CreateSource>(),
        Route::of::<sources::change::ChangeSource>(),
        Route::of::<sources::rotate::RotateSource>(),
        Route::list::<users::list::ListUsers>(),
        Route::of::<users::create::CreateUser>(),
        Route::of::<users::update::UpdateUser>(),
        Route::of::<users::invite::InviteUser>(),
        Route::of::<users::open_cases::OpenCasesOfUser>(),
        Route::list::<api_keys::list::ListKeys>(),
        Route::of::<api_keys::create::CreateKey>(),
        Route::of::<api_keys::retrieve::RetrieveKey>(),
        Route::of::<api_keys::expire::ExpireKey>(),
    ]
}

/// Every operation outside the pipeline.
pub fn custom_operations() -> Vec<(CustomOperation, MethodRouter<App>)> {
    vec![
        (sessions::create::CREATE, post(sessions::create::create)),
        (session::own::RETRIEVE, get(session::own::retrieve)),
        (session::own::SWITCH, patch(session::own::switch)),
        (session::first_steps::NOTE, post(session::first_steps::note)),
        (session::own::END, delete(session::own::end)),
        (invitations::accept::ACCEPT, post(invitations::accept::accept)),
        (invitations::look::LOOK, post(invitations::look::look)),
        (setup::begin::NEEDED, get(setup::begin::needed)),
        (setup::begin::BEGIN, post(setup::begin::begin)),
        (attachment::DOWNLOAD, get(attachment::attachment)),
        (search::SEARCH, get(search::search)),
        (references::REFERENCES, get(references::references)),
        (workflows::export::EXPORT, get(workflows::export::export)),
        (workflows::statistics::STATISTICS, get(workflows::statistics::statistics)),
        (stream::STREAM, get(stream::stream)),
        (description::DESCRIBE, get(description::describe)),
    ]
}
