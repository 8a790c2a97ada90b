//! What the engine is handed by the server: the catalogue of steps, and how live objects are read. With it, published
//! versions are read once and kept.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use docket_events::Subject;
use docket_kernel::{EnvironmentId, Halt, Moment, Refusal, UnitOfWork, Verb, VersionId};
use serde_json::Value;

use crate::definition::Program;
use crate::kind::{Attribute, Kind};
use crate::names::same;
use crate::reference::{CASES, CaseListed};
use crate::step_type::Catalogue;
use crate::validate::StatusOfCase;
use crate::value::weight;
use crate::workflow::Version;
use crate::workflow_template::WorkflowTemplate;

/// Reading objects of every kind, which the engine itself does not know.
pub trait LiveObjects: Send + Sync {
    /// The reference tree of an object as it is now.
    fn tree(&self, work: &mut UnitOfWork, environment: &EnvironmentId, kind: &str, id: &str) -> Verb<Option<Value>>;

    /// An object that people follow on a page of its own, as it is now, and its row; nothing for objects that
    /// have no such page.
    fn followed(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<(Value, Subject)>>;

    /// The cases that lead back to an object, in the order in which they were created; `None` where objects of the kind are
    /// in no cases, or no such object exists. The kind is empty where only an id is known.
    fn cases(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        kind: &str,
        id: &str,
    ) -> Verb<Option<Vec<CaseListed>>>;

    /// Whether cases lead back to objects of a type: [`LiveObjects::cases`] has an answer for them.
    fn has_cases(&self, object_type: &str) -> bool;

    /// Of statuses that a definition names as they are written, those that their case can't have, as far as the definition
    /// tells which case it is; each with a sentence about it.
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

    /// Whether two names mean one status of a case template.
    fn is_same_status(&self, work: &mut UnitOfWork, template: &str, one: &str, other: &str) -> Verb<bool>;

    /// Holds what definitions name in an environment as it is until the batch is written: a change that takes something of
    /// it away comes before or after.
    fn hold_named(&self, work: &mut UnitOfWork, environment: &EnvironmentId) -> Verb<()>;

    /// What stands directly in the tree of an object type, besides its `type` and `id`.
    fn members(&self, object_type: &str) -> Members;

    /// The fields that the environment defines for its objects of a type, each with what it holds.
    fn fields(
        &self,
        work: &mut UnitOfWork,
        environment: &EnvironmentId,
        object_type: &str,
    ) -> Verb<Vec<(String, Kind)>>;

    /// The fields that a template gives to the objects of a type made from it; `None` where it is not there, or gives none.
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

    /// What stands at a path of the tree of an object type.
    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute {
        let Some(first) = path.first() else { return Attribute::Open };
        if same(first, CASES) && self.has_cases(object_type) {
            return Attribute::Known(Kind::cases());
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
    /// What the template is called.
    pub name: String,
    /// The keys, each with what it holds.
    pub fields: Vec<(String, Kind)>,
}

/// What stands directly in the tree of an object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members {
    /// The attributes there always are, in the order in which they are shown.
    pub known: Vec<(&'static str, Attribute)>,
    /// Whether there may be more: what a vendor tells of its objects is its own.
    pub is_open: bool,
}

/// Parsed versions of about so many bytes of definitions are kept at once (32 MiB).
const PROGRAMS_BYTES_MAX: usize = 32 << 20;
/// What a parsed version takes beside its definition, about.
const PROGRAM_BYTES: usize = 1_024;

/// Parsed versions.
#[derive(Default)]
struct Programs {
    parsed: HashMap<(VersionId, Moment), Arc<Program>>,
    /// About how many bytes their definitions have.
    bytes: usize,
}

/// The engine: pure, shared by every lane.
pub struct Engine {
    /// The step types.
    pub catalogue: Catalogue,
    /// How live objects are read.
    pub objects: Box<dyn LiveObjects>,
    /// What new workflows can begin with.
    pub templates: Vec<WorkflowTemplate>,
    /// By version and when it was published. Its id alone is no key: it is that of its draft, and what was published in a
    /// batch that is not there may be published again, changed.
    programs: Mutex<Programs>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("catalogue", &self.catalogue).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with these step types over these objects.
    pub fn new(catalogue: Catalogue, objects: Box<dyn LiveObjects>) -> Self {
        Self { catalogue, objects, templates: Vec::new(), programs: Mutex::default() }
    }

    /// The engine with templates to begin with.
    #[must_use]
    pub fn offering(self, templates: Vec<WorkflowTemplate>) -> Self {
        Self { templates, ..self }
    }

    /// The version of an id, and its definition ready to run.
    pub fn program(&self, work: &mut UnitOfWork, id: &VersionId) -> Verb<(Arc<Version>, Arc<Program>)> {
        let Some(version) = work.get::<Version>(id.as_str())? else {
            return Err(Refusal::internal(format_args!("version {id} of a run is not there")).into());
        };
        let key = (id.clone(), version.published_at);
        if let Some(program) = self.programs().parsed.get(&key) {
            return Ok((version, Arc::clone(program)));
        }
        // Parsed without the lock: others need not wait for a large definition.
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
