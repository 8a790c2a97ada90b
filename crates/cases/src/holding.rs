//! The cases that hold an object.

use std::sync::Arc;

use docket_kernel::{EnvironmentId, Refusal, UnitOfWork, Verb};

use crate::case::{Case, CaseObject};
use crate::store::CASES_OF_OBJECT;

/// The maximum number of cases of one object that are read at once: a decision about one of them locks all of them.
pub const CASES_OF_OBJECT_MAX: u32 = 100;

/// The cases that hold an object, by its API id, in the order of their creation. The cases of an account are those that
/// hold the account itself. An object in more than [`CASES_OF_OBJECT_MAX`] cases is refused.
pub fn cases_holding(work: &mut UnitOfWork, environment: &EnvironmentId, object_id: &str) -> Verb<Vec<Arc<Case>>> {
    let key = docket_objects::key(environment, object_id);
    let (holds, are_more) = work.some::<CaseObject>(&CASES_OF_OBJECT, &key)?;
    if are_more {
        let sentence = format!(
            "{object_id} is in more than {CASES_OF_OBJECT_MAX} cases; a reference reads at most that many: refer to \
             the case that a step creates, or take the case's id from the trigger"
        );
        return Err(Refusal::rule("too-many-cases", sentence).into());
    }
    for held in &holds {
        work.hint::<Case>(held.case_id.as_str());
    }
    let mut cases = Vec::with_capacity(holds.len());
    for held in &holds {
        cases.extend(work.get::<Case>(held.case_id.as_str())?);
    }
    cases.sort_by(|one, other| (one.created_at, &one.id).cmp(&(other.created_at, &other.id)));
    Ok(cases)
}
