//! What an operation is. Each is one file in `v1/`, whose path mirrors its URL.
//!
//! Every operation names its permission: [`About`] can't be built without one, and a route can't be built without an
//! [`About`].

use std::collections::HashMap;

use docket_kernel::{Actor, Entity, Permission, Refusal, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::Engine;
use serde_json::Value;

use crate::answer::Answer;
use crate::credential::Caller;
use crate::document::{Resource, Style};
use crate::error::Surface;
use crate::openapi::OperationDoc;
use crate::query::Query;

/// The part of an operation's description that the whole API uses.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// Its name in the API's description.
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path below `/api/v1`, such as `/cases/{case-id}`.
    pub path: &'static str,
    /// The permission that a caller needs.
    pub permission: Permission,
    /// Whether the operation is part of the published contract.
    pub surface: Surface,
    /// One sentence.
    pub summary: &'static str,
    /// Whether its body may carry files.
    pub carries_files: bool,
    /// Whether its body may be larger than those of other operations.
    pub is_large: bool,
    /// The status of success.
    pub success: u16,
}

impl OperationInfo {
    /// An operation of the published contract.
    pub const fn contract(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        permission: Permission,
        summary: &'static str,
    ) -> Self {
        Self {
            id,
            method,
            path,
            permission,
            surface: Surface::Contract,
            summary,
            carries_files: false,
            is_large: false,
            success: 200,
        }
    }

    /// One of Docket's own operations, outside the contract.
    pub const fn ours(
        id: &'static str,
        method: &'static str,
        path: &'static str,
        permission: Permission,
        summary: &'static str,
    ) -> Self {
        Self {
            id,
            method,
            path,
            permission,
            surface: Surface::Ours,
            summary,
            carries_files: false,
            is_large: false,
            success: 200,
        }
    }

    /// Sets the status of success to 201.
    #[must_use]
    pub const fn creating(self) -> Self {
        Self { success: 201, ..self }
    }

    /// Allows a larger body than other operations have.
    #[must_use]
    pub const fn large(self) -> Self {
        Self { is_large: true, ..self }
    }

    /// Allows files in the body.
    #[must_use]
    pub const fn carrying_files(self) -> Self {
        Self { carries_files: true, ..self }
    }
}

/// The versions that a request's `If-Match` names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IfMatch {
    /// The request has no `If-Match`.
    #[default]
    Absent,
    /// Any version: `*`.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

/// The request as an operation sees it, without the body.
#[derive(Clone)]
pub struct Context {
    /// The actor.
    pub actor: Actor,
    /// The caller: its credential.
    pub(crate) caller: std::sync::Arc<Caller>,
    /// The path parameters, by name.
    pub path: HashMap<String, String>,
    /// The query string.
    pub query: Query,
    /// The casing and version of the response.
    pub style: Style,
    /// The versions that `If-Match` names.
    pub if_match: IfMatch,
    /// The path before the API's own in the public address; links begin with it.
    pub base: std::sync::Arc<str>,
    /// The catalogue and the engine.
    pub engine: std::sync::Arc<Engine>,
    /// The limit of the objects of a response, in bytes.
    pub(crate) answer_bytes_max: usize,
    /// The files of the request, already stored.
    pub(crate) files: std::sync::Arc<[docket_cases::NewFile]>,
}

impl Context {
    /// The same request with the caller's current permissions.
    pub(crate) fn asked_by(&self, caller: Caller) -> Self {
        let actor = caller.actor().because(self.actor.cause.clone());
        Self { actor, caller: std::sync::Arc::new(caller), ..self.clone() }
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Context {
    /// The path parameter with this name.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// Whether the caller may read objects of a kind directly. An object included in a response must be readable directly
    /// too.
    pub fn may_read(&self, kind: &str) -> bool {
        reading(kind).is_none_or(|needed| self.actor.may(needed).is_ok())
    }
}

/// The permission needed to read an object of a kind directly; `None` for kinds that are only part of others.
fn reading(kind: &str) -> Option<Permission> {
    Some(match kind.split('/').next().unwrap_or_default() {
        "account" | "account-type" => Permission::AccountRead,
        "case" | "case-comment" => Permission::CaseRead,
        "case-template" => Permission::CaseTemplateRead,
        "event" => Permission::EventRead,
        "inquiry" | "inquiry-template" => Permission::InquiryRead,
        "workflow" | "workflow-draft-save" | "workflow-run" | "workflow-version" => Permission::WorkflowRead,
        _ => return None,
    })
}

/// An operation on one object.
pub trait Operation: 'static {
    /// The description that the whole API uses.
    const ABOUT: OperationInfo;
    /// Whether the operation checks `If-Match` itself, and shows both versions when they differ.
    const JUDGES_PRECONDITION: bool = false;
    /// Whether it returns its object in the state after all reactions have run.
    const ANSWERS_AT_COMMIT: bool = false;
    /// Whether its response contains a secret that is shown once: then it is not stored for an idempotency key.
    const ANSWER_IS_SECRET: bool = false;
    /// The parsed body.
    type Input: Send + Sync + 'static;

    /// The version of the object in the path, in the caller's environment. Refused (404) if there is no such object.
    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        let _ = (context, work);
        Ok(None)
    }

    /// Parses the body, given in kebab case; null for an operation without one.
    fn shape(context: &Context, body: &Value) -> Result<Self::Input, Refusal>;

    /// Its OpenAPI description.
    fn doc() -> OperationDoc {
        OperationDoc::default()
    }

    /// Runs the operation.
    fn run(context: &Context, work: &mut UnitOfWork, input: &Self::Input) -> Verb<Answer>;

    /// The response about this object after all reactions have run, for operations with `ANSWERS_AT_COMMIT`.
    fn at_commit(context: &Context, work: &mut UnitOfWork, id: &str) -> Verb<Answer> {
        let _ = (context, work);
        Err(Refusal::internal(format_args!("{id} is not shown again")).into())
    }
}

/// An operation that lists.
pub trait List: 'static {
    /// The description that the whole API uses.
    const ABOUT: OperationInfo;
    /// The rows that are listed.
    type Row: Entity;

    /// Checks the object in the path, as the caller's environment has it. Refused (404) if there is no such object.
    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<()> {
        let _ = (context, work);
        Ok(())
    }

    /// The filters of the rows; `None` if none can match.
    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>>;

    /// The rows in the form of the API.
    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Self::Row>]) -> Verb<Vec<Resource>>;

    /// Its OpenAPI description.
    fn doc() -> OperationDoc {
        OperationDoc::default()
    }

    /// The key of the row with this id in the API.
    fn key(context: &Context, id: &str) -> String {
        let _ = context;
        id.to_owned()
    }
}

/// A refusal: the body has the wrong shape at this place.
pub fn malformed(pointer: &str, sentence: impl std::fmt::Display) -> Refusal {
    Refusal::new(docket_kernel::RefusalKind::Malformed, "malformed", sentence).at(pointer)
}

/// A refusal by a rule: each member has the right shape, but the one at this place must be removed.
pub fn not_together(pointer: &str, sentence: impl std::fmt::Display) -> Refusal {
    Refusal::rule("members-do-not-fit", sentence).at(pointer)
}

/// The version of the object in the path, or 404.
pub fn target_of<E: Entity>(work: &mut UnitOfWork, what: &str, id: &str) -> Verb<Option<i64>> {
    Ok(Some(work.existing::<E>(what, id)?.version()))
}
