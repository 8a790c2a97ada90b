//! The verbs of faults.

use docket_workflows::{Fault, fault_of_run, park, retry, unjudged_events};

use super::Gate::{Inner, Permission};
use super::{Gate, Reach};

/// Every verb of faults: work that could not be done.
pub(super) const VERBS: &[(&str, Gate, Reach)] = &[
    ("park", Inner, |_, work, actor, theirs| {
        // It is recorded here, and names no workflow of the other environment.
        park(work, &actor.environment.key(), &theirs.run, "broken")?;
        let fault = work.get::<Fault>(&fault_of_run(&theirs.run))?;
        Ok(fault.is_none_or(|fault| fault.workflow_id.is_some()))
    }),
    ("retry", Permission, |_, work, actor, theirs| retry(work, actor, &fault_of_run(&theirs.run)).map(|_| true)),
    ("unjudged_events", Inner, |_, work, _, theirs| Ok(unjudged_events(work, &theirs.workflow)? != 0)),
];
