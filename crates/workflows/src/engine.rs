//! The engine, with the parts that the server provides: the step catalog, and access to live objects. The engine parses
//! published versions once and caches them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_events::Subject;
use docket_kernel::{EnvironmentId, Halt, Moment, Refusal, UnitOfWork, Verb, VersionId};
use serde_json::Value;

use crate::definition::Program;
use crate::kind::{Attribute, ValueKind};
use crate::names::same;
use crate::reference::{CASES, CaseListed};
use crate::step_type::Catalogue;
use crate::validate::StatusOfCase;
use crate::value::weight;
use crate::workflow::Version;
use crate::workflow_template::WorkflowTemplate;

/// Access to objects of every kind, which the engine itself does not define.
pub trait LiveObjects: Send + Sync {
    /// The current reference tree of an object.
    fn tree(&self, work: &mut UnitOfWork, environment: &EnvironmentId, kind: &str, id: &str) -> Verb<Option<Value>>;

    /// The current tree and row of an object that has its own page with events; `None` for objects without such a page.
    fn followed(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<(Value, Subject)>>;

    /// The cases that lead back to an object, in the order of their creation; `None` if objects of the kind are in no
    /// cases, or if the object does not exist. The kind is empty if only an id is available.
    fn cases(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<Vec<CaseListed>>>;

    /// Whether cases lead back to objects of a type, so that [`LiveObjects::cases`] returns a list for them.
    fn has_cases(&self, object_type: &str) -> bool;

    /// The statuses named in a definition that their case can't have, as far as the definition determines the case;
    /// each with a sentence about it.
    fn unknown_statuses(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        program: &Program,
        named: BTreeSet<StatusOfCase>,
    ) -> Verb<BTreeMap<StatusOfCase, String>>;

    /// The sources of an environment, by id and name.
    fn sources(&self, work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<Vec<(String, String)>> {
        let _ = (work, environment);
        Ok(Vec::new())
    }

    /// Whether two names resolve to the same status of a case template.
    fn is_same_status(&self, work: &mut UnitOfWork, template: &str, one: &str, other: &str) -> Verb<bool>;

    /// Locks the objects that definitions name in an environment until the batch is committed: a change that removes
    /// one of them runs before or after it.
    fn hold_named(&self, work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<()>;

    /// The members of the tree of an object type, besides `type` and `id`.
    fn members(&self, object_type: &str) -> TreeMembers;

    /// The fields that the environment defines for its objects of a type, each with its kind.
    fn fields(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        object_type: &str,
    ) -> Verb<Vec<(String, ValueKind)>>;

    /// The fields that a template defines for objects of a type; `None` if it does not exist or defines none.
    fn fields_of(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        object_type: &str,
        template: &str,
    ) -> Verb<Option<TemplateFields>> {
        let _ = (work, environment, object_type, template);
        Ok(None)
    }

    /// The attribute at a path of the tree of an object type.
    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        let Some(first) = path.first() else { return Attribute::Open };
        if same(first, CASES) && self.has_cases(object_type) {
            return Attribute::Known(ValueKind::cases());
        }
        let members = self.members(object_type);
        match members.known.into_iter().find(|(name, _)| same(name, first)) {
            Some((_, attribute)) => attribute,
            None if members.is_open => Attribute::Open,
            None => Attribute::Unknown,
        }
    }
}

/// The fields of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFields {
    /// The name of the template.
    pub name: String,
    /// The keys, each with its kind.
    pub fields: Vec<(String, ValueKind)>,
}

/// The members of the tree of an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeMembers {
    /// The attributes that always exist, in display order.
    pub known: Vec<(&'static str, Attribute)>,
    /// Whether there may be others, because a vendor defines them.
    pub is_open: bool,
}

/// The maximum total size of the definitions whose parsed versions are cached, in bytes (32 MiB, approximate).
const PROGRAMS_BYTES_MAX: usize = 32 << 20;
/// The approximate size of a parsed version besides its definition, in bytes.
const PROGRAM_BYTES: usize = 1_024;

/// The cache of parsed versions.
#[derive(Default)]
struct Programs {
    parsed: HashMap<(VersionId, Moment), Arc<Program>>,
    /// The approximate size of their definitions, in bytes.
    bytes: usize,
}

/// The engine: pure, shared by every lane.
pub struct Engine {
    /// The step types.
    pub catalogue: Catalogue,
    /// Access to live objects.
    pub objects: Box<dyn LiveObjects>,
    /// Templates for new workflows.
    pub templates: Vec<WorkflowTemplate>,
    /// By version id and publishing time. The id alone is not a key: it is the id of the draft, and a draft whose
    /// publishing batch was not committed may be changed and published again.
    programs: Mutex<Programs>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("catalogue", &self.catalogue).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with these step types and objects.
    pub fn new(catalogue: Catalogue, objects: Box<dyn LiveObjects>) -> Self {
        Self { catalogue, objects, templates: Vec::new(), programs: Mutex::default() }
    }

    /// The engine with workflow templates.
    #[must_use]
    pub fn offering(self, templates: Vec<WorkflowTemplate>) -> Self {
        Self { templates, ..self }
    }

    /// The version with this id, and its definition ready to run.
    pub fn program(&self, work: &mut UnitOfWork, id: &VersionId) -> Verb<(Arc<Version>, Arc<Program>)> {
        let Some(version) = work.get::<Version>(id.as_str())? else {
            return Err(Refusal::internal(format_args!("version {id} of a run is not there")).into());
        };
        let key = (id.clone(), version.published_at);
        if let Some(program) = self.programs().parsed.get(&key) {
            return Ok((version, Arc::clone(program)));
        }
        // Parsed without the lock, so that other threads do not wait for a large definition.
        let program = Program::from_json(&version.definition).map_err(|problems| {
            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            Halt::from(Refusal::internal(format_args!("version {id} can't be read any more: {first}")))
        })?;
        let program = Arc::new(program);
        let bytes = weight(&version.definition) + PROGRAM_BYTES;
        let mut programs = self.programs();
        if programs.bytes + bytes > PROGRAMS_BYTES_MAX {
            *programs = Programs::default();
        }
        if programs.parsed.insert(key, Arc::clone(&program)).is_none() {
            programs.bytes += bytes;
        }
        Ok((version, program))
    }

    fn programs(&self) -> MutexGuard<'_, Programs> {
        self.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
