//! What an operation is. Each is one file under `v1/`, whose path mirrors its URL.
//!
//! Every operation names its permission: [`About`] can't be written without one, and nothing but an [`About`] makes a
//! route.

use std::collections::HashMap;

use docket_kernel::{Actor, Entity, Permission, Refusal, Stored, UnitOfWork, Verb};
use docket_storage::Filter;
use docket_workflows::Engine;
use serde_json::Value;

use crate::answer::Answer;
use crate::credential::Caller;
use crate::document::{Resource, Style};
use crate::error::Surface;
use crate::openapi::Told;
use crate::query::Query;

/// What everybody must know of an operation.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its name in the API's description.
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path below `/api/v1`, such as `/cases/{case-id}`.
    pub path: &'static str,
    /// What a caller needs.
    pub permission: Permission,
    /// Whether the published contract has it.
    pub surface: Surface,
    /// One sentence.
    pub summary: &'static str,
    /// Whether its body may carry files.
    pub carries_files: bool,
    /// Whether its body may be larger than others are.
    pub is_large: bool,
    /// The status of success.
    pub success: u16,
}

impl About {
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

    /// An operation of ours, beside the contract.
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

    /// Says that success is 201.
    #[must_use]
    pub const fn creating(self) -> Self {
        Self { success: 201, ..self }
    }

    /// Says that its body may be larger than others are.
    #[must_use]
    pub const fn large(self) -> Self {
        Self { is_large: true, ..self }
    }

    /// Says that its body may carry files.
    #[must_use]
    pub const fn carrying_files(self) -> Self {
        Self { carries_files: true, ..self }
    }
}

/// What a request's `If-Match` names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IfMatch {
    /// There is none.
    #[default]
    Absent,
    /// Whatever is there: `*`.
    Any,
    /// One of these versions.
    Versions(Vec<i64>),
}

/// What an operation knows of its request, the body aside.
#[derive(Clone)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// Whoever calls: their credential.
    pub(crate) caller: std::sync::Arc<Caller>,
    /// The parts of the path that vary, by name.
    pub path: HashMap<String, String>,
    /// The query string.
    pub query: Query,
    /// The casing and version to answer in.
    pub style: Style,
    /// What `If-Match` names.
    pub if_match: IfMatch,
    /// The path before the API's own in the public address, with which links begin.
    pub base: std::sync::Arc<str>,
    /// The catalogue and the engine.
    pub engine: std::sync::Arc<Engine>,
    /// The files that came with the request, stored already.
    pub(crate) files: std::sync::Arc<[docket_cases::NewFile]>,
}

impl Context {
    /// The same request, of the same caller as they are now.
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
    /// The varying part of the path of this name.
    pub fn part(&self, name: &str) -> &str {
        self.path.get(name).map_or("", String::as_str)
    }

    /// Whether the caller may read objects of a kind by themselves.
    pub fn may_read(&self, kind: &str) -> bool {
        reading(kind).is_none_or(|needed| self.actor.may(needed).is_ok())
    }

    /// Those of these that the caller may read: what belongs to an answer opens nothing that would be closed by itself.
    pub fn readable(&self, mut resources: Vec<Resource>) -> Vec<Resource> {
        resources.retain(|resource| self.may_read(&resource.kind));
        resources
    }
}

/// What is needed to read an object of a kind by itself; nothing for what only belongs to others.
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

/// An operation about one thing.
pub trait Operation: 'static {
    /// What everybody must know.
    const ABOUT: About;
    /// Whether it judges `If-Match` itself, and shows both versions when they differ.
    const JUDGES_PRECONDITION: bool = false;
    /// Whether it answers with its object as it stands when all reactions are done.
    const ANSWERS_AT_COMMIT: bool = false;
    /// Whether its answer holds what is shown this once: then it is not remembered for an idempotency key.
    const ANSWER_IS_SECRET: bool = false;
    /// The body, understood.
    type Input: Send + Sync + 'static;

    /// The object in the path, as the caller's environment sees it: its version. Refused (404) when it is not there.
    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<Option<i64>> {
        let _ = (context, work);
        Ok(None)
    }

    /// Understands the body, given in kebab case; for an operation without one, null.
    fn shape(context: &Context, body: &Value) -> Result<Self::Input, Refusal>;

    /// What the description of the API tells of it.
    fn told() -> Told {
        Told::default()
    }

    /// Does it.
    fn run(context: &Context, work: &mut UnitOfWork, input: &Self::Input) -> Verb<Answer>;

    /// The answer about the object of this id when all reactions are done, for operations that answer so.
    fn at_commit(context: &Context, work: &mut UnitOfWork, id: &str) -> Verb<Answer> {
        let _ = (context, work);
        Err(Refusal::internal(format_args!("{id} is not shown again")).into())
    }
}

/// An operation that lists.
pub trait List: 'static {
    /// What everybody must know.
    const ABOUT: About;
    /// What is listed.
    type Row: Entity;

    /// The object in the path, as the caller's environment sees it. Refused (404) when it is not there.
    fn target(context: &Context, work: &mut UnitOfWork) -> Verb<()> {
        let _ = (context, work);
        Ok(())
    }

    /// Which rows; `None` when none can match.
    fn filters(context: &Context, work: &mut UnitOfWork) -> Verb<Option<Vec<Filter>>>;

    /// The rows as the API shows them.
    fn show(context: &Context, work: &mut UnitOfWork, rows: &[Stored<Self::Row>]) -> Verb<Vec<Resource>>;

    /// What the description of the API tells of it.
    fn told() -> Told {
        Told::default()
    }

    /// The key of the row that the API shows under an id.
    fn key(context: &Context, id: &str) -> String {
        let _ = context;
        id.to_owned()
    }
}

/// Refused: the body is not in the right shape, at this place.
pub fn malformed(pointer: &str, sentence: impl std::fmt::Display) -> Refusal {
    Refusal::new(docket_kernel::Kind::Malformed, "malformed", sentence).at(pointer)
}

/// Refused by a rule: each member is in the right shape, and they do not go together; the one at this place is to go.
pub fn not_together(pointer: &str, sentence: impl std::fmt::Display) -> Refusal {
    Refusal::rule("members-do-not-fit", sentence).at(pointer)
}

/// The version of the object in the path, or 404.
pub fn target_of<E: Entity>(work: &mut UnitOfWork, what: &str, id: &str) -> Verb<Option<i64>> {
    Ok(Some(work.existing::<E>(what, id)?.version()))
}
