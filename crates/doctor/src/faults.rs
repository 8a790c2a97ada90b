//! Work that waits for a person is no corruption, but it is reported, because it may have gone unnoticed.

use docket_kernel::Entity;
use docket_workflows::{Fault, FaultState, fault_of_run};

use crate::findings::Findings;

/// Whether a fault explains why a run is not due: the run waits for a person.
pub(crate) fn is_of_parked_run(fault: &Fault, key: &str) -> bool {
    fault.state == FaultState::Parked && fault_of_run(&fault.object_id) == key
}

/// Reports work that waits for a person.
pub(crate) fn judge(fault: &Fault, findings: &mut Findings) {
    if fault.state == FaultState::Parked {
        let words = format_args!("{} {} waits for a person: {}", fault.object_type, fault.object_id, fault.reason);
        findings.add("parked-work", Fault::TABLE, &fault.key(), words);
    }
}
