//! What the engine is handed by the server: the catalogue of steps, and how live objects are read. With it, published
//! versions are read once and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use docket_kernel::{EnvironmentId, Halt, Refusal, UnitOfWork, Verb, VersionId};
use serde_json::Value;

use crate::definition::Program;
use crate::kind::Attribute;
use crate::step_type::Catalogue;
use crate::workflow::Version;

/// Reading objects of every kind, which the engine itself does not know.
pub trait LiveObjects: Send + Sync {
    /// The reference tree of an object as it is now.
    fn tree(&self, work: &mut UnitOfWork, environment: &EnvironmentId, kind: &str, id: &str) -> Verb<Option<Value>>;

    /// What stands at a path of the tree of an object type.
    fn attribute(&self, object_type: &str, path: &[String]) -> Attribute;
}

/// More parsed versions than this are not kept at once.
const PROGRAMS_MAX: usize = 2_000;

/// The engine: pure, shared by every lane.
pub struct Engine {
    /// The step types.
    pub catalogue: Catalogue,
    /// How live objects are read.
    pub objects: Box<dyn LiveObjects>,
    programs: Mutex<HashMap<VersionId, Arc<Program>>>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("catalogue", &self.catalogue).finish_non_exhaustive()
    }
}

impl Engine {
    /// An engine with these step types over these objects.
    pub fn new(catalogue: Catalogue, objects: Box<dyn LiveObjects>) -> Self {
        Self { catalogue, objects, programs: Mutex::default() }
    }

    /// The version of an id, and its definition ready to run.
    pub fn program(&self, work: &mut UnitOfWork, id: &VersionId) -> Verb<(Arc<Version>, Arc<Program>)> {
        let Some(version) = work.get::<Version>(id.as_str())? else {
            return Err(Refusal::internal(format_args!("version {id} of a run is not there")).into());
        };
        let mut programs = self.programs.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = programs.get(id) {
            return Ok((version, Arc::clone(program)));
        }
        let program = Program::from_json(&version.definition).map_err(|problems| {
            let first = problems.first().map(|problem| problem.message.clone()).unwrap_or_default();
            Halt::from(Refusal::internal(format_args!("version {id} can't be read any more: {first}")))
        })?;
        let program = Arc::new(program);
        if programs.len() >= PROGRAMS_MAX {
            programs.clear();
        }
        programs.insert(id.clone(), Arc::clone(&program));
        Ok((version, program))
    }
}
